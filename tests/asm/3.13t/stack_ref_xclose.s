# gcc 12, x86-64
stack_ref_xclose:
    testq %rdi, %rdi
    je .L1
    movl 12(%rdi), %eax
    cmpl $-1, %eax
    je .L1
    movq %fs:0, %rdx
    cmpq %rdx, (%rdi)
    je .L2
    jmp _Py_DecRefShared@PLT
.L2:
    subl $1, %eax
    movl %eax, 12(%rdi)
    je .L3
.L1:
    ret
.L3:
    jmp _Py_MergeZeroLocalRefcount@PLT

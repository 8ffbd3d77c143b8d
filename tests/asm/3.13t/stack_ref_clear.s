# gcc 12, x86-64
stack_ref_clear:
    movq (%rdi), %rax
    testq %rax, %rax
    je .L1
    movq $0, (%rdi)
    movl 12(%rax), %edx
    cmpl $-1, %edx
    je .L1
    movq %fs:0, %rcx
    cmpq %rcx, (%rax)
    je .L2
    movq %rax, %rdi
    jmp _Py_DecRefShared@PLT
.L2:
    subl $1, %edx
    movl %edx, 12(%rax)
    je .L3
.L1:
    ret
.L3:
    movq %rax, %rdi
    jmp _Py_MergeZeroLocalRefcount@PLT

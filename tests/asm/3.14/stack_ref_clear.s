# gcc 12, x86-64
stack_ref_clear:
    movq (%rdi), %rdx
    testq %rdx, %rdx
    je .L1
    movl (%rdx), %eax
    movq $0, (%rdi)
    testl %eax, %eax
    js .L1
    subl $1, %eax
    movl %eax, (%rdx)
    je .L2
.L1:
    ret
.L2:
    movq %rdx, %rdi
    jmp _Py_Dealloc@PLT

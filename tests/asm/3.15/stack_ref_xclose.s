# gcc 12, x86-64
stack_ref_xclose:
    testq %rdi, %rdi
    je .L1
    movl (%rdi), %eax
    testl %eax, %eax
    js .L1
    subl $1, %eax
    movl %eax, (%rdi)
    je .L2
.L1:
    ret
.L2:
    jmp _Py_Dealloc@PLT

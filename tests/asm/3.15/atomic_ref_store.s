# gcc 12, x86-64
atomic_ref_store:
    movq (%rdi), %rdx
    testq %rsi, %rsi
    je .L1
    movl (%rsi), %eax
    cmpl $-1073741825, %eax
    ja .L1
    addl $1, %eax
    movl %eax, (%rsi)
.L1:
    movq %rsi, (%rdi)
    testq %rdx, %rdx
    je .L2
    movl (%rdx), %eax
    testl %eax, %eax
    js .L2
    subl $1, %eax
    movl %eax, (%rdx)
    je .L3
.L2:
    ret
.L3:
    movq %rdx, %rdi
    jmp _Py_Dealloc@PLT

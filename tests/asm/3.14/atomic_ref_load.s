# gcc 12, x86-64
atomic_ref_load:
    movq (%rdi), %rax
    testq %rax, %rax
    je .L1
    movl (%rax), %edx
    cmpl $-1073741825, %edx
    ja .L1
    addl $1, %edx
    movl %edx, (%rax)
.L1:
    ret

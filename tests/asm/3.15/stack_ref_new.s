# gcc 12, x86-64
stack_ref_new:
    movl (%rdi), %edx
    movq %rdi, %rax
    cmpl $-1073741825, %edx
    ja .L1
    addl $1, %edx
    movl %edx, (%rdi)
.L1:
    ret

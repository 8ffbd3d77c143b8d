# gcc 12, x86-64
stack_ref_new:
    movl 12(%rdi), %edx
    movq %rdi, %rax
    addl $1, %edx
    je .L1
    movq %fs:0, %rcx
    cmpq %rcx, (%rdi)
    je .L2
    lock addq $4, 16(%rdi)
.L1:
    ret
.L2:
    movl %edx, 12(%rdi)
    ret

# gcc 12, x86-64
try_incref:
    movl 12(%rdi), %eax
    addl $1, %eax
    je .L1
    movq %fs:0, %rdx
    cmpq %rdx, (%rdi)
    je .L2
    movq 16(%rdi), %rax
    leaq 16(%rdi), %rdx
.L3:
    testq %rax, %rax
    je .L4
    cmpq $3, %rax
    je .L4
    leaq 4(%rax), %rcx
    lock cmpxchgq %rcx, (%rdx)
    jne .L3
.L1:
    movl $1, %eax
    ret
.L2:
    movl %eax, 12(%rdi)
    jmp .L1
.L4:
    xorl %eax, %eax
    ret

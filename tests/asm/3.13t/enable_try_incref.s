# gcc 12, x86-64
enable_try_incref:
    movl 12(%rdi), %eax
    cmpl $-1, %eax
    je .L1
    leaq 16(%rdi), %rdx
.L2:
    movq (%rdx), %rax
    testb $3, %al
    jne .L1
    movq %rax, %rcx
    orq $1, %rcx
    lock cmpxchgq %rcx, (%rdx)
    jne .L2
.L1:
    ret

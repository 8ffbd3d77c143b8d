# gcc 12, x86-64
stack_ref_frame:
    pushq %rbx
    movl 12(%rdi), %eax
    movq %rdi, %rbx
    addl $1, %eax
    je .L1
    movq %fs:0, %rdx
    cmpq %rdx, (%rdi)
    je .L2
    lock addq $4, 16(%rdi)
.L1:
    movl 12(%rbx), %eax
    addl $1, %eax
    je .L3
    movq %fs:0, %rdx
    cmpq %rdx, (%rbx)
    je .L4
    lock addq $4, 16(%rbx)
.L3:
    movq %rbx, %rdi
    call use@PLT
    movl 12(%rbx), %eax
    cmpl $-1, %eax
    je .L5
    movq %fs:0, %rdx
    cmpq %rdx, (%rbx)
    je .L6
    movq %rbx, %rdi
    call _Py_DecRefShared@PLT
.L5:
    movq %rbx, %rax
    popq %rbx
    ret
.L4:
    movl %eax, 12(%rbx)
    jmp .L3
.L2:
    movl %eax, 12(%rdi)
    jmp .L1
.L6:
    subl $1, %eax
    movl %eax, 12(%rbx)
    jne .L5
    movq %rbx, %rdi
    call _Py_MergeZeroLocalRefcount@PLT
    jmp .L5

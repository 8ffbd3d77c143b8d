# gcc 12, x86-64
stack_ref_frame:
    pushq %rbx
    movl (%rdi), %eax
    movq %rdi, %rbx
    cmpl $-1073741825, %eax
    ja .L1
    je .L2
    addl $2, %eax
    movl %eax, (%rdi)
.L1:
    movq %rbx, %rdi
    call use@PLT
    movl (%rbx), %eax
    testl %eax, %eax
    js .L3
    subl $1, %eax
    movl %eax, (%rbx)
    je .L4
.L3:
    movq %rbx, %rax
    popq %rbx
    ret
.L4:
    movq %rbx, %rdi
    call _Py_Dealloc@PLT
    movq %rbx, %rax
    popq %rbx
    ret
.L2:
    movl $-1073741824, (%rdi)
    jmp .L1

# gcc 12, x86-64
section2:
    pushq %r12
    movq %rsi, %rdx
    pushq %rbp
    movq %rsi, %rbp
    movq %rdi, %rsi
    pushq %rbx
    movq %rdi, %rbx
    subq $FRAME, %rsp
    movq pyshim_table_current(%rip), %rax
    movq %rsp, %r12
    movq %r12, %rdi
    call *24(%rax)
    movq %rbp, %rsi
    movq %rbx, %rdi
    call work@PLT
    movq pyshim_table_current(%rip), %rax
    movq %r12, %rdi
    call *32(%rax)
    addq $FRAME, %rsp
    popq %rbx
    popq %rbp
    popq %r12
    ret

# gcc 12, x86-64
section:
    pushq %rbp
    movq %rdi, %rsi
    pushq %rbx
    movq %rdi, %rbx
    subq $FRAME, %rsp
    movq pyshim_table_current(%rip), %rax
    movq %rsp, %rbp
    movq %rbp, %rdi
    call *8(%rax)
    movq %rbx, %rdi
    call work@PLT
    movq pyshim_table_current(%rip), %rax
    movq %rbp, %rdi
    call *16(%rax)
    addq $FRAME, %rsp
    popq %rbx
    popq %rbp
    ret

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
    movq %rsp, %r12
    movq %r12, %rdi
    call pyshim_critical_section2_begin
    movq %rbp, %rsi
    movq %rbx, %rdi
    call work@PLT
    movq %r12, %rdi
    call pyshim_critical_section2_end
    addq $FRAME, %rsp
    popq %rbx
    popq %rbp
    popq %r12
    ret
pyshim_critical_section2_begin:
    movq pyshim_table_current(%rip), %rax
    jmp *24(%rax)
pyshim_critical_section2_end:
    movq pyshim_table_current(%rip), %rax
    jmp *32(%rax)

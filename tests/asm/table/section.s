# gcc 12, x86-64
section:
    pushq %rbp
    movq %rdi, %rsi
    pushq %rbx
    movq %rdi, %rbx
    subq $FRAME, %rsp
    movq %rsp, %rbp
    movq %rbp, %rdi
    call pyshim_critical_section_begin
    movq %rbx, %rdi
    call work@PLT
    movq %rbp, %rdi
    call pyshim_critical_section_end
    addq $FRAME, %rsp
    popq %rbx
    popq %rbp
    ret
pyshim_critical_section_begin:
    movq pyshim_table_current(%rip), %rax
    jmp *8(%rax)
pyshim_critical_section_end:
    movq pyshim_table_current(%rip), %rax
    jmp *16(%rax)

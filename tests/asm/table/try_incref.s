# gcc 12, x86-64
try_incref:
    jmp pyshim_try_incref
pyshim_try_incref:
    movq pyshim_table_current(%rip), %rax
    jmp *56(%rax)

# gcc 12, x86-64
enable_try_incref:
    jmp pyshim_enable_try_incref
pyshim_enable_try_incref:
    movq pyshim_table_current(%rip), %rax
    jmp *64(%rax)

# gcc 12, x86-64
atomic_ref_load:
    jmp pyshim_atomic_ref_load
pyshim_atomic_ref_load:
    movq pyshim_table_current(%rip), %rax
    jmp *72(%rax)

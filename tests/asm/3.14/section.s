# gcc 12, x86-64
section:
    jmp work@PLT

# gcc 12, x86-64
section2:
    jmp work@PLT

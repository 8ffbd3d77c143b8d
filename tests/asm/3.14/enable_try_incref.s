# gcc 12, x86-64
enable_try_incref:
    jmp PyUnstable_EnableTryIncRef@PLT

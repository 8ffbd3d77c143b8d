# gcc 12, x86-64
try_incref:
    jmp PyUnstable_TryIncRef@PLT

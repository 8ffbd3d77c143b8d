# gcc 12, x86-64
mutex:
    pushq %rbx
    xorl %eax, %eax
    movq %rdi, %rbx
    movl $1, %edx
    subq $FRAME, %rsp
    lock cmpxchgb %dl, (%rdi)
    jne .L1
.L2:
    movq %rsi, %rdi
    call work@PLT
    movl $1, %eax
    xorl %edx, %edx
    lock cmpxchgb %dl, (%rbx)
    jne .L3
    addq $FRAME, %rsp
    popq %rbx
    ret
.L1:
    movq %rsi, FRAME(%rsp)
    call PyMutex_Lock@PLT
    movq FRAME(%rsp), %rsi
    jmp .L2
.L3:
    addq $FRAME, %rsp
    movq %rbx, %rdi
    popq %rbx
    jmp PyMutex_Unlock@PLT

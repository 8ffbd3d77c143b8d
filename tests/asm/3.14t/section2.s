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
    call PyCriticalSection2_Begin@PLT
    movq %rbp, %rsi
    movq %rbx, %rdi
    call work@PLT
    movq %r12, %rdi
    call PyCriticalSection2_End@PLT
    addq $FRAME, %rsp
    popq %rbx
    popq %rbp
    popq %r12
    ret

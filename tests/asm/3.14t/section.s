# gcc 12, x86-64
section:
    pushq %rbp
    movq %rdi, %rsi
    pushq %rbx
    movq %rdi, %rbx
    subq $FRAME, %rsp
    movq %rsp, %rbp
    movq %rbp, %rdi
    call PyCriticalSection_Begin@PLT
    movq %rbx, %rdi
    call work@PLT
    movq %rbp, %rdi
    call PyCriticalSection_End@PLT
    addq $FRAME, %rsp
    popq %rbx
    popq %rbp
    ret

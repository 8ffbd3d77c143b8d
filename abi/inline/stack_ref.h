/* What is the same with checks and without. */
#ifndef PYSHIM_NO_PYTHON_H

/* A reference that one file has made means nothing in a file of the other kind, so the two are not
 * to be linked: each wants a symbol that only the C core of its kind has. Where the C core is a
 * shared library, that has the functions of its own kind only. */
#ifdef PYSHIM_STACK_REF_CHECKS
#define PYSHIM_STACK_REF_KIND pyshim_compiled_with_PYSHIM_STACK_REF_CHECKS
#define PYSHIM_STACK_REF_KIND_TEXT "pyshim_compiled_with_PYSHIM_STACK_REF_CHECKS"
#else
#define PYSHIM_STACK_REF_KIND pyshim_compiled_without_PYSHIM_STACK_REF_CHECKS
#define PYSHIM_STACK_REF_KIND_TEXT "pyshim_compiled_without_PYSHIM_STACK_REF_CHECKS"
#endif
#if defined(_MSC_VER)
#pragma detect_mismatch("PYSHIM_STACK_REF_CHECKS", PYSHIM_STACK_REF_KIND_TEXT)
#elif defined(PYSHIM_SHARED)
/* The linker finds the functions missing. */
#elif defined(__ELF__)
/* In a note, which linkers keep, and which nothing reads: name, descriptor and type, and then the
 * distance to the symbol, so that the loader has nothing to do. */
__asm__(".pushsection .note.pyshim,\"a\",%note\n\t"
        ".balign 4\n\t.long 7\n\t.long 4\n\t.long 1\n\t.asciz \"pyshim\"\n\t.balign 4\n\t"
        ".hidden " PYSHIM_STACK_REF_KIND_TEXT "\n\t"
        ".long " PYSHIM_STACK_REF_KIND_TEXT " - .\n\t"
        ".popsection");
#else
#ifdef __cplusplus
extern "C" {
#endif
extern PYSHIM_HIDDEN const char PYSHIM_STACK_REF_KIND;
#ifdef __cplusplus
}
#endif
static const char *const pyshim_stack_ref_kind __attribute__((used)) = &PYSHIM_STACK_REF_KIND;
#endif

static inline pyshim_stack_ref pyshim_stack_ref_null(void)
{
    pyshim_stack_ref ref;
    ref.word = PYSHIM_NULL;
    return ref;
}

static inline int pyshim_stack_ref_is_null(pyshim_stack_ref ref)
{
    return ref.word == PYSHIM_NULL;
}
#endif

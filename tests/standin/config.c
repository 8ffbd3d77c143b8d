/* What the environment asks of the stand-in. Read once, when the interpreter starts. */
#include "standin.h"
#include <stdio.h>  /* snprintf */
#include <stdlib.h> /* getenv, strtoul */
#include <string.h> /* strcmp */

struct standin_config standin;

/* Exported since 3.11; extensions see it const, the stand-in has to be able to lie in it. */
unsigned long Py_Version;

static _Noreturn void bad_setting(const char *name, const char *value)
{
    char text[200];
    snprintf(text, sizeof(text), "%s=%s is not understood", name, value);
    _Py_FatalErrorFunc("standin_configure", text);
}

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static unsigned long number(const char *name, unsigned long otherwise)
{
    const char *value = setting(name);
    if (value == NULL) {
        return otherwise;
    }
    char *end;
    unsigned long result = strtoul(value, &end, 0);
    if (*end != '\0') {
        bad_setting(name, value);
    }
    return result;
}

/* The position of the value in a NULL-terminated list of words. */
static int word(const char *name, const char *const *words, int otherwise)
{
    const char *value = setting(name);
    if (value == NULL) {
        return otherwise;
    }
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(value, words[i]) == 0) {
            return i;
        }
    }
    bad_setting(name, value);
}

static int read_minor(void)
{
    const char *value = setting("STANDIN_VERSION");
    if (value == NULL) {
        return 15;
    }
    int minor, n = 0;
    if (sscanf(value, "3.%d%n", &minor, &n) != 1 || value[n] != '\0' || minor < 8 || minor > 17) {
        bad_setting("STANDIN_VERSION", value);
    }
    return minor;
}

/* PYTHON_GIL is CPython's own variable and has CPython's own errors. */
static enum standin_gil_request read_gil(void)
{
    const char *value = standin.minor >= 13 ? setting("PYTHON_GIL") : NULL;
    if (value == NULL) {
        return GIL_BY_MODULES;
    }
    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0) {
        _Py_FatalErrorFunc("config_read_gil", "PYTHON_GIL / -X gil must be \"0\" or \"1\"");
    }
#ifndef STANDIN_FT
    if (value[0] == '0') {
        _Py_FatalErrorFunc("config_read_gil", "Disabling the GIL is not supported by this build");
    }
#endif
    return value[0] == '0' ? GIL_OFF : GIL_ON;
}

void standin_configure(void)
{
    static const char *const section_kinds[] = {"live", "noop", NULL};
    static const char *const gil_rules[] = {"nonzero", "one", "bit0", NULL};
#ifdef STANDIN_FT
    bool free_threaded = true;
#else
    bool free_threaded = false;
#endif
    standin.minor = read_minor();
    if (free_threaded && standin.minor < 13) {
        _Py_FatalErrorFunc("standin_configure", "there is no free-threaded build before 3.13");
    }
    unsigned long honest = (3UL << 24) | ((unsigned long)standin.minor << 16) | 0xf0;
    standin.hexversion = number("STANDIN_HEXVERSION", honest);
    Py_Version = number("STANDIN_PY_VERSION", honest);
    standin.claims_free_threaded = number("STANDIN_CLAIMS_FREE_THREADED", free_threaded) != 0;
    standin.abiflags = standin.claims_free_threaded ? "t" : "";
    standin.object_basicsize = (Py_ssize_t)number("STANDIN_OBJECT_BASICSIZE", sizeof(PyObject));
    standin.sections =
        word("STANDIN_SECTIONS", section_kinds, free_threaded ? SECTIONS_LIVE : SECTIONS_NOOP);
    standin.section_extra_words = (int)number("STANDIN_SECTION_EXTRA_WORDS", 0);
    standin.begin_raises_from = (long)number("STANDIN_BEGIN_RAISES_FROM", 0);
    standin.gil_rule =
        word("STANDIN_GIL_RULE", gil_rules, standin.minor >= 15 ? GIL_RULE_ONE : GIL_RULE_NONZERO);
    standin.gil = read_gil();
}

/* What a function is linked to whose signature is another than the one that callers know. */
void standin_changed_signature(void);
void standin_changed_signature(void)
{
    _Py_FatalErrorFunc("standin_changed_signature",
                       "a function was called with the signature that it had in 3.15");
}

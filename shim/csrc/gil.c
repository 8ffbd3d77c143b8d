/* SPDX-License-Identifier: 0BSD */
/* Whether a module does without the GIL here. */

/* The bit that the sections of this CPython satisfy. */
static uint32_t pyshim_core_satisfied_bits(const pyshim_core_facts *facts)
{
    switch (facts->sections) {
    case PYSHIM_SECTIONS_LIVE:
        return PYSHIM_MOD_GIL_SECTIONS;
    case PYSHIM_SECTIONS_SUCCESSOR:
        return PYSHIM_MOD_GIL_SUCCESSOR;
    default:
        return 0;
    }
}

static const char *pyshim_core_sections_word(int sections)
{
    switch (sections) {
    case PYSHIM_SECTIONS_LIVE:
        return "lock";
    case PYSHIM_SECTIONS_SUCCESSOR:
        return "lock in a newer way";
    default:
        return "do nothing";
    }
}

static int pyshim_core_gil_decide(uint32_t bits, const pyshim_build *build)
{
    const pyshim_core_loaded *loaded;
    if (bits & ~PYSHIM_MOD_GIL_ALL) {
        PyErr_Format(PyExc_ImportError,
                     "pyshim: the GIL slot has bits 0x%x, and only 0x%x have a meaning",
                     (unsigned)bits, (unsigned)PYSHIM_MOD_GIL_ALL);
        return -1;
    }
    if (pyshim_init_build(build) < 0) {
        return -1;
    }
    loaded = pyshim_core_get();
    if (loaded->facts.build == PYSHIM_RUNTIME_GIL) {
        return bits != 0;
    }
    if (bits & pyshim_core_satisfied_bits(&loaded->facts)) {
        return 1;
    }
    if (bits != 0 && pyshim_core_gil_is_forced_off()) {
        PyErr_Format(PyExc_ImportError,
                     "pyshim: this module relies on critical sections (GIL slot 0x%x), which %s "
                     "here, so it needs the GIL; PYTHON_GIL=0 or -X gil=0 keeps it off",
                     (unsigned)bits, pyshim_core_sections_word(loaded->facts.sections));
        return -1;
    }
    return 0;
}

int pyshim_gil_decide(uint32_t bits, const pyshim_build *build)
{
    pyshim_core_pending earlier;
    int without;
    pyshim_core_set_aside(&earlier);
    without = pyshim_core_gil_decide(bits, build);
    pyshim_core_settle(&earlier);
    return without;
}

/* The value that makes the running CPython see the decision: exactly the bit it looks at, or 0,
 * since versions read any other value in opposite ways. */
static uintptr_t pyshim_core_gil_value(int without)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    int bit = pyshim_core_mod_gil_bit(facts->version, PYSHIM_RUNTIME_FT);
    return without && bit >= 0 ? (uintptr_t)1 << bit : 0;
}

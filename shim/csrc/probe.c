/* SPDX-License-Identifier: 0BSD */
/* Finds out what critical sections do here, from which words of a marked scratch area they write.
 *
 * A symbol that is there says nothing of what it does: sections may lock, do nothing, use the
 * reserve, or need more words than any storage has. The scratch area is much larger than the
 * storage, so that the last of these is found before it damages a stack. */

/* Words of scratch, and the most that the probe can notice. */
#define PYSHIM_CORE_SCRATCH 64

/* What one kind of section did. */
typedef struct pyshim_core_footprint {
    unsigned words; /* highest word written, counted from 1; 0 when none was */
    int failed;     /* whether begin raised */
} pyshim_core_footprint;

static const uintptr_t pyshim_core_marks[] = {(uintptr_t)0xA5A5A5A5A5A5A5A5u,
                                              (uintptr_t)0x5A3C5A3C5A3C5A3Cu};

static void pyshim_core_mark(uintptr_t *scratch, uintptr_t mark)
{
    size_t i;
    for (i = 0; i < PYSHIM_CORE_SCRATCH; i++) {
        scratch[i] = mark + i;
    }
}

static void pyshim_core_measure(const uintptr_t *scratch, uintptr_t mark,
                                pyshim_core_footprint *footprint)
{
    unsigned i;
    for (i = 0; i < PYSHIM_CORE_SCRATCH; i++) {
        if (scratch[i] != mark + i && footprint->words < i + 1) {
            footprint->words = i + 1;
        }
    }
}

/* Begins and ends a section of one kind on new objects that no other thread has seen, once for each
 * mark, so that a word that happens to get the mark's value is not missed. 0, or -1 with an
 * exception. */
static int pyshim_core_probe_kind(const pyshim_core_natives *natives, int objects,
                                  pyshim_core_footprint *footprint)
{
    uintptr_t scratch[PYSHIM_CORE_SCRATCH];
    PyObject *a = PyList_New(0);
    PyObject *b = PyList_New(0);
    size_t round;
    footprint->words = 0;
    footprint->failed = 0;
    if (a == NULL || b == NULL) {
        Py_DecRef(a);
        Py_DecRef(b);
        return -1;
    }
    for (round = 0; round < sizeof(pyshim_core_marks) / sizeof(pyshim_core_marks[0]); round++) {
        uintptr_t mark = pyshim_core_marks[round];
        pyshim_core_mark(scratch, mark);
        if (objects == 1) {
            natives->pycriticalsection_begin(scratch, a);
        } else {
            natives->pycriticalsection2_begin(scratch, a, b);
        }
        pyshim_core_measure(scratch, mark, footprint);
        if (PyErr_Occurred() != NULL) {
            PyErr_Clear();
            footprint->failed = 1;
            break;
        }
        if (objects == 1) {
            natives->pycriticalsection_end(scratch);
        } else {
            natives->pycriticalsection2_end(scratch);
        }
        pyshim_core_measure(scratch, mark, footprint);
    }
    Py_DecRef(a);
    Py_DecRef(b);
    return 0;
}

/* Words of a struct. */
#define PYSHIM_CORE_WORDS(bytes) ((unsigned)((bytes) / sizeof(void *)))

/* Puts what sections do into `sections`. 0, or -1 with the report filled in. */
static int pyshim_core_probe_sections(const pyshim_core_natives *natives, int *sections,
                                      pyshim_report *report)
{
    const unsigned known[] = {PYSHIM_CORE_WORDS(PYSHIM_UPSTREAM_FT_PyCriticalSection_SIZE),
                              PYSHIM_CORE_WORDS(PYSHIM_UPSTREAM_FT_PyCriticalSection2_SIZE)};
    const unsigned storage[] = {PYSHIM_CORE_WORDS(sizeof(pyshim_critical_section)),
                                PYSHIM_CORE_WORDS(sizeof(pyshim_critical_section2))};
    int successor = 0;
    int kind;
    for (kind = 0; kind < 2; kind++) {
        pyshim_core_footprint footprint;
        if (pyshim_core_probe_kind(natives, kind + 1, &footprint) < 0) {
            return pyshim_core_fail(report, PYSHIM_LOAD_PYTHON, 0, 0, NULL);
        }
        if (footprint.words > storage[kind]) {
            return pyshim_core_fail(report, PYSHIM_LOAD_SECTION, footprint.words, storage[kind],
                                    kind == 0 ? "PyCriticalSection" : "PyCriticalSection2");
        }
        if (footprint.words == 0 && !footprint.failed) {
            *sections = PYSHIM_SECTIONS_NO_OP;
            return 0;
        }
        if (footprint.failed || footprint.words > known[kind]) {
            successor = 1;
        }
    }
    *sections = successor ? PYSHIM_SECTIONS_SUCCESSOR : PYSHIM_SECTIONS_LIVE;
    return 0;
}

/* What the functions promise when nobody else is there: who owns which reference. Free-threaded
 * forms and those for a GIL alike. */

#include "unit.h"

#include <stdio.h> /* printf */

typedef struct forms {
    PyObject *(*load)(pyshim_atomic_ref *);
    void (*store)(pyshim_atomic_ref *, PyObject *);
    PyObject *(*swap)(pyshim_atomic_ref *, PyObject *);
    int (*compare_exchange)(pyshim_atomic_ref *, PyObject *, PyObject *);
} forms;

static const forms all_forms[] = {
    {pyshim_core_atomic_ref_load_ft, pyshim_core_atomic_ref_store_ft,
     pyshim_core_atomic_ref_swap_ft, pyshim_core_atomic_ref_compare_exchange_ft},
    {pyshim_core_atomic_ref_load_gil, pyshim_core_atomic_ref_store_gil,
     pyshim_core_atomic_ref_swap_gil, pyshim_core_atomic_ref_compare_exchange_gil},
};

static void expect(int condition, const char *what)
{
    if (!condition) {
        race_fail(what);
    }
}

static void test_empty(const forms *f)
{
    pyshim_atomic_ref cell = {0};
    expect(f->load(&cell) == NULL, "an empty cell loads NULL");
    expect(f->swap(&cell, NULL) == NULL, "an empty cell swaps to NULL");
    expect(f->compare_exchange(&cell, NULL, NULL) == 1, "NULL is exchanged for NULL");
    f->store(&cell, NULL);
    expect(pyshim_atomic_ref_peek(&cell) == NULL, "an empty cell shows NULL");
}

static void test_ownership(const forms *f)
{
    pyshim_atomic_ref cell = {0};
    PyObject *a = race_new(RACE_MALLOC, 1), *b = race_new(RACE_MALLOC, 2);
    f->store(&cell, a);
    expect(race_count(a) == 2, "the cell takes its own reference");
    expect(pyshim_atomic_ref_peek(&cell) == a && race_count(a) == 2, "a peek borrows");
    expect(f->load(&cell) == a && race_count(a) == 3, "a load gives a reference");
    Py_DecRef(a);
    f->store(&cell, a);
    expect(race_count(a) == 2, "a store of the same value changes nothing");
    expect(f->swap(&cell, a) == a && race_count(a) == 3, "a swap gives the cell's reference");
    Py_DecRef(a);
    expect(f->swap(&cell, b) == a && race_count(a) == 2 && race_count(b) == 2, "a swap moves");
    Py_DecRef(a);
    expect(f->compare_exchange(&cell, a, NULL) == 0, "another value is there");
    expect(race_count(a) == 1 && race_count(b) == 2, "a failed exchange changes nothing");
    expect(f->compare_exchange(&cell, b, b) == 1 && race_count(b) == 2, "a value for itself");
    expect(f->compare_exchange(&cell, b, a) == 1, "the value is there");
    expect(race_count(a) == 2 && race_count(b) == 1, "an exchange moves the cell's reference");
    f->store(&cell, NULL);
    expect(race_count(a) == 1, "an emptied cell drops its reference");
    Py_DecRef(a);
    Py_DecRef(b);
}

static void test_try_incref_by_count(void)
{
    PyObject *a = race_new(RACE_MALLOC, 1);
    intptr_t dying = 0;
    /* 3.14 and later keep flags in the upper half, where there is one. */
    intptr_t flagged = sizeof(intptr_t) > 4 ? (intptr_t)((uint64_t)5 << 48 | 3) : 3;
    intptr_t gone = flagged - 3;
    pyshim_core_enable_try_incref_gil(a);
    expect(pyshim_core_try_incref_gil(a) == 1 && race_count(a) == 2, "it is alive");
    Py_DecRef(a);
    Py_DecRef(a);
    expect(pyshim_core_try_incref_gil((PyObject *)(void *)&dying) == 0, "it is dying");
    expect(pyshim_core_refcnt_gil((PyObject *)(void *)&flagged) == 3, "the count is the low half");
    expect(pyshim_core_try_incref_gil((PyObject *)(void *)&gone) == 0, "flags are no count");
}

int main(void)
{
    size_t i;
    for (i = 0; i < sizeof(all_forms) / sizeof(all_forms[0]); i++) {
        test_empty(&all_forms[i]);
        test_ownership(&all_forms[i]);
    }
    test_try_incref_by_count();
    race_loaded.facts.build = PYSHIM_RUNTIME_FT;
    expect(pyshim_atomic_ref_scheme()[0] == 'h', "hazard slots on free-threaded builds");
    race_loaded.facts.build = PYSHIM_RUNTIME_GIL;
    expect(pyshim_atomic_ref_scheme()[0] == 'g', "the GIL on others");
    expect(race_alive() == 0, "nothing is left");
    printf("kept\n");
    return 0;
}

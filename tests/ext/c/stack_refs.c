/* Runs programs on stack references: each step is an operation on registers, and says afterwards
 * what it returned, what the objects' counts are, and what was reported. The line of a step is its
 * number. tests/stack_refs compares all of that with a model. */
#define PYSHIM_NEEDS 0
#include "pyshim.h"

#include <string.h> /* strcmp, memset */

#define N_OBJECTS 3
#define N_REGISTERS 8
#define N_FRAMES 8

typedef struct machine {
    PyObject *objects[N_OBJECTS];
    Py_ssize_t base[N_OBJECTS]; /* counts before anything was done */
    long raw[N_OBJECTS];        /* references in CPython's words that are ours */
    void *refs[N_REGISTERS];
    void *borrows[N_REGISTERS];
    pyshim_stack_ref_frame frames[N_FRAMES];
    long depth;
    pyshim_stack_ref_place at;
} machine;

/* The number of an object, or -1 for none. */
static long number(const machine *m, const PyObject *object)
{
    long i;
    for (i = 0; i < N_OBJECTS; i++) {
        if (m->objects[i] == object) {
            return i;
        }
    }
    return -1;
}

/* An object that is ours from now on. */
static long gained(machine *m, const PyObject *object)
{
    long i = number(m, object);
    if (i >= 0) {
        m->raw[i]++;
    }
    return i;
}

static long push(machine *m)
{
    if (m->depth < N_FRAMES) {
        pyshim_stack_ref_frame_push_at(&m->frames[m->depth++], &m->at);
    }
    return m->depth;
}

/* Leaves a frame that was pushed, also when it is not the innermost one. */
static long pop(machine *m, long depth, void **ref)
{
    if (depth < m->depth) {
        *ref = pyshim_stack_ref_frame_pop_at(&m->frames[depth], *ref, &m->at);
        m->depth = depth;
    }
    return m->depth;
}

/* One step; what it returns is an object's number, or whatever shows that it did something. */
static long step(machine *m, const char *op, long a, long b)
{
    const pyshim_stack_ref_place *at = &m->at;
    PyObject *object = m->objects[b % N_OBJECTS];
    long *raw = &m->raw[b % N_OBJECTS];
    void **ref = &m->refs[a % N_REGISTERS];
    void **borrow = &m->borrows[a % N_REGISTERS];
    void **other = &m->refs[b % N_REGISTERS];
    pyshim_stack_ref cleared;
    if (strcmp(op, "new") == 0) {
        *ref = pyshim_stack_ref_from_object_new_at(object, at);
    } else if (strcmp(op, "incref") == 0) {
        Py_INCREF(object);
        ++*raw;
    } else if (strcmp(op, "decref") == 0 && *raw > 0) {
        --*raw;
        Py_DECREF(object);
    } else if (strcmp(op, "take") == 0 && *raw > 0) {
        --*raw;
        *ref = pyshim_stack_ref_from_object_steal_at(object, at);
    } else if (strcmp(op, "lend") == 0) {
        *borrow = pyshim_stack_ref_from_object_borrow_at(object, at);
    } else if (strcmp(op, "as_new") == 0) {
        return gained(m, *ref != NULL ? pyshim_stack_ref_as_object_new_at(*ref, at) : NULL);
    } else if (strcmp(op, "as_steal") == 0) {
        return gained(m, pyshim_stack_ref_as_object_steal_at(*ref, at));
    } else if (strcmp(op, "as_borrow") == 0) {
        return number(m, pyshim_stack_ref_as_object_borrow_at(*ref, at));
    } else if (strcmp(op, "dup") == 0) {
        *ref = *other != NULL ? pyshim_stack_ref_dup_at(*other, at) : NULL;
    } else if (strcmp(op, "borrow") == 0) {
        *borrow = pyshim_stack_ref_borrow_at(*other, at);
    } else if (strcmp(op, "close") == 0) {
        pyshim_stack_ref_xclose_at(*ref, at);
    } else if (strcmp(op, "clear") == 0) {
        cleared.word = *ref;
        pyshim_stack_ref_clear_at(&cleared, at);
        *ref = cleared.word;
    } else if (strcmp(op, "see") == 0) {
        return number(m, pyshim_stack_borrow_as_object_at(*borrow, at));
    } else if (strcmp(op, "own") == 0) {
        borrow = &m->borrows[b % N_REGISTERS];
        *ref = *borrow != NULL ? pyshim_stack_borrow_dup_at(*borrow, at) : NULL;
    } else if (strcmp(op, "end") == 0) {
        pyshim_stack_borrow_end_at(*borrow, at);
    } else if (strcmp(op, "push") == 0) {
        return push(m);
    } else if (strcmp(op, "pop") == 0) {
        return pop(m, a, other);
    }
    return *ref != NULL;
}

static PyObject *said(const pyshim_stack_ref_report *report)
{
    return Py_BuildValue("(iIIII)", report->kind, report->created_line, report->borrowed_line,
                         report->closed_line, report->found_line);
}

/* The reports since the last step. */
static PyObject *reports(void)
{
    PyObject *list = PyList_New(0);
    pyshim_stack_ref_report report;
    report.size = sizeof(report);
    while (list != NULL && pyshim_stack_ref_take_report(&report)) {
        PyObject *item = said(&report);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

static PyObject *counts(const machine *m)
{
    PyObject *list = PyList_New(N_OBJECTS);
    long i;
    for (i = 0; list != NULL && i < N_OBJECTS; i++) {
        PyObject *count = PyLong_FromSsize_t(Py_REFCNT(m->objects[i]) - m->base[i]);
        if (count == NULL) {
            Py_CLEAR(list);
        } else {
            PyList_SetItem(list, i, count);
        }
    }
    return list;
}

/* Does one step and adds what came of it to the list. */
static int add_step(machine *m, PyObject *list, const char *op, long a, long b)
{
    long result = step(m, op, a, b);
    PyObject *line = Py_BuildValue("(lNN)", result, counts(m), reports());
    int failed = line == NULL || PyList_Append(list, line) < 0;
    Py_XDECREF(line);
    return failed ? -1 : 0;
}

static int add_steps(machine *m, PyObject *list, PyObject *program)
{
    Py_ssize_t i;
    for (i = 0; i < PyList_Size(program); i++) {
        const char *op;
        long a, b;
        m->at.line = (uint32_t)(i + 1);
        if (!PyArg_ParseTuple(PyList_GetItem(program, i), "sll", &op, &a, &b)
            || add_step(m, list, op, a, b) < 0) {
            return -1;
        }
    }
    return 0;
}

/* run(program, objects): what came of each step, and of leaving the frame around the program. What a
 * program leaks stays leaked. */
static PyObject *run(PyObject *self, PyObject *args)
{
    static const char file[] = "program";
    machine m;
    PyObject *program, *list;
    pyshim_stack_ref_frame outer;
    int i;
    (void)self;
    memset(&m, 0, sizeof(m));
    m.at.file = file;
    m.at.length = sizeof(file) - 1;
    if (!PyArg_ParseTuple(args, "O!(OOO)", &PyList_Type, &program, &m.objects[0], &m.objects[1],
                          &m.objects[2])) {
        return NULL;
    }
    for (i = 0; i < N_OBJECTS; i++) {
        m.base[i] = Py_REFCNT(m.objects[i]);
    }
    pyshim_stack_ref_keep_reports(1);
    pyshim_stack_ref_frame_push_at(&outer, &m.at);
    list = PyList_New(0);
    if (list != NULL && add_steps(&m, list, program) < 0) {
        Py_CLEAR(list);
    }
    m.at.line++;
    pyshim_stack_ref_frame_pop_at(&outer, NULL, &m.at);
    if (list != NULL && add_step(&m, list, "nothing", 0, 0) < 0) {
        Py_CLEAR(list);
    }
    pyshim_stack_ref_keep_reports(0);
    return list;
}

static PyMethodDef methods[] = {
    {"run", run, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(PYSHIM_MOD_GIL_SECTIONS)},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "stack_refs", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_stack_refs(void)
{
    return pyshim_module_init(&definition);
}

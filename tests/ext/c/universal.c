/* A module of one source and, as a universal one, of one file: state, an exception, a type with
 * cycles, one with memory that others see and from which classes derive, and one that derives from
 * that. It asks for what macros of new headers call. */
#define PYSHIM_NEEDS PYSHIM_NEEDS_CRITICAL_SECTION
#define PY_SSIZE_T_CLEAN /* for headers that ask; universal modules need not */
#include "pyshim.h"

#include <stddef.h> /* offsetof */
#include <string.h> /* memset */

#if !defined(Py_LIMITED_API) || Py_LIMITED_API + 0 >= 0x030B0000
#define HAS_BUFFER 1 /* the headers say what one is */
#endif
#if PY_VERSION_HEX < 0x030C0000
#include <structmember.h> /* PyMemberDef, T_LONG */
#define Py_T_LONG T_LONG
#define Py_READONLY READONLY
#endif

#define SLOT(id, function) {id, (void *)(function)}

typedef struct {
    PyObject *error;
    long blocks;               /* made so far, in this interpreter */
    long labelled_ended;
} state;

#if defined(__cplusplus) && defined(PYSHIM_UNIVERSAL)
/* A static that is made before CPython calls the module's hook, with what macros make calls of. */
static const bool none_is_none = Py_IS_TYPE(Py_None, Py_TYPE(Py_None)) && Py_IsNone(Py_None);
#endif

/* --- Cell: an object that holds another. */

typedef struct {
    PyObject *value;
} cell;

static pyshim_type *cell_type(void);

static cell *cell_of(PyObject *self)
{
    return (cell *)pyshim_type_data(cell_type(), self);
}

static PyObject *cell_get(PyObject *self, PyObject *unused)
{
    PyObject *value = cell_of(self)->value;
    (void)unused;
    if (value == NULL) {
        Py_RETURN_NONE;
    }
    Py_INCREF(value);
    return value;
}

static PyObject *cell_set(PyObject *self, PyObject *value)
{
    PyObject *old = cell_of(self)->value;
    Py_INCREF(value);
    cell_of(self)->value = value;
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static int cell_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(cell_of(self)->value);
    return pyshim_type_traverse_base(cell_type(), self, visit, arg);
}

static int cell_clear(PyObject *self)
{
    Py_CLEAR(cell_of(self)->value);
    return pyshim_type_clear_base(cell_type(), self);
}

static void cell_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    cell_clear(self);
    pyshim_type_free(self);
}

static PyMethodDef cell_methods[] = {
    {"get", cell_get, METH_NOARGS, NULL},
    {"set", cell_set, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot cell_slots[] = {
    SLOT(Py_tp_traverse, cell_traverse), SLOT(Py_tp_clear, cell_clear),
    SLOT(Py_tp_dealloc, cell_dealloc),   SLOT(Py_tp_methods, cell_methods),
    {0, NULL},
};

static pyshim_type the_cell_type =
    PYSHIM_TYPE("universal.Cell", cell, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                cell_slots);

static pyshim_type *cell_type(void)
{
    return &the_cell_type;
}

/* --- Block: sixteen bytes that others may see. */

#define BYTES 16

typedef struct {
    long exports;
    unsigned char bytes[BYTES];
} block;

static pyshim_type *block_type(void);

static block *block_of(PyObject *self)
{
    return (block *)pyshim_type_data(block_type(), self);
}

static PyObject *block_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    state *s = (state *)pyshim_type_state(block_type(), (PyObject *)type);
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    const char *bytes = "";
    Py_ssize_t length = 0;
    PyObject *self;
    static const char *names[] = {"bytes", NULL};
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, kwargs, "|y#", (char **)names, &bytes, &length)) {
        return NULL;
    }
    if (length > BYTES) {
        PyErr_Format(s->error, "%zd bytes are more than %d", length, BYTES);
        return NULL;
    }
    self = alloc(type, 0);
    if (self != NULL) {
        memcpy(block_of(self)->bytes, bytes, (size_t)length);
        PYSHIM_BEGIN_CRITICAL_SECTION((PyObject *)type);
        s->blocks++;
        PYSHIM_END_CRITICAL_SECTION();
    }
    return self;
}

static void block_dealloc(PyObject *self)
{
    memset(block_of(self)->bytes, 0xDD, BYTES);
    pyshim_type_free(self);
}

static Py_ssize_t block_length(PyObject *self)
{
    (void)self;
    return BYTES;
}

static int block_set(PyObject *self, PyObject *key, PyObject *value)
{
    Py_ssize_t at = PyNumber_AsSsize_t(key, PyExc_IndexError);
    long byte = value != NULL ? PyLong_AsLong(value) : -1;
    if (byte == -1 && PyErr_Occurred() != NULL) {
        return -1;
    }
    if (at < 0 || at >= BYTES || byte < 0 || byte > 255) {
        state *s = (state *)pyshim_type_state(block_type(), (PyObject *)Py_TYPE(self));
        if (s != NULL) {
            PyErr_Format(s->error, "no byte %ld at %zd", byte, at);
        }
        return -1;
    }
    block_of(self)->bytes[at] = (unsigned char)byte;
    return 0;
}

#ifdef HAS_BUFFER
static int block_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    if (PyBuffer_FillInfo(view, self, block_of(self)->bytes, BYTES, 0, flags) < 0) {
        return -1;
    }
    block_of(self)->exports++;
    return 0;
}

static void block_releasebuffer(PyObject *self, Py_buffer *view)
{
    (void)view;
    block_of(self)->exports--;
}
#endif

static PyMemberDef block_members[] = {
    {(char *)"exports", Py_T_LONG, offsetof(block, exports), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot block_slots[] = {
    SLOT(Py_tp_new, block_new),
    SLOT(Py_tp_dealloc, block_dealloc),
    SLOT(Py_tp_members, block_members),
    SLOT(Py_mp_length, block_length),
    SLOT(Py_mp_ass_subscript, block_set),
#ifdef HAS_BUFFER
    SLOT(PYSHIM_BF_GETBUFFER, block_getbuffer),
    SLOT(PYSHIM_BF_RELEASEBUFFER, block_releasebuffer),
#endif
    {0, NULL},
};

static pyshim_type the_block_type = PYSHIM_TYPE(
    "universal.Block", block, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, block_slots);

static pyshim_type *block_type(void)
{
    return &the_block_type;
}

/* --- Tagged: a block with a number behind its bytes. */

typedef struct {
    long tag;
} tagged;

static PyMemberDef tagged_members[] = {
    {(char *)"tag", Py_T_LONG, offsetof(tagged, tag), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot tagged_slots[] = {
    SLOT(Py_tp_members, tagged_members),
    {0, NULL},
};

static pyshim_type tagged_type = PYSHIM_TYPE(
    "universal.Tagged", tagged, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, tagged_slots);

/* --- Labelled: a cell with one more object, which ends it and lets Cell end the rest. */

typedef struct {
    PyObject *label;
} labelled;

static PyObject *labelled_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
static int labelled_traverse(PyObject *self, visitproc visit, void *arg);
static int labelled_clear(PyObject *self);
static void labelled_dealloc(PyObject *self);

static PyType_Slot labelled_slots[] = {
    SLOT(Py_tp_new, labelled_new),
    SLOT(Py_tp_traverse, labelled_traverse),
    SLOT(Py_tp_clear, labelled_clear),
    SLOT(Py_tp_dealloc, labelled_dealloc),
    {0, NULL},
};

static pyshim_type labelled_type =
    PYSHIM_TYPE("universal.Labelled", labelled,
                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, labelled_slots);

static labelled *labelled_of(PyObject *self)
{
    return (labelled *)pyshim_type_data(&labelled_type, self);
}

static PyObject *labelled_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *label, *self;
    (void)kwargs;
    if (!PyArg_ParseTuple(args, "O", &label)) {
        return NULL;
    }
    self = PyType_GenericAlloc(type, 0);
    if (self != NULL) {
        Py_INCREF(label);
        labelled_of(self)->label = label;
    }
    return self;
}

static int labelled_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(labelled_of(self)->label);
    return pyshim_type_traverse_base(&labelled_type, self, visit, arg);
}

static int labelled_clear(PyObject *self)
{
    Py_CLEAR(labelled_of(self)->label);
    return pyshim_type_clear_base(&labelled_type, self);
}

static void labelled_dealloc(PyObject *self)
{
    state *s = (state *)pyshim_type_state(&labelled_type, (PyObject *)Py_TYPE(self));
    PyObject_GC_UnTrack(self);
    if (s != NULL) {
        s->labelled_ended++;
    } else {
        PyErr_Clear(); /* the type itself is being collected */
    }
    Py_CLEAR(labelled_of(self)->label);
    pyshim_type_dealloc_base(&labelled_type, self);
}

/* --- Types with an object to end, over a base of CPython's, and over what the caller gives. */

static void ending_dealloc(const pyshim_type *type, PyObject *self)
{
    labelled *data = (labelled *)pyshim_type_data(type, self);
    if (PyType_GetFlags(Py_TYPE(self)) & Py_TPFLAGS_HAVE_GC) {
        PyObject_GC_UnTrack(self);
    }
    Py_CLEAR(data->label);
    pyshim_type_dealloc_base(type, self);
}

static PyObject *ending_label(const pyshim_type *type, PyObject *self, PyObject *label)
{
    labelled *data = (labelled *)pyshim_type_data(type, self);
    Py_XDECREF(data->label);
    Py_INCREF(label);
    data->label = label;
    Py_RETURN_NONE;
}

#define NO_SLOTS
#define ENDING_TYPE(type, name, flags, slots)                                                    \
    static void type##_dealloc(PyObject *self);                                                  \
    static PyObject *type##_label(PyObject *self, PyObject *label);                              \
    static PyMethodDef type##_methods[] = {                                                      \
        {"label", type##_label, METH_O, NULL},                                                   \
        {NULL, NULL, 0, NULL},                                                                   \
    };                                                                                           \
    static PyType_Slot type##_slots[] = {                                                        \
        SLOT(Py_tp_dealloc, type##_dealloc),                                                     \
        SLOT(Py_tp_methods, type##_methods),                                                     \
        slots {0, NULL},                                                                         \
    };                                                                                           \
    static pyshim_type type = PYSHIM_TYPE("universal." name, labelled, flags, type##_slots);     \
    static void type##_dealloc(PyObject *self)                                                   \
    {                                                                                            \
        ending_dealloc(&type, self);                                                             \
    }                                                                                            \
    static PyObject *type##_label(PyObject *self, PyObject *label)                               \
    {                                                                                            \
        return ending_label(&type, self, label);                                                 \
    }

ENDING_TYPE(failure_type, "Failure", Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, NO_SLOTS)
ENDING_TYPE(ending_type, "Ending", Py_TPFLAGS_DEFAULT, NO_SLOTS)

static PyObject *derive_ending(PyObject *module, PyObject *base)
{
    return pyshim_type_new(module, &ending_type, base);
}

/* --- Types that show a collector their object, and what the base has. */

#define COMMA ,
#define KEEPING_SLOTS(type)                                                                      \
    SLOT(Py_tp_traverse, type##_traverse) COMMA SLOT(Py_tp_clear, type##_clear) COMMA
#define KEEPING_TYPE(type, name)                                                                 \
    static int type##_traverse(PyObject *self, visitproc visit, void *arg);                      \
    static int type##_clear(PyObject *self);                                                     \
    ENDING_TYPE(type, name, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,       \
                KEEPING_SLOTS(type))                                                             \
    static int type##_traverse(PyObject *self, visitproc visit, void *arg)                       \
    {                                                                                            \
        Py_VISIT(((labelled *)pyshim_type_data(&type, self))->label);                            \
        return pyshim_type_traverse_base(&type, self, visit, arg);                               \
    }                                                                                            \
    static int type##_clear(PyObject *self)                                                      \
    {                                                                                            \
        Py_CLEAR(((labelled *)pyshim_type_data(&type, self))->label);                            \
        return pyshim_type_clear_base(&type, self);                                              \
    }

KEEPING_TYPE(keeping_list, "List")
KEEPING_TYPE(keeping_dict, "Dict")
KEEPING_TYPE(keeping_cell, "KeepingCell")

/* Each over one base, since bases have sizes. */
static PyObject *derive_keeping(PyObject *module, PyObject *base)
{
    const int is_list = base == (PyObject *)&PyList_Type;
    const int is_dict = base == (PyObject *)&PyDict_Type;
    return pyshim_type_new(
        module, is_list ? &keeping_list : is_dict ? &keeping_dict : &keeping_cell, base);
}

/* Over a base that visits as classes of Python do. */
static int shown_traverse(PyObject *self, visitproc visit, void *arg);

static PyType_Slot shown_slots[] = {
    SLOT(Py_tp_traverse, shown_traverse),
    {0, NULL},
};

static pyshim_type shown_type = PYSHIM_TYPE(
    "universal.Shown", labelled, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, shown_slots);

static int shown_traverse(PyObject *self, visitproc visit, void *arg)
{
    return pyshim_type_traverse_base(&shown_type, self, visit, arg);
}

static PyObject *derive_shown(PyObject *module, PyObject *base)
{
    return pyshim_type_new(module, &shown_type, base);
}

/* --- Called: on CPythons that can, its objects say what function is called. */

#ifdef PYSHIM_UNIVERSAL
typedef struct {
    vectorcallfunc call;
} called;

static PyObject *called_by_vector(PyObject *self, PyObject *const *args, size_t count,
                                  PyObject *names)
{
    (void)self;
    (void)args;
    (void)count;
    (void)names;
    return PyUnicode_FromString("vector");
}

static PyObject *called_by_tuple(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self;
    (void)args;
    (void)kwargs;
    return PyUnicode_FromString("tuple");
}

static PyObject *called_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);

static PyMemberDef called_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(called, call), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot called_slots[] = {
    SLOT(Py_tp_new, called_new),
    SLOT(Py_tp_dealloc, pyshim_type_free),
    SLOT(Py_tp_call, called_by_tuple),
    SLOT(Py_tp_members, called_members),
    {0, NULL},
};

static pyshim_type called_type =
    PYSHIM_TYPE("universal.Called", called,
                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_IMMUTABLETYPE,
                called_slots);

static PyObject *called_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *self = PyType_GenericAlloc(type, 0);
    (void)args;
    (void)kwargs;
    if (self != NULL) {
        ((called *)pyshim_type_data(&called_type, self))->call = called_by_vector;
    }
    return self;
}
#endif

/* --- Types over what the caller gives, or a slot. */

static PyType_Slot derived_slots[] = {
    SLOT(Py_tp_members, tagged_members),
    {0, NULL},
};

static pyshim_type derived_type =
    PYSHIM_TYPE("universal.Derived", tagged, Py_TPFLAGS_DEFAULT, derived_slots);

static pyshim_type roomy_type =
    PYSHIM_TYPE("universal.Roomy", tagged, Py_TPFLAGS_DEFAULT, derived_slots);

static PyObject *derive_with_room(PyObject *module, PyObject *base)
{
    return pyshim_type_new(module, &roomy_type, base);
}

static PyObject *derive(PyObject *module, PyObject *base)
{
    return pyshim_type_new(module, &derived_type, base);
}

/* Data that ends where no pointer can lie. */
static PyType_Slot narrow_slots[] = {{0, NULL}};

static pyshim_type narrow_type = PYSHIM_TYPE(
    "universal.Narrow", char, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, narrow_slots);

static PyType_Slot based_slots[] = {
    {Py_tp_base, NULL},
    {0, NULL},
};

static pyshim_type based_type =
    PYSHIM_TYPE("universal.Based", tagged, Py_TPFLAGS_DEFAULT, based_slots);

static PyObject *base_by_slot(PyObject *module, PyObject *unused)
{
    (void)unused;
    return pyshim_type_new(module, &based_type, NULL);
}

/* --- The module. */

static PyObject *blocks(PyObject *module, PyObject *unused)
{
    state *s = (state *)PyModule_GetState(module);
    (void)unused;
    return s != NULL ? PyLong_FromLong(s->blocks) : NULL;
}

/* The same, by what should be a type. */
static PyObject *blocks_of(PyObject *module, PyObject *type)
{
    state *s = (state *)pyshim_type_state(block_type(), type);
    (void)module;
    return s != NULL ? PyLong_FromLong(s->blocks) : NULL;
}

static PyObject *labelled_ended(PyObject *module, PyObject *unused)
{
    state *s = (state *)PyModule_GetState(module);
    (void)unused;
    return s != NULL ? PyLong_FromLong(s->labelled_ended) : NULL;
}

/* What macros of new headers make calls of. */
static PyObject *leaked(PyObject *module, PyObject *op);

static PyObject *leaked(PyObject *module, PyObject *op)
{
    PyObject *result = NULL;
#ifdef PYSHIM_UNIVERSAL
    static PyMethodDef again = {"again", leaked, METH_O, NULL};
    int is_type = Py_IS_TYPE(op, Py_TYPE(op)) && !Py_IS_TYPE(op, Py_TYPE(module));
    PyObject *number = PyLong_FromLong(70000), *fresh = PyList_New(0);
    if (number != NULL && fresh != NULL) {
        /* Of an object that nobody else has. */
        Py_SET_REFCNT(fresh, Py_REFCNT(fresh));
        Py_SET_SIZE((PyVarObject *)fresh, 1 + Py_SIZE(fresh));
        Py_SET_SIZE((PyVarObject *)fresh, Py_SIZE(fresh) == 1 ? 0 : 2);
        if (Py_SIZE(fresh) != 0 || PyObject_SetAttrString(module, "short_lived", fresh) < 0
            || PyObject_DelAttrString(module, "short_lived") < 0
            || PyObject_HasAttrString(module, "short_lived")) {
            PyErr_SetString(PyExc_AssertionError, "a size is wrong, or an attribute still there");
            return NULL;
        }
        Py_BEGIN_CRITICAL_SECTION(op);
        result = Py_BuildValue("(OOOOOiiniN)", Py_None, Py_True, Py_False, Py_Ellipsis,
                               Py_NotImplemented, is_type, Py_IsNone(op), Py_SIZE(op),
                               PyLong_AsInt(number), PyCFunction_New(&again, module));
        Py_END_CRITICAL_SECTION();
    }
    Py_XDECREF(number);
    Py_XDECREF(fresh);
#else
    (void)module;
    (void)op;
    Py_INCREF(Py_None);
    result = Py_None;
#endif
    return result;
}

/* Raises the exception of this interpreter's module. */
static PyObject *fail(PyObject *module, PyObject *args)
{
    state *s = (state *)PyModule_GetState(module);
    const char *text;
    Py_ssize_t length; /* as `#` has it only where its meaning is that of new versions */
    if (s == NULL || !PyArg_ParseTuple(args, "s#", &text, &length)) {
        return NULL;
    }
    return PyErr_Format(s->error, "%s of %zd", text, length);
}

static PyMethodDef methods[] = {
    {"blocks", blocks, METH_NOARGS, NULL},
    {"blocks_of", blocks_of, METH_O, NULL},
    {"leaked", leaked, METH_O, NULL},
    {"fail", fail, METH_VARARGS, NULL},
    {"derive", derive, METH_O, NULL},
    {"derive_with_room", derive_with_room, METH_O, NULL},
    {"derive_ending", derive_ending, METH_O, NULL},
    {"derive_keeping", derive_keeping, METH_O, NULL},
    {"derive_shown", derive_shown, METH_O, NULL},
    {"labelled_ended", labelled_ended, METH_NOARGS, NULL},
    {"base_by_slot", base_by_slot, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int add_error(PyObject *module)
{
    state *s = (state *)PyModule_GetState(module);
    s->error = PyErr_NewException("universal.Error", PyExc_ValueError, NULL);
    return s->error != NULL ? PyObject_SetAttrString(module, "Error", s->error) : -1;
}

static int add_tagged(PyObject *module)
{
    PyObject *base = PyObject_GetAttrString(module, "Block");
    PyObject *type = base != NULL ? pyshim_type_new(module, &tagged_type, base) : NULL;
    int result = type != NULL ? PyObject_SetAttrString(module, "Tagged", type) : -1;
    Py_XDECREF(base);
    Py_XDECREF(type);
    return result;
}

static int add_labelled(PyObject *module)
{
    PyObject *base = PyObject_GetAttrString(module, "Cell");
    PyObject *type = base != NULL ? pyshim_type_new(module, &labelled_type, base) : NULL;
    int result = type != NULL ? PyObject_SetAttrString(module, "Labelled", type) : -1;
    Py_XDECREF(base);
    Py_XDECREF(type);
    return result;
}

static int add_failure(PyObject *module)
{
    PyObject *type = pyshim_type_new(module, &failure_type, PyExc_ValueError);
    int result = type != NULL ? PyObject_SetAttrString(module, "Failure", type) : -1;
    Py_XDECREF(type);
    return result;
}

/* The second is NULL from 3.15 on. */
static PyObject *create(PyObject *spec, PyModuleDef *definition)
{
    PyObject *name = PyObject_GetAttrString(spec, "name");
    PyObject *module = name != NULL ? PyModule_NewObject(name) : NULL;
    (void)definition;
    Py_XDECREF(name);
    if (module != NULL && PyObject_SetAttrString(module, "created", spec) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    state *s = (state *)PyModule_GetState(module);
    if (s != NULL) {
        Py_VISIT(s->error);
    }
    return 0;
}

static int clear(PyObject *module)
{
    state *s = (state *)PyModule_GetState(module);
    if (s != NULL) {
        Py_CLEAR(s->error);
    }
    return 0;
}

static void release(void *module)
{
    clear((PyObject *)module);
}

static const pyshim_module_slot slots[] = {
    PYSHIM_SLOT_DOC("One source for every CPython."),
    PYSHIM_SLOT_STATE(state),
    PYSHIM_SLOT_METHODS(methods),
    PYSHIM_SLOT_TYPE(&the_cell_type),
    PYSHIM_SLOT_TYPE(&the_block_type),
    PYSHIM_SLOT_TYPE(&narrow_type),
#ifdef PYSHIM_UNIVERSAL
    PYSHIM_SLOT_TYPE(&called_type),
#endif
    PYSHIM_SLOT_CREATE(create),
    PYSHIM_SLOT_EXEC(add_error),
    PYSHIM_SLOT_EXEC(add_tagged),
    PYSHIM_SLOT_EXEC(add_labelled),
    PYSHIM_SLOT_EXEC(add_failure),
    PYSHIM_SLOT_TRAVERSE(traverse),
    PYSHIM_SLOT_CLEAR(clear),
    PYSHIM_SLOT_FREE(release),
    PYSHIM_SLOT_GIL(PYSHIM_MOD_GIL_SECTIONS),
    PYSHIM_SLOT_INTERPRETERS(PYSHIM_INTERPRETERS_OWN_GIL),
    PYSHIM_SLOT_END,
};

PYSHIM_MODULE(universal, slots);

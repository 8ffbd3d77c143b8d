/* The object layouts that extensions see: GIL builds have a 16-byte head, free-threaded ones 32.
   Own declarations: the stand-in is built where no Python.h is, and for versions that have none. */
#ifndef STANDIN_LAYOUT_H
#define STANDIN_LAYOUT_H

#include <stddef.h> /* offsetof */
#include <stdint.h> /* the widths of the head's fields */

_Static_assert(sizeof(void *) == 8, "the stand-in knows the layouts of LP64 only");

typedef intptr_t Py_ssize_t;
typedef struct _object PyObject;
typedef struct _typeobject PyTypeObject;

#ifdef STANDIN_FT
struct _object {
    uintptr_t ob_tid;
    uint16_t ob_flags; /* named _padding in 3.13 */
    uint8_t ob_mutex;
    uint8_t ob_gc_bits;
    uint32_t ob_ref_local;
    Py_ssize_t ob_ref_shared;
    PyTypeObject *ob_type;
};
_Static_assert(sizeof(PyObject) == 32 && offsetof(PyObject, ob_mutex) == 10, "free-threaded head");
#else
struct _object {
    union {
        Py_ssize_t ob_refcnt;
        uint32_t ob_refcnt_split[2];
    };
    PyTypeObject *ob_type;
};
_Static_assert(sizeof(PyObject) == 16, "GIL head");
#endif

typedef struct {
    PyObject ob_base;
    Py_ssize_t ob_size;
} PyVarObject;

typedef PyObject *(*standin_cfunction)(PyObject *, PyObject *);
typedef struct {
    const char *ml_name;
    standin_cfunction ml_meth;
    int ml_flags;
    const char *ml_doc;
} PyMethodDef;

enum {
    METH_VARARGS = 0x1,
    METH_KEYWORDS = 0x2,
    METH_NOARGS = 0x4,
    METH_O = 0x8,
    METH_CLASS = 0x10,
    METH_STATIC = 0x20,
    METH_FASTCALL = 0x80,
    METH_METHOD = 0x200,
};

typedef struct {
    const char *name;
    PyObject *(*get)(PyObject *, void *);
    int (*set)(PyObject *, PyObject *, void *);
    const char *doc;
    void *closure;
} PyGetSetDef;

typedef struct {
    const char *name;
    int type;
    Py_ssize_t offset;
    int flags;
    const char *doc;
} PyMemberDef;

typedef int (*standin_visit)(PyObject *, void *);

/* The fields that every CPython from 3.8 on has at these places; what follows is unknown here. */
struct _typeobject {
    PyVarObject ob_base;
    const char *tp_name;
    Py_ssize_t tp_basicsize, tp_itemsize;
    void (*tp_dealloc)(PyObject *);
    Py_ssize_t tp_vectorcall_offset;
    void *tp_getattr, *tp_setattr, *tp_as_async;
    PyObject *(*tp_repr)(PyObject *);
    void *tp_as_number, *tp_as_sequence, *tp_as_mapping;
    void *tp_hash;
    PyObject *(*tp_call)(PyObject *, PyObject *, PyObject *);
    PyObject *(*tp_str)(PyObject *);
    PyObject *(*tp_getattro)(PyObject *, PyObject *);
    int (*tp_setattro)(PyObject *, PyObject *, PyObject *);
    void *tp_as_buffer;
    unsigned long tp_flags;
    const char *tp_doc;
    int (*tp_traverse)(PyObject *, standin_visit, void *);
    int (*tp_clear)(PyObject *);
    void *tp_richcompare;
    Py_ssize_t tp_weaklistoffset;
    void *tp_iter, *tp_iternext;
    PyMethodDef *tp_methods;
    PyMemberDef *tp_members;
    PyGetSetDef *tp_getset;
    PyTypeObject *tp_base;
    PyObject *tp_dict;
    PyObject *(*tp_descr_get)(PyObject *, PyObject *, PyObject *);
    int (*tp_descr_set)(PyObject *, PyObject *, PyObject *);
    Py_ssize_t tp_dictoffset;
    int (*tp_init)(PyObject *, PyObject *, PyObject *);
    PyObject *(*tp_alloc)(PyTypeObject *, Py_ssize_t);
    PyObject *(*tp_new)(PyTypeObject *, PyObject *, PyObject *);
    void (*tp_free)(void *);
    void *tp_is_gc;
    PyObject *tp_bases, *tp_mro, *tp_cache;
    void *tp_subclasses;
    PyObject *tp_weaklist;
    void (*tp_del)(PyObject *);
    unsigned int tp_version_tag;
    void (*tp_finalize)(PyObject *);
    void *tp_vectorcall;
};

#define TPFLAGS_HEAPTYPE (1UL << 9)
#define TPFLAGS_BASETYPE (1UL << 10)
#define TPFLAGS_READY (1UL << 12)
#define TPFLAGS_HAVE_GC (1UL << 14)
#define TPFLAGS_DEFAULT (1UL << 18)
#define TPFLAGS_LONG (1UL << 24)
#define TPFLAGS_LIST (1UL << 25)
#define TPFLAGS_TUPLE (1UL << 26)
#define TPFLAGS_BYTES (1UL << 27)
#define TPFLAGS_UNICODE (1UL << 28)
#define TPFLAGS_DICT (1UL << 29)
#define TPFLAGS_EXCEPTION (1UL << 30)
#define TPFLAGS_TYPE (1UL << 31)

typedef struct {
    PyVarObject ob_base;
    PyObject **ob_item;
    Py_ssize_t allocated;
} PyListObject;

typedef struct {
    int slot;
    void *value;
} PyModuleDef_Slot;

typedef struct {
    PyObject ob_base;
    PyObject *(*m_init)(void);
    Py_ssize_t m_index;
    PyObject *m_copy;
    const char *m_name;
    const char *m_doc;
    Py_ssize_t m_size;
    PyMethodDef *m_methods;
    PyModuleDef_Slot *m_slots;
    int (*m_traverse)(PyObject *, standin_visit, void *);
    int (*m_clear)(PyObject *);
    void (*m_free)(void *);
} PyModuleDef;

/* PEP 820's slot; the value is 8 bytes in every data model. */
typedef struct {
    uint16_t sl_id;
    uint16_t sl_flags;
    uint32_t sl_reserved;
    union {
        void *sl_ptr;
        void (*sl_func)(void);
        uint64_t sl_uint64;
    };
} PySlot;

typedef struct {
    uint8_t abiinfo_major_version;
    uint8_t abiinfo_minor_version;
    uint16_t flags;
    uint32_t build_version;
    uint32_t abi_version;
} PyABIInfo;

/* The fields as they are up to 3.15; a successor's words follow them in memory. */
typedef struct {
    uintptr_t cs_prev;
    uint8_t *cs_mutex;
} PyCriticalSection;
typedef struct {
    PyCriticalSection base;
    uint8_t *cs_mutex2;
} PyCriticalSection2;

#endif

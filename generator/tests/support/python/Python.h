/* A Python.h with just what the goldens speak of: widgets, which no CPython has. */
#ifndef STANDIN_PYTHON_H
#define STANDIN_PYTHON_H

#include <stddef.h> /* size_t */
#include <stdint.h> /* intptr_t, uint64_t */

typedef intptr_t Py_ssize_t;
typedef struct _object PyObject;

#ifdef __cplusplus
extern "C" {
#endif

/* A struct that one of ours mirrors, with another struct inside. */
typedef struct PyWidgetBase {
    uintptr_t _wd_owner;
    int _wd_kind;
} PyWidgetBase;

typedef struct PyWidget {
    PyWidgetBase _wd_base;
    PyObject *_wd_turn;
} PyWidget;

/* A struct with one layout a build. */
typedef struct PyGadget {
#ifdef Py_GIL_DISABLED
    uintptr_t gd_owner;
    uint16_t gd_flags;
#endif
    Py_ssize_t gd_count;
} PyGadget;

int PyWidget_Turn(PyObject *op);
#if PY_VERSION_HEX >= 0x030F0000
void PyWidget_Begin(PyWidget *widget, PyObject *op);
#define Py_mod_widget 87
#else
#define Py_mod_widget 4
#endif

#ifdef __cplusplus
}
#endif

#endif

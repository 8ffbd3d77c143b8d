/* SPDX-License-Identifier: 0BSD */
/* CPython's stable ABI as far as the C core needs it, for builds without Python.h. The signatures
 * are those of the limited API of 3.8; a test compiles this file together with Python.h. */
#ifndef PYSHIM_CORE_NO_PYTHON_H
#define PYSHIM_CORE_NO_PYTHON_H

#include "pyshim/python.h" /* PyObject, Py_ssize_t */

#if defined(_WIN32)
#define PYSHIM_CORE_FUNCTION extern __declspec(dllimport)
#else
#define PYSHIM_CORE_FUNCTION extern
#endif

struct _typeobject;
struct PyModuleDef;
struct PyMethodDef;
typedef struct _ts PyThreadState;
typedef struct _is PyInterpreterState;

PYSHIM_CORE_FUNCTION struct _typeobject PyBaseObject_Type;
PYSHIM_CORE_FUNCTION PyObject _Py_NoneStruct;
PYSHIM_CORE_FUNCTION PyObject *PyExc_AttributeError;
PYSHIM_CORE_FUNCTION PyObject *PyExc_BufferError;
PYSHIM_CORE_FUNCTION PyObject *PyExc_ImportError;
PYSHIM_CORE_FUNCTION PyObject *PyExc_OverflowError;
PYSHIM_CORE_FUNCTION PyObject *PyExc_ResourceWarning;
PYSHIM_CORE_FUNCTION PyObject *PyExc_RuntimeError;
PYSHIM_CORE_FUNCTION PyObject *PyExc_SystemError;
PYSHIM_CORE_FUNCTION PyObject *PyExc_TypeError;
PYSHIM_CORE_FUNCTION PyObject *PyExc_ValueError;
PYSHIM_CORE_FUNCTION void Py_IncRef(PyObject *);
PYSHIM_CORE_FUNCTION void Py_DecRef(PyObject *);
PYSHIM_CORE_FUNCTION void Py_FatalError(const char *);
PYSHIM_CORE_FUNCTION PyThreadState *PyThreadState_Get(void);
PYSHIM_CORE_FUNCTION PyThreadState *PyThreadState_Swap(PyThreadState *);
PYSHIM_CORE_FUNCTION PyThreadState *PyGILState_GetThisThreadState(void);
PYSHIM_CORE_FUNCTION struct _frame *PyEval_GetFrame(void);
PYSHIM_CORE_FUNCTION PyThreadState *PyEval_SaveThread(void);
PYSHIM_CORE_FUNCTION void PyEval_RestoreThread(PyThreadState *);
PYSHIM_CORE_FUNCTION unsigned long PyThread_get_thread_ident(void);
PYSHIM_CORE_FUNCTION PyObject *PyErr_Occurred(void);
PYSHIM_CORE_FUNCTION void PyErr_Clear(void);
PYSHIM_CORE_FUNCTION void PyErr_Fetch(PyObject **, PyObject **, PyObject **);
PYSHIM_CORE_FUNCTION void PyErr_Restore(PyObject *, PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION void PyErr_NormalizeException(PyObject **, PyObject **, PyObject **);
PYSHIM_CORE_FUNCTION PyObject *PyErr_NoMemory(void);
PYSHIM_CORE_FUNCTION PyObject *PyErr_Format(PyObject *, const char *, ...);
PYSHIM_CORE_FUNCTION void PyException_SetContext(PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION int PyException_SetTraceback(PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PySys_GetObject(const char *);
PYSHIM_CORE_FUNCTION PyObject *PyObject_GetAttrString(PyObject *, const char *);
PYSHIM_CORE_FUNCTION int PyObject_IsTrue(PyObject *);
PYSHIM_CORE_FUNCTION long PyLong_AsLong(PyObject *);
PYSHIM_CORE_FUNCTION unsigned long PyLong_AsUnsignedLong(PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyList_New(Py_ssize_t);
PYSHIM_CORE_FUNCTION PyObject *PyUnicode_FromString(const char *);
PYSHIM_CORE_FUNCTION PyObject *PyUnicode_FromFormat(const char *, ...);
PYSHIM_CORE_FUNCTION PyObject *PyModuleDef_Init(struct PyModuleDef *);
PYSHIM_CORE_FUNCTION int PyUnicode_Contains(PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyUnicode_Concat(PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyThreadState_GetDict(void);
PYSHIM_CORE_FUNCTION PyObject *PyDict_GetItemWithError(PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION int PyDict_SetItem(PyObject *, PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyCapsule_New(void *, const char *, void (*)(PyObject *));
PYSHIM_CORE_FUNCTION void *PyCapsule_GetPointer(PyObject *, const char *);
PYSHIM_CORE_FUNCTION PyThreadState *PyThreadState_New(PyInterpreterState *);
PYSHIM_CORE_FUNCTION void PyThreadState_Clear(PyThreadState *);
PYSHIM_CORE_FUNCTION void PyThreadState_Delete(PyThreadState *);
PYSHIM_CORE_FUNCTION PyObject *PyInterpreterState_GetDict(PyInterpreterState *);
PYSHIM_CORE_FUNCTION int64_t PyInterpreterState_GetID(PyInterpreterState *);
PYSHIM_CORE_FUNCTION PyObject *PyType_GenericAlloc(struct _typeobject *, Py_ssize_t);
PYSHIM_CORE_FUNCTION PyObject *PyObject_Type(PyObject *);
PYSHIM_CORE_FUNCTION void PyObject_Free(void *);
PYSHIM_CORE_FUNCTION void PyObject_GC_Del(void *);
PYSHIM_CORE_FUNCTION void PyObject_GC_Track(void *);
PYSHIM_CORE_FUNCTION void PyObject_GC_UnTrack(void *);
PYSHIM_CORE_FUNCTION PyObject *PyObject_CallObject(PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyImport_ImportModule(const char *);
PYSHIM_CORE_FUNCTION PyObject *Py_BuildValue(const char *, ...);
PYSHIM_CORE_FUNCTION int PyErr_WarnFormat(PyObject *, Py_ssize_t, const char *, ...);
PYSHIM_CORE_FUNCTION void PyErr_WriteUnraisable(PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyLong_FromUnsignedLongLong(unsigned long long);
PYSHIM_CORE_FUNCTION unsigned long long PyLong_AsUnsignedLongLong(PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyMemoryView_FromObject(PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyWeakref_NewRef(PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION struct PyModuleDef *PyModule_GetDef(PyObject *);
PYSHIM_CORE_FUNCTION void *PyModule_GetState(PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyObject_GetAttr(PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION int PyObject_SetAttr(PyObject *, PyObject *, PyObject *);
PYSHIM_CORE_FUNCTION int PyObject_SetAttrString(PyObject *, const char *, PyObject *);
PYSHIM_CORE_FUNCTION int PyErr_ExceptionMatches(PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyTuple_Pack(Py_ssize_t, ...);
PYSHIM_CORE_FUNCTION Py_ssize_t PyTuple_Size(PyObject *);
PYSHIM_CORE_FUNCTION PyObject *PyTuple_GetItem(PyObject *, Py_ssize_t);
PYSHIM_CORE_FUNCTION unsigned long PyType_GetFlags(struct _typeobject *);
PYSHIM_CORE_FUNCTION int PyType_IsSubtype(struct _typeobject *, struct _typeobject *);
PYSHIM_CORE_FUNCTION struct _typeobject PyType_Type;
PYSHIM_CORE_FUNCTION void *PyType_GetSlot(struct _typeobject *, int);

#endif

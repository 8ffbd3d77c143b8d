/* The error indicator. Up to 3.11 it holds what was given to it, and instances are made late;
   from 3.12 on it always holds an instance. */
#include "standin.h"
#include <stdio.h>  /* stderr */
#include <stdlib.h> /* abort */

void _Py_FatalErrorFunc(const char *function, const char *text)
{
    fflush(stdout);
    fprintf(stderr, "Fatal Python error: %s: %s\n", function, text);
    fflush(stderr);
    abort();
}

void Py_FatalError(const char *text)
{
    fflush(stdout);
    fprintf(stderr, "Fatal Python error: %s\n", text);
    fflush(stderr);
    abort();
}

bool standin_is_exception_class(PyObject *op)
{
    return (op->ob_type->tp_flags & TPFLAGS_TYPE) &&
           (((PyTypeObject *)op)->tp_flags & TPFLAGS_EXCEPTION);
}

static bool is_exception(PyObject *op)
{
    return op->ob_type->tp_flags & TPFLAGS_EXCEPTION;
}

void PyErr_NormalizeException(PyObject **type, PyObject **value, UNUSED PyObject **traceback)
{
    if (*type == NULL || !standin_is_exception_class(*type)) {
        return;
    }
    PyObject *made = NULL;
    if (*value != NULL && PyType_IsSubtype((*value)->ob_type, (PyTypeObject *)*type)) {
        made = standin_new_ref(*value);
    } else if (*value == NULL || *value == &_Py_NoneStruct) {
        made = PyObject_CallObject(*type, NULL);
    } else if ((*value)->ob_type->tp_flags & TPFLAGS_TUPLE) {
        made = PyObject_CallObject(*type, *value);
    } else {
        PyObject *args = PyTuple_Pack(1, *value);
        made = args == NULL ? NULL : PyObject_CallObject(*type, args);
        Py_DecRef(args);
    }
    if (made == NULL) {
        _Py_FatalErrorFunc("PyErr_NormalizeException", "no exception can be made");
    }
    Py_DecRef(*value);
    *value = made;
    PyObject *exact = standin_new_ref((PyObject *)made->ob_type);
    Py_DecRef(*type);
    *type = exact;
}

void PyErr_Restore(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyThreadState *tstate = standin_current("PyErr_Restore");
    PyObject *old_type = tstate->error_type, *old_value = tstate->error_value;
    PyObject *old_traceback = tstate->error_traceback;
    tstate->error_type = tstate->error_value = tstate->error_traceback = NULL;
    Py_DecRef(old_type);
    Py_DecRef(old_value);
    Py_DecRef(old_traceback);
    if (standin.minor >= 12) {
        PyErr_NormalizeException(&type, &value, &traceback);
    }
    tstate->error_type = type;
    tstate->error_value = value;
    tstate->error_traceback = traceback;
}

void PyErr_Fetch(PyObject **type, PyObject **value, PyObject **traceback)
{
    PyThreadState *tstate = standin_current("PyErr_Fetch");
    *type = tstate->error_type;
    *value = tstate->error_value;
    *traceback = tstate->error_traceback;
    tstate->error_type = tstate->error_value = tstate->error_traceback = NULL;
}

void PyErr_Clear(void)
{
    PyErr_Restore(NULL, NULL, NULL);
}
PyObject *PyErr_Occurred(void)
{
    return standin_current("PyErr_Occurred")->error_type;
}

PyObject *PyErr_GetRaisedException(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Py_DecRef(type);
    Py_DecRef(traceback);
    return value;
}

void PyErr_SetRaisedException(PyObject *exc)
{
    PyErr_Restore(exc == NULL ? NULL : standin_new_ref((PyObject *)exc->ob_type), exc, NULL);
}

void PyErr_SetObject(PyObject *type, PyObject *value)
{
    if (type != NULL && !standin_is_exception_class(type)) {
        PyErr_Format(PyExc_SystemError, "exception %R not a BaseException subclass", type);
        return;
    }
    Py_IncRef(type);
    Py_IncRef(value);
    PyErr_Restore(type, value, NULL);
}

void PyErr_SetNone(PyObject *type)
{
    PyErr_SetObject(type, NULL);
}

void PyErr_SetString(PyObject *type, const char *text)
{
    PyObject *value = PyUnicode_FromString(text);
    PyErr_SetObject(type, value);
    Py_DecRef(value);
}

PyObject *PyErr_FormatV(PyObject *type, const char *format, va_list args)
{
    PyErr_Clear();
    PyObject *text = PyUnicode_FromFormatV(format, args);
    PyErr_SetObject(type, text);
    Py_DecRef(text);
    return NULL;
}

PyObject *PyErr_Format(PyObject *type, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyErr_FormatV(type, format, args);
    va_end(args);
    return NULL;
}

PyObject *PyErr_NoMemory(void)
{
    PyErr_SetNone(PyExc_MemoryError);
    return NULL;
}

void _PyErr_BadInternalCall(const char *file, int line)
{
    PyErr_Format(PyExc_SystemError, "%s:%d: bad argument to internal function", file, line);
}
void PyErr_BadInternalCall(void)
{
    PyErr_SetString(PyExc_SystemError, "bad argument to internal function");
}
int PyErr_BadArgument(void)
{
    PyErr_SetString(PyExc_TypeError, "bad argument type for built-in operation");
    return 0;
}

PyObject *PyErr_SetImportError(PyObject *text, UNUSED PyObject *name, UNUSED PyObject *path)
{
    PyErr_SetObject(PyExc_ImportError, text);
    return NULL;
}

int PyErr_GivenExceptionMatches(PyObject *err, PyObject *exc)
{
    if (err == NULL || exc == NULL) {
        return 0;
    }
    if (exc->ob_type->tp_flags & TPFLAGS_TUPLE) {
        for (Py_ssize_t i = 0; i < PyTuple_Size(exc); i++) {
            if (PyErr_GivenExceptionMatches(err, PyTuple_GetItem(exc, i))) {
                return 1;
            }
        }
        return 0;
    }
    PyObject *type = is_exception(err) ? (PyObject *)err->ob_type : err;
    if (standin_is_exception_class(type) && standin_is_exception_class(exc)) {
        return PyType_IsSubtype((PyTypeObject *)type, (PyTypeObject *)exc);
    }
    return type == exc;
}

int PyErr_ExceptionMatches(PyObject *type)
{
    return PyErr_GivenExceptionMatches(PyErr_Occurred(), type);
}

/* Warnings are shown, every time, and never become errors. */
int standin_n_warnings;
int PyErr_WarnEx(PyObject *category, const char *text, UNUSED Py_ssize_t level)
{
    standin_n_warnings++;
    PyTypeObject *type = (PyTypeObject *)(category != NULL ? category : PyExc_RuntimeWarning);
    fflush(stdout);
    fprintf(stderr, "standin: %s: %s\n", type->tp_name, text);
    return 0;
}

int PyErr_WarnFormat(PyObject *category, Py_ssize_t level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *text = PyUnicode_FromFormatV(format, args);
    va_end(args);
    if (text == NULL) {
        return -1;
    }
    int result = PyErr_WarnEx(category, PyUnicode_AsUTF8(text), level);
    Py_DecRef(text);
    return result;
}

static void show_and_clear(const char *before)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *text = value == NULL ? NULL : PyObject_Str(value);
    fflush(stdout);
    fprintf(stderr, "%s%s: %s\n", before,
            type == NULL ? "no exception" : ((PyTypeObject *)type)->tp_name,
            text == NULL ? "" : PyUnicode_AsUTF8(text));
    Py_DecRef(text);
    Py_DecRef(type);
    Py_DecRef(value);
    Py_DecRef(traceback);
}

void PyErr_PrintEx(UNUSED int set_sys_last)
{
    show_and_clear("");
}
void PyErr_Print(void)
{
    show_and_clear("");
}
void PyErr_WriteUnraisable(UNUSED PyObject *where)
{
    show_and_clear("Exception ignored: ");
}

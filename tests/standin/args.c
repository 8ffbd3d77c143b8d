/* PyArg_ParseTuple and Py_BuildValue, with the codes that test extensions use. */
#include "standin.h"
#include <string.h> /* strchr */

/* One argument; gives how many characters of the format it took, or -1 with an exception. */
static int parse_one(const char *format, PyObject *op, va_list *out)
{
    switch (*format) {
    case 'O':
        if (format[1] == '!') {
            PyTypeObject *type = va_arg(*out, PyTypeObject *);
            *va_arg(*out, PyObject **) = op;
            if (op != NULL && !PyType_IsSubtype(op->ob_type, type)) {
                PyErr_Format(PyExc_TypeError, "argument must be %s, not %s", type->tp_name,
                             op->ob_type->tp_name);
                return -1;
            }
            return 2;
        }
        *va_arg(*out, PyObject **) = op;
        return 1;
    case 's':
        return (*va_arg(*out, const char **) = PyUnicode_AsUTF8(op)) == NULL ? -1 : 1;
    case 'i':
        *va_arg(*out, int *) = (int)PyLong_AsLong(op);
        return PyErr_Occurred() != NULL ? -1 : 1;
    case 'k':
    case 'l':
    case 'n':
    case 'L':
    case 'K':
        *va_arg(*out, long *) = PyLong_AsLong(op);
        return PyErr_Occurred() != NULL ? -1 : 1;
    default:
        PyErr_Format(PyExc_SystemError, "the stand-in does not know the argument code '%c'",
                     *format);
        return -1;
    }
}

int PyArg_VaParse(PyObject *args, const char *format, va_list given)
{
    va_list out;
    va_copy(out, given);
    Py_ssize_t n = PyTuple_Size(args), i = 0;
    bool optional = false;
    while (*format != '\0' && *format != ':' && *format != ';') {
        if (*format == '|') {
            optional = true;
            format++;
            continue;
        }
        if (i == n) {
            break;
        }
        int taken = parse_one(format, PyTuple_GetItem(args, i++), &out);
        if (taken < 0) {
            va_end(out);
            return 0;
        }
        format += taken;
    }
    va_end(out);
    bool missing = !optional && *format != '\0' && strchr(":;|", *format) == NULL;
    if (missing || i < n) {
        PyErr_Format(PyExc_TypeError, "wrong number of arguments (%zd given)", n);
        return 0;
    }
    return 1;
}
int PyArg_ParseTuple(PyObject *args, const char *format, ...)
{
    va_list out;
    va_start(out, format);
    int result = PyArg_VaParse(args, format, out);
    va_end(out);
    return result;
}
/* What PyArg_ParseTuple is under PY_SSIZE_T_CLEAN before 3.13. */
int _PyArg_ParseTuple_SizeT(PyObject *args, const char *format, ...)
{
    va_list out;
    va_start(out, format);
    int result = PyArg_VaParse(args, format, out);
    va_end(out);
    return result;
}

static PyObject *build_one(const char **format, va_list *args);

static PyObject *build_tuple(const char **format, char end, va_list *args)
{
    PyObject *list = PyList_New(0);
    while (**format != end && **format != '\0') {
        PyObject *item = build_one(format, args);
        if (item == NULL) {
            Py_DecRef(list);
            return NULL;
        }
        PyList_Append(list, item);
        Py_DecRef(item);
    }
    *format += **format != '\0';
    PyObject *tuple = PyList_AsTuple(list);
    Py_DecRef(list);
    return tuple;
}

static PyObject *build_one(const char **format, va_list *args)
{
    char code = *(*format)++;
    switch (code) {
    case '(':
        return build_tuple(format, ')', args);
    case ',':
    case ' ':
        return build_one(format, args);
    case 'O':
    case 'S':
        return standin_new_ref(va_arg(*args, PyObject *));
    case 'N':
        return va_arg(*args, PyObject *);
    case 'i':
        return PyLong_FromLong(va_arg(*args, int));
    case 'I':
        return PyLong_FromUnsignedLong(va_arg(*args, unsigned));
    case 'l':
    case 'n':
    case 'L':
        return PyLong_FromLong(va_arg(*args, long));
    case 'k':
    case 'K':
        return PyLong_FromUnsignedLong(va_arg(*args, unsigned long));
    case 's':
    case 'z': {
        const char *text = va_arg(*args, const char *);
        return text != NULL ? PyUnicode_FromString(text) : standin_none();
    }
    default:
        return PyErr_Format(PyExc_SystemError, "the stand-in does not know the value code '%c'",
                            code);
    }
}

PyObject *Py_VaBuildValue(const char *format, va_list given)
{
    va_list args;
    va_copy(args, given);
    PyObject *tuple = build_tuple(&format, '\0', &args), *made = tuple;
    va_end(args);
    if (tuple != NULL && PyTuple_Size(tuple) < 2) {
        made =
            PyTuple_Size(tuple) == 0 ? standin_none() : standin_new_ref(PyTuple_GetItem(tuple, 0));
        Py_DecRef(tuple);
    }
    return made;
}
PyObject *Py_BuildValue(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *made = Py_VaBuildValue(format, args);
    va_end(args);
    return made;
}
PyObject *_Py_BuildValue_SizeT(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *made = Py_VaBuildValue(format, args);
    va_end(args);
    return made;
}

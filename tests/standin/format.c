/* PyUnicode_FromFormat and the growing text below it. */
#include "standin.h"
#include <stdio.h>  /* snprintf */
#include <stdlib.h> /* realloc */
#include <string.h> /* memcpy */

void standin_text_add(struct standin_text *text, const char *data, size_t n)
{
    if (text->n + n + 1 > text->capacity) {
        text->capacity = (text->n + n + 1) * 2;
        text->data = realloc(text->data, text->capacity);
        if (text->data == NULL) {
            _Py_FatalErrorFunc("standin_text_add", "out of memory");
        }
    }
    memcpy(text->data + text->n, data, n);
    text->n += n;
}

void standin_text_adds(struct standin_text *text, const char *data)
{
    standin_text_add(text, data, strlen(data));
}

PyObject *standin_text_finish(struct standin_text *text)
{
    PyObject *made = PyUnicode_FromStringAndSize(text->data, (Py_ssize_t)text->n);
    free(text->data);
    return made;
}

/* Takes the reference to shown; -1 after an error, which may be that there is none. */
static int add_object(struct standin_text *text, PyObject *shown)
{
    Py_ssize_t n;
    const char *data = shown == NULL ? NULL : PyUnicode_AsUTF8AndSize(shown, &n);
    if (data != NULL) {
        standin_text_add(text, data, (size_t)n);
    }
    Py_DecRef(shown);
    return data != NULL ? 0 : -1;
}

int standin_text_repr(struct standin_text *text, PyObject *op)
{
    return add_object(text, PyObject_Repr(op));
}

struct conversion {
    char flags[8];
    int width, precision; /* -1 where none is given */
    char length[3];
    char kind;
};

/* Reads what follows a `%`. */
static const char *parse(struct conversion *out, const char *p)
{
    size_t n = 0;
    memset(out, 0, sizeof(*out));
    out->width = out->precision = -1;
    while (*p != '\0' && strchr("-0# +", *p) != NULL && n < sizeof(out->flags) - 1) {
        out->flags[n++] = *p++;
    }
    if (*p >= '0' && *p <= '9') {
        out->width = (int)strtol(p, (char **)&p, 10);
    }
    if (*p == '.') {
        out->precision = (int)strtol(p + 1, (char **)&p, 10);
    }
    for (n = 0; *p != '\0' && strchr("lztj", *p) != NULL && n < sizeof(out->length) - 1;) {
        out->length[n++] = *p++;
    }
    out->kind = *p;
    return *p != '\0' ? p + 1 : p;
}

/* The number through the C library, with the conversion spelled out again for 64 bits. */
static void add_number(struct standin_text *text, const struct conversion *c, long long value)
{
    char format[64], shown[400], width[16] = "", precision[16] = "";
    if (c->width >= 0) {
        snprintf(width, sizeof(width), "%d", c->width);
    }
    if (c->precision >= 0) {
        snprintf(precision, sizeof(precision), ".%d", c->precision);
    }
    snprintf(format, sizeof(format), "%%%s%s%sll%c", c->flags, width, precision, c->kind);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(shown, sizeof(shown), format, value);
#pragma GCC diagnostic pop
    standin_text_adds(text, shown);
}

static void add_string(struct standin_text *text, const struct conversion *c, const char *data)
{
    size_t n = c->precision >= 0 ? strnlen(data, (size_t)c->precision) : strlen(data);
    for (size_t i = n; c->width > 0 && i < (size_t)c->width; i++) {
        standin_text_adds(text, " ");
    }
    standin_text_add(text, data, n);
}

PyObject *PyUnicode_FromFormatV(const char *format, va_list given)
{
    struct standin_text text = {0};
    va_list args;
    va_copy(args, given);
    int status = 0;
    standin_text_add(&text, "", 0);
    while (*format != '\0' && status == 0) {
        size_t n = strcspn(format, "%");
        standin_text_add(&text, format, n);
        format += n;
        if (*format == '\0') {
            break;
        }
        struct conversion c;
        format = parse(&c, format + 1);
        bool wide = c.length[0] != '\0';
        switch (c.kind) {
        case '%':
            standin_text_adds(&text, "%");
            break;
        case 'c': {
            char byte = (char)va_arg(args, int);
            standin_text_add(&text, &byte, 1);
            break;
        }
        case 'd':
        case 'i':
            add_number(&text, &c, wide ? va_arg(args, long long) : va_arg(args, int));
            break;
        case 'u':
        case 'o':
        case 'x':
        case 'X':
            add_number(&text, &c, wide ? va_arg(args, long long) : va_arg(args, unsigned));
            break;
        case 'p': {
            char shown[32];
            snprintf(shown, sizeof(shown), "0x%llx", (unsigned long long)va_arg(args, uintptr_t));
            standin_text_adds(&text, shown);
            break;
        }
        case 's':
            add_string(&text, &c, va_arg(args, const char *));
            break;
        case 'U':
            status = add_object(&text, standin_new_ref(va_arg(args, PyObject *)));
            break;
        case 'V': {
            PyObject *op = va_arg(args, PyObject *);
            const char *otherwise = va_arg(args, const char *);
            add_string(&text, &c, op != NULL ? PyUnicode_AsUTF8(op) : otherwise);
            break;
        }
        case 'S':
            status = add_object(&text, PyObject_Str(va_arg(args, PyObject *)));
            break;
        case 'R':
        case 'A':
            status = add_object(&text, PyObject_Repr(va_arg(args, PyObject *)));
            break;
        case 'T': /* since 3.13 */
            standin_text_adds(&text, va_arg(args, PyObject *)->ob_type->tp_name);
            break;
        default:
            PyErr_Format(PyExc_SystemError, "invalid format string: %s", format);
            status = -1;
        }
    }
    va_end(args);
    if (status < 0) {
        free(text.data);
        return NULL;
    }
    return standin_text_finish(&text);
}

PyObject *PyUnicode_FromFormat(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *made = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return made;
}

int PyOS_snprintf(char *out, size_t n, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int result = vsnprintf(out, n, format, args);
    va_end(args);
    return result;
}

/* PyABIInfo_Check: what a 3.15 says of an extension that tells what it was built for. */
#include "standin.h"

enum { STABLE = 1, FOR_GIL = 2, FOR_FT = 4, INTERNAL = 8 };

static int refuse(const char *module, const char *format, unsigned long version)
{
    PyObject *why = PyUnicode_FromFormat(format, version >> 24, version >> 16 & 0xff);
    PyErr_Format(PyExc_ImportError, "%s%s%U", module != NULL ? module : "",
                 module != NULL ? ": " : "", why);
    Py_DecRef(why);
    return -1;
}

int PyABIInfo_Check(PyABIInfo *info, const char *module)
{
    if (info == NULL) {
        return refuse(module, "NULL PyABIInfo", 0);
    }
    if (info->abiinfo_major_version == 0) {
        return 0;
    }
    if (info->abiinfo_major_version > 1) {
        return refuse(module, "PyABIInfo version too high", 0);
    }
    unsigned long running = (3UL << 24) | ((unsigned long)standin.minor << 16);
    unsigned long wanted = info->abi_version;
    bool same_minor = wanted >> 16 == running >> 16;
    if (info->flags & INTERNAL) {
        if (wanted != (running | 0xf0)) {
            PyErr_Format(PyExc_ImportError, "%s: incompatible internal ABI (0x%lx != 0x%lx)",
                         module != NULL ? module : "", wanted, running | 0xf0);
            return -1;
        }
        if (info->flags & STABLE) {
            return refuse(module, "cannot use both internal and stable ABI", 0);
        }
    }
    if (wanted != 0 && (info->flags & STABLE)) {
        if (wanted < 0x03020000) {
            return refuse(module, "invalid stable ABI version (%lu.%lu)", wanted);
        }
        if (wanted >> 16 > running >> 16) {
            return refuse(module, "incompatible future stable ABI version (%lu.%lu)", wanted);
        }
    } else if (wanted != 0 && !same_minor) {
        return refuse(module, "incompatible ABI version (%lu.%lu)", wanted);
    }
    int threading = info->flags & (FOR_GIL | FOR_FT);
#ifdef STANDIN_FT
    if (threading == FOR_GIL) {
        return refuse(module, "incompatible with free-threaded CPython", 0);
    }
#else
    if (threading == FOR_FT) {
        return refuse(module, "only compatible with free-threaded CPython", 0);
    }
#endif
    return 0;
}

/* SPDX-License-Identifier: 0BSD */
/* Why initialisation failed: as a report, and as the text of an exception. */

#include <stdio.h> /* snprintf */

/* Fills in a report and returns -1. */
static int pyshim_core_fail(pyshim_report *report, int status, uint64_t found, uint64_t expected,
                            const char *subject)
{
    report->status = status;
    report->found = found;
    report->expected = expected;
    report->subject = subject;
    return -1;
}

/* Major and minor of a PY_VERSION_HEX >> 16. */
#define PYSHIM_CORE_MAJOR(version) ((unsigned)((version) >> 8))
#define PYSHIM_CORE_MINOR(version) ((unsigned)((version)&0xFF))

/* Long enough for any name of an ABI. */
#define PYSHIM_CORE_ABI_ROOM 40

/* The tags of what was compiled, as wheels have them. */
static const char *pyshim_core_compiled_abi(const pyshim_build *build, char *room)
{
    const int full = (build->flags & PYSHIM_BUILD_FLAGS_FULL_API) != 0;
    const unsigned version = (unsigned)((full ? build->python : build->limited) >> 16);
    const char *abi = build->flags & PYSHIM_BUILD_FLAGS_UNIVERSAL ? "-abi3.abi3t"
                      : build->flags & PYSHIM_BUILD_FLAGS_OPAQUE  ? "-abi3t"
                                                                  : "-abi3";
    if (full) {
        abi = build->flags & PYSHIM_BUILD_FLAGS_FREE_THREADED ? "t" : "";
    }
    snprintf(room, PYSHIM_CORE_ABI_ROOM, "cp%u%u%s", PYSHIM_CORE_MAJOR(version),
             PYSHIM_CORE_MINOR(version), abi);
    return room;
}

/* The same of the running CPython. */
static const char *pyshim_core_running_abi(char *room)
{
    const pyshim_core_facts *facts = &pyshim_core_get()->facts;
    snprintf(room, PYSHIM_CORE_ABI_ROOM, "cp%u%u%s", PYSHIM_CORE_MAJOR(facts->version),
             PYSHIM_CORE_MINOR(facts->version), facts->build == PYSHIM_RUNTIME_FT ? "t" : "");
    return room;
}

/* Raises what a report says of a build. Each case gives both values. */
static void pyshim_core_raise(const pyshim_report *report, const pyshim_build *build)
{
    char compiled[PYSHIM_CORE_ABI_ROOM], running[PYSHIM_CORE_ABI_ROOM];
    char file[PYSHIM_CORE_FILE_ROOM];
    unsigned found = (unsigned)report->found;
    unsigned expected = (unsigned)report->expected;
    switch (report->status) {
    case PYSHIM_LOAD_PYTHON:
        break; /* raised already */
    case PYSHIM_LOAD_HEADER:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: the headers have table %x and the C core has table %x; compile both "
                     "from one release",
                     found, expected);
        break;
    case PYSHIM_LOAD_STRUCT:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: %s has %u bytes in the headers and %u in the C core; compile both "
                     "from one release and with the same options",
                     report->subject, found, expected);
        break;
    case PYSHIM_LOAD_POINTER:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: pointers have %u bytes in the headers and %u in the C core", found,
                     expected);
        break;
    case PYSHIM_LOAD_BUILD:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: this module was compiled for %s CPython and is loaded by a %s one: %s is "
                     "%s, and the interpreter is %s",
                     expected == PYSHIM_RUNTIME_FT ? "free-threaded" : "GIL-enabled",
                     found == PYSHIM_RUNTIME_FT ? "free-threaded" : "GIL-enabled",
                     pyshim_core_own_file(file), pyshim_core_compiled_abi(build, compiled),
                     pyshim_core_running_abi(running));
        break;
    case PYSHIM_LOAD_VERSION:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: this module was compiled for CPython %u.%u%s and is loaded by %u.%u: %s "
                     "is %s, and the interpreter is %s",
                     PYSHIM_CORE_MAJOR(expected), PYSHIM_CORE_MINOR(expected), report->subject,
                     PYSHIM_CORE_MAJOR(found), PYSHIM_CORE_MINOR(found),
                     pyshim_core_own_file(file), pyshim_core_compiled_abi(build, compiled),
                     pyshim_core_running_abi(running));
        break;
    case PYSHIM_LOAD_VERSION_LIES:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: sys.hexversion is %x and Py_Version is %x; this CPython cannot be "
                     "trusted",
                     found, expected);
        break;
    case PYSHIM_LOAD_BUILD_LIES:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: objects have heads of %u bytes, and %s speaks for heads of %u; this "
                     "CPython cannot be trusted",
                     found, report->subject, expected);
        break;
    case PYSHIM_LOAD_SECTION:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: %s of the running CPython writes %u words and the storage has %u; "
                     "this module needs a newer pyshim",
                     report->subject, found, expected);
        break;
    case PYSHIM_LOAD_MISSING:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: %s cannot be had on CPython %u.%u%s, and this module needs it; the "
                     "newest CPython that this pyshim knows is %u.%u",
                     report->subject, PYSHIM_CORE_MAJOR(found & 0xFFFF),
                     PYSHIM_CORE_MINOR(found & 0xFFFF), found & PYSHIM_REPORT_FT ? "t" : "",
                     PYSHIM_CORE_MAJOR(expected), PYSHIM_CORE_MINOR(expected));
        break;
    case PYSHIM_LOAD_OBJECT:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: objects have heads of %u bytes, and no CPython known here has them; "
                     "GIL-enabled ones have heads of %u",
                     found, expected);
        break;
    case PYSHIM_LOAD_UNPROTECTED:
        PyErr_Format(PyExc_ImportError,
                     "pyshim: this module relies on critical sections, which do nothing here, and "
                     "PYTHON_GIL=0 or -X gil=0 keeps the GIL off, which would do their work");
        break;
    default:
        PyErr_NoMemory();
        break;
    }
}

static void pyshim_core_raise_not_exported(const char *name)
{
    PyErr_Format(PyExc_RuntimeError,
                 "pyshim: this CPython does not export %s, without which there are no views", name);
}

static int pyshim_core_once_refuse(void)
{
    pyshim_core_pending earlier;
    pyshim_core_set_aside(&earlier);
    PyErr_Format(PyExc_RuntimeError,
                 "pyshim: this thread is initialising something, and asks for it meanwhile");
    return pyshim_core_settle(&earlier);
}

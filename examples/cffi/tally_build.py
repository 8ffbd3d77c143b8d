"""What cffi compiles: a number with a lock. cffi lets go of the GIL around every call, so the lock is
what keeps threads apart, on every CPython."""

import os

import pyshim
from cffi import FFI

# Without one of these, cffi's own choice is the limited API of no version, which pyshim refuses.
MACROS = {
    "abi3": ("Py_LIMITED_API", "0x03080000"),
    "abi3t": ("Py_TARGET_ABI3T", "0x030F0000"),
    "": ("_CFFI_NO_LIMITED_API", None),
}
abi = os.environ.get("TALLY_ABI", "")

TALLY = """
typedef struct {
    pyshim_mutex lock;
    long long total;
} tally;
"""

ffibuilder = FFI()
ffibuilder.cdef(pyshim.get_cffi_cdef() + TALLY + "long long tally_add(tally *t, long long number);")
ffibuilder.set_source(
    "_tally",
    '#include "pyshim.h"'
    + TALLY
    + """
static long long tally_add(tally *t, long long number)
{
    long long total;
    pyshim_mutex_lock(&t->lock);
    t->total += number;
    total = t->total;
    pyshim_mutex_unlock(&t->lock);
    return total;
}
""",
    sources=["core.c"],
    include_dirs=[pyshim.get_include()],
    define_macros=[MACROS[abi]],
    py_limited_api=bool(abi),
)

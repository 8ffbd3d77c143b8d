"""Rewrites Debian's sysconfig data for the interpreter that runs this, under another prefix.

Arguments: Debian's `_sysconfigdata_*.py`, the prefix, the folder to write into, the folder with
pip's wheel.
"""

import _imp
import json
import os
import pprint
import re
import sys

debian, prefix, folder, wheels = sys.argv[1:]
multiarch = sys.implementation._multiarch
short = "%d.%d" % sys.version_info[:2]
long = short + sys.abiflags
suffix = _imp.extension_suffixes()[0]

with open(debian, encoding="utf-8") as file:
    namespace = {}
    exec(file.read(), namespace)
values = namespace["build_time_vars"]

# Longest first, because the short ones are the beginning of the long ones.
config = "python%s/config-%s-" + multiarch
MOVES = [
    ("/usr/lib/" + config % (short, short), "lib/" + config % (long, long)),
    ("/usr/lib/python%s" % short, "lib/python%s" % long),
    ("/usr/lib/%s" % multiarch, "lib"),
    ("/usr/include/python%s" % short, "include/python%s" % long),
    ("/usr/bin/python%s" % short, "bin/python%s" % long),
]
PLACES = """
    BINDIR BINLIBDEST CONFINCLUDEDIR CONFINCLUDEPY DESTDIRS DESTLIB DESTSHARED EXENAME
    INCLDIRSTOMAKE INCLUDEDIR INCLUDEPY LIBDEST LIBDIR LIBPC LIBPL MACHDESTLIB MANDIR SCRIPTDIR
    datarootdir exec_prefix host_exec_prefix host_prefix prefix
""".split()


def move(path):
    for old, new in MOVES:
        if path == old or path.startswith(old + "/"):
            return os.path.join(prefix, new) + path[len(old):]
    return re.sub("^/usr(?=/|$)", lambda _: prefix, path)


for name in PLACES:
    if isinstance(values.get(name), str):
        values[name] = " ".join(map(move, values[name].split(" ")))

# The machine's own compiler goes by its plain name.
for name, value in values.items():
    if isinstance(value, str):
        values[name] = value.replace(multiarch + "-g", "g")

archive = "libpython%s.a" % long
values.update(
    ABIFLAGS=sys.abiflags,
    BLDLIBRARY=archive,
    EXT_SUFFIX=suffix,
    INSTSONAME=archive,
    LDLIBRARY=archive,
    LDVERSION=long,
    LIBRARY=archive,
    PY3LIBRARY="",
    Py_DEBUG=0,
    Py_ENABLE_SHARED=0,
    Py_GIL_DISABLED=int("t" in sys.abiflags),
    RUNSHARED="",
    SOABI=suffix[1:].removesuffix(".so"),
    VERSION=short,
    WHEEL_PKG_DIR=wheels,
)

tail = "%s_%s_%s" % (sys.abiflags, sys.platform, multiarch)
with open(os.path.join(folder, "_sysconfigdata_%s.py" % tail), "w", encoding="utf-8") as file:
    file.write("build_time_vars = ")
    pprint.pprint(values, stream=file)
with open(os.path.join(folder, "_sysconfig_vars_%s.json" % tail), "w", encoding="utf-8") as file:
    json.dump(values, file, indent=2)

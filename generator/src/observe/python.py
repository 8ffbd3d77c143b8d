"""Run by an interpreter that is observed: prints what it is, as one line of JSON."""

import sys

if sys.version_info < (3, 8):
    sys.exit("this is Python %d.%d, and 3.8 or newer is needed" % sys.version_info[:2])
if sys.implementation.name != "cpython":
    sys.exit("this is %s, and CPython is needed" % sys.implementation.name)

import importlib.machinery
import json
import os
import re
import struct
import sysconfig

include = sysconfig.get_path("include")
multiarch = getattr(sys.implementation, "_multiarch", "")
folders = [
    include,
    sysconfig.get_path("platinclude"),
    os.path.dirname(sysconfig.get_config_h_filename()),
    # Debian's pyconfig.h only includes the one that is there.
    os.path.join(os.path.dirname(include), multiarch, os.path.basename(include)),
]
headers, version = [], ""
if os.path.exists(os.path.join(include, "Python.h")):
    for folder in folders:
        configured = os.path.exists(os.path.join(folder, "pyconfig.h"))
        if folder not in headers and (folder == include or configured):
            headers.append(folder)
    if not any(os.path.exists(os.path.join(folder, "pyconfig.h")) for folder in headers):
        headers = []
if headers:
    with open(os.path.join(include, "patchlevel.h"), encoding="utf-8") as file:
        found = re.search(r'define\s+PY_VERSION\s+"([^"]+)"', file.read())
        version = found.group(1) if found else ""


def library():
    """The file in which the C API is, as the loader has it."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            for line in maps:
                path = line.split(None, 5)[-1].strip()
                if re.match(r"libpython\d\.\d+[a-z]*\.(so|dylib)", os.path.basename(path)):
                    return path
    except OSError:
        pass
    if os.name == "nt":
        return os.path.join(sys.base_prefix, "python%d%d.dll" % sys.version_info[:2])
    for name in "INSTSONAME", "LDLIBRARY":
        folder, file = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var(name)
        if sysconfig.get_config_var("Py_ENABLE_SHARED") and folder and file:
            path = os.path.join(folder, file)
            if os.path.exists(path):
                return path
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def platform():
    """As pip has it: a process of 32 bits may be told the processor of its kernel."""
    told = sysconfig.get_platform()
    if struct.calcsize("P") == 4:
        return {"linux-x86_64": "linux-i686", "linux-aarch64": "linux-armv8l"}.get(told, told)
    return told


print(
    json.dumps(
        {
            "hex": sys.hexversion,
            "free_threaded": "free-threading" in sys.version,
            "debug": hasattr(sys, "gettotalrefcount"),
            "pointer": struct.calcsize("P"),
            "platform": platform(),
            "musl": "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or ""),
            "executable": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
            "library": library(),
            "include_dirs": headers,
            "header_version": version,
            "ext_suffixes": importlib.machinery.EXTENSION_SUFFIXES,
        }
    )
)

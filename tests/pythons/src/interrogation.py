"""Run by each interpreter that may be used: prints what it is, as one line of JSON."""

import os
import sys

if sys.version_info < (3, 8):
    sys.exit("this is Python %d.%d, and 3.8 or newer is needed" % sys.version_info[:2])
if sys.implementation.name != "cpython":
    sys.exit("this is %s, and CPython is needed" % sys.implementation.name)

import importlib.machinery
import json
import re
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
        version = re.search(r'define\s+PY_VERSION\s+"([^"]+)"', file.read()).group(1)

print(
    json.dumps(
        {
            "hex": sys.hexversion,
            "free_threaded": "free-threading" in sys.version,
            "debug": hasattr(sys, "gettotalrefcount"),
            "executable": getattr(sys, "_base_executable", None) or sys.executable,
            "include_dirs": headers,
            "header_version": version,
            "ext_suffixes": importlib.machinery.EXTENSION_SUFFIXES,
        }
    )
)

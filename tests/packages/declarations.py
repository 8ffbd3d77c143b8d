"""Writes `every.pyx`, a module that uses all that `pyshim/__init__.pxd` declares, and says how much that is."""

import re
import sys
from pathlib import Path

text = Path(sys.argv[1], "__init__.pxd").read_text(encoding="utf-8")
functions = re.findall(r"^    \w.*?(pyshim_\w+)\(", text, re.MULTILINE)
constants = re.findall(r"^    const \w+ (PYSHIM_\w+)$", text, re.MULTILINE)
structs = {
    name: re.findall(r"(\w+)$", fields, re.MULTILINE)
    for name, fields in re.findall(r"^    ctypedef struct (\w+):\n((?:        .+\n)+)", text, re.MULTILINE)
}
sizes = [f"sizeof(self.a_{name}.{field})" for name, fields in structs.items() for field in fields]

lines = ["# cython: language_level=3", "from pyshim cimport *", "cdef class Every:"]
lines += [f"    cdef {name} a_{name}" for name in structs]
lines += ["    def fields(self):", f"        return [{', '.join(sizes)}]"]
lines += ["def constants():", f"    return [{', '.join(constants)}]"]
lines += ["def functions():", "    cdef const void *function", "    found = []"]
for name in functions:
    lines += [f"    function = <const void *>{name}", "    found.append(function != NULL)"]
lines += ["    return found"]
Path("every.pyx").write_text("\n".join(lines) + "\n", encoding="utf-8")

assert functions and constants and sizes, "the .pxd is not read as it is written"
print(len(functions), len(constants), len(sizes))

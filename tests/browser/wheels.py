"""Wheels for the pages that the browser looks at: good ones, one that breaks its promise, and one whose name is markup."""

import subprocess
import sys
import zipfile
from pathlib import Path

GOOD = "extern void *PyList_New(void);\nvoid *PyInit_demo(void) { return PyList_New(); }\n"
# One name is no part of the stable ABI, the other joined it later than the tag says.
BROKEN = (
    "extern void *PyUnicode_New(void), *PyList_GetItemRef(void);\n"
    "void *PyInit_demo(void) { PyUnicode_New(); return PyList_GetItemRef(); }\n"
)
HOSTILE = "<img src=x onerror=alert(1)>&quot;-1.0-cp312-abi3-linux_x86_64.whl"


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    wheels = {f"good{n}-1.0-cp39-abi3-linux_x86_64.whl": GOOD for n in (10, 9, 2)}
    wheels["broken-1.0-cp39-abi3-linux_x86_64.whl"] = BROKEN
    wheels[HOSTILE] = BROKEN
    for name, source in wheels.items():
        module = folder / "demo.abi3.so"
        compiler = ["cc", "-w", "-shared", "-fPIC", "-nostdlib", "-x", "c", "-", "-o", module]
        subprocess.run(compiler, input=source, text=True, check=True)
        with zipfile.ZipFile(folder / name, "w") as wheel:
            wheel.write(module, "demo.abi3.so")
        module.unlink()


main(Path(sys.argv[1]))

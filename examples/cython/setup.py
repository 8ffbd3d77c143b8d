"""`TALLY_ABI=abi3 pip wheel .` makes one wheel for every GIL-enabled CPython from 3.9 on; without it,
the wheel is for the CPython that builds it."""

import os

import pyshim
from Cython.Build import cythonize
from setuptools import Extension, setup

stable = os.environ.get("TALLY_ABI") == "abi3"

setup(
    ext_modules=cythonize(
        Extension(
            "tally",
            sources=["tally.pyx", "core.c"],
            include_dirs=[pyshim.get_include()],
            # What an import must not go without.
            define_macros=[("PYSHIM_NEEDS", "PYSHIM_NEEDS_CRITICAL_SECTION")]
            + ([("Py_LIMITED_API", "0x03090000")] if stable else []),
            py_limited_api=stable,
        )
    ),
    options={"bdist_wheel": {"py_limited_api": "cp39"}} if stable else {},
)

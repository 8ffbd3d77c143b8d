"""`TALLY_ABI=abi3 pip wheel .` makes one wheel for every GIL-enabled CPython from 3.8 on; without it,
the wheel is for the CPython that builds it."""

import os

import pyshim
from setuptools import Extension, setup

stable = os.environ.get("TALLY_ABI") == "abi3"

setup(
    ext_modules=[
        Extension(
            "tally",
            sources=["tally.c", "core.c"],
            include_dirs=[pyshim.get_include()],
            define_macros=[("Py_LIMITED_API", "0x03080000")] if stable else [],
            py_limited_api=stable,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp38"}} if stable else {},
)

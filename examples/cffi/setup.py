"""`TALLY_ABI=abi3 pip wheel .` makes one wheel for every GIL-enabled CPython from 3.8 on, and
`TALLY_ABI=abi3t pip wheel .`, with a free-threaded 3.15, one for both builds from 3.15 on; without it,
the wheel is for the CPython that builds it."""

import os

from setuptools import setup

TAGS = {"abi3": "cp38", "abi3t": "cp315"}
abi = os.environ.get("TALLY_ABI", "")

setup(
    cffi_modules=["tally_build.py:ffibuilder"],
    options={"bdist_wheel": {"py_limited_api": TAGS[abi]}} if abi in TAGS else {},
)

"""`TALLY_ABI=universal pip wheel .`, with 3.15 or 3.15t, makes one wheel for every CPython from 3.8 on, of
either build. `TALLY_ABI=abi3` makes one for those with a GIL, and `TALLY_ABI=abi3t`, with 3.15 or 3.15t,
one for both builds from 3.15 on. Without it, the wheel is for the CPython that builds it."""

import os

from pyshim.setup_helpers import Extension, cmdclass
from setuptools import setup

setup(
    ext_modules=[Extension("tally", ["tally.c"], target=os.environ.get("TALLY_ABI", "version"))],
    cmdclass=cmdclass,
)

# SPDX-License-Identifier: 0BSD
"""For a `setup.py`: extensions with pyshim, for one CPython or for many.

    from pyshim.setup_helpers import Extension, cmdclass
    from setuptools import setup

    setup(
        ext_modules=[Extension("mine", ["mine.c"], target="universal", since="3.9")],
        cmdclass=cmdclass,
    )

The target is one of `pyshim.targets.TARGETS`. Macros, include folder and C core, the suffix of the file
and the tag of the wheel follow from it, also where setuptools has others of its own; and what the headers
of this Python do not have is an error that says what to do.
"""

import os

import setuptools
from setuptools.command.build_ext import build_ext as _build_ext

try:
    from setuptools.command.bdist_wheel import bdist_wheel as _bdist_wheel
except ImportError:  # before 70.1
    from wheel.bdist_wheel import bdist_wheel as _bdist_wheel

import pyshim
from pyshim.targets import Refused, Target

__all__ = ["Extension", "bdist_wheel", "build_ext", "cmdclass"]


class Extension(setuptools.Extension):
    """An extension module with pyshim's headers and C core.

    `target` is what it is built as, and `since` the oldest CPython that is to load it, such as "3.9"; all
    else is as setuptools has it.
    """

    def __init__(self, name, sources, *, target="version", since=None, **others):
        self.target = _target(target, since)
        include = [pyshim.get_include(), *others.pop("include_dirs", [])]
        macros = [*self.target.macros, *others.pop("define_macros", [])]
        super().__init__(name, sources, include_dirs=include, define_macros=macros, **others)


def _target(name, since):
    try:
        return Target(name, since)
    except Refused as refused:
        raise SystemExit(f"pyshim: error: {refused}") from None


def _extensions(command):
    ours = command.distribution.ext_modules or []
    return [one for one in ours if isinstance(one, Extension)]


class build_ext(_build_ext):
    """Compiles the C core into each extension, and gives the file its suffix."""

    def build_extension(self, extension):
        if isinstance(extension, Extension):
            # Compiled as C and with the extension's macros, into a folder of its own.
            objects = self.compiler.compile(
                pyshim.get_sources(),
                output_dir=os.path.join(self.build_temp, "pyshim", extension.name),
                macros=extension.define_macros,
                include_dirs=extension.include_dirs,
                debug=self.debug,
            )
            extension.extra_objects = [*(extension.extra_objects or []), *objects]
        super().build_extension(extension)

    def get_ext_filename(self, name):
        made = super().get_ext_filename(name)
        for one in _extensions(self):
            if name in (one.name, one.name.rpartition(".")[2]):
                return os.path.join(*name.split(".")) + one.target.suffix
        return made


class bdist_wheel(_bdist_wheel):
    """Gives the wheel the tag of its extensions, which are all built as the same."""

    def get_tag(self):
        python, abi, platform = super().get_tag()
        tags = {one.target.tag for one in _extensions(self)}
        if len(tags) > 1:
            named = ", ".join(sorted("-".join(tag) for tag in tags))
            raise SystemExit(f"pyshim: error: a wheel has one tag, and its extensions are for {named}")
        return (*tags.pop(), platform) if tags else (python, abi, platform)


#: What `setup()` is given.
cmdclass = {"build_ext": build_ext, "bdist_wheel": bdist_wheel}

# SPDX-License-Identifier: 0BSD
"""For a `setup.py`: extensions with pyshim, for one CPython or for many.

    from pyshim.setup_helpers import Extension, cmdclass
    from setuptools import setup

    setup(
        ext_modules=[Extension("mine", ["mine.c"], target="universal", since="3.9")],
        cmdclass=cmdclass,
    )

The target is one of `pyshim.targets.TARGETS`. Macros, include folder and C core, the suffix of the file
and the tag of the wheel follow from it, also where setuptools has others of its own. What the headers of
this Python do not have stops the build, and says what to do; a source distribution is made anywhere.
"""

import glob
import importlib.machinery
import os

import setuptools
from setuptools.command.build_ext import build_ext as _build_ext

try:
    from setuptools.command.bdist_wheel import bdist_wheel as _bdist_wheel
except ImportError:  # before 70.1
    from wheel.bdist_wheel import bdist_wheel as _bdist_wheel

import pyshim
from pyshim.targets import TARGETS, Refused, Target

__all__ = ["Extension", "bdist_wheel", "build_ext", "cmdclass", "create_extension"]


class Extension(setuptools.Extension):
    """An extension module with pyshim's headers and C core.

    `target` is what it is built as, and `since` the oldest CPython that is to load it, such as "3.9", as far
    as the target goes back; all else is as setuptools has it.
    """

    def __init__(self, name, sources, *others, target=None, since=None, **named):
        core = pyshim.get_sources()
        if target is None and set(core) & set(named.get("depends") or []):
            raise SystemExit(
                "pyshim: error: cythonize() makes extensions of its own, which forget the target: give it "
                "create_extension=pyshim.setup_helpers.create_extension"
            )
        self.wanted = target or "version"
        self.since = since
        if self.wanted not in TARGETS:
            raise SystemExit(f"pyshim: error: the target is {target!r}, and not one of {', '.join(TARGETS)}")
        if self.since is not None and not isinstance(self.since, str):
            raise SystemExit(f"pyshim: error: since is {since!r}, and it has to be a text such as '3.9'")
        super().__init__(name, sources, *others, **named)
        self.include_dirs = [pyshim.get_include(), *(self.include_dirs or [])]
        self.depends = [*self.depends, *(one for one in core if one not in self.depends)]

    @property
    def target(self):
        """What it is built as with this Python, which may not have it."""
        try:
            return Target.going_back(self.wanted, self.since)
        except Refused as refused:
            raise SystemExit(f"pyshim: error: {refused}") from None

    @property
    def suffix(self):
        """What its file's name ends in; None where that is as setuptools has it, or nothing can be built."""
        try:
            target = Target.going_back(self.wanted, self.since)
        except Refused:
            return None
        return None if target.name == "version" else target.suffix


def create_extension(template, settings):
    """For `cythonize(..., create_extension=create_extension)`: keeps the target."""
    from Cython.Build.Dependencies import default_create_extension

    if isinstance(template, Extension):
        settings = {**settings, "target": template.wanted, "since": template.since}
    return default_create_extension(template, settings)


class build_ext(_build_ext):
    """Compiles the C core into each extension, and gives the file its suffix."""

    def build_extension(self, extension):
        if isinstance(extension, Extension):
            self._prepare(extension)
        super().build_extension(extension)

    def _prepare(self, extension):
        macros = _macros(extension)
        # The core is C, whatever the extension is, and has a folder of its own.
        objects = self.compiler.compile(
            pyshim.get_sources(),
            output_dir=os.path.join(self.build_temp, "pyshim", extension.name),
            macros=[*macros, *((name,) for name in extension.undef_macros or [])],
            include_dirs=extension.include_dirs,
            debug=self.debug,
        )
        # A command may run twice.
        extension.extra_objects = [*_given(extension, "extra_objects"), *objects]
        extension.define_macros = macros
        self._remove_others(extension)
        self._remove_of_other_macros(extension)

    def _remove_of_other_macros(self, extension):
        """What was built with other macros may be newer than its sources, and setuptools would keep it."""
        said = os.path.join(self.build_temp, "pyshim", extension.name, "macros.txt")
        macros = repr([extension.define_macros, extension.undef_macros])
        path = self.get_ext_fullpath(extension.name)
        if _text_of(said) != macros and os.path.exists(path):
            os.remove(path)
        with open(said, "w", encoding="utf-8") as file:
            file.write(macros)

    def _remove_others(self, extension):
        """A build for another target may have left its file, and CPython might take that one."""
        path = self.get_ext_fullpath(extension.name)
        name = extension.name.rpartition(".")[2]
        if os.path.abspath(path).startswith(os.path.abspath(self.build_lib) + os.sep):
            for other in glob.glob(os.path.join(glob.escape(os.path.dirname(path)), name + ".*")):
                if other.endswith((".so", ".pyd")) and other != path:
                    os.remove(other)

    def copy_extensions_to_source(self):
        super().copy_extensions_to_source()
        for one in self.distribution.ext_modules or []:
            if isinstance(one, Extension):
                self._warn_of_others(one)

    def _warn_of_others(self, extension):
        """What lies beside a source is the author's, so it stays; but this CPython may take another file."""
        path = self.get_ext_fullpath(extension.name)
        suffixes = importlib.machinery.EXTENSION_SUFFIXES
        own = next((suffix for suffix in suffixes if path.endswith(suffix)), None)
        for suffix in suffixes[: suffixes.index(own)] if own else []:
            other = path[: -len(own)] + suffix
            if os.path.exists(other):
                self.warn(f"this Python imports {other} and not {path}: remove what another build has left")

    def get_ext_fullpath(self, name):
        path = super().get_ext_fullpath(name)
        suffix = self._suffix(self.get_ext_fullname(name))
        if suffix is None:
            return path
        return os.path.join(os.path.dirname(path), name.rpartition(".")[2] + suffix)

    def get_ext_filename(self, name):
        suffix = self._suffix(name)
        if suffix is None:
            return super().get_ext_filename(name)
        return os.path.join(*name.split(".")) + suffix

    def _suffix(self, full_name):
        """Of a file for more than one CPython. The others are as setuptools has them."""
        for one in self.distribution.ext_modules or []:
            if isinstance(one, Extension) and self.get_ext_fullname(one.name) == full_name:
                return one.suffix
        return None


def _macros(extension):
    """Those of the target, and the author's, which may not say something else."""
    target, own = extension.target, _given(extension, "define_macros")
    of_target = dict(target.macros)
    for name, *value in own:
        # A number may be spelled in either case.
        if name in of_target and [str(one).lower() for one in value] != [of_target[name].lower()]:
            raise SystemExit(
                f"pyshim: error: {name} is {', '.join(map(str, value)) or 'undefined'} among the macros of "
                f"{extension.name}, and the target {target.name} makes it {of_target[name]}: leave it out, for "
                "target and since say it"
            )
    return [*target.macros, *(macro for macro in own if macro[0] not in of_target)]


def _text_of(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _given(extension, name):
    """What the author has given of something that is added to."""
    own = "_own_" + name
    if not hasattr(extension, own):
        setattr(extension, own, list(getattr(extension, name) or []))
    return getattr(extension, own)


class bdist_wheel(_bdist_wheel):
    """Gives the wheel the tag of its extensions, which are all built as the same."""

    def get_tag(self):
        python, abi, platform = super().get_tag()
        tags = set()
        for one in self.distribution.ext_modules or []:
            is_for_many = isinstance(one, Extension) and one.wanted != "version"
            tags.add(one.target.tag if is_for_many else (python, abi))
        if len(tags) > 1:
            named = ", ".join(sorted("-".join(tag) for tag in tags))
            raise SystemExit(f"pyshim: error: a wheel has one tag, and its extensions are for {named}")
        return (*tags.pop(), platform) if tags else (python, abi, platform)


#: What `setup()` is given.
cmdclass = {"build_ext": build_ext, "bdist_wheel": bdist_wheel}

# SPDX-License-Identifier: 0BSD
"""Where the files of pyshim are: headers, the C core, and what build systems look for.

Nothing here is needed by an extension when it runs. It is for `setup.py`, `meson.build` and the like.
"""

from importlib.metadata import version as _version
from pathlib import Path as _Path

__all__ = [
    "get_cffi_cdef",
    "get_cflags",
    "get_cmake_dir",
    "get_include",
    "get_pkgconfig_dir",
    "get_sources",
]

__version__ = _version("pyshim")

_HERE = _Path(__file__).resolve().parent


def get_include() -> str:
    """The folder of the headers, for the include path: it has `pyshim.h` in it."""
    return str(_HERE / "include")


def get_sources() -> "list[str]":
    """The C core, one file: compile it into the extension, as C, with the extension's own macros.

    setuptools refuses absolute paths; there, a C file with `#include "pyshim/core.c"` is the same.
    """
    return [str(_HERE / "src" / "pyshim.c")]


def get_cflags() -> str:
    """What a compiler has to be told, as one line for a shell."""
    import shlex

    return shlex.quote(f"-I{get_include()}")


def get_cffi_cdef() -> str:
    """Declarations for `cdef()` of cffi: what can be called, and held, where no thread state is.

    A struct of your own that has a `pyshim_mutex` in it is declared behind them.
    """
    return (_HERE / "cdef.h").read_text(encoding="utf-8")


def get_cmake_dir() -> str:
    """The folder of `pyshimConfig.cmake`, for `pyshim_DIR` or `CMAKE_PREFIX_PATH`."""
    return str(_HERE / "share" / "cmake" / "pyshim")


def get_pkgconfig_dir() -> str:
    """The folder of `pyshim.pc`, for `PKG_CONFIG_PATH`."""
    return str(_HERE / "share" / "pkgconfig")

# SPDX-License-Identifier: 0BSD
"""What an extension can be built as with the Python that runs this: macros, suffix and tag.

The command `pyshim config` says the same of any interpreter; a test compares the two.
"""

import re
import sys
import sysconfig

__all__ = ["TARGETS", "Refused", "Target"]

#: For this CPython alone; for the stable ABI of GIL-enabled ones; for that of both builds; and one file
#: for all of them, which needs `PYSHIM_MODULE` in the source.
TARGETS = ("version", "abi3", "abi3t", "universal")

_OLDEST = (3, 8)
_FIRST_ABI3T = (3, 15)


class Refused(ValueError):
    """These headers do not have the target. The text says why, and what to do."""


class Target:
    """One of `TARGETS`, and the oldest CPython that is to load what is built, such as "3.9".

    Raises `Refused` where the headers of this Python cannot give it.
    """

    def __init__(self, name="version", since=None):
        if name not in TARGETS:
            raise Refused(f"the target is {name!r}, and it has to be one of {', '.join(TARGETS)}")
        self.name = name
        self._fits()
        self.since = self._oldest() if since is None else _parse(since)
        newest = _running()
        if not self._oldest() <= self.since <= newest:
            raise Refused(
                f"{_text(self.since)} was asked for, and {name} with headers of {_text(newest)} can have "
                f"{_text(self._oldest())} to {_text(newest)}"
            )

    @classmethod
    def going_back(cls, name="version", since=None):
        """The same, with the target's own oldest CPython where it does not go back as far as `since`: one
        word for all targets of a build."""
        is_older = since is not None and _parse(since) < _FIRST_ABI3T and name == "abi3t"
        return cls(name, None if name == "version" or is_older else since)

    def _fits(self):
        name, python = self.name, _text(_running()) + ("t" if _is_free_threaded() else "")
        if name in ("abi3t", "universal") and _running() < _FIRST_ABI3T:
            raise Refused(
                f"{name} needs headers of CPython {_text(_FIRST_ABI3T)} or later, and these are of {python}: "
                f"build with CPython {_text(_FIRST_ABI3T)}, of either build"
            )
        if name == "abi3" and _is_free_threaded():
            raise Refused(
                f"abi3 is for GIL-enabled builds, and the headers of {python} do not have it: build with a "
                f"GIL-enabled CPython, or take abi3t with headers of {_text(_FIRST_ABI3T)}"
            )
        if name == "universal" and sys.platform == "win32":
            raise Refused(
                "Windows has python3.dll and python3t.dll, and a module is linked with one of them: build "
                "two wheels, for abi3 and for abi3t"
            )

    def _oldest(self):
        return {"version": _running(), "abi3t": _FIRST_ABI3T}.get(self.name, _OLDEST)

    @property
    def macros(self):
        """What the compiler has to define, as pairs of name and value."""
        value = "0x{:02X}{:02X}0000".format(*self.since)
        return {
            # Headers of Windows and Debian do not say it themselves.
            "version": [("Py_GIL_DISABLED", "1")] if _is_free_threaded() else [],
            "abi3": [("Py_LIMITED_API", value)],
            "abi3t": [("Py_TARGET_ABI3T", value)],
            "universal": [("PYSHIM_UNIVERSAL", value)],
        }[self.name]

    @property
    def suffix(self):
        """What the file's name ends in, which every CPython that is promised looks for."""
        if self.name == "version":
            return sysconfig.get_config_var("EXT_SUFFIX")
        if sys.platform == "win32":
            return ".pyd"
        return "{}.so".format({"universal": ""}.get(self.name, "." + self.name))

    @property
    def tag(self):
        """Python and ABI in the tag of a wheel: GIL-enabled CPythons take `abi3`, and free-threaded ones
        `abi3t`, so a file for both says both. On Windows none is for both."""
        python = "cp{}{}".format(*self.since)
        if self.name == "version":
            return python, python + ("t" if _is_free_threaded() else "")
        if self.name == "abi3":
            return python, "abi3"
        return python, "abi3t" if sys.platform == "win32" else "abi3.abi3t"


def _running():
    return sys.version_info[:2]


def _is_free_threaded():
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def _text(version):
    return "{}.{}".format(*version)


def _parse(text):
    if not re.fullmatch(r"3\.[0-9]{1,3}", text):
        raise Refused(f"the oldest version is {text!r}, and it has to be one such as 3.9")
    return tuple(map(int, text.split(".")))

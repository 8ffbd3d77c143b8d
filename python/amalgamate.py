# SPDX-License-Identifier: 0BSD
"""Makes one header of pyshim's headers, and one C file of its core."""

import re
from pathlib import Path

# Without those of no file, with which a header ends a compilation for good.
INCLUDE = re.compile(r'^#include "([^":]+)"')

# Clang says nothing of functions in headers that nobody calls. There are some in what is one file now.
UNUSED = """\
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wunused-function"
#endif
"""


def headers(include):
    """`pyshim.h` with all that it includes."""
    return _Text([include]).add(include / "pyshim.h")


def core(include, csrc):
    """`pyshim.c` with all that it includes, but for the headers that are in `pyshim.h` already."""
    return UNUSED + _Text([csrc], kept=include).add(csrc / "pyshim.c")


class _Text:
    """What was written so far. Each file comes once: its guard would leave it out the second time."""

    def __init__(self, folders, kept=None):
        self.folders = folders
        self.kept = kept
        self.seen = set()

    def add(self, path):
        self.seen.add(path)
        text = path.read_text(encoding="utf-8")
        return "".join(self._line(path, line) for line in text.splitlines(keepends=True))

    def _line(self, path, line):
        found = INCLUDE.match(line)
        if found is None:
            return line
        name = found.group(1)
        target = next((t for t in self._candidates(path, name) if t.is_file()), None)
        if target is None:
            if self.kept is not None and (self.kept / name).is_file():
                # All of them are in one now, which is included first of all.
                return '#include "pyshim.h"\n' if name == "pyshim.h" else ""
            raise FileNotFoundError(f'{path} includes "{name}", which is nowhere')
        return "" if target in self.seen else self.add(target)

    def _candidates(self, path, name):
        for folder in [path.parent, *self.folders]:
            yield (folder / name).resolve()

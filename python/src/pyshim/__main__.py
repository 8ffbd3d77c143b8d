# SPDX-License-Identifier: 0BSD
"""`python -m pyshim` and `pyshim-config`: the same places, for makefiles."""

import argparse
import shlex
import shutil
import sys
from pathlib import Path

import pyshim


def vendor(folder):
    """Copies the header and the C core, each in one file, into a folder."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    core = Path(pyshim.get_sources()[0])
    for source in [core.with_suffix(".h"), core]:
        made = target / (source.name + ".new")
        shutil.copyfile(source, made)
        made.replace(target / source.name)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="pyshim-config",
        description="Say where the files of pyshim are.",
    )
    show = {
        "--includes": (pyshim.get_cflags, "flags for the include path"),
        "--cflags": (pyshim.get_cflags, "all flags for a compiler"),
        "--sources": (
            lambda: " ".join(map(shlex.quote, pyshim.get_sources())),
            "the C core, to be compiled into the extension",
        ),
        "--include-dir": (pyshim.get_include, "the folder of the headers"),
        "--cmakedir": (pyshim.get_cmake_dir, "the folder of pyshimConfig.cmake"),
        "--pkgconfigdir": (pyshim.get_pkgconfig_dir, "the folder of pyshim.pc"),
    }
    parser.add_argument("--version", action="version", version=pyshim.__version__)
    for option, (_, text) in show.items():
        parser.add_argument(option, action="append_const", dest="asked", const=option, help=text)
    parser.add_argument(
        "--vendor",
        metavar="DIR",
        help="copy pyshim.h and pyshim.c, with everything in them, into a folder",
    )
    given = parser.parse_args(arguments)
    if given.vendor is None and not given.asked:
        parser.error("say what to show; --help lists it")
    try:
        if given.vendor is not None:
            vendor(given.vendor)
    except OSError as error:
        print(f"pyshim-config: error: {error}", file=sys.stderr)
        return 3
    for option in given.asked or []:
        print(show[option][0]())
    return 0


if __name__ == "__main__":
    sys.exit(main())

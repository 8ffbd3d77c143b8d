# SPDX-License-Identifier: 0BSD
"""`python -m pyshim` and `pyshim-config`: the same places, for makefiles."""

import argparse
import shlex
import shutil
import sys
from pathlib import Path

import pyshim
from pyshim.targets import TARGETS, Refused, Target


def vendor(folder):
    """Copies the header and the C core, each in one file, into a folder."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    core = Path(pyshim.get_sources()[0])
    for source in [core.with_suffix(".h"), core]:
        made = target / (source.name + ".new")
        shutil.copyfile(source, made)
        try:
            made.replace(target / source.name)
        except OSError:
            made.unlink()
            raise


def macros(target):
    return [shlex.quote(f"-D{name}={value}") for name, value in target.macros]


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="pyshim-config",
        description="Say where the files of pyshim are, and how this Python builds what.",
    )
    show = {
        "--includes": (lambda _: pyshim.get_cflags(), "flags for the include path"),
        "--cflags": (
            lambda target: " ".join([*macros(target), pyshim.get_cflags()]),
            "all flags for a compiler",
        ),
        "--sources": (
            lambda _: " ".join(map(shlex.quote, pyshim.get_sources())),
            "the C core, to be compiled into the extension",
        ),
        "--source": (lambda _: pyshim.get_sources()[0], "the one file of the C core, as no shell reads it"),
        "--include-dir": (lambda _: pyshim.get_include(), "the folder of the headers"),
        "--cmakedir": (lambda _: pyshim.get_cmake_dir(), "the folder of pyshimConfig.cmake"),
        "--pkgconfigdir": (lambda _: pyshim.get_pkgconfig_dir(), "the folder of pyshim.pc"),
        "--macros": (lambda target: " ".join(macros(target)), "what the target has to define"),
        "--suffix": (lambda target: target.suffix, "what the name of the target's file ends in"),
        "--tag": (
            lambda target: "-".join(target.tag),
            "Python and ABI in the tag of the target's wheel",
        ),
    }
    parser.add_argument("--version", action="version", version=pyshim.__version__)
    for option, (_, text) in show.items():
        parser.add_argument(option, action="append_const", dest="asked", const=option, help=text)
    parser.add_argument(
        "--target",
        choices=TARGETS,
        default="version",
        help="what is built: for this CPython (the default), for the stable ABI of GIL-enabled ones, for "
        "that of both builds, or one file for all",
    )
    parser.add_argument(
        "--since",
        metavar="3.N",
        help="the oldest CPython that is to load it, as far as the target goes back",
    )
    parser.add_argument(
        "--vendor",
        metavar="DIR",
        help="copy pyshim.h and pyshim.c, with everything in them, into a folder",
    )
    given = parser.parse_args(arguments)
    if given.vendor is None and not given.asked:
        parser.error("say what to show; --help lists it")
    try:
        target = Target.going_back(given.target, given.since)
    except Refused as refused:
        print(f"pyshim-config: error: {refused}", file=sys.stderr)
        return 2
    try:
        if given.vendor is not None:
            vendor(given.vendor)
    except OSError as error:
        print(f"pyshim-config: error: {error}", file=sys.stderr)
        return 3
    for option in given.asked or []:
        print(show[option][0](target))
    return 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: 0BSD
"""Brings the headers and the C core of the checkout into the package."""

import sys
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# A source distribution has them in the package already.
HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
PACKAGE = {"sdist": "src/pyshim", "wheel": "pyshim"}

sys.path.insert(0, str(HERE))


def template(name, release):
    text = (HERE / "templates" / f"{name}.in").read_text(encoding="utf-8")
    return text.replace("@VERSION@", release)


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version, build_data):
        if not (CHECKOUT / "shim" / "csrc").is_dir():
            return
        if version == "editable":
            raise RuntimeError("there is nothing to edit in pyshim's package: install it without -e")
        from amalgamate import core, headers

        include = CHECKOUT / "include"
        package = PACKAGE[self.target_name]
        files = build_data["force_include"]
        files[str(include)] = f"{package}/include"
        self.made = tempfile.TemporaryDirectory()
        release = self.metadata.version
        for place, text in {
            "src/pyshim.h": headers(include),
            "src/pyshim.c": core(include, CHECKOUT / "shim" / "csrc"),
            "share/pkgconfig/pyshim.pc": template("pyshim.pc", release),
            "share/cmake/pyshim/pyshimConfigVersion.cmake": template("pyshimConfigVersion.cmake", release),
        }.items():
            made = Path(self.made.name, Path(place).name)
            made.write_bytes(text.encode())
            files[str(made)] = f"{package}/{place}"

    def finalize(self, version, build_data, artifact_path):
        if hasattr(self, "made"):
            self.made.cleanup()

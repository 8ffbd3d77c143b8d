"""Uses the universal module in Rust."""

import sys

import demo_universal


class Named(demo_universal.Counter):
    def __init__(self, name):
        self.name = name


assert demo_universal.__doc__ == "Counters, in Rust."
plain, named = demo_universal.Counter(), Named("n")
assert [plain.next(), plain.next(), named.next()] == [1, 2, 1]
assert named.name == "n" and demo_universal.calls() == 3
if "t" in getattr(sys, "abiflags", ""):
    assert not sys._is_gil_enabled()

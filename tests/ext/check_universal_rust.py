"""Uses the universal module in Rust."""

import gc
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


# Objects of a type over an exception end, and give the type back.
references = sys.getrefcount(demo_universal.Failure)
for number in range(100):
    assert demo_universal.Failure(number).args == (number,)
assert demo_universal.ended() == 100
if "t" not in getattr(sys, "abiflags", ""):  # which count a part of it elsewhere
    assert abs(sys.getrefcount(demo_universal.Failure) - references) < 3
for number in range(10):
    failure = demo_universal.Failure()
    failure.__context__ = ValueError(failure)
del failure
gc.collect()
assert demo_universal.ended() == 110
assert demo_universal.Failure.__mro__ is not None


# What the state of a module keeps goes with the module, also where it refers to it.
class Watched:
    ended = 0

    def __del__(self):
        Watched.ended += 1


demo_universal.keep([demo_universal, Watched()])
del plain, named, Named, demo_universal, sys.modules["demo_universal"]
gc.collect()
assert Watched.ended == 1

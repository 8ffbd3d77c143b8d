"""Prints what calls take, in nanoseconds, with what Python itself takes for them."""

import json
import timeit

from cereggii import AtomicDict, AtomicRef

LOOPS = 10_000


class Value:
    pass


def nanoseconds(work):
    return min(timeit.repeat(work, number=LOOPS, repeat=20)) / LOOPS * 1e9


cell, counts, value = AtomicRef(Value()), AtomicDict({"a": Value()}), Value()
times = {
    "`AtomicRef.get`": nanoseconds(cell.get),
    "`AtomicRef.set`": nanoseconds(lambda: cell.set(value)),
    "`AtomicDict.get`": nanoseconds(lambda: counts.get("a")),
    "`AtomicDict[key] = value`": nanoseconds(lambda: counts.__setitem__("a", value)),
}
print(json.dumps(times))

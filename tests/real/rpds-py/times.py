"""Prints what calls take, in nanoseconds, with what Python itself takes for them."""

import json
import timeit

from rpds import HashTrieMap, List

LOOPS = 10_000


def nanoseconds(work):
    return min(timeit.repeat(work, number=1, repeat=20)) / LOOPS * 1e9


items = List(range(LOOPS))


def step():
    for _ in items:
        pass


def make():
    for _ in range(LOOPS):
        HashTrieMap()


times = {
    "a step of an iterator": nanoseconds(step),
    "`HashTrieMap()`, dropped at once": nanoseconds(make),
}
print(json.dumps(times))

"""Runs every measurement of the benchmark extension and prints one JSON object a line.

Usage: run.py FOLDER PART... FOLDER holds the extension.
"""

import gc
import json
import os
import sys
import threading

# Nanoseconds, about, that a thread does something of its own between two accesses of a cell.
WORK = 250


class Thing:
    """Something that is not immortal."""


def thing():
    """One whose head is in one cache line, as three in four are; the others fare better."""
    kept = []
    while True:
        kept.append(Thing())
        if id(kept[-1]) % 64 <= 32:
            return kept[-1]


def in_threads(threads, work):
    """What work(index) returned in the first of so many threads, each on a processor of its own."""
    results = [None] * threads

    def body(index):
        if hasattr(os, "sched_setaffinity"):
            processors = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {processors[index % len(processors)]})
        results[index] = work(index)

    running = [threading.Thread(target=body, args=(index,)) for index in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return results[0]


class Bench:
    """The extension."""

    def __init__(self, module):
        self.module = module

    def measure(self, row, case, threads, objects, n, rounds, work=0):
        """One line of output, of so many rounds at each place. No threads means the one that owns
        the objects."""
        self.module.set(*objects, work)
        rounds = rounds * self.module.PLACES
        if threads == 0:
            pairs = self.module.measure(row, n, rounds, 1, 0)
        else:
            pairs = in_threads(
                threads, lambda index: self.module.measure(row, n, rounds, threads, index)
            )
        ours, theirs = zip(*pairs)
        line = {"row": row, "case": case, "places": self.module.PLACES}
        print(json.dumps({**line, "ours": ours, "theirs": theirs}), flush=True)


def section(bench):
    bench.measure("section", "uncontended", 0, ([], None), 10000, 2)
    bench.measure("section2", "uncontended", 0, ([], []), 10000, 2)


def try_incref(bench):
    bench.measure("try_incref", "own object", 0, (thing(), None), 20000, 2)
    bench.measure("try_incref", "another thread's object", 1, (thing(), None), 20000, 2)
    bench.measure("try_incref", "immortal object", 0, (None, None), 20000, 2)


def cell(bench):
    for row in ["load", "mixed", "store"]:
        bench.measure(row, "one thread", 0, (thing(), thing()), 10000, 1)
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        for row in ["load", "mixed", "store"]:
            bench.measure(row, "two threads", 2, (thing(), thing()), 5000, 1, WORK)
        for row in ["load", "mixed", "store"]:
            bench.measure(row, "two threads, back to back", 2, (thing(), thing()), 20000, 1)
        bench.measure("load", "two threads, back to back, immortal", 2, (None, None), 20000, 1)


def stack_ref(bench):
    bench.measure("stack_ref", bench.module.STACK_REFS, 0, (thing(), None), 10000, 2)


def mutex(bench):
    for row in ["mutex", "mutex_plain"]:
        bench.measure(row, "uncontended", 0, ([], None), 10000, 2)
    for row in ["once", "once_std"]:
        bench.measure(row, "done", 0, ([], None), 20000, 2)
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        for row in ["mutex", "mutex_plain"]:
            bench.measure(row, "two threads", 2, ([], None), 5000, 1, WORK)
        for row in ["mutex", "mutex_plain"]:
            bench.measure(row, "two threads, back to back", 2, ([], None), 20000, 1)


PARTS = {
    "section": section,
    "try_incref": try_incref,
    "cell": cell,
    "mutex": mutex,
    "stack_ref": stack_ref,
}


def main():
    folder, *parts = sys.argv[1:]
    sys.path.insert(0, folder)
    import bench

    gc.disable()
    for part in parts:
        PARTS[part](Bench(bench))


main()

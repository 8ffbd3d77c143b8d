"""Runs every measurement of the benchmark extension and prints one JSON object a line.

Usage: run.py FOLDER PART... FOLDER holds the extension.
"""

import gc
import json
import os
import pickle
import sys
import threading
import time

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


# How an object's memory gets to another interpreter: what is put on a queue here, and what is done
# there with what comes off it. Each looks at one byte, and gives back what it got.
WAYS = {
    "pyshim": (
        lambda module, data: module.view_send(data),
        "with bench.view_open(queue.get()) as memory:\n  memory[0]",
    ),
    "memoryview": (
        lambda module, data: memoryview(data),
        "memory = queue.get()\n memory[0]\n memory.release()",
    ),
    "pickling": (
        lambda module, data: pickle.dumps(data, 5),
        "pickle.loads(queue.get())[0]",
    ),
}


class Passing:
    """An interpreter to which objects are passed."""

    def __init__(self, bench):
        from concurrent import interpreters

        self.module = bench.module
        self.queue = interpreters.create_queue()
        self.other = interpreters.create()
        self.other.prepare_main(queue=self.queue, path=tuple(sys.path))
        self.other.exec("import sys; sys.path[:] = path; import bench, pickle")
        for name, (_, work) in WAYS.items():
            self.other.exec(f"def {name}(n):\n for _ in range(n):\n  " + work.replace("\n", "\n "))

    def time(self, name, data, n):
        """Nanoseconds that one takes, of n that are put and then taken."""
        put, module = WAYS[name][0], self.module
        begin = time.perf_counter_ns()
        for _ in range(n):
            self.queue.put(put(module, data))
        self.other.exec(f"{name}({n})")
        return (time.perf_counter_ns() - begin) / n

    def measure(self, theirs, case, size, n, rounds):
        data = bytearray(size)
        sums = {"pyshim": [], theirs: []}
        for name in sums:
            self.time(name, data, 1)
        for _ in range(rounds):
            for name in sums:
                sums[name].append(self.time(name, data, n))
        line = {"row": f"view_{theirs}", "case": case, "places": 1}
        print(json.dumps({**line, "ours": sums["pyshim"], "theirs": sums[theirs]}), flush=True)


def view(bench):
    if sys.version_info < (3, 14):
        return  # there is nothing to compare with
    # In a thread of its own, as interpreters mostly run: in the process's first one CPython looks for the
    # stack's end each time that a thread state is new, in /proc.
    in_threads(1, lambda index: passing_in_thread(bench))


def passing_in_thread(bench):
    passing = Passing(bench)
    for theirs, pace in [("memoryview", (200, 200, 200)), ("pickling", (200, 20, 1))]:
        for case, size, n in zip(["1 kB", "1 MB", "1 GB"], [10**3, 10**6, 10**9], pace):
            passing.measure(theirs, case, size, n, 1 if n == 1 else 4)
    passing.other.close()


PARTS = {
    "view": view,
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

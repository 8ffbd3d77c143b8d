"""Hammers every primitive from several threads, all at once, and counts what it protects.

Usage: stress.py FOLDER SECONDS. Prints what was done; fails when a count or an object is lost, an
object leaked, or somebody waits for ever. Another interpreter takes part; waiting.py forks.
"""

import gc
import itertools
import os
import sys
import threading
import time

folder, seconds = sys.argv[1], float(sys.argv[2])
sys.path.insert(0, folder)
import contention
import interpreters
import stress

assert not hasattr(sys, "_is_gil_enabled") or not sys._is_gil_enabled(), "the GIL is on"
done = {"loads": 0, "replaced": 0, "published": 0, "taken": 0, "late": 0, "interpreters": 0}
problems = []
deadline = time.monotonic() + seconds
guard = threading.Lock()


def worker(step):
    """Calls step() until the time is up and adds up what it did."""
    mine = dict.fromkeys(done, 0)
    try:
        while time.monotonic() < deadline:
            step(mine)
    except BaseException as problem:
        problems.append(problem)
    with guard:
        for name, count in mine.items():
            done[name] += count


def reader(mine):
    mine["loads"] += stress.load(2000)


def writer(kind):
    def step(mine):
        stress.replace(kind, 300)
        mine["replaced"] += 300

    return step


def publisher(kind):
    def step(mine):
        stress.publish(kind, 300)
        mine["published"] += 300

    return step


def taker(mine):
    taken, late = stress.try_registered(2000)
    mine["taken"] += taken
    mine["late"] += late


def contender(count):
    """Adds to what a lock protects."""

    def step(mine):
        wrong = count(500)
        assert wrong == 0, f"{count.__name__}: another thread was in {wrong} times"

    return step


ONCE_WORKERS = 3
last_once = []


def initialise():
    """Each goes through the same things to initialise, and nobody leaves before the others are through."""
    for number in itertools.count():
        wrong = contention.once(number, ONCE_WORKERS)
        assert wrong == 0, f"once: {wrong} were not initialised once"
        with guard:
            if not last_once and time.monotonic() >= deadline:
                last_once.append(number + contention.RING)
        if last_once and number == last_once[0]:
            return


def initialiser():
    try:
        initialise()
    except BaseException as problem:
        print(repr(problem), flush=True)
        os._exit(1)  # the others would wait for this one


def another_interpreter(mine):
    code = f"""
import sys
sys.path.insert(0, {folder!r})
import contention
for count in contention.mutex, contention.mutex_sections, contention.sections:
    assert count(500) == 0
"""
    assert interpreters.run(code) == 0
    mine["interpreters"] += 1


steps = [reader, reader, taker, taker]
steps += [another_interpreter]
steps += [
    contender(count)
    for count in (contention.sections, contention.mutex_sections, contention.mutex)
    for _ in range(2)
]
steps += [writer(kind) for kind in range(3)] + [publisher(kind) for kind in range(3)]
threads = [threading.Thread(target=worker, args=(step,)) for step in steps]
threads += [threading.Thread(target=initialiser) for _ in range(ONCE_WORKERS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if problems:
    raise problems[0]
stress.empty()
gc.collect()
created, destroyed, wrong = stress.counts()
contended = contention.counts()
print(done, contended, {"created": created, "destroyed": destroyed, "wrong": wrong})
assert created == destroyed and wrong == 0
assert all(done.values()) and all(contended.values()), "something never happened"
print("done")

"""Hammers the atomic reference and try-incref from several threads and counts every object.

Usage: stress.py FOLDER SECONDS. Prints what was done; fails when an object is lost or leaked.
"""

import gc
import sys
import threading
import time

folder, seconds = sys.argv[1], float(sys.argv[2])
sys.path.insert(0, folder)
import stress

assert not hasattr(sys, "_is_gil_enabled") or not sys._is_gil_enabled(), "the GIL is on"
done = {"loads": 0, "replaced": 0, "published": 0, "taken": 0, "late": 0}
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


steps = [reader, reader, taker, taker]
steps += [writer(kind) for kind in range(3)] + [publisher(kind) for kind in range(3)]
threads = [threading.Thread(target=worker, args=(step,)) for step in steps]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if problems:
    raise problems[0]
stress.empty()
gc.collect()
created, destroyed, wrong = stress.counts()
print(done, {"created": created, "destroyed": destroyed, "wrong": wrong})
assert created == destroyed and wrong == 0
assert all(done.values()), "something never happened"
print("done")

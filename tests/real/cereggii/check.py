"""Threads hammer an AtomicRef and an AtomicDict, and invariants are counted."""

import sys
import threading
import time

from cereggii import AtomicDict, AtomicRef

SECONDS = 1.0


class Left:
    __slots__ = ("number",)


class Right:
    """As large as Left, so that one may get the other's memory."""

    __slots__ = ("number",)


def hammer(*works):
    """Repeats each work on a thread of its own, for a while; gives back what they raised."""
    raised = []
    end = time.monotonic() + SECONDS

    def repeat(work):
        try:
            while time.monotonic() < end:
                for _ in range(100):
                    work()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=repeat, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def a_cell_gives_what_was_put_into_it():
    works = []
    for kind in (Left, Right):
        cell = AtomicRef(kind())

        def write(cell=cell, kind=kind):
            cell.set(kind())

        def read(cell=cell, kind=kind):
            assert type(cell.get()) is kind

        works += [write, write, read]
    hammer(*works)


def nothing_is_counted_twice_or_lost():
    numbers = AtomicRef(0)
    counts = AtomicDict({"all": 0})
    done = []

    def count():
        seen = numbers.get()
        while not numbers.compare_and_set(seen, seen + 1):
            seen = numbers.get()
        counts.reduce_sum([("all", 1)])
        done.append(None)

    hammer(count, count, count, count)
    assert numbers.get() == counts["all"] == len(done)


def old_values_go():
    """Each replaced value is dropped once."""
    alive = []

    class Counted:
        def __init__(self):
            alive.append(None)

        def __del__(self):
            alive.pop()

    cell = AtomicRef()
    hammer(lambda: cell.set(Counted()), lambda: cell.get_and_set(Counted()), cell.get)
    cell.set(None)
    time.sleep(0.1)
    assert not alive, f"{len(alive)} objects are left"


sys.setswitchinterval(1e-5)
a_cell_gives_what_was_put_into_it()
nothing_is_counted_twice_or_lost()
old_values_go()

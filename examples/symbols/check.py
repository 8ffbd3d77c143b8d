"""What symbols promise, alone and under threads. Takes the seconds to hammer them for."""

import gc
import sys
import threading
import time

from symbols import count, symbol

THREADS = 4
NAMES = ["a", "b", "c"]


def alone():
    a = symbol("a")
    assert symbol("a") is a and symbol("b") is not a
    assert a.name == "a" and repr(a) == 'symbol("a")'
    assert count() == 1, "b was dropped at once"
    del a
    assert count() == 0


def together(seconds):
    """Threads take the same few symbols and drop them, so that many are found while they die."""
    end = time.monotonic() + seconds
    rounds = [0] * THREADS
    wrong = []

    def work(me):
        while time.monotonic() < end:
            for name in NAMES:
                first = symbol(name)
                second = symbol(name)
                rounds[me] += 1
                if first is not second or first.name != name:
                    wrong.append((name, first, second))
                del first, second

    threads = [threading.Thread(target=work, args=(me,)) for me in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    assert not wrong, wrong[:5]
    assert count() == 0, "nothing is kept"
    return sum(rounds)


def at_once(rounds):
    """All threads ask for a new name at the same moment, and get one object."""
    taken = [None] * THREADS
    barrier = threading.Barrier(THREADS)
    wrong = []

    def work(me):
        for number in range(rounds):
            barrier.wait()
            taken[me] = symbol(f"name {number}")
            barrier.wait()
            if any(one is not taken[me] for one in taken):
                wrong.append(list(taken))

    threads = [threading.Thread(target=work, args=(me,)) for me in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:5]
    assert count() == 1, "the last one is still taken"


sys.setswitchinterval(1e-5)
alone()
print("rounds:", together(float(sys.argv[1])))
at_once(100)
if hasattr(sys, "_is_gil_enabled"):
    print("gil:", sys._is_gil_enabled())

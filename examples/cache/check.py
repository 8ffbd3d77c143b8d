"""What the cache promises, alone, under threads, and in two interpreters.

Takes the seconds to hammer it for, and `interpreters` where each may have a GIL of its own.
"""

import gc
import sys
import threading
import time

from cache import Cache, places_left

THREADS = 4
KEYS = [f"key {number}" for number in range(200)]


def raises(kind, call, *args):
    try:
        call(*args)
    except kind:
        return True
    return False


def alone():
    before = places_left()
    cache = Cache(5)
    assert before - places_left() == 8, "in sets of four, and a power of two of sets"
    assert cache.get("a") is None and cache.get("a", 1) == 1
    cache.put("a", 2)
    cache.put("a", 3)
    assert cache.get("a") == 3 and cache.items() == [("a", 3)]
    for key in KEYS:
        cache.put(key, key)
        assert cache.get(key) is key
    assert len(cache.items()) == 8, "all the room is used, and no more"
    assert raises(TypeError, cache.get, 1) and raises(TypeError, cache.put, b"a", 1)
    assert raises(ValueError, Cache, 0) and raises(ValueError, Cache, sys.maxsize)
    assert raises(MemoryError, Cache, before)
    cache.put("itself", cache)
    del cache
    gc.collect()
    assert places_left() == before, "a cache that refers to itself is collected"


class Value:
    """Knows its key, who made it, and whether it was dropped."""

    def __init__(self, key, writer, number, dropped):
        self.key, self.writer, self.number, self.dropped = key, writer, number, dropped

    def __del__(self):
        self.dropped.append(self.number)


def together(seconds):
    before = places_left()
    cache = Cache(64)
    end = time.monotonic() + seconds
    made = [0] * THREADS
    dropped = [[] for _ in range(THREADS)]
    wrong = []

    def work(me):
        newest = {}  # what this thread has put last, and nobody else puts
        while time.monotonic() < end:
            for key in KEYS:
                own = f"{key} of {me}"
                for shared in (key, own):
                    made[me] += 1
                    newest[shared] = made[me]
                    cache.put(shared, Value(shared, me, made[me], dropped[me]))
                    seen = cache.get(shared)
                    if seen is None:
                        continue  # others needed the room
                    if seen.key != shared:
                        wrong.append(f"{shared!r} gave a value of {seen.key!r}")
                    if seen.writer == me and seen.number > newest[shared]:
                        wrong.append(f"{shared!r} gave what is not written yet")
                    if shared == own and seen.number != newest[own]:
                        wrong.append(f"{own!r} gave an old value")

    threads = [threading.Thread(target=work, args=(me,)) for me in range(THREADS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert len(cache.items()) <= 64
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:5]

    del cache
    gc.collect()
    for numbers, count in zip(dropped, made):
        assert sorted(numbers) == list(range(1, count + 1)), "each value is dropped once"
    assert places_left() == before
    return sum(made)


def at_once(seconds):
    """Two threads go along caches that are full and put a new key into each, at the same time."""
    caches = [Cache(4) for _ in range(100)]
    end = time.monotonic() + seconds
    met = [0, 0]
    wrong = []

    def meet(me):
        """Waits for the other thread. A lock would let the two go on too far from each other."""
        met[me] += 1
        while met[1 - me] < met[me]:
            time.sleep(0)

    def work(me):
        number = 0
        while time.monotonic() < end or met[me] < met[1 - me]:
            number += 1
            meet(me)
            for cache in caches:
                cache.put(f"new {number}", None)
            meet(me)
            for cache in caches[me::2]:
                keys = [key for key, _ in cache.items()]
                if len(keys) != len(set(keys)):
                    wrong.append(keys)
        met[me] += 2  # lets the other one go

    threads = [threading.Thread(target=work, args=(me,)) for me in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, f"a key has one place, and here it has two: {wrong[0]}"


def in_two_interpreters():
    from concurrent import interpreters

    before = places_left()
    other = interpreters.create()
    other.exec(f"import sys; sys.path[:] = {sys.path}; import cache; kept = cache.Cache(8)")
    assert places_left() == before - 8, "all interpreters have one budget"
    other.close()
    assert places_left() == before


alone()
if "interpreters" in sys.argv:
    in_two_interpreters()
at_once(float(sys.argv[1]))
print("values:", together(float(sys.argv[1])))
if hasattr(sys, "_is_gil_enabled"):
    print("gil:", sys._is_gil_enabled())

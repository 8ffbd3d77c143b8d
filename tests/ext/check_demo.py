"""Does everything the test extension can do and prints what came out.

Usage: check_demo.py FOLDER MODULE. The output is the same for every language, API mode and CPython,
but for the lines that start with `build`.
"""

import gc
import sys
import threading
import weakref


class Thing:
    """Something that can die and be seen to."""


def in_threads(count, work):
    """Runs work(index) in so many threads and raises what any of them raised."""
    problems = []

    def body(index):
        try:
            work(index)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=body, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def sections(demo):
    lock, other = [], {}
    demo.reset()
    in_threads(4, lambda index: demo.count(lock, 20000))
    print("one object:", demo.total())
    demo.reset()
    pairs = [(lock, other), (other, lock)]
    in_threads(4, lambda index: demo.count2(*pairs[index % 2], 20000))
    print("two objects in either order:", demo.total())
    demo.reset()
    demo.count2(lock, lock, 5)
    print("twice the same object:", demo.total())
    demo.reset()
    in_threads(4, lambda index: demo.count_checked(lock, 20000))
    print("checked, with early exits:", demo.total())
    try:
        raise ValueError("earlier")
    except ValueError:
        print("checked, while handling an exception:", demo.begin2_checked(lock, other))


def try_incref(demo):
    print("immortal:", demo.try_incref(None), demo.try_incref(0))
    thing = Thing()
    demo.enable(thing)
    before = sys.getrefcount(thing)
    seen = []
    in_threads(2, lambda index: seen.append(demo.try_incref(thing)))
    print("enabled, in other threads:", seen)
    print("counted back:", sys.getrefcount(thing) - before)
    gone = weakref.ref(thing)
    del thing
    print("dead afterwards:", gone() is None)


def cell(demo):
    first, second = Thing(), Thing()
    print("empty:", demo.cell_load())
    demo.cell_store(first)
    print("load is what was stored:", demo.cell_load() is first)
    print("peek is what was stored:", demo.cell_is(first))
    print("swap returns it:", demo.cell_swap(second) is first)
    print("exchange of another fails:", demo.cell_cas(first, None))
    print("exchange succeeds:", demo.cell_cas(second, first))
    print("exchange with itself:", demo.cell_cas(first, first))
    demo.cell_store(first)
    gone = [weakref.ref(first), weakref.ref(second)]
    del first, second
    print("only the cell's lives:", [ref() is not None for ref in gone])
    print("swapped out and dropped:", demo.cell_swap(None) is not None)
    print("none lives:", [ref() is not None for ref in gone])
    print("exchange from empty:", demo.cell_cas(None, Ellipsis), demo.cell_load())
    demo.cell_store(None)


def cell_in_threads(demo):
    alive = []

    def work(index):
        if index < 2:
            for _ in range(300):
                thing = Thing()
                alive.append(weakref.ref(thing))
                demo.cell_store(thing)
                del thing
        else:
            demo.cell_hammer(20000)
            for _ in range(300):
                demo.cell_load()

    in_threads(4, work)
    demo.cell_store(None)
    gc.collect()
    print("stored and all dead:", len(alive), sum(ref() is not None for ref in alive))


def stack_refs(demo):
    thing = Thing()
    before = sys.getrefcount(thing)
    pair = demo.stack_pair(thing)
    print("a pair by stack references:", len(pair), all(item is thing for item in pair))
    in_threads(4, lambda index: [demo.stack_pair(thing) for _ in range(2000)])
    print("counted by the pair:", sys.getrefcount(thing) - before)
    del pair
    print("counted back:", sys.getrefcount(thing) - before)
    gone = weakref.ref(thing)
    del thing
    print("dead afterwards:", gone() is None)


def main():
    folder, name = sys.argv[1:]
    sys.path.insert(0, folder)
    demo = __import__(name)
    print("build: status", demo.status(), "scheme", demo.scheme())
    print("build: gil", sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else True)
    sections(demo)
    try_incref(demo)
    cell(demo)
    cell_in_threads(demo)
    stack_refs(demo)
    print("build: gil", sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else True)
    print("done")


main()

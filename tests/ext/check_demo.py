"""Does everything the test extension can do and prints what came out.

Usage: check_demo.py FOLDER MODULE. The output is the same for every language, API mode and CPython,
but for the lines that start with `build`.
"""

import gc
import sys
import threading
import time
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
    print("peek is what was stored:", demo.cell_is(first), demo.cell_is(object()))
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


def mutex(demo):
    print("tried twice:", demo.mutex_try_lock(), demo.mutex_try_lock())
    got = threading.Event()

    def wait():
        demo.mutex_lock()
        got.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    # Python goes on here only if the thread that waits does not keep the GIL.
    print("another waits:", not got.wait(0.2), demo.mutex_is_locked())
    demo.mutex_unlock()
    waiter.join()
    print("the other has it:", got.is_set(), demo.mutex_is_locked())
    demo.mutex_unlock()
    print("nobody has it:", demo.mutex_is_locked())
    demo.reset()
    in_threads(4, lambda index: demo.mutex_count(20000))
    print("counted without a thread state:", demo.total(), demo.mutex_is_locked())


def mutex_sections(demo):
    demo.reset()
    in_threads(4, lambda index: demo.mutex_section_count(20000))
    print("sections over a mutex:", demo.total())
    demo.reset()
    in_threads(4, lambda index: demo.mutex_section2_count(index % 2, 20000))
    print("over two in either order:", demo.total())
    demo.reset()
    demo.mutex_section2_count(2, 5)
    print("over twice the same:", demo.total())
    inside, done = threading.Event(), threading.Event()

    def hold():
        inside.set()
        return done.wait(60)

    def work(index):
        if index == 0:
            print("suspended while it waits:", demo.mutex_section_call(hold))
        else:
            inside.wait()
            demo.mutex_section_count(1)
            done.set()

    in_threads(2, work)


def refused(work, *arguments):
    """The type of what work() raises."""
    try:
        work(*arguments)
    except Exception as problem:
        return type(problem).__name__
    return None


def fail():
    raise ValueError("not this time")


def once(demo):
    print("it raises:", refused(demo.once_call, fail), demo.once_is_done())
    again = lambda: demo.once_call(fail)
    print("it asks for itself:", refused(demo.once_call, again), demo.once_is_done())
    calls = []

    def initialise():
        calls.append(demo.once_is_done())
        time.sleep(0.1)

    in_threads(4, lambda index: demo.once_call(initialise))
    print("four threads, calls:", calls, demo.once_is_done())
    demo.once_call(fail)


def once_object(demo):
    print("none yet:", demo.once_object_get())
    print("it cannot be made:", refused(demo.once_object_make, fail), demo.once_object_get())
    again = lambda: demo.once_object_make(fail)
    print("it asks for itself:", refused(demo.once_object_make, again))
    made, seen = [], []

    def make():
        time.sleep(0.1)
        made.append(Thing())
        return made[-1]

    in_threads(4, lambda index: seen.append(demo.once_object_make(make)))
    print("four threads, made:", len(made), "same:", all(thing is made[0] for thing in seen))
    print("and later:", demo.once_object_get() is made[0])
    gone = weakref.ref(made[0])
    made.clear()
    seen.clear()
    print("kept:", gone() is not None)
    demo.once_object_clear()
    print("cleared:", gone() is None, demo.once_object_get())
    demo.once_object_make(Thing)
    demo.once_object_clear()


def views(demo):
    data = bytearray(range(24))
    shaped = memoryview(data).cast("H", (3, 4))
    token = demo.view_send(shaped)
    print("sent:", type(token).__name__, demo.view_count())
    with demo.view_open(token) as m:
        print("open:", demo.view_count(), m.format, m.shape, m.strides, m.readonly, m == shaped)
        data[0] = 7
        print("the same memory:", m.tolist()[0][0] == shaped[0, 0])
        print("it opens once:", refused(demo.view_open, token))
        part = memoryview(m)
        print("a part is there still:", demo.view_close(part), demo.view_count())
    print("closed:", demo.view_count())
    try:
        m[0]
    except ValueError:
        print("and not to be used")
    m = demo.view_open(demo.view_send(b"abc"))
    part = m[1:]
    holder = memoryview(part).cast("B").__enter__()
    print("closed with a part left:", demo.view_close(m), bytes(holder), demo.view_count())
    holder.release()
    part.release()
    print("closed with no part left:", demo.view_count())
    token = demo.view_send(b"")
    print("withdrawn:", demo.view_withdraw(token), demo.view_withdraw(token), demo.view_count())
    print("sent for a moment:", demo.view_try(b"abc"), demo.view_count())
    print("no memory to give:", refused(demo.view_send, 1), refused(demo.view_try, 1))
    print("no token:", refused(demo.view_open, "1"), refused(demo.view_withdraw, 1.5))
    print("entered:", demo.view_enter())


def main():
    folder, name = sys.argv[1:]
    sys.path.insert(0, folder)
    demo = __import__(name)
    print("build: status", demo.status(), "scheme", demo.scheme())
    print("build: mutex", demo.mutex_scheme())
    print("build: gil", sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else True)
    sections(demo)
    try_incref(demo)
    cell(demo)
    cell_in_threads(demo)
    stack_refs(demo)
    mutex(demo)
    mutex_sections(demo)
    once(demo)
    once_object(demo)
    views(demo)
    print("build: gil", sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else True)
    print("done")


main()

"""What `pyshim::bound` promises. Takes the number of rounds to hammer it for."""

import gc
import sys
import threading
import weakref

from bound_demo import (
    Account, Holder, add, add_in_section, add_in_two_sections, alive, clear, close, drop_detached, holds,
    keep_and_take, load, made, once, open, replace, send, store, swap, withdraw,
)  # fmt: skip

THREADS = 4
ROUNDS = int(sys.argv[1])


class Thing:
    pass


def together(work):
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


def raises(kind, call, *arguments):
    try:
        call(*arguments)
    except kind:
        return
    raise AssertionError(f"no {kind.__name__}")


def sections():
    first, second = Account(), Account()
    assert first.give(first, 5) == 0, "the same one twice"

    def work():
        for _ in range(ROUNDS):
            first.add(2)
            first.give(second, 1)
            second.give(first, 1)
            add(1)
            add_in_section(1)
            add_in_two_sections(1)

    together(work)
    everything = THREADS * ROUNDS
    assert first.add(0) == 2 * everything and second.add(0) == 0
    assert add(0) == everything
    assert add_in_section(0) == 2 * everything


def cell():
    assert load() is None
    one, other = Thing(), Thing()
    store(one)
    assert load() is one and holds(one) and not holds(other)
    assert swap(other) is one
    assert not replace(one, other) and replace(other, one) and load() is one
    clear()
    assert load() is None and not holds(one)

    def work():
        for _ in range(ROUNDS):
            store(Thing())
            found = load()
            assert type(found) is Thing

    together(work)
    clear()


def given_up():
    for give_up in (drop_detached, lambda one: keep_and_take(one, False)):
        thing = Thing()
        known = weakref.ref(thing)
        give_up(thing)
        del thing
        assert known() is None
    thing = Thing()
    assert keep_and_take(thing, True) is thing
    known = weakref.ref(thing)
    holder = Holder()
    holder.hold(thing)
    holder.keep(thing)
    del thing
    assert known() is not None
    del holder
    assert known() is None, "a holder takes what it holds along"
    for put in (Holder.hold, Holder.keep):
        holder = Holder()
        known = weakref.ref(holder)
        put(holder, [holder])
        del holder
        gc.collect()
        assert known() is None, "a cycle is collected"


def makes():
    calls = []

    def fails():
        calls.append("fails")
        raise KeyError("not yet")

    raises(KeyError, made, fails)
    raises(RuntimeError, made, lambda: made(Thing))

    def make():
        calls.append("makes")
        return Thing()

    found = []
    together(lambda: found.append(made(make)))
    assert calls == ["fails", "makes"] and len({id(one) for one in found}) == 1
    raises(KeyError, once, lambda: {}["nothing"])
    assert once(list) and once(fails), "it is done by then"


def references():
    thing = Thing()
    assert alive(thing) is thing


def views():
    memory = bytearray(b"some bytes")
    token = send(memory)
    view = open(token)
    view[0] = ord("S")
    assert memory == b"Some bytes"
    close(view)
    memory.append(0)
    raises(ValueError, open, token)
    token = send(memory)
    assert withdraw(token) and not withdraw(token)
    raises(TypeError, send, 5)


sys.setswitchinterval(1e-5)
for check in (sections, cell, given_up, makes, references, views):
    check()
if hasattr(sys, "_is_gil_enabled"):
    print("gil:", sys._is_gil_enabled())

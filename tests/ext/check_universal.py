"""Imports `universal` and uses all of it, in the main interpreter or another."""

import abc
import gc
import struct
import sys
import threading
import time
import weakref

universal = None


def load():
    global universal
    import universal as loaded

    universal = loaded

FREE_THREADED = "t" in getattr(sys, "abiflags", "")


def raised(call, *arguments):
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError("%r raised nothing" % (call,))


def check_gil():
    if FREE_THREADED:
        assert not sys._is_gil_enabled(), "the GIL was turned on"


def check_state():
    before = universal.blocks()
    universal.Block()
    assert universal.blocks() == before + 1


def check_exception():
    error = raised(universal.fail, "some")
    assert type(error) is universal.Error and isinstance(error, ValueError), error
    assert str(error) == "some of 4", error
    assert isinstance(raised(universal.Block, b"x" * 17), universal.Error)


def is_at_last(holds):
    """Whether something holds when all is collected, now or soon: in 3.8 interpreters share None, and nothing
    is collected while another interpreter collects."""
    for _ in range(100):
        gc.collect()
        if holds():
            return True
        time.sleep(0.01)
    return False


def collected(count, of):
    """Whether exactly so many have ended."""
    return is_at_last(lambda: of.ended >= count) and of.ended == count


def check_cycles():
    class Watched(universal.Cell):
        ended = 0

        def __del__(self):
            Watched.ended += 1

    gc.collect()
    cell = Watched()
    cell.set(cell)
    assert cell.get() is cell
    del cell
    assert collected(1, Watched), Watched.ended
    plain = universal.Cell()
    assert plain.get() is None
    plain.set([plain, Watched()])
    del plain
    assert collected(2, Watched), Watched.ended
    # A type over another ends what is its own and what is the other's, in a cycle and without one.
    for in_cycle in (False, True):
        labelled = universal.Labelled(Watched())
        labelled.set([labelled] if in_cycle else Watched())
        del labelled
    assert collected(5, Watched), Watched.ended
    check_classes_that_are_collected(Watched)


def check_classes_that_are_collected(watched):
    """Objects whose class is in the same cycle end when that has no method resolution order any more."""

    def in_cycles():
        class Handler(universal.Labelled):
            pass

        one, other = Handler(watched()), Handler(watched())
        one.set([other])
        other.set([one])

    before, ended = watched.ended, universal.labelled_ended()
    in_cycles()
    assert collected(before + 2, watched), watched.ended
    assert universal.labelled_ended() == ended + 2, universal.labelled_ended()


def check_buffer(has_buffer):
    block = universal.Block(b"a\0c")
    block[1] = 98
    assert len(block) == 16 and block.exports == 0
    assert isinstance(raised(block.__setitem__, 16, 0), universal.Error)
    if not has_buffer:
        return
    with memoryview(block) as view:
        assert block.exports == 1
        assert view[:4].tobytes() == b"abc\0"
        view[0] = 122
    assert bytes(block)[:3] == b"zbc" and block.exports == 0


def check_derived(has_buffer):
    class Named(universal.Block):
        def __init__(self, data, name):
            self.name = name

        def __new__(cls, data, name):
            return super().__new__(cls, data)

    class Slotted(universal.Tagged):
        __slots__ = ("name",)

    before = universal.blocks()
    named = Named(b"xyz", "n")
    slotted = Slotted(b"xyz")
    slotted.name = "s"
    slotted.tag = 7
    named[0] = 121
    slotted[0] = 121
    assert universal.blocks() == before + 2
    assert (named.name, slotted.name, slotted.tag) == ("n", "s", 7)
    if has_buffer:
        assert bytes(named)[:3] == bytes(slotted)[:3] == b"yyz"
    assert isinstance(raised(named.__setitem__, 0, 256), universal.Error)
    assert universal.Tagged.__mro__[1] is universal.Block
    # Objects keep their types, and types their objects' memory.
    references = sys.getrefcount(Named)
    many = [Named(b"", i) for i in range(100)]
    del many
    gc.collect()
    assert abs(sys.getrefcount(Named) - references) < 3


class Label:
    ended = 0

    def __del__(self):
        Label.ended += 1


def check_types_that_end_over_a_base():
    """What the type has is ended, and then what its base has; objects give their types back."""

    class Python(universal.Failure):
        pass

    for kind in (universal.Failure, Python):
        before, references = Label.ended, sys.getrefcount(kind)
        for number in range(100):
            failure = kind("text", number)
            failure.label(Label())
            failure.__context__ = KeyError()
            assert failure.args == ("text", number)
        del failure
        assert Label.ended == before + 100, Label.ended
        # Free-threaded builds count a part of the references to types elsewhere.
        if not FREE_THREADED:
            assert abs(sys.getrefcount(kind) - references) < 3, sys.getrefcount(kind)
    python = weakref.ref(Python)
    cycle = universal.Failure()
    cycle.label(Label())
    cycle.__context__ = OSError(cycle)
    ended = Label.ended
    del cycle
    assert collected(ended + 1, Label), Label.ended
    # What ends an object of a class of Python's cannot be called by another.
    for base in (Python, universal.Error, universal.Tagged):
        error = raised(universal.derive_ending, base)
        assert type(error) is TypeError and "leave Py_tp_dealloc out" in str(error), error
    del Python, kind, base
    # Once there was a second thread, 3.13t keeps classes for ever.
    if not (FREE_THREADED and sys.version_info < (3, 14)):
        assert is_at_last(lambda: python() is None), python()
    over = universal.derive_ending(universal.Block)
    block = over(b"abc")
    block.label(Label())
    ended, blocks = Label.ended, universal.blocks()
    del block
    assert Label.ended == ended + 1 and universal.blocks() == blocks


def check_kept(kind, put):
    """What objects have is collected, and their type lives as long as this function, which alone has it."""
    by_base, ended = kind(), Label.ended
    put(by_base, [by_base, Label()])
    del by_base
    assert collected(ended + 1, Label), kind
    # A type that is visited twice by as many as hold it besides looks as if nobody did.
    for count in range(1, 12):
        by_data, ended = [kind() for _ in range(count)], Label.ended
        for one in by_data:
            one.label([one, Label()])
        del by_data, one
        assert collected(ended + count, Label), (kind, count)
        assert kind.__mro__ is not None, count
    kept = kind()
    del kind
    gc.collect()
    kept.label(Label())
    put(kept, Label())
    assert type(kept).__mro__ is not None


def check_types_that_keep_over_a_base():
    """What the type has and what its base has are shown to a collector."""
    fill = {list: list.append, dict: lambda a, b: a.update(b=b), universal.Cell: universal.Cell.set}
    for base, put in fill.items():
        check_kept(universal.derive_keeping(base), put)
        check_kept(type("Python", (universal.derive_keeping(base),), {}), put)
    # What visits an object of a class of Python's cannot be called by another.
    for base in (Label, universal.Error):
        error = raised(universal.derive_shown, base)
        assert type(error) is TypeError and "leave Py_tp_traverse" in str(error), error


def check_room():
    """The data is in the object, also over bases that make room for one of theirs and no more."""
    import datetime  # in 3.12 no module for interpreters that each have a GIL

    load()
    derived = universal.derive_with_room(datetime.datetime)
    many = [derived(2026, 1, 1 + i) for i in range(20)]
    for i, each in enumerate(many):
        each.tag = -1 - i
    assert [each.tag for each in many] == [-1 - i for i in range(20)]
    assert [each.day for each in many] == list(range(1, 21))


def check_bases():
    """A base that cannot be one is refused, and does not decide about the next."""
    for base in (tuple, int, type):
        assert "end with items" in str(raised(universal.derive, base)), base
    assert "nothing may derive" in str(raised(universal.derive, bool))
    assert "metaclass" in str(raised(universal.derive, abc.ABC))
    assert "no type" in str(raised(universal.derive, 3))
    derived = universal.derive(universal.Block)(b"abc")
    derived.tag = 5
    derived[0] = 98
    assert (derived.tag, len(derived)) == (5, 16)
    error = raised(universal.base_by_slot)
    assert type(error) is SystemError and "pyshim_type_new" in str(error), error


def check_alignment():
    """What a class of Python adds is where pointers may be."""

    class Slotted(universal.Narrow):
        __slots__ = ("name",)

    slotted = Slotted()
    slotted.name = "s"
    assert slotted.name == "s"
    assert universal.Narrow.__basicsize__ % struct.calcsize("P") == 0


def check_state_of_types():
    """An attribute that is set on a type does not lead to the state of another module."""
    for other in (5, None, universal.Block(), int):
        assert type(raised(universal.blocks_of, other)) is TypeError, other
    assert universal.blocks_of(universal.Tagged) == universal.blocks()
    name = "__module_of_universal.Block__"
    before = universal.Block.__dict__.get(name)
    for other in (sys, 3):
        setattr(universal.Block, name, other)
        if before is not None:
            assert isinstance(raised(universal.Block), TypeError)
        else:
            universal.Block()
    if before is not None:
        setattr(universal.Block, name, before)
    else:
        delattr(universal.Block, name)
    universal.Block()


def check_called():
    called = getattr(universal, "Called", None)
    if called is not None:
        way = "tuple" if sys.version_info < (3, 9) else "vector"
        assert called()() == way, called()()


def check_leaked():
    found = universal.leaked((1, 2, 3))
    if found is not None:
        assert found[:-1] == (None, True, False, ..., NotImplemented, 1, 0, 3, 70000), found
        assert found[-1](())[7] == 0
    assert is_at_last(none_is_kept)


def none_is_kept():
    """Whether what returns None counts it right, which matters before 3.12."""
    cell, before = universal.Cell(), sys.getrefcount(None)
    for i in range(1000):
        cell.set(i)
    return abs(sys.getrefcount(None) - before) < 500


def check(has_buffer=True):
    load()
    assert universal.__doc__ == "One source for every CPython."
    assert universal.created is universal.__spec__
    check_gil()
    check_state()
    check_exception()
    check_cycles()
    check_buffer(has_buffer)
    check_derived(has_buffer)
    check_types_that_end_over_a_base()
    check_types_that_keep_over_a_base()
    check_bases()
    check_alignment()
    check_state_of_types()
    check_called()
    check_leaked()


def at_once(work, count=2):
    """Lets threads do something at once; the first exception goes on."""
    barrier = threading.Barrier(count)
    errors = []

    def run():
        barrier.wait()
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def first_import_in_threads():
    def work():
        load()
        for _ in range(100):
            assert universal.Block(b"x").exports == 0
            universal.Cell().set(1)

    at_once(work, 4)
    assert universal.blocks() == 400


def interpreters_in(folder):
    """What runs a text in an interpreter of its own, and the text that checks all there."""
    sys.path.append(folder)
    import interpreters

    work = "import sys; sys.path[:] = %r; import check_universal; check_universal.check()" % sys.path
    return interpreters.run, work


def check_interpreters_at_once(folder):
    """Two interpreters import at once, before the main one; each has its own state and types."""
    run, work = interpreters_in(folder)

    def in_three():
        for _ in range(3):
            assert run(work) == 0

    at_once(in_three)
    check()


def check_interpreters_in_turn(folder):
    """An interpreter that ends takes nothing from the one before, and leaves nothing to the next."""
    run, work = interpreters_in(folder)
    assert run(work) == 0
    check()
    blocks = universal.blocks()
    assert run(work) == 0
    assert universal.blocks() == blocks

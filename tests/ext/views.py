"""Views between interpreters, on any CPython. Prints `done`.

Usage: views.py FOLDER [SECONDS]. What has threads is repeated until the seconds are over, 1 if nobody
says how many.
"""

import array
import gc
import os
import sys
import sysconfig
import threading
import time
import warnings

folder = sys.argv[1]
sys.path.insert(0, folder)
warnings.simplefilter("error", ResourceWarning)

import views

PREPARE = f"import sys; sys.path.insert(0, {folder!r}); import views, gc, warnings\n"


def new():
    interpreter = views.create()
    views.run(interpreter, PREPARE)
    return interpreter


def raises(kind, part, function, *arguments):
    try:
        function(*arguments)
    except kind as error:
        assert part in str(error), error
    else:
        raise AssertionError(f"no {kind.__name__}")


gone = []


class Counted(bytearray):
    """Says when it has gone."""

    def __del__(self):
        gone.append(1)  # which free-threaded builds do not lose


def exporters():
    data = bytes(range(24))
    yield b""
    yield data
    yield bytearray(data)
    yield bytearray(3_000_000)
    yield array.array("d", [1.5, 2.5])
    yield array.array("H", range(9))
    yield memoryview(data)[::2]
    yield memoryview(data)[::-1]
    yield memoryview(bytearray(data))[2:9].toreadonly()
    yield memoryview(data).cast("B", (2, 3, 4))
    yield memoryview(data).cast("I", (2, 3))
    yield memoryview(bytearray(data)).cast("b", (6, 4))[::2]
    yield memoryview(data).cast("i", (1, 6))
    yield memoryview(data[:4]).cast("I", ())
    yield memoryview(b"ab" * 4).cast("c")
    yield memoryview(array.array("q", range(5)))[1:4]
    yield views.rows()


def round_trips():
    there = new()
    for exporter in exporters():
        wanted = memoryview(exporter)
        token = views.send(exporter)
        assert type(token) is int
        told = views.run(
            there,
            f"with views.open({token}) as m:\n"
            " assert type(m) is memoryview\n"
            " result = (views.describe(m), m.shape, m.strides, m.suboffsets, m.format, m.itemsize,"
            " m.nbytes, m.readonly, m.contiguous, m.c_contiguous, m.f_contiguous,"
            " None if m.suboffsets and m.ndim > 1 else m.tolist()[:50] if m.ndim else m[()])",
        )
        m = wanted
        values = (
            None if m.suboffsets and m.ndim > 1 else m.tolist()[:50] if m.ndim else m[()]
        )
        here = (
            views.describe(m), m.shape, m.strides, m.suboffsets, m.format, m.itemsize,
            m.nbytes, m.readonly, m.contiguous, m.c_contiguous, m.f_contiguous, values,
        )
        assert told == str(here)[:2047], (told, here)
        assert views.count() == (0, 0, 0), views.count()
    views.end(there)


def written_memory_is_shared():
    there = new()
    data = bytearray(b"abc")
    token = views.send(data)
    views.run(there, f"m = views.open({token}); m[1] = 120; s = m[1:]")
    assert data == b"axc"
    data[2] = 121
    raises(BufferError, "", data.append, 1)
    assert views.run(there, "result = bytes(s)") == "b'xy'"
    assert views.count() == (0, 1, 0)
    views.run(there, "m.release()")
    assert views.count() == (0, 1, 0)  # a slice has it still
    views.run(there, "s.release()")
    assert views.count() == (0, 0, 0)
    data.append(1)
    token = views.send(data)
    views.run(there, f"m = views.open({token}); h = memoryview(m)\nviews.close(h)\nviews.close(m)")
    assert views.count() == (0, 0, 0)
    views.end(there)


def closing_with_users_is_refused():
    there = new()
    token = views.send(b"abc")
    views.run(
        there,
        f"import array\nm = views.open({token})\nclass Holder:\n pass\n"
        "it = (lambda m: (yield from m))(m)\nnext(it)\n"
        "import io\nraw = io.BytesIO(m)\n"
        "import pickle\nbuffer = pickle.PickleBuffer(m)\n"
        "try:\n views.close(m)\n result = None\nexcept BufferError as error:\n result = error\n",
    )
    assert "export" in views.run(there, "pass")
    assert views.count() == (0, 1, 0)
    views.run(there, "buffer.release(); views.close(m)")
    assert views.count() == (0, 0, 0)
    views.end(there)


def tokens_open_once():
    there = new()
    exporter = Counted(b"abc")
    token = views.send(exporter)
    del exporter
    with views.open(token) as m:
        assert bytes(m) == b"abc"
        raises(ValueError, "no view", views.open, token)
        views.run(
            there,
            f"try:\n views.open({token})\nexcept ValueError as error:\n result = error",
        )
        assert "no view" in views.run(there, "pass")
        assert views.withdraw(token) is False
    gc.collect()
    assert len(gone) == 1
    raises(ValueError, "no view", views.open, token)
    raises(ValueError, "no view", views.open, 0)
    raises(OverflowError, "", views.open, -1)
    raises(OverflowError, "", views.open, 1 << 64)
    raises(TypeError, "", views.open, "1")
    raises(TypeError, "", views.send, 1)
    views.end(there)


def tokens_are_withdrawn():
    there = new()
    exporter = Counted(b"abc")
    token = views.send(exporter)
    raises(BufferError, "", exporter.append, 1)
    views.run(
        there,
        f"try:\n views.withdraw({token})\nexcept ValueError as error:\n result = error",
    )
    assert "sent by another" in views.run(there, "pass")
    assert views.count() == (1, 0, 0)
    assert views.withdraw(token) is True
    exporter.append(1)
    del exporter
    gc.collect()
    assert len(gone) == 1
    assert views.withdraw(token) is False
    raises(ValueError, "no view", views.open, token)
    assert views.count() == (0, 0, 0)
    views.end(there)


def an_unclosed_view_warns():
    there = new()
    token = views.send(Counted(b"abc"))
    told = views.run(
        there,
        "with warnings.catch_warnings(record=True) as caught:\n"
        " warnings.simplefilter('always')\n"
        f" m = views.open({token})\n del m\n gc.collect()\n"
        "result = [str(w.category.__name__) + ': ' + str(w.message) for w in caught]",
    )
    assert "ResourceWarning" in told and "unclosed view of 3 bytes" in told, told
    assert views.count() == (0, 0, 0)
    gc.collect()
    assert len(gone) == 1
    # As in a cycle, which the collector finds.
    token = views.send(Counted(b"abc"))
    told = views.run(
        there,
        "with warnings.catch_warnings(record=True) as caught:\n"
        " warnings.simplefilter('always')\n"
        f" cycle = [views.open({token})]\n cycle.append(cycle)\n del cycle\n gc.collect()\n"
        "result = [w.category.__name__ for w in caught]",
    )
    assert told == "['ResourceWarning']", told
    # And one that was closed does not.
    token = views.send(Counted(b"abc"))
    told = views.run(
        there,
        "with warnings.catch_warnings(record=True) as caught:\n"
        " warnings.simplefilter('always')\n"
        f" m = views.open({token})\n views.close(m)\n del m\n gc.collect()\n"
        f"result = caught",
    )
    assert told == "[]", told
    assert views.count() == (0, 0, 0)
    gc.collect()
    assert len(gone) == 3
    views.end(there)


def the_owner_ends_first():
    pinned = views.count()[2]
    for size in (3, 40, 500, 700, 100_000, 5_000_000):
        there = new()
        views.run(
            there,
            f"import array\nsent = [kind(bytes([7]) * {size}) for kind in (bytes, bytearray,"
            " lambda b: array.array('B', b), memoryview)]\n"
            "result = ','.join(str(views.send(o)) for o in sent)\nunopened = views.send(b'abc')\n",
        )
        tokens = [int(token) for token in views.run(there, "pass").split(",")]
        unopened = int(views.run(there, "result = unopened"))
        memories = [views.open(token) for token in tokens]
        assert views.count() == (1, 4, pinned), views.count()
        views.end(there)
        pinned += 4
        assert views.count() == (0, 4, pinned), views.count()
        raises(ValueError, "its interpreter has ended", views.open, unopened)
        others = [new() for _ in range(2)]  # which may get memory that was given back
        junk = [bytes([9]) * n for n in range(3000)]
        assert all(bytes(m) == b"\7" * size for m in memories)
        for other in others:
            views.end(other)
        assert all(bytes(m) == b"\7" * size for m in memories)
        for memory in memories:
            views.close(memory)
        assert views.count() == (0, 0, pinned), views.count()


def the_owner_ends_meanwhile():
    """While threads open its views and close them, for which they enter it. What they got is whole, and
    what they did not get is an exception. Goes on until the end came between the two."""
    rounds = met = 0
    while rounds < 8 or not met:
        rounds += 1
        assert rounds <= 400, "it never ended while a thread was at it"
        met += one_owner_ends_meanwhile()


def one_owner_ends_meanwhile():
    """Whether threads were both let in and refused from when on it began to end."""
    before = views.count()
    owner = new()
    told = views.run(
        owner,
        "base = views.send(b'')\n"
        "sent = [bytearray([n % 251]) * 900 for n in range(120)]\n"
        # What is said of another interpreter is short.
        "result = ','.join(str(views.send(o) - base) for o in sent)\n",
    )
    base = int(views.run(owner, "result = base"))
    tokens = [base + int(n) for n in told.split(",")]
    begins, over = threading.Barrier(4), threading.Event()
    opened, refused = [], []

    def receive(token):
        try:
            with views.open(token) as m:
                assert len(set(m)) == 1 and len(m) == 900
                opened.append(token)
        except ValueError:
            refused.append(token)

    def work(first, *others, last):
        try:
            receive(first)
            begins.wait()
            for token in others:
                receive(token)
            over.wait()
            receive(last)
        except BaseException:
            begins.abort()
            raise

    threads = [
        threading.Thread(target=work, args=tokens[n:-3:3], kwargs={"last": tokens[n - 3]})
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    begins.wait()
    views.end(owner)
    over.set()
    for thread in threads:
        thread.join()
    assert {*tokens[:3]} <= {*opened} and {*tokens[-3:]} <= {*refused}
    assert sorted(opened + refused) == tokens
    after = views.count()
    assert after[:2] == (0, 0) and after[2] - before[2] <= 3, (before, after)
    return len(opened) > 3 and len(refused) > 3


def the_owner_is_first_used_in_atexit():
    """As long as its callbacks run, threads get in; then they do not, and none is in when it goes."""
    before = views.count()
    there = new()
    reading, writing = os.pipe()
    views.run(
        there,
        "import atexit, os, time\n@atexit.register\ndef use():\n views.send(b'abc')\n"
        f" os.write({writing}, str(views.interpreter_view()).encode())\n time.sleep(0.05)\n",
    )
    entered = []

    def work():
        view = int(os.read(reading, 99))
        while views.visit(view, "result = 6 * 7") == "42":
            entered.append(view)

    thread = threading.Thread(target=work)
    thread.start()
    views.end(there)
    thread.join()
    os.close(reading)
    os.close(writing)
    assert entered and views.count() == before, (len(entered), views.count())


def the_receiver_ends_first():
    pinned = views.count()[2]
    there = new()
    exporters = [Counted(b"abc") for _ in range(5)]
    tokens = [views.send(exporter) for exporter in exporters]
    del exporters
    views.run(
        there,
        "warnings.simplefilter('ignore')\n"
        f"kept = [views.open(t) for t in {tokens[:3]}]\n"
        "cycle = [kept.pop()]\ncycle.append(cycle)\ndel cycle\n"
        "class Late:\n def __init__(self, m):\n  self.m = m\n def __del__(self):\n  self.m.release()\n"
        f"sys.late = Late(views.open({tokens[3]}))\n",
    )
    assert views.count() == (1, 4, pinned)
    views.end(there)
    assert views.count() == (1, 0, pinned), views.count()
    gc.collect()
    assert len(gone) == 4
    assert views.withdraw(tokens[4])
    gc.collect()
    assert len(gone) == 5


def threads_enter_interpreters():
    """Those that come from nowhere, and those that come from elsewhere."""
    there = new()
    views.run(there, "number = 41")
    view = int(views.run(there, "result = views.interpreter_view()"))
    for enter in (views.visit, views.here):
        assert enter(view, "number += 1; result = number") == str(views.run(there, "result = number"))
    here = views.interpreter_view()
    assert views.here(here, "import sys; result = sys.argv[1]") == folder
    assert views.visit(here, "result = folder") == folder
    began = time.monotonic()
    assert views.guard_and_end(there, view, 300)
    assert time.monotonic() - began > 0.25  # it waited for the guard
    assert views.visit(view, "") is None
    assert views.here(view, "") is None


def a_lent_thread_state_is_seen():
    """A thread goes into another interpreter, and comes from one where it has a thread state that another
    thread made and still has. Before 3.12 nobody can tell that such a thread is attached."""
    if sys.version_info < (3, 12):
        return
    there = new()
    home = views.interpreter_view()
    enters = f"result = views.here({home}, 'result = 6 * 7')"
    assert views.run_with_lent_state(there, enters) == "42"
    views.end(there)


def the_way_back_holds_nothing():
    """A thread that is on its way back from an interpreter, where nobody lets it in, does not keep the other
    one from ending. Before 3.12 there is one GIL for both, and without a GIL everybody is let in."""
    if sys.version_info < (3, 12) or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return
    there = new()
    view = int(views.run(there, "import time; result = views.interpreter_view()"))
    left = []
    thread = threading.Thread(
        target=lambda: left.append(views.here(view, "inside = True; time.sleep(0.4)"))
    )
    thread.start()
    while views.run(there, "result = 'inside' in globals()") != "True":
        time.sleep(0.01)
    assert views.end_while_attached(there, 20)
    thread.join()
    assert left == ["True"], left


def views_pass_on():
    """What was received is sent on, and closed from the far end."""
    first, second = new(), new()
    token = views.send(Counted(b"abc"))
    on = views.run(first, f"m = views.open({token}); result = views.send(m)")
    told = views.run(second, f"m = views.open({on}); result = bytes(m)")
    assert told == "b'abc'"
    views.run(second, "m.release()")
    views.run(first, "m.release()")
    gc.collect()
    assert len(gone) == 1 and views.count()[:2] == (0, 0)
    views.end(first)
    views.end(second)


def threads_on_both_sides():
    """Interpreters open what this one sends, while they send to it; and all of it comes back."""
    pinned = views.count()[2]
    there = [new() for _ in range(2)]
    failures = []

    def work(interpreter, seed):
        try:
            for i in range(60):
                token = views.send(Counted(b"abc"))
                back = views.run(
                    interpreter,
                    f"with views.open({token}) as m:\n assert bytes(m) == b'abc'\n"
                    f"result = views.send(bytearray(b'x' * {1 + i * seed}))",
                    True,
                )
                with views.open(int(back)) as m:
                    assert bytes(m) == b"x" * (1 + i * seed)
                lost = views.send(Counted(b"d"))
                assert views.withdraw(lost)
        except BaseException as error:
            failures.append(repr(error))

    threads = [
        threading.Thread(target=work, args=(there[n % 2], 7 + n)) for n in range(4)
    ]
    # Each thread has an interpreter at a time, for __main__'s names are the interpreter's.
    for pair in (threads[:2], threads[2:]):
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
    assert not failures, failures
    gc.collect()
    assert views.count() == (0, 0, pinned), views.count()
    assert len(gone) == 480, len(gone)
    for interpreter in there:
        views.end(interpreter)


def through_the_standard_library():
    """Whatever passes ints, from 3.14 on a queue."""
    data = bytearray(b"abc")
    work = (
        "with views.open(token) as m:\n m[0] += 1\n assert bytes(m) == b'bbc'\n"
        "kept = views.open(other)\n"
    )
    token, other = views.send(data), views.send(data)
    try:
        from concurrent import interpreters
    except ImportError:
        try:
            import _interpreters as module
        except ImportError:
            try:
                import _xxsubinterpreters as module
            except ImportError:
                assert views.withdraw(token) and views.withdraw(other)
                print("this CPython was built without interpreters in Python")
                return
        there = module.create()
        shared = {"token": token, "other": other}
        problem = module.run_string(there, PREPARE + work, shared)
        assert problem is None, problem
        finish = lambda: module.destroy(there)
    else:
        queue, back = interpreters.create_queue(), interpreters.create_queue()
        there = interpreters.create()
        there.prepare_main(queue=queue, back=back)
        for number in (token, other):
            queue.put(number)
        there.exec(PREPARE + "token, other = queue.get(), queue.get()\n" + work)
        there.exec("sent = bytearray(b'def')\nback.put(views.send(sent))")
        with views.open(back.get()) as m:
            m[0] = 120
        there.exec("assert sent == b'xef'")
        finish = there.close
    assert data == b"bbc"
    raises(BufferError, "", data.append, 1)
    finish()
    data.append(1)


def memory_may_run_out():
    """At each allocation of CPython's in turn: an exception, and nothing is lost or left."""
    from _testcapi import remove_mem_hooks, set_nomemory

    before = views.count()
    failed = 0
    for n in range(40):
        exporter = Counted(b"abc")
        token = memory = None
        set_nomemory(n, n + 1)
        try:
            token = views.send(exporter)
            memory = views.open(token)
            views.close(memory)
        except (MemoryError, RuntimeError):  # which 3.13t makes of it while it imports
            failed += 1
        finally:
            remove_mem_hooks()
        del exporter
        if token is not None and memory is None:
            with views.open(token) as memory:  # it can be tried again
                assert bytes(memory) == b"abc"
        elif memory is not None:
            memory.release()
        gc.collect()
        assert len(gone) == n + 1 and views.count() == before, (n, len(gone), views.count())
    assert failed > 3


def a_fork_takes_views_along():
    """Of the main interpreter; CPython itself does not get over a fork with others."""
    before = views.count()
    token = views.send(bytearray(b"abc"))
    child = os.fork()
    if child == 0:
        with views.open(token) as memory:
            assert bytes(memory) == b"abc"
        os._exit(42 if views.count() == before else 1)
    _, status = os.waitpid(child, 0)
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 42, status
    assert views.withdraw(token)
    assert views.count() == before


ALL = (
    a_fork_takes_views_along,
    round_trips,
    through_the_standard_library,
    written_memory_is_shared,
    closing_with_users_is_refused,
    tokens_open_once,
    tokens_are_withdrawn,
    an_unclosed_view_warns,
    threads_enter_interpreters,
    a_lent_thread_state_is_seen,
    the_way_back_holds_nothing,
    views_pass_on,
    the_receiver_ends_first,
    the_owner_ends_meanwhile,
    the_owner_is_first_used_in_atexit,
    threads_on_both_sides,
    the_owner_ends_first,
)
if sys.argv[2:] == ["memory_may_run_out"]:
    memory_may_run_out()
    print("done")
    sys.exit()
end = time.monotonic() + float(*sys.argv[2:] or [1])
for test in ALL:
    gone.clear()
    test()
while time.monotonic() < end:
    for test in (the_owner_ends_meanwhile, threads_on_both_sides):
        gone.clear()
        test()
print("done")

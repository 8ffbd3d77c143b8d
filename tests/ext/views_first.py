"""Two threads use pyshim first in the main interpreter, and one of them is late. Prints `done`.

Usage: views_first.py FOLDER HOW. `threads` start together; `nested` is one thread that interrupts itself,
which it can in every build.
"""

import sys
import threading

folder, how = sys.argv[1:]
sys.path.insert(0, folder)

import views


def threads():
    barrier = threading.Barrier(8)

    def use():
        barrier.wait()
        assert views.withdraw(0) is False

    started = [threading.Thread(target=use) for _ in range(8)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


def interrupted_by(function):
    """A first use during which the function is called, in the import of atexit, where Python's code
    runs."""
    began = []

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == "atexit" and not began:
                began.append(True)
                function()

    sys.modules.pop("atexit", None)
    sys.meta_path.insert(0, Finder)
    try:
        views.withdraw(0)
    finally:
        sys.meta_path.remove(Finder)
        assert began


def nested():
    interrupted_by(lambda: views.withdraw(0))


def nested_and_fails():
    """What the other use has made stays."""
    tokens = []

    def use_and_fail():
        tokens.append(views.send(b"abc"))
        raise ImportError("no atexit")

    try:
        interrupted_by(use_and_fail)
    except ImportError as error:
        assert "no atexit" in str(error), error
    else:
        raise AssertionError("it did not fail")
    assert views.withdraw(tokens[0]) is True


globals()[how]()

# The interpreter can still be entered, and what comes from it is given back to it.
here = views.interpreter_view()
assert views.visit(here, "result = 6 * 7") == "42"
there = views.create()
views.run(there, f"import sys; sys.path.insert(0, {folder!r}); import views")
data = bytearray(b"abc")
views.run(there, f"views.open({views.send(data)}).release()")
assert views.count() == (0, 0, 0), views.count()
data.append(1)
views.end(there)
print("done")

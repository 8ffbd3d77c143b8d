"""One way for a process to end with views that were not closed; the folder and its name are arguments.

Up to 3.12 CPython does not let a process end before its other interpreters, so they are ended in
atexit: `before` the C core looks there for the last time, or `after`.
"""

import atexit
import sys
import threading
import time
import warnings

folder, what, when = sys.argv[1:]
sys.path.insert(0, folder)
warnings.simplefilter("ignore", ResourceWarning)

interpreters = []


def end_all():
    while interpreters:
        views.end(interpreters.pop())


if when == "after":
    atexit.register(end_all)

import views

views.withdraw(0)  # registers the C core
if when == "before":
    atexit.register(end_all)


def new():
    interpreter = views.create()
    views.run(interpreter, f"import sys; sys.path.insert(0, {folder!r}); import views")
    interpreters.append(interpreter)
    return interpreter


def sent_by(interpreter):
    return int(views.run(interpreter, "result = views.send(bytearray(5))"))


def receiver_is_another():
    views.run(new(), f"m = views.open({views.send(bytearray(5))})")


def receiver_is_main():
    globals()["m"] = views.open(sent_by(new()))


def receiver_is_main_until_sys_goes():
    sys.m = views.open(sent_by(new()))


def neither_is_main():
    views.run(new(), f"m = views.open({sent_by(new())})")


def both_are_main():
    globals()["m"] = views.open(views.send(bytearray(5)))


def nobody_opens():
    sent_by(new())
    views.send(b"abc")


def the_owner_has_ended():
    globals()["m"] = views.open(sent_by(new()))
    views.end(interpreters.pop())


def daemons_open_and_close():
    owner = new()
    tokens = [sent_by(owner) for _ in range(3000)]

    def work():
        while tokens:
            try:
                with views.open(tokens.pop()) as m:
                    bytes(m)
            except (ValueError, RuntimeError):
                return  # it has ended, or is ending
            except IndexError:
                return  # the other thread had the last one, on a machine so busy that there is one

    for _ in range(2):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.001)


def closed_in_atexit():
    memory = views.open(sent_by(new()))
    atexit.register(memory.release)


def used_after_the_last_look(first=lambda: None):
    class Late:
        def __del__(self):
            first()
            for function in (views.send, views.open):
                try:
                    function(b"abc" if function is views.send else 1)
                except (RuntimeError, ValueError):
                    pass
                else:
                    print("there was something", flush=True)

    globals()["late"] = Late()


def used_when_all_is_forgotten():
    """As in a finalizer that runs when the interpreter's own dictionary has gone."""
    used_after_the_last_look(views.forget)


def nobody_calls_at_exit():
    owner = new()
    token = sent_by(owner)
    views.run(owner, "import atexit; atexit._clear(); views.send(b'abc')")
    globals()["m"] = views.open(token)
    views.end(interpreters.pop())
    if views.count() != (0, 1, 1) or bytes(globals()["m"]) != bytes(5):
        print(views.count(), flush=True)


globals()[what]()
print("end", flush=True)

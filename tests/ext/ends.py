"""Ends an interpreter while threads are attached, wait and have locks.

Usage: ends.py FOLDER HOW [own]. HOW names one of the functions below. With `own` the lock is the C
core's, also where CPython has one.
"""

import atexit
import sys
import threading
import time

folder = sys.argv[1]
sys.path.insert(0, folder)
import interpreters
import waiting

if "own" in sys.argv:
    waiting.use_own()


def start(work, *arguments, daemon=True):
    threading.Thread(target=work, args=arguments, daemon=daemon).start()


def until_parked():
    while waiting.byte() != 3:
        time.sleep(0.001)


def count_for_ever(count):
    """In pieces, since a thread is to be stopped between two of them."""
    while True:
        count(100)


def crowd():
    """Threads that Python does not wait for: in sections, initialising, and waiting for either."""
    thing = []
    for _ in range(2):
        start(waiting.stay_in_section, thing)
        start(waiting.initialise_for_ever)
        start(count_for_ever, waiting.count)
        start(count_for_ever, waiting.count_elsewhere)


def main_has_the_mutex():
    """Nobody ever unlocks it."""
    waiting.lock()
    crowd()
    until_parked()


def a_thread_has_the_mutex():
    def hold():
        waiting.lock()
        time.sleep(1000)

    start(hold)
    while waiting.byte() == 0:
        time.sleep(0.001)
    crowd()
    until_parked()


def threads_are_at_it():
    crowd()
    time.sleep(0.05)


def unlocked_at_the_end():
    """Those who waited get it when they may not come back any more."""
    main_has_the_mutex()
    atexit.register(waiting.unlock)


def another_one_has_it():
    """An interpreter ends with a mutex of the process, which is still a mutex."""
    code = f"import sys; sys.path.insert(0, {folder!r}); import waiting; waiting.lock()"
    assert interpreters.run(code) == 0
    assert waiting.byte() == 1
    start(waiting.count, 100)
    until_parked()
    waiting.unlock()
    while waiting.byte() != 0:
        time.sleep(0.001)


def another_one_waits():
    """An interpreter that ends waits for its threads, and these for a mutex of another."""
    code = f"""
import sys; sys.path.insert(0, {folder!r})
import threading, waiting
for _ in range(3):
    threading.Thread(target=waiting.count, args=(100,)).start()
"""
    waiting.lock()

    def unlock():
        until_parked()
        time.sleep(0.05)
        waiting.unlock()

    start(unlock, daemon=False)
    assert interpreters.run(code) == 0
    assert waiting.byte() == 0


globals()[sys.argv[2]]()
if sys.argv[2] in ("main_has_the_mutex", "another_one_has_it"):
    waiting.use_after_python()
print("ends", flush=True)

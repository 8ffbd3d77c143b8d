"""Waits for a mutex in every way there is, and checks that nothing is lost and nobody waits for ever.

Usage: waiting.py FOLDER SECONDS [own]. With `own` the lock is the C core's, also where CPython has one.
"""

import os
import subprocess
import sys
import threading
import time

folder, seconds = sys.argv[1], float(sys.argv[2])
sys.path.insert(0, folder)
import interpreters
import waiting

if "own" in sys.argv:
    waiting.use_own()


def start(work, *arguments):
    thread = threading.Thread(target=work, args=arguments)
    thread.start()
    return thread


def until_parked():
    """Comes back when some thread waits for the mutex, as the byte says."""
    while waiting.byte() != 3:
        time.sleep(0.001)


def contention():
    """Threads that are attached, and some that Python does not know."""
    deadline = time.monotonic() + seconds
    wrong = []
    rounds = [0]

    def work(count):
        while time.monotonic() < deadline:
            wrong.append(count(2000))
            rounds[0] += 1

    counts = [waiting.count] * 3 + [waiting.count_elsewhere] * 2
    threads = [start(work, count) for count in counts]
    for thread in threads:
        thread.join()
    assert sum(wrong) == 0, "two threads were in"
    assert waiting.byte() == 0, waiting.byte()
    assert rounds[0] >= len(counts)


def no_busy_waiting():
    """Who waits uses no processor time, and does not keep the GIL."""
    waiting.lock()
    waiters = [start(waiting.count, 1000) for _ in range(3)]
    until_parked()
    before = time.process_time()
    time.sleep(0.5)
    used = time.process_time() - before
    waiting.unlock()
    for waiter in waiters:
        waiter.join()
    assert used < 0.2, f"waiting took {used} s of the processor"


def another_interpreter():
    """A thread that switched to another interpreter waits, and the others go on."""
    waiting.lock()
    code = f"import sys; sys.path.insert(0, {folder!r}); import waiting; waiting.lock(); waiting.unlock()"
    results = []
    waiter = start(lambda: results.append(interpreters.run(code)))
    until_parked()
    time.sleep(0.05)
    assert not results
    waiting.unlock()
    waiter.join()
    assert results == [0], results
    assert waiting.byte() == 0


def fork():
    """In the child nobody waits any more, and the thread that forked still has what it had."""
    if not hasattr(os, "fork"):
        return
    deadline = time.monotonic() + seconds / 10
    rounds = 0
    while rounds < 20 or time.monotonic() < deadline:
        rounds += 1
        waiting.lock()
        waiters = [start(waiting.count, 100) for _ in range(2)]
        until_parked()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                waiting.unlock()
                assert waiting.byte() == 0
                waiting.lock()
                fresh = start(waiting.count, 100)
                until_parked()
                waiting.unlock()
                fresh.join()
                code = 0
            finally:
                os._exit(code)
        waiting.unlock()
        _, status = os.waitpid(pid, 0)
        assert status == 0, status
        for waiter in waiters:
            waiter.join()


def unlock_of_an_unlocked_one():
    own = "waiting.use_own(); " if "own" in sys.argv else ""
    code = f"import sys; sys.path.insert(0, {folder!r}); import waiting; {own}waiting.unlock()"
    child = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE)
    assert child.returncode < 0, child
    text = b"pyshim_mutex_unlock: unlocking a mutex that is not locked"
    assert text in child.stderr, child.stderr


print("scheme:", waiting.scheme())
for test in (
    contention,
    no_busy_waiting,
    another_interpreter,
    fork,
    unlock_of_an_unlocked_one,
):
    test()
    print(test.__name__)
print("done")

"""Does what only the Rust extension can and prints what came out, the same on every CPython.

Usage: check.py FOLDER. For all else there is check_demo.py.
"""

import sys
import threading


class Thing:
    """Something that a section can be over."""


def main():
    sys.path.insert(0, sys.argv[1])
    import demo_rust

    lock, other = Thing(), Thing()
    demo_rust.reset()
    print("a panic inside of a section:", demo_rust.count_and_panic(lock, other))
    # A section that had not ended would keep these waiting for ever, or crash them.
    threads = [threading.Thread(target=demo_rust.count, args=(lock, 20000)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("counted before and afterwards:", demo_rust.total())
    demo_rust.cell_store(lock)
    demo_rust.cell_clear()
    print("cleared:", demo_rust.cell_load() is None)
    print("initialised again:", demo_rust.init_again())
    print("without the GIL:", demo_rust.decide_used(), demo_rust.decide_either())
    print("said of itself:", demo_rust.set_gil(demo_rust))
    print("a leak is reported, or nothing is checked:", demo_rust.stack_leak(lock))
    print("done")


main()

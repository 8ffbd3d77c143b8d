"""Threads share iterators and the empty map, and invariants are counted."""

import sys
import threading

from rpds import HashTrieMap, HashTrieSet, List, Queue, Stack

THREADS = 4
ITEMS = 20_000


def together(work):
    """Runs a work on several threads at once; gives back its results."""
    results, raised = [], []
    start = threading.Barrier(THREADS)

    def run():
        try:
            start.wait()
            results.append(work())
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
    return results


def each_item_goes_to_one_thread():
    numbers = list(range(ITEMS))
    table = HashTrieMap((number, number) for number in numbers)
    for collection in (
        List(numbers),
        Stack(numbers),
        Queue(numbers),
        HashTrieSet(numbers),
        table,
        table.values(),
    ):
        iterator = iter(collection)
        parts = together(lambda: list(iterator))
        assert sorted(sum(parts, [])) == numbers, type(iterator)


def the_empty_map_comes_and_goes():
    """Maps are made and dropped all the time, so that some are found while they die."""

    def work():
        for _ in range(ITEMS):
            empty = HashTrieMap()
            assert len(empty) == 0 and len(empty.insert(1, 2)) == 1
        return empty

    assert all(empty == HashTrieMap() for empty in together(work))


sys.setswitchinterval(1e-5)
the_empty_map_comes_and_goes()
each_item_goes_to_one_thread()

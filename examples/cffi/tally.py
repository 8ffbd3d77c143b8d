"""A number that threads add to."""

from _tally import ffi, lib

# Its memory is all zero at first: the lock is open.
_tally = ffi.new("tally *")


def add(number: int) -> int:
    """Adds a number to the total and returns the total."""
    return lib.tally_add(_tally, number)

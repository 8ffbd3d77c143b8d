# cython: language_level=3, freethreading_compatible=True
"""A number that threads add to."""

from cpython.object cimport PyObject
from pyshim cimport (
    pyshim_critical_section,
    pyshim_critical_section_begin,
    pyshim_critical_section_end,
    pyshim_init,
)

# Raises ImportError where this extension cannot work.
pyshim_init()


cdef class Tally:
    cdef long long total

    def add(self, long long number):
        """Adds a number to the total and returns the total."""
        cdef pyshim_critical_section section
        cdef long long total
        pyshim_critical_section_begin(&section, <PyObject *>self)
        self.total += number
        total = self.total
        pyshim_critical_section_end(&section)
        return total


add = Tally().add

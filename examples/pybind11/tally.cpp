// pybind11 first: it includes Python.h with care for debug builds on Windows.
#include <pybind11/pybind11.h>

#define PYSHIM_NEEDS PYSHIM_NEEDS_CRITICAL_SECTION // what an import must not go without
#include "pyshim.h"

#include <mutex> // lock_guard

namespace py = pybind11;

namespace
{

// What belongs to an object is changed in a critical section over the object.
struct Tally {
    long long total = 0;
};

long long add_to(const py::object &tally, long long number)
{
    pyshim::critical_section_guard held(tally.ptr());
    return tally.cast<Tally &>().total += number;
}

// What belongs to none is changed under a mutex. Who waits for it lets other threads run Python.
pyshim::mutex mutex;
long long total = 0;

long long add(long long number)
{
    std::lock_guard<pyshim::mutex> held(mutex);
    return total += number;
}

} // namespace

PYBIND11_MODULE(tally, module, py::mod_gil_not_used())
{
    if (pyshim_init() < 0) {
        throw py::error_already_set();
    }
    py::class_<Tally>(module, "Tally")
        .def(py::init<>())
        .def("add", &add_to, "Adds a number to this total and returns it.");
    module.def("add", &add, "Adds a number to the module's total and returns it.");
}

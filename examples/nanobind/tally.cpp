#include <nanobind/nanobind.h>

#define PYSHIM_NEEDS PYSHIM_NEEDS_CRITICAL_SECTION // what an import must not go without
#include "pyshim.h"

#include <mutex> // lock_guard

namespace nb = nanobind;

namespace
{

// What belongs to an object is changed in a critical section over the object.
struct Tally {
    long long total = 0;
};

long long add_to(nb::handle_t<Tally> tally, long long number)
{
    pyshim::critical_section_guard held(tally.ptr());
    return nb::cast<Tally &>(tally).total += number;
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

NB_MODULE(tally, module)
{
    if (pyshim_init() < 0) {
        throw nb::python_error();
    }
    nb::class_<Tally>(module, "Tally")
        .def(nb::init<>())
        .def("add", &add_to, "Adds a number to this total and returns it.");
    module.def("add", &add, "Adds a number to the module's total and returns it.");
}

/* A block that holds a section. Leave it by the matching END only: a return, goto, break or
 * exception in between would leave the section open. Where code has several exits, call begin and
 * end, or use the C++ guards below. */
#define PYSHIM_BEGIN_CRITICAL_SECTION(op)                                                          \
    {                                                                                              \
        pyshim_critical_section pyshim_cs_;                                                        \
        pyshim_critical_section_begin(&pyshim_cs_, PYSHIM_CAST(PyObject *, op));

#define PYSHIM_END_CRITICAL_SECTION()                                                              \
        pyshim_critical_section_end(&pyshim_cs_);                                                  \
    }

#define PYSHIM_BEGIN_CRITICAL_SECTION2(a, b)                                                       \
    {                                                                                              \
        pyshim_critical_section2 pyshim_cs2_;                                                      \
        pyshim_critical_section2_begin(&pyshim_cs2_, PYSHIM_CAST(PyObject *, a),                   \
                                       PYSHIM_CAST(PyObject *, b));

#define PYSHIM_END_CRITICAL_SECTION2()                                                             \
        pyshim_critical_section2_end(&pyshim_cs2_);                                                \
    }

#ifdef __cplusplus
namespace pyshim
{

/* Holds a section over one object until the end of its scope, whichever way that is left. */
class critical_section_guard
{
public:
    explicit critical_section_guard(PyObject *op) { pyshim_critical_section_begin(&cs_, op); }
    ~critical_section_guard() { pyshim_critical_section_end(&cs_); }
    critical_section_guard(const critical_section_guard &) = delete;
    critical_section_guard &operator=(const critical_section_guard &) = delete;

private:
    pyshim_critical_section cs_;
};

/* Holds a section over two objects until the end of its scope. */
class critical_section2_guard
{
public:
    critical_section2_guard(PyObject *a, PyObject *b)
    {
        pyshim_critical_section2_begin(&cs_, a, b);
    }
    ~critical_section2_guard() { pyshim_critical_section2_end(&cs_); }
    critical_section2_guard(const critical_section2_guard &) = delete;
    critical_section2_guard &operator=(const critical_section2_guard &) = delete;

private:
    pyshim_critical_section2 cs_;
};

} // namespace pyshim
#endif

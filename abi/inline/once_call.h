/* Calls `initialise` unless that has been done, and waits while another thread does it. It returns 0,
 * or -1 with an exception, after which the next call tries again; and so does this. */
static inline int pyshim_once_call(pyshim_once *once, int (*initialise)(void *), void *argument)
{
    int begun = pyshim_once_begin(once);
    if (begun == 1) {
        begun = initialise(argument) == 0 ? 0 : -1;
        pyshim_once_end(once, begun == 0);
    }
    return begun;
}

/* Makes the object by `make` unless it is there. `make` returns a new reference, or NULL with an
 * exception, after which the next call tries again; this returns a borrowed one, or NULL. */
static inline PyObject *pyshim_once_object_call(pyshim_once_object *once,
                                                PyObject *(*make)(void *), void *argument)
{
    int begun = pyshim_once_object_begin(once);
    if (begun == 1) {
        pyshim_once_object_end(once, make(argument));
    }
    return begun < 0 ? PYSHIM_NULL : pyshim_once_object_get(once);
}

#ifdef __cplusplus
namespace pyshim
{

/* Initialisation that happens once. */
class once
{
public:
    constexpr once() noexcept : once_{0, 0, 0, nullptr} {}
    once(const once &) = delete;
    once &operator=(const once &) = delete;

    /* Calls `initialise` unless that has been done: 0, or -1 with a Python exception, as it returns.
     * A C++ exception counts as a failure too, and goes on to the caller. */
    template <typename Function> int call(Function &&initialise)
    {
        int begun = pyshim_once_begin(&once_);
        if (begun == 1) {
            attempt self(&once_);
            begun = initialise() == 0 ? 0 : -1;
            self.succeeded = begun == 0;
        }
        return begun;
    }

    bool is_done() noexcept { return pyshim_once_is_done(&once_) != 0; }

private:
    struct attempt
    {
        explicit attempt(pyshim_once *of) : once_(of), succeeded(0) {}
        ~attempt() { pyshim_once_end(once_, succeeded); }
        attempt(const attempt &) = delete;
        attempt &operator=(const attempt &) = delete;

        pyshim_once *once_;
        int succeeded;
    };

    pyshim_once once_;
};

} // namespace pyshim
#endif

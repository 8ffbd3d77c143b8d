#ifdef __cplusplus
namespace pyshim
{

#ifndef PYSHIM_NO_PYTHON_H
/* A view that was sent, for as long as it may be that nobody gets its token: it is withdrawn at the end
 * of its scope, unless `release` was called. The thread is attached to the sending interpreter then. */
class sent_view
{
public:
    /* Check `token` for NULL, with an exception, before it is used. */
    explicit sent_view(PyObject *exporter) : token_(pyshim_view_send(exporter)) {}
    ~sent_view()
    {
        if (token_ != nullptr) {
            PyObject *type, *value, *traceback;
            PyErr_Fetch(&type, &value, &traceback);
            if (pyshim_view_withdraw(token_) < 0) {
                PyErr_Clear();
            }
            PyErr_Restore(type, value, traceback);
            Py_DecRef(token_);
        }
    }
    sent_view(const sent_view &) = delete;
    sent_view &operator=(const sent_view &) = delete;

    /* A borrowed reference. */
    PyObject *token() const noexcept { return token_; }

    /* A reference that is the caller's: the view stays until it is opened. */
    PyObject *release() noexcept
    {
        PyObject *token = token_;
        token_ = nullptr;
        return token;
    }

private:
    PyObject *token_;
};
#endif

/* Knows an interpreter without keeping it from ending; for threads that are to enter it. */
class interpreter_view
{
public:
    /* That of the calling thread. Where it is not `valid`, an exception is set. */
    interpreter_view()
    {
        if (pyshim_interpreter_view_from_current(&view_) < 0) {
            view_.handle = nullptr;
        }
    }
    ~interpreter_view() { pyshim_interpreter_view_close(&view_); }
    interpreter_view(const interpreter_view &) = delete;
    interpreter_view &operator=(const interpreter_view &) = delete;

    bool valid() const noexcept { return view_.handle != nullptr; }

    /* The view as C has it. */
    const pyshim_interpreter_view *native_handle() const noexcept { return &view_; }

private:
    pyshim_interpreter_view view_;
};

/* Is in an interpreter until the end of its scope, and keeps it from ending meanwhile. */
class thread_entry
{
public:
    explicit thread_entry(const interpreter_view &view)
        : entered_(pyshim_thread_ensure_from_view(&entry_, view.native_handle()) != 0)
    {
    }
    ~thread_entry()
    {
        if (entered_) {
            pyshim_thread_release(&entry_);
        }
    }
    thread_entry(const thread_entry &) = delete;
    thread_entry &operator=(const thread_entry &) = delete;

    /* False where the interpreter has ended or is ending, and nothing has changed. */
    bool entered() const noexcept { return entered_; }

private:
    pyshim_thread_entry entry_;
    bool entered_;
};

} // namespace pyshim
#endif

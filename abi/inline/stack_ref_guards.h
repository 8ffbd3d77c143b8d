#if defined(__cplusplus) && !defined(PYSHIM_NO_PYTHON_H)
namespace pyshim
{

/* Owns a stack reference and closes it at the end of its scope. */
class owned_stack_ref
{
public:
    owned_stack_ref() : ref_(pyshim_stack_ref_null()) {}
    explicit owned_stack_ref(pyshim_stack_ref ref) : ref_(ref) {}
    owned_stack_ref(owned_stack_ref &&other) noexcept : ref_(other.release()) {}
    owned_stack_ref &operator=(owned_stack_ref &&other) noexcept
    {
        pyshim_stack_ref mine = ref_;
        ref_ = other.release();
        pyshim_stack_ref_xclose(mine);
        return *this;
    }
    ~owned_stack_ref() { pyshim_stack_ref_xclose(ref_); }
    owned_stack_ref(const owned_stack_ref &) = delete;
    owned_stack_ref &operator=(const owned_stack_ref &) = delete;

    /* The reference, which stays with its owner. */
    pyshim_stack_ref get() const { return ref_; }

    /* The reference, for somebody else to close. */
    pyshim_stack_ref release()
    {
        pyshim_stack_ref mine = ref_;
        ref_ = pyshim_stack_ref_null();
        return mine;
    }

private:
    pyshim_stack_ref ref_;
};

/* A frame until the end of its scope. Declare it before what belongs to it. */
class stack_ref_frame_guard
{
public:
    stack_ref_frame_guard() : open_(true) { pyshim_stack_ref_frame_push(&frame_); }
    ~stack_ref_frame_guard()
    {
        if (open_) {
            pyshim_stack_ref_frame_pop(&frame_, pyshim_stack_ref_null());
        }
    }
    stack_ref_frame_guard(const stack_ref_frame_guard &) = delete;
    stack_ref_frame_guard &operator=(const stack_ref_frame_guard &) = delete;

    /* Leaves the frame now, with a reference for the frame around it. */
    pyshim_stack_ref pop(pyshim_stack_ref ref)
    {
        open_ = false;
        return pyshim_stack_ref_frame_pop(&frame_, ref);
    }

private:
    pyshim_stack_ref_frame frame_;
    bool open_;
};

} // namespace pyshim
#endif

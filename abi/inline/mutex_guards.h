#ifdef __cplusplus
namespace pyshim
{

/* A mutex for std::lock_guard, std::unique_lock and std::scoped_lock, which unlock it whichever way
 * their scope is left. It must not be destroyed while a thread has it or waits for it. */
class mutex
{
public:
    constexpr mutex() noexcept : mutex_{0, nullptr} {}
    mutex(const mutex &) = delete;
    mutex &operator=(const mutex &) = delete;

    void lock() noexcept { pyshim_mutex_lock(&mutex_); }
    bool try_lock() noexcept { return pyshim_mutex_try_lock(&mutex_) != 0; }
    void unlock() noexcept { pyshim_mutex_unlock(&mutex_); }
    bool is_locked() noexcept { return pyshim_mutex_is_locked(&mutex_) != 0; }

    /* The mutex as C has it. */
    pyshim_mutex *native_handle() noexcept { return &mutex_; }

private:
    pyshim_mutex mutex_;
};

/* Holds a section over one mutex until the end of its scope. */
class critical_section_mutex_guard
{
public:
    explicit critical_section_mutex_guard(mutex &m)
    {
        pyshim_critical_section_begin_mutex(&cs_, m.native_handle());
    }
    ~critical_section_mutex_guard() { pyshim_critical_section_end(&cs_); }
    critical_section_mutex_guard(const critical_section_mutex_guard &) = delete;
    critical_section_mutex_guard &operator=(const critical_section_mutex_guard &) = delete;

private:
    pyshim_critical_section cs_;
};

/* Holds a section over two mutexes until the end of its scope. */
class critical_section2_mutex_guard
{
public:
    critical_section2_mutex_guard(mutex &a, mutex &b)
    {
        pyshim_critical_section2_begin_mutex(&cs_, a.native_handle(), b.native_handle());
    }
    ~critical_section2_mutex_guard() { pyshim_critical_section2_end(&cs_); }
    critical_section2_mutex_guard(const critical_section2_mutex_guard &) = delete;
    critical_section2_mutex_guard &operator=(const critical_section2_mutex_guard &) = delete;

private:
    pyshim_critical_section2 cs_;
};

} // namespace pyshim
#endif

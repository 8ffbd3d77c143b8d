//! What runs.

use pyshim::{AtomicRef, Attached, ModGil, Needs, Sections, ffi};

use crate::convert::{Argument, Outcome, from_bool, from_number, from_text};

pub(crate) fn status<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    let status = match pyshim::sections() {
        Sections::Unknown => ffi::PYSHIM_SECTIONS_UNKNOWN,
        Sections::NoOp => ffi::PYSHIM_SECTIONS_NO_OP,
        Sections::Live => ffi::PYSHIM_SECTIONS_LIVE,
        Sections::Successor => ffi::PYSHIM_SECTIONS_SUCCESSOR,
    };
    from_number(attached, status.into())
}

pub(crate) fn scheme<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    from_text(attached, AtomicRef::scheme())
}

pub(crate) fn providers<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    pyshim::providers(attached).ok()
}

/// Whether a second initialisation finds all as it was.
pub(crate) fn init_again<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    from_bool(attached, pyshim::init(attached, Needs::ALL).is_ok())
}

/// Whether a module that always needs the GIL does without, which none does.
pub(crate) fn decide_used<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    from_bool(
        attached,
        pyshim::gil_decide(attached, ModGil::USED, Needs::ALL).ok()?,
    )
}

/// Whether a module can say of itself that it does without the GIL.
pub(crate) fn set_gil<'py>(attached: Attached<'py>, argument: Argument<'py>) -> Outcome<'py> {
    let module = argument?.as_ptr();
    // SAFETY: the caller gives the module itself; CPython refuses other objects.
    unsafe { pyshim::module_set_gil(attached, module, ModGil::SECTIONS, Needs::ALL) }.ok()?;
    from_bool(attached, true)
}

/// Whether a module that relies on either kind of sections does without.
pub(crate) fn decide_either<'py>(attached: Attached<'py>, _: Argument<'py>) -> Outcome<'py> {
    let either = ModGil::SECTIONS.union(ModGil::SUCCESSOR);
    from_bool(
        attached,
        pyshim::gil_decide(attached, either, Needs::ALL).ok()?,
    )
}

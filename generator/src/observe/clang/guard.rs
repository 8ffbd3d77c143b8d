//! Keeps a panic of bindgen or of libclang's binding from ending this process.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::thread;

use crate::observe::{Failure, Trouble};

const THREAD: &str = "pyshim-libclang";
/// Both recurse as deep as a header makes them.
const STACK: usize = 256 << 20;

/// Runs something in a thread of its own, and says as an error what it panicked with.
pub(super) fn guard<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    silence();
    let thread = thread::Builder::new()
        .name(THREAD.to_owned())
        .stack_size(STACK)
        .spawn(move || panic::catch_unwind(AssertUnwindSafe(work)))
        .map_err(|error| {
            Failure::new(
                Trouble::Oracle,
                format!("no thread for libclang: {error}"),
                "free some memory and try again",
            )
        })?;
    match thread.join() {
        Ok(Ok(result)) => result,
        Ok(Err(payload)) | Err(payload) => Err(gave_up(&*payload)),
    }
}

/// What such a thread panics with becomes an error, so it need not be printed as well.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                before(info);
            }
        }));
    });
}

fn gave_up(payload: &(dyn Any + Send)) -> Failure {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    Failure::new(
        Trouble::Oracle,
        format!(
            "bindgen gave up on the headers: {}",
            text.unwrap_or("it does not say why")
        ),
        "leave this oracle out, or report it to bindgen with the header",
    )
}

#[cfg(test)]
mod tests {
    use super::guard;
    use crate::observe::Trouble;

    #[test]
    fn a_panic_is_an_error_that_says_what_it_was() {
        let result = guard::<()>(|| panic!("unknown thing {}", 7));
        let failure = result.unwrap_err();
        assert_eq!(failure.trouble, Trouble::Oracle);
        assert!(failure.message.contains("unknown thing 7"), "{failure}");
    }
}

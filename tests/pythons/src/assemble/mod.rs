//! Puts interpreters together from packages, on a Debian machine that reaches PyPI and Debian's
//! archive only.
//!
//! | part | from |
//! |---|---|
//! | executable with all of CPython in it, extension modules | PyPI's `freeze-core` ([`wheel`]) |
//! | the library's Python files, headers, pip | Debian sid's packages ([`debian`]), not installed |
//! | Python's own `main`, which the executable lacks | `start.c`, `command_line.c` ([`prefix`]) |
//! | what `sysconfig` says | Debian's data, rewritten by `sysconfig_data.py` ([`prefix`]) |
//!
//! Each is built in a scratch folder, must prove there that it works ([`trial`]), and is then moved
//! into the cache.

mod apt_sources;
mod debian;
mod prefix;
mod trial;
mod wheel;

use crate::cache::Lock;
use crate::{Error, Label};
use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

/// For each download, compilation and the like: long, because a mirror may be slow, and not
/// endless.
const LIMIT: Duration = Duration::from_secs(900);

/// Assembles each of them into the cache that is locked.
pub(crate) fn assemble(labels: &[Label], lock: &Lock) -> Result<(), Error> {
    let start = Instant::now();
    let archive = debian::Archive::of_this_machine()?;
    let pip = wheel::Pip::of_this_machine()?;
    let names: Vec<String> = labels.iter().map(Label::to_string).collect();
    eprintln!(
        "pythons: assembling {} from PyPI's and Debian's packages",
        names.join(", ")
    );
    let scratch = lock.scratch()?;
    let scratch = scratch.path();

    let minors: BTreeSet<u32> = labels.iter().map(|label| label.minor).collect();
    let (library, wheels) = thread::scope(|scope| {
        let library = scope.spawn(|| archive.fetch(&minors, scratch));
        let wheels = pip.fetch(labels, scratch);
        (
            library
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            wheels,
        )
    });
    let (library, wheels) = (library?, wheels?);
    eprintln!(
        "pythons: packages are here after {:.1} s",
        start.elapsed().as_secs_f32()
    );

    for label in labels {
        let parts = prefix::Parts {
            label: *label,
            library: &library,
            wheels: &wheels,
        };
        let (built, version) = parts.build(scratch)?;
        let name = format!("{label}-{version}");
        parts.describe(&built, &lock.place(&name))?;
        trial::hold(&built, *label)?;
        lock.keep(&built, &name)?;
        let seconds = start.elapsed().as_secs_f32();
        eprintln!(
            "pythons: {} after {seconds:.1} s",
            lock.place(&name).display()
        );
    }
    Ok(())
}

//! Two releases of pyshim, in one process or in one extension.

use std::path::Path;
use std::process::Command;

use conformance::extension::Parts;
use conformance::release::Release;
use conformance::run::succeed;
use conformance::standin::Standin;
use pythons::Python;

use crate::headers::{ALL, Built, Headers, NO_TRY, SECTIONS};
use crate::usage::{LIVE, free_threaded, refused, use_on, works};

/// An extension of today's and one that was built earlier, side by side on one CPython: each has its
/// own copy of everything, and both go on working, on several threads too.
pub(crate) fn two_releases(headers: &Headers) -> Result<(), String> {
    let bits = format!("-DFUTURE_BITS={SECTIONS}");
    let flags = ["-DPy_TARGET_ABI3T=0x030F0000", NO_TRY, &bits].map(str::to_owned);
    let today = headers.build_parts(&Built::Today.parts(), "3.15t", &flags, "future")?;
    let name = "-DFUTURE_NAME=earlier".to_owned();
    let flags: Vec<String> = flags.into_iter().chain([name]).collect();
    let earlier = Headers::new(headers.pythons.clone(), Built::Earlier);
    let earlier = earlier.build_parts(&Built::Earlier.parts(), "3.15t", &flags, "earlier")?;
    let program = format!(
        "import earlier {}\nimport future {}\n{}",
        earlier.display(),
        today.display(),
        "threads 4 earlier churn\nthreads 4 future churn\nthreads 4 earlier count\n\
         threads 4 future count\ncall earlier drain\ncall future drain\ncall earlier locks\n\
         call future locks\ncall earlier total\ncall future total\nstate\n"
    );
    for minor in [15, 16] {
        let outcome = Standin::new(&free_threaded(minor))?.run_program(&program)?;
        let wanted = ["0"; 20].into_iter().chain(["4000", "4000"]);
        if !outcome.success
            || outcome.gil_enabled != Some(false)
            || !outcome.texts().into_iter().eq(wanted)
        {
            return Err(format!("{outcome:#?}"));
        }
    }
    for label in ["3.15", "3.15t"] {
        two_releases_on(headers.of(label)?, &earlier, &today)?;
    }
    Ok(())
}

/// The same on a real CPython, of either build: one file is for both.
fn two_releases_on(python: &Python, earlier: &Path, today: &Path) -> Result<(), String> {
    let code = "
import sys, threading
sys.path += sys.argv[1:]
import earlier, future
functions = 'count', 'churn', 'references'
work = [getattr(module, name) for module in (earlier, future) for name in functions * 2]
results = []
threads = [threading.Thread(target=lambda f=f: results.append(f())) for f in work]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert results == [0] * len(work), results
for module in earlier, future:
    assert (module.drain(), module.locks(), module.total()) == (0, 0, 2000)
";
    let folders = [earlier, today].map(|path| path.parent().unwrap_or(path).to_owned());
    let mut command = Command::new(&python.executable);
    command
        .env_remove("PYTHON_GIL")
        .args(["-W", "error", "-c", code])
        .args(folders);
    succeed(&mut command).map(drop)
}

/// `#define PYSHIM_TABLE_HASH …` of a release.
fn table_hash(release: &Release) -> Result<String, String> {
    let path = release.include.join("pyshim/table.h");
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("#define PYSHIM_TABLE_HASH "));
    line.map(str::to_owned)
        .ok_or_else(|| format!("{}: no hash", path.display()))
}

/// Where somebody mixes two releases in one extension, the table is compared; of an older and of a
/// newer core alike.
pub(crate) fn headers_and_core(headers: &Headers) -> Result<(), String> {
    let (now, then) = (Release::current(), Release::baseline());
    let same = table_hash(&now)? == table_hash(&then)?;
    let bits = format!("-DFUTURE_BITS={SECTIONS}");
    let flags = [ALL, "-DPYSHIM_FORCE_TABLE", &bits].map(str::to_owned);
    for (of_headers, of_core) in [(&now, &then), (&then, &now)] {
        let parts = Parts {
            headers: of_headers.clone(),
            core: of_core.clone(),
        };
        // Whose source both releases' headers can compile.
        let earlier = Headers::new(headers.pythons.clone(), Built::Earlier);
        let extension = earlier.build_parts(&parts, "3.15t", &flags, "future")?;
        let outcome = use_on(&free_threaded(15), &extension)?;
        if same {
            works(&outcome, LIVE, false)?;
        } else {
            refused(
                &outcome,
                &["the headers have table", "compile both from one release"],
            )?;
        }
    }
    Ok(())
}

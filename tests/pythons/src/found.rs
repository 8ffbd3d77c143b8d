//! Lists the CPythons of this machine.

use crate::cache::Cache;
use crate::interrogation::interrogate;
use crate::{Error, Label, Origin, Python, uv};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

/// Every CPython 3.8 or newer on this machine, the best one of each label, sorted by label.
///
/// Those named by `PYSHIM_PYTHONS` are taken as they are, or are an error. Of the others, one with
/// headers beats one without, a final release beats the ones before it, an installed one beats a
/// cached one, and the newest wins.
pub fn found() -> Result<Vec<Python>, Error> {
    Places::from_environment().found()
}

/// Where interpreters may be.
struct Places {
    named: Vec<PathBuf>,
    pyenv: PathBuf,
    uv: PathBuf,
    path: Vec<PathBuf>,
    cache: Option<Cache>,
}

struct Candidate {
    executable: PathBuf,
    origin: Origin,
}

impl Places {
    fn from_environment() -> Self {
        let list = |name| -> Vec<PathBuf> {
            let value = env::var_os(name).unwrap_or_default();
            env::split_paths(&value)
                .filter(|path| !path.as_os_str().is_empty())
                .collect()
        };
        let home = env::home_dir().unwrap_or_default();
        Self {
            named: list("PYSHIM_PYTHONS"),
            pyenv: env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from),
            uv: uv::folder(&home),
            path: list("PATH"),
            cache: Cache::from_environment(),
        }
    }

    fn found(&self) -> Result<Vec<Python>, Error> {
        let candidates = self.candidates();
        let answers: Vec<Result<Python, Error>> = thread::scope(|scope| {
            let asked: Vec<_> = candidates
                .iter()
                .map(|candidate| {
                    scope.spawn(|| interrogate(&candidate.executable, candidate.origin))
                })
                .collect();
            asked
                .into_iter()
                .map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect()
        });

        let mut best = BTreeMap::new();
        for (candidate, answer) in candidates.into_iter().zip(answers) {
            match answer {
                Ok(python) => prefer(&mut best, python),
                Err(error) if candidate.origin == Origin::Named => {
                    return Err(Error::Named {
                        executable: candidate.executable,
                        reason: error.to_string(),
                    });
                }
                // A shim without a version behind it, PyPy, Python 2: not what is looked for.
                Err(_) => {}
            }
        }
        Ok(best.into_values().collect())
    }

    /// In the order of preference among equals, each file once, however many names lead to it.
    fn candidates(&self) -> Vec<Candidate> {
        let mut seen = BTreeSet::new();
        let mut candidates = Vec::new();
        let mut add = |executable: PathBuf, origin| {
            let Ok(file) = executable.canonicalize() else {
                // A named one is asked all the same, so that its absence is reported.
                if origin == Origin::Named {
                    candidates.push(Candidate { executable, origin });
                }
                return;
            };
            if seen.insert(file) || origin == Origin::Named {
                candidates.push(Candidate { executable, origin });
            }
        };

        for executable in &self.named {
            add(executable.clone(), Origin::Named);
        }
        for prefix in entries(&self.pyenv.join("versions")) {
            add(prefix.join("bin/python"), Origin::Pyenv);
        }
        for prefix in entries(&self.uv) {
            add(prefix.join("bin/python3"), Origin::Uv);
        }
        let shims = self.pyenv.join("shims");
        for folder in self.path.iter().filter(|folder| **folder != shims) {
            for executable in entries(folder) {
                if is_interpreter_name(&executable) {
                    let origin = origin_on_path(&executable);
                    add(executable, origin);
                }
            }
        }
        for prefix in self.cache.iter().flat_map(Cache::prefixes) {
            add(prefix.join("bin/python3"), Origin::Assembled);
        }
        candidates
    }
}

/// Sorted, so that which of two equals is taken does not depend on the file system.
fn entries(folder: &Path) -> BTreeSet<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect()
}

/// `python3.13` and `python3.13t`, and not `python3.13-config`.
fn is_interpreter_name(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let name = name.strip_suffix(env::consts::EXE_SUFFIX).unwrap_or(name);
    let Some(minor) = name.strip_prefix("python3.") else {
        return false;
    };
    let minor = minor.strip_suffix('t').unwrap_or(minor);
    !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
}

fn origin_on_path(executable: &Path) -> Origin {
    let packaged = executable.starts_with("/usr/bin") || executable.starts_with("/bin");
    if packaged && Path::new("/etc/debian_version").exists() {
        Origin::Debian
    } else {
        Origin::Path
    }
}

fn prefer(best: &mut BTreeMap<Label, Python>, python: Python) {
    let named = python.origin == Origin::Named;
    match best.get_mut(&python.label) {
        None => {
            best.insert(python.label, python);
        }
        // The first one named wins, for the user wrote it first.
        Some(current) if named || current.origin == Origin::Named => {}
        Some(current) => {
            if rank(&python) > rank(current) {
                *current = python;
            }
        }
    }
}

fn rank(python: &Python) -> (bool, bool, bool, u32) {
    let final_release = python.version.is_final();
    (
        python.has_headers(),
        final_release,
        python.origin != Origin::Assembled,
        python.version.hex,
    )
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::{Places, is_interpreter_name};
    use crate::Error;
    use crate::cache::Cache;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use tempfile::TempDir;

    /// A folder with programs in it that answer as interpreters do.
    struct Machine {
        root: TempDir,
    }

    impl Machine {
        fn new() -> Self {
            Self {
                root: tempfile::tempdir().unwrap(),
            }
        }

        fn path(&self, path: &str) -> PathBuf {
            self.root.path().canonicalize().unwrap().join(path)
        }

        fn program(&self, path: &str, script: &str) {
            let path = self.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            // A file that this process has open for writing can't be run, and neither can one whose
            // descriptor a child of another test has for a moment inherited. So a child writes it.
            let text = self.path("text");
            fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
            let mut install = Command::new("install");
            assert!(
                install
                    .arg("-m755")
                    .arg(text)
                    .arg(path)
                    .status()
                    .unwrap()
                    .success()
            );
        }

        fn python(&self, path: &str, hex: u32, headers: &str) {
            let real = self.path(path);
            let answer = format!(
                r#"{{"hex": {hex}, "free_threaded": false, "debug": false, "executable": "{}",
                "include_dirs": [{headers}], "header_version": "", "ext_suffixes": [".so"]}}"#,
                real.display(),
            );
            self.program(path, &format!("echo '{}'", answer.replace('\n', " ")));
        }

        fn places(&self) -> Places {
            Places {
                named: Vec::new(),
                pyenv: self.path("pyenv"),
                uv: self.path("uv"),
                path: vec![self.path("pyenv/shims"), self.path("bin")],
                cache: Some(Cache::at(&self.path("cache"))),
            }
        }
    }

    /// Label, version, origin and path below the machine's root.
    fn table(machine: &Machine, places: &Places) -> Vec<String> {
        let row = |python: &crate::Python| {
            let root = machine.path("");
            let path = python
                .executable
                .strip_prefix(root)
                .unwrap_or(&python.executable);
            format!(
                "{} {} {} {}",
                python.label,
                python.version,
                python.origin,
                path.display()
            )
        };
        places.found().unwrap().iter().map(row).collect()
    }

    #[test]
    fn one_interpreter_of_each_label_is_listed() {
        let machine = Machine::new();
        machine.python("pyenv/versions/3.13.0/bin/python", 0x030d_00f0, "");
        machine.python("pyenv/versions/3.13.1/bin/python", 0x030d_01f0, "");
        machine.python("bin/python3.9", 0x0309_02f0, "");
        machine.python("bin/python3.9-config", 0x0309_03f0, "");
        machine.python("cache/3.14-3.14.2/bin/python3", 0x030e_02f0, r#""/x""#);
        machine.python("cache/.assembling-1/bin/python3", 0x030f_02f0, r#""/x""#);
        let expected = [
            "3.9 3.9.2 PATH bin/python3.9",
            "3.13 3.13.1 pyenv pyenv/versions/3.13.1/bin/python",
            "3.14 3.14.2 assembled cache/3.14-3.14.2/bin/python3",
        ];
        assert_eq!(table(&machine, &machine.places()), expected);
    }

    #[test]
    fn headers_beat_versions_and_a_cached_one_is_the_last_resort() {
        let machine = Machine::new();
        machine.python("pyenv/versions/3.13.1/bin/python", 0x030d_01f0, "");
        machine.python("bin/python3.13", 0x030d_00f0, r#""/x""#);
        machine.python("cache/3.13-3.13.9/bin/python3", 0x030d_09f0, r#""/x""#);
        assert_eq!(
            table(&machine, &machine.places()),
            ["3.13 3.13.0 PATH bin/python3.13"]
        );
    }

    #[test]
    fn a_cached_final_release_beats_a_release_candidate() {
        let machine = Machine::new();
        machine.python("bin/python3.15", 0x030f_00c1, r#""/x""#);
        machine.python("cache/3.15-3.15.0/bin/python3", 0x030f_00f0, r#""/x""#);
        let expected = ["3.15 3.15.0 assembled cache/3.15-3.15.0/bin/python3"];
        assert_eq!(table(&machine, &machine.places()), expected);
    }

    #[test]
    fn shims_are_not_interpreters() {
        let machine = Machine::new();
        machine.python("pyenv/versions/3.13.1/bin/python", 0x030d_01f0, "");
        // One of pyenv's own folder must not even be run; another manager's leads to the same file
        // or nowhere.
        machine.program(
            "pyenv/shims/python3.13",
            &format!("touch {}", machine.path("ran").display()),
        );
        machine.program(
            "bin/python3.13",
            &format!(
                "exec {}",
                machine.path("pyenv/versions/3.13.1/bin/python").display()
            ),
        );
        machine.program(
            "bin/python3.12",
            "echo 'python3.12: command not found' >&2; exit 127",
        );
        let expected = ["3.13 3.13.1 pyenv pyenv/versions/3.13.1/bin/python"];
        assert_eq!(table(&machine, &machine.places()), expected);
        assert!(!machine.path("ran").exists());
    }

    #[test]
    fn a_link_is_the_file_it_leads_to() {
        let machine = Machine::new();
        machine.python("uv/cpython-3.14/bin/python3.14", 0x030e_00f0, "");
        symlink("python3.14", machine.path("uv/cpython-3.14/bin/python3")).unwrap();
        fs::create_dir(machine.path("bin")).unwrap();
        symlink(
            machine.path("uv/cpython-3.14/bin/python3.14"),
            machine.path("bin/python3.14"),
        )
        .unwrap();
        let places = machine.places();
        assert_eq!(
            table(&machine, &places),
            ["3.14 3.14.0 uv uv/cpython-3.14/bin/python3.14"]
        );
        assert_eq!(places.candidates().len(), 1);
    }

    #[test]
    fn the_first_named_interpreter_wins_over_everything() {
        let machine = Machine::new();
        machine.python("one", 0x030d_00f0, "");
        machine.python("two", 0x030d_05f0, r#""/x""#);
        machine.python("bin/python3.13", 0x030d_05f0, r#""/x""#);
        let mut places = machine.places();
        places.named = vec![machine.path("one"), machine.path("two")];
        assert_eq!(table(&machine, &places), ["3.13 3.13.0 PYSHIM_PYTHONS one"]);
    }

    #[test]
    fn a_named_interpreter_that_does_not_run_is_an_error() {
        let machine = Machine::new();
        machine.program("broken", "echo 'no such luck' >&2; exit 1");
        for (path, reason) in [
            ("broken", "no such luck"),
            ("absent", "could not be started"),
        ] {
            let mut places = machine.places();
            places.named = vec![machine.path(path)];
            match places.found() {
                Err(error @ Error::Named { .. }) => {
                    assert!(error.to_string().contains(reason), "{error}")
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn the_interpreters_of_this_machine_are_distinct_and_run() {
        let pythons = super::found().unwrap();
        assert!(
            !pythons.is_empty(),
            "not even the system's own Python was found"
        );
        for pair in pythons.windows(2) {
            assert!(pair[0].label < pair[1].label, "{pair:?}");
        }
        for python in &pythons {
            assert!(
                (python.version.major(), python.version.minor()) >= (3, 8),
                "{python:?}"
            );
            assert!(python.executable.is_absolute(), "{python:?}");
            assert!(!python.ext_suffixes.is_empty(), "{python:?}");
            if python.has_headers() {
                assert!(
                    python.include_dirs[0].join("Python.h").exists(),
                    "{python:?}"
                );
                assert!(
                    python.header_version.starts_with(&python.label.feature()),
                    "{python:?}"
                );
            }
        }
    }

    #[test]
    fn names_of_interpreters() {
        for (name, answer) in [
            ("python3.13", true),
            ("python3.13t", true),
            ("python3", false),
            ("python3.", false),
            ("python3.t", false),
            ("python3.13-config", false),
            ("python3.13td", false),
            ("python2.7", false),
        ] {
            assert_eq!(
                is_interpreter_name(Path::new("/usr/bin").join(name).as_path()),
                answer,
                "{name}"
            );
        }
    }
}

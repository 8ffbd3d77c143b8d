//! `cargo xtask itself`: every shared object of this machine, compared with itself.

use crate::failure::Failure;
use crate::place::target;
use crate::step::cargo;
use crate::task::Task;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;

pub(crate) const TASK: Task = Task {
    name: "itself",
    about: "Compare every shared object of this machine with itself; nothing may differ",
    arguments: |command| command,
    run: |_| run(),
};

/// Where systems keep shared objects.
const FOLDERS: [&str; 3] = ["/usr/lib", "/usr/local/lib", "/lib"];

/// How a comparison ended.
enum Ended {
    /// There are facts, and they are the same.
    Same,
    /// It is no shared object, or it exports nothing; and the command says so.
    Undecided,
    /// Anything else.
    Wrong(String),
}

/// How many ended in which way.
#[derive(Default)]
struct Counts {
    same: usize,
    undecided: usize,
    wrong: Vec<String>,
}

pub(crate) fn run() -> Result<(), Failure> {
    cargo(&["build", "--release", "--quiet", "--package", "pyshim-gen"])?;
    let pyshim = target()
        .join("release/pyshim")
        .with_extension(env::consts::EXE_EXTENSION);
    let files = files()?;
    if files.is_empty() {
        return Err(Failure::CouldNot("there is no shared object".to_owned()));
    }
    let (next, counts) = (Mutex::new(files.iter()), Mutex::new(Counts::default()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(file) = next.lock().ok().and_then(|mut files| files.next()) {
                    let ended = compare(&pyshim, file);
                    if let Ok(mut counts) = counts.lock() {
                        counts.add(ended);
                    }
                }
            });
        }
    });
    let counts = counts.into_inner().unwrap_or_default();
    println!(
        "{} shared objects: {} are the same as themselves, {} are none or export nothing",
        files.len(),
        counts.same,
        counts.undecided
    );
    match counts.wrong.as_slice() {
        [] if counts.same + counts.undecided == files.len() => Ok(()),
        [] => Err(Failure::CouldNot("not all were compared".to_owned())),
        wrong => Err(Failure::Findings(wrong.join("\n"))),
    }
}

impl Counts {
    fn add(&mut self, ended: Ended) {
        match ended {
            Ended::Same => self.same += 1,
            Ended::Undecided => self.undecided += 1,
            Ended::Wrong(how) => self.wrong.push(how),
        }
    }
}

fn compare(pyshim: &Path, file: &Path) -> Ended {
    let output = Command::new(pyshim)
        .arg("diff")
        .args([file, file])
        // A manifest in the current folder would have names of its own to look for.
        .current_dir(env::temp_dir())
        .output();
    let wrong = |how: String| Ended::Wrong(format!("{}: {how}", file.display()));
    let Output {
        status,
        stdout,
        stderr,
    } = match output {
        Ok(output) => output,
        Err(error) => return wrong(error.to_string()),
    };
    let (said, complained) = (
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr),
    );
    let is_binary = is_binary(file);
    match status.code() {
        Some(0) if said.ends_with("\nclean\n") => Ended::Same,
        Some(3) if is_binary && said.contains("\n0 facts compared") => Ended::Undecided,
        // The script of a linker, say.
        Some(3) if !is_binary && complained.starts_with("error[E004]: ") => Ended::Undecided,
        _ => wrong(format!("{status}\n{said}{complained}")),
    }
}

fn is_binary(file: &Path) -> bool {
    let mut start = [0; 4];
    let read = fs::File::open(file).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == *b"\x7fELF"
}

/// Every shared object below the system's folders, and those of the interpreters, each once.
fn files() -> Result<BTreeSet<PathBuf>, Failure> {
    let mut files = BTreeSet::new();
    let mut folders: BTreeSet<PathBuf> = FOLDERS.iter().map(PathBuf::from).collect();
    for python in pythons::found()? {
        let prefix = python.executable.parent().and_then(Path::parent);
        folders.extend(prefix.map(|prefix| prefix.join("lib")));
    }
    for folder in folders {
        if let Ok(folder) = folder.canonicalize() {
            collect(&folder, &mut files);
        }
    }
    Ok(files)
}

/// `libz.so`, `libz.so.1.3`. Other files have more behind it, such as Chromium's `libvulkan.so.1.TOC`.
fn is_of_libraries(name: &str) -> bool {
    let (_, version) = name.rsplit_once(".so").unwrap_or(("", "none"));
    version.chars().all(|c| c.is_ascii_digit() || c == '.')
}

fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
            collect(&path, files);
        } else if (is_of_libraries(&name) || name.contains(".so.") && is_binary(&path))
            && let Ok(path) = path.canonicalize()
            && path.is_file()
        {
            files.insert(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_libraries;

    #[test]
    fn libraries_are_told_from_what_is_about_them() {
        for name in [
            "libz.so",
            "libz.so.1",
            "libz.so.1.3.0",
            "demo.cpython-314t-x86_64-linux-gnu.so",
        ] {
            assert!(is_of_libraries(name), "{name}");
        }
        for name in ["libvulkan.so.1.TOC", "libz.a", "so", "libz.so.conf"] {
            assert!(!is_of_libraries(name), "{name}");
        }
    }
}

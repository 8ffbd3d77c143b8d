//! A project to begin with: the example of a build system, under another name.

mod name;

pub use name::{Name, Refused};

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::write::WriteError;

/// The examples, in the order of [`TOOLS`], each file after a line `-- PATH --`. Held to `examples/` by
/// a test, for a package of this crate has nothing from outside of it.
const EXAMPLES: &str = include_str!("examples.txt");

/// What the examples are called.
const EXAMPLE: &str = "tally";

/// How an example finds the crate `pyshim`.
const IN_A_CLONE: &str = "path = \"../../shim\"";

/// What builds an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// As it is called on the command line.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its example, below `examples`.
    pub folder: &'static str,
    /// Whether pip builds it.
    pub makes_a_wheel: bool,
}

/// All that a project can be made for.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "setuptools",
        about: "C with setuptools",
        folder: "setuptools",
        makes_a_wheel: true,
    },
    Tool {
        name: "meson",
        about: "C with Meson and meson-python",
        folder: "meson",
        makes_a_wheel: true,
    },
    Tool {
        name: "scikit-build",
        about: "C with CMake and scikit-build-core",
        folder: "cmake",
        makes_a_wheel: true,
    },
    Tool {
        name: "maturin",
        about: "Rust with PyO3 and maturin",
        folder: "maturin",
        makes_a_wheel: true,
    },
    Tool {
        name: "cython",
        about: "Cython with setuptools",
        folder: "cython",
        makes_a_wheel: true,
    },
    Tool {
        name: "cffi",
        about: "C and Python with cffi and setuptools",
        folder: "cffi",
        makes_a_wheel: true,
    },
    Tool {
        name: "nanobind",
        about: "C++ with nanobind, CMake and scikit-build-core",
        folder: "nanobind",
        makes_a_wheel: true,
    },
    Tool {
        name: "pybind11",
        about: "C++ with pybind11, CMake and scikit-build-core",
        folder: "pybind11",
        makes_a_wheel: true,
    },
    Tool {
        name: "make",
        about: "C with a Makefile, and no wheel",
        folder: "make",
        makes_a_wheel: false,
    },
];

impl Tool {
    /// The tool of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Tool> {
        TOOLS.iter().find(|tool| tool.name == name)
    }

    /// Its example's files: where each is in the project, and its text.
    fn files(&self) -> Vec<(&'static str, String)> {
        let mut files: Vec<(&'static str, String)> = Vec::new();
        let mut is_ours = false;
        for line in EXAMPLES.split_inclusive('\n') {
            let path = line.trim_end().strip_prefix("-- ");
            if let Some(path) = path.and_then(|path| path.strip_suffix(" --")) {
                let ours = path.strip_prefix(self.folder);
                let ours = ours.and_then(|path| path.strip_prefix('/'));
                is_ours = ours.is_some();
                files.extend(ours.map(|path| (path, String::new())));
            } else if let Some((_, text)) = files.last_mut().filter(|_| is_ours) {
                text.push_str(line);
            }
        }
        files
    }
}

/// A project that is not on disk yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The name of the project, of its folder and of its module.
    pub name: Name,
    /// Where each file is in the folder, and its text.
    pub files: Vec<(String, String)>,
}

impl Project {
    /// The example of a tool under another name. Refuses a name that its sources use for something else.
    pub fn new(name: Name, tool: &Tool) -> Result<Project, Refused> {
        let files = tool.files();
        let mut others = files.iter().filter(|_| name.as_str() != EXAMPLE);
        if let Some((path, _)) = others.find(|(_, text)| name.is_in(text)) {
            return Err(Refused::InUse(path));
        }
        let crates_io = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
        let renamed = files.into_iter().map(|(path, text)| {
            let text = text.replace(IN_A_CLONE, &crates_io);
            (
                name.in_the_place_of(EXAMPLE, path),
                name.in_the_place_of(EXAMPLE, &text),
            )
        });
        Ok(Project {
            files: renamed.collect(),
            name,
        })
    }

    /// Writes the project into a new folder of its name in `parent`, and says which. A failure leaves
    /// nothing behind.
    pub fn write(&self, parent: &Path) -> Result<PathBuf, WriteError> {
        let folder = parent.join(self.name.as_str());
        let fail = |error| WriteError {
            path: folder.clone(),
            error,
        };
        if folder.symlink_metadata().is_ok() {
            return Err(fail(io::ErrorKind::AlreadyExists.into()));
        }
        let beside = tempfile::tempdir_in(parent).map_err(fail)?;
        // A folder in it has the permissions that folders have here.
        let unfinished = beside.path().join(self.name.as_str());
        self.fill(&unfinished).map_err(fail)?;
        fs::rename(&unfinished, &folder).map_err(fail)?;
        Ok(folder)
    }

    fn fill(&self, folder: &Path) -> io::Result<()> {
        for (path, text) in &self.files {
            let file = folder.join(path);
            fs::create_dir_all(file.parent().unwrap_or(folder))?;
            fs::write(file, text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, Project, Refused, TOOLS, Tool};

    #[test]
    fn every_tool_has_a_project_and_nothing_is_left_of_the_example() {
        for tool in TOOLS {
            let project = Project::new("gear_box".parse().unwrap(), tool).unwrap();
            assert!(project.files.len() >= 2, "{}", tool.name);
            for (path, text) in &project.files {
                let whole = format!("{path}\n{text}").to_lowercase();
                assert!(!whole.contains("tally"), "{}: {whole}", tool.name);
                assert!(!text.is_empty(), "{}: {path}", tool.name);
            }
            let all: String = project.files.into_iter().map(|(_, text)| text).collect();
            assert!(all.contains("gear_box"), "{}", tool.name);
        }
    }

    #[test]
    fn names_are_in_the_case_of_what_they_stand_for() {
        let project =
            |tool| Project::new("gear_box".parse().unwrap(), Tool::named(tool).unwrap()).unwrap();
        let has = |project: &Project, path: &str, words: &str| {
            let file = project.files.iter().find(|(name, _)| name == path);
            assert!(file.unwrap().1.contains(words), "{path}: {words}");
        };
        let rust = project("maturin");
        has(&rust, "src/lib.rs", "struct GearBox {");
        has(&rust, "src/lib.rs", "mod gear_box {");
        has(
            &rust,
            "Cargo.toml",
            concat!("version = \"", env!("CARGO_PKG_VERSION"), "\""),
        );
        let cffi = project("cffi");
        has(&cffi, "gear_box_build.py", "\"_gear_box\"");
        has(&cffi, "setup.py", "GEAR_BOX_ABI");
        has(&cffi, "gear_box.py", "lib.gear_box_add(_gear_box, number)");
    }

    #[test]
    fn words_of_the_sources_are_no_names() {
        let refused = |name: &str, tool| {
            Project::new(name.parse::<Name>().unwrap(), Tool::named(tool).unwrap())
        };
        assert_eq!(refused("total", "cython"), Err(Refused::InUse("tally.pyx")));
        assert_eq!(refused("lock", "cffi"), Err(Refused::InUse("tally.py")));
        assert_eq!(refused("pyshim", "make"), Err(Refused::InUse("Makefile")));
        assert!(refused("lock", "setuptools").is_ok());
    }

    #[test]
    fn a_folder_that_is_there_stays_as_it_was() {
        let here = tempfile::tempdir().unwrap();
        let project = Project::new("gear".parse().unwrap(), &TOOLS[0]).unwrap();
        let folder = project.write(here.path()).unwrap();
        std::fs::write(folder.join("setup.py"), "mine").unwrap();
        let error = project.write(here.path()).unwrap_err();
        assert_eq!(error.error.kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(folder.join("setup.py")).unwrap(), b"mine");
        assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 1);
    }
}

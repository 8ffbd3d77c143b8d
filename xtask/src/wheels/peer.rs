//! The other auditors, in an environment of their own, and what they say of a wheel.

use crate::failure::Failure;
use crate::step;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is asked, and the versions that the page is about.
pub(super) const PEERS: [&str; 2] = ["abi3audit==0.0.26", "abi3t-doctor==0.1.0"];

/// The environment that has them.
pub(crate) struct Peers {
    bin: PathBuf,
}

/// What one says of a wheel.
pub(super) struct Verdict {
    /// Whether it ends with 0, as CI sees it.
    pub(super) is_passed: bool,
    /// In a few words.
    pub(super) words: String,
    /// Why it is like that, where the tool is known to be wrong or to mean something else.
    pub(super) why: Vec<&'static str>,
}

impl Peers {
    /// Installs them, unless they are there.
    pub(super) fn install(folder: &Path) -> Result<Self, Failure> {
        let bin = folder.join("bin");
        if !bin.join("abi3t-doctor").exists() {
            step::run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
            let mut pip = Command::new(bin.join("python"));
            step::run(pip.args(["-m", "pip", "install", "-q"]).args(PEERS))?;
        }
        Ok(Peers { bin })
    }

    /// Gets a wheel, of which the name says all that pip has to know.
    pub(super) fn download(&self, wheel: &str, folder: &Path) -> Result<(), Failure> {
        let parts = Vec::from_iter(wheel.trim_end_matches(".whl").split('-'));
        let [name, version, python, abi, platform] = parts.as_slice() else {
            return Err(Failure::CouldNot(format!(
                "`{wheel}` is not a wheel's name"
            )));
        };
        let mut pip = Command::new(self.bin.join("python"));
        pip.args([
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--only-binary=:all:",
        ]);
        pip.args(["--implementation", "cp", "--python-version"]);
        pip.arg(python.replace("cp3", "3.")).arg("-d").arg(folder);
        for abi in abi.split('.') {
            pip.args(["--abi", abi]);
        }
        for platform in platform.split('.') {
            pip.args(["--platform", platform]);
        }
        step::run(pip.arg(format!("{name}=={version}")))
    }

    pub(crate) fn abi3audit_program(&self) -> PathBuf {
        self.bin.join("abi3audit")
    }

    pub(crate) fn doctor_program(&self) -> PathBuf {
        self.bin.join("abi3t-doctor")
    }

    pub(super) fn abi3audit(&self, wheel: &Path) -> Result<Verdict, Failure> {
        // As cibuildwheel calls it.
        let mut command = Command::new(self.abi3audit_program());
        let (code, said) = output(command.args(["--strict", "--report"]).arg(wheel))?;
        let report: Value =
            serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap_or_default();
        let specs = report["specs"].as_object().into_iter().flatten();
        let results = specs.flat_map(|(_, spec)| spec["wheel"].as_array().into_iter().flatten());
        let mut names = Vec::new();
        for result in results {
            let list = result["result"]["non_abi3_symbols"].as_array();
            names.extend(
                list.into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned),
            );
            let future = result["result"]["future_abi3_objects"].as_object();
            names.extend(future.into_iter().flatten().map(|(name, _)| name.clone()));
        }
        let mut verdict = Verdict {
            is_passed: code == 0,
            words: "passes".to_owned(),
            why: Vec::new(),
        };
        if !names.is_empty() {
            verdict.words = format!("offences: {}", names.len());
            if names.iter().all(|name| name.starts_with("PyModExport_")) {
                verdict.why.push(HOOKS);
            }
        } else if code != 0 {
            verdict.words = "not tagged abi3".to_owned();
            verdict.why.push(UNTAGGED);
        }
        Ok(verdict)
    }

    pub(super) fn doctor(&self, wheel: &Path) -> Result<Verdict, Failure> {
        let mut command = Command::new(self.doctor_program());
        let (code, said) = output(command.arg("wheel").arg(wheel))?;
        let lines = said
            .lines()
            .filter_map(|line| line.trim().strip_prefix("error "));
        let mut codes: Vec<&str> = lines.filter_map(|line| line.split(' ').next()).collect();
        codes.dedup();
        let why = codes.iter().filter_map(|code| {
            let known = DOCTOR.iter().find(|(known, _)| known == code);
            known.map(|(_, why)| *why)
        });
        Ok(Verdict {
            is_passed: code == 0,
            words: match codes.is_empty() {
                true => "passes".to_owned(),
                false => codes.join(", "),
            },
            why: why.collect(),
        })
    }
}

const UNTAGGED: &str = "abi3audit looks at abi3 alone, and `--strict` makes an error of another tag; pyshim looks at every wheel";
const HOOKS: &str =
    "abi3audit takes the module's own `PyModExport_` hooks for offences; only what is taken counts";
/// What abi3t-doctor's codes come from, where pyshim says something else.
const DOCTOR: [(&str, &str); 3] = [
    (
        "T103",
        "abi3t-doctor does not allow `abi3t` below 3.15; installers take such a wheel on 3.13t and 3.14t, and the file is imported there",
    ),
    (
        "S207",
        "abi3t-doctor counts `PyModuleDef_Init` though there is `PyModExport_` for who cannot use it; only `PyInit_` calls it",
    ),
    (
        "S203",
        "abi3t-doctor wants `PyModExport_`; cffi's `PyInit_` asks the installed cffi for a module, so that nothing of a definition is in the file, and pyshim says `unknown`",
    ),
];

fn output(command: &mut Command) -> Result<(i32, String), Failure> {
    let output = command.output();
    let output = output.map_err(|error| Failure::CouldNot(format!("{command:?}: {error}")))?;
    let code = output.status.code();
    let code = code.ok_or_else(|| Failure::CouldNot(format!("{command:?}: {}", output.status)))?;
    Ok((code, String::from_utf8_lossy(&output.stdout).into_owned()))
}

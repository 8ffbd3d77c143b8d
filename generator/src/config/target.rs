//! What an extension can be compiled as.

use crate::audit::runtime::Runtime;
use crate::audit::symbols::Symbols;
use crate::model::version::Version;
use crate::model::when::Build;

use super::python_tag;
use super::refusal::{Refusal, Wrong};

/// The oldest CPython that was observed with such suffixes, of which there is one.
fn oldest(is_such: impl Fn(&[String]) -> bool) -> Version {
    let known = Symbols::known().runtimes.iter();
    let such = known.filter(|(_, suffixes)| is_such(suffixes));
    let versions = such.map(|(runtime, _)| runtime.version);
    versions.min().unwrap_or(Version { major: 0, minor: 0 })
}

/// One of the ABIs, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// For one version and build.
    Version,
    /// The stable ABI of GIL-enabled builds.
    Abi3,
    /// That of both builds.
    Abi3t,
    /// A file for everything, made with pyshim.
    Universal,
}

impl Target {
    /// Each of them.
    pub const ALL: [Target; 4] = [
        Target::Version,
        Target::Abi3,
        Target::Abi3t,
        Target::Universal,
    ];

    /// As the command line has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Target::Version => "version",
            Target::Abi3 => "abi3",
            Target::Abi3t => "abi3t",
            Target::Universal => "universal",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }

    /// The first version whose loader looks for `.abi3t.so`: that is the one with the ABI.
    fn first_abi3t() -> Version {
        oldest(|suffixes| suffixes.iter().any(|one| one == ".abi3t.so"))
    }

    /// Whether an interpreter's headers have the target, and its platform has one file for it.
    pub(super) fn fits(self, python: Runtime, windows: bool) -> Result<(), Refusal> {
        let abi3t = Target::first_abi3t();
        let name = self.name();
        match self {
            Target::Abi3t | Target::Universal if python.version < abi3t => Err(Refusal::new(
                Wrong::Old,
                format!(
                    "{name} needs headers of CPython {abi3t} or later, and these are of {python}"
                ),
                format!("name a CPython {abi3t}, of either build: --python {abi3t}"),
            )),
            Target::Abi3 if python.is_free_threaded() => Err(Refusal::new(
                Wrong::Build,
                format!(
                    "abi3 is for GIL-enabled builds, and the headers of {python} do not have it"
                ),
                format!(
                    "name a GIL-enabled CPython, or take --target abi3t with headers of {abi3t}"
                ),
            )),
            Target::Universal if windows => Err(Refusal::new(
                Wrong::Platform,
                "Windows has python3.dll and python3t.dll, and a module is linked with one of them",
                "build two wheels, with --target abi3 and --target abi3t",
            )),
            _ => Ok(()),
        }
    }

    /// The oldest CPython that is to load it, which has to be one that the target can have.
    pub(super) fn since(
        self,
        python: Runtime,
        wanted: Option<Version>,
    ) -> Result<Version, Refusal> {
        let newest = python.version;
        let oldest = match self {
            Target::Version => newest,
            Target::Abi3 | Target::Universal => oldest(|_| true),
            Target::Abi3t => Target::first_abi3t(),
        };
        let since = wanted.unwrap_or(oldest);
        if (oldest..=newest).contains(&since) {
            return Ok(since);
        }
        let help = match self {
            Target::Abi3t if since < oldest => "take --target universal for older ones".to_owned(),
            _ if since > newest => format!("use headers of {since}"),
            _ => "leave --since out".to_owned(),
        };
        Err(Refusal::new(
            Wrong::Since,
            format!(
                "{since} was asked for, and {} with headers of {python} can have {oldest} to {newest}",
                self.name()
            ),
            help,
        ))
    }

    /// What the compiler has to define.
    pub(super) fn macros(self, python: Runtime, since: Version) -> Vec<(&'static str, String)> {
        let hex = format!("0x{:08X}", since.hex());
        match self {
            // Headers of Windows and Debian do not say it themselves.
            Target::Version if python.is_free_threaded() => {
                vec![("Py_GIL_DISABLED", "1".to_owned())]
            }
            Target::Version => Vec::new(),
            Target::Abi3 => vec![("Py_LIMITED_API", hex)],
            Target::Abi3t => vec![("Py_TARGET_ABI3T", hex)],
            Target::Universal => vec![("PYSHIM_UNIVERSAL", hex)],
        }
    }

    /// Python and ABI of the wheel's tag. GIL-enabled CPythons take `abi3` and free-threaded ones
    /// `abi3t`, so a file for both says both; on Windows no file is for both.
    pub(super) fn tag(self, python: Runtime, since: Version, windows: bool) -> String {
        let first = python_tag(since, Build::Gil);
        match self {
            Target::Version => format!("{first}-{}", python_tag(since, python.build)),
            Target::Abi3 => format!("{first}-abi3"),
            Target::Abi3t if windows => format!("{first}-abi3t"),
            Target::Abi3t | Target::Universal => format!("{first}-abi3.abi3t"),
        }
    }

    /// The import library of Windows.
    pub(super) fn library(self, python: Runtime) -> String {
        let t = if python.is_free_threaded() { "t" } else { "" };
        let Version { major, minor } = python.version;
        match self {
            Target::Version => format!("python{major}{minor}{t}.lib"),
            Target::Abi3 => format!("python{major}.lib"),
            Target::Abi3t | Target::Universal => format!("python{major}t.lib"),
        }
    }

    /// The observed CPythons that load it.
    pub(super) fn loads_on(self, python: Runtime, since: Version) -> Vec<Runtime> {
        let known = Symbols::known().runtimes.keys().copied();
        let loads = |runtime: &Runtime| match self {
            Target::Version => *runtime == python,
            Target::Abi3 => !runtime.is_free_threaded() && runtime.version >= since,
            Target::Abi3t | Target::Universal => runtime.version >= since,
        };
        known.filter(loads).collect()
    }
}

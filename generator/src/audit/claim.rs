//! What a module says of itself before anybody looks inside: by its file's name, and by the tags of
//! the wheel that it is in.

use std::collections::BTreeSet;
use std::fmt;

use super::machine::Machine;
use super::runtime::Runtime;
use crate::model::version::Version;
use crate::model::when::{Build, Os};

/// The file name of an extension module, in two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// What is imported, or `__init__` where that is the package that it lies in.
    pub module: String,
    /// What follows says this of the ABI.
    pub suffix: Suffix,
    /// What follows, with its dot.
    pub end: String,
}

/// What the end of a file name says of the ABI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suffix {
    /// `.so` or `.pyd` alone: every CPython looks for it.
    Bare,
    /// `.abi3.so`.
    Abi3,
    /// `.abi3-x86_64-linux-gnu.so`.
    Abi3Platform,
    /// `.abi3t.so`.
    Abi3t,
    /// `.abi3t-x86_64-linux-gnu.so`.
    Abi3tPlatform,
    /// `.cpython-313t-x86_64-linux-gnu.so`, `.cp313-win_amd64.pyd`.
    Version(Runtime),
    /// Of another implementation, or of a debug build.
    Other(String),
}

/// The module that is a package itself.
pub const PACKAGE: &str = "__init__";

impl FileName {
    /// Of the last part of a path; nothing where this is no name of a module or library.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let stem = [".so", ".pyd"]
            .iter()
            .find_map(|end| name.strip_suffix(end))?;
        let with = |(module, middle)| Some((module, Suffix::parse(middle)?));
        let first = with(stem.split_once('.').unwrap_or((stem, "")));
        let last = || stem.rsplit_once('.').and_then(with);
        // Libraries have dots in their names, as `libopenblas.3.23.dev.so` has.
        let (module, suffix) = first.or_else(last).unwrap_or((stem, Suffix::Bare));
        Some(FileName {
            module: module.to_owned(),
            suffix,
            end: name[module.len()..].to_owned(),
        })
    }

    /// What hooks are called after where the file has this path: a package's own module has the name of the
    /// package, and CPython spells hyphens as underscores.
    #[must_use]
    pub fn hook(&self, path: &str) -> String {
        let package = || path.rsplit(['/', '\\', '!']).nth(1);
        let package = (self.module == PACKAGE).then(package).flatten();
        package.unwrap_or(&self.module).replace('-', "_")
    }

    /// Whether there is a dot before a suffix of modules, which the name of none has: no import finds it. What
    /// looks like a suffix that was meant is none of these.
    #[must_use]
    pub fn is_loaded_by_path(&self) -> bool {
        let is_meant = |last: &str| {
            let last = last.to_ascii_lowercase();
            ["abi", "cp"].iter().any(|start| last.starts_with(start))
        };
        let parts = self.module.rsplit_once('.');
        parts.is_some_and(|(_, last)| self.suffix != Suffix::Bare || !is_meant(last))
    }

    /// The platform that it names: `x86_64-linux-gnu`, `darwin`, `win_amd64`.
    fn platform(&self) -> Option<&str> {
        let (middle, _) = self.end.rsplit_once('.')?;
        // Of CPython's own tag, the version is before it.
        let parts = if middle.starts_with(".cpython-") {
            3
        } else {
            2
        };
        middle.splitn(parts, '-').nth(parts - 1)
    }

    /// Whether the platform that it names is of a system that is known, if it names one. Android is
    /// another one than Linux.
    #[must_use]
    pub fn is_of_known_platform(&self) -> bool {
        self.platform().is_none_or(|platform| {
            let is_linux = platform.contains("-linux") && !platform.ends_with("-android");
            is_linux || platform == "darwin" || platform.starts_with("win")
        })
    }

    /// Whether the platform that it names is a Linux with musl, for which CPythons with glibc do not look.
    #[must_use]
    pub fn is_for_musl(&self) -> bool {
        let (_, libc) = self
            .platform()
            .and_then(|platform| platform.split_once("-linux-"))
            .unwrap_or_default();
        libc.starts_with("musl")
    }

    /// Of a suffix that an interpreter looks for, with its dot: `.abi3.so`.
    #[must_use]
    pub fn of_list(suffix: &str) -> Option<Self> {
        const MODULE: &str = "module";
        let name = FileName::parse(&format!("{MODULE}{suffix}"))?;
        (name.module == MODULE).then_some(name)
    }

    /// The place of such a file in a CPython's list, where it looks for one. `looks_for` is what was
    /// observed of it on Linux, which macOS shares but for the platform's name. The file is for `os` and
    /// a processor, and a CPython that can load it has the platform of those in its list.
    #[must_use]
    pub fn place(
        &self,
        runtime: Runtime,
        looks_for: &[String],
        os: Os,
        machine: Option<Machine>,
    ) -> Option<usize> {
        let is_there = self.end.ends_with(".pyd") == (os == Os::Windows)
            && (self.platform())
                .is_none_or(|platform| Machine::is_of_suffix(machine, os, platform));
        let place = || match os {
            // Its list has two entries, and none of a stable ABI.
            Os::Windows => [Suffix::Version(runtime), Suffix::Bare]
                .iter()
                .position(|one| *one == self.suffix),
            _ => {
                let mut list = looks_for.iter().filter_map(|one| FileName::of_list(one));
                list.position(|one| one.suffix == self.suffix)
            }
        };
        is_there.then(place).flatten()
    }
}

/// How the suffixes of other implementations begin, before their versions.
const OTHERS: [&str; 3] = ["pypy", "graalpy", "hpy"];

impl Suffix {
    /// Of what is between a name and the last dot; nothing where that says nothing of an ABI.
    fn parse(middle: &str) -> Option<Self> {
        let (tag, platform) = match middle.split_once('-') {
            Some((tag, rest)) => (tag, Some(rest)),
            None => (middle, None),
        };
        let is_version = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        let is_other = |start: &&str| tag.strip_prefix(*start).is_some_and(is_version);
        Some(match (tag, platform) {
            ("", None) => Suffix::Bare,
            ("abi3", None) => Suffix::Abi3,
            ("abi3", Some(_)) => Suffix::Abi3Platform,
            ("abi3t", None) => Suffix::Abi3t,
            ("abi3t", Some(_)) => Suffix::Abi3tPlatform,
            ("cpython", Some(rest)) if is_version(rest) => Suffix::of_version(rest, middle),
            _ if OTHERS.iter().any(is_other) => Suffix::Other(middle.to_owned()),
            _ => {
                let rest = tag.strip_prefix("cp").filter(|rest| is_version(rest))?;
                Suffix::of_version(rest, middle)
            }
        })
    }

    /// `313t-x86_64-linux-gnu`, where debug builds have a `d`.
    fn of_version(rest: &str, whole: &str) -> Self {
        let number = rest.split('-').next().unwrap_or_default();
        match python(number) {
            Some(runtime) => Suffix::Version(runtime),
            None => Suffix::Other(whole.to_owned()),
        }
    }
}

impl fmt::Display for Suffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Suffix::Bare => f.write_str("no ABI"),
            Suffix::Abi3 => f.write_str("abi3"),
            Suffix::Abi3Platform => f.write_str("abi3 with a platform"),
            Suffix::Abi3t => f.write_str("abi3t"),
            Suffix::Abi3tPlatform => f.write_str("abi3t with a platform"),
            Suffix::Version(runtime) => write!(f, "CPython {runtime}"),
            Suffix::Other(tag) => write!(f, "`{tag}`"),
        }
    }
}

/// Reads `38`, `313t`: the digits of a tag. Versions begin with 3, and have no dot there.
fn python(tag: &str) -> Option<Runtime> {
    let (digits, build) = match tag.strip_suffix('t') {
        Some(digits) => (digits, Build::Ft),
        None => (tag, Build::Gil),
    };
    let minor = digits.strip_prefix('3')?;
    Some(Runtime {
        version: Version::parse(&format!("3.{minor}"))?,
        build,
    })
}

/// One tag of a wheel, of which its name can have several in one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// `cp38`, `py3`.
    pub python: String,
    /// `abi3`, `cp38`, `none`.
    pub abi: String,
    /// `manylinux_2_28_x86_64`.
    pub platform: String,
}

/// The most tags that the name of a wheel or its metadata may stand for. Fat wheels of macOS have some
/// twenty.
const MOST_TAGS: usize = 500;
/// The most bytes of what stands for several.
const LONGEST_TAGS: usize = 1000;

/// The ABI that a tag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Abi {
    /// The stable one of GIL-enabled builds, from a version on.
    Abi3(Version),
    /// The stable one of free-threaded builds, from a version on.
    Abi3t(Version),
    /// One CPython's own.
    Version(Runtime),
}

impl Tag {
    /// Reads `cp38-abi3-linux_x86_64`, and each of several in one: nothing where it is none.
    ///
    /// # Errors
    ///
    /// When it stands for more than any wheel has.
    pub fn parse(text: &str) -> Result<Option<BTreeSet<Tag>>, String> {
        let parts: Result<[&str; 3], _> = Vec::from_iter(text.split('-')).try_into();
        let Ok([pythons, abis, platforms]) = parts else {
            return Ok(None);
        };
        if text.len() > LONGEST_TAGS {
            return Err(format!(
                "its tags have {} bytes in one, and {LONGEST_TAGS} are the most that is read",
                text.len()
            ));
        }
        let all = |list: &'_ str| Vec::from_iter(list.split('.').map(str::to_owned));
        let [pythons, abis, platforms] = [pythons, abis, platforms].map(all);
        // Each part has no more than there are bytes, so that this is no overflow.
        is_believed(pythons.len() * abis.len() * platforms.len())?;
        let mut tags = BTreeSet::new();
        for python in &pythons {
            for abi in &abis {
                tags.extend(platforms.iter().map(|platform| Tag {
                    python: python.clone(),
                    abi: abi.clone(),
                    platform: platform.clone(),
                }));
            }
        }
        Ok(Some(tags))
    }

    /// The ABI that it names; nothing where that is none, or not CPython's.
    #[must_use]
    pub fn abi(&self) -> Option<Abi> {
        let since = || python(self.python.strip_prefix("cp")?).map(|since| since.version);
        match self.abi.as_str() {
            "abi3" => since().map(Abi::Abi3),
            "abi3t" => since().map(Abi::Abi3t),
            abi => python(abi.strip_prefix("cp")?).map(Abi::Version),
        }
    }

    /// Whether installers take a wheel with this tag for a CPython.
    #[must_use]
    pub fn is_for(&self, runtime: Runtime) -> bool {
        if let Some(abi) = self.abi() {
            return abi.is_for(runtime) && self.agrees(abi);
        }
        let version = |start: &str| python(self.python.strip_prefix(start)?).map(|one| one.version);
        match (version("cp"), version("py")) {
            _ if self.abi != "none" => false,
            (Some(one), _) => one == runtime.version,
            (_, Some(since)) => since <= runtime.version,
            _ => self.python == "py3",
        }
    }

    /// Whether there is a CPython that has both its version and its ABI: `cp312-cp312` is one of its tags,
    /// and `py3-cp312` is none.
    fn agrees(&self, abi: Abi) -> bool {
        match abi {
            Abi::Abi3(_) | Abi::Abi3t(_) => true,
            Abi::Version(runtime) => {
                let own = self.python.strip_prefix("cp").and_then(python);
                own.is_some_and(|own| own.version == runtime.version)
            }
        }
    }

    /// Whether it is for every Linux with glibc.
    #[must_use]
    pub fn is_for_glibc(&self) -> bool {
        self.platform.starts_with("manylinux")
    }

    /// Whether it is for any system and any ABI: `py3-none-any`.
    #[must_use]
    pub fn is_for_any(&self) -> bool {
        self.platform == "any" && self.abi == "none"
    }

    /// Whether it is for every Linux with a C library: `manylinux_2_28_x86_64`, `musllinux_1_2_x86_64`.
    #[must_use]
    pub fn is_many_linux(&self) -> bool {
        ["manylinux", "musllinux"]
            .iter()
            .any(|start| self.platform.starts_with(start))
    }

    /// The system that it is for, when that is one of those that are known.
    #[must_use]
    pub fn os(&self) -> Option<Os> {
        Os::of_platform(&self.platform)
    }

    /// Whether anything is known of what it is for: a system that is known, or every one.
    #[must_use]
    pub fn is_of_known_platform(&self) -> bool {
        self.platform == "any" || self.os().is_some()
    }
}

impl Os {
    /// That of the platform in a tag, when it is one of those that are known.
    #[must_use]
    pub fn of_platform(platform: &str) -> Option<Os> {
        let starts = |start: &str| platform.starts_with(start);
        match () {
            () if starts("win") => Some(Os::Windows),
            () if starts("macosx") => Some(Os::Macos),
            () if platform.contains("linux") => Some(Os::Linux),
            () => None,
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.python, self.abi, self.platform)
    }
}

impl Abi {
    /// Whether installers take a wheel of this ABI for a CPython.
    #[must_use]
    pub fn is_for(self, runtime: Runtime) -> bool {
        match self {
            Abi::Abi3(since) => !runtime.is_free_threaded() && runtime.version >= since,
            Abi::Abi3t(since) => runtime.is_free_threaded() && runtime.version >= since,
            Abi::Version(one) => one == runtime,
        }
    }
}

impl fmt::Display for Abi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Abi::Abi3(since) => write!(f, "abi3 from {since} on"),
            Abi::Abi3t(since) => write!(f, "abi3t from {since} on"),
            Abi::Version(runtime) => write!(f, "CPython {runtime}"),
        }
    }
}

fn is_believed(tags: usize) -> Result<(), String> {
    match tags <= MOST_TAGS {
        true => Ok(()),
        false => Err(format!(
            "it stands for {tags} tags, and {MOST_TAGS} are the most that is read"
        )),
    }
}

/// The tags in a wheel's file name; nothing where it is no wheel's name.
///
/// # Errors
///
/// When it stands for more than any wheel has.
pub fn wheel_tags(name: &str) -> Result<Option<BTreeSet<Tag>>, String> {
    let Some(stem) = name.strip_suffix(".whl") else {
        return Ok(None);
    };
    let parts = Vec::from_iter(stem.split('-'));
    match parts.as_slice() {
        // A build number may stand before the three.
        [.., python, abi, platform] if (5..=6).contains(&parts.len()) => {
            Tag::parse(&format!("{python}-{abi}-{platform}"))
        }
        _ => Ok(None),
    }
}

/// The tags that the metadata file `WHEEL` names.
///
/// # Errors
///
/// When they are more than any wheel has.
pub fn metadata_tags(text: &str) -> Result<BTreeSet<Tag>, String> {
    let mut tags = BTreeSet::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("Tag:")) {
        tags.extend(Tag::parse(line.trim())?.unwrap_or_default());
        is_believed(tags.len())?;
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::{Abi, FileName, Suffix, Tag, wheel_tags};
    use crate::audit::runtime::Runtime;
    use crate::model::version::Version;

    fn runtime(label: &str) -> Runtime {
        Runtime::parse(label).expect("a label")
    }

    #[test]
    fn a_name_with_a_dot_is_loaded_by_its_path() {
        for (name, is_by_path) in [
            ("MPI.abi3.so", false),
            ("MPI.mpich.abi3.so", true),
            ("MPI.mpich.so", true),
            ("MPI.impi.pyd", true),
            // These suffixes were meant, and are misspelt.
            ("demo.ABI3.so", false),
            ("demo.abi4.so", false),
            ("demo.cpython_313.so", false),
        ] {
            let name = FileName::parse(name).expect("a module's name");
            assert_eq!(name.is_loaded_by_path(), is_by_path, "{name:?}");
        }
    }

    #[test]
    fn a_file_name_says_which_abi_it_is_of() {
        for (name, suffix) in [
            ("a.so", Suffix::Bare),
            ("a.pyd", Suffix::Bare),
            ("a.abi3.so", Suffix::Abi3),
            ("a.abi3-x86_64-linux-gnu.so", Suffix::Abi3Platform),
            ("a.abi3t.so", Suffix::Abi3t),
            ("a.abi3t-darwin.so", Suffix::Abi3tPlatform),
            (
                "a.cpython-38-x86_64-linux-gnu.so",
                Suffix::Version(runtime("3.8")),
            ),
            (
                "a.cpython-315t-darwin.so",
                Suffix::Version(runtime("3.15t")),
            ),
            ("a.cp313t-win_amd64.pyd", Suffix::Version(runtime("3.13t"))),
            (
                "a.pypy39-pp73-x86_64-linux-gnu.so",
                Suffix::Other("pypy39-pp73-x86_64-linux-gnu".into()),
            ),
            (
                "a.graalpy231-310-native-x86_64-linux-gnu.so",
                Suffix::Other("graalpy231-310-native-x86_64-linux-gnu".into()),
            ),
            (
                "a.cpython-313d-x86_64-linux-gnu.so",
                Suffix::Other("cpython-313d-x86_64-linux-gnu".into()),
            ),
        ] {
            let parsed = FileName::parse(name).expect("a module's name");
            assert_eq!(
                (parsed.module.as_str(), parsed.suffix),
                ("a", suffix),
                "{name}"
            );
        }
        for name in [
            "libopenblas64_p-r0-0cf96a72.3.23.dev.so",
            "libc.cp.so",
            "a.cpython-x.so",
        ] {
            let parsed = FileName::parse(name).expect("a library's name");
            let whole = (parsed.module + &parsed.end, parsed.suffix);
            assert_eq!(whole, (name.to_owned(), Suffix::Bare));
            assert_eq!(parsed.end, ".so", "{name}");
        }
        for suffix in [".dev.so", ".py", "so"] {
            assert_eq!(FileName::of_list(suffix), None, "{suffix}");
        }
        for name in ["a.py", "liba.so.1", "so", "a.dll"] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_wheel_name_has_every_pair_of_its_tags() {
        let tags_of = |name| wheel_tags(name).expect("no more tags than a wheel has");
        let tags = tags_of("a-1.0-1-cp315-abi3.abi3t-linux_x86_64.whl").expect("a wheel's name");
        let abis = Vec::from_iter(tags.iter().filter_map(Tag::abi));
        let since = Version::parse("3.15").expect("a version");
        assert_eq!(abis, [Abi::Abi3(since), Abi::Abi3t(since)]);
        for name in ["a.whl", "a-1.0-py3-none-any.zip", "a-py3-none-any.whl"] {
            assert_eq!(tags_of(name), None, "{name}");
        }
        let pure = tags_of("a-1.0-py3-none-any.whl").expect("a wheel's name");
        assert_eq!(pure.iter().find_map(Tag::abi), None);
    }

    #[test]
    fn installers_take_a_wheel_for_some() {
        for (tag, runtimes) in [
            ("cp311-abi3-any", &["3.12", "3.15"][..]),
            ("cp312-abi3t-any", &["3.13t", "3.15t"]),
            ("cp312-cp312-any", &["3.12"]),
            ("cp313-cp313t-any", &["3.13t"]),
            ("py3-cp312-any", &[]),
            ("cp38-cp312-any", &[]),
            ("cp312-none-any", &["3.12"]),
            ("py312-none-any", &["3.12", "3.13t", "3.15", "3.15t"]),
            ("py3-none-any", &["3.8", "3.12", "3.13t", "3.15", "3.15t"]),
            ("py2-none-any", &[]),
            ("pp311-pypy311_pp73-any", &[]),
        ] {
            let tag = Tag::parse(tag)
                .expect("a few tags")
                .and_then(|mut one| one.pop_first())
                .expect("a tag");
            let all = ["3.8", "3.12", "3.13t", "3.15", "3.15t"];
            let taken = Vec::from_iter(all.into_iter().filter(|one| tag.is_for(runtime(one))));
            assert_eq!(taken, runtimes, "{tag}");
        }
    }
}

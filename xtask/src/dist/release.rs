//! One build of everything that is released.

use super::archive::Archive;
use super::checkout::Commit;
use super::sums;
use super::tools::Tools;
use crate::failure::{Failure, could_not_at};
use crate::step::{self, Steps};
use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What zig compiles and links for, which is as old a C library as Rust's own needs. Without zig it
/// would be that of the machine.
const TARGET: &str = "x86_64-unknown-linux-gnu";
const COMPATIBLE: &str = "manylinux2014";

/// The file that says what compiled the rest.
const TOOLCHAIN: &str = "toolchain.txt";

/// Where completions belong in `share`.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "bash-completion/completions/pyshim"),
    ("zsh", "zsh/site-functions/_pyshim"),
    ("fish", "fish/vendor_completions.d/pyshim.fish"),
];

/// A folder with a clone, what is built in it, and what comes of it.
pub(super) struct Release<'a> {
    commit: &'a Commit,
    tools: &'a Tools,
    folder: PathBuf,
}

impl<'a> Release<'a> {
    pub(super) fn new(commit: &'a Commit, tools: &'a Tools, folder: &Path) -> Self {
        let folder = folder.to_owned();
        Self {
            commit,
            tools,
            folder,
        }
    }

    /// Where what is released is.
    pub(super) fn out(&self) -> PathBuf {
        self.folder.join("out")
    }

    /// Where it is built.
    pub(super) fn checkout(&self) -> PathBuf {
        self.folder.join("pyshim")
    }

    /// Builds all of it.
    pub(super) fn make(&self, steps: &mut Steps) -> Result<(), Failure> {
        steps.run("clone", || {
            fs::create_dir_all(self.out()).map_err(could_not_at("make", &self.out()))?;
            self.commit.clone_into(&self.checkout())
        })?;
        steps.run("crates", || self.crates())?;
        steps.run("package pyshim", || self.package())?;
        steps.run("C sources", || self.c_sources())?;
        steps.run("SBOMs", || self.boms())?;
        steps.run("command", || self.command())?;
        steps.run("man pages", || self.share())?;
        steps.run("package pyshim-gen", || self.generator())?;
        steps.run("toolchain", || self.toolchain())?;
        steps.run("sums", || {
            sums::write(&self.out()).map_err(could_not_at("write the sums of", &self.out()))
        })
    }

    /// Gives a program what makes its output depend on the commit alone.
    fn reproducible(&self, command: &mut Command) -> Result<(), Failure> {
        let checkout = self.checkout();
        let checkout = fs::canonicalize(&checkout).map_err(could_not_at("find", &checkout))?;
        let home = cargo_home()?;
        let prefixes = [(checkout, "/pyshim"), (home, "/cargo")];
        let flags = |option: &str| {
            let flags = prefixes.iter();
            flags
                .map(|(path, name)| format!("{option}={}={name}", path.display()))
                .collect::<Vec<_>>()
        };
        let set = env::vars_os().map(|(name, _)| name);
        for name in set.filter(|name| changes_output(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command
            .current_dir(self.checkout())
            .env("SOURCE_DATE_EPOCH", self.commit.time.to_string())
            .env("CARGO_TARGET_DIR", self.checkout().join("target"))
            // Its separator is one that no path has.
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                flags("--remap-path-prefix").join("\x1f"),
            )
            .env("CFLAGS", flags("-ffile-prefix-map").join(" "))
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC");
        Ok(())
    }

    fn run(&self, command: &mut Command) -> Result<(), Failure> {
        self.reproducible(command)?;
        step::run(command)
    }

    /// Runs a program whose output is a file.
    fn print_into(&self, file: &Path, command: &mut Command) -> Result<(), Failure> {
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(could_not_at("make", parent))?;
        }
        let made = File::create(file).map_err(could_not_at("write", file))?;
        self.run(command.stdout(made))
    }

    /// Packs the crates, and compiles each by itself unless it is told not to.
    pub(super) fn cargo_package(&self, more: &[&str]) -> Result<(), Failure> {
        let mut package = cargo();
        package.args(["package", "--locked", "--quiet"]).args(more);
        self.run(package.args(["--package", "pyshim", "--package", "pyshim-gen"]))
    }

    fn crates(&self) -> Result<(), Failure> {
        self.cargo_package(&["--no-verify"])?;
        for name in ["pyshim", "pyshim-gen"] {
            let name = format!("{name}-{VERSION}.crate");
            let made = self.checkout().join("target/package").join(&name);
            fs::copy(&made, self.out().join(&name)).map_err(could_not_at("copy", &made))?;
        }
        Ok(())
    }

    /// The sdist and the wheel, from the checkout each.
    fn package(&self) -> Result<(), Failure> {
        let mut build = self.tools.command("python");
        build.args([
            "-m",
            "build",
            "--no-isolation",
            "--sdist",
            "--wheel",
            "--outdir",
        ]);
        self.run(build.arg(self.out()).arg("python").stdout(Stdio::null()))
    }

    /// The package knows how to make one header and one C file of all.
    fn c_sources(&self) -> Result<(), Failure> {
        let installed = self.folder.join("installed");
        let mut pip = self.tools.command("python");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-index",
            "--no-deps",
            "--target",
        ]);
        let wheel = self
            .out()
            .join(format!("pyshim-{VERSION}-py3-none-any.whl"));
        self.run(pip.arg(&installed).arg(wheel))?;
        let mut vendor = self.tools.command("python");
        vendor
            .env("PYTHONPATH", &installed)
            .args(["-m", "pyshim", "--vendor"]);
        self.run(vendor.arg(self.out()))?;

        let mut archive = Archive::new(&format!("pyshim-c-{VERSION}"), self.commit.time);
        let fill = |archive: &mut Archive| {
            let checkout = self.checkout();
            archive.file("LICENSE", &checkout.join("LICENSE"))?;
            archive.folder("include", &checkout.join("include"))?;
            archive.folder("csrc", &checkout.join("shim/csrc"))?;
            for name in ["pyshim.h", "pyshim.c"] {
                archive.file(&format!("single/{name}"), &self.out().join(name))?;
            }
            archive.write(&self.out())
        };
        fill(&mut archive).map_err(could_not_at("pack the C sources into", &self.out()))
    }

    /// What each crate is compiled from.
    fn boms(&self) -> Result<(), Failure> {
        let metadata = self.folder.join("metadata.json");
        let mut ask = cargo();
        ask.args([
            "metadata",
            "--quiet",
            "--format-version=1",
            "--locked",
            "--all-features",
        ]);
        self.print_into(&metadata, &mut ask)?;
        for name in ["pyshim", "pyshim-gen"] {
            let mut bom = self.tools.command("python");
            bom.args(["xtask/src/dist/sbom.py", name, "Cargo.lock"]);
            bom.stdin(File::open(&metadata).map_err(could_not_at("read", &metadata))?);
            self.print_into(&self.out().join(bom_name(name)), &mut bom)?;
        }
        Ok(())
    }

    /// Compiles the command, for what it says of itself.
    fn command(&self) -> Result<(), Failure> {
        let thrown_away = self.folder.join("without-share");
        self.wheel(&thrown_away, &[])
    }

    /// Man pages and completions go where maturin looks for data of the wheel.
    fn share(&self) -> Result<(), Failure> {
        let pyshim = self
            .checkout()
            .join("target")
            .join(TARGET)
            .join("release/pyshim");
        let share = self.checkout().join("generator/pyshim-gen.data/data/share");
        self.run(
            Command::new(&pyshim)
                .arg("man")
                .arg(share.join("man/man1"))
                .stdout(Stdio::null()),
        )?;
        for (shell, place) in COMPLETIONS {
            self.print_into(
                &share.join(place),
                Command::new(&pyshim).args(["completions", shell]),
            )?;
        }
        let mut archive = Archive::new(&format!("pyshim-gen-share-{VERSION}"), self.commit.time);
        let packed = archive
            .folder("share", &share)
            .and_then(|()| archive.write(&self.out()));
        packed.map_err(could_not_at("pack", &share))
    }

    fn generator(&self) -> Result<(), Failure> {
        let bom = self
            .checkout()
            .join("generator")
            .join("pyshim-gen.cdx.json");
        fs::copy(self.out().join(bom_name("pyshim-gen")), &bom)
            .map_err(could_not_at("write", &bom))?;
        self.maturin(&["sdist", "--out"], &self.out(), &[])?;
        self.wheel(&self.out(), &["--sbom-include", "pyshim-gen.cdx.json"])
    }

    fn wheel(&self, out: &Path, more: &[&str]) -> Result<(), Failure> {
        let build = [
            "build",
            "--release",
            "--zig",
            "--compatibility",
            COMPATIBLE,
            "--target",
            TARGET,
            "--out",
        ];
        self.maturin(&build, out, more)
    }

    /// What compiled it: without that nobody can make the same again.
    fn toolchain(&self) -> Result<(), Failure> {
        let mut rustc = Command::new("rustc");
        let (mut zig, mut clang) = (self.tools.command("python"), self.tools.command("python"));
        let rustc = self.said(rustc.arg("-vV"))?;
        let zig = self.said(zig.args(["-m", "ziglang", "version"]))?;
        // What follows says where it is installed, which is another place on each machine.
        let clang = self.said(clang.args(["-m", "ziglang", "cc", "--version"]))?;
        let clang = clang.lines().next().unwrap_or_default();
        let file = self.out().join(TOOLCHAIN);
        fs::write(&file, format!("{rustc}zig {zig}{clang}\n")).map_err(could_not_at("write", &file))
    }

    /// What a program prints that has to succeed.
    fn said(&self, command: &mut Command) -> Result<String, Failure> {
        self.reproducible(command)?;
        let output = command.stderr(Stdio::inherit()).output();
        let output = output.map_err(could_not_at("start", Path::new(command.get_program())))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(Failure::CouldNot(format!("{command:?}: {}", output.status))),
        }
    }

    fn maturin(&self, arguments: &[&str], out: &Path, more: &[&str]) -> Result<(), Failure> {
        let mut maturin = self.tools.command("maturin");
        maturin.args(arguments).arg(out).args(more);
        self.reproducible(&mut maturin)?;
        step::run(
            maturin
                .current_dir(self.checkout().join("generator"))
                .stdout(Stdio::null()),
        )
    }
}

/// Whether a variable makes cargo or a C compiler write something else. Those that a release needs are
/// set again.
fn changes_output(name: &str) -> bool {
    let of_rust = [
        "CARGO_PROFILE_",
        "CARGO_BUILD_RUSTC",
        "CARGO_BUILD_TARGET",
        "RUSTC",
    ];
    let of_both = ["RUSTFLAGS", "CFLAGS", "CXXFLAGS"];
    of_rust.iter().any(|start| name.starts_with(start))
        || of_both.iter().any(|flags| name.contains(flags))
}

/// The one that runs us.
fn cargo() -> Command {
    Command::new(
        env::var_os("CARGO")
            .as_deref()
            .unwrap_or(OsStr::new("cargo")),
    )
}

/// Where the sources of other crates are.
fn cargo_home() -> Result<PathBuf, Failure> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    let usual = || env::home_dir().map(|home| home.join(".cargo"));
    named.or_else(usual).ok_or_else(|| {
        Failure::CouldNot("nothing says where cargo keeps sources; set CARGO_HOME".to_owned())
    })
}

fn bom_name(name: &str) -> String {
    format!("{name}-{VERSION}.cdx.json")
}

#[cfg(test)]
mod tests {
    use super::changes_output;

    #[test]
    fn what_a_developer_has_set_does_not_reach_a_release() {
        for name in [
            "CARGO_PROFILE_RELEASE_OPT_LEVEL",
            "CARGO_BUILD_RUSTC_WRAPPER",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
            "RUSTC",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
            "CFLAGS",
            "CFLAGS_x86_64_unknown_linux_gnu",
            "TARGET_CFLAGS",
            "CXXFLAGS",
        ] {
            assert!(changes_output(name), "{name}");
        }
        for name in ["PATH", "CARGO_HOME", "CARGO_BUILD_JOBS", "RUSTUP_TOOLCHAIN"] {
            assert!(!changes_output(name), "{name}");
        }
    }
}

//! `cargo xtask peers`: what other tools say of the C pairs, as `docs/peers.md`.
//!
//! The test `c_pairs` holds pyshim to each pair's `expected.txt`; this asks the others.

use crate::failure::{Failure, could_not, could_not_at};
use crate::place::root;
use crate::task::Task;
use clap::{Arg, Command};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

pub(crate) const TASK: Task = Task {
    name: "peers",
    about: "Ask other tools about the C pairs, and write who gives which verdict into docs/peers.md",
    arguments,
    run: |arguments| {
        let abicheck = arguments.get_one::<String>("abicheck");
        run(abicheck.map_or("abicheck", String::as_str))
    },
};

const HEAD: &str = "\
# Peers

What other tools say of the pairs of C libraries in `generator/tests/data/c/`. `cargo xtask peers`
writes this page. Each library is built with debug information, and each tool gets both headers. The
right verdict is *break* where a program that was compiled against the old side goes wrong with the
new one; for most pairs the test `c_pairs` runs such a program. pyshim has to give the right verdict
on each of them, or that test fails, so it has no column here, and that is no score to set beside the
others': the pairs were written for this project, and pyshim was mended where it was wrong on them.
On 60 pairs by somebody who had not seen its code, it
had the right exit code on 50, before it was mended on those as well; on 30 more, by somebody else and
later, it had it on all, and on 19 all three verdicts that were expected.

`abidiff` says *break* with any change but additions (`--no-added-syms`), for its exit code has no
other word for most breaks, so a change that it only mentions counts as one; `abicheck` with its verdict BREAKING. It reads
headers with its clang frontend, for Debian's castxml is older than the one that it takes; with that it
may say more. Pairs marked with `*` need to know
who allocates a struct, or what is kept for later: pyshim is told on its command line, the others are
not, though suppressions may serve with them.

";

fn arguments(command: Command) -> Command {
    command.arg(
        Arg::new("abicheck")
            .long("abicheck")
            .value_name("COMMAND")
            .help("Where abicheck is, which `pip install abicheck` brings [default: on PATH]"),
    )
}

const PAGE: &str = "docs/peers.md";
const PAIRS: &str = "generator/tests/data/c";

/// A tool, and how it says that something breaks.
struct Peer<'a> {
    name: &'static str,
    program: &'a str,
    arguments: fn(&Path) -> Vec<String>,
    verdict: fn(i32) -> Option<bool>,
}

fn peers(abicheck: &str) -> [Peer<'_>; 2] {
    [
        Peer {
            name: "abidiff",
            program: "abidiff",
            arguments: |pair| {
                let path = |name: &str| pair.join(name).display().to_string();
                vec![
                    "--no-added-syms".into(),
                    "--headers-dir1".into(),
                    path("old"),
                    "--headers-dir2".into(),
                    path("new"),
                    path("old/libapi.so"),
                    path("new/libapi.so"),
                ]
            },
            // The two lowest bits are errors.
            verdict: |code| (code & 3 == 0).then_some(code != 0),
        },
        Peer {
            name: "abicheck",
            program: abicheck,
            arguments: |pair| {
                let path = |name: &str| pair.join(name).display().to_string();
                vec![
                    "compare".into(),
                    path("old/libapi.so"),
                    path("new/libapi.so"),
                    "--header".into(),
                    format!("old={}", path("old/api.h")),
                    "--header".into(),
                    format!("new={}", path("new/api.h")),
                ]
            },
            verdict: |code| match code {
                0 | 2 => Some(false),
                4 => Some(true),
                _ => None,
            },
        },
    ]
}

fn run(abicheck: &str) -> Result<(), Failure> {
    let root = root();
    let peers = peers(abicheck);
    let mut page = HEAD.to_owned();
    for peer in &peers {
        let _ = writeln!(page, "- {}: {}", peer.name, version(peer.program)?);
    }
    let pairs = pairs(&root.join(PAIRS))?;
    let mut rows = String::new();
    let mut right = [0; 2];
    for folder in &pairs {
        let scratch = tempfile::tempdir().map_err(could_not("make a folder"))?;
        build(folder, scratch.path())?;
        let expected = read(&folder.join("expected.txt"))?.starts_with("exit 1");
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let told = if folder.join("arguments.txt").exists() {
            " *"
        } else {
            ""
        };
        let _ = write!(rows, "| {name}{told} | {} |", word(expected));
        for (peer, right) in peers.iter().zip(&mut right) {
            let output = process::Command::new(peer.program)
                .args((peer.arguments)(scratch.path()))
                .current_dir(scratch.path())
                // abicheck's usual reader is a castxml newer than what Debian has.
                .env("ABICHECK_AST_FRONTEND", "clang")
                .output()
                .map_err(could_not(format!("run `{}`", peer.program)))?;
            let says = output.status.code().and_then(peer.verdict).ok_or_else(|| {
                // A tool that cannot work here has not said anything wrong.
                let stderr = String::from_utf8_lossy(&output.stderr);
                Failure::CouldNot(format!(
                    "{} gives no verdict on {name}: {stderr}",
                    peer.name
                ))
            })?;
            *right += usize::from(says == expected);
            let mark = if says == expected { "" } else { "**" };
            let _ = write!(rows, " {mark}{}{mark} |", word(says));
        }
        rows.push('\n');
    }
    let _ = write!(
        page,
        "\nVerdicts that are wrong are bold. Of {all}, right are {} by abidiff and {} by abicheck.\n\n| pair | right | abidiff | abicheck |\n|---|---|---|---|\n{rows}",
        right[0],
        right[1],
        all = pairs.len()
    );
    let _ = write!(page, "\n{}\n", seal(&pairs)?);
    let path = root.join(PAGE);
    fs::write(&path, page).map_err(could_not("write docs/peers.md"))
}

/// The last line of the page: of which pairs it is. Another one means that a pair has changed.
fn seal(pairs: &[PathBuf]) -> Result<String, Failure> {
    let mut hash = crc32fast::Hasher::new();
    for pair in pairs {
        for file in sorted(pair)? {
            hash.update(file.to_string_lossy().as_bytes());
            hash.update(read(&pair.join(file))?.as_bytes());
        }
    }
    Ok(format!("<!-- pairs: {:08x} -->", hash.finalize()))
}

fn word(breaks: bool) -> &'static str {
    if breaks { "break" } else { "compatible" }
}

fn pairs(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let names = sorted(folder)?;
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// The names of what is in a folder.
fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let items = fs::read_dir(folder).map_err(could_not("list the pairs"))?;
    let names = items.map(|item| item.map(|item| PathBuf::from(item.file_name())));
    let names: Result<Vec<_>, _> = names.collect();
    let mut names = names.map_err(could_not("list the pairs"))?;
    names.sort();
    Ok(names)
}

/// Builds both sides as the test does.
fn build(folder: &Path, scratch: &Path) -> Result<(), Failure> {
    for side in ["old", "new"] {
        let made = scratch.join(side);
        fs::create_dir(&made)
            .and_then(|()| fs::copy(folder.join(format!("{side}.h")), made.join("api.h")))
            .map_err(could_not("copy a header"))?;
        let parts = folder.join(format!("{side}-parts.h"));
        if parts.exists() {
            fs::copy(parts, made.join("parts.h")).map_err(could_not("copy a header"))?;
        }
        let mut cc = process::Command::new("cc");
        let versions = folder.join(format!("{side}.map"));
        if versions.exists() {
            cc.arg(format!("-Wl,--version-script={}", versions.display()));
        }
        cc.args(["-w", "-g", "-O1", "-shared", "-fPIC", "-I"])
            .arg(&made)
            .arg(format!("-D{}", side.to_uppercase()))
            .arg(folder.join("lib.c"))
            .arg("-o")
            .arg(made.join("libapi.so"));
        crate::step::run(&mut cc)?;
    }
    Ok(())
}

fn version(program: &str) -> Result<String, Failure> {
    let output = process::Command::new(program).arg("--version").output();
    let output = output.map_err(|error| {
        Failure::CouldNot(format!(
            "cannot run `{program}`: {error}\nhelp: apt-get install abigail-tools; pip install abicheck"
        ))
    })?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(could_not_at("read", path))
}

#[cfg(test)]
mod tests {
    use super::{PAGE, PAIRS, pairs, read, root, seal};

    /// The peers are not on every machine, so the page is not written again to see.
    #[test]
    fn the_page_is_of_the_pairs_that_there_are() {
        let root = root();
        let page = read(&root.join(PAGE)).unwrap();
        let pairs = pairs(&root.join(PAIRS)).unwrap();
        let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
        let rows = rows.filter_map(|row| row.split([' ', '|']).next());
        let rows: Vec<&str> = rows.filter(|name| *name != "pair").collect();
        let names: Vec<String> = pairs
            .iter()
            .map(|pair| pair.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(rows, names, "{PAGE} is stale; run `cargo xtask peers`");
        let seal = seal(&pairs).unwrap();
        assert!(
            page.lines().any(|line| line == seal),
            "a pair has changed since {PAGE} was written, and it is not `{seal}`; run `cargo xtask peers`"
        );
    }
}

//! `pyshim config`: what is built with, in a table of interpreters that need not be here.

use std::path::PathBuf;

use pyshim_gen::config::refusal::{Refusal, Wrong};
use pyshim_gen::config::show::{Format, show};
use pyshim_gen::config::target::Target;
use pyshim_gen::config::{Config, Request, check, config};
use pyshim_gen::model::version::Version;
use pyshim_gen::model::when::Build;
use pyshim_gen::observe::python::Interpreter;

const LINUX: &str = "linux-x86_64";
const WINDOWS: &str = "win-amd64";

/// An interpreter as it would answer for itself.
fn python(minor: u8, build: Build, platform: &str) -> Interpreter {
    let t = if build == Build::Ft { "t" } else { "" };
    let suffixes: &[&str] = if platform == WINDOWS {
        &[".cp315-win_amd64.pyd", ".pyd"]
    } else if build == Build::Ft {
        &[".cpython-315t-x86_64-linux-gnu.so", ".abi3t.so", ".so"]
    } else {
        &[
            ".cpython-315-x86_64-linux-gnu.so",
            ".abi3.so",
            ".abi3t.so",
            ".so",
        ]
    };
    Interpreter {
        version: Version { major: 3, minor },
        hex: 0,
        exact: String::new(),
        build,
        debug: false,
        pointer: 8,
        platform: platform.to_owned(),
        executable: PathBuf::from("python"),
        library: PathBuf::new(),
        include_dirs: vec![PathBuf::from(format!("/usr/it's/python3.{minor}{t}"))],
        header_version: String::new(),
        suffixes: suffixes.iter().map(|suffix| (*suffix).to_owned()).collect(),
    }
}

fn asked(host: &Interpreter, target: Target, since: Option<u8>) -> Result<Config, Refusal> {
    let since = since.map(|minor| Version { major: 3, minor });
    config(host, &Request { target, since })
}

#[test]
fn each_target_has_its_macro_suffix_tag_and_library() {
    let gil = python(15, Build::Gil, LINUX);
    let ft = python(15, Build::Ft, LINUX);
    let windows = python(15, Build::Ft, WINDOWS);
    for (host, target, since, macros, suffix, tag, library) in [
        (
            &gil,
            Target::Version,
            None,
            "",
            ".cpython-315-x86_64-linux-gnu.so",
            "cp315-cp315-linux_x86_64",
            None,
        ),
        (
            &ft,
            Target::Version,
            None,
            "Py_GIL_DISABLED=1",
            ".cpython-315t-x86_64-linux-gnu.so",
            "cp315-cp315t-linux_x86_64",
            None,
        ),
        (
            &gil,
            Target::Abi3,
            Some(9),
            "Py_LIMITED_API=0x03090000",
            ".abi3.so",
            "cp39-abi3-linux_x86_64",
            None,
        ),
        (
            &gil,
            Target::Abi3t,
            None,
            "Py_TARGET_ABI3T=0x030F0000",
            ".abi3t.so",
            "cp315-abi3.abi3t-linux_x86_64",
            None,
        ),
        (
            &ft,
            Target::Universal,
            None,
            "PYSHIM_UNIVERSAL=0x03080000",
            ".so",
            "cp38-abi3.abi3t-linux_x86_64",
            None,
        ),
        (
            &windows,
            Target::Version,
            None,
            "Py_GIL_DISABLED=1",
            ".cp315-win_amd64.pyd",
            "cp315-cp315t-win_amd64",
            Some("python315t.lib"),
        ),
        (
            &windows,
            Target::Abi3t,
            None,
            "Py_TARGET_ABI3T=0x030F0000",
            ".pyd",
            "cp315-abi3t-win_amd64",
            Some("python3t.lib"),
        ),
    ] {
        let found = asked(host, target, since).expect("there is one");
        let defined: Vec<String> = found
            .macros
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        assert_eq!(defined.join(" "), macros, "{target:?}");
        assert_eq!(found.suffix, suffix);
        assert_eq!(found.tag, tag);
        assert_eq!(found.library.as_deref(), library);
    }
}

#[test]
fn what_headers_do_not_have_is_refused_with_its_code() {
    let gil = python(15, Build::Gil, LINUX);
    for (host, target, since, wrong) in [
        (
            python(14, Build::Gil, LINUX),
            Target::Universal,
            None,
            Wrong::Old,
        ),
        (
            python(14, Build::Ft, LINUX),
            Target::Abi3t,
            None,
            Wrong::Old,
        ),
        (
            python(15, Build::Ft, LINUX),
            Target::Abi3,
            None,
            Wrong::Build,
        ),
        (gil.clone(), Target::Abi3, Some(16), Wrong::Since),
        (gil.clone(), Target::Abi3t, Some(14), Wrong::Since),
        (gil.clone(), Target::Universal, Some(7), Wrong::Since),
        (gil.clone(), Target::Version, Some(14), Wrong::Since),
        (
            python(15, Build::Gil, WINDOWS),
            Target::Universal,
            None,
            Wrong::Platform,
        ),
        (
            Interpreter {
                include_dirs: Vec::new(),
                ..gil.clone()
            },
            Target::Version,
            None,
            Wrong::Headers,
        ),
        (
            Interpreter {
                suffixes: Vec::new(),
                ..gil
            },
            Target::Abi3,
            None,
            Wrong::Suffix,
        ),
    ] {
        let refusal = asked(&host, target, since).expect_err("it is refused");
        assert_eq!(refusal.wrong, wrong, "{refusal}");
    }
}

#[test]
fn what_tools_get_wrong_is_named_with_what_is_right() {
    let gil = python(15, Build::Gil, LINUX);
    let abi3 = asked(&gil, Target::Abi3, None).expect("there is one");
    let newest = asked(&gil, Target::Abi3, Some(15)).expect("there is one");
    let abi3t = asked(&gil, Target::Abi3t, None).expect("there is one");
    let long = ".abi3-x86_64-linux-gnu.so";
    let refusal = check::suffix(&abi3, long).expect_err("older ones do not look for it");
    assert!(refusal.message.contains("3.13, 3.14 too"), "{refusal}");
    assert_eq!(check::suffix(&newest, long), Ok(()));
    assert_eq!(check::suffix(&abi3, ".abi3.so"), Ok(()));
    assert!(
        check::suffix(&abi3t, ".abi3.so").is_err(),
        "3.15t does not look for it"
    );
    let refusal = check::tag(&abi3t, "cp315-abi3t-linux_x86_64").expect_err("it is bare");
    assert!(refusal.message.contains("no bare `abi3t`"), "{refusal}");
    assert!(
        check::tag(&abi3, "cp39-abi3").is_err(),
        "it promises less than is built"
    );
    assert_eq!(check::tag(&abi3, "cp38-abi3-manylinux_2_17_x86_64"), Ok(()));
}

#[test]
fn each_format_keeps_what_is_in_names() {
    let found = asked(&python(15, Build::Gil, LINUX), Target::Abi3, None).expect("there is one");
    for (format, words) in [
        (Format::Text, "/usr/it's/python3.15"),
        (Format::Json, "\"/usr/it's/python3.15\""),
        (
            Format::Shell,
            r"PYSHIM_INCLUDE_DIRS='/usr/it'\''s/python3.15'",
        ),
        (
            Format::Cmake,
            "set(PYSHIM_INCLUDE_DIRS [=[/usr/it's/python3.15]=])",
        ),
        (
            Format::Meson,
            r"pyshim_include_dirs = ['/usr/it\'s/python3.15']",
        ),
        (
            Format::Cargo,
            "cargo::metadata=include_0=/usr/it's/python3.15\n",
        ),
    ] {
        let text = show(&found, format);
        assert!(text.contains(words), "{words}\n{text}");
    }
}

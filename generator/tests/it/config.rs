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
        musl: false,
        named: PathBuf::from("python"),
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
    let gil = elsewhere(15, Build::Gil, LINUX);
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
    for same in ["cp315-abi3t.abi3-linux_x86_64", "cp315-abi3.abi3t"] {
        assert_eq!(
            check::tag(&abi3t, same),
            Ok(()),
            "what is several has no order"
        );
    }
    for other in ["cp315", "", "cp315-abi3.abi3t.none-any"] {
        assert!(check::tag(&abi3t, other).is_err(), "{other}");
    }
}

#[test]
fn a_tag_is_for_a_platform_that_the_interpreter_can_be_of() {
    let glibc = elsewhere(15, Build::Gil, LINUX);
    let musl = Interpreter {
        musl: true,
        ..glibc.clone()
    };
    let arm = elsewhere(15, Build::Gil, "linux-aarch64");
    let mac = elsewhere(15, Build::Gil, "macosx-10.13-universal2");
    let windows = elsewhere(15, Build::Gil, WINDOWS);
    let bsd = Interpreter {
        platform: "freebsd-14.2-release-amd64".to_owned(),
        ..glibc.clone()
    };
    for (host, fits, others) in [
        (
            &glibc,
            &["linux_x86_64", "manylinux_2_17_x86_64.manylinux2014_x86_64"][..],
            &[
                "win_amd64",
                "nonsense",
                "any",
                "",
                "linux-x86_64",
                "linux_i686",
                "manylinux_2_17_aarch64",
                "musllinux_1_2_x86_64",
                "manylinux_2_17_x86_64.win_amd64",
                "macosx_10_13_x86_64",
            ][..],
        ),
        (
            &musl,
            &["linux_x86_64", "musllinux_1_2_x86_64"],
            &["manylinux_2_17_x86_64", "musllinux_1_2_aarch64"],
        ),
        (&arm, &["manylinux_2_28_aarch64"], &["linux_x86_64"]),
        (
            &mac,
            &[
                "macosx_10_13_universal2",
                "macosx_11_0_arm64",
                "macosx_10_9_x86_64",
            ],
            &["linux_x86_64", "ios_13_0_arm64_iphoneos"],
        ),
        (&windows, &["win_amd64"], &["win_arm64", "win32", "any"]),
        (
            &bsd,
            &["freebsd_14_2_release_amd64", "freebsd_14_1_release_amd64"],
            &["linux_x86_64", "win_amd64", "any"],
        ),
    ] {
        let found = asked(host, Target::Abi3, None).expect("there is one");
        for (platforms, is_fit) in [(fits, true), (others, false)] {
            for platform in platforms {
                let checked = check::tag(&found, &format!("cp38-abi3-{platform}"));
                assert_eq!(checked.is_ok(), is_fit, "{platform} for {}", host.platform);
                assert!(checked.err().is_none_or(|one| one.wrong == Wrong::Tag));
            }
        }
    }
}

#[test]
fn a_tag_for_another_platform_is_named_with_what_helps() {
    let gil = elsewhere(15, Build::Gil, LINUX);
    let universal = asked(&gil, Target::Universal, None).expect("there is one");
    let refusal = check::tag(&universal, "cp38-abi3.abi3t-win_amd64");
    assert_eq!(
        refusal.expect_err("it is of Windows").to_string(),
        "error[T007]: the tag is `cp38-abi3.abi3t-win_amd64`, and what is built is for \
         `linux_x86_64` with glibc, which `win_amd64` cannot be\n  = help: tag the wheel \
         `cp38-abi3.abi3t-linux_x86_64`, or name an interpreter of the platform that is meant with \
         --python"
    );
}

/// As interpreters of other platforms list their suffixes.
fn elsewhere(minor: u8, build: Build, platform: &str) -> Interpreter {
    let t = if build == Build::Ft { "t" } else { "" };
    let own = |after: &str| format!(".cpython-3{minor}{t}-{after}.so");
    let stable = |platforms: &[&str]| {
        let abis: &[&str] = match (build, minor) {
            (Build::Gil, 15..) => &["abi3", "abi3t"],
            (Build::Ft, 15..) => &["abi3t"],
            _ => &["abi3"],
        };
        let with = |abi: &&str| {
            let long = platforms.iter().map(|one| format!(".{abi}-{one}.so"));
            Vec::from_iter(long.chain([format!(".{abi}.so")]))
        };
        Vec::from_iter(abis.iter().flat_map(with))
    };
    let suffixes = match platform {
        "win-amd64" => vec![format!(".cp3{minor}{t}-win_amd64.pyd"), ".pyd".to_owned()],
        "win-arm64" => vec![format!(".cp3{minor}{t}-win_arm64.pyd"), ".pyd".to_owned()],
        "macosx-11.0-arm64" | "macosx-10.13-universal2" => {
            [vec![own("darwin")], stable(&[]), vec![".so".to_owned()]].concat()
        }
        linux => {
            let triplet = format!("{}-linux-gnu", linux.trim_start_matches("linux-"));
            let long: &[&str] = if minor > 14 { &[&triplet] } else { &[] };
            [vec![own(&triplet)], stable(long), vec![".so".to_owned()]].concat()
        }
    };
    Interpreter {
        suffixes,
        ..python(minor, build, platform)
    }
}

#[test]
fn each_suffix_that_is_given_is_one_that_is_taken() {
    let mut checked = 0;
    for platform in [
        "linux-x86_64",
        "linux-aarch64",
        "macosx-11.0-arm64",
        "macosx-10.13-universal2",
        "win-amd64",
        "win-arm64",
    ] {
        for (minor, build) in [
            (9, Build::Gil),
            (13, Build::Ft),
            (15, Build::Gil),
            (15, Build::Ft),
            (16, Build::Gil),
        ] {
            let host = elsewhere(minor, build, platform);
            for target in Target::ALL {
                // Some targets are not for every interpreter.
                let Ok(found) = asked(&host, target, None) else {
                    continue;
                };
                let taken = check::suffix(&found, &found.suffix);
                let is_known = minor < 16 || target != Target::Abi3t || platform.starts_with("win");
                match taken {
                    Ok(()) => {}
                    Err(refusal) => {
                        assert!(!is_known, "{platform} 3.{minor} {target:?}: {refusal}");
                        assert_eq!(refusal.wrong, Wrong::Unobserved, "{refusal}");
                    }
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn a_suffix_is_compared_with_those_of_its_platform() {
    let newer = elsewhere(16, Build::Gil, "linux-x86_64");
    let arm = elsewhere(15, Build::Gil, "linux-aarch64");
    let mac = elsewhere(15, Build::Gil, "macosx-11.0-arm64");
    let windows = elsewhere(15, Build::Gil, "win-amd64");
    for (host, target, suffix, wrong) in [
        (
            &arm,
            Target::Abi3,
            ".abi3-aarch64-linux-gnu.so",
            Some(Wrong::Suffix),
        ),
        (
            &arm,
            Target::Version,
            ".cpython-315-x86_64-linux-gnu.so",
            Some(Wrong::Suffix),
        ),
        (&mac, Target::Version, ".cpython-315-darwin.so", None),
        (
            &mac,
            Target::Version,
            ".cpython-315-x86_64-linux-gnu.so",
            Some(Wrong::Suffix),
        ),
        (&windows, Target::Abi3, ".abi3.pyd", Some(Wrong::Suffix)),
        (&windows, Target::Abi3, ".so", Some(Wrong::Suffix)),
        (
            &newer,
            Target::Version,
            ".cpython-316-x86_64-linux-gnu.so",
            None,
        ),
        (&newer, Target::Version, ".nonsense.so", Some(Wrong::Suffix)),
        (&newer, Target::Version, "abi3.so", Some(Wrong::Suffix)),
        (&newer, Target::Abi3t, ".abi3t.so", Some(Wrong::Unobserved)),
        (&newer, Target::Universal, ".so", None),
    ] {
        let found = asked(host, target, None).expect("there is one");
        let refusal = check::suffix(&found, suffix).err();
        let found = refusal.as_ref().map(|refusal| refusal.wrong);
        assert_eq!(found, wrong, "{} {target:?} {suffix}", host.platform);
    }
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

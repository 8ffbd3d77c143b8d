//! What the other auditors say of a wheel, as their output has it, and why where it is known.

use serde_json::Value;

/// What one says of a wheel.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Whether it ends with 0, as CI sees it.
    pub(super) is_passed: bool,
    /// In a few words.
    pub(super) words: String,
    /// Why it is like that, where the tool is known to be wrong or to mean something else. Empty
    /// where that is not known of all that it says.
    pub(super) why: Vec<&'static str>,
}

/// How a program ended, and what it printed.
pub(super) struct Said {
    pub(super) code: i32,
    pub(super) stdout: String,
}

const UNTAGGED: &str = "abi3audit looks at abi3 alone, and `--strict` makes an error of another tag; pyshim looks at every wheel";
const HOOKS: &str =
    "abi3audit takes the module's own `PyModExport_` hooks for offences; only what is taken counts";

/// One of abi3t-doctor's codes where pyshim says something else: the code, how the names of the
/// wheels begin of which it was found out, and what it comes from there.
const DOCTOR: [(&str, &str, &str); 3] = [
    (
        "T103",
        // It follows from the tag, whatever is in the wheel.
        "",
        "abi3t-doctor does not allow `abi3t` below 3.15; installers take such a wheel on 3.13t and 3.14t, and the file is imported there",
    ),
    (
        "S207",
        "abi3_abi3t_universal-",
        "abi3t-doctor counts `PyModuleDef_Init` though there is `PyModExport_` for who cannot use it; only `PyInit_` calls it",
    ),
    (
        "S203",
        "argon2_cffi_bindings-",
        "abi3t-doctor wants `PyModExport_`; cffi's `PyInit_` asks the installed cffi for a module, so that nothing of a definition is in the file, and pyshim says `unknown`",
    ),
];

/// Whether a wheel's name promises abi3. Nothing else tells a wheel that abi3audit does not look at
/// from one that made it crash: it ends with 1 and prints no report of either.
fn is_abi3(wheel: &str) -> bool {
    let abi = wheel.rsplit('-').nth(1).unwrap_or_default();
    abi.split('.').any(|abi| abi == "abi3")
}

/// Reads abi3audit's JSON; an error where there is none though there should be.
pub(super) fn abi3audit(wheel: &str, said: &Said) -> Result<Verdict, String> {
    let is_passed = said.code == 0;
    if !is_passed && !is_abi3(wheel) && said.stdout.trim().is_empty() {
        return Ok(Verdict {
            is_passed,
            words: "not tagged abi3".to_owned(),
            why: vec![UNTAGGED],
        });
    }
    let names = offences(&said.stdout).ok_or_else(|| unreadable("abi3audit", wheel, said))?;
    let is_hook = |name: &String| name.starts_with("PyModExport_");
    Ok(Verdict {
        is_passed,
        words: match (names.len(), is_passed) {
            (0, true) => "passes".to_owned(),
            (0, false) => "fails".to_owned(),
            (n_names, _) => format!("offences: {n_names}"),
        },
        why: match !names.is_empty() && names.iter().all(is_hook) {
            true => vec![HOOKS],
            false => Vec::new(),
        },
    })
}

/// The names that it complains of; nothing where it prints no report on a module.
fn offences(stdout: &str) -> Option<Vec<String>> {
    let report: Value = serde_json::from_str(stdout.lines().last()?).ok()?;
    let mut names = Vec::new();
    let mut n_modules = 0;
    for (_, spec) in report["specs"].as_object()? {
        for module in spec["wheel"].as_array()? {
            let result = &module["result"];
            let foreign = result["non_abi3_symbols"].as_array()?;
            names.extend(foreign.iter().filter_map(Value::as_str).map(str::to_owned));
            names.extend(result["future_abi3_objects"].as_object()?.keys().cloned());
            n_modules += 1;
        }
    }
    (n_modules > 0).then_some(names)
}

/// Reads abi3t-doctor's lines of errors; an error where it fails without any, or passes without
/// a word on the wheel.
pub(super) fn doctor(wheel: &str, said: &Said) -> Result<Verdict, String> {
    let is_passed = said.code == 0;
    let errors = said.stdout.lines();
    let errors = errors.filter_map(|line| line.trim().strip_prefix("error "));
    let mut codes: Vec<&str> = errors.filter_map(|line| line.split(' ').next()).collect();
    codes.dedup();
    if !said.stdout.starts_with(wheel) || is_passed != codes.is_empty() {
        return Err(unreadable("abi3t-doctor", wheel, said));
    }
    let reason = |code: &&str| {
        let known = DOCTOR.iter();
        let mut known = known.filter(|(known, of, _)| known == code && wheel.starts_with(of));
        known.next().map(|(_, _, why)| *why)
    };
    Ok(Verdict {
        is_passed,
        words: match is_passed {
            true => "passes".to_owned(),
            false => codes.join(", "),
        },
        why: codes
            .iter()
            .map(reason)
            .collect::<Option<_>>()
            .unwrap_or_default(),
    })
}

fn unreadable(tool: &str, wheel: &str, Said { code, stdout }: &Said) -> String {
    format!(
        "{tool} ended with {code} on {wheel}, and its output is not what it prints of a wheel: {stdout:?}"
    )
}

#[cfg(test)]
mod tests {
    use super::{DOCTOR, HOOKS, Said, UNTAGGED, Verdict, abi3audit, doctor};

    const ABI3: &str = "demo-1.0-cp315-abi3.abi3t-manylinux_2_28_x86_64.whl";
    const OWN: &str = "demo-1.0-cp314-cp314t-manylinux_2_28_x86_64.whl";

    fn said(code: i32, stdout: &str) -> Said {
        Said {
            code,
            stdout: stdout.to_owned(),
        }
    }

    /// As abi3audit prints it with `--report`.
    fn report(names: &str) -> String {
        format!(
            "{{\"specs\": {{\"demo.whl\": {{\"kind\": \"wheel\", \"wheel\": [{{\"name\": \"demo.abi3.so\", \
             \"result\": {{\"is_abi3\": true, \"non_abi3_symbols\": [{names}], \"future_abi3_objects\": {{}}}}}}]}}}}}}\n"
        )
    }

    fn verdict(words: &str, why: &[&'static str]) -> Verdict {
        Verdict {
            is_passed: words == "passes",
            words: words.to_owned(),
            why: why.to_vec(),
        }
    }

    #[test]
    fn offences_are_counted_and_hooks_are_explained() {
        let hooks = report("\"PyModExport_a\", \"PyModExport_b\"");
        let others = report("\"PyModExport_a\", \"PyUnicode_New\"");
        for (code, stdout, expected) in [
            (0, report(""), verdict("passes", &[])),
            (1, hooks, verdict("offences: 2", &[HOOKS])),
            (1, others, verdict("offences: 2", &[])),
            (1, report(""), verdict("fails", &[])),
        ] {
            assert_eq!(abi3audit(ABI3, &said(code, &stdout)), Ok(expected));
        }
    }

    #[test]
    fn only_a_name_without_abi3_excuses_that_there_is_no_report() {
        let untagged = verdict("not tagged abi3", &[UNTAGGED]);
        assert_eq!(abi3audit(OWN, &said(1, "")), Ok(untagged));
        for stdout in ["", "Traceback\n", "{}\n", "{\"specs\": {}}\n"] {
            for code in [0, 1] {
                assert!(abi3audit(ABI3, &said(code, stdout)).is_err(), "{stdout}");
            }
        }
        assert!(abi3audit(OWN, &said(0, "")).is_err());
        assert!(abi3audit(OWN, &said(1, "Traceback\n")).is_err());
    }

    #[test]
    fn a_reason_counts_for_its_code_and_its_wheels() {
        let cffi = "argon2_cffi_bindings-1.0-cp315-abi3.abi3t-linux_x86_64.whl";
        let text = |wheel: &str, codes: &[&str]| {
            let errors = codes
                .iter()
                .map(|code| format!("  error {code} what it is\n"));
            said(
                1,
                &format!("{wheel}\n  tags: x\n{}", errors.collect::<String>()),
            )
        };
        let [t103, _, s203] = DOCTOR.map(|(_, _, why)| why);
        for (wheel, codes, why) in [
            (cffi, &["S203"] as &[&str], &[s203] as &[&'static str]),
            (ABI3, &["S203"], &[]),
            (ABI3, &["T103", "T103"], &[t103]),
            // What is known of one does not excuse the other.
            (ABI3, &["T103", "S999"], &[]),
        ] {
            let found = doctor(wheel, &text(wheel, codes)).unwrap();
            assert_eq!(found.why, why, "{wheel} {codes:?}");
            assert!(!found.is_passed);
        }
    }

    #[test]
    fn a_doctor_that_says_nothing_of_the_wheel_is_an_error() {
        let fine = format!("{ABI3}\n  no problems found\n");
        assert_eq!(doctor(ABI3, &said(0, &fine)), Ok(verdict("passes", &[])));
        for (code, stdout) in [(0, ""), (1, ""), (1, &*fine), (2, ""), (1, "Traceback\n")] {
            assert!(
                doctor(ABI3, &said(code, stdout)).is_err(),
                "{code} {stdout}"
            );
        }
    }
}

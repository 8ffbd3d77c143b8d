//! Reports made by hand: all that a format has to show, and what could break it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use pyshim_gen::report::{
    Breaks, Bytes, Examines, Finding, Gap, Level, Loading, LoadingRow, Picture, Report, Rule, Span,
    SpanKind, Subject, Verdict, Verdicts,
};
use pyshim_gen::surface::Place;

const fn rule(id: &'static str, name: &'static str, level: Level) -> Rule {
    Rule {
        id,
        name,
        examines: Examines::Interfaces,
        level,
        breaks: Breaks::Both,
        meaning: "Something that this test made up has happened.",
        hint: "Do what the finding says.",
        suppressible: true,
    }
}

pub(crate) static MOVED: Rule = rule("T101", "field-moved", Level::Break);
pub(crate) static RETYPED: Rule = rule("T201", "parameter-type-changed", Level::Api);
pub(crate) static UNKNOWN: Rule = rule("T301", "type-unknown", Level::Undecided);
pub(crate) static ADDED: Rule = rule("T401", "function-added", Level::Addition);
pub(crate) static USED: Rule = rule("T501", "reserve-used", Level::Compatible);
static OUTSIDE: Rule = Rule {
    examines: Examines::Files,
    ..rule("A101", "outside-the-stable-abi", Level::Break)
};
pub(crate) static REMOVED: Rule = Rule {
    suppressible: false,
    ..rule("T102", "function-removed", Level::Break)
};

/// A finding with nothing but what it must have.
pub(crate) fn finding(rule: &'static Rule, item: &str) -> Finding {
    Finding {
        rule,
        level: rule.level,
        item: item.to_owned(),
        message: format!("something happened to `{item}`"),
        old: None,
        new: None,
        only: BTreeSet::new(),
        verdicts: Verdicts::WORKS,
        place: None,
        hint: rule.hint.to_owned(),
        picture: None,
        suppressed: None,
    }
}

/// Two subjects and so many facts.
pub(crate) fn comparison(findings: Vec<Finding>) -> Report {
    let subject = |given: &str, name: &str, evidence: &[&str]| Subject {
        given: given.to_owned(),
        name: name.to_owned(),
        evidence: evidence.iter().map(|word| (*word).to_owned()).collect(),
    };
    let mut report = Report {
        subjects: vec![
            subject("git:v0.1.0", "pyshim 0.1.0", &["manifest"]),
            subject("abi", "pyshim 0.2.0", &["manifest", "probe"]),
        ],
        is_comparison: true,
        findings,
        compared: 412,
        ..Report::default()
    };
    report.sort();
    report
}

/// A file that was audited, beside one that could not be read.
fn audit() -> Report {
    let row = |pythons: &str, word, why: &str| LoadingRow {
        pythons: pythons.to_owned(),
        word,
        why: why.to_owned(),
    };
    Report {
        subjects: vec![Subject {
            given: "demo-1.0-cp312-abi3-linux_x86_64.whl".to_owned(),
            name: "cp312-abi3-linux_x86_64".to_owned(),
            evidence: vec!["symbols".to_owned()],
        }],
        findings: vec![finding(&OUTSIDE, "demo/demo.abi3.so: PyThing")],
        failures: vec!["`other.whl`: it is empty".to_owned()],
        loading: vec![Loading {
            subject: "demo-1.0-cp312-abi3-linux_x86_64.whl".to_owned(),
            rows: vec![
                row(
                    "3.8..3.11, 3.13t",
                    "refuses",
                    "installers do not take the wheel for it",
                ),
                row("3.12, 3.13", "loads", ""),
                row(
                    "3.14",
                    "unknown",
                    "demo/demo.abi3.so: nothing is known of `Py|Thing`",
                ),
            ],
        }],
        compared: 7,
        ..Report::default()
    }
}

/// Every report that has goldens.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("clean", comparison(Vec::new())),
        ("nothing", nothing()),
        ("levels", levels()),
        ("layouts", layouts()),
        ("characters", characters()),
        ("mistakes", mistakes()),
        ("audit", audit()),
    ]
}

/// Nothing was compared.
fn nothing() -> Report {
    Report {
        compared: 0,
        gaps: vec![Gap {
            facts: "exported symbols".to_owned(),
            why: "`abi` names no shared object; give one with --library".to_owned(),
        }],
        ..comparison(Vec::new())
    }
}

/// One of each level, with all that a finding can have.
fn levels() -> Report {
    let mut moved = finding(&MOVED, "thing.count");
    moved.message = "the field `count` moved from byte 8 to byte 16".to_owned();
    moved.old = Some("uint32_t count at 8".to_owned());
    moved.new = Some("uint64_t count at 16".to_owned());
    moved.only = words(&["lp64", "llp64"]);
    moved.verdicts = Verdicts {
        old_binary_new_library: Verdict::Breaks,
        new_binary_old_library: Verdict::Breaks,
        source: Verdict::Works,
    };
    moved.place = place("abi/entries/thing.yaml", 12);
    moved.picture = Some(Picture {
        variant: "lp64".to_owned(),
        old: bytes(&[(8, "next"), (4, "count"), (4, ""), (8, "=reserved")]),
        new: bytes(&[(8, "next"), (1, "a"), (1, "b"), (6, ""), (8, "count")]),
    });
    let mut retyped = finding(&RETYPED, "thing_open");
    retyped.message = "the second parameter of `thing_open` became `const`".to_owned();
    retyped.old = Some(
        "int thing_open(struct thing *self, char *path, unsigned long flags, void *reserved)"
            .to_owned(),
    );
    retyped.new = Some(
        "int thing_open(struct thing *self, const char *path, unsigned long flags, void *reserved)"
            .to_owned(),
    );
    retyped.verdicts.source = Verdict::Breaks;
    retyped.place = place("./abi/entries/thing.yaml", 40);
    let mut unknown = finding(&UNKNOWN, "thing_close");
    unknown.verdicts.old_binary_new_library = Verdict::Unknown;
    let mut added = finding(&ADDED, "thing_read");
    added.new = Some("int thing_read(struct thing *)".to_owned());
    added.verdicts.new_binary_old_library = Verdict::Breaks;
    added.place = place("/srv/my project/abi/thing.yaml", 7);
    let mut quiet = finding(&RETYPED, "thing_shut");
    quiet.suppressed = Some("nobody calls it; see issue 12".to_owned());
    let used = finding(&USED, "thing.extra");
    let mut report = comparison(vec![moved, retyped, unknown, added, quiet, used]);
    report.gaps = vec![Gap {
        facts: "parameter types".to_owned(),
        why: "`git:v0.1.0` was not read by clang; observe it again with headers".to_owned(),
    }];
    report
}

/// Pictures that are hard to draw.
fn layouts() -> Report {
    let picture = |variant: &str, old: Bytes, new: Bytes| {
        let mut found = finding(&MOVED, variant);
        found.picture = Some(Picture {
            variant: variant.to_owned(),
            old,
            new,
        });
        found
    };
    let long: Vec<(u64, String)> = (0..60).map(|n| (8, format!("field_{n}"))).collect();
    let mut longer = long.clone();
    longer[45] = (4, "half".to_owned());
    let of = |list: &[(u64, String)]| {
        let list: Vec<(u64, &str)> = list.iter().map(|(n, name)| (*n, name.as_str())).collect();
        bytes(&list)
    };
    comparison(vec![
        picture(
            "array in the middle",
            bytes(&[(4, "id"), (4, ""), (4096, "name"), (8, "next")]),
            bytes(&[(4, "id"), (4, "kind"), (8192, "name"), (8, "next")]),
        ),
        picture("empty before", bytes(&[]), bytes(&[(1, "only")])),
        picture(
            "ends within a word",
            bytes(&[(2, "a_long_name"), (1, "b"), (1, "c")]),
            bytes(&[(2, "a_long_name"), (1, "b")]),
        ),
        picture("long", of(&long), of(&longer)),
        picture(
            "nearly all there is",
            bytes(&[(u64::MAX - 16, "sky"), (8, "end")]),
            bytes(&[(8, "end")]),
        ),
    ])
}

/// Texts that mean something to a format, a terminal or a service.
fn characters() -> Report {
    let mut odd = finding(&MOVED, "a<b> & \"c\", d:e | `f` 100%");
    odd.message = "first line\nsecond, 100% of it: <b>&amp;</b> | \u{1b}[31mred\u{1b}[0m \u{202e}back \u{0} _x_ *y*"
        .to_owned();
    odd.old = Some("größe\t\"alt\" ``|``".to_owned());
    odd.new = Some("大きさ".to_owned());
    odd.only = words(&["3.14t/full", "a,b"]);
    odd.place = place("abi/ordner mit leer, und:%zeichen/größe.yaml", 3);
    odd.hint = "::error::not a command\r\n]]>".to_owned();
    odd.picture = Some(Picture {
        variant: "lp64".to_owned(),
        old: bytes(&[(8, "大きさ"), (2, "größe")]),
        new: bytes(&[(2, "大きさ"), (8, "```")]),
    });
    comparison(vec![odd])
}

/// What is wrong with suppressions, and one subject only.
fn mistakes() -> Report {
    let mut expired = finding(&pyshim_gen::report::suppress::EXPIRED, "thing_*");
    expired.place = place("abi/suppressions.yaml", 4);
    let mut report = comparison(vec![expired, finding(&MOVED, "thing")]);
    report.subjects.remove(0);
    report
}

fn words(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn place(file: &str, line: u32) -> Option<Place> {
    let file = PathBuf::from(file);
    Some(Place { file, line })
}

/// Bytes from sizes and names, one after the other. No name is padding, `=` begins a reserve's.
fn bytes(list: &[(u64, &str)]) -> Bytes {
    let mut offset = 0;
    let mut spans = Vec::new();
    for (size, name) in list {
        let kind = match name.chars().next() {
            None => SpanKind::Padding,
            Some('=') => SpanKind::Reserve,
            Some(_) => SpanKind::Field,
        };
        spans.push(Span {
            offset,
            size: *size,
            name: name.trim_start_matches('=').to_owned(),
            kind,
        });
        offset += size;
    }
    Bytes {
        size: offset,
        spans,
    }
}

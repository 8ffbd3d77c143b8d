//! What an audit found in a folder.

use maud::{Markup, html};

use super::Wheels;
use super::frame::{Frame, Tab};
use super::tools::{Choice, Listing, heads};
use super::words::{brief, file, level, rule_of};
use crate::audit::Audited;
use crate::emit::FileSet;
use crate::report::{Finding, Level, LoadingRow, Report, clean};

/// Its file.
pub(super) const FILE: &str = "wheels.html";

/// The word of a file of which nothing is found.
const CLEAN: &str = "clean";

pub(super) fn page(wheels: &Wheels, frame: &Frame, files: &mut FileSet) {
    let report = &wheels.report;
    let body = html! {
        p .lede {
            "What wheels and extension modules claim, where they do not keep it, and which CPythons load them."
        }
        (table(wheels))
        h2 #findings { "Findings" }
        @if report.findings.is_empty() { p { "Nothing was found." } } @else { (findings(wheels)) }
        (undecided(wheels))
    };
    frame.add(files, Tab::Wheels, FILE, Tab::Wheels.name(), &body);
}

fn levels() -> Choice<'static> {
    let words = Level::WORST_FIRST.map(Level::word);
    Choice {
        key: "level",
        name: "Level",
        words: words.into_iter().chain([CLEAN]).collect(),
    }
}

fn table(wheels: &Wheels) -> Markup {
    html! {
        (Listing {
            class: None,
            id: "wheels",
            noun: "files",
            label: "Files",
            caption: "Files, what they claim, and who loads them",
            choices: &[levels()],
        }
        .show(&heads(&["File", "Claims", "Loaded by", "Worst", "Findings", "Not loaded by"]), &html! {
            @for one in &wheels.files {
                @let worst = worst(&one.report);
                tr data-level=(worst.map_or(CLEAN, Level::word)) {
                    th scope="row" .file { (file(&shown(wheels, &one.given))) }
                    td .tags { (claims(&one.report)) }
                    (loading(&one.report))
                    td data-sort=(worst.map_or(0, |worst| worst as u8 + 1)) { (verdict(worst)) }
                    td .number { (one.report.findings.len()) }
                    td { (refusals(wheels, one)) }
                }
            }
        }))
    }
}

/// The claim of a wheel may be a long list of tags that differ in the platform alone.
fn claims(report: &Report) -> Markup {
    let tags = (report.subjects.iter()).flat_map(|subject| subject.name.split(", "));
    html! { ul { @for tag in tags { li { (file(tag)) } } } }
}

/// Whether something of a file was not looked at, so that nothing can be said of the whole.
fn is_undecided(report: &Report) -> bool {
    report.subjects.is_empty() || !report.failures.is_empty()
}

/// The worst of what was found in a file. Of one that was not looked at nobody knows that it is clean.
fn worst(report: &Report) -> Option<Level> {
    let found = report.findings.iter().map(|finding| finding.level);
    let undecided = is_undecided(report).then_some(Level::Undecided);
    found.chain(undecided).max()
}

fn verdict(worst: Option<Level>) -> Markup {
    match worst {
        Some(worst) => level(worst),
        None => html! { span .level .clean { (CLEAN) } },
    }
}

/// A file's name below the folder.
fn shown(wheels: &Wheels, given: &str) -> String {
    let inside = given.strip_prefix(&wheels.folder).unwrap_or(given);
    clean::line(inside.trim_start_matches(['/', '\\'])).into_owned()
}

/// What CPythons do with a file.
fn rows(report: &Report) -> impl Iterator<Item = &LoadingRow> {
    report.loading.iter().flat_map(|loading| &loading.rows)
}

fn loading(report: &Report) -> Markup {
    let loads = rows(report).filter(|row| row.word == "loads");
    let loads = Vec::from_iter(loads.map(|row| row.pythons.as_str()));
    html! {
        @match (report.loading.is_empty(), loads.is_empty()) {
            // What could not be read may be what a CPython does not load.
            _ if is_undecided(report) => td .absent { (Level::Undecided.word()) },
            (true, _) => td .absent { "has no module" },
            (_, true) => td .absent { "none" },
            _ => td { (loads.join(", ")) },
        }
    }
}

fn refusals(wheels: &Wheels, one: &Audited) -> Markup {
    let others = Vec::from_iter(rows(&one.report).filter(|row| row.word != "loads"));
    let pythons = Vec::from_iter(others.iter().map(|row| row.pythons.as_str()));
    html! {
        @if !others.is_empty() {
            details {
                summary {
                    (pythons.join(", "))
                    span .unseen { ", reasons for " (shown(wheels, &one.given)) }
                }
                dl .reasons {
                    @for row in others { dt { (row.pythons) " " span .muted { (row.word) } } dd { (brief(&row.why)) } }
                }
            }
        }
    }
}

fn findings(wheels: &Wheels) -> Markup {
    html! {
        (Listing {
            class: None,
            id: "found",
            noun: "findings",
            label: "Findings",
            caption: "What was found, the worst first",
            choices: &[levels()],
        }
        .show(&heads(&["Level", "Where", "Rule", "What", "What to do"]), &html! {
            @for finding in &wheels.report.findings {
                tr data-level=(finding.level.word()) {
                    td data-sort=(finding.level as u8) { (level(finding.level)) }
                    td .file { (file(&shown(wheels, &finding.item))) }
                    td { (rule_of(finding.rule)) }
                    td .prose { (brief(&finding.message)) (facts(finding)) }
                    td .prose { (brief(&finding.hint)) }
                }
            }
        }))
    }
}

fn facts(finding: &Finding) -> Markup {
    html! {
        @match (&finding.old, &finding.new) {
            (Some(old), Some(new)) => span .sides { (brief(old)) " → " (brief(new)) },
            (Some(one), None) | (None, Some(one)) => span .sides { (brief(one)) },
            (None, None) => {},
        }
    }
}

/// What could not be read, and what was not looked at.
fn undecided(wheels: &Wheels) -> Markup {
    let (report, is_empty) = (&wheels.report, wheels.files.is_empty());
    html! {
        @if is_empty || !report.failures.is_empty() || !report.gaps.is_empty() {
            h2 #undecided { "Not decided" }
            ul .findings {
                @if is_empty { li { "Nothing was there to look at." } }
                @for failure in &report.failures {
                    li { (level(Level::Undecided)) " " (brief(failure)) }
                }
                @for gap in &report.gaps {
                    li { (brief(&gap.facts)) ": " (brief(&gap.why)) }
                }
            }
        }
    }
}

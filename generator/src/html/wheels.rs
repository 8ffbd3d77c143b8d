//! What an audit found in a folder.

use maud::{Markup, html};

use super::Wheels;
use super::frame::{Frame, Tab};
use super::tools::{Choice, filter, wide};
use super::words::{file, level, prose, rule_of};
use crate::emit::FileSet;
use crate::report::{Finding, Level, Loading, Report, Subject, clean};

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
        (undecided(report))
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
    let report = &wheels.report;
    html! {
        (filter("wheels", "files", &[levels()]))
        (wide("Files", &html! {
            table #wheels data-sorts {
                caption { "Files, what they claim, and who loads them" }
                thead { tr {
                    th scope="col" { "File" } th scope="col" { "Claims" } th scope="col" { "Loaded by" }
                    th scope="col" { "Worst" } th scope="col" { "Findings" } th scope="col" { "Not loaded by" }
                } }
                tbody {
                    @for subject in &report.subjects {
                        @let found = of_file(report, subject);
                        @let worst = found.iter().map(|one| one.level).max();
                        tr data-level=(worst.map_or(CLEAN, Level::word)) {
                            th scope="row" .file { (file(&shown(wheels, &subject.given))) }
                            td .tags { (claims(subject)) }
                            (loading(report, subject))
                            td data-sort=(worst.map_or(0, |worst| worst as u8 + 1)) { (verdict(worst)) }
                            td .number { (found.len()) }
                            td { (refusals(wheels, report, subject)) }
                        }
                    }
                }
            }
        }))
    }
}

/// The claim of a wheel may be a long list of tags that differ in the platform alone.
fn claims(subject: &Subject) -> Markup {
    html! { ul { @for tag in subject.name.split(", ") { li { (file(tag)) } } } }
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

/// What was found in a file, or in what is in it.
fn of_file<'a>(report: &'a Report, subject: &Subject) -> Vec<&'a Finding> {
    let is_of = |item: &str| {
        let rest = item.strip_prefix(subject.given.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('!'))
    };
    let findings = report.findings.iter();
    findings.filter(|finding| is_of(&finding.item)).collect()
}

fn of_subject<'a>(report: &'a Report, subject: &Subject) -> Option<&'a Loading> {
    report
        .loading
        .iter()
        .find(|one| one.subject == subject.given)
}

fn loading(report: &Report, subject: &Subject) -> Markup {
    let loading = of_subject(report, subject);
    let rows = loading.map_or(&[][..], |loading| loading.rows.as_slice());
    let loads = rows.iter().filter(|row| row.word == "loads");
    let loads = Vec::from_iter(loads.map(|row| row.pythons.as_str()));
    html! {
        @match (loading, loads.is_empty()) {
            (None, _) => td .absent { "has no module" },
            (_, true) => td .absent { "none" },
            _ => td { (loads.join(", ")) },
        }
    }
}

fn refusals(wheels: &Wheels, report: &Report, subject: &Subject) -> Markup {
    let loading = of_subject(report, subject);
    let rows = loading.map_or(&[][..], |loading| loading.rows.as_slice());
    let others = Vec::from_iter(rows.iter().filter(|row| row.word != "loads"));
    let pythons = Vec::from_iter(others.iter().map(|row| row.pythons.as_str()));
    html! {
        @if !others.is_empty() {
            details {
                summary {
                    (pythons.join(", "))
                    span .unseen { ", reasons for " (shown(wheels, &subject.given)) }
                }
                dl .reasons {
                    @for row in others { dt { (row.pythons) " " span .muted { (row.word) } } dd { (prose(&row.why)) } }
                }
            }
        }
    }
}

fn findings(wheels: &Wheels) -> Markup {
    html! {
        (filter("found", "findings", &[levels()]))
        (wide("Findings", &html! {
            table #found data-sorts {
                caption { "What was found, the worst first" }
                thead { tr {
                    th scope="col" { "Level" } th scope="col" { "Where" } th scope="col" { "Rule" }
                    th scope="col" { "What" } th scope="col" { "What to do" }
                } }
                tbody {
                    @for finding in &wheels.report.findings {
                        tr data-level=(finding.level.word()) {
                            td data-sort=(finding.level as u8) { (level(finding.level)) }
                            td .file { (file(&shown(wheels, &finding.item))) }
                            td { (rule_of(finding.rule)) }
                            td .prose { (prose(&finding.message)) (facts(finding)) }
                            td .prose { (prose(&finding.hint)) }
                        }
                    }
                }
            }
        }))
    }
}

fn facts(finding: &Finding) -> Markup {
    html! {
        @match (&finding.old, &finding.new) {
            (Some(old), Some(new)) => span .sides { (prose(old)) " → " (prose(new)) },
            (Some(one), None) | (None, Some(one)) => span .sides { (prose(one)) },
            (None, None) => {},
        }
    }
}

/// What could not be read, and what was not looked at.
fn undecided(report: &Report) -> Markup {
    let is_empty = report.subjects.is_empty() && report.failures.is_empty();
    html! {
        @if is_empty || !report.failures.is_empty() || !report.gaps.is_empty() {
            h2 #undecided { "Not decided" }
            ul .findings {
                @if is_empty { li { "Nothing was there to look at." } }
                @for failure in &report.failures {
                    li { (level(Level::Undecided)) " " (prose(failure)) }
                }
                @for gap in &report.gaps {
                    li { (prose(&gap.facts)) ": " (prose(&gap.why)) }
                }
            }
        }
    }
}

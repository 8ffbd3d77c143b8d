//! What the codes mean that other pages show.

use maud::html;

use super::frame::{Frame, Tab};
use super::tools::{Choice, Listing, heads};
use super::words::{level, prose};
use crate::emit::FileSet;
use crate::report::Level;
use crate::rules;

/// Its file.
pub(super) const FILE: &str = "rules.html";

pub(super) fn page(frame: &Frame, files: &mut FileSet) {
    let levels = Choice {
        key: "level",
        name: "Level",
        words: Vec::from(Level::WORST_FIRST.map(Level::word)),
    };
    let body = html! {
        p .lede { "What comparisons and audits look for, how bad it usually is, and what to do." }
        (Listing {
            class: None,
            id: "rules",
            noun: "rules",
            label: "Rules",
            caption: "Rules",
            choices: &[levels],
        }
        .show(&heads(&["Code", "Name", "Level", "What it means", "What to do"]), &html! {
            @for rule in rules::every() {
                tr #(rule.id) data-level=(rule.level.word()) {
                    th scope="row" { (rule.id) }
                    td { code { (rule.name) } }
                    td data-sort=(rule.level as u8) { (level(rule.level)) }
                    td .prose { (prose(rule.meaning)) }
                    td .prose { (prose(rule.hint)) }
                }
            }
        }))
    };
    frame.add(files, Tab::Rules, FILE, Tab::Rules.name(), &body);
}

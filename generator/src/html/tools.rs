//! What tables have around them: a frame that scrolls, and what filters them.

use maud::{Markup, html};

/// A table that may be wider than the page, in a frame that a keyboard can scroll.
pub(super) fn wide(label: &str, table: &Markup) -> Markup {
    html! { div .wide role="region" aria-label=(label) tabindex="0" { (table) } }
}

/// Words that rows can be chosen by.
pub(super) struct Choice<'a> {
    /// `level`, which rows have as `data-level`.
    pub(super) key: &'static str,
    /// `Level`.
    pub(super) name: &'static str,
    /// The words.
    pub(super) words: Vec<&'a str>,
}

/// What filters the rows of the table with an id. It needs the script, which shows it.
pub(super) fn filter(table: &str, noun: &str, choices: &[Choice<'_>]) -> Markup {
    html! {
        form .tools hidden data-filters=(table) aria-label=(format!("Filter {noun}")) {
            label { "Filter " input type="search" autocomplete="off" spellcheck="false" aria-controls=(table); }
            @for choice in choices {
                label {
                    (choice.name) " "
                    select data-key=(choice.key) aria-controls=(table) {
                        option value="" { "all" }
                        @for word in &choice.words { option value=(word) { (word) } }
                    }
                }
            }
            output role="status" data-noun=(noun) {}
        }
    }
}

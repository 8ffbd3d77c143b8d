//! What tables have around them: a frame that scrolls, and what filters them.

use maud::{Markup, html};

use super::words::prose;

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

/// A table that sorts, below what filters its rows.
pub(super) struct Listing<'a> {
    /// How it looks, where that is not as all do.
    pub(super) class: Option<&'static str>,
    /// Its id.
    pub(super) id: &'static str,
    /// What its rows are.
    pub(super) noun: &'static str,
    /// What its frame is called.
    pub(super) label: &'static str,
    /// What stands above it.
    pub(super) caption: &'a str,
    /// What its rows can be chosen by.
    pub(super) choices: &'a [Choice<'a>],
}

impl Listing<'_> {
    /// The whole, with the heads of its columns.
    pub(super) fn show(&self, heads: &Markup, rows: &Markup) -> Markup {
        html! {
            (filter(self.id, self.noun, self.choices))
            (wide(self.label, &html! {
                table class=[self.class] id=(self.id) data-sorts {
                    caption { (prose(self.caption)) }
                    thead { tr { (heads) } }
                    tbody { (rows) }
                }
            }))
        }
    }
}

/// Heads of columns that are words alone.
pub(super) fn heads(words: &[&str]) -> Markup {
    html! { @for word in words { th scope="col" { (word) } } }
}

/// What filters the rows of the table with an id. It needs the script, which shows it.
fn filter(table: &str, noun: &str, choices: &[Choice<'_>]) -> Markup {
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

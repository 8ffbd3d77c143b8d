//! Text that was written for a terminal or for Markdown.

use maud::{Markup, html};

use super::rules;
use crate::report::clean;
use crate::report::{Level, Rule};

/// A text on one line, where what is between backquotes is code.
pub(super) fn prose(text: &str) -> Markup {
    let text = clean::line(text);
    let quotes = text.matches('`').count();
    let parts = text.split('`').enumerate();
    html! {
        @for (index, part) in parts {
            // One that is not closed is text.
            @if index % 2 == 1 && quotes > index { code { (part) } }
            @else if index % 2 == 1 { "`" (part) }
            @else { (part) }
        }
    }
}

/// The same of what somebody else has written, cut where nobody reads on.
pub(super) fn brief(text: &str) -> Markup {
    prose(&clean::short_line(text))
}

/// A file's name, which may be broken after its parts.
pub(super) fn file(name: &str) -> Markup {
    let name = clean::line(name);
    html! { @for part in name.split_inclusive(['-', '.', '/']) { (part) wbr; } }
}

/// A rule's code, which leads to what it means.
pub(super) fn rule(id: &str) -> Markup {
    html! { a href=(format!("{}#{id}", rules::FILE)) { (id) } }
}

/// The same for a rule.
pub(super) fn rule_of(one: &Rule) -> Markup {
    html! { (rule(one.id)) " " span .muted { (one.name) } }
}

/// A level's word, with a colour that says the same.
pub(super) fn level(level: Level) -> Markup {
    html! { span .level .(level.word()) { (level.word()) } }
}

#[cfg(test)]
mod tests {
    use super::{brief, prose};

    #[test]
    fn what_is_between_backquotes_is_code() {
        for (text, markup) in [
            ("a `b` c", "a <code>b</code> c"),
            ("a `b` `c", "a <code>b</code> `c"),
            ("`<b>`", "<code>&lt;b&gt;</code>"),
        ] {
            assert_eq!(prose(text).into_string(), markup);
        }
    }

    /// All of them were counted for each, which took a minute for the name of one hook.
    #[test]
    fn a_text_of_backquotes_is_cut() {
        let text = "`".repeat(1 << 20);
        let shown = brief(&text).into_string();
        assert!(shown.len() < 10_000 && shown.ends_with('…'), "{shown}");
        let start = std::time::Instant::now();
        assert!(prose(&text).into_string().len() > text.len());
        let took = start.elapsed();
        assert!(took.as_secs() < 30, "{took:?}, and hours when quadratic");
    }
}

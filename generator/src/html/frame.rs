//! What all pages have around what they say.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::emit::FileSet;

/// What the first line of each page says, by which a folder of them is known.
pub const MARK: &str = "Made by `pyshim report`; do not edit.";

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// A page that the others link to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Matrix,
    Structs,
    History,
    Wheels,
    Rules,
}

impl Tab {
    /// In the order of the links.
    pub(super) const ALL: [Tab; 6] = [
        Tab::Overview,
        Tab::Matrix,
        Tab::Structs,
        Tab::History,
        Tab::Wheels,
        Tab::Rules,
    ];

    /// Its file.
    pub(super) fn file(self) -> &'static str {
        match self {
            Tab::Overview => super::overview::FILE,
            Tab::Matrix => super::matrix::FILE,
            Tab::Structs => super::structs::FILE,
            Tab::History => super::history::FILE,
            Tab::Wheels => super::wheels::FILE,
            Tab::Rules => super::rules::FILE,
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Tab::Overview => "Overview",
            Tab::Matrix => "Support matrix",
            Tab::Structs => "Structs",
            Tab::History => "History",
            Tab::Wheels => "Wheels",
            Tab::Rules => "Rules",
        }
    }
}

/// What pages have in common.
pub(super) struct Frame {
    /// The pages that there are.
    pub(super) tabs: Vec<Tab>,
    policy: String,
}

impl Frame {
    pub(super) fn new(tabs: Vec<Tab>) -> Self {
        let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
        // Hashes and not 'self', which browsers do not agree on for files.
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; \
             form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        );
        Frame { tabs, policy }
    }

    /// Adds a page that is one of the tabs, or belongs to one.
    pub(super) fn add(
        &self,
        files: &mut FileSet,
        tab: Tab,
        file: &str,
        title: &str,
        body: &Markup,
    ) {
        let page = html! {
            (DOCTYPE) (PreEscaped(format!("<!-- {MARK} -->\n")))
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(self.policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    meta name="generator" content=(concat!("pyshim ", env!("CARGO_PKG_VERSION")));
                    title { (title) " · pyshim" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a .skip href="#main" { "Skip to content" }
                    header {
                        p .brand { a href=(Tab::Overview.file()) { "pyshim" } }
                        nav aria-label="Pages" {
                            ul { @for other in &self.tabs { li { (link(*other, tab, file)) } } }
                        }
                    }
                    main #main tabindex="-1" {
                        h1 { (title) }
                        (body)
                    }
                    footer {
                        p {
                            "Made by " code { "pyshim report" } " " (env!("CARGO_PKG_VERSION"))
                            " from the manifest and the snapshots. Nothing here is typed by hand."
                        }
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        files.add(file, page.into_string() + "\n");
    }
}

/// A link to a tab from a page that belongs to another, or to the same.
fn link(to: Tab, of: Tab, file: &str) -> Markup {
    let current = match to {
        to if to.file() == file => Some("page"),
        to if to == of => Some("true"),
        _ => None,
    };
    html! { a href=(to.file()) aria-current=[current] { (to.name()) } }
}

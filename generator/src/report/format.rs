//! The formats, and which file writes which.

use super::gate::Gate;
use super::{Report, abi3audit, github, json, junit, markdown, sarif, text};
use crate::diag::Colour;

/// How a report is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    Text,
    /// Everything, for programs.
    Json,
    /// For a job summary or a comment.
    Markdown,
    /// SARIF 2.1.0, for GitHub's code scanning and for editors.
    Sarif,
    /// GitHub's workflow commands, which become annotations.
    Github,
    /// JUnit's XML, for GitLab and others.
    Junit,
    /// What abi3audit prints, of an audit.
    Abi3audit,
}

impl Format {
    /// Every format that all reports have.
    pub const ALL: [Format; 6] = [
        Format::Text,
        Format::Json,
        Format::Markdown,
        Format::Sarif,
        Format::Github,
        Format::Junit,
    ];

    /// Those of audits alone.
    pub const OF_AUDITS: [Format; 1] = [Format::Abi3audit];

    /// Its word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::Markdown => "markdown",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Junit => "junit",
            Format::Abi3audit => "abi3audit",
        }
    }
}

/// What a caller decides of how a report is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether text is coloured.
    pub colour: Colour,
    /// How many columns text has.
    pub width: usize,
    /// What fails the run; the formats say how it ends.
    pub gate: Gate,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            colour: Colour::Never,
            width: 100,
            gate: Gate::default(),
        }
    }
}

/// Shows a sorted report. The text ends with a line end.
#[must_use]
pub fn render(report: &Report, format: Format, options: &Options) -> String {
    match format {
        Format::Text => text::render(report, options),
        Format::Json => json::render(report, options),
        Format::Markdown => markdown::render(report, options),
        Format::Sarif => sarif::render(report, options),
        Format::Github => github::render(report, options),
        Format::Junit => junit::render(report, options),
        Format::Abi3audit => abi3audit::render(report),
    }
}

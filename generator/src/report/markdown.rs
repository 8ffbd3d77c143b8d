//! For a job summary or a comment: numbers and a table first, then the details.

use super::counts::{Counts, many};
use super::gate::Outcome;
use super::{Finding, Level, Loading, Options, Report, clean, picture};

/// The most that GitHub takes as a job summary, in bytes.
const MOST: usize = 1 << 20;
/// What is kept free for the lines that say what was left out, and for what closes a list.
const RESERVE: usize = 4096;
/// Columns of a picture: what a summary shows without scrolling.
const WIDTH: usize = 100;
/// How many gaps and suppressed findings are listed.
const LISTED: usize = 200;

pub(super) fn render(report: &Report, options: &Options) -> String {
    let mut page = Page(String::new());
    page.head(report, options);
    let findings: Vec<&Finding> = report.counting().collect();
    page.table(&findings);
    page.gaps(report);
    page.suppressed(report);
    page.details(&findings);
    page.declared(report);
    page.loading("Which CPythons load it", &report.loading);
    page.loading("What CPythons did", &report.imported);
    page.0
}

struct Page(String);

impl Page {
    /// Adds what fits, the first first, and says how many did not.
    fn fit(&mut self, noun: &str, pieces: impl ExactSizeIterator<Item = String>) -> Option<String> {
        let mut left = pieces.len();
        for piece in pieces {
            if self.0.len() + piece.len() + RESERVE > MOST {
                break;
            }
            self.0.push_str(&piece);
            left -= 1;
        }
        (left > 0).then(|| format!("\n{} left out here: there is no room.\n", many(left, noun)))
    }

    fn head(&mut self, report: &Report, options: &Options) {
        let counts = Counts::of(report);
        let ends = match options.gate.outcome(report) {
            Outcome::Clean => counts.passed(),
            Outcome::Findings(count) => {
                format!("{} at the gate's level", many(count, "finding"))
            }
            Outcome::Undecided(reasons) => {
                let reason = reasons.first().map(|reason| text(reason));
                let others = match reasons.len() {
                    0 | 1 => String::new(),
                    several => format!(", and {} more", several - 1),
                };
                format!("could not decide: {}{others}", reason.unwrap_or_default())
            }
        };
        self.0
            .push_str(&format!("## ABI: {ends}\n\n{}\n\n", counts.words()));
        self.0.push_str("| level | findings |\n|---|---:|\n");
        for (level, count) in counts.levels.iter().filter(|(_, count)| *count > 0) {
            self.0
                .push_str(&format!("| {} | {count} |\n", level.word()));
        }
        self.0
            .push_str(&format!("| suppressed | {} |\n", counts.suppressed));
        self.0
            .push_str(&format!("| facts compared | {} |\n\n", report.compared));
        for (role, subject) in report.roles("examined") {
            let evidence = match subject.evidence.is_empty() {
                true => "no evidence".to_owned(),
                false => format!("from {}", subject.evidence.join(", ")),
            };
            let (given, name) = (code(&subject.given), text(&subject.name));
            self.0.push_str(&format!(
                "- {role}: {given}, {name} ({})\n",
                text(&evidence)
            ));
        }
    }

    fn table(&mut self, findings: &[&Finding]) {
        if findings.is_empty() {
            return;
        }
        self.0
            .push_str("\n| level | rule | item | what | where | only on |\n");
        self.0.push_str("|---|---|---|---|---|---|\n");
        let rows = findings.iter().map(|finding| row(finding));
        let rest = self.fit("finding", rows);
        self.0.extend(rest);
    }

    fn declared(&mut self, report: &Report) {
        if report.declared.is_empty() {
            return;
        }
        self.0
            .push_str("\n### What modules say of themselves\n\n| module | says |\n|---|---|\n");
        let rows = report.declared.iter().flat_map(|one| {
            let says = text(&one.says);
            let modules = one.modules.iter();
            modules.map(move |module| format!("| {} | {says} |\n", code(module)))
        });
        let rows = Vec::from_iter(rows);
        let rest = self.fit("row", rows.into_iter());
        self.0.extend(rest);
    }

    fn loading(&mut self, heading: &str, loading: &[Loading]) {
        if loading.is_empty() {
            return;
        }
        self.0.push_str(&format!(
            "\n### {heading}\n\n| file | CPython | does | why |\n|---|---|---|---|\n"
        ));
        let rows = loading.iter().flat_map(|one| {
            one.rows.iter().map(|row| {
                let (file, why) = (code(&one.subject), text(&row.why));
                format!("| {file} | {} | {} | {why} |\n", row.pythons, row.word)
            })
        });
        let rows = Vec::from_iter(rows);
        let rest = self.fit("row", rows.into_iter());
        self.0.extend(rest);
    }

    fn gaps(&mut self, report: &Report) {
        if report.gaps.is_empty() {
            return;
        }
        self.0.push_str("\n### Not compared\n\n");
        let listed = report.gaps.iter().take(LISTED);
        let listed = listed.map(|gap| format!("- {}: {}\n", text(&gap.facts), text(&gap.why)));
        let rest = self.fit("gap", listed);
        self.0.extend(rest);
        self.unlisted(report.gaps.len(), "gap");
    }

    fn suppressed(&mut self, report: &Report) {
        let suppressed = report.findings.iter().filter(|f| f.suppressed.is_some());
        let all = suppressed.clone().count();
        if all == 0 {
            return;
        }
        self.0.push_str("\n### Suppressed\n\n");
        let lines: Vec<String> = suppressed.take(LISTED).map(self::suppressed).collect();
        let rest = self.fit("suppressed finding", lines.into_iter());
        self.0.extend(rest);
        self.unlisted(all, "suppressed finding");
    }

    fn unlisted(&mut self, all: usize, noun: &str) {
        if all > LISTED {
            self.0
                .push_str(&format!("- and {} more\n", many(all - LISTED, noun)));
        }
    }

    fn details(&mut self, findings: &[&Finding]) {
        if findings.is_empty() {
            return;
        }
        self.0.push_str("\n### Details\n");
        let details = findings.iter().map(|finding| details(finding));
        let rest = self.fit("finding", details);
        self.0.extend(rest);
    }
}

fn row(finding: &Finding) -> String {
    let rule = finding.rule;
    let place = finding.place.as_ref();
    let place = place.map(|place| code(&format!("{}:{}", place.slashed(), place.line)));
    format!(
        "| {} | [{}]({}) {} | {} | {} | {} | {} |\n",
        finding.level.word(),
        rule.id,
        rule.uri(),
        rule.name,
        code(&finding.item),
        text(&finding.message),
        place.unwrap_or_default(),
        text(&finding.only().unwrap_or_default()),
    )
}

fn suppressed(finding: &Finding) -> String {
    let (id, item) = (finding.rule.id, code(&finding.item));
    let reason = finding.suppressed.as_deref().unwrap_or_default();
    format!(
        "- {id} {item}: {} ({})\n",
        text(&finding.message),
        text(reason)
    )
}

fn details(finding: &Finding) -> String {
    let rule = finding.rule;
    let item = html(&clean::short_line(&finding.item));
    let mut block = format!(
        "\n<details><summary>{} {} <code>{item}</code></summary>\n\n{}\n\n",
        rule.id,
        rule.name,
        text(&finding.message),
    );
    if finding.old.is_some() || finding.new.is_some() {
        let side = |fact: &Option<String>| fact.as_deref().map_or("nothing".to_owned(), code);
        let (old, new) = (side(&finding.old), side(&finding.new));
        block.push_str(&format!("| old | new |\n|---|---|\n| {old} | {new} |\n\n"));
    }
    if finding.level != Level::Mistake {
        for (direction, verdict) in finding.sides() {
            block.push_str(&format!("- {direction}: **{}**\n", verdict.word()));
        }
        block.push('\n');
    }
    if !finding.hint.is_empty() {
        block.push_str(&format!("{}\n\n", text(&finding.hint)));
    }
    if let Some(found) = &finding.picture {
        let lines = picture::draw(found, WIDTH).join("\n");
        let fence = fence(&lines, 3);
        block.push_str(&format!("{fence}text\n{lines}\n{fence}\n\n"));
    }
    block.push_str("</details>\n");
    block
}

/// Text in which only backquotes mean something, and nothing ends the table's cell.
fn text(text: &str) -> String {
    escape(&clean::short_line(text))
}

/// The same of text that is ours.
pub(crate) fn escape(text: &str) -> String {
    let quoted = text.matches('`').count().is_multiple_of(2);
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
    for c in text.chars() {
        match c {
            '`' if quoted => {
                in_code = !in_code;
                out.push(c);
            }
            '|' => out.push_str("\\|"),
            c if in_code => out.push(c),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '@' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Text as code, in a cell of a table.
fn code(text: &str) -> String {
    let text = clean::short_line(text).replace('|', "\\|");
    if text.is_empty() {
        return text;
    }
    let fence = fence(&text, 1);
    let blank = if text.contains('`') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// More backquotes than the text has in a row.
fn fence(text: &str, least: usize) -> String {
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    "`".repeat(least.max(longest + 1))
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

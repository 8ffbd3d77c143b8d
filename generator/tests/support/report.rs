//! A report as text that shows every part of it, for goldens.

use std::fmt::Write as _;

use pyshim_gen::report::{Bytes, Report, SpanKind};

/// All of it.
pub(crate) fn show(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let rule = finding.rule;
        let level = finding.level.word();
        let _ = writeln!(text, "{} {} {level}", rule.id, rule.name);
        let _ = writeln!(text, "  item {}: {}", finding.item, finding.message);
        for (word, side) in [("old", &finding.old), ("new", &finding.new)] {
            if let Some(side) = side {
                let _ = writeln!(text, "  {word}: {side}");
            }
        }
        if !finding.only.is_empty() {
            let only = Vec::from_iter(finding.only.iter().map(String::as_str));
            let _ = writeln!(text, "  only: {}", only.join(" "));
        }
        let _ = writeln!(
            text,
            "  old binary {}, new binary {}, source {}",
            finding.verdicts.old_binary_new_library.word(),
            finding.verdicts.new_binary_old_library.word(),
            finding.verdicts.source.word()
        );
        if let Some(place) = &finding.place {
            let file = place.file.file_name().unwrap_or_default().to_string_lossy();
            let _ = writeln!(text, "  place: {file}:{}", place.line);
        }
        if finding.hint != rule.hint {
            let _ = writeln!(text, "  hint: {}", finding.hint);
        }
        if let Some(picture) = &finding.picture {
            let _ = writeln!(text, "  bytes, {}", picture.variant);
            for (word, side) in [("old", &picture.old), ("new", &picture.new)] {
                let _ = writeln!(text, "    {word} {}", bytes(side));
            }
        }
    }
    for gap in &report.gaps {
        let _ = writeln!(text, "gap {}: {}", gap.facts, gap.why);
    }
    for failure in &report.failures {
        let _ = writeln!(text, "failure {failure}");
    }
    for one in &report.declared {
        let _ = writeln!(text, "declared {}", one.says);
        for module in &one.modules {
            let _ = writeln!(text, "  {module}");
        }
    }
    for one in report.loading.iter().chain(&report.imported) {
        let _ = writeln!(text, "loading {}", one.subject);
        for row in &one.rows {
            let line = format!("  {} {} {}", row.pythons, row.word, row.why);
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    let _ = writeln!(text, "compared {}", report.compared);
    text
}

fn bytes(side: &Bytes) -> String {
    let spans = side.spans.iter().map(|span| {
        let name = match span.kind {
            SpanKind::Field => span.name.clone(),
            SpanKind::Reserve => format!("({})", span.name),
            SpanKind::Padding => "-".to_owned(),
        };
        format!("{}+{} {name}", span.offset, span.size)
    });
    format!("{}: {}", side.size, Vec::from_iter(spans).join(", "))
}

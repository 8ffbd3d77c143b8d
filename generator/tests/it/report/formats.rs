//! Every format over reports made by hand: goldens, and what the readers of a format demand of it.
//! `PYSHIM_BLESS=1` writes what is found as what is expected.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use pyshim_gen::diag::Colour;
use pyshim_gen::report::{Format, Options, Report, json, render};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::reports::{self, ADDED, MOVED, RETYPED, UNKNOWN, comparison, finding};

fn extension(format: Format) -> &'static str {
    match format {
        Format::Text => "txt",
        Format::Json | Format::Abi3audit => "json",
        Format::Markdown => "md",
        Format::Sarif => "sarif",
        Format::Github => "github",
        Format::Junit => "xml",
    }
}

fn plain(report: &Report, format: Format) -> String {
    render(report, format, &Options::default())
}

/// Compares a text with a file, or writes it there.
fn golden(path: &Path, found: &str) {
    if std::env::var_os("PYSHIM_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, found).expect("the golden can be written");
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    let expected = expected.replace("\r\n", "\n");
    if found != expected {
        let diff = similar::TextDiff::from_lines(expected.as_str(), found);
        let diff = diff.unified_diff().header("expected", "found").to_string();
        let path = path.display();
        panic!("{path}\n{diff}\nto accept: PYSHIM_BLESS=1 cargo test --test report");
    }
}

#[test]
fn every_format_of_every_report_is_as_expected() {
    let mut expected = BTreeSet::new();
    for (name, report) in reports::all() {
        for format in Format::ALL {
            let path = format!("tests/it/report/expected/{name}.{}", extension(format));
            // A release would change them all.
            let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
            let found = plain(&report, format).replace(&version, "\"VERSION\"");
            golden(Path::new(&path), &found);
            expected.insert(PathBuf::from(path));
        }
    }
    let folder = std::fs::read_dir("tests/it/report/expected").expect("the folder can be read");
    let there = folder.map(|item| item.expect("the folder can be read").path());
    assert_eq!(expected, there.collect(), "each golden belongs to a report");
}

#[test]
fn the_published_schema_is_that_of_the_json_and_all_json_keeps_to_it() {
    golden(Path::new("../docs/schema/report-1.json"), &json::schema());
    let schema: Value = serde_json::from_str(&json::schema()).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    for (name, report) in reports::all() {
        let text = plain(&report, Format::Json);
        let mut document: Value = serde_json::from_str(&text).expect("it is JSON");
        let complaints: Vec<_> = validator.iter_errors(&document).collect();
        assert!(complaints.is_empty(), "{name}: {complaints:?}");
        document["schema_version"] = 2.into();
        assert!(!validator.is_valid(&document), "another version is refused");
    }
}

/// The schema of OASIS, from the package that brings it.
fn sarif_schema() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let package = packages.iter().find(|p| p["name"] == "serde-sarif");
    let manifest = package.expect("serde-sarif is a dependency")["manifest_path"].as_str();
    let folder = Path::new(manifest.expect("a path"))
        .parent()
        .expect("a folder");
    let text = std::fs::read_to_string(folder.join("src/schema.json")).expect("it has the schema");
    let mut schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    // The pattern of languages has a bracket too many, and is no pattern.
    for holder in ["run", "toolComponent"] {
        let path = format!("/definitions/{holder}/properties/language");
        let language = schema.pointer_mut(&path).and_then(Value::as_object_mut);
        language.expect("it has a language").remove("pattern");
    }
    schema
}

#[test]
fn sarif_keeps_to_the_official_schema() {
    let schema = sarif_schema();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("the schema is one");
    for (name, report) in reports::all() {
        let text = plain(&report, Format::Sarif);
        let mut document: Value = serde_json::from_str(&text).expect("it is JSON");
        let complaints: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
        document["runs"][0]["results"] = "none".into();
        assert!(
            !validator.is_valid(&document),
            "what is no SARIF is refused"
        );
    }
}

#[test]
fn sarif_has_what_github_demands_and_no_more_than_it_takes() {
    let many = (0..25_001).map(|n| finding(&ADDED, &format!("item_{n:05}")));
    let mut all: Vec<_> = many.collect();
    all.push(finding(&MOVED, "worst"));
    let text = plain(&comparison(all), Format::Sarif);
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let run = &document["runs"][0];
    let results = run["results"].as_array().expect("there are results");
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["ruleId"], "T101", "the worst is kept");
    let notes = &run["invocations"][0]["toolExecutionNotifications"];
    let note = notes[0]["message"]["text"].as_str().expect("it is told");
    assert!(note.starts_with("2 findings are left out"), "{note}");
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string(), "{result}");
        assert!(place["region"]["startLine"].is_u64(), "{result}");
    }
}

#[test]
fn fingerprints_stay_when_lines_move_and_differ_between_findings() {
    let fingerprints = |line: u32| -> Vec<String> {
        let (_, mut report) = reports::all().swap_remove(2);
        for place in report.findings.iter_mut().filter_map(|f| f.place.as_mut()) {
            place.line += line;
        }
        let twin = report.findings[0].clone();
        report.findings.insert(1, twin);
        let text = plain(&report, Format::Sarif);
        let document: Value = serde_json::from_str(&text).expect("it is JSON");
        let results = document["runs"][0]["results"].as_array().cloned();
        results
            .expect("there are results")
            .iter()
            .map(|result| result["partialFingerprints"]["pyshimFinding/v1"].to_string())
            .collect()
    };
    let here = fingerprints(0);
    assert_eq!(here, fingerprints(100));
    assert_eq!(here.iter().collect::<BTreeSet<_>>().len(), here.len());
}

#[test]
fn junit_is_xml_and_counts_right() {
    for (name, report) in reports::all() {
        let text = plain(&report, Format::Junit);
        let document = roxmltree::Document::parse(&text).expect(name);
        let suite = document
            .descendants()
            .find(|node| node.has_tag_name("testsuite"))
            .expect("there is a suite");
        let count = |tag: &str| {
            let cases = suite
                .children()
                .filter(|node| node.has_tag_name("testcase"));
            let with = |case: &roxmltree::Node<'_, '_>| {
                tag.is_empty() || case.children().any(|node| node.has_tag_name(tag))
            };
            cases.filter(with).count().to_string()
        };
        let attributes = [
            ("tests", ""),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ];
        for (attribute, tag) in attributes {
            let said = suite.attribute(attribute).expect("it has a number");
            assert_eq!(said, count(tag), "{name}: {attribute}");
        }
        let whole = report.findings.len() + report.gaps.len() + 1;
        assert_eq!(count(""), whole.to_string(), "{name}");
    }
}

#[test]
fn junit_keeps_texts_whole() {
    let (_, report) = reports::all().swap_remove(4);
    let text = plain(&report, Format::Junit);
    let document = roxmltree::Document::parse(&text).expect("it is XML");
    let failure = document.descendants().find(|n| n.has_tag_name("failure"));
    let message = failure.and_then(|node| node.attribute("message"));
    let expected = report.findings[0]
        .message
        .replace(['\u{1b}', '\0'], "\u{fffd}");
    assert_eq!(message, Some(expected.as_str()));
}

#[test]
fn github_gets_ten_of_a_level_the_worst_first_and_a_line_for_the_rest() {
    let mut all = Vec::new();
    for n in 0..14 {
        all.extend([&MOVED, &RETYPED, &UNKNOWN, &ADDED].map(|r| finding(r, &format!("i{n:02}"))));
    }
    let text = plain(&comparison(all), Format::Github);
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(count("::error "), 10);
    assert_eq!(count("::warning "), 10);
    assert_eq!(count("::notice "), 10);
    assert!(
        !text.contains("type-unknown"),
        "API changes come before what is undecided"
    );
    let rest = text.lines().find(|line| line.contains("not shown here"));
    let rest = rest.expect("the rest is told");
    assert!(
        rest.starts_with("::notice title=pyshim::27 findings"),
        "{rest}"
    );
    let few = plain(&comparison(vec![finding(&MOVED, "a")]), Format::Github);
    assert!(!few.contains("not shown here"), "{few}");
}

#[test]
fn nothing_that_was_read_becomes_a_command_of_github() {
    let (_, report) = reports::all().swap_remove(4);
    let text = plain(&report, Format::Github);
    assert_eq!(text.lines().count(), 2, "{text}");
    let command = text.lines().next().expect("there is a line");
    assert!(
        command.starts_with("::error file=abi/ordner mit leer%2C und%3A%25zeichen/"),
        "{text}"
    );
}

#[test]
fn a_job_summary_has_room_for_any_report() {
    let many = (0..20_000).map(|n| finding(&ADDED, &format!("item_{n:05}_{}", "x".repeat(900))));
    let mut all: Vec<_> = many.collect();
    all.push(finding(&MOVED, "worst"));
    let mut report = comparison(all);
    let text = plain(&report, Format::Markdown);
    assert!(text.len() <= 1 << 20, "{} bytes", text.len());
    let worst = text.find("`worst`").expect("the worst is there");
    assert!(worst < text.find("item_00000").expect("some others are"));
    assert!(text.contains("findings left out here: there is no room"));
    for found in &mut report.findings {
        found.suppressed = Some("y".repeat(2000));
    }
    let text = plain(&report, Format::Markdown);
    assert!(text.len() <= 1 << 20, "{} bytes", text.len());
    assert!(text.contains("and 19801 suppressed findings more"));
}

#[test]
fn text_fits_its_width() {
    for (name, report) in reports::all() {
        for width in [60, 80, 100, 200] {
            let options = Options {
                width,
                ..Options::default()
            };
            let text = render(&report, Format::Text, &options);
            for line in text.lines() {
                assert!(line.width() <= width, "{name} at {width}: {line}");
            }
        }
    }
}

#[test]
fn colours_are_added_only_when_asked_for() {
    let (_, report) = reports::all().swap_remove(2);
    let options = Options {
        colour: Colour::Always,
        ..Options::default()
    };
    let coloured = render(&report, Format::Text, &options);
    let plain = plain(&report, Format::Text);
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains('\u{1b}'));
    let mut stripped = String::new();
    for (nth, part) in coloured.split('\u{1b}').enumerate() {
        let rest = if nth == 0 {
            part
        } else {
            part.split_once('m').expect("a colour ends").1
        };
        stripped.push_str(rest);
    }
    assert_eq!(stripped, plain);
}

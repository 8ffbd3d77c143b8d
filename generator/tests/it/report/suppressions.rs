//! What a file of suppressions does to a report.

use pyshim_gen::diag::Sink;
use pyshim_gen::report::gate::Gate;
use pyshim_gen::report::suppress::{self, Suppression};
use pyshim_gen::report::{Report, Rule};
use pyshim_gen::source::Sources;

use super::reports::{MOVED, REMOVED, RETYPED, comparison, finding};
use crate::scratch;

static RULES: [&Rule; 3] = [&MOVED, &RETYPED, &REMOVED];

fn read(text: &str) -> (Vec<Suppression>, Vec<String>) {
    let folder = scratch::folder();
    let path = folder.path().join("suppressions.yaml");
    scratch::write(&path, text);
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let read = suppress::read(&path, &RULES, &mut sources, &mut sink).expect("it can be read");
    let codes = sink
        .into_sorted()
        .into_iter()
        .map(|d| d.code.id().to_owned());
    (read, codes.collect())
}

fn one(rule: &str, item: &str, expires: &str) -> String {
    format!(
        "suppressions:\n  - rule: {rule}\n    item: \"{item}\"\n    reason: known\n    expires: \"{expires}\"\n"
    )
}

fn applied(text: &str, today: &str) -> Report {
    let (suppressions, codes) = read(text);
    assert_eq!(codes, Vec::<String>::new());
    let mut report = comparison(vec![
        finding(&MOVED, "thing.count"),
        finding(&RETYPED, "thing_open"),
        finding(&RETYPED, "thing_shut"),
    ]);
    suppress::apply(&mut report, &suppressions, today.parse().expect("a day"));
    report
}

fn suppressed(report: &Report) -> Vec<&str> {
    let all = report.findings.iter().filter(|f| f.suppressed.is_some());
    all.map(|f| f.item.as_str()).collect()
}

fn rules(report: &Report) -> Vec<&str> {
    report.counting().map(|f| f.rule.id).collect()
}

#[test]
fn one_hides_its_rule_on_its_item_only() {
    let report = applied(&one("T201", "thing_open", "2027-01-31"), "2026-11-21");
    assert_eq!(suppressed(&report), ["thing_open"]);
    assert_eq!(rules(&report), ["T101", "T201"]);
}

#[test]
fn a_rule_may_be_named_and_an_item_may_have_stars() {
    let text = one("parameter-type-changed", "thing_*", "2027-01-31");
    let report = applied(&text, "2026-11-21");
    assert_eq!(suppressed(&report), ["thing_open", "thing_shut"]);
}

#[test]
fn a_day_needs_no_quotes() {
    let text = one("T101", "thing.count", "2027-01-31").replace('"', "");
    assert_eq!(suppressed(&applied(&text, "2026-11-21")), ["thing.count"]);
}

#[test]
fn one_holds_through_its_last_day_and_is_a_mistake_after() {
    let text = one("T101", "thing.count", "2026-11-21");
    let report = applied(&text, "2026-11-21");
    assert_eq!(suppressed(&report), ["thing.count"]);
    assert_eq!(Gate::default().outcome(&report).code(), 0);
    let report = applied(&text, "2026-11-22");
    assert_eq!(suppressed(&report), [] as [&str; 0]);
    assert_eq!(rules(&report), ["X101", "T101", "T201", "T201"]);
}

#[test]
fn one_that_hides_nothing_fails_the_run() {
    let text = one("T101", "thing.size", "2027-01-31");
    let report = applied(&text, "2026-11-21");
    assert_eq!(rules(&report), ["X102", "T101", "T201", "T201"]);
    let found = &report.findings[0];
    let place = found.place.as_ref().expect("it has a place");
    assert_eq!(place.line, 2);
    let (suppressions, _) = read(&text);
    let mut report = comparison(Vec::new());
    suppress::apply(
        &mut report,
        &suppressions,
        "2026-11-21".parse().expect("a day"),
    );
    assert_eq!(Gate::default().outcome(&report).code(), 1);
}

#[test]
fn what_is_gone_cannot_be_hidden() {
    for rule in ["T102", "function-removed"] {
        let (suppressions, codes) = read(&one(rule, "*", "2027-01-31"));
        assert_eq!(codes, ["X002"]);
        assert!(suppressions.is_empty());
    }
}

#[test]
fn the_day_follows_source_date_epoch() {
    let day = |text| suppress::today(Some(text)).map(|day| day.to_string());
    assert_eq!(day("0").as_deref(), Ok("1970-01-01"));
    assert_eq!(day("1795219199").as_deref(), Ok("2026-11-20"));
    assert_eq!(day("1795219200").as_deref(), Ok("2026-11-21"));
    for wrong in ["", "soon", "99999999999999999999", "9223372036854775807"] {
        let complaint = day(wrong).expect_err("it is no time");
        assert!(complaint.contains("SOURCE_DATE_EPOCH"), "{complaint}");
    }
    let now = suppress::today(None).expect("there is a clock");
    assert!(now >= "2026-01-01".parse().expect("a day"));
}

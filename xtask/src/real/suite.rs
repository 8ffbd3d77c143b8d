//! What became of upstream's tests, and of the check that is ours.

use super::could_not;
use super::environment::Environment;
use super::package::Package;
use crate::failure::Failure;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

/// `passed`, `failed` or `skipped`, by test.
pub(crate) type Outcomes = BTreeMap<String, String>;

/// Nanoseconds by what was done.
pub(crate) type Times = BTreeMap<String, f64>;

/// Runs the tests in `folder` and says what became of each; a crash or a hang is a failure of all.
pub(crate) fn outcomes(
    package: &Package,
    environment: &Environment,
    target: &Path,
    folder: &Path,
    root: &Path,
) -> Result<Outcomes, Failure> {
    let report = folder.join("outcomes.json");
    let _ = fs::remove_file(&report);
    let path = std::env::join_paths([target, &root.join("tests/real")])
        .map_err(|error| Failure::CouldNot(error.to_string()))?;
    let output = environment
        .python(target)
        .env("PYTHONPATH", path)
        .env("OUTCOMES", &report)
        .current_dir(folder)
        .args([
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "outcomes",
        ])
        .args(package.pytest)
        .arg("tests")
        .output()
        .map_err(|error| could_not("start pytest", &error))?;
    // Where the process did not come to its end, there is none.
    let text = fs::read_to_string(&report).map_err(|_| ended(&output))?;
    let outcomes: Outcomes = serde_json::from_str(&text)
        .map_err(|error| Failure::CouldNot(format!("cannot read outcomes: {error}")))?;
    if outcomes.is_empty() {
        return Err(ended(&output));
    }
    Ok(outcomes)
}

/// What `check.py` says: nothing, or the mistake that it saw.
pub(crate) fn check(
    environment: &Environment,
    target: &Path,
    script: &Path,
) -> Result<Result<(), String>, Failure> {
    let output = environment
        .python(target)
        .arg(script)
        .output()
        .map_err(|error| could_not("start a check", &error))?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let mistake = said.lines().last().map(str::to_owned);
    Ok(Err(mistake.unwrap_or_else(|| output.status.to_string())))
}

/// What `times.py` measures of several forms: each takes its turn again and again, and the best
/// counts, so that what else the machine does is nobody's.
pub(crate) fn times<const N: usize>(
    environment: &Environment,
    targets: [&Path; N],
    script: &Path,
) -> Result<[Times; N], Failure> {
    let mut best = [const { Times::new() }; N];
    for _ in 0..ROUNDS {
        for (target, best) in targets.iter().zip(&mut best) {
            for (what, time) in once(environment, target, script)? {
                let least = best.entry(what).or_insert(time);
                *least = least.min(time);
            }
        }
    }
    Ok(best)
}

const ROUNDS: usize = 5;

fn once(environment: &Environment, target: &Path, script: &Path) -> Result<Times, Failure> {
    let output = environment
        .python(target)
        .arg(script)
        .output()
        .map_err(|error| could_not("start a measurement", &error))?;
    serde_json::from_slice(&output.stdout).map_err(|error| {
        Failure::CouldNot(format!(
            "cannot read times: {error}\n{}",
            String::from_utf8_lossy(&output.stderr)
        ))
    })
}

fn ended(output: &Output) -> Failure {
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    Failure::Findings(format!(
        "pytest ended with {} and without outcomes:\n{}",
        output.status,
        said.concat()
    ))
}

/// How two runs of the same tests differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// What was not passed upstream either.
    pub(crate) upstream: Vec<String>,
    /// What passes upstream, or is skipped, and does not on pyshim.
    pub(crate) broken: Vec<String>,
}

/// Every test upstream has to end on pyshim as it does there, unless it fails there.
pub(crate) fn compare(upstream: &Outcomes, ours: &Outcomes) -> Difference {
    let mut difference = Difference::default();
    for (test, outcome) in upstream {
        let now = ours.get(test).map_or("not run", String::as_str);
        if outcome == "failed" {
            difference.upstream.push(format!("{test}: {now} on pyshim"));
        } else if now != outcome {
            difference
                .broken
                .push(format!("{test}: {outcome} upstream, {now} on pyshim"));
        }
    }
    difference
}

/// `205 passed, 2 skipped`.
pub(crate) fn counted(outcomes: &Outcomes) -> String {
    let count = |word: &str| outcomes.values().filter(|outcome| *outcome == word).count();
    let parts = ["passed", "failed", "skipped"].map(|word| (count(word), word));
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Difference, Outcomes, compare, counted};

    fn outcomes(list: &[(&str, &str)]) -> Outcomes {
        let own = |(test, outcome): &(&str, &str)| ((*test).to_owned(), (*outcome).to_owned());
        list.iter().map(own).collect()
    }

    #[test]
    fn what_fails_upstream_too_is_told_from_what_we_broke() {
        let upstream = outcomes(&[
            ("a", "passed"),
            ("b", "failed"),
            ("c", "passed"),
            ("d", "skipped"),
            ("e", "passed"),
        ]);
        let ours = outcomes(&[
            ("a", "passed"),
            ("b", "failed"),
            ("c", "failed"),
            ("d", "skipped"),
        ]);
        let expected = Difference {
            upstream: vec!["b: failed on pyshim".to_owned()],
            broken: vec![
                "c: passed upstream, failed on pyshim".to_owned(),
                "e: passed upstream, not run on pyshim".to_owned(),
            ],
        };
        assert_eq!(compare(&upstream, &ours), expected);
    }

    #[test]
    fn outcomes_are_counted_by_word() {
        let all = outcomes(&[("a", "passed"), ("b", "skipped"), ("c", "passed")]);
        assert_eq!(counted(&all), "2 passed, 1 skipped");
    }
}

//! What became of upstream's tests, and of the check that is ours.

use super::environment::Environment;
use super::package::Package;
use crate::failure::Failure;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pyshim_gen::observe::process::{Ended, Limits, run_to_limits};

/// `passed`, `failed` or `skipped`, by test.
pub(crate) type Outcomes = BTreeMap<String, String>;

/// Nanoseconds by what was done.
pub(crate) type Times = BTreeMap<String, f64>;

/// Far longer, and far more, than any of this takes on a slow machine.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(30 * 60),
    bytes: 64 << 20,
};

/// What a script says that is not content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The last line, which is the exception, or how it ended.
    pub(crate) line: String,
    /// All that it said.
    pub(crate) said: String,
}

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
    let options = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "outcomes",
    ];
    let mut pytest = environment.python(target);
    pytest
        .env("PYTHONPATH", path)
        .env("OUTCOMES", &report)
        .current_dir(folder)
        .args(options)
        .args(package.pytest)
        .arg("tests");
    let ended = run(&mut pytest, LIMITS)?;
    // Where the process did not come to its end, there is none.
    let text = fs::read_to_string(&report).map_err(|_| without_outcomes(&ended))?;
    let outcomes: Outcomes = serde_json::from_str(&text)
        .map_err(|error| Failure::CouldNot(format!("cannot read outcomes: {error}")))?;
    if outcomes.is_empty() {
        return Err(without_outcomes(&ended));
    }
    Ok(outcomes)
}

/// What `check.py` says: nothing, or the mistake that it saw. A hang is one too.
pub(crate) fn check(
    environment: &Environment,
    target: &Path,
    script: &Path,
) -> Result<Result<(), Mistake>, Failure> {
    Ok(judge(&run(environment.python(target).arg(script), LIMITS)?))
}

fn judge(ended: &Ended) -> Result<(), Mistake> {
    if ended.exceeded.is_none() && ended.output.status.success() {
        return Ok(());
    }
    let last = ended.output.stderr.lines().last().map(str::to_owned);
    let exception = last.filter(|_| ended.exceeded.is_none());
    Err(Mistake {
        line: exception.unwrap_or_else(|| how(ended)),
        said: said(ended),
    })
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
    let ended = run(environment.python(target).arg(script), LIMITS)?;
    serde_json::from_str(&ended.output.stdout)
        .map_err(|error| Failure::CouldNot(format!("cannot read times: {error}\n{}", said(&ended))))
}

fn run(command: &mut Command, limits: Limits) -> Result<Ended, Failure> {
    run_to_limits(command, limits).map_err(|failure| Failure::CouldNot(failure.message))
}

fn how(ended: &Ended) -> String {
    let status = ended.output.status.to_string();
    ended.exceeded.clone().unwrap_or(status)
}

fn said(ended: &Ended) -> String {
    format!(
        "{}\n{}{}",
        how(ended),
        ended.output.stdout,
        ended.output.stderr
    )
}

fn without_outcomes(ended: &Ended) -> Failure {
    Failure::Findings(format!("pytest gave no outcomes: {}", said(ended)))
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
    use super::{Difference, LIMITS, Outcomes, compare, counted, judge, run};
    use pyshim_gen::observe::process::Limits;
    use std::process::Command;
    use std::time::Duration;

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

    #[cfg(unix)]
    #[test]
    fn all_that_a_script_said_is_kept_and_a_hang_is_a_mistake() {
        let shell = |script, limits| {
            let ended = run(Command::new("sh").args(["-c", script]), limits);
            ended
                .map(|ended| judge(&ended))
                .map_err(|error| error.to_string())
        };
        assert_eq!(shell("exit 0", LIMITS), Ok(Ok(())));
        let raised = shell("echo here; echo where >&2; echo why >&2; exit 1", LIMITS);
        let raised = raised
            .ok()
            .and_then(Result::err)
            .map(|it| (it.line, it.said));
        let said = "exit status: 1\nhere\nwhere\nwhy\n".to_owned();
        assert_eq!(raised, Some(("why".to_owned(), said)));
        let time = Duration::from_millis(200);
        let hangs = shell("echo at it >&2; exec sleep 600", Limits { time, ..LIMITS });
        let hangs = hangs
            .ok()
            .and_then(Result::err)
            .map(|it| (it.line, it.said));
        let line = "took longer than 0.2 s".to_owned();
        let said = format!("{line}\nat it\n");
        assert_eq!(hangs, Some((line, said)));
    }

    #[test]
    fn outcomes_are_counted_by_word() {
        let all = outcomes(&[("a", "passed"), ("b", "skipped"), ("c", "passed")]);
        assert_eq!(counted(&all), "2 passed, 1 skipped");
    }
}

//! What comes of a step: in the model as what may, and of the machine as what did.

/// Numbers of `PYSHIM_STACK_REF_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub(crate) enum Mistake {
    Leaked = pyshim::ffi::PYSHIM_STACK_REF_LEAKED,
    ClosedTwice = pyshim::ffi::PYSHIM_STACK_REF_CLOSED_TWICE,
    UsedAfterClose = pyshim::ffi::PYSHIM_STACK_REF_USED_AFTER_CLOSE,
    StolenTwice = pyshim::ffi::PYSHIM_STACK_REF_STOLEN_TWICE,
    BorrowedAfterClose = pyshim::ffi::PYSHIM_STACK_REF_BORROWED_AFTER_CLOSE,
    ClosedWhileBorrowed = pyshim::ffi::PYSHIM_STACK_REF_CLOSED_WHILE_BORROWED,
    Frame = pyshim::ffi::PYSHIM_STACK_REF_FRAME,
}

/// A report as the model has it. Where several borrows are open, any of them may be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) mistake: Mistake,
    pub(crate) created: i64,
    pub(crate) borrowed: Vec<i64>,
    pub(crate) closed: i64,
    pub(crate) found: i64,
}

impl Expected {
    fn is(&self, said: [i64; 5]) -> bool {
        let [kind, created, borrowed, closed, found] = said;
        kind == i64::from(self.mistake as i32)
            && created == self.created
            && self.borrowed.contains(&borrowed)
            && closed == self.closed
            && found == self.found
    }
}

/// What one step did, with reports of type `R`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome<R> {
    pub(crate) result: i64,
    pub(crate) counts: [i64; 3],
    pub(crate) reports: Vec<R>,
}

impl Outcome<Expected> {
    /// Whether the machine did the same, with the same reports in any order.
    pub(crate) fn is(&self, did: &Outcome<[i64; 5]>) -> bool {
        let mut left = did.reports.clone();
        let all = self.reports.iter().all(|expected| {
            let found = left.iter().position(|said| expected.is(*said));
            found.map(|index| left.swap_remove(index)).is_some()
        });
        all && left.is_empty() && self.result == did.result && self.counts == did.counts
    }
}

impl Outcome<[i64; 5]> {
    /// Outcomes from the numbers that `tests/ext/stack_refs.py` prints.
    pub(crate) fn read(line: &str) -> Result<Vec<Self>, String> {
        let numbers: Result<Vec<i64>, _> = line.split_whitespace().map(str::parse).collect();
        let mut rest = &numbers.map_err(|error| format!("{line}: {error}"))?[..];
        let mut outcomes = Vec::new();
        while let [result, a, b, c, n_reports, more @ ..] = rest {
            let n_numbers = usize::try_from(*n_reports).unwrap_or(0) * 5;
            let (reports, next) = more.split_at_checked(n_numbers).ok_or("too few numbers")?;
            let reports = reports
                .chunks_exact(5)
                .map(|report| [report[0], report[1], report[2], report[3], report[4]]);
            outcomes.push(Outcome {
                result: *result,
                counts: [*a, *b, *c],
                reports: reports.collect(),
            });
            rest = next;
        }
        Ok(outcomes)
    }
}

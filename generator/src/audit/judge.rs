//! The rules, each applied to one module.

use std::collections::BTreeSet;

use super::attempt::Attempt;
use super::binary::{Binary, HookKind};
use super::claim::Suffix;
use super::loading::Answer;
use super::machine::Machine;
use super::module::{Claim, Module};
use super::needed::{self, Library};
use super::rules;
use super::runtime::Runtime;
use super::slots::Gil;
use super::symbols::Symbols;
use crate::model::version::Version;
use crate::model::when::Os;
use crate::report::{Finding, Level, Rule, Verdict, Verdicts};
use crate::surface::label::Labels;

/// Everything that is wrong with a module. `looked_at` counts the facts.
#[must_use]
pub fn judge(
    module: &Module,
    claim: &Claim,
    symbols: &Symbols,
    looked_at: &mut usize,
) -> Vec<Finding> {
    // That others do not find the file is said of the suffix; what they would make of it is not asked.
    let found_by = claim.of_those_with(&module.name.suffix);
    let mut judge = Judge::new(module, &found_by, symbols);
    judge.findings = suffix(module, claim, symbols);
    judge.format();
    for binary in &module.binaries {
        *looked_at += 1 + binary.python_imports().count() + binary.imports.needed.len();
        judge.hooks(binary);
        judge.slots(binary);
        judge.objects(binary);
        judge.types(binary);
        judge.libraries(binary);
        judge.imports(binary);
        judge.looked_up(binary);
    }
    judge.said_once()
}

/// What is wrong with a library that modules need, of which so much is promised.
#[must_use]
pub fn library(
    library: &Module,
    claim: &Claim,
    symbols: &Symbols,
    looked_at: &mut usize,
) -> Vec<Finding> {
    let mut judge = Judge::new(library, claim, symbols);
    for binary in &library.binaries {
        *looked_at += binary.python_imports().count() + binary.imports.needed.len();
        judge.libraries(binary);
        judge.imports(binary);
    }
    judge.said_once()
}

/// What is wrong with a module's suffix alone.
#[must_use]
pub fn suffix(module: &Module, claim: &Claim, symbols: &Symbols) -> Vec<Finding> {
    let mut judge = Judge::new(module, claim, symbols);
    judge.suffix();
    judge.findings
}

/// How many names one message has.
const NAMED: usize = 8;

struct Judge<'a> {
    module: &'a Module,
    claim: &'a Claim,
    symbols: &'a Symbols,
    findings: Vec<Finding>,
}

impl<'a> Judge<'a> {
    fn new(module: &'a Module, claim: &'a Claim, symbols: &'a Symbols) -> Self {
        Judge {
            module,
            claim,
            symbols,
            findings: Vec::new(),
        }
    }

    /// All findings; what architectures share is said once.
    fn said_once(mut self) -> Vec<Finding> {
        let mut said = BTreeSet::new();
        self.findings.retain(|finding| {
            said.insert((
                finding.rule.id,
                finding.item.clone(),
                finding.message.clone(),
            ))
        });
        self.findings
    }

    fn find(&mut self, rule: &'static Rule, part: Option<&str>, message: String) {
        self.find_as(rule.level, rule, part, message);
    }

    /// The same where it is better or worse than it usually is.
    fn find_as(&mut self, level: Level, rule: &'static Rule, part: Option<&str>, message: String) {
        let path = &self.module.path;
        let item = part.map_or_else(|| path.clone(), |part| format!("{path}: {part}"));
        self.findings.push(finding_as(level, rule, item, message));
    }

    fn format(&mut self) {
        let mut binaries = self.module.binaries.iter();
        let foreign = binaries.find(|binary| !self.claim.is_for(binary.os));
        let message = match (foreign, self.module.lacks(self.claim).is_empty()) {
            (Some(binary), _) => {
                let systems = self.claim.platforms.keys();
                format!(
                    "the file is in the format of {}, and the tags are for {}",
                    os(binary.os),
                    Vec::from_iter(systems.map(|one| os(*one))).join(" and ")
                )
            }
            (None, false) => self.of_processors(),
            (None, true) => return,
        };
        self.find(&rules::FORMAT, None, message);
    }

    fn of_processors(&self) -> String {
        let words = |machines: BTreeSet<Machine>| match machines.is_empty() {
            true => "another processor".to_owned(),
            false => Vec::from_iter(machines.iter().map(Machine::to_string)).join(" and "),
        };
        let binaries = &self.module.binaries;
        let has = binaries.iter().filter_map(|binary| binary.machine);
        let os = binaries.first().map(|binary| binary.os);
        let promised = os.and_then(|os| self.claim.platforms.get(&os));
        format!(
            "the file is for {}, and the tags are for {}",
            words(has.collect()),
            words(promised.cloned().unwrap_or_default())
        )
    }

    fn suffix(&mut self) {
        let (module, symbols) = (self.module, self.symbols);
        let (end, suffix) = (&module.name.end, &module.name.suffix);
        if module.name.is_loaded_by_path() {
            return;
        }
        if module.is_for_other_libc(self.claim) {
            let message = format!(
                "the tags are for glibc, with which no CPython looks for files with the suffix `{end}`"
            );
            self.find(&rules::UNFOUND, None, message);
            return;
        }
        let blind = self.promised_without(|one| module.place(one, symbols).is_some());
        if !blind.is_empty() {
            let (level, doubt) = match self.claim.does_without(suffix) {
                true => (Level::Undecided, ", and may do without the file"),
                false => (rules::UNFOUND.level, ""),
            };
            let message = format!(
                "{} {} promised and {} not look for files with the suffix `{end}`{doubt}",
                labels(&blind),
                is_are(&blind),
                do_does(&blind)
            );
            self.find_as(level, &rules::UNFOUND, None, message);
            return;
        }
        let agrees = match suffix {
            Suffix::Abi3 | Suffix::Abi3Platform => self.claim.abi3,
            Suffix::Abi3t | Suffix::Abi3tPlatform => self.claim.abi3t,
            _ => true,
        };
        if !agrees && self.claim.floor.is_some() {
            let message = format!("the suffix says {suffix}, and no tag of the wheel does");
            self.find(&rules::DISAGREES, None, message);
        }
    }

    fn hooks(&mut self, binary: &Binary) {
        let (module, name) = (self.module, &self.module.hook());
        if self.module.is_library() {
            let message = "there is neither a hook nor anything of CPython's: a library that something else than an import loads";
            self.find(&rules::LIBRARY, None, message.to_owned());
            return;
        }
        if !module.has(binary, HookKind::Init) && !module.has(binary, HookKind::Export) {
            let others = binary.hooks.iter().map(|hook| format!("`{}`", hook.module));
            let others = Vec::from_iter(others).join(", ");
            let message = match others.is_empty() {
                true if !name.is_ascii() => format!(
                    "there is neither `PyInitU_` nor `PyModExportU_` with the name `{name}` in punycode, which CPython looks for where a name is not ASCII"
                ),
                true => format!("there is neither `PyInit_{name}` nor `PyModExport_{name}`"),
                false => format!("there are hooks for {others} only, and not for `{name}`"),
            };
            self.find(&rules::HOOKLESS, None, message);
            return;
        }
        let attempt = self.attempts(binary);
        let without = self.promised_without(|one| attempt(one).has_hook());
        if !without.is_empty() {
            let message = format!(
                "there is `PyModExport_{name}` alone, and {} {} promised",
                labels(&without),
                is_are(&without)
            );
            self.find(&rules::HOOK_MISSING, None, message);
        }
    }

    fn slots(&mut self, binary: &Binary) {
        let attempt = self.attempts(binary);
        let unaware = self.promised_without(|one| attempt(one).unknown_slot().is_none());
        let example = unaware.first().and_then(|one| attempt(*one).unknown_slot());
        if let Some((name, id)) = example {
            let message = format!(
                "{} {} promised and {} not know the slot `{name}`, which is {id}",
                labels(&unaware),
                is_are(&unaware),
                do_does(&unaware)
            );
            self.find(&rules::SLOT, Some(name), message);
        }
        self.refused(&rules::ABI_SLOT, |one| attempt(one).slots().refuses(one));
        self.refused(&rules::MISUSED_SLOT, |one| attempt(one).misused_slot());
        self.gil(binary);
    }

    /// Says why some who are promised refuse the module; all for the reason of the first.
    fn refused(&mut self, rule: &'static Rule, why: impl Fn(Runtime) -> Option<String>) {
        let refused = self.promised_without(|one| why(one).is_none());
        if let Some(why) = refused.first().and_then(|one| why(*one)) {
            let (refused, verb) = (labels(&refused), is_are(&refused));
            self.find(rule, None, format!("{refused} {verb} promised, and {why}"));
        }
    }

    /// Whether builds that are promised find what is laid out for the others.
    fn objects(&mut self, binary: &Binary) {
        let (module, claim, symbols) = (self.module, self.claim, self.symbols);
        let attempt = self.attempts(binary);
        let fits = |one| {
            let finds = module.place(one, symbols).is_some();
            let objects = finds.then(|| attempt(one).objects(claim));
            !matches!(objects.flatten(), Some(Answer::Refuses(_)))
        };
        let wrong = self.promised_without(fits);
        if let Some(first) = wrong.first() {
            let whom = attempt(*first).objects_for();
            let message = format!(
                "{} {} promised and {} the file, whose objects are laid out for {whom}",
                labels(&wrong),
                is_are(&wrong),
                if wrong.len() == 1 { "finds" } else { "find" }
            );
            self.find(&rules::OBJECTS, None, message);
        }
    }

    /// Whether free-threaded builds that are promised get their GIL back.
    fn gil(&mut self, binary: &Binary) {
        let attempt = self.attempts(binary);
        let mut said = BTreeSet::new();
        let promised = self.claim.promised.iter();
        for runtime in promised.filter(|one| one.is_free_threaded()) {
            let says = match attempt(*runtime).slots().gil(binary.sets_gil()) {
                Gil::Unsaid => "there is no `Py_mod_gil` slot, so importing it switches the GIL on",
                Gil::Used => {
                    "`Py_mod_gil` says that it needs the GIL, which importing it switches on"
                }
                Gil::Odd(_) => {
                    "`Py_mod_gil` has a value that is neither of CPython's two, and versions take it differently"
                }
                Gil::NotUsed | Gil::Unknown(_) => continue,
            };
            said.insert(says);
        }
        for says in said {
            self.find(&rules::GIL, None, says.to_owned());
        }
    }

    fn libraries(&mut self, binary: &Binary) {
        let promised = || self.claim.promised.iter().copied();
        let wrong = needed::libraries(binary).filter_map(|(name, library)| {
            let others = promised().filter(|runtime| !library.is_of(*runtime));
            let others = Vec::from_iter(others);
            let is_wrong = match library {
                _ if self.claim.is_many_linux => true,
                Library::Version(_) => self.claim.is_stable() || !others.is_empty(),
                Library::Stable(_) => !others.is_empty(),
            };
            is_wrong.then(|| (name.to_owned(), others))
        });
        for (name, others) in Vec::from_iter(wrong) {
            let message = match others.is_empty() {
                true if self.claim.is_many_linux => format!(
                    "`{name}` is needed, which a CPython that is linked statically does not have"
                ),
                true => format!("`{name}` is needed, which other CPythons do not have"),
                false => format!(
                    "`{name}` is needed, and {} {} promised and {} not have it",
                    labels(&others),
                    is_are(&others),
                    do_does(&others)
                ),
            };
            self.find(&rules::LIBPYTHON, Some(&name), message);
        }
    }

    /// Whether older CPythons that are promised may not know the slots of its types.
    fn types(&mut self, binary: &Binary) {
        let Some(maker) = binary.makes_types() else {
            return;
        };
        let since = self.symbols.calls_export_since();
        let older = self.promised_without(|one| since.is_none_or(|since| one.version >= since));
        if !older.is_empty() {
            let message = format!(
                "it makes types with `{maker}`, of slots that have the numbers of newer headers, and {} {} promised",
                labels(&older),
                is_are(&older)
            );
            self.find(&rules::TYPES, Some(maker), message);
        }
    }

    fn imports(&mut self, binary: &Binary) {
        for (name, is_optional) in binary.python_imports() {
            let Some((rule, message)) = self.import(name, binary.os) else {
                continue;
            };
            let is_early = rule.id == rules::STABILISED.id;
            // It is made to take from each CPython what that one has.
            if is_early && binary.os != Os::Windows && binary.declared.is_universal() {
                continue;
            }
            if !is_optional {
                let level = match is_early && binary.os == Os::Windows {
                    true => Level::Break,
                    false => rule.level,
                };
                self.find_as(level, rule, Some(name), message);
            } else if rule.level == Level::Break {
                let message = format!("{message}; it is taken weakly");
                self.find(&rules::OPTIONAL, Some(name), message);
            }
        }
    }

    /// Names that are not taken, and are there to be looked up: those that would offend.
    fn looked_up(&mut self, binary: &Binary) {
        let names = binary.looked_up.iter();
        let offending = names.filter(|_| self.claim.is_stable()).filter(|name| {
            let found = self.import(name, binary.os);
            found.is_some_and(|(rule, _)| rule.level == Level::Break)
        });
        let offending = Vec::from_iter(offending.map(|name| format!("`{name}`")));
        if offending.is_empty() {
            return;
        }
        let rest = offending.len().saturating_sub(NAMED);
        let rest = match rest {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        let names = offending.iter().take(NAMED).cloned();
        let message = format!(
            "it looks names up, and has {}{rest}",
            Vec::from_iter(names).join(", ")
        );
        self.find(&rules::LOOKED_UP, None, message);
    }

    /// What is wrong with one name. What stops an import comes first.
    fn import(&self, name: &str, os: Os) -> Option<(&'static Rule, String)> {
        let Some(known) = self.symbols.names.get(name) else {
            let message = format!("no CPython that was observed exports `{name}`");
            return Some((&rules::UNKNOWN, message));
        };
        let has = |runtime| self.symbols.exports(name, runtime, os) != Some(false);
        let without = self.promised_without(has);
        if let (Some(first), false) = (without.first(), without.is_empty()) {
            let twin = |one: &Runtime| one.is_free_threaded() && has_gil_twin(one, &known.exported);
            let rule = match without.iter().all(twin) {
                true => &rules::FREE_THREADED,
                false
                    if !self.claim.is_stable() || known.exported.iter().any(|one| one > first) =>
                {
                    &rules::NEWER
                }
                false => self.outside(name),
            };
            let message = format!(
                "{} {} promised and {} not export `{name}`",
                labels(&without),
                is_are(&without),
                do_does(&without)
            );
            return Some((rule, message));
        }
        if !self.claim.is_stable() {
            return None;
        }
        match (known.stable, self.claim.floor) {
            (None, _) => {
                let message = format!("`{name}` is not in the stable ABI");
                Some((self.outside(name), message))
            }
            (Some(since), Some(floor)) if since > floor && self.is_before(since) => {
                let message =
                    format!("`{name}` joined the stable ABI in {since}, and {floor} is promised");
                Some((&rules::STABILISED, message))
            }
            _ => None,
        }
    }

    /// Whether some version that is promised and known comes before.
    fn is_before(&self, since: Version) -> bool {
        self.claim
            .promised
            .iter()
            .any(|runtime| runtime.version < since)
    }

    fn outside(&self, name: &str) -> &'static Rule {
        match name.starts_with('_') {
            true => &rules::PRIVATE,
            false => &rules::OUTSIDE,
        }
    }

    /// What each CPython makes of one architecture.
    fn attempts<'b>(&self, binary: &'b Binary) -> impl Fn(Runtime) -> Attempt<'b> + use<'a, 'b>
    where
        'a: 'b,
    {
        let (module, symbols) = (self.module, self.symbols);
        move |runtime| Attempt::new(module, binary, runtime, symbols)
    }

    /// Who is promised and has not got something.
    fn promised_without(&self, has: impl Fn(Runtime) -> bool) -> Vec<Runtime> {
        let promised = self.claim.promised.iter().copied();
        promised.filter(|runtime| !has(*runtime)).collect()
    }
}

/// Whether the GIL-enabled build of the same version exports it.
fn has_gil_twin(runtime: &Runtime, exported: &BTreeSet<Runtime>) -> bool {
    let mut exporters = exported.iter();
    exporters.any(|one| one.version == runtime.version && one.build != runtime.build)
}

/// A finding of a rule, as bad as it usually is.
#[must_use]
pub fn finding(rule: &'static Rule, item: String, message: String) -> Finding {
    finding_as(rule.level, rule, item, message)
}

/// A finding of a rule, as bad as it is here.
fn finding_as(level: Level, rule: &'static Rule, item: String, message: String) -> Finding {
    let verdict = match level {
        Level::Break => Verdict::Breaks,
        Level::Undecided => Verdict::Unknown,
        _ => Verdict::Works,
    };
    Finding {
        rule,
        level,
        item,
        message,
        old: None,
        new: None,
        only: BTreeSet::new(),
        // A module is the binary, and every CPython a library that it meets.
        verdicts: Verdicts {
            old_binary_new_library: verdict,
            new_binary_old_library: verdict,
            source: match level {
                Level::Api => Verdict::Breaks,
                _ => Verdict::Works,
            },
        },
        place: None,
        hint: rule.hint.to_owned(),
        picture: None,
        suppressed: None,
    }
}

/// Some CPythons, as short as it can be.
#[must_use]
pub fn labels(runtimes: &[Runtime]) -> String {
    let all = Symbols::known().runtimes.keys().map(Runtime::to_string);
    let some = Vec::from_iter(runtimes.iter().map(Runtime::to_string));
    Labels::new(&all.collect())
        .shorten(&some)
        .replace(' ', ", ")
}

fn is_are(runtimes: &[Runtime]) -> &'static str {
    if runtimes.len() == 1 { "is" } else { "are" }
}

fn do_does(runtimes: &[Runtime]) -> &'static str {
    if runtimes.len() == 1 { "does" } else { "do" }
}

fn os(os: Os) -> &'static str {
    match os {
        Os::Linux => "Linux",
        Os::Macos => "macOS",
        Os::Windows => "Windows",
    }
}

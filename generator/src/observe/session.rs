//! One run: the oracles that are there, asked about each subject.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::agree::{Disagreement, Testimony, agree};
use super::cache::Cache;
use super::compiler::{Compiler, Headers};
use super::failure::{Failure, Trouble};
use super::headers;
use super::mode::Mode;
use super::names::Names;
use super::probe;
use super::subject::Subject;
use super::symbols::{self, Exported};
use crate::surface::{About, Evidence, Item, Kind, Life, SYMBOL_VERSION, Surface, Symbol, size};

/// How to observe.
#[derive(Clone, Debug)]
pub struct Options {
    /// The oracles to ask; all that are there when none is named.
    pub oracles: BTreeSet<Evidence>,
    /// The C compiler.
    pub compiler: String,
    /// What was asked before.
    pub cache: Cache,
    /// Whether everything is asked for that limited APIs declare, and that libraries export.
    pub everything: bool,
    /// How long each program may take that is asked.
    pub patience: Duration,
    /// Who reads headers with libclang; this process where nobody is named.
    #[cfg(feature = "clang")]
    pub apart: Option<super::clang::Apart>,
}

/// What was seen.
#[derive(Clone, Debug)]
pub struct Observation {
    /// All of it.
    pub surface: Surface,
    /// On what the oracles differ.
    pub disagreements: Vec<Disagreement>,
    /// Oracles that were not asked, each with the reason.
    pub missing: Vec<(Evidence, Failure)>,
}

/// A subject, and what had to be found out before it can be asked about names.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    /// It.
    pub subject: &'a Subject,
    /// The names that it adds to those that are asked about: what its limited API declares, or all
    /// of a library.
    pub names: Names,
    /// The ways in which its headers can be compiled, if it has any.
    modes: Result<Option<(Headers, Vec<Mode>)>, Failure>,
    /// Everything that its headers declare, where that is of interest.
    declared: Option<Surface>,
}

/// The oracles of a run.
#[derive(Debug)]
pub struct Session {
    options: Options,
    compiler: OnceLock<Result<Compiler, Failure>>,
}

impl Session {
    /// What is not asked is not looked for.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Session {
            options,
            compiler: OnceLock::new(),
        }
    }

    fn compiler(&self) -> Result<&Compiler, &Failure> {
        let compiler = || Compiler::new(&self.options.compiler, self.options.patience);
        self.compiler.get_or_init(compiler).as_ref()
    }

    /// How long each program may take that is asked.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.options.patience
    }

    fn asks(&self, oracle: Evidence) -> bool {
        self.options.oracles.is_empty() || self.options.oracles.contains(&oracle)
    }

    /// Whether an oracle has to be there, since it was named.
    fn insists(&self, oracle: Evidence) -> bool {
        self.options.oracles.contains(&oracle)
    }

    /// The ways in which a subject's headers can be compiled.
    fn modes(&self, subject: &Subject) -> Result<Option<(Headers, Vec<Mode>)>, Failure> {
        let Some((headers, candidates)) = &subject.headers else {
            return Ok(None);
        };
        let known = match (self.compiler(), candidates.as_slice()) {
            (Ok(compiler), candidates) => probe::known(compiler, headers, candidates)?,
            // There is nothing to find out.
            (Err(_), [only]) => vec![only.clone()],
            (Err(failure), _) => return Err(failure.clone()),
        };
        Ok(Some((headers.clone(), known)))
    }

    /// Finds out what there is to ask.
    pub fn prepare<'a>(&self, subject: &'a Subject) -> Result<Prepared<'a>, Failure> {
        let everything = self.options.everything || subject.is_library();
        let reads = self.asks(Evidence::Clang) || self.asks(Evidence::Probe);
        let mut prepared = Prepared {
            subject,
            names: Names::default(),
            modes: match reads || everything {
                true => self.modes(subject),
                false => Ok(None),
            },
            declared: None,
        };
        if !everything {
            return Ok(prepared);
        }
        if let Some(library) = &subject.library {
            let exports = symbols::exports(library)?;
            prepared.names.symbols = exports
                .names
                .into_keys()
                .filter(|name| subject.owns(name))
                .collect();
        }
        if let Ok(Some((headers, modes))) = &prepared.modes {
            match headers::everything(headers, modes, &self.options) {
                Ok(surface) => {
                    prepared.names.merge(Names::of_promised(&surface));
                    prepared.declared = Some(surface);
                }
                // What is exported is still known.
                Err(failure)
                    if failure.trouble == Trouble::Oracle || !self.asks(Evidence::Clang) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(prepared)
    }

    /// Asks all oracles.
    pub fn observe(&self, of: &Prepared<'_>, names: &Names) -> Result<Observation, Failure> {
        let subject = of.subject;
        let mut testimonies = Vec::new();
        let mut missing = Vec::new();
        for oracle in [Evidence::Clang, Evidence::Probe, Evidence::Symbols] {
            if !self.asks(oracle) {
                continue;
            }
            let said = match oracle {
                Evidence::Symbols => self.exported(subject, names),
                _ => self.declared(oracle, of, names),
            };
            match said {
                Ok(surface) => testimonies.push(Testimony {
                    evidence: oracle,
                    surface,
                }),
                Err(failure) if failure.trouble == Trouble::Oracle && !self.insists(oracle) => {
                    missing.push((oracle, failure));
                }
                Err(failure) => return Err(failure),
            }
        }
        if testimonies.is_empty() {
            return Err(Failure::new(
                Trouble::Nothing,
                format!("no oracle could be asked about {}", subject.name),
                "install a C compiler or libclang, or name a library with --library",
            ));
        }
        let (mut surface, disagreements) = agree(testimonies, names);
        surface.about.subject.clone_from(&subject.name);
        surface.about.facts.extend(subject.facts.iter().cloned());
        for (oracle, _) in &missing {
            let fact = ("missing-evidence".to_owned(), oracle.word().to_owned());
            surface.about.facts.insert(fact);
        }
        if surface.has(Evidence::Symbols) {
            settle(&mut surface);
            drop_told_sizes(&mut surface);
        }
        Ok(Observation {
            surface,
            disagreements,
            missing,
        })
    }

    fn declared(
        &self,
        oracle: Evidence,
        of: &Prepared<'_>,
        names: &Names,
    ) -> Result<Surface, Failure> {
        let modes = of.modes.as_ref().map_err(Clone::clone)?;
        let (found, modes) = modes.as_ref().ok_or_else(|| {
            Failure::new(
                Trouble::Oracle,
                "there are no headers",
                "install the development files, or name headers with --include",
            )
        })?;
        if oracle == Evidence::Clang {
            return match &of.declared {
                Some(declared) => Ok(names.of(declared)),
                None => headers::about(found, modes, names, &self.options),
            };
        }
        // What libclang is asked for then, too.
        let places = found.places()?;
        probe::observe(&probe::Request {
            compiler: self.compiler().map_err(Clone::clone)?,
            headers: found,
            modes,
            names,
            within: of.declared.is_some().then_some(&places),
            cache: &self.options.cache,
        })
    }

    fn exported(&self, subject: &Subject, names: &Names) -> Result<Surface, Failure> {
        let library = subject.library.as_ref().ok_or_else(|| {
            Failure::new(
                Trouble::Oracle,
                "there is no library",
                "name the executable or shared object with --library",
            )
        })?;
        let exports = symbols::exports(library)?;
        let mut surface = Surface {
            about: About {
                evidence: BTreeSet::from([Evidence::Symbols]),
                wheres: BTreeSet::from([subject.runs.clone()]),
                facts: (exports.versions.into_iter())
                    .map(|version| (SYMBOL_VERSION.to_owned(), version))
                    .collect(),
                ..About::default()
            },
            ..Surface::default()
        };
        let exports = exports.names.into_iter();
        for (name, export) in exports.filter(|(name, _)| names.contains(name)) {
            let kind = match export.kind {
                Exported::Variable => Kind::Variable(Default::default()),
                Exported::Function | Exported::Unknown => Kind::Function(Default::default()),
            };
            let item = Item {
                kind,
                declared: Default::default(),
                exported: Some(Arc::new(BTreeSet::from([subject.runs.clone()]))),
                symbol: Symbol {
                    // Extensions are shared objects, and have no copies of CPython's variables.
                    size: export.symbol.size.filter(|_| subject.is_library()),
                    ..export.symbol
                },
                life: Life::default(),
                place: None,
            };
            surface.items.insert(name, item);
        }
        Ok(surface)
    }
}

/// What was looked for in the symbol table and is not there is known to be missing.
fn settle(surface: &mut Surface) {
    for item in surface.items.values_mut() {
        if matches!(item.kind, Kind::Function(_) | Kind::Variable(_)) {
            item.exported.get_or_insert_default();
        }
    }
}

/// A size is told where headers do not tell it.
fn drop_told_sizes(surface: &mut Surface) {
    let kinds = |name: &str| surface.items.get(name).map(|item| &item.kind);
    let is_told = |item: &Item| match &item.kind {
        Kind::Variable(types) => {
            let mut types = types.iter();
            types.any(|(variant, ty)| size::bytes(&kinds, variant, ty).is_some())
        }
        _ => false,
    };
    let told = surface.items.iter().filter(|(_, item)| is_told(item));
    let told: Vec<String> = told.map(|(name, _)| name.clone()).collect();
    for name in told {
        if let Some(item) = surface.items.get_mut(&name) {
            item.symbol.size = None;
        }
    }
}

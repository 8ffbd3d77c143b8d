//! One CPython before one architecture of a module: which of its hooks it calls, what that gives, and
//! whether it can take it.

use super::binary::{Binary, HookKind};
use super::claim::Suffix;
use super::loading::Answer;
use super::module::{Claim, Module};
use super::runtime::Runtime;
use super::slots::known::Known;
use super::slots::{Head, Slots};
use super::symbols::Symbols;
use crate::model::when::Build;

/// Who meets what.
pub(super) struct Attempt<'a> {
    module: &'a Module,
    binary: &'a Binary,
    runtime: Runtime,
    /// Whether it is of a version that calls `PyModExport_`.
    is_new: bool,
    calls_export: bool,
}

impl<'a> Attempt<'a> {
    /// Of a CPython at a module.
    #[must_use]
    pub(super) fn new(
        module: &'a Module,
        binary: &'a Binary,
        runtime: Runtime,
        symbols: &Symbols,
    ) -> Self {
        let since = symbols.calls_export_since();
        let is_new = since.is_some_and(|since| runtime.version >= since);
        Attempt {
            module,
            binary,
            runtime,
            is_new,
            calls_export: is_new && module.has(binary, HookKind::Export),
        }
    }

    /// Whether there is a hook that it calls.
    #[must_use]
    pub(super) fn has_hook(&self) -> bool {
        self.calls_export || self.module.has(self.binary, HookKind::Init)
    }

    /// What the hook gives that it calls.
    #[must_use]
    pub(super) fn slots(&self) -> &'a Slots {
        match self.calls_export {
            true => &self.binary.declared.export,
            false => &self.binary.declared.init,
        }
    }

    /// A slot that it does not know, by name and number.
    #[must_use]
    pub(super) fn unknown_slot(&self) -> Option<(&'a str, u64)> {
        let known = |id| Known::observed().ids.get(&id);
        let is_unknown = |id| known(id).is_some_and(|(_, since)| *since > self.runtime.version);
        self.slots().ids().find(|(_, id)| is_unknown(*id))
    }

    /// What is wrong with the slots for every CPython that asks for them.
    #[must_use]
    pub(super) fn misused_slot(&self) -> Option<String> {
        self.slots().misused(self.calls_export)
    }

    /// What in the slots keeps it from loading the module.
    #[must_use]
    pub(super) fn refused_slot(&self) -> Option<String> {
        let unknown = self.unknown_slot();
        unknown
            .map(|(name, id)| format!("it does not know the slot `{name}`, which is {id}"))
            .or_else(|| self.slots().refuses(self.runtime))
            .or_else(|| self.misused_slot())
    }

    /// What comes of objects in the module that are laid out for the other build, or may be: they have
    /// another head on free-threaded ones, and `PyInit_` gives one to CPython.
    #[must_use]
    pub(super) fn objects(&self, claim: &Claim) -> Option<Answer> {
        if self.calls_export || self.module.is_library() {
            return None;
        }
        if let Some(head) = self.binary.declared.head {
            let whom = self.laid_out_for(head)?;
            let reason =
                format!("its definition is laid out for {whom}, and it crashes or refuses it");
            return Some(Answer::Refuses(reason));
        }
        match self.runtime.is_free_threaded() {
            true => self.unseen_objects(claim),
            false => None,
        }
    }

    /// Whom a definition with such a head is for, where it is for others.
    fn laid_out_for(&self, head: Head) -> Option<String> {
        let builds = format!("{} builds", head.build.adjective());
        let is_asked = self.is_new && self.runtime.is_free_threaded();
        match head.build == self.runtime.build {
            false => Some(builds),
            true => (is_asked && !head.is_static).then(|| format!("{builds} of earlier versions")),
        }
    }

    /// Whom the objects in the module are for that do not fit.
    #[must_use]
    pub(super) fn objects_for(&self) -> String {
        let head = self.binary.declared.head;
        let known = head.and_then(|head| self.laid_out_for(head));
        known.unwrap_or_else(|| format!("{} builds", Build::Gil.adjective()))
    }

    /// The same on a free-threaded build, where the file does not show for which one they are.
    fn unseen_objects(&self, claim: &Claim) -> Option<Answer> {
        let suffix = &self.module.name.suffix;
        let for_version = !claim.is_stable() && claim.versions.contains(&self.runtime);
        if for_version || matches!(suffix, Suffix::Version(_)) {
            return None;
        }
        // What is given to CPython is laid out for the one that loads it. Other code in a module is known
        // to be so too, where it was compiled with headers, or is promised to be.
        if let Slots::Pyshim(ours) = self.slots()
            && ours.is_for_either_build()
            && (ours.has_headers() || claim.abi3t)
        {
            return None;
        }
        let abi3_suffix = matches!(suffix, Suffix::Abi3 | Suffix::Abi3Platform);
        if abi3_suffix || claim.abi3 && !claim.abi3t {
            let reason = "it finds the file, whose objects are laid out for GIL-enabled builds, and crashes or refuses it";
            return Some(Answer::Refuses(reason.to_owned()));
        }
        let abi3t_suffix = matches!(suffix, Suffix::Abi3t | Suffix::Abi3tPlatform);
        let reason = match abi3t_suffix || claim.abi3t {
            true => {
                "it calls `PyInit_`, and whether that makes an object of free-threaded builds cannot be seen"
            }
            false => "nothing says for which builds its objects are laid out",
        };
        Some(Answer::Unknown(reason.to_owned()))
    }
}

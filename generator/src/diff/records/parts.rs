//! Which fields of two layouts are the same, and what became of the others.

use super::view::{Leaf, View};
use crate::diff::reserve::Runs;

/// Fields, sorted by what became of them. None of them is in two lists.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// The same field on both sides.
    pub(super) kept: Vec<(Leaf<'a>, Leaf<'a>)>,
    /// Reserved on both sides.
    pub(super) still_reserved: Vec<(Leaf<'a>, Leaf<'a>)>,
    /// The same place and type under another name.
    pub(super) renamed: Vec<(Leaf<'a>, Leaf<'a>)>,
    /// A struct that is new, around fields that had no struct, or one without a name.
    pub(super) named: Vec<(Leaf<'a>, Vec<Leaf<'a>>)>,
    /// The other way round.
    pub(super) unnamed: Vec<(Leaf<'a>, Vec<Leaf<'a>>)>,
    /// Gone, with its place kept and nothing in it.
    pub(super) retired: Vec<Leaf<'a>>,
    /// Gone otherwise, and what lies there now.
    pub(super) removed: Vec<(Leaf<'a>, Vec<Leaf<'a>>)>,
    /// New, inside of what was reserved.
    pub(super) in_reserve: Vec<Leaf<'a>>,
    /// New, in place of reserved bytes that it does not fit into.
    pub(super) over_reserve: Vec<Leaf<'a>>,
    /// New, another way to read bytes that are there.
    pub(super) overlaid: Vec<Leaf<'a>>,
    /// New, in what was padding.
    pub(super) in_padding: Vec<Leaf<'a>>,
    /// New, after everything else.
    pub(super) at_end: Vec<Leaf<'a>>,
    /// New, before something else.
    pub(super) in_the_middle: Vec<Leaf<'a>>,
}

impl<'a> Parts<'a> {
    /// Fields that are on both sides, moved or not.
    pub(super) fn moved(&self) -> Vec<(Leaf<'a>, Leaf<'a>)> {
        let both = self.kept.iter();
        both.filter(|(old, new)| old.start != new.start)
            .copied()
            .collect()
    }

    /// Sorts the fields. `same` says whether two of them have one type, and `inside` what is in one
    /// that is a struct.
    pub(super) fn new(
        [old, new]: [&View<'a>; 2],
        is_union: bool,
        same: impl Fn(&Leaf<'a>, &Leaf<'a>) -> bool,
        inside_old: impl Fn(&Leaf<'a>) -> Vec<Leaf<'a>>,
        inside_new: impl Fn(&Leaf<'a>) -> Vec<Leaf<'a>>,
    ) -> Self {
        let mut parts = Parts::default();
        let mut gone: Vec<Leaf<'a>> = Vec::new();
        for leaf in &old.leaves {
            match (leaf.is_reserve, new.find(leaf.name)) {
                (true, Some(now)) if now.is_reserve => parts.still_reserved.push((*leaf, now)),
                (true, _) => {}
                (false, Some(now)) => parts.kept.push((*leaf, now)),
                (false, None) => gone.push(*leaf),
            }
        }
        let fresh = |leaf: &&Leaf<'a>| match old.find(leaf.name) {
            Some(before) => before.is_reserve && !leaf.is_reserve,
            None => true,
        };
        let mut fresh: Vec<Leaf<'a>> = new.leaves.iter().filter(fresh).copied().collect();
        gone.retain(|leaf| {
            let found = fresh
                .iter()
                .position(|now| !now.is_reserve && leaf.range() == now.range() && same(leaf, now));
            if let Some(index) = found {
                parts.renamed.push((*leaf, fresh.remove(index)));
            }
            found.is_none()
        });
        parts.named = shells(&mut fresh, &mut gone, inside_new, |new, old| same(old, new));
        parts.unnamed = shells(&mut gone, &mut fresh, inside_old, &same);
        parts.sort_gone(old, new, gone, &mut fresh);
        parts.sort_fresh(old, new, is_union, fresh);
        parts
    }

    fn sort_gone(
        &mut self,
        old: &View<'a>,
        new: &View<'a>,
        gone: Vec<Leaf<'a>>,
        fresh: &mut Vec<Leaf<'a>>,
    ) {
        let stays = old.layout.size == new.layout.size && self.moved().is_empty();
        let used = new.used();
        for leaf in gone {
            if stays && !used.touch(leaf.range()) {
                self.retired.push(leaf);
                continue;
            }
            let (instead, rest) = fresh
                .iter()
                .partition(|now| stays && !now.is_reserve && now.overlaps(&leaf));
            *fresh = rest;
            self.removed.push((leaf, instead));
        }
    }

    fn sort_fresh(&mut self, old: &View<'a>, new: &View<'a>, is_union: bool, fresh: Vec<Leaf<'a>>) {
        let (reserve, named) = (old.reserve(), old.named());
        let stands = |leaf: &(Leaf<'a>, Leaf<'a>)| leaf.0.range() == leaf.1.range();
        let standing: Vec<(u64, u64)> = self
            .kept
            .iter()
            .filter(|both| stands(both))
            .map(|(old, _)| old.range())
            .collect();
        let standing = Runs::new(standing);
        let (mut at_end, mut in_the_middle) = (Vec::new(), Vec::new());
        for leaf in fresh {
            let is_last = || self.kept.iter().all(|(_, kept)| kept.start <= leaf.start);
            let retires = || self.retired.iter().any(|gone| gone.overlaps(&leaf));
            let inside = leaf.end <= old.size() && leaf.start < leaf.end;
            if reserve.hold(leaf.range()) {
                if !leaf.is_reserve {
                    self.in_reserve.push(leaf);
                }
            } else if reserve.touch(leaf.range()) {
                self.over_reserve.push(leaf);
            } else if is_union || (inside && standing.hold(leaf.range())) {
                self.overlaid.push(leaf);
            } else if inside && !named.touch(leaf.range()) {
                if !leaf.is_reserve {
                    self.in_padding.push(leaf);
                }
            } else if leaf.is_reserve && retires() {
                // Its place is kept under a name.
            } else if is_last() {
                at_end.push(leaf);
            } else {
                in_the_middle.push(leaf);
            }
        }
        // A reserve that is gone, and something new that is nowhere near it: it was meant to fit.
        let kept_back = new.reserve();
        let taken = Runs::new(self.in_reserve.iter().map(Leaf::range));
        let vanished = old.leaves.iter().any(|leaf| {
            leaf.is_reserve
                && new.find(leaf.name).is_none()
                && !kept_back.touch(leaf.range())
                && !taken.touch(leaf.range())
        });
        if vanished {
            self.over_reserve.append(&mut in_the_middle);
            self.over_reserve.append(&mut at_end);
        }
        self.at_end = at_end;
        self.in_the_middle = in_the_middle;
    }
}

/// Takes structs out of `outer` whose fields are all in `rest`, where they were and of the same type.
fn shells<'a>(
    outer: &mut Vec<Leaf<'a>>,
    rest: &mut Vec<Leaf<'a>>,
    inside: impl Fn(&Leaf<'a>) -> Vec<Leaf<'a>>,
    same: impl Fn(&Leaf<'a>, &Leaf<'a>) -> bool,
) -> Vec<(Leaf<'a>, Vec<Leaf<'a>>)> {
    let mut found = Vec::new();
    outer.retain(|shell| {
        let inner = inside(shell);
        let is_in = |inner: &Leaf<'a>, one: &Leaf<'a>| {
            inner.name == one.name && inner.range() == one.range() && same(inner, one)
        };
        let all = inner
            .iter()
            .all(|inner| rest.iter().any(|one| is_in(inner, one)));
        if inner.is_empty() || !all {
            return true;
        }
        let (taken, left) = std::mem::take(rest)
            .into_iter()
            .partition(|one| inner.iter().any(|inner| is_in(inner, one)));
        *rest = left;
        found.push((*shell, taken));
        false
    });
    found
}

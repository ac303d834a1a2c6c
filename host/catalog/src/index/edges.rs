//! Who is related to whom. A relation is kept at both its ends, so that either finds the other.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use super::postings::{Bits, Id};
use super::snapshot::{In, Out};
use crate::relations::names;

/// Marks a relation that the other end states.
const INCOMING: u32 = 1 << 31;

/// One end of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edge {
    /// The number of its name as it is stated, marked when the other end states it.
    name: u32,
    other: Id,
}

/// A relation as it is seen from one end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    /// The number of its name as it is seen from here.
    pub(super) name: u32,
    pub(super) target: Id,
    /// Who states it: one of the two.
    pub(super) giver: Id,
}

/// Every relation.
#[derive(Debug, Default)]
pub(super) struct Edges {
    names: Vec<Arc<str>>,
    /// In lower case.
    lower: Vec<Box<str>>,
    /// What a relation is called from the other end; none when that does not have it.
    opposite: Vec<Option<u32>>,
    of: Vec<Vec<Edge>>,
    /// Names that were there before the pair was known that they belong to.
    paired: Vec<u32>,
    changes: u64,
}

impl Edges {
    /// The number of a relation's name.
    pub(super) fn name(&mut self, given: &str) -> u32 {
        let (name, backward) = names(given);
        let known = self.number(name);
        let number = known.unwrap_or_else(|| self.add(name));
        if let Some(backward) = backward.filter(|_| self.opposite[number as usize].is_none()) {
            let backward = self.number(backward).unwrap_or_else(|| self.add(backward));
            self.opposite[number as usize] = Some(backward);
            self.opposite[backward as usize] = Some(number);
            self.changes += 1;
            self.paired.extend(known);
        }
        number
    }

    /// Whoever has a relation from another end since its name became one of a pair; told once.
    pub(super) fn newly_held(&mut self) -> Vec<Id> {
        let paired = std::mem::take(&mut self.paired);
        let is_paired = |edge: &Edge| edge.name & INCOMING != 0 && paired.contains(&(edge.name & !INCOMING));
        if paired.is_empty() {
            return Vec::new();
        }
        (0..).zip(&self.of).filter(|(_, edges)| edges.iter().any(is_paired)).map(|(id, _)| id).collect()
    }

    /// The name of a pair that was stated first: the direction in which a declared pair is told.
    pub(super) fn forward(&self, name: &str) -> Option<&Arc<str>> {
        let number = self.number(name)?;
        let first = self.opposite[number as usize].map_or(number, |other| other.min(number));
        Some(&self.names[first as usize])
    }

    fn number(&self, name: &str) -> Option<u32> {
        let at = self.names.iter().position(|known| **known == *name)?;
        u32::try_from(at).ok()
    }

    fn add(&mut self, name: &str) -> u32 {
        self.names.push(name.into());
        self.lower.push(name.to_lowercase().into());
        self.opposite.push(None);
        u32::try_from(self.names.len() - 1).unwrap_or(INCOMING - 1)
    }

    /// Every name, by its number.
    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// Makes room for an entity.
    pub(super) fn grow(&mut self, size: usize) {
        if self.of.len() < size {
            self.of.resize_with(size, Vec::new);
        }
    }

    /// Lets an entity state other relations, and calls with whomever that concerns.
    pub(super) fn change(&mut self, id: Id, mut stated: Vec<(u32, Id)>, mut call: impl FnMut(Id)) {
        stated.sort_unstable();
        stated.dedup();
        let mut old: Vec<(u32, Id)> = self.of[id as usize]
            .iter()
            .filter(|edge| edge.name & INCOMING == 0)
            .map(|edge| (edge.name, edge.other))
            .collect();
        old.sort_unstable();
        for (name, target) in old.iter().filter(|edge| stated.binary_search(edge).is_err()) {
            self.of[id as usize].retain(|edge| *edge != Edge { name: *name, other: *target });
            self.of[*target as usize].retain(|edge| *edge != Edge { name: *name | INCOMING, other: id });
            self.changes += 1;
            call(*target);
        }
        for (name, target) in stated.iter().filter(|edge| old.binary_search(edge).is_err()) {
            self.of[id as usize].push(Edge { name: *name, other: *target });
            self.of[*target as usize].push(Edge { name: *name | INCOMING, other: id });
            self.changes += 1;
            call(*target);
        }
    }

    pub(super) fn write(&self, out: &mut Out<'_>) -> io::Result<()> {
        out.count(self.names.len())?;
        for (name, opposite) in self.names.iter().zip(&self.opposite) {
            out.text(name)?;
            out.number(opposite.unwrap_or(INCOMING))?;
        }
        out.count(self.of.len())?;
        for edges in &self.of {
            out.count(edges.len())?;
            for edge in edges {
                out.number(edge.name)?;
                out.number(edge.other)?;
            }
        }
        Ok(())
    }

    pub(super) fn read(from: &mut In<'_>) -> Option<Self> {
        let mut all = Self::default();
        for _ in 0..from.count(8)? {
            let number = all.add(from.text()?);
            all.opposite[number as usize] = Some(from.number()?).filter(|opposite| *opposite != INCOMING);
        }
        let is_known = |opposite: &u32| (*opposite as usize) < all.names.len();
        if !all.opposite.iter().flatten().all(is_known) {
            return None;
        }
        let size = from.count(4)?;
        all.of.reserve(size);
        for _ in 0..size {
            let mut edges = Vec::with_capacity(from.count(8)?);
            for _ in 0..edges.capacity() {
                let edge = Edge { name: from.number()?, other: from.number()? };
                let is_known = (edge.name & !INCOMING) < u32::try_from(all.names.len()).ok()?;
                edges.push(Some(edge).filter(|edge| is_known && (edge.other as usize) < size)?);
            }
            all.of.push(edges);
        }
        Some(all)
    }

    /// Gives back room that was made for more.
    pub(super) fn shrink(&mut self) {
        self.of.iter_mut().filter(|edges| edges.capacity() > edges.len() * 2).for_each(Vec::shrink_to_fit);
    }

    /// A number that is another one after every change.
    pub(super) fn version(&self) -> u64 {
        self.changes
    }

    /// The relations that an entity has.
    pub(super) fn held(&self, id: Id) -> impl Iterator<Item = Held> + '_ {
        self.of[id as usize].iter().filter_map(move |edge| {
            let giver = if edge.name & INCOMING == 0 { id } else { edge.other };
            Some(Held { name: self.seen_as(*edge, false)?, target: edge.other, giver })
        })
    }

    /// The relations that an entity has, in order, each once.
    pub(super) fn sorted<'a>(&'a self, id: Id, refs: &'a [Arc<str>]) -> BTreeSet<(&'a Arc<str>, &'a Arc<str>)> {
        self.held(id).map(|held| (&self.names[held.name as usize], &refs[held.target as usize])).collect()
    }

    /// What the end at which an edge is kept, or the other one, calls it.
    fn seen_as(&self, edge: Edge, by_other: bool) -> Option<u32> {
        let is_stated = (edge.name & INCOMING == 0) != by_other;
        let name = edge.name & !INCOMING;
        if is_stated { Some(name) } else { self.opposite[name as usize] }
    }

    /// Whether the end at which an edge is kept, or the other one, calls it so, in lower case.
    fn is_called(&self, edge: &Edge, lower: &str, by_other: bool) -> bool {
        self.seen_as(*edge, by_other).is_some_and(|name| *self.lower[name as usize] == *lower)
    }

    /// Those that have a relation of this name, in lower case.
    pub(super) fn with_name(&self, lower: &str, bits: &mut Bits) {
        for (id, edges) in (0..).zip(&self.of) {
            if edges.iter().any(|edge| self.is_called(edge, lower, false)) {
                bits.insert(id);
            }
        }
    }

    /// Those that have a relation of this name, in lower case, to an entity.
    pub(super) fn with_target(&self, lower: &str, target: Id, bits: &mut Bits) {
        for edge in self.of[target as usize].iter().filter(|edge| self.is_called(edge, lower, true)) {
            bits.insert(edge.other);
        }
    }

    /// How many of a set have a relation of this name to an entity.
    pub(super) fn count(&self, lower: &str, target: Id, among: &Bits) -> usize {
        let edges = self.of[target as usize].iter().filter(|edge| self.is_called(edge, lower, true));
        let others = edges.map(|edge| edge.other).filter(|other| among.contains(*other));
        // Both ends may state the same.
        let mut others: Vec<Id> = others.collect();
        others.sort_unstable();
        others.dedup();
        others.len()
    }

    /// The targets of relations of this name, in lower case, that an entity has.
    pub(super) fn targets<'a>(&'a self, id: Id, lower: &'a str) -> impl Iterator<Item = Id> + 'a {
        self.of[id as usize].iter().filter(move |edge| self.is_called(edge, lower, false)).map(|edge| edge.other)
    }
}

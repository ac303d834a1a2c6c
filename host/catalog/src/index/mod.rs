//! The catalog in memory: every entity's text, and who has which key, value and relation.
//!
//! It is built from the store's rows at the start and follows every change. Queries need no database: a page of twenty
//! takes microseconds, and ingestion writes no search rows. Entities are numbered; sets of them are lists of numbers or
//! bits. For 10,000 entities it takes some 50 MB.

mod cursor;
mod face;
mod graph;
mod impact;
mod keys;
mod postings;
mod query;
mod rows;
mod search;
mod selection;
mod text;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use host_model::relation::opposite;
use host_model::{Diagnostic, Entity};

pub(crate) use cursor::Cursor;
pub use graph::{Direction, Graph, GraphEdge, GraphNode, GraphRequest};
pub use impact::{Affected, AffectedOwner, Annotation, IMPACT_RELATIONS, Impact, ImpactRequest};
use keys::{Keys, RowId};
use postings::Bits;
pub(crate) use postings::Id;
pub use query::{FullText, Order, OrderField};
use rows::Row;
pub use search::Hit;
use search::Words;
pub use selection::Selection;
pub(crate) use text::Body;
use text::Whole;

use crate::relations::Given;

/// An entity to put into the index.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) entity_ref: String,
    pub(crate) uid: String,
    pub(crate) source: Arc<str>,
    pub(crate) origin: Arc<str>,
    /// The entity that led to it.
    pub(crate) parent: Option<String>,
    pub(crate) entity: Entity,
    pub(crate) body: Body,
    pub(crate) given: Vec<Given>,
    pub(crate) findings: Arc<[Diagnostic]>,
}

/// An entity with what the index needs of it, made without the index so that readers need not wait for it.
pub(crate) struct Ready {
    input: Input,
    rows: Vec<Row>,
    words: Words,
}

impl From<Input> for Ready {
    fn from(input: Input) -> Self {
        let rows = rows::rows(input.entity.document(), &input.uid);
        let words = Words::new(&input.entity, &input.entity_ref);
        Self { input, rows, words }
    }
}

/// An entity in the index.
pub(crate) struct Entry {
    pub(crate) uid: Arc<str>,
    pub(crate) source: Arc<str>,
    pub(crate) origin: Arc<str>,
    pub(crate) parent: Option<Id>,
    pub(crate) findings: Arc<[Diagnostic]>,
    whole: Whole,
    status: Option<Arc<str>>,
    given: Box<[(u32, Id)]>,
    rows: Box<[RowId]>,
    relation_rows: Box<[RowId]>,
    words: Words,
}

impl Entry {
    /// The entity as JSON.
    pub(crate) fn text(&self) -> &Arc<str> {
        &self.whole.text
    }

    /// The etag that the text has.
    pub(crate) fn etag(&self) -> &str {
        self.whole.etag()
    }

    /// Whether it has this body and these findings.
    pub(crate) fn is(&self, body: &Body, findings: &[Diagnostic]) -> bool {
        self.whole.body().text() == body.text() && *self.findings == *findings
    }
}

/// Who states relations, by name and target.
pub(crate) type RelationGivers = HashMap<(String, String), Vec<String>>;

/// A relation that an entity has, and the entity that states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    name: u32,
    target: Id,
    giver: Id,
}

/// The catalog in memory.
#[derive(Default)]
pub(crate) struct Index {
    refs: Vec<Arc<str>>,
    by_ref: HashMap<Arc<str>, Id>,
    by_uid: HashMap<Arc<str>, Id>,
    entries: Vec<Option<Entry>>,
    held: Vec<Vec<Held>>,
    names: Vec<Arc<str>>,
    keys: Keys,
    present: Option<Bits>,
    /// Entities by reference, and where each is in that order; made anew when it is needed after a change.
    ordered: Vec<Id>,
    rank: Vec<u32>,
    order_is_stale: bool,
    dirty: HashSet<Id>,
}

impl Index {
    /// Puts an entity in, in place of the one with the same reference. [`Index::settle`] completes the change.
    pub(crate) fn put(&mut self, ready: Ready) {
        let Ready { input, rows, words } = ready;
        let id = self.intern(&input.entity_ref);
        let status = self.entries[id as usize].as_ref().and_then(|entry| entry.status.clone());
        self.take_out(id);
        let rows = self.keys.add(id, &rows);
        let uid: Arc<str> = input.uid.into();
        let parent = input.parent.map(|parent| self.intern(&parent));
        let mut given: Vec<_> =
            input.given.iter().map(|(name, target)| (self.name(name), self.intern(target))).collect();
        given.dedup();
        for &(name, target) in &given {
            self.hold(id, name, target, id);
            if let Some(backward) = opposite(&self.names[name as usize]) {
                let backward = self.name(backward);
                self.hold(target, backward, id, id);
            }
        }
        self.by_uid.insert(Arc::clone(&uid), id);
        self.present_mut(id).insert(id);
        let whole = input.body.complete(&uid, "[]", None);
        self.entries[id as usize] = Some(Entry {
            uid,
            source: input.source,
            origin: input.origin,
            parent,
            whole,
            findings: input.findings,
            status,
            given: given.into_boxed_slice(),
            rows,
            relation_rows: Box::default(),
            words,
        });
        self.dirty.insert(id);
        self.order_is_stale = true;
    }

    /// Takes an entity out. [`Index::settle`] completes the change.
    pub(crate) fn remove(&mut self, entity_ref: &str) {
        if let Some(&id) = self.by_ref.get(entity_ref) {
            self.take_out(id);
            self.order_is_stale = true;
        }
    }

    /// Sets the `status` of an entity, as JSON.
    pub(crate) fn set_status(&mut self, entity_ref: &str, status: Option<Arc<str>>) {
        let Some(&id) = self.by_ref.get(entity_ref) else { return };
        if let Some(entry) = &mut self.entries[id as usize]
            && entry.status != status
        {
            entry.status = status;
            self.dirty.insert(id);
        }
    }

    /// Writes the texts of entities whose relations or status changed, and gives their references.
    pub(crate) fn settle(&mut self) -> Vec<Arc<str>> {
        let mut changed = Vec::with_capacity(self.dirty.len());
        for id in std::mem::take(&mut self.dirty) {
            if self.entries[id as usize].is_some() {
                self.stitch(id);
                changed.push(Arc::clone(&self.refs[id as usize]));
            }
        }
        if std::mem::take(&mut self.order_is_stale) {
            self.order();
        }
        changed.sort_unstable();
        changed
    }

    /// Brings the order of references up to date; the few that are new are merged into the many that are sorted.
    fn order(&mut self) {
        let (entries, refs) = (&self.entries, &self.refs);
        self.rank.resize(entries.len(), u32::MAX);
        self.ordered.retain(|id| entries[*id as usize].is_some());
        let is_new = |id: &Id| entries[*id as usize].is_some() && self.rank[*id as usize] == u32::MAX;
        let mut new: Vec<Id> = (0..).take(entries.len()).filter(is_new).collect();
        new.sort_unstable_by(|a, b| refs[*a as usize].cmp(&refs[*b as usize]));
        let mut merged = Vec::with_capacity(self.ordered.len() + new.len());
        let mut rest = self.ordered.as_slice();
        for id in new {
            let (before, after) =
                rest.split_at(rest.partition_point(|other| refs[*other as usize] < refs[id as usize]));
            merged.extend_from_slice(before);
            merged.push(id);
            rest = after;
        }
        merged.extend_from_slice(rest);
        self.ordered = merged;
        self.rank.fill(u32::MAX);
        for (rank, id) in (0..).zip(&self.ordered) {
            self.rank[*id as usize] = rank;
        }
    }

    /// The entity with this reference, in lower case.
    pub(crate) fn get(&self, entity_ref: &str) -> Option<&Entry> {
        self.entry(*self.by_ref.get(entity_ref)?)
    }

    /// The number and the entity with this reference, in lower case.
    pub(crate) fn find(&self, entity_ref: &str) -> Option<(Id, &Entry)> {
        let id = *self.by_ref.get(entity_ref)?;
        Some((id, self.entry(id)?))
    }

    /// The entity with this uid.
    pub(crate) fn by_uid(&self, uid: &str) -> Option<(&Arc<str>, &Entry)> {
        let id = *self.by_uid.get(uid)?;
        Some((&self.refs[id as usize], self.entry(id)?))
    }

    /// The entity with this number.
    pub(crate) fn entry(&self, id: Id) -> Option<&Entry> {
        self.entries.get(id as usize)?.as_ref()
    }

    /// The reference with this number.
    pub(crate) fn reference(&self, id: Id) -> &Arc<str> {
        &self.refs[id as usize]
    }

    /// How many entities there are.
    pub(crate) fn len(&self) -> usize {
        self.ordered.len()
    }

    /// Every entity in the order of references.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Entry)> {
        self.ordered.iter().filter_map(|id| Some((&self.refs[*id as usize], self.entry(*id)?)))
    }

    /// Who states each relation that an entity has, by name and target.
    pub(crate) fn givers(&self, entity_ref: &str) -> RelationGivers {
        let mut givers = RelationGivers::new();
        let id = self.by_ref.get(entity_ref);
        for held in id.into_iter().flat_map(|id| &self.held[*id as usize]) {
            let relation = (self.names[held.name as usize].to_string(), self.refs[held.target as usize].to_string());
            givers.entry(relation).or_default().push(self.refs[held.giver as usize].to_string());
        }
        givers
    }

    /// The numbers in use are below this.
    fn size(&self) -> usize {
        self.entries.len()
    }

    fn keys(&self) -> &Keys {
        &self.keys
    }

    fn present(&self) -> &Bits {
        static NOTHING: std::sync::LazyLock<Bits> = std::sync::LazyLock::new(|| Bits::none(0));
        self.present.as_ref().unwrap_or(&NOTHING)
    }

    fn present_mut(&mut self, id: Id) -> &mut Bits {
        let present = self.present.get_or_insert_with(|| Bits::none(0));
        present.grow(id as usize + 1);
        present
    }

    fn intern(&mut self, entity_ref: &str) -> Id {
        if let Some(&id) = self.by_ref.get(entity_ref) {
            return id;
        }
        let id = Id::try_from(self.refs.len()).expect("there are fewer than four thousand million references");
        let entity_ref: Arc<str> = entity_ref.into();
        self.refs.push(Arc::clone(&entity_ref));
        self.by_ref.insert(entity_ref, id);
        self.entries.push(None);
        self.held.push(Vec::new());
        id
    }

    fn name(&mut self, name: &str) -> u32 {
        let at = self.names.iter().position(|known| **known == *name).unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    fn hold(&mut self, holder: Id, name: u32, target: Id, giver: Id) {
        self.held[holder as usize].push(Held { name, target, giver });
        self.dirty.insert(holder);
    }

    fn take_out(&mut self, id: Id) {
        let Some(entry) = self.entries[id as usize].take() else { return };
        self.keys.remove(id, &entry.rows);
        self.keys.remove(id, &entry.relation_rows);
        self.by_uid.remove(&entry.uid);
        self.present_mut(id).remove(id);
        for &(_, target) in &entry.given {
            self.held[target as usize].retain(|held| held.giver != id);
            self.dirty.insert(target);
        }
        self.held[id as usize].retain(|held| held.giver != id);
        self.dirty.insert(id);
    }

    /// The relations that an entity has: names and targets, in order, each once.
    fn relations(&self, id: Id) -> BTreeSet<(&Arc<str>, &Arc<str>)> {
        self.held[id as usize]
            .iter()
            .map(|held| (&self.names[held.name as usize], &self.refs[held.target as usize]))
            .collect()
    }

    fn stitch(&mut self, id: Id) {
        let mut text = String::from("[");
        let mut rows = Vec::new();
        for (name, target) in self.relations(id) {
            if text.len() > 1 {
                text.push(',');
            }
            let _ = write!(text, "{{\"type\":{},\"targetRef\":{}}}", quoted(name), quoted(target));
            rows.push(Row::Value(format!("relations.{}", name.to_lowercase()), Some(target.to_string())));
        }
        text.push(']');
        let Some(mut entry) = self.entries[id as usize].take() else { return };
        self.keys.remove(id, &entry.relation_rows);
        entry.relation_rows = self.keys.add(id, &rows);
        entry.whole = entry.whole.body().complete(&entry.uid, &text, entry.status.as_deref());
        self.entries[id as usize] = Some(entry);
    }
}

fn quoted(text: &str) -> serde_json::Value {
    serde_json::Value::String(text.to_owned())
}

#[cfg(test)]
mod graph_tests;
#[cfg(test)]
mod tests;

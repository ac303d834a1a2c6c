//! The catalog in memory: who has which key, value and relation.
//!
//! It is built from the store's rows at the start and follows every change. Queries need no database: a page of twenty
//! takes microseconds, and ingestion writes no search rows. Entities are numbered; sets of them are lists of numbers or
//! bits. The texts of entities stay in the store: each is put together when it is first asked for, and kept as long as
//! there is room ([`Index::forget`]).

mod cursor;
mod edges;
mod face;
mod graph;
mod impact;
mod keys;
mod orders;
mod postings;
mod query;
mod rows;
mod search;
mod selection;
mod snapshot;
mod text;
mod texts;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use host_model::{Diagnostic, Entity};

pub(crate) use cursor::Cursor;
use edges::Edges;
pub use face::is_on_call;
pub use graph::{Direction, Graph, GraphEdge, GraphNode, GraphRequest};
pub use impact::{Affected, AffectedOwner, Annotation, IMPACT_RELATIONS, Impact, ImpactRequest};
use keys::{Keys, ValueId};
use orders::Orders;
use postings::Bits;
pub(crate) use postings::Id;
pub use query::{FullText, Order, OrderField};
use rows::Rows;
pub use search::Hit;
use search::Words;
pub use selection::Selection;
pub(crate) use snapshot::Mark;
pub(crate) use text::Body;
use text::Whole;

use crate::relations::Given;

/// Gives the stored texts of entities.
pub(crate) trait Bodies: Send + Sync {
    /// The text of an entity without relations; none when there is none or it cannot be read.
    fn body(&self, entity_ref: &str) -> Option<Arc<str>>;
}

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
    pub(crate) findings: Vec<Diagnostic>,
}

/// What the index needs of an entity, made without the index so that readers need not wait for it.
pub(crate) struct Ready {
    entity_ref: String,
    source: Arc<str>,
    origin: Arc<str>,
    parent: Option<String>,
    given: Vec<Given>,
    findings: Vec<Diagnostic>,
    body: Body,
    hash: [u8; 16],
    rows: Rows,
    words: Words,
}

impl From<Input> for Ready {
    fn from(input: Input) -> Self {
        Self {
            hash: input.body.hash(),
            rows: Rows::new(input.entity.document(), &input.uid),
            words: Words::new(&input.entity, &input.entity_ref),
            entity_ref: input.entity_ref,
            source: input.source,
            origin: input.origin,
            parent: input.parent,
            given: input.given,
            findings: input.findings,
            body: input.body,
        }
    }
}

/// An entity in the index.
pub(crate) struct Entry {
    pub(crate) source: Arc<str>,
    pub(crate) origin: Arc<str>,
    pub(crate) parent: Option<Id>,
    pub(crate) findings: Box<[Diagnostic]>,
    hash: [u8; 16],
    status: Option<Arc<str>>,
    rows: Box<[ValueId]>,
    words: Words,
    /// The whole entity as JSON, once it has been asked for.
    whole: OnceLock<Whole>,
    /// Its body, in an index without a store.
    body: Option<Body>,
}

impl Entry {
    /// Whether it has this body and these findings.
    pub(crate) fn is(&self, body: &Body, findings: &[Diagnostic]) -> bool {
        self.hash == body.hash() && *self.findings == *findings
    }
}

/// Who states relations, by name and target.
pub(crate) type RelationGivers = HashMap<(String, String), Vec<String>>;

/// An entity with the index that it is in.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    index: &'a Index,
    id: Id,
    entry: &'a Entry,
}

impl<'a> Found<'a> {
    /// The entity as JSON.
    pub(crate) fn text(&self) -> &'a Arc<str> {
        static NOTHING: LazyLock<Arc<str>> = LazyLock::new(|| "{}".into());
        self.whole().map_or(&NOTHING, |whole| &whole.text)
    }

    /// The etag that the text has.
    pub(crate) fn etag(&self) -> &'a str {
        self.whole().map_or("", Whole::etag)
    }

    fn whole(&self) -> Option<&'a Whole> {
        if let Some(whole) = self.entry.whole.get() {
            return Some(whole);
        }
        let whole = self.index.stitch(self.id, self.entry, None)?;
        Some(self.index.keep(self.entry, whole))
    }
}

impl Deref for Found<'_> {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        self.entry
    }
}

/// The catalog in memory.
#[derive(Default)]
pub(crate) struct Index {
    refs: Vec<Arc<str>>,
    by_ref: HashMap<Arc<str>, Id>,
    entries: Vec<Option<Entry>>,
    edges: Edges,
    keys: Keys,
    present: Bits,
    /// Entities by reference, and where each is in that order.
    ordered: Vec<Id>,
    rank: Vec<u32>,
    order_is_stale: bool,
    orders: Orders,
    dirty: HashSet<Id>,
    bodies: Option<Arc<dyn Bodies>>,
    /// How many bytes of texts are kept.
    kept: AtomicUsize,
    state: u64,
}

/// Changes of any index of this process, so that no two states ever have the same number.
static STATES: AtomicU64 = AtomicU64::new(1);

impl Index {
    /// An index whose texts are in a store.
    pub(crate) fn over(bodies: Arc<dyn Bodies>) -> Self {
        Self { bodies: Some(bodies), ..Self::default() }
    }

    /// Puts an entity in, in place of the one with the same reference. [`Index::settle`] completes the change.
    pub(crate) fn put(&mut self, ready: Ready) {
        let id = self.intern(&ready.entity_ref);
        let parent = ready.parent.map(|parent| self.intern(&parent));
        let given = ready.given.iter().map(|(name, target)| (self.edges.name(name), target)).collect::<Vec<_>>();
        self.dirty.extend(self.edges.newly_held());
        let stated = given.into_iter().map(|(name, target)| (name, self.intern(target))).collect();
        let rows = self.keys.numbers(&ready.rows);
        let old = self.entries[id as usize].take();
        self.order_is_stale |= old.is_none();
        self.keys.change(id, old.as_ref().map_or(&[], |old| &old.rows), &rows);
        let dirty = &mut self.dirty;
        self.edges.change(id, stated, |other| {
            dirty.insert(other);
        });
        self.dirty.insert(id);
        self.present.grow(id as usize + 1);
        self.present.insert(id);
        self.forget_text(old.as_ref());
        self.entries[id as usize] = Some(Entry {
            source: ready.source,
            origin: ready.origin,
            parent,
            findings: ready.findings.into_boxed_slice(),
            hash: ready.hash,
            status: old.and_then(|old| old.status),
            rows,
            words: ready.words,
            whole: OnceLock::new(),
            body: self.bodies.is_none().then_some(ready.body),
        });
    }

    /// Takes an entity out. [`Index::settle`] completes the change.
    pub(crate) fn remove(&mut self, entity_ref: &str) {
        let Some(&id) = self.by_ref.get(entity_ref) else { return };
        let Some(entry) = self.entries[id as usize].take() else { return };
        self.keys.change(id, &entry.rows, &[]);
        let dirty = &mut self.dirty;
        self.edges.change(id, Vec::new(), |other| {
            dirty.insert(other);
        });
        self.present.remove(id);
        self.forget_text(Some(&entry));
        self.order_is_stale = true;
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

    /// Completes changes, and gives the references of entities whose text is another now. Must be called before anybody
    /// else looks.
    pub(crate) fn settle(&mut self) -> Vec<Arc<str>> {
        if !self.dirty.is_empty() || self.order_is_stale {
            self.state = STATES.fetch_add(1, Ordering::Relaxed);
        }
        let mut changed = Vec::with_capacity(self.dirty.len());
        for id in std::mem::take(&mut self.dirty) {
            let Some(entry) = &mut self.entries[id as usize] else { continue };
            if let Some(whole) = entry.whole.take() {
                self.kept.fetch_sub(whole.text.len(), Ordering::Relaxed);
            }
            changed.push(Arc::clone(&self.refs[id as usize]));
        }
        if std::mem::take(&mut self.order_is_stale) {
            self.order();
        }
        self.keys.tidy();
        changed.sort_unstable();
        changed
    }

    /// Gives back room that was made for more.
    pub(crate) fn shrink(&mut self) {
        self.keys.shrink();
        self.edges.shrink();
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
    pub(crate) fn get(&self, entity_ref: &str) -> Option<Found<'_>> {
        self.entry(*self.by_ref.get(entity_ref)?)
    }

    /// The number and the entity with this reference, in lower case.
    pub(crate) fn find(&self, entity_ref: &str) -> Option<(Id, Found<'_>)> {
        let id = *self.by_ref.get(entity_ref)?;
        Some((id, self.entry(id)?))
    }

    /// The entity with this uid.
    pub(crate) fn by_uid(&self, uid: &str) -> Option<(&Arc<str>, Found<'_>)> {
        let id = self.keys.only("metadata.uid", uid)?;
        Some((&self.refs[id as usize], self.entry(id)?))
    }

    /// The entity with this number.
    pub(crate) fn entry(&self, id: Id) -> Option<Found<'_>> {
        let entry = self.entries.get(id as usize)?.as_ref()?;
        Some(Found { index: self, id, entry })
    }

    /// The reference with this number.
    pub(crate) fn reference(&self, id: Id) -> &Arc<str> {
        &self.refs[id as usize]
    }

    /// A number that is another one after every change.
    pub(crate) fn state(&self) -> u64 {
        self.state
    }

    /// How many entities there are.
    pub(crate) fn len(&self) -> usize {
        self.ordered.len()
    }

    /// Every entity in the order of references.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, Found<'_>)> {
        self.ordered.iter().filter_map(|id| Some((&self.refs[*id as usize], self.entry(*id)?)))
    }

    /// Who states each relation that an entity has, by name and target.
    pub(crate) fn givers(&self, entity_ref: &str) -> RelationGivers {
        let mut givers = RelationGivers::new();
        let id = self.by_ref.get(entity_ref);
        for held in id.into_iter().flat_map(|id| self.edges.held(*id)) {
            let text = |id: Id| self.refs[id as usize].to_string();
            let relation = (self.edges.names()[held.name as usize].to_string(), text(held.target));
            givers.entry(relation).or_default().push(text(held.giver));
        }
        givers
    }

    /// How many bytes of texts are kept.
    pub(crate) fn kept(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }

    /// Puts an entity's text together from a stored body, unless that is known or the body is another one.
    pub(crate) fn prepare(&self, entity_ref: &str, body: Arc<str>) {
        let Some(found) = self.get(entity_ref).filter(|found| found.entry.whole.get().is_none()) else { return };
        let body = Body::stored(body).filter(|body| body.hash() == found.entry.hash);
        if let Some(whole) = body.and_then(|body| self.stitch(found.id, found.entry, Some(body))) {
            self.keep(found.entry, whole);
        }
    }

    /// Lets go of the texts of some entities, from this number on; gives the number to go on with.
    pub(crate) fn forget(&mut self, from: Id, count: usize) -> Option<Id> {
        for entry in self.entries.iter_mut().skip(from as usize).take(count).flatten() {
            if let Some(whole) = entry.whole.take() {
                self.kept.fetch_sub(whole.text.len(), Ordering::Relaxed);
            }
        }
        let next = from as usize + count;
        (next < self.entries.len()).then(|| Id::try_from(next).unwrap_or(Id::MAX))
    }

    fn forget_text(&self, entry: Option<&Entry>) {
        if let Some(whole) = entry.and_then(|entry| entry.whole.get()) {
            self.kept.fetch_sub(whole.text.len(), Ordering::Relaxed);
        }
    }

    fn keep<'a>(&self, entry: &'a Entry, whole: Whole) -> &'a Whole {
        entry.whole.get_or_init(|| {
            self.kept.fetch_add(whole.text.len(), Ordering::Relaxed);
            whole
        })
    }

    /// The text of an entity from its body, relations and status.
    fn stitch(&self, id: Id, entry: &Entry, body: Option<Body>) -> Option<Whole> {
        let stored = || Body::stored(self.bodies.as_ref()?.body(&self.refs[id as usize])?);
        let body = body.or_else(|| entry.body.clone()).or_else(stored)?;
        let mut relations = String::from("[");
        for (name, target) in self.edges.sorted(id, &self.refs) {
            if relations.len() > 1 {
                relations.push(',');
            }
            let _ = write!(relations, "{{\"type\":{},\"targetRef\":{}}}", quoted(name), quoted(target));
        }
        relations.push(']');
        let uid = self.keys.values_of("metadata.uid", &entry.rows).next().unwrap_or_default();
        Some(body.complete(uid, &relations, entry.status.as_deref()))
    }

    /// The numbers in use are below this.
    fn size(&self) -> usize {
        self.entries.len()
    }

    fn present(&self) -> &Bits {
        &self.present
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
        self.edges.grow(self.refs.len());
        id
    }
}

fn quoted(text: &str) -> serde_json::Value {
    serde_json::Value::String(text.to_owned())
}

#[cfg(test)]
mod graph_tests;
#[cfg(test)]
mod tests;

//! Pages of entities, in order, and counts of values.

use std::cmp::Ordering;
use std::sync::Arc;

use super::keys::BETWEEN;
use super::postings::Bits;
use super::{Cursor, Id, Index, Selection};

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    Ascending,
    Descending,
}

/// By what entities are ordered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderField {
    /// A path such as `metadata.name`, in any case.
    pub field: String,
    pub order: Order,
}

/// Keeps entities that hold a text in one of some fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FullText {
    /// The text to look for, in any case.
    pub term: String,
    /// Paths such as `metadata.title`; without any, the field of the order, or `metadata.uid`.
    pub fields: Vec<String>,
}

impl Index {
    /// The entities that are meant and hold the text.
    pub(crate) fn matches(&self, selection: &Selection, full_text: Option<&FullText>, order: &[OrderField]) -> Bits {
        let mut bits = selection.evaluate(self);
        let Some(full_text) = full_text else { return bits };
        let term = full_text.term.trim().to_lowercase();
        if term.is_empty() {
            return bits;
        }
        let mut holding = Bits::none(self.size());
        let default = order.first().map_or("metadata.uid", |field| field.field.as_str());
        let fields = full_text.fields.iter().map(String::as_str);
        for field in fields.chain(full_text.fields.is_empty().then_some(default)) {
            let name = field.to_lowercase();
            if name.starts_with("relations.") || term.contains(BETWEEN) {
                self.with_value_that(&name, |value| value.contains(&term), &mut holding);
            } else {
                self.keys.with_text(&name, &term, &mut holding);
            }
        }
        bits.and(&holding);
        bits
    }

    /// Entities of a set in order. Those without a value of the first field come last, or not at all when `drop_missing`
    /// is set. Whatever the fields leave open is ordered by reference.
    pub(crate) fn ordered(&self, bits: &Bits, order: &[OrderField], drop_missing: bool) -> Vec<Id> {
        let count = bits.len();
        let Some((_, rest)) = order.split_first() else {
            return pick(bits, count, &self.ordered, &self.rank);
        };
        let all = self.in_order(order);
        let mut ids = pick(bits, count, &all.ids, &all.places);
        if !drop_missing && ids.len() < count {
            let is_missing = |id: &Id| all.places.get(*id as usize).is_none_or(|place| *place == u32::MAX);
            let mut missing: Vec<Id> = bits.iter().filter(is_missing).collect();
            self.order_by(&mut missing, rest);
            ids.extend(missing);
        }
        ids
    }

    /// Where in an ordered list a cursor's entity is, or would be if it is gone.
    pub(crate) fn place_of(&self, ids: &[Id], order: &[OrderField], cursor: &Cursor) -> usize {
        if let Some((id, _)) = self.find(&cursor.entity_ref)
            && let Some(at) = ids.iter().position(|other| *other == id)
            && self.values_of(id, order) == cursor.values
        {
            return at;
        }
        ids.partition_point(|id| self.is_before(*id, order, cursor))
    }

    fn values_of(&self, id: Id, order: &[OrderField]) -> Vec<Option<String>> {
        order.iter().map(|field| self.sort_value(id, field)).collect()
    }

    fn is_before(&self, id: Id, order: &[OrderField], cursor: &Cursor) -> bool {
        for (field, wanted) in order.iter().zip(&cursor.values) {
            let ordering = compare(&self.sort_value(id, field), wanted, field.order);
            if ordering != Ordering::Equal {
                return ordering == Ordering::Less;
            }
        }
        **self.reference(id) < *cursor.entity_ref
    }

    /// Values of a field with the number of entities that have them, in the order of the values.
    pub(crate) fn facet(&self, field: &str, bits: Option<&Bits>) -> Vec<(Arc<str>, usize)> {
        let name = field.to_lowercase();
        let Some(relation) = name.strip_prefix("relations.") else {
            let counts = self.keys.count(&name, bits).into_iter();
            return counts.map(|(value, count)| (value.into(), count)).collect();
        };
        let bits = bits.unwrap_or(&self.present);
        let counts =
            (0..).zip(&self.refs).map(|(id, target)| (Arc::clone(target), self.edges.count(relation, id, bits)));
        let mut counts: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
        counts.sort_unstable();
        counts
    }

    /// Adds the entities that have a key, in lower case.
    pub(super) fn with_key(&self, name: &str, bits: &mut Bits) {
        match name.strip_prefix("relations.") {
            Some(relation) => {
                self.edges.with_name(relation, bits);
                bits.and(&self.present);
            }
            None => self.keys.with_key(name, bits),
        }
    }

    /// Adds the entities that have a key with one of some values, all in lower case.
    pub(super) fn with_values(&self, name: &str, values: &[String], bits: &mut Bits) {
        let Some(relation) = name.strip_prefix("relations.") else {
            return values.iter().for_each(|value| self.keys.with_value(name, value, bits));
        };
        for target in values.iter().filter_map(|value| self.by_ref.get(value.as_str())) {
            self.edges.with_target(relation, *target, bits);
        }
        bits.and(&self.present);
    }

    /// Adds the entities that have a key with a value that passes a test, in lower case.
    pub(super) fn with_value_that(&self, name: &str, test: impl Fn(&str) -> bool, bits: &mut Bits) {
        let Some(relation) = name.strip_prefix("relations.") else {
            return self.keys.with_value_that(name, test, bits);
        };
        for (id, _) in (0..).zip(&self.refs).filter(|(_, target)| test(target)) {
            self.edges.with_target(relation, id, bits);
        }
        bits.and(&self.present);
    }

    /// A number that is another one whenever somebody has got or lost a value of a key.
    pub(super) fn version(&self, name: &str) -> u64 {
        if name.starts_with("relations.") { self.edges.version() } else { self.keys.version(name) }
    }
}

/// The entities of a set in an order that is known for all.
fn pick(bits: &Bits, count: usize, all: &[Id], places: &[u32]) -> Vec<Id> {
    let place = |id: &Id| places.get(*id as usize).copied().unwrap_or(u32::MAX);
    if count * 16 < all.len() {
        let mut ids: Vec<Id> = bits.iter().filter(|id| place(id) != u32::MAX).collect();
        ids.sort_unstable_by_key(place);
        return ids;
    }
    let mut ids = Vec::with_capacity(count);
    ids.extend(all.iter().filter(|id| bits.contains(**id)));
    ids
}

/// Missing values come last in either direction.
pub(super) fn compare(a: &Option<String>, b: &Option<String>, order: Order) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
        (Some(a), Some(b)) if order == Order::Ascending => a.cmp(b),
        (Some(a), Some(b)) => b.cmp(a),
    }
}

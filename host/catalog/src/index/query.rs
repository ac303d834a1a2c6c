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
    /// Paths such as `metadata.title`; none means the field of the order, or `metadata.uid`. An empty list holds nothing.
    pub fields: Option<Vec<String>>,
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
        let default = || order.first().map_or("metadata.uid", |field| field.field.as_str());
        let named = full_text.fields.iter().flatten().map(String::as_str);
        for field in named.chain(full_text.fields.is_none().then(default)) {
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

    /// How many of an ordered list come before the entity that a cursor names or, with `and_itself`, up to it. It need not
    /// exist any more.
    pub(crate) fn before(&self, ids: &[Id], cursor: &Cursor, and_itself: bool) -> usize {
        let entity: Option<&str> = match cursor.entity.contains(':') {
            true => Some(&cursor.entity),
            false => self.by_uid(&cursor.entity).map(|(entity_ref, _)| &**entity_ref),
        };
        ids.partition_point(|id| match self.compare_to(*id, cursor, entity) {
            Ordering::Less => true,
            Ordering::Equal => and_itself,
            Ordering::Greater => false,
        })
    }

    /// Where an entity stands to a cursor's; one that is not known any more stands where all with its values do.
    fn compare_to(&self, id: Id, cursor: &Cursor, entity: Option<&str>) -> Ordering {
        for (field, wanted) in cursor.order.iter().zip(&cursor.values) {
            let ordering = compare(&self.sort_value(id, field), wanted, field.order);
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        entity.map_or(Ordering::Equal, |entity| (**self.reference(id)).cmp(entity))
    }

    /// Values of a field with the number of entities that have them, in the order of the values.
    pub(crate) fn facet(&self, field: &str, bits: Option<&Bits>) -> Vec<(Arc<str>, usize)> {
        let name = field.to_lowercase();
        let Some(relation) = name.strip_prefix("relations.") else {
            let mut counts = self.keys.count(&name, bits);
            // They come in the order of their lower-case forms, which nearly always is this one already.
            if !counts.is_sorted_by(|a, b| a.0 <= b.0) {
                counts.sort_unstable_by(|a, b| a.0.cmp(b.0));
            }
            return counts.into_iter().map(|(value, count)| (value.into(), count)).collect();
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

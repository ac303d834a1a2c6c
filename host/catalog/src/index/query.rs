//! Pages of entities, in order, and counts of values.

use std::cmp::Ordering;
use std::sync::Arc;

use super::postings::Bits;
use super::{Cursor, Id, Index, Selection};

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

/// By what entities are ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
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
            self.keys.with_value_that(&field.to_lowercase(), |value| value.contains(&term), &mut holding);
        }
        bits.and(&holding);
        bits
    }

    /// Entities of a set in order. Those without the first field come last, or not at all when `drop_missing` is set.
    /// Whatever the fields leave open is ordered by reference.
    pub(crate) fn ordered(&self, bits: &Bits, order: &[OrderField], drop_missing: bool) -> Vec<Id> {
        let Some((first, rest)) = order.split_first() else {
            let mut ids: Vec<Id> = bits.iter().collect();
            if ids.len() * 4 < self.ordered.len() {
                ids.sort_unstable_by_key(|id| self.rank[*id as usize]);
            } else {
                ids.clear();
                ids.extend(self.ordered.iter().filter(|id| bits.contains(**id)));
            }
            return ids;
        };
        let mut ids = Vec::new();
        let mut open = bits.clone();
        if let Some(key) = self.keys.get(&first.field.to_lowercase()) {
            let mut group = |ids: &mut Vec<Id>, numbers: &Vec<u32>| {
                let start = ids.len();
                for id in numbers.iter().flat_map(|at| key.values[*at as usize].entities.iter()) {
                    if open.contains(id) {
                        open.remove(id);
                        ids.push(id);
                    }
                }
                self.order_rest(&mut ids[start..], rest);
            };
            match first.order {
                Order::Ascending => key.by_lower.values().for_each(|numbers| group(&mut ids, numbers)),
                Order::Descending => key.by_lower.values().rev().for_each(|numbers| group(&mut ids, numbers)),
            }
            let start = ids.len();
            for id in key.nulls.iter().filter(|id| open.contains(*id)).collect::<Vec<_>>() {
                open.remove(id);
                ids.push(id);
            }
            self.order_rest(&mut ids[start..], rest);
        }
        if !drop_missing {
            let start = ids.len();
            ids.extend(open.iter());
            self.order_rest(&mut ids[start..], rest);
        }
        ids
    }

    fn order_rest(&self, ids: &mut [Id], order: &[OrderField]) {
        if ids.len() < 2 {
            return;
        }
        ids.sort_unstable_by_key(|id| self.rank[*id as usize]);
        if !order.is_empty() {
            ids.sort_by(|a, b| self.compare(*a, *b, order));
        }
    }

    fn compare(&self, a: Id, b: Id, order: &[OrderField]) -> Ordering {
        for field in order {
            let (first, second) = (self.sort_value(a, &field.field), self.sort_value(b, &field.field));
            let ordering = match (&first, &second) {
                (None, None) => Ordering::Equal,
                (None, _) => Ordering::Greater,
                (_, None) => Ordering::Less,
                (Some(first), Some(second)) if field.order == Order::Ascending => first.cmp(second),
                (Some(first), Some(second)) => second.cmp(first),
            };
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        Ordering::Equal
    }

    /// The value by which an entity is ordered, in lower case.
    pub(crate) fn sort_value(&self, id: Id, field: &str) -> Option<String> {
        let number = self.keys.number(&field.to_lowercase())?;
        let key = self.keys.at(number)?;
        let entry = self.entry(id)?;
        let values = entry.rows.iter().chain(&entry.relation_rows).filter(|row| row.is_of(number));
        values.filter_map(|row| Some(key.value(*row)?.to_lowercase())).min()
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
        order.iter().map(|field| self.sort_value(id, &field.field)).collect()
    }

    fn is_before(&self, id: Id, order: &[OrderField], cursor: &Cursor) -> bool {
        for (field, wanted) in order.iter().zip(&cursor.values) {
            let value = self.sort_value(id, &field.field);
            let ordering = match (&value, wanted) {
                (None, None) => Ordering::Equal,
                (None, _) => Ordering::Greater,
                (_, None) => Ordering::Less,
                (Some(value), Some(wanted)) if field.order == Order::Ascending => value.cmp(wanted),
                (Some(value), Some(wanted)) => wanted.cmp(value),
            };
            if ordering != Ordering::Equal {
                return ordering == Ordering::Less;
            }
        }
        **self.reference(id) < *cursor.entity_ref
    }

    /// Values of a field with the number of entities that have them.
    pub(crate) fn facet(&self, field: &str, bits: Option<&Bits>) -> Vec<(Arc<str>, usize)> {
        self.keys.count(&field.to_lowercase(), bits)
    }
}

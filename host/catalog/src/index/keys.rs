//! Which entities have which keys and values.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::postings::{Bits, Id, Posting};
use super::rows::Row;

/// The number of a key, with the number of its value, as an entity remembers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowId {
    key: u32,
    value: u32,
}

/// Marks the value of a row that exists but cannot be matched.
const NULL: u32 = u32::MAX;
/// Marks the key of a text in a list.
const ITEM: u32 = 1 << 31;

/// A value of a key as it is written.
#[derive(Debug)]
pub(crate) struct KeyValue {
    pub(crate) original: Arc<str>,
    pub(crate) entities: Posting,
}

/// The values of one key.
#[derive(Debug, Default)]
pub(crate) struct Key {
    pub(crate) values: Vec<KeyValue>,
    by_original: HashMap<Arc<str>, u32>,
    /// Numbers of values by their lower-case form, in its order.
    pub(crate) by_lower: BTreeMap<Arc<str>, Vec<u32>>,
    /// Entities with a value that cannot be matched.
    pub(crate) nulls: Posting,
    /// Entities that have the key.
    pub(crate) all: Posting,
}

/// Every key.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    keys: Vec<Key>,
    by_name: HashMap<Box<str>, u32>,
    items: Vec<Posting>,
    items_by_name: HashMap<Box<str>, u32>,
}

impl RowId {
    /// Whether the row is of the key with this number.
    pub(crate) fn is_of(self, key: u32) -> bool {
        self.key == key
    }
}

impl Key {
    /// The value of a row of this key, as it is written.
    pub(crate) fn value(&self, row: RowId) -> Option<&str> {
        self.values.get(row.value as usize).map(|value| &*value.original)
    }
}

impl Keys {
    /// The number of the key with this name in lower case.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// The key with this number.
    pub(crate) fn at(&self, number: u32) -> Option<&Key> {
        self.keys.get(number as usize)
    }

    /// The key with this name in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&Key> {
        self.keys.get(*self.by_name.get(name)? as usize)
    }

    fn items(&self, name: &str) -> Option<&Posting> {
        self.items.get(*self.items_by_name.get(name)? as usize)
    }

    /// Adds an entity's rows, which are sorted, and gives them back as numbers.
    pub(crate) fn add(&mut self, id: Id, rows: &[Row]) -> Box<[RowId]> {
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            ids.push(match row {
                Row::Value(name, value) => self.add_value(id, name, value.as_deref()),
                Row::Item(name) => self.add_item(id, name),
            });
        }
        ids.sort_unstable();
        ids.into_boxed_slice()
    }

    fn add_value(&mut self, id: Id, name: &str, value: Option<&str>) -> RowId {
        let number = match self.by_name.get(name) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.keys.len()).unwrap_or(NULL);
                self.keys.push(Key::default());
                self.by_name.insert(name.into(), number);
                number
            }
        };
        let key = &mut self.keys[number as usize];
        key.all.insert(id);
        let Some(value) = value else {
            key.nulls.insert(id);
            return RowId { key: number, value: NULL };
        };
        let at = match key.by_original.get(value) {
            Some(at) => *at,
            None => {
                let at = u32::try_from(key.values.len()).unwrap_or(NULL);
                let original: Arc<str> = value.into();
                let lower = value.to_lowercase();
                let lower: Arc<str> = if lower == value { Arc::clone(&original) } else { lower.into() };
                key.by_lower.entry(lower).or_default().push(at);
                key.by_original.insert(Arc::clone(&original), at);
                key.values.push(KeyValue { original, entities: Posting::default() });
                at
            }
        };
        key.values[at as usize].entities.insert(id);
        RowId { key: number, value: at }
    }

    fn add_item(&mut self, id: Id, name: &str) -> RowId {
        let number = match self.items_by_name.get(name) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.items.len()).unwrap_or(0);
                self.items.push(Posting::default());
                self.items_by_name.insert(name.into(), number);
                number
            }
        };
        self.items[number as usize].insert(id);
        RowId { key: number | ITEM, value: 0 }
    }

    /// Removes an entity's rows.
    pub(crate) fn remove(&mut self, id: Id, rows: &[RowId]) {
        for row in rows {
            if row.key & ITEM != 0 {
                self.items[(row.key & !ITEM) as usize].remove(id);
                continue;
            }
            let key = &mut self.keys[row.key as usize];
            key.all.remove(id);
            match key.values.get_mut(row.value as usize) {
                Some(value) => value.entities.remove(id),
                None => key.nulls.remove(id),
            }
        }
    }

    /// The entities that have a key.
    pub(crate) fn with_key(&self, name: &str, size: usize) -> Bits {
        let mut bits = Bits::none(size);
        if let Some(key) = self.get(name) {
            bits.add(&key.all);
        }
        if let Some(items) = self.items(name) {
            bits.add(items);
        }
        bits
    }

    /// The entities that have a key with a value, both in lower case.
    pub(crate) fn with_value(&self, name: &str, value: &str, bits: &mut Bits) {
        if let Some(key) = self.get(name) {
            for at in key.by_lower.get(value).into_iter().flatten() {
                bits.add(&key.values[*at as usize].entities);
            }
        }
        if value == "true"
            && let Some(items) = self.items(name)
        {
            bits.add(items);
        }
    }

    /// The entities that have a key with a value that passes a test, in lower case.
    pub(crate) fn with_value_that(&self, name: &str, test: impl Fn(&str) -> bool, bits: &mut Bits) {
        if let Some(key) = self.get(name) {
            for numbers in key.by_lower.iter().filter(|(lower, _)| test(lower)).map(|(_, numbers)| numbers) {
                for at in numbers {
                    bits.add(&key.values[*at as usize].entities);
                }
            }
        }
        if let Some(items) = self.items(name).filter(|_| test("true")) {
            bits.add(items);
        }
    }

    /// The values of a key with the number of entities in a set that have them, in the order of the values.
    pub(crate) fn count(&self, name: &str, among: Option<&Bits>) -> Vec<(Arc<str>, usize)> {
        let mut counts = Vec::new();
        if let Some(key) = self.get(name) {
            for value in key.by_lower.values().flatten().map(|at| &key.values[*at as usize]) {
                let count = match among {
                    None => value.entities.len(),
                    Some(bits) => value.entities.iter().filter(|id| bits.contains(*id)).count(),
                };
                if count > 0 {
                    counts.push((Arc::clone(&value.original), count));
                }
            }
        }
        if let Some(items) = self.items(name) {
            let count = items.iter().filter(|id| among.is_none_or(|bits| bits.contains(*id))).count();
            if count > 0 {
                counts.push(("true".into(), count));
            }
        }
        counts
    }
}

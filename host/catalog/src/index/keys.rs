//! Which entities have which keys and values.
//!
//! A value is kept once for each key, with the set of its entities; an entity keeps the numbers of its values. Values are
//! found by their lower-case form. The order of a key's values is made when it is first asked for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::OnceLock;

use hashbrown::HashTable;
use memchr::memmem;

use super::postings::{Bits, Id, Set};
use super::rows::{Rows, is_short};
use super::snapshot::{In, Out};
use super::texts::{Span, Texts};

/// The number of a value of a key.
pub(super) type ValueId = u32;

/// A value of a key.
#[derive(Debug)]
struct Slot {
    entities: Set,
    /// None when it exists but cannot be matched.
    text: Option<Span>,
    key: u32,
    hash: u32,
    is_listed: bool,
}

/// A key.
#[derive(Debug, Default)]
struct Key {
    values: Vec<ValueId>,
    /// Entities that have the key.
    all: Set,
    /// Another one after every change of who has which value.
    version: u64,
    /// The numbers of values in the order of their lower-case forms.
    sorted: OnceLock<Vec<ValueId>>,
    /// The lower-case forms of all values in one text, to be searched.
    joined: OnceLock<Joined>,
}

/// Stands between texts that are searched together.
pub(super) const BETWEEN: char = '\0';

/// Texts one after the other.
#[derive(Debug, Default)]
struct Joined {
    text: String,
    /// Where each ends, and whose value it is.
    ends: Vec<(usize, ValueId)>,
}

/// Every key.
#[derive(Debug, Default)]
pub(super) struct Keys {
    keys: Vec<Key>,
    by_name: HashMap<Box<str>, u32>,
    slots: Vec<Slot>,
    free: Vec<ValueId>,
    texts: Texts,
    by_value: HashTable<ValueId>,
    hasher: RandomState,
    changes: u64,
    /// How many values no entity has.
    unused: usize,
}

/// The key of a place that a new value may take.
const FREE: u32 = u32::MAX;

/// The lower-case form of a text.
pub(super) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// A hash as the table wants it, whose highest bits differ as well.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Keys {
    /// The numbers of an entity's values, sorted and each once; new ones are made for those that are not known yet.
    pub(super) fn numbers(&mut self, rows: &Rows) -> Box<[ValueId]> {
        let mut numbers: Vec<ValueId> = Vec::new();
        for row in rows.iter() {
            let key = self.key_number(row.key);
            numbers.extend(self.value_number(key, row.value, row.is_listed));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_boxed_slice()
    }

    fn key_number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.by_name.get(name) {
            return *number;
        }
        let number = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        self.keys.push(Key::default());
        self.by_name.insert(name.into(), number);
        number
    }

    fn value_number(&mut self, key: u32, value: Option<&str>, is_listed: bool) -> Option<ValueId> {
        let hash = self.hash(key, &lower(value.unwrap_or_default()));
        let (slots, texts) = (&self.slots, &self.texts);
        let known = self.by_value.find(spread(hash), |number| {
            let slot = &slots[*number as usize];
            (slot.key, slot.hash, slot.is_listed) == (key, hash, is_listed)
                && slot.text.map(|span| texts.get(span)) == value
        });
        if let Some(number) = known {
            return Some(*number);
        }
        let text = match value {
            Some(value) => Some(self.texts.push(value)?),
            None => None,
        };
        let slot = Slot { entities: Set::Empty, text, key, hash, is_listed };
        self.unused += 1;
        let number = match self.free.pop() {
            Some(number) => {
                self.slots[number as usize] = slot;
                number
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).ok()?
            }
        };
        let slots = &self.slots;
        self.by_value.insert_unique(spread(hash), number, |number| spread(slots[*number as usize].hash));
        let place = self.keys[key as usize].sorted.get().map(|sorted| {
            let new = value.unwrap_or_default();
            let place = (lower(new), new);
            sorted.partition_point(|other| (lower(self.text(*other)), self.text(*other)) < place)
        });
        let key = &mut self.keys[key as usize];
        key.values.push(number);
        key.joined.take();
        if let (Some(place), Some(sorted)) = (place, key.sorted.get_mut()) {
            sorted.insert(place, number);
        }
        Some(number)
    }

    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    fn hash(&self, key: u32, lower: &str) -> u32 {
        self.hasher.hash_one((key, lower)) as u32
    }

    fn text(&self, number: ValueId) -> &str {
        self.slots[number as usize].text.map_or("", |span| self.texts.get(span))
    }

    /// Gives an entity other values: both lists are sorted.
    pub(super) fn change(&mut self, id: Id, old: &[ValueId], new: &[ValueId]) {
        let is_in = |list: &[ValueId], number: &ValueId| list.binary_search(number).is_ok();
        for number in old.iter().filter(|number| !is_in(new, number)) {
            let slot = &mut self.slots[*number as usize];
            slot.entities.remove(id);
            self.unused += usize::from(slot.entities.is_empty());
            self.touch(slot_key(&self.slots, *number));
        }
        for number in new.iter().filter(|number| !is_in(old, number)) {
            let slot = &mut self.slots[*number as usize];
            self.unused -= usize::from(slot.entities.is_empty());
            slot.entities.insert(id);
            let key = slot_key(&self.slots, *number);
            self.keys[key as usize].all.insert(id);
            self.touch(key);
        }
        // What has no value of a key any more does not have the key.
        let keys = |list: &[ValueId]| -> Vec<u32> {
            let mut keys: Vec<u32> = list.iter().map(|number| slot_key(&self.slots, *number)).collect();
            keys.sort_unstable();
            keys.dedup();
            keys
        };
        if old.is_empty() {
            return;
        }
        let (before, after) = (keys(old), keys(new));
        for key in before.into_iter().filter(|key| after.binary_search(key).is_err()) {
            self.keys[key as usize].all.remove(id);
        }
    }

    fn touch(&mut self, key: u32) {
        self.changes += 1;
        self.keys[key as usize].version = self.changes;
    }

    /// Lets go of values that no entity has any more, once they take much room.
    pub(super) fn tidy(&mut self) {
        if self.unused < 1000 || self.unused * 4 < self.slots.len() {
            return;
        }
        self.unused = 0;
        let unused = |slot: &Slot| slot.entities.is_empty() && slot.key != FREE;
        let slots = &self.slots;
        self.by_value.retain(|number| !slots[*number as usize].entities.is_empty());
        for key in &mut self.keys {
            key.values.retain(|number| !slots[*number as usize].entities.is_empty());
            key.sorted.take();
            key.joined.take();
        }
        for (number, slot) in (0..).zip(&mut self.slots) {
            if unused(slot) {
                slot.key = FREE;
                if let Some(span) = slot.text.take() {
                    self.texts.drop(span);
                }
                self.free.push(number);
            }
        }
        if self.texts.is_wasteful() {
            let mut texts = self.texts.successor();
            for slot in &mut self.slots {
                slot.text = slot.text.and_then(|span| texts.push(self.texts.get(span)));
            }
            self.texts = texts;
        }
    }

    /// Gives back room that was made for more.
    pub(super) fn shrink(&mut self) {
        self.texts.shrink();
        if self.slots.capacity() > self.slots.len() + self.slots.len() / 4 {
            self.slots.shrink_to_fit();
        }
    }

    pub(super) fn write(&self, out: &mut Out<'_>) -> io::Result<()> {
        self.texts.write(out)?;
        let mut names: Vec<(&str, u32)> = self.by_name.iter().map(|(name, number)| (&**name, *number)).collect();
        names.sort_unstable_by_key(|(_, number)| *number);
        out.count(names.len())?;
        for ((name, _), key) in names.iter().zip(&self.keys) {
            out.text(name)?;
            key.all.write(out)?;
        }
        out.count(self.slots.len())?;
        for slot in &self.slots {
            let (start, length) = slot.text.map(Span::parts).unwrap_or_default();
            out.number(slot.key)?;
            out.number(start)?;
            out.bytes(&length.to_le_bytes())?;
            out.bytes(&[u8::from(slot.text.is_some()), u8::from(slot.is_listed)])?;
            slot.entities.write(out)?;
        }
        Ok(())
    }

    pub(super) fn read(from: &mut In<'_>) -> Option<Self> {
        let mut keys = Self { texts: Texts::read(from)?, ..Self::default() };
        for _ in 0..from.count(5)? {
            let number = keys.key_number(from.text()?) as usize;
            keys.keys.get_mut(number)?.all = Set::read(from)?;
        }
        let count = from.count(12)?;
        keys.slots.reserve(count);
        keys.by_value = HashTable::with_capacity(count);
        for number in 0..u32::try_from(count).ok()? {
            let (key, start) = (from.number()?, from.number()?);
            let &[low, high, has_text, is_listed] = from.bytes(4)? else { return None };
            let length = u16::from_le_bytes([low, high]);
            let text = (has_text == 1).then_some(Span::from_parts(start, length));
            let entities = Set::read(from)?;
            if text.is_some_and(|span| !keys.texts.has(span)) {
                return None;
            }
            let hash = keys.hash(key, &lower(text.map_or("", |span| keys.texts.get(span))));
            if key == FREE {
                keys.free.push(number);
            } else {
                keys.keys.get_mut(key as usize)?.values.push(number);
                keys.unused += usize::from(entities.is_empty());
                keys.by_value.insert_unique(spread(hash), number, |_| 0);
            }
            keys.slots.push(Slot { entities, text, key, hash, is_listed: is_listed == 1 });
        }
        Some(keys)
    }

    fn get(&self, name: &str) -> Option<(u32, &Key)> {
        let number = *self.by_name.get(name)?;
        Some((number, &self.keys[number as usize]))
    }

    /// A number that is another one whenever somebody has got or lost a value of a key.
    pub(super) fn version(&self, name: &str) -> u64 {
        self.get(name).map_or(0, |(_, key)| key.version)
    }

    /// The entities that have a value, in lower case, of a key.
    fn each_with(&self, key: u32, value: &str, mut call: impl FnMut(&Slot)) {
        let hash = self.hash(key, value);
        for number in self.by_value.iter_hash(spread(hash)) {
            let slot = &self.slots[*number as usize];
            if (slot.key, slot.hash) == (key, hash)
                && slot.text.is_some_and(|span| *lower(self.texts.get(span)) == *value)
            {
                call(slot);
            }
        }
    }

    /// The entities for which a name means a text in a list: `metadata.tags.java`.
    fn each_item(&self, name: &str, mut call: impl FnMut(&Slot)) {
        if !is_short(name) {
            return;
        }
        for (at, _) in name.match_indices('.') {
            if let Some(key) = self.by_name.get(&name[..at]) {
                self.each_with(*key, &name[at + 1..], |slot| {
                    if slot.is_listed {
                        call(slot);
                    }
                });
            }
        }
    }

    /// The entities that have a key.
    pub(super) fn with_key(&self, name: &str, bits: &mut Bits) {
        if let Some((_, key)) = self.get(name) {
            bits.add(&key.all);
        }
        self.each_item(name, |slot| bits.add(&slot.entities));
    }

    /// The entities that have a key with a value, both in lower case.
    pub(super) fn with_value(&self, name: &str, value: &str, bits: &mut Bits) {
        if let Some(key) = self.by_name.get(name) {
            self.each_with(*key, value, |slot| bits.add(&slot.entities));
        }
        if value == "true" {
            self.each_item(name, |slot| bits.add(&slot.entities));
        }
    }

    /// The entities that have a key with a value that passes a test, in lower case.
    pub(super) fn with_value_that(&self, name: &str, test: impl Fn(&str) -> bool, bits: &mut Bits) {
        if let Some((_, key)) = self.get(name) {
            for slot in key.values.iter().map(|number| &self.slots[*number as usize]) {
                if slot.text.is_some_and(|span| test(&lower(self.texts.get(span)))) {
                    bits.add(&slot.entities);
                }
            }
        }
        if test("true") {
            self.each_item(name, |slot| bits.add(&slot.entities));
        }
    }

    /// The entities that have a key with a value that holds a text, in lower case.
    pub(super) fn with_text(&self, name: &str, text: &str, bits: &mut Bits) {
        if let Some((_, key)) = self.get(name) {
            let joined = key.joined.get_or_init(|| self.join(key));
            let mut rest = joined.ends.as_slice();
            let mut done = 0;
            for at in memmem::find_iter(joined.text.as_bytes(), text) {
                if at < done {
                    continue;
                }
                rest = &rest[rest.partition_point(|(end, _)| *end <= at)..];
                let Some((end, number)) = rest.first() else { break };
                bits.add(&self.slots[*number as usize].entities);
                done = *end;
            }
        }
        if "true".contains(text) {
            self.each_item(name, |slot| bits.add(&slot.entities));
        }
    }

    fn join(&self, key: &Key) -> Joined {
        let mut joined = Joined::default();
        for number in &key.values {
            if let Some(span) = self.slots[*number as usize].text {
                joined.text.push_str(&lower(self.texts.get(span)));
                joined.ends.push((joined.text.len(), *number));
                joined.text.push(BETWEEN);
            }
        }
        joined
    }

    /// The values of a key with the number of entities in a set that have them, in the order of the values.
    pub(super) fn count(&self, name: &str, among: Option<&Bits>) -> Vec<(&str, usize)> {
        let count = |slot: &Slot| among.map_or(slot.entities.len(), |bits| slot.entities.count_in(bits));
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for number in self.sorted(name) {
            let slot = &self.slots[*number as usize];
            let Some(span) = slot.text else { continue };
            let (value, count) = (self.texts.get(span), count(slot));
            match counts.last_mut() {
                // The same text may be in a list here and alone there.
                Some((last, sum)) if *last == value => *sum += count,
                _ if count > 0 => counts.push((value, count)),
                _ => {}
            }
        }
        let mut items = 0;
        self.each_item(name, |slot| items += count(slot));
        if items > 0 {
            counts.push(("true", items));
        }
        counts
    }

    /// Calls with the entities of each value of a key, in the order of their lower-case forms or against it; values that
    /// differ only in case come together.
    pub(super) fn each_group(&self, name: &str, descending: bool, mut call: impl FnMut(&[&Set])) {
        let sorted = self.sorted(name);
        let text = |number: &ValueId| lower(self.text(*number));
        let mut group = |numbers: &[ValueId]| {
            let sets: Vec<&Set> = numbers
                .iter()
                .map(|number| &self.slots[*number as usize])
                .filter(|slot| slot.text.is_some())
                .map(|slot| &slot.entities)
                .collect();
            call(&sets);
        };
        let groups = sorted.chunk_by(|a, b| text(a) == text(b));
        if descending { groups.rev().for_each(&mut group) } else { groups.for_each(&mut group) }
    }

    /// The numbers of a key's values in the order of their lower-case forms, and then as they are written.
    fn sorted(&self, name: &str) -> &[ValueId] {
        let Some((_, key)) = self.get(name) else { return &[] };
        key.sorted.get_or_init(|| {
            let mut sorted = key.values.clone();
            sorted.sort_by_cached_key(|number| (lower(self.text(*number)).into_owned(), self.text(*number)));
            sorted
        })
    }

    /// The values of a key among an entity's, as they are written.
    pub(super) fn values_of<'a>(&'a self, name: &str, numbers: &'a [ValueId]) -> impl Iterator<Item = &'a str> + 'a {
        let key = self.by_name.get(name).copied().unwrap_or(u32::MAX);
        let slots = numbers.iter().map(|number| &self.slots[*number as usize]).filter(move |slot| slot.key == key);
        slots.filter_map(|slot| Some(self.texts.get(slot.text?)))
    }

    /// The entity that has a value of a key which is written so, if only one has.
    pub(super) fn only(&self, name: &str, value: &str) -> Option<Id> {
        let mut found = None;
        self.each_with(*self.by_name.get(name)?, &lower(value), |slot| {
            if let Set::One(id) = slot.entities
                && slot.text.is_some_and(|span| self.texts.get(span) == value)
            {
                found = Some(id);
            }
        });
        found
    }
}

fn slot_key(slots: &[Slot], number: ValueId) -> u32 {
    slots[number as usize].key
}

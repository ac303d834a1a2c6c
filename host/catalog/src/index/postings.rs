//! Sets of entities: one number, a sorted list or bits where they are kept, bits where they are combined.

/// An entity's number in the index.
pub(crate) type Id = u32;

/// A list that is longer than this may become bits.
const LONG: usize = 128;

/// A set of entities in the form that takes the least room.
#[derive(Debug, Default, Clone)]
#[expect(clippy::box_collection, reason = "nearly all sets hold one number, and a box is a third of a list's size")]
pub(crate) enum Set {
    #[default]
    Empty,
    One(Id),
    /// Sorted.
    List(Box<Vec<Id>>),
    Bits(Box<(Bits, usize)>),
}

impl Set {
    pub(crate) fn insert(&mut self, id: Id) {
        match self {
            Self::Empty => *self = Self::One(id),
            Self::One(one) if *one == id => {}
            Self::One(one) => *self = Self::List(Box::new(vec![id.min(*one), id.max(*one)])),
            Self::List(list) => {
                if list.last().is_none_or(|last| *last < id) {
                    list.push(id);
                } else if let Err(at) = list.binary_search(&id) {
                    list.insert(at, id);
                } else {
                    return;
                }
                // Bits take an eighth of a byte for every number, a list four bytes for each that is in it.
                let most = list.last().map_or(0, |last| *last as usize);
                if list.len() > LONG && list.len().is_power_of_two() && list.len() * 32 > most {
                    let mut bits = Bits::none(most + 1);
                    list.iter().for_each(|id| bits.insert(*id));
                    *self = Self::Bits(Box::new((bits, list.len())));
                }
            }
            Self::Bits(set) => {
                let (bits, count) = &mut **set;
                bits.grow(id as usize + 1);
                *count += usize::from(!bits.contains(id));
                bits.insert(id);
            }
        }
    }

    pub(crate) fn remove(&mut self, id: Id) {
        match self {
            Self::One(one) if *one == id => *self = Self::Empty,
            Self::Empty | Self::One(_) => {}
            Self::List(list) => {
                if let Ok(at) = list.binary_search(&id) {
                    list.remove(at);
                }
                if list.is_empty() {
                    *self = Self::Empty;
                }
            }
            Self::Bits(set) => {
                let (bits, count) = &mut **set;
                *count -= usize::from(bits.contains(id));
                bits.remove(id);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::One(_) => 1,
            Self::List(list) => list.len(),
            Self::Bits(set) => set.1,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls with every number, in order.
    pub(crate) fn each(&self, mut call: impl FnMut(Id)) {
        match self {
            Self::Empty => {}
            Self::One(id) => call(*id),
            Self::List(list) => list.iter().for_each(|id| call(*id)),
            Self::Bits(set) => set.0.iter().for_each(call),
        }
    }

    /// How many of a set are in this one.
    pub(crate) fn count_in(&self, among: &Bits) -> usize {
        match self {
            Self::Empty => 0,
            Self::One(id) => usize::from(among.contains(*id)),
            Self::List(list) => list.iter().filter(|id| among.contains(**id)).count(),
            Self::Bits(set) => set.0.count_in(among),
        }
    }
}

/// A set of entities with one bit for each number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set, with room for this many entities.
    pub(crate) fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    /// The bits, 64 to a word.
    pub(super) fn words(&self) -> &[u64] {
        &self.0
    }

    pub(super) fn from_words(words: Vec<u64>) -> Self {
        Self(words)
    }

    pub(crate) fn insert(&mut self, id: Id) {
        if let Some(word) = self.0.get_mut(id as usize / 64) {
            *word |= 1 << (id % 64);
        }
    }

    pub(crate) fn remove(&mut self, id: Id) {
        if let Some(word) = self.0.get_mut(id as usize / 64) {
            *word &= !(1 << (id % 64));
        }
    }

    /// Makes room for more entities.
    pub(crate) fn grow(&mut self, size: usize) {
        if self.0.len() < size.div_ceil(64) {
            self.0.resize(size.div_ceil(64), 0);
        }
    }

    pub(crate) fn contains(&self, id: Id) -> bool {
        self.0.get(id as usize / 64).is_some_and(|word| word >> (id % 64) & 1 == 1)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    fn count_in(&self, among: &Self) -> usize {
        self.0.iter().zip(&among.0).map(|(one, other)| (one & other).count_ones() as usize).sum()
    }

    /// Adds a kept set.
    pub(crate) fn add(&mut self, set: &Set) {
        match set {
            Set::Bits(set) => self.or(&set.0),
            set => set.each(|id| self.insert(id)),
        }
    }

    pub(crate) fn and(&mut self, other: &Self) {
        for (at, word) in self.0.iter_mut().enumerate() {
            *word &= other.0.get(at).copied().unwrap_or(0);
        }
    }

    pub(crate) fn or(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    /// Removes everything that the other set holds.
    pub(crate) fn without(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= !other;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Id> + '_ {
        self.0.iter().zip(0_u32..).flat_map(|(&word, at)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn numbers(set: &Set) -> Vec<Id> {
        let mut found = Vec::new();
        set.each(|id| found.push(id));
        found
    }

    proptest! {
        /// Whatever form it has, a kept set holds what was put in and not taken out.
        #[test]
        fn kept_sets_behave_like_sets(steps in prop::collection::vec((any::<bool>(), 0_u32..600), 0..900)) {
            let (mut set, mut reference) = (Set::default(), BTreeSet::new());
            for (puts, id) in steps {
                if puts {
                    set.insert(id);
                    reference.insert(id);
                } else {
                    set.remove(id);
                    reference.remove(&id);
                }
                prop_assert_eq!((set.len(), set.is_empty()), (reference.len(), reference.is_empty()));
            }
            prop_assert_eq!(numbers(&set), reference.iter().copied().collect::<Vec<_>>());
            let mut bits = Bits::none(600);
            bits.add(&set);
            prop_assert_eq!((bits.len(), set.count_in(&bits)), (reference.len(), reference.len()));
        }
    }

    #[test]
    fn a_long_list_becomes_bits() {
        let mut set = Set::default();
        (0..300).for_each(|id| set.insert(id * 2));
        assert!(matches!(set, Set::Bits(_)));
        assert_eq!(numbers(&set), (0..300).map(|id| id * 2).collect::<Vec<_>>());
    }

    #[test]
    fn bits_are_combined() {
        let of = |ids: &[Id]| {
            let mut bits = Bits::none(71);
            ids.iter().for_each(|id| bits.insert(*id));
            bits
        };
        let (bits, other) = (of(&[3, 64, 70]), of(&[3, 70]));
        let (mut both, mut rest) = (bits.clone(), bits.clone());
        both.and(&other);
        rest.without(&other);
        assert_eq!((both.iter().collect::<Vec<_>>(), rest.iter().collect::<Vec<_>>()), (vec![3, 70], vec![64]));
        rest.or(&other);
        assert_eq!((rest.iter().collect::<Vec<_>>(), rest.contains(1000)), (vec![3, 64, 70], false));
        let mut long = Bits::none(1000);
        long.insert(900);
        long.and(&of(&[3]));
        assert_eq!(long.len(), 0);
    }
}

//! Sets of entities: sorted lists where they are kept, bits where they are combined.

/// An entity's number in the index.
pub(crate) type Id = u32;

/// A sorted list of entities.
#[derive(Debug, Default, Clone)]
pub(crate) struct Posting(Vec<Id>);

impl Posting {
    pub(crate) fn insert(&mut self, id: Id) {
        if self.0.last().is_none_or(|last| *last < id) {
            self.0.push(id);
        } else if let Err(at) = self.0.binary_search(&id) {
            self.0.insert(at, id);
        }
    }

    pub(crate) fn remove(&mut self, id: Id) {
        if let Ok(at) = self.0.binary_search(&id) {
            self.0.remove(at);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Id> + '_ {
        self.0.iter().copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A set of entities with one bit for each number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set, with room for this many entities.
    pub(crate) fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
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

    pub(crate) fn add(&mut self, posting: &Posting) {
        for id in posting.iter() {
            self.insert(id);
        }
    }

    pub(crate) fn and(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
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
    use super::*;

    #[test]
    fn sets_behave_like_sets() {
        let mut posting = Posting::default();
        for id in [70, 3, 64, 3] {
            posting.insert(id);
        }
        assert_eq!(posting.iter().collect::<Vec<_>>(), [3, 64, 70]);
        let mut bits = Bits::none(71);
        bits.add(&posting);
        posting.remove(64);
        posting.remove(5);
        let mut other = Bits::none(71);
        other.add(&posting);
        let (mut both, mut rest) = (bits.clone(), bits.clone());
        both.and(&other);
        rest.without(&other);
        assert_eq!((both.iter().collect::<Vec<_>>(), rest.iter().collect::<Vec<_>>()), (vec![3, 70], vec![64]));
        rest.or(&other);
        assert_eq!((rest == bits, rest.contains(64), rest.contains(1000)), (true, true, false));
    }
}

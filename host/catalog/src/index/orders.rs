//! Entities in the order of fields, remembered until something changes that could change the order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::postings::{Bits, Id};
use super::query::{Order, OrderField};
use super::{Index, keys};

/// How many orders are remembered.
const MOST: usize = 16;

/// Every entity that has a value of the first field, in order.
pub(super) struct Ordered {
    versions: Vec<u64>,
    pub(super) ids: Vec<Id>,
    /// Where each entity is; [`u32::MAX`] for those that are not.
    pub(super) places: Vec<u32>,
}

/// Orders by their fields.
#[derive(Default)]
pub(super) struct Orders(Mutex<HashMap<Vec<OrderField>, Arc<Ordered>>>);

impl Index {
    /// Every entity that has a value of the first of these fields, in their order and then by reference.
    pub(super) fn in_order(&self, order: &[OrderField]) -> Arc<Ordered> {
        let versions: Vec<u64> = order.iter().map(|field| self.version(&field.field.to_lowercase())).collect();
        let orders = || self.orders.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = orders().get(order).filter(|known| known.versions == versions) {
            return Arc::clone(known);
        }
        let ids = self.sort(order);
        let mut places = vec![u32::MAX; self.size()];
        for (place, id) in (0..).zip(&ids) {
            places[*id as usize] = place;
        }
        let ordered = Arc::new(Ordered { versions, ids, places });
        let mut orders = orders();
        if orders.len() >= MOST && !orders.contains_key(order) {
            orders.clear();
        }
        orders.insert(order.to_vec(), Arc::clone(&ordered));
        ordered
    }

    fn sort(&self, order: &[OrderField]) -> Vec<Id> {
        let Some((first, rest)) = order.split_first() else { return self.ordered.clone() };
        let name = first.field.to_lowercase();
        let mut ids = Vec::new();
        if name.starts_with("relations.") {
            let mut open = Bits::none(self.size());
            self.with_key(&name, &mut open);
            ids.extend(open.iter());
            self.order_by(&mut ids, order);
            return ids;
        }
        let mut open = self.present().clone();
        self.keys.each_group(&name, first.order == Order::Descending, |sets| {
            let start = ids.len();
            for set in sets {
                set.each(|id| {
                    if open.contains(id) {
                        open.remove(id);
                        ids.push(id);
                    }
                });
            }
            self.order_by(&mut ids[start..], rest);
        });
        ids
    }

    /// Puts entities into the order of fields and then by reference.
    pub(super) fn order_by(&self, ids: &mut [Id], order: &[OrderField]) {
        if ids.len() < 2 {
            return;
        }
        ids.sort_unstable_by_key(|id| self.rank[*id as usize]);
        if order.is_empty() {
            return;
        }
        let values = |id: Id| order.iter().map(|field| self.sort_value(id, field)).collect::<Vec<_>>();
        let mut keyed: Vec<(Vec<Option<String>>, Id)> = ids.iter().map(|id| (values(*id), *id)).collect();
        keyed.sort_by(|(a, _), (b, _)| {
            let mut fields = a.iter().zip(b).zip(order).map(|((a, b), field)| super::query::compare(a, b, field.order));
            fields.find(|ordering| ordering.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
        for (slot, (_, id)) in ids.iter_mut().zip(keyed) {
            *slot = id;
        }
    }

    /// The value by which an entity is ordered, in lower case: of several the one that comes first in the order.
    pub(crate) fn sort_value(&self, id: Id, field: &OrderField) -> Option<String> {
        let name = field.field.to_lowercase();
        let best = |values: &mut dyn Iterator<Item = String>| match field.order {
            Order::Ascending => values.min(),
            Order::Descending => values.max(),
        };
        match name.strip_prefix("relations.") {
            Some(relation) => best(&mut self.edges.targets(id, relation).map(|id| self.refs[id as usize].to_string())),
            None => {
                let rows = &self.entries.get(id as usize)?.as_ref()?.rows;
                best(&mut self.keys.values_of(&name, rows).map(|value| keys::lower(value).into_owned()))
            }
        }
    }
}

//! What entity providers give: kept as they give it, and handed to passes like the files of a location.
//!
//! A mutation is compared with what is kept and written as one transaction, so that a run that gives the same again writes
//! nothing. Passes read what is kept bucket by bucket, so that a change of one entity costs a part of the provider's
//! entities and not all of them. Nothing here knows what a provider reads from, or whether it came with a plugin.

mod connection;
mod inventory;
mod mutation;
mod run;
mod status;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use host_model::Principal;
use host_store::{AuditEntry, ProvidedRecord, ProviderChange, Store, StoreError};
use tokio::sync::Notify;

pub(crate) use self::inventory::{Inventory, inventory_name};
pub(crate) use self::run::Runner;
use self::status::Progress;
pub use self::status::ProviderStatus;
use crate::hash;

/// Into so many parts the entities of a provider are divided.
const BUCKETS: u8 = 64;

/// Every provider that runs, or has given something.
pub(crate) struct Providers {
    store: Store,
    inner: Mutex<BTreeMap<String, Known>>,
}

/// A provider and what it gave.
#[derive(Default)]
struct Known {
    cursor: Option<String>,
    outline: BTreeMap<String, Outline>,
    /// Whether it runs in this process.
    is_present: bool,
    progress: Progress,
    /// Lets a run begin at once.
    ask: Arc<Notify>,
    /// Held while a mutation is worked out and written, so that none is worked out from what another replaces.
    gate: Arc<tokio::sync::Mutex<()>>,
}

/// An entity that a provider gave, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outline {
    bucket: u8,
    hash: String,
    parked: bool,
}

impl Providers {
    /// Knows what the store knows.
    pub(crate) fn load(store: Store) -> Result<Self, StoreError> {
        let mut known = BTreeMap::new();
        for record in store.providers().list_blocking()? {
            let outline = store.providers().outline_blocking(&record.name)?.into_iter();
            let outline = outline
                .map(|one| (one.entity_ref, Outline { bucket: one.bucket, hash: one.hash, parked: one.parked }))
                .collect();
            known.insert(record.name, Known { cursor: record.cursor, outline, ..Known::default() });
        }
        Ok(Self { store, inner: Mutex::new(known) })
    }

    /// The providers that have given something or run.
    pub(crate) fn names(&self) -> Vec<String> {
        self.inner().keys().cloned().collect()
    }

    /// The buckets in which a provider has entities.
    pub(crate) fn buckets(&self, name: &str) -> Vec<(u8, String)> {
        let inner = self.inner();
        let Some(known) = inner.get(name) else { return Vec::new() };
        let mut buckets: BTreeMap<u8, Vec<(&str, &str)>> = BTreeMap::new();
        for (entity_ref, outline) in &known.outline {
            buckets.entry(outline.bucket).or_default().push((entity_ref, &outline.hash));
        }
        buckets.into_iter().map(|(bucket, entities)| (bucket, stamp(entities.into_iter()))).collect()
    }

    /// The entities of a bucket, and the stamp of exactly these.
    pub(crate) fn read(&self, name: &str, bucket: u8) -> Result<(Vec<ProvidedRecord>, String), StoreError> {
        let records = self.store.providers().bucket_blocking(name, bucket)?;
        let stamp = stamp(records.iter().map(|record| (record.entity_ref.as_str(), record.hash.as_str())));
        Ok((records, stamp))
    }

    /// How each provider is doing.
    pub(crate) fn statuses(&self) -> Vec<ProviderStatus> {
        self.inner().iter().map(|(name, known)| status::of(name, known)).collect()
    }

    /// Lets a provider run at once; false when there is none of this name.
    pub(crate) fn ask(&self, name: &str) -> bool {
        let inner = self.inner();
        let known = inner.get(name).filter(|known| known.is_present);
        known.inspect(|known| known.ask.notify_one()).is_some()
    }

    /// Carries out the removals that are held back, and tells how many there were; none when there is no such provider.
    pub(crate) async fn approve(&self, principal: &Principal, name: &str) -> Option<Result<usize, StoreError>> {
        let gate = Arc::clone(&self.inner().get(name)?.gate);
        let _held = gate.lock().await;
        let removed: Vec<String> = {
            let inner = self.inner();
            let parked = inner.get(name)?.outline.iter().filter(|(_, outline)| outline.parked);
            parked.map(|(entity_ref, _)| entity_ref.clone()).collect()
        };
        let count = removed.len();
        let detail = format!("{count} removals");
        let audit = Some(AuditEntry::new(principal, "provider.approve", name).detail(detail));
        let change = ProviderChange { removed, audit, ..ProviderChange::default() };
        Some(self.keep(name, change).await.map(|()| count))
    }

    /// Forgets a provider that does not run any more.
    pub(crate) async fn forget(&self, name: &str) -> Result<(), StoreError> {
        self.store.providers().forget(name).await?;
        self.inner().remove(name);
        Ok(())
    }

    /// Writes a change and then knows of it.
    async fn keep(&self, name: &str, change: ProviderChange) -> Result<(), StoreError> {
        let put: Vec<(String, Outline)> = change
            .put
            .iter()
            .map(|record| {
                (
                    record.entity_ref.clone(),
                    Outline { bucket: record.bucket, hash: record.hash.clone(), parked: record.parked },
                )
            })
            .collect();
        let (removed, parked, cursor) = (change.removed.clone(), change.parked.clone(), change.cursor.clone());
        self.store.providers().apply(name, change).await?;
        let mut inner = self.inner();
        let known = inner.entry(name.to_owned()).or_default();
        for entity_ref in &removed {
            known.outline.remove(entity_ref);
        }
        known.outline.extend(put);
        for (entity_ref, parked) in parked {
            if let Some(outline) = known.outline.get_mut(&entity_ref) {
                outline.parked = parked;
            }
        }
        known.cursor = cursor.or(known.cursor.take());
        Ok(())
    }

    /// Marks which providers run in this process.
    fn set_present(&self, names: &BTreeSet<String>) {
        let mut inner = self.inner();
        for known in inner.values_mut() {
            known.is_present = false;
        }
        for name in names {
            inner.entry(name.clone()).or_default().is_present = true;
        }
    }

    fn inner(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bucket of an entity.
fn bucket(entity_ref: &str) -> u8 {
    let digits = hash::of(entity_ref.as_bytes());
    u8::from_str_radix(digits.get(..2).unwrap_or_default(), 16).unwrap_or(0) % BUCKETS
}

fn stamp<'a>(entities: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let parts: Vec<&[u8]> = entities.flat_map(|(entity_ref, hash)| [entity_ref.as_bytes(), hash.as_bytes()]).collect();
    hash::of_parts(&parts)
}

#[cfg(test)]
mod tests;

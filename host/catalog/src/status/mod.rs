//! What others say of entities: each source for itself, until it expires, kept over restarts.
//!
//! It is part of `status` and so of the etag: one etag is one text, whoever wrote it. It is no version of the entity, and
//! saying the same again, to make it last, changes nothing that readers see.

mod book;
mod check;
mod expiry;

use std::collections::{HashMap, HashSet};

use host_model::{EntityRef, Principal};
use host_policy::{Action, authorize};
use host_store::{AuditEntry, StatusRecord};
use serde_json::Value;

pub use book::Said;
pub(crate) use book::StatusBook;
pub(crate) use expiry::expire;

use crate::shared::Shared;
use crate::{Catalog, ChangeError};

/// The most sources that may say something of one entity.
const MOST_SOURCES: usize = 20;
/// The most that is said of all entities together.
const MOST: usize = 50_000;

/// What a source wants to say of an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Saying {
    pub entity_ref: EntityRef,
    pub source: String,
    /// `{"items": [{"type", "level", "message", …}]}`.
    pub status: Value,
    /// In seconds.
    pub ttl: Option<u64>,
}

impl Catalog {
    /// What others say of an entity, by source.
    ///
    /// # Errors
    /// When there is no such entity.
    pub fn statuses(&self, entity_ref: &EntityRef) -> Result<Vec<(String, Said)>, ChangeError> {
        let name = entity_ref.to_string();
        let shared = self.reader().shared();
        check_exists(&shared, &name)?;
        Ok(shared.statuses.said(&name).map(|(source, said)| (source.clone(), said.clone())).collect())
    }

    /// Takes down what sources say, each for itself; tells what came of each, in the same order.
    ///
    /// # Errors
    /// When the principal may not, or the store fails; then nothing of it is kept.
    pub async fn say_statuses(
        &self,
        principal: &Principal,
        sayings: Vec<Saying>,
    ) -> Result<Vec<Result<(), ChangeError>>, ChangeError> {
        for saying in &sayings {
            authorize(principal, Action::SetStatus, &saying.entity_ref.to_string())?;
        }
        let now = self.store().now();
        let (mut results, mut records, mut tell, mut audit) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        {
            let shared = self.reader().shared();
            let mut room = Room::new(&shared);
            for saying in sayings {
                let name = saying.entity_ref.to_string();
                let checked = check::check(&saying.source, &saying.status, saying.ttl)
                    .and_then(|()| check_exists(&shared, &name))
                    .and_then(|()| room.take(&name, &saying.source));
                if checked.is_ok() {
                    let before = shared.statuses.said(&name).find(|(source, _)| **source == saying.source);
                    if before.is_none_or(|(_, said)| said.status != saying.status) {
                        let entry = AuditEntry::new(principal, "status.set", name.clone());
                        audit.push(entry.detail(saying.source.clone()));
                        tell.push(name.clone());
                    }
                    let ttl = saying.ttl.map(|ttl| i64::try_from(ttl).unwrap_or(i64::MAX).saturating_mul(1000));
                    records.push(StatusRecord {
                        entity_ref: name,
                        source: saying.source,
                        status: saying.status.to_string(),
                        set_at: now,
                        set_by: principal.audit_name(),
                        expires_at: ttl.map(|ttl| now.saturating_add(ttl)),
                    });
                }
                results.push(checked);
            }
        }
        if records.is_empty() {
            return Ok(results);
        }
        let passage = self.gate().enter();
        self.store().statuses().apply(records.clone(), Vec::new(), tell, audit).await?;
        {
            let mut shared = self.reader().shared_mut();
            for record in &records {
                shared.statuses.put(&record.entity_ref, &record.source, Said::from(record));
                shared.show_status(&record.entity_ref);
            }
            shared.index.settle();
        }
        drop(passage);
        self.wake_expiry();
        Ok(results)
    }

    /// Takes back what a source says of an entity, or without a source what all of them say. Taking back what is not said
    /// is no error.
    ///
    /// # Errors
    /// When there is no such entity, the principal may not, or the store fails.
    pub async fn clear_status(
        &self,
        principal: &Principal,
        entity_ref: &EntityRef,
        source: Option<&str>,
    ) -> Result<(), ChangeError> {
        let name = entity_ref.to_string();
        authorize(principal, Action::SetStatus, &name)?;
        let sources: Vec<String> = {
            let shared = self.reader().shared();
            check_exists(&shared, &name)?;
            let said = shared.statuses.said(&name).map(|(source, _)| source.clone());
            said.filter(|said| source.is_none_or(|source| source == said)).collect()
        };
        if sources.is_empty() {
            return Ok(());
        }
        let removed: Vec<_> = sources.iter().map(|source| (name.clone(), source.clone())).collect();
        let audit = AuditEntry::new(principal, "status.remove", name.clone()).detail(sources.join(", "));
        let passage = self.gate().enter();
        self.store().statuses().apply(Vec::new(), removed.clone(), vec![name], vec![audit]).await?;
        take_back(&mut self.reader().shared_mut(), &removed);
        drop(passage);
        Ok(())
    }
}

fn take_back(shared: &mut Shared, removed: &[(String, String)]) {
    for (entity_ref, source) in removed {
        shared.statuses.take_back(entity_ref, source);
        shared.show_status(entity_ref);
    }
    shared.index.settle();
}

fn check_exists(shared: &Shared, entity_ref: &str) -> Result<(), ChangeError> {
    match shared.index.get(entity_ref) {
        Some(_) => Ok(()),
        None => Err(ChangeError::NotFound(format!("No such entity {entity_ref}"))),
    }
}

/// How much more may be said, while a batch is taken down.
struct Room<'a> {
    shared: &'a Shared,
    /// Of all entities together.
    left: usize,
    /// The sources that are new with this batch, by entity.
    new: HashMap<String, HashSet<String>>,
}

impl<'a> Room<'a> {
    fn new(shared: &'a Shared) -> Self {
        Self { shared, left: MOST.saturating_sub(shared.statuses.count()), new: HashMap::new() }
    }

    /// Takes room for a source, unless it has some already.
    ///
    /// # Errors
    /// When there is none left.
    fn take(&mut self, entity_ref: &str, source: &str) -> Result<(), ChangeError> {
        let kept: HashSet<&str> = self.shared.statuses.said(entity_ref).map(|(known, _)| known.as_str()).collect();
        let new = self.new.get(entity_ref);
        if kept.contains(source) || new.is_some_and(|new| new.contains(source)) {
            return Ok(());
        }
        if kept.len() + new.map_or(0, HashSet::len) >= MOST_SOURCES {
            let message = format!("{MOST_SOURCES} sources say something of {entity_ref} already; take one back first");
            return Err(ChangeError::Conflict(message));
        }
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            ChangeError::Conflict(format!("{MOST} statuses are kept already; give them a ttl, or take some back"))
        })?;
        self.new.entry(entity_ref.to_owned()).or_default().insert(source.to_owned());
        Ok(())
    }
}

/// Reads what was said before a restart.
pub(crate) fn load(shared: &mut Shared, records: &[StatusRecord]) {
    for record in records {
        if shared.index.get(&record.entity_ref).is_some() {
            shared.statuses.put(&record.entity_ref, &record.source, Said::from(record));
            shared.show_status(&record.entity_ref);
        }
    }
    shared.index.settle();
}

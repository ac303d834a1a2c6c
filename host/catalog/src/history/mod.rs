//! The past of entities: their versions, what differs between them, and the catalog as it was.

mod diff;
mod view;

use host_model::EntityRef;
use host_model::history::FieldChange;
use host_store::{Came, VersionRecord, VersionText};
use serde_json::{Value, json};
pub(crate) use view::{PastViews, alone};

use crate::relations::{Given, names};
use crate::{Catalog, ChangeError, hash};

/// The most versions that are walked back for one answer.
const MOST_WALKED: usize = 10_000;

/// Two versions of an entity and what differs between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub from: VersionRecord,
    pub to: VersionRecord,
    pub changes: Vec<FieldChange>,
    /// Whether there are more than are told.
    pub truncated: bool,
}

impl Catalog {
    /// The versions of an entity before one, the newest first; of one that is gone as well.
    ///
    /// # Errors
    /// When nothing is known of such an entity, or the store fails.
    pub async fn versions(
        &self,
        entity_ref: &EntityRef,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<VersionRecord>, ChangeError> {
        let name = entity_ref.to_string();
        let mut found = self.store().history().versions(&name, before, limit).await?;
        if found.is_empty() && (before.is_some() || limit == 0) {
            let any = self.store().history().versions(&name, None, 1).await?;
            return if any.is_empty() { Err(unknown(entity_ref)) } else { Ok(found) };
        }
        if found.is_empty() {
            return Err(unknown(entity_ref));
        }
        if let Some(newest) = found.first_mut().filter(|newest| newest.until.is_none()) {
            newest.etag = self.etag(&name);
        }
        Ok(found)
    }

    /// One version: what is known of it, and the entity as it was with the relations that it stated itself.
    ///
    /// # Errors
    /// When there is no such version any more, or the store fails.
    pub async fn version(
        &self,
        entity_ref: &EntityRef,
        version: u64,
    ) -> Result<(VersionRecord, Option<Value>), ChangeError> {
        let text = self.texts(entity_ref, version).await?.into_iter().find(|text| text.record.version == version);
        let text = text.ok_or_else(|| no_version(entity_ref, version))?;
        let entity = complete(entity_ref, &text)?;
        Ok((text.record, entity))
    }

    /// What differs between two versions: without `to` the newest, without `from` the one before `to`.
    ///
    /// # Errors
    /// When there are no such versions any more, or the store fails.
    pub async fn difference(
        &self,
        entity_ref: &EntityRef,
        from: Option<u64>,
        to: Option<u64>,
    ) -> Result<Difference, ChangeError> {
        let newest = self.versions(entity_ref, None, 1).await?.first().map_or(1, |newest| newest.version);
        let to = to.unwrap_or(newest);
        let from = match from {
            Some(from) => from,
            None => before(entity_ref, to, newest)?,
        };
        let texts = self.texts(entity_ref, from.min(to)).await?;
        let find = |version: u64| {
            let text = texts.iter().find(|text| text.record.version == version);
            text.ok_or_else(|| no_version(entity_ref, version))
        };
        let (from, to) = (find(from)?, find(to)?);
        let (changes, truncated) =
            diff::diff(&body(from)?, &body(to)?, (&given(&from.relations)?, &given(&to.relations)?));
        Ok(Difference { from: from.record.clone(), to: to.record.clone(), changes, truncated })
    }

    /// Since when changes are known, in milliseconds since 1970.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn history_since(&self) -> Result<i64, ChangeError> {
        Ok(self.store().history().whole_since().await?)
    }

    /// The versions from the newest down to one.
    async fn texts(&self, entity_ref: &EntityRef, down_to: u64) -> Result<Vec<VersionText>, ChangeError> {
        let name = entity_ref.to_string();
        let mut texts = self.store().history().texts(&name, down_to, MOST_WALKED).await?;
        if let Some(newest) = texts.first_mut().filter(|newest| newest.record.until.is_none()) {
            newest.record.etag = self.etag(&name);
        }
        Ok(texts)
    }
}

/// The version that one is compared with when nothing is said.
fn before(entity_ref: &EntityRef, to: u64, newest: u64) -> Result<u64, ChangeError> {
    let message = match to {
        0 => return Err(no_version(entity_ref, 0)),
        1 if newest <= 1 => format!("version 1 is the only one of {entity_ref}; there is nothing to compare it with"),
        1 => format!("version 1 of {entity_ref} has none before it; say with `from` what to compare it with"),
        _ => return Ok(to - 1),
    };
    Err(ChangeError::NotFound(message))
}

fn unknown(entity_ref: &EntityRef) -> ChangeError {
    ChangeError::NotFound(format!("No such entity {entity_ref}, and none is known to have been"))
}

fn no_version(entity_ref: &EntityRef, version: u64) -> ChangeError {
    ChangeError::NotFound(format!("{entity_ref} has no version {version}, or it is no longer kept"))
}

fn body(text: &VersionText) -> Result<Value, ChangeError> {
    match &text.body {
        Some(body) => Ok(serde_json::from_str(body).map_err(host_store::StoreError::from)?),
        None => Ok(json!({})),
    }
}

fn given(relations: &str) -> Result<Vec<Given>, ChangeError> {
    Ok(serde_json::from_str(relations).map_err(host_store::StoreError::from)?)
}

/// The entity as the API shows it, with the relations that it stated itself.
fn complete(entity_ref: &EntityRef, text: &VersionText) -> Result<Option<Value>, ChangeError> {
    if text.record.came == Came::Removed {
        return Ok(None);
    }
    let mut entity = body(text)?;
    let mut relations = given(&text.relations)?;
    relations.sort();
    let relations: Vec<Value> =
        relations.into_iter().map(|(name, target)| json!({ "type": names(&name).0, "targetRef": target })).collect();
    if let Some(metadata) = entity.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("uid".to_owned(), hash::uid(&entity_ref.to_string()).into());
        if let Some(etag) = &text.record.etag {
            metadata.insert("etag".to_owned(), etag.as_str().into());
        }
    }
    entity["relations"] = relations.into();
    Ok(Some(entity))
}

//! Registered locations: which there are, which of them are meant, and having one lead elsewhere.

use std::sync::Arc;

use host_model::{EntityRef, Principal};
use host_policy::{Action, authorize};
use host_store::LocationChange;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::location;
use crate::index::Selection;
use crate::{Catalog, ChangeError, Location, QueryError, opaque};

/// What a page of locations holds when nothing is said.
const USUAL: usize = 1000;
/// Most locations on one page.
const MOST: usize = 10_000;
/// What locations can be asked by, in lower case.
const KEYS: [&str; 4] = ["id", "type", "target", "entityref"];

/// Asks for a page of locations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LocationsRequest {
    /// A predicate over `id`, `type`, `target` and `entityRef`.
    pub predicate: Option<Value>,
    pub limit: Option<usize>,
    /// A page's `next`; it stands for the others as well.
    pub cursor: Option<String>,
}

/// A page of locations, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocationsPage {
    pub items: Vec<Location>,
    pub total: usize,
    pub next: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cursor {
    limit: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<Value>,
}

impl Catalog {
    /// The registered locations, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn locations(&self) -> Result<Vec<Location>, ChangeError> {
        Ok(self.engine.store.locations().list().await?.into_iter().map(location).collect())
    }

    /// A page of the registered locations that are meant.
    ///
    /// # Errors
    /// When the query cannot be read or the store fails.
    pub async fn query_locations(&self, request: LocationsRequest) -> Result<LocationsPage, ChangeError> {
        let wrong = |error: QueryError| ChangeError::InvalidInput(error.to_string());
        let cursor = match &request.cursor {
            Some(text) => opaque::decode(text).map_err(|message| wrong(QueryError::MalformedCursor(message)))?,
            None => Cursor { limit: request.limit.unwrap_or(USUAL), after_id: None, query: request.predicate },
        };
        if cursor.limit == 0 {
            return Err(ChangeError::InvalidInput("Limit must be a positive integer >= 1".to_owned()));
        }
        let selection = match &cursor.query {
            Some(query) => Selection::from_predicate(query).map_err(wrong)?,
            None => Selection::default(),
        };
        if let Some(key) = selection.key_that(&|key| !KEYS.contains(&key)) {
            let message = format!("locations can be asked by id, type, target and entityRef, not by {key:?}");
            return Err(wrong(QueryError::InvalidQuery(message)));
        }
        let mut found = self.locations().await?;
        found.retain(|location| selection.holds(&|key| field(location, key)));
        found.sort_by(|a, b| a.id.cmp(&b.id));
        let total = found.len();
        if let Some(after) = &cursor.after_id {
            found.retain(|location| location.id > *after);
        }
        let limit = cursor.limit.min(MOST);
        let is_last = found.len() <= limit;
        found.truncate(limit);
        let next = found.last().filter(|_| !is_last).map(|last| {
            opaque::encode(&Cursor {
                limit: cursor.limit,
                after_id: Some(last.id.clone()),
                query: cursor.query.clone(),
            })
        });
        Ok(LocationsPage { items: found, total, next })
    }

    /// The registered location with an id.
    ///
    /// # Errors
    /// When there is none or the store fails.
    pub async fn location(&self, id: &str) -> Result<Location, ChangeError> {
        let found = self.engine.store.locations().get(id).await?;
        found.map(location).ok_or_else(|| missing(id))
    }

    /// The registered location that led to an entity.
    ///
    /// # Errors
    /// When there is none or the store fails.
    pub async fn location_of(&self, entity_ref: &EntityRef) -> Result<Location, ChangeError> {
        let origin = self.reader.shared().index.get(&entity_ref.to_string()).map(|entry| Arc::clone(&entry.origin));
        let origin = origin.ok_or_else(|| ChangeError::NotFound(format!("found no entity for ref {entity_ref}")))?;
        let all = self.locations().await?;
        let is_origin = |location: &Location| format!("{}:{}", location.location_type, location.target) == *origin;
        all.into_iter().find(is_origin).ok_or_else(|| {
            let (location_type, target) = origin.split_once(':').unwrap_or((&*origin, ""));
            ChangeError::NotFound(format!("Found no location with type {location_type} and target {target}"))
        })
    }

    /// Has a registered location lead elsewhere: what it led to before goes, unless it is there too.
    ///
    /// # Errors
    /// When there is none, another location leads there already, it is not allowed, or the store fails.
    pub async fn update_location(
        &self,
        principal: &Principal,
        id: &str,
        location_type: &str,
        target: &str,
        optional: bool,
    ) -> Result<Location, ChangeError> {
        authorize(principal, Action::RemoveLocation, id)?;
        authorize(principal, Action::RegisterLocation, target)?;
        self.check_writable()?;
        self.check_registrable(location_type, target)?;
        let target = target.trim();
        let locations = self.engine.store.locations();
        match locations.update(principal, id, location_type, target, optional).await? {
            LocationChange::Changed(record) => {
                self.sync().await?;
                Ok(location(record))
            }
            LocationChange::Taken => {
                Err(ChangeError::Conflict(format!("Location {location_type}:{target} already exists")))
            }
            LocationChange::Missing => Err(missing(id)),
        }
    }

    /// Removes a registered location with everything that it led to.
    ///
    /// # Errors
    /// When there is none, the principal may not, or the store fails.
    pub async fn remove_location(&self, principal: &Principal, id: &str) -> Result<(), ChangeError> {
        authorize(principal, Action::RemoveLocation, id)?;
        self.check_writable()?;
        let removed = self.engine.store.locations().remove(principal, id).await?;
        if removed.is_none() {
            return Err(missing(id));
        }
        self.sync().await
    }
}

fn missing(id: &str) -> ChangeError {
    ChangeError::NotFound(format!("Found no location with ID {id}"))
}

fn field<'a>(location: &'a Location, key: &str) -> Option<&'a str> {
    match key {
        "id" => Some(&location.id),
        "type" => Some(&location.location_type),
        "target" => Some(&location.target),
        "entityref" => Some(&location.entity_ref),
        _ => None,
    }
}

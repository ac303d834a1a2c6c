//! Reads the catalog with the rights of the person on whose behalf the call runs.

use crate::{Entity, Error, error};

#[cfg(target_arch = "wasm32")]
use crate::raw::host::catalog as source;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::catalog as source;

/// Which entities are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    filters: Vec<String>,
    fields: Vec<String>,
    limit: u32,
    cursor: Option<String>,
}

impl Default for Query {
    fn default() -> Self {
        Self::new()
    }
}

impl Query {
    /// The first 100 of all entities.
    pub fn new() -> Self {
        Self { filters: Vec::new(), fields: Vec::new(), limit: 100, cursor: None }
    }

    /// Only what meets conditions that must all hold, such as `kind=component,spec.type=service`; said several times,
    /// any of them.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filters.push(filter.into());
        self
    }

    /// Returns this field, such as `metadata.name`, and others that are named; without any, everything.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.fields.push(field.into());
        self
    }

    /// At most this many, and at most 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Goes on from a page's `next`.
    #[must_use]
    pub fn after(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }
}

/// Some entities, and how to get more.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub entities: Vec<Entity>,
    pub total: u64,
    pub next: Option<String>,
}

/// The entity with a full reference; none where there is no such entity or it may not be seen.
///
/// # Errors
/// When the catalog could not be asked.
pub fn get(reference: &str) -> Result<Option<Entity>, Error> {
    Ok(get_all(&[reference])?.pop().flatten())
}

/// The entities with these references, in the same order.
///
/// # Errors
/// When the catalog could not be asked.
pub fn get_all(references: &[&str]) -> Result<Vec<Option<Entity>>, Error> {
    let references: Vec<String> = references.iter().map(|&reference| reference.to_owned()).collect();
    source::get(&references)?.into_iter().map(|found| found.map(|text| read(&text)).transpose()).collect()
}

/// The entities that match.
///
/// # Errors
/// When the query is wrong or the catalog could not be asked.
pub fn query(query: Query) -> Result<Page, Error> {
    let page = source::query(&crate::raw::host::catalog::EntityQuery {
        filters: query.filters,
        fields: query.fields,
        limit: query.limit,
        cursor: query.cursor,
    })?;
    let entities = page.entities.iter().map(|text| read(text)).collect::<Result<_, _>>()?;
    Ok(Page { entities, total: page.total, next: page.next })
}

fn read(text: &str) -> Result<Entity, Error> {
    Ok(error::from_host(text)?.into())
}

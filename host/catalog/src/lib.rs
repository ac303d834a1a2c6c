//! The catalog: reads descriptors, makes entities of them, and answers questions about them.
//!
//! Files become entities one way ([`Catalog::start`] begins, a watcher keeps on): raw document, placeholders, validation,
//! rules, relations, processors, conflicts, deletion guard, one write, one event. What did not change is neither
//! processed nor written. Entities and the state of their sources are kept in `host_store`; queries are answered by an
//! index in memory that is built from those rows, because a page of entities should cost microseconds and ingestion
//! should write no search rows.
//!
//! It knows nothing of HTTP, of WebAssembly, or of how the configuration is written. Processors come through
//! `host_ports`. Nothing outside the folders of its locations is ever read.

mod analysis;
mod catalog;
mod check;
mod config;
mod declared;
mod error;
mod fields;
mod forge;
mod gate;
mod hash;
mod history;
mod housekeeping;
mod index;
mod ingest;
mod locations;
mod opaque;
mod preview;
mod provenance;
mod providers;
mod reader;
mod relations;
mod remote;
mod rules;
mod service;
mod shared;
mod sources;
mod status;
mod stream;
mod time;
mod validate;
mod watch;

pub use analysis::{Analysis, Described};
pub use catalog::{Catalog, Location, Registration, location_entity_ref};
pub use check::{CheckReport, check};
pub use config::{
    AllowedKind, CatalogConfig, CatalogLimits, ConfiguredLocation, Forge, ForgeKind, InventoryConfig, Orphans, Rule,
    RuleLocation,
};
pub use error::{ChangeError, QueryError};
pub use history::Difference;
pub use index::{
    Affected, AffectedOwner, Annotation, Direction, FullText, Graph, GraphEdge, GraphNode, GraphRequest, Hit,
    IMPACT_RELATIONS, Impact, ImpactRequest, Order, OrderField, Selection, is_on_call,
};
pub use ingest::Finding;
pub use locations::{LocationsPage, LocationsRequest};
pub use preview::Preview;
pub use providers::ProviderStatus;
pub use reader::{Ancestor, EntitiesPage, EntitiesRequest, Facet, QueryPage, QueryRequest};
pub use service::CatalogEvent;
pub use status::{Said, Saying};
pub use stream::{News, NewsItem};
pub use validate::Violation;

#[cfg(test)]
mod tests;

//! The portal's operations as types: what can be asked, what is answered, and how it fails.
//!
//! [`Portal`] has one method for each operation. The server implements it once and uses it for the JSON routes and for
//! the pages, so that a page can never show what the API would not tell. Nothing here does input or output; all of it
//! compiles to WebAssembly, because islands read the same types from the public API.

mod catalog;
mod error;
mod page;
mod panel;
mod portal;
mod scaffolder;
mod search;
mod site;

pub use catalog::{
    Ancestry, AncestryItem, CatalogProblem, EntitiesByRefs, EntityGraph, EntityList, EntityListQuery, EntityPage,
    EntityQuery, FacetValue, Facets, FacetsQuery, GraphEdge, GraphNode, GraphQuery, Location, LocationInput,
    LocationResult, OrderField, PageInfo, RawEntity,
};
pub use error::{ApiError, ApiErrorKind, ApiResult};
pub use page::{Bookmarks, FormState, PageContext, SavedView, Timer};
pub use panel::{ActionReceipt, Panel, PanelActionInput, PanelKey, PanelState, PanelView};
pub use portal::Portal;
pub use scaffolder::{
    CreateTask, DryRun, DryRunResult, ParameterSchema, ParameterStep, ScaffolderAction, TaskEventsQuery, TaskId,
    TaskList, TaskListQuery,
};
pub use search::{SearchHit, SearchPage, SearchQuery};
pub use site::SiteInfo;

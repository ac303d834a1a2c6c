//! The portal's operations as types: what can be asked, what is answered, and how it fails.
//!
//! [`Portal`] has one method for each operation. The server implements it once and uses it for the JSON routes and for
//! the pages, so that a page can never show what the API would not tell. Nothing here does input or output; all of it
//! compiles to WebAssembly, because islands read the same types from the public API.

mod catalog;
mod changes;
mod definition;
mod error;
mod history;
mod impact;
mod locations;
mod page;
mod panel;
mod portal;
mod problems;
mod provider;
mod scaffolder;
mod search;
mod site;
mod status;

pub use catalog::{
    Ancestry, AncestryItem, CatalogProblem, EntitiesByRefs, EntityGraph, EntityList, EntityListQuery, EntityPage,
    EntityQuery, FacetValue, Facets, FacetsQuery, GraphDirection, GraphEdge, GraphGroup, GraphGroupLink, GraphNode,
    GraphQuery, Location, LocationInput, LocationResult, OrderField, PageInfo, RawEntity, letters, width_in_letters,
};
pub use changes::{ChangeEvent, ChangeEventKind, ChangePage, ChangedPart, ChangesQuery};
pub use definition::{
    ApiDefinition, ApiExample, ApiGroup, ApiOperation, ApiSchema, ApiSection, ApiSecurity, ApiServer, ApiType,
    DefinitionDocument, DefinitionSummary,
};
pub use error::{ApiError, ApiErrorKind, ApiResult};
pub use history::{Cause, CauseKind, ChangeKind, EntityDiff, EntityHistory, EntityVersion, HistoryQuery, VersionInfo};
pub use host_model::history::{FieldChange, FieldChangeKind, FieldOrigin, OriginStep, Provenance, SourceState};
pub use impact::{Impact, ImpactEntity, ImpactItem, ImpactOwner, ImpactQuery, ImpactStep, OnCall};
pub use locations::{
    AnalyzeLocation, EntityViolation, ExistingEntityFile, GeneratedEntity, GeneratedField, LocationAnalysis,
    LocationPage, LocationQuery, LocationTarget, RegisterMode, ValidateEntity,
};
pub use page::{Bookmarks, FormState, PageContext, SavedView, Timer};
pub use panel::{ActionReceipt, Panel, PanelActionInput, PanelKey, PanelState, PanelView};
pub use portal::Portal;
pub use problems::{LocationPreview, OwnedProblem, ProblemCount, ProblemPage, ProblemQuery};
pub use provider::{ProviderInfo, RunProvider};
pub use scaffolder::{
    CreateTask, DryRun, DryRunResult, ParameterSchema, ParameterStep, ScaffolderAction, TaskEventsQuery, TaskId,
    TaskList, TaskListQuery,
};
pub use search::{SearchHit, SearchPage, SearchQuery};
pub use site::SiteInfo;
pub use status::{EntityStatuses, SourceStatus, StatusBatch, StatusBatchItem, StatusError, StatusInput, StatusResult};

//! The portal's operations.

use std::sync::Arc;

use async_trait::async_trait;
use host_model::plugin::Status;
use host_model::task::{Task, TaskEvent};
use host_model::{EntityRef, Principal};

use crate::{
    ActionReceipt, AnalyzeLocation, Ancestry, ApiResult, CatalogProblem, ChangePage, ChangesQuery, CreateTask,
    DefinitionDocument, DefinitionSummary, DryRun, DryRunResult, EntitiesByRefs, EntityDiff, EntityGraph,
    EntityHistory, EntityList, EntityListQuery, EntityPage, EntityQuery, EntityStatuses, EntityVersion,
    EntityViolation, Facets, FacetsQuery, GraphQuery, HistoryQuery, Impact, ImpactQuery, Location, LocationAnalysis,
    LocationInput, LocationPage, LocationPreview, LocationQuery, LocationResult, Panel, PanelActionInput, PanelKey,
    PanelState, PanelView, ParameterSchema, ProblemCount, ProblemPage, ProblemQuery, Provenance, ProviderInfo,
    RawEntity, RegisterMode, RunProvider, ScaffolderAction, SearchPage, SearchQuery, StatusBatch, StatusInput,
    StatusResult, TaskEventsQuery, TaskId, TaskList, TaskListQuery, ValidateEntity,
};

/// Everything that can be asked of the portal, with the principal who asks as first argument.
#[async_trait]
pub trait Portal: Send + Sync + 'static {
    /// Why nothing can be changed at the moment, such as a full disk; every page says so. None when all is well.
    fn refusal(&self) -> Option<&'static str> {
        None
    }
    /// `GET /api/catalog/entities`.
    async fn entities(&self, principal: &Principal, query: EntityListQuery) -> ApiResult<EntityList>;
    /// `GET` and `POST /api/catalog/entities/by-query`.
    async fn query_entities(&self, principal: &Principal, query: EntityQuery) -> ApiResult<EntityPage>;
    /// `GET /api/catalog/entities/by-name/{kind}/{namespace}/{name}`.
    async fn entity_by_name(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<RawEntity>;
    /// `GET /api/catalog/entities/by-uid/{uid}`.
    async fn entity_by_uid(&self, principal: &Principal, uid: &str) -> ApiResult<RawEntity>;
    /// `DELETE /api/catalog/entities/by-uid/{uid}`.
    async fn delete_entity(&self, principal: &Principal, uid: &str) -> ApiResult<()>;
    /// `POST /api/catalog/entities/by-refs`.
    async fn entities_by_refs(&self, principal: &Principal, query: EntitiesByRefs)
    -> ApiResult<Vec<Option<RawEntity>>>;
    /// `GET` and `POST /api/catalog/entity-facets`.
    async fn facets(&self, principal: &Principal, query: FacetsQuery) -> ApiResult<Facets>;
    /// `GET /api/catalog/entities/by-name/{kind}/{namespace}/{name}/ancestry`.
    async fn ancestry(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<Ancestry>;
    /// `POST /api/catalog/refresh`.
    async fn refresh(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<()>;
    /// `GET /api/catalog/locations`.
    async fn locations(&self, principal: &Principal) -> ApiResult<Vec<Location>>;
    /// `POST /api/catalog/locations`.
    async fn add_location(
        &self,
        principal: &Principal,
        input: LocationInput,
        mode: RegisterMode,
    ) -> ApiResult<LocationResult>;
    /// `POST /api/catalog/locations/by-query`.
    async fn query_locations(&self, principal: &Principal, query: LocationQuery) -> ApiResult<LocationPage>;
    /// `GET /api/catalog/locations/{id}`.
    async fn location(&self, principal: &Principal, id: &str) -> ApiResult<Location>;
    /// `GET /api/catalog/locations/by-entity/{kind}/{namespace}/{name}`.
    async fn location_of(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<Location>;
    /// `PUT /api/catalog/locations/{id}`: has the location lead elsewhere.
    async fn update_location(&self, principal: &Principal, id: &str, input: LocationInput) -> ApiResult<Location>;
    /// `DELETE /api/catalog/locations/{id}`.
    async fn delete_location(&self, principal: &Principal, id: &str) -> ApiResult<()>;
    /// `POST /api/catalog/analyze-location`.
    async fn analyze_location(&self, principal: &Principal, input: AnalyzeLocation) -> ApiResult<LocationAnalysis>;
    /// `POST /api/catalog/validate-entity`: everything that is wrong with an entity; empty when it is valid.
    async fn validate_entity(&self, principal: &Principal, input: ValidateEntity) -> ApiResult<Vec<EntityViolation>>;
    /// A number that is another one whenever an answer about entities may be another one.
    fn catalog_version(&self) -> u64;
    /// `GET /api/catalog/problems?entity=…`: what is wrong with an entity, or, for a Location, with all that it leads
    /// to; without an entity, everything that is wrong.
    async fn problems(&self, principal: &Principal, entity: Option<&EntityRef>) -> ApiResult<Vec<CatalogProblem>>;
    /// `GET /api/catalog/providers`: how each entity provider is doing.
    async fn providers(&self, principal: &Principal) -> ApiResult<Vec<ProviderInfo>>;
    /// `POST /api/catalog/providers/{name}/run`: lets an entity provider run at once.
    async fn run_provider(&self, principal: &Principal, name: &str, run: RunProvider) -> ApiResult<()>;
    /// `GET /api/catalog/graph` and `GET /api/catalog/graph/{kind}/{namespace}/{name}`: a neighbourhood, laid out.
    async fn graph(&self, principal: &Principal, query: GraphQuery) -> ApiResult<EntityGraph>;
    /// `GET /api/catalog/impact/{kind}/{namespace}/{name}`: what fails when an entity fails.
    async fn impact(&self, principal: &Principal, query: ImpactQuery) -> ApiResult<Impact>;

    /// `asOf=` on the catalog's reading routes: the catalog as it was at an instant (RFC 3339). What is not read from
    /// the catalog's entities is as it is now.
    async fn as_of(&self, principal: &Principal, instant: &str) -> ApiResult<Arc<dyn Portal>>;
    /// `GET /api/catalog/entities/by-name/{kind}/{namespace}/{name}/history`, also of an entity that is gone.
    async fn entity_history(&self, principal: &Principal, query: HistoryQuery) -> ApiResult<EntityHistory>;
    /// `GET …/history/{version}`.
    async fn entity_version(&self, principal: &Principal, entity: &EntityRef, version: u64)
    -> ApiResult<EntityVersion>;
    /// `GET …/diff?from=&to=`: what differs between two versions; without `to` the newest, without `from` the one
    /// before `to`.
    async fn entity_diff(
        &self,
        principal: &Principal,
        entity: &EntityRef,
        from: Option<u64>,
        to: Option<u64>,
    ) -> ApiResult<EntityDiff>;
    /// `GET …/provenance`: where each field of an entity comes from.
    async fn provenance(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<Provenance>;
    /// `GET …/status`: what others say of an entity.
    async fn entity_statuses(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<EntityStatuses>;
    /// `POST …/status`.
    async fn set_status(&self, principal: &Principal, entity: &EntityRef, input: StatusInput) -> ApiResult<()>;
    /// `DELETE …/status?source=`: what one source says, or without a source what all of them say.
    async fn delete_status(&self, principal: &Principal, entity: &EntityRef, source: Option<&str>) -> ApiResult<()>;
    /// `POST /api/catalog/entities/status-batch`: each for itself, in the same order.
    async fn set_statuses(&self, principal: &Principal, batch: StatusBatch) -> ApiResult<Vec<StatusResult>>;
    /// `GET /api/catalog/changes`, and what its event stream is made of.
    async fn changes(&self, principal: &Principal, query: ChangesQuery) -> ApiResult<ChangePage>;
    /// `GET /api/catalog/problems/by-query`: what is wrong anywhere, with who should put it right.
    async fn query_problems(&self, principal: &Principal, query: ProblemQuery) -> ApiResult<ProblemPage>;
    /// `GET /api/catalog/problems/count`: how much is wrong anywhere.
    async fn count_problems(&self, principal: &Principal) -> ApiResult<ProblemCount>;
    /// `POST /api/catalog/locations/preview`: what a location would bring, and what is wrong with it.
    async fn preview_location(&self, principal: &Principal, input: LocationInput) -> ApiResult<LocationPreview>;
    /// `GET /api/catalog/definition/{kind}/{namespace}/{name}`: what an API's definition says; `…/raw` gives its text.
    async fn definition(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<DefinitionDocument>;
    /// `GET /api/catalog/definition-summaries?entity=…`: what lists say of definitions, in the order of the references;
    /// none for what has no definition, and for what could not be read in a moment.
    async fn definition_summaries(
        &self,
        principal: &Principal,
        entities: &[EntityRef],
    ) -> ApiResult<Vec<Option<DefinitionSummary>>>;

    /// `GET /api/views/{namespace}/{kind}/{name}`: the cards that an entity has.
    async fn panels(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<Vec<Panel>>;
    /// `GET /api/views/{namespace}/{kind}/{name}/{plugin}/{card}`: one card's contents. What keeps the plugin from
    /// answering is part of the answer; an error means that there is no such card.
    async fn panel(
        &self,
        principal: &Principal,
        key: &PanelKey,
        state: &PanelState,
        locale: &str,
    ) -> ApiResult<PanelView>;
    /// `POST /api/views/{namespace}/{kind}/{name}/{plugin}/{card}/actions`.
    async fn act(
        &self,
        principal: &Principal,
        key: &PanelKey,
        input: PanelActionInput,
        locale: &str,
    ) -> ApiResult<ActionReceipt>;

    /// `GET /api/plugins`.
    async fn plugins(&self, principal: &Principal) -> ApiResult<Vec<Status>>;
    /// `GET /api/plugins/{id}/logs`: the last lines, oldest first.
    async fn plugin_logs(&self, principal: &Principal, id: &str) -> ApiResult<Vec<String>>;

    /// `GET /api/scaffolder/v2/templates/{namespace}/{kind}/{name}/parameter-schema`.
    async fn parameter_schema(&self, principal: &Principal, template: &EntityRef) -> ApiResult<ParameterSchema>;
    /// `GET /api/scaffolder/v2/actions`.
    async fn actions(&self, principal: &Principal) -> ApiResult<Vec<ScaffolderAction>>;
    /// `POST /api/scaffolder/v2/tasks`.
    async fn create_task(&self, principal: &Principal, input: CreateTask) -> ApiResult<TaskId>;
    /// `GET /api/scaffolder/v2/tasks`.
    async fn tasks(&self, principal: &Principal, query: TaskListQuery) -> ApiResult<TaskList>;
    /// `GET /api/scaffolder/v2/tasks/{id}`.
    async fn task(&self, principal: &Principal, id: &str) -> ApiResult<Task>;
    /// `GET /api/scaffolder/v2/tasks/{id}/events`, and what its event stream is made of.
    async fn task_events(&self, principal: &Principal, query: TaskEventsQuery) -> ApiResult<Vec<Arc<TaskEvent>>>;
    /// `POST /api/scaffolder/v2/tasks/{id}/cancel`.
    async fn cancel_task(&self, principal: &Principal, id: &str) -> ApiResult<()>;
    /// `POST /api/scaffolder/v2/dry-run`.
    async fn dry_run(&self, principal: &Principal, input: DryRun) -> ApiResult<DryRunResult>;

    /// `GET /api/search/query`.
    async fn search(&self, principal: &Principal, query: SearchQuery) -> ApiResult<SearchPage>;
}

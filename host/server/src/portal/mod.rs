//! The portal's operations over the features: the one implementation of [`host_api::Portal`].

mod catalog;
mod changes;
mod definitions;
mod graph;
mod history;
mod layout;
mod locations;
mod panels;
mod plugins;
mod problems;
mod providers;
mod scaffolder;
mod search;
mod status;

use std::sync::Arc;

use async_trait::async_trait;
use host_api::{
    ActionReceipt, AnalyzeLocation, Ancestry, ApiError, ApiErrorKind, ApiResult, CatalogProblem, ChangePage,
    ChangesQuery, CreateTask, DefinitionDocument, DefinitionSummary, DryRun, DryRunResult, EntitiesByRefs, EntityDiff,
    EntityGraph, EntityHistory, EntityList, EntityListQuery, EntityPage, EntityQuery, EntityStatuses, EntityVersion,
    EntityViolation, Facets, FacetsQuery, GraphQuery, HistoryQuery, Impact, ImpactQuery, Location, LocationAnalysis,
    LocationInput, LocationPage, LocationPreview, LocationQuery, LocationResult, Panel, PanelActionInput, PanelKey,
    PanelState, PanelView, ParameterSchema, Portal, ProblemCount, ProblemPage, ProblemQuery, Provenance, ProviderInfo,
    RawEntity, RegisterMode, RunProvider, ScaffolderAction, SearchPage, SearchQuery, StatusBatch, StatusInput,
    StatusResult, TaskEventsQuery, TaskId, TaskList, TaskListQuery, ValidateEntity,
};
use host_catalog::Catalog;
use host_model::plugin::{PluginError, Status};
use host_model::task::{Task, TaskEvent};
use host_model::{EntityRef, Principal};
use host_plugins::PluginHost;
use host_policy::{Action, authorize};
use host_ports::Extensions;
use host_scaffolder::Scaffolder;
use host_store::Store;

use definitions::Definitions;
use layout::{Fitting, GraphLayout};
use problems::Inbox;

/// The features that the portal is made of.
#[derive(Clone)]
pub struct Features {
    pub catalog: Catalog,
    pub scaffolder: Scaffolder,
    pub plugins: PluginHost,
    pub extensions: Arc<dyn Extensions>,
    /// For changes that no other feature writes down, and to know whether changes are kept.
    pub store: Store,
}

/// The portal of this process.
pub struct LocalPortal {
    features: Features,
    layout: Arc<dyn GraphLayout>,
    definitions: Arc<Definitions>,
    inbox: Inbox,
}

impl LocalPortal {
    /// A portal over running features.
    pub fn new(features: Features) -> Self {
        Self { features, layout: Arc::new(Fitting), definitions: Arc::default(), inbox: Inbox::default() }
    }
}

fn may(principal: &Principal, action: Action, resource: &str) -> ApiResult<()> {
    authorize(principal, action, resource).map_err(|denied| ApiError::not_allowed(denied.to_string()))
}

/// What a plugin could not do, for those who asked it to do something.
fn plugin_error(error: PluginError) -> ApiError {
    let message = error.to_string();
    match error {
        PluginError::InvalidInput { fields } => ApiError::fields(message, fields),
        PluginError::MissingAnnotation { .. } => ApiError::input(message),
        PluginError::NotFound { .. } => ApiError::not_found(message),
        PluginError::NeedsPermission { .. } | PluginError::Denied { .. } => ApiError::not_allowed(message),
        PluginError::UpstreamStatus { .. }
        | PluginError::RateLimited { .. }
        | PluginError::Unavailable { .. }
        | PluginError::Other { .. }
        | PluginError::Fault { .. }
        | PluginError::NotServing { .. } => ApiError::new(ApiErrorKind::ServiceUnavailable, message),
    }
}

#[async_trait]
impl Portal for LocalPortal {
    fn refusal(&self) -> Option<&'static str> {
        self.features.store.refusal()
    }

    async fn entities(&self, principal: &Principal, query: EntityListQuery) -> ApiResult<EntityList> {
        may(principal, Action::ReadCatalog, "entities")?;
        self.list_entities(query)
    }

    async fn query_entities(&self, principal: &Principal, query: EntityQuery) -> ApiResult<EntityPage> {
        may(principal, Action::ReadCatalog, "entities")?;
        self.page_of_entities(query)
    }

    async fn entity_by_name(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<RawEntity> {
        self.raw_entity(principal, entity)
    }

    async fn entity_by_uid(&self, principal: &Principal, uid: &str) -> ApiResult<RawEntity> {
        may(principal, Action::ReadCatalog, uid)?;
        let found = self.features.catalog.by_uid(uid);
        found.map(|(_, text)| RawEntity(text)).ok_or_else(|| ApiError::not_found(format!("No entity with uid {uid}")))
    }

    async fn delete_entity(&self, principal: &Principal, uid: &str) -> ApiResult<()> {
        self.features.catalog.delete_by_uid(principal, uid).await.map_err(catalog::change_error)
    }

    async fn entities_by_refs(
        &self,
        principal: &Principal,
        query: EntitiesByRefs,
    ) -> ApiResult<Vec<Option<RawEntity>>> {
        may(principal, Action::ReadCatalog, "entities")?;
        self.entities_of_refs(query)
    }

    async fn facets(&self, principal: &Principal, query: FacetsQuery) -> ApiResult<Facets> {
        may(principal, Action::ReadCatalog, "entities")?;
        self.count_facets(query)
    }

    async fn ancestry(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<Ancestry> {
        may(principal, Action::ReadCatalog, &entity.to_string())?;
        self.ancestry_of(entity)
    }

    async fn refresh(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<()> {
        self.features.catalog.refresh(principal, entity).await.map_err(catalog::change_error)
    }

    async fn locations(&self, principal: &Principal) -> ApiResult<Vec<Location>> {
        may(principal, Action::ReadCatalog, "locations")?;
        self.list_locations().await
    }

    async fn add_location(
        &self,
        principal: &Principal,
        input: LocationInput,
        mode: RegisterMode,
    ) -> ApiResult<LocationResult> {
        self.register_location(principal, input, mode).await
    }

    async fn query_locations(&self, principal: &Principal, query: LocationQuery) -> ApiResult<LocationPage> {
        may(principal, Action::ReadCatalog, "locations")?;
        self.page_of_locations(query).await
    }

    async fn location(&self, principal: &Principal, id: &str) -> ApiResult<Location> {
        may(principal, Action::ReadCatalog, id)?;
        self.one_location(id).await
    }

    async fn location_of(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<Location> {
        may(principal, Action::ReadCatalog, &entity.to_string())?;
        self.location_of_entity(entity).await
    }

    async fn update_location(&self, principal: &Principal, id: &str, input: LocationInput) -> ApiResult<Location> {
        self.redirect_location(principal, id, input).await
    }

    async fn analyze_location(&self, principal: &Principal, input: AnalyzeLocation) -> ApiResult<LocationAnalysis> {
        self.look_at_location(principal, input).await
    }

    async fn validate_entity(&self, principal: &Principal, input: ValidateEntity) -> ApiResult<Vec<EntityViolation>> {
        may(principal, Action::ReadCatalog, "validate-entity")?;
        Ok(self.judge_entity(&input))
    }

    fn catalog_version(&self) -> u64 {
        self.features.catalog.state()
    }

    async fn delete_location(&self, principal: &Principal, id: &str) -> ApiResult<()> {
        self.features.catalog.remove_location(principal, id).await.map_err(catalog::change_error)
    }

    async fn problems(&self, principal: &Principal, entity: Option<&EntityRef>) -> ApiResult<Vec<CatalogProblem>> {
        may(principal, Action::ReadCatalog, "problems")?;
        Ok(self.problems_of(entity))
    }

    async fn providers(&self, principal: &Principal) -> ApiResult<Vec<ProviderInfo>> {
        may(principal, Action::ReadCatalog, "providers")?;
        Ok(self.list_providers())
    }

    async fn run_provider(&self, principal: &Principal, name: &str, run: RunProvider) -> ApiResult<()> {
        self.ask_provider(principal, name, run).await
    }

    async fn query_problems(&self, principal: &Principal, query: ProblemQuery) -> ApiResult<ProblemPage> {
        may(principal, Action::ReadCatalog, "problems")?;
        self.page_of_problems(query).await
    }

    async fn count_problems(&self, principal: &Principal) -> ApiResult<ProblemCount> {
        may(principal, Action::ReadCatalog, "problems")?;
        self.count_of_problems().await
    }

    async fn preview_location(&self, principal: &Principal, input: LocationInput) -> ApiResult<LocationPreview> {
        self.try_out_location(principal, input).await
    }

    async fn graph(&self, principal: &Principal, query: GraphQuery) -> ApiResult<EntityGraph> {
        may(principal, Action::ReadCatalog, "graph")?;
        self.draw_graph(query).await
    }

    async fn impact(&self, principal: &Principal, query: ImpactQuery) -> ApiResult<Impact> {
        may(principal, Action::ReadCatalog, &query.root.to_string())?;
        self.impact_of(&query)
    }

    async fn as_of(&self, principal: &Principal, instant: &str) -> ApiResult<Arc<dyn Portal>> {
        may(principal, Action::ReadCatalog, "entities")?;
        self.at_instant(instant).await
    }

    async fn entity_history(&self, principal: &Principal, query: HistoryQuery) -> ApiResult<EntityHistory> {
        may(principal, Action::ReadCatalog, &query.entity.to_string())?;
        self.history_of(query).await
    }

    async fn entity_version(
        &self,
        principal: &Principal,
        entity: &EntityRef,
        version: u64,
    ) -> ApiResult<EntityVersion> {
        may(principal, Action::ReadCatalog, &entity.to_string())?;
        self.version_of(entity, version).await
    }

    async fn entity_diff(
        &self,
        principal: &Principal,
        entity: &EntityRef,
        from: Option<u64>,
        to: Option<u64>,
    ) -> ApiResult<EntityDiff> {
        may(principal, Action::ReadCatalog, &entity.to_string())?;
        self.difference_of(entity, from, to).await
    }

    async fn provenance(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<Provenance> {
        may(principal, Action::ReadCatalog, &entity.to_string())?;
        self.features.catalog.provenance(entity).await.map_err(catalog::change_error)
    }

    async fn entity_statuses(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<EntityStatuses> {
        may(principal, Action::ReadCatalog, &entity.to_string())?;
        self.statuses_of(entity)
    }

    async fn set_status(&self, principal: &Principal, entity: &EntityRef, input: StatusInput) -> ApiResult<()> {
        self.say_status(principal, entity, input).await
    }

    async fn delete_status(&self, principal: &Principal, entity: &EntityRef, source: Option<&str>) -> ApiResult<()> {
        self.features.catalog.clear_status(principal, entity, source).await.map_err(catalog::change_error)
    }

    async fn set_statuses(&self, principal: &Principal, batch: StatusBatch) -> ApiResult<Vec<StatusResult>> {
        self.say_statuses(principal, batch).await
    }

    async fn changes(&self, principal: &Principal, query: ChangesQuery) -> ApiResult<ChangePage> {
        may(principal, Action::ReadCatalog, "changes")?;
        self.changes_since(query).await
    }

    async fn definition(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<DefinitionDocument> {
        self.definition_of(principal, entity).await
    }

    async fn definition_summaries(
        &self,
        principal: &Principal,
        entities: &[EntityRef],
    ) -> ApiResult<Vec<Option<DefinitionSummary>>> {
        self.summaries_of(principal, entities).await
    }

    async fn panels(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<Vec<Panel>> {
        Ok(self.panels_of(&self.read_entity(principal, entity)?))
    }

    async fn panel(
        &self,
        principal: &Principal,
        key: &PanelKey,
        state: &PanelState,
        locale: &str,
    ) -> ApiResult<PanelView> {
        self.render_panel(principal, key, state, locale).await
    }

    async fn act(
        &self,
        principal: &Principal,
        key: &PanelKey,
        input: PanelActionInput,
        locale: &str,
    ) -> ApiResult<ActionReceipt> {
        may(principal, Action::ActOnCard, &key.entity.to_string())?;
        self.act_on_panel(principal, key, input, locale).await
    }

    async fn plugins(&self, principal: &Principal) -> ApiResult<Vec<Status>> {
        may(principal, Action::ReadPlugins, "plugins")?;
        Ok(self.features.plugins.list())
    }

    async fn plugin_logs(&self, principal: &Principal, id: &str) -> ApiResult<Vec<String>> {
        may(principal, Action::ReadPlugins, id)?;
        self.logs_of(id)
    }

    async fn parameter_schema(&self, principal: &Principal, template: &EntityRef) -> ApiResult<ParameterSchema> {
        self.template_form(principal, template).await
    }

    async fn actions(&self, principal: &Principal) -> ApiResult<Vec<ScaffolderAction>> {
        may(principal, Action::ReadCatalog, "actions")?;
        Ok(self.list_actions())
    }

    async fn create_task(&self, principal: &Principal, input: CreateTask) -> ApiResult<TaskId> {
        self.start_task(principal, input).await
    }

    async fn tasks(&self, principal: &Principal, query: TaskListQuery) -> ApiResult<TaskList> {
        self.list_tasks(principal, query).await
    }

    async fn task(&self, principal: &Principal, id: &str) -> ApiResult<Task> {
        self.one_task(principal, id).await
    }

    async fn task_events(&self, principal: &Principal, query: TaskEventsQuery) -> ApiResult<Vec<Arc<TaskEvent>>> {
        self.events_of(principal, query).await
    }

    async fn cancel_task(&self, principal: &Principal, id: &str) -> ApiResult<()> {
        self.stop_task(principal, id).await
    }

    async fn dry_run(&self, principal: &Principal, input: DryRun) -> ApiResult<DryRunResult> {
        self.try_template(principal, input).await
    }

    async fn search(&self, principal: &Principal, query: SearchQuery) -> ApiResult<SearchPage> {
        may(principal, Action::ReadCatalog, "search")?;
        self.search_catalog(query)
    }
}

//! The catalog as other parts of Callboard use it.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, RwLock};

use async_trait::async_trait;
use host_jobs::Jobs;
use host_model::{EntityRef, Principal, Severity};
use host_policy::{Action, authorize};
use host_ports::{
    CatalogError, CatalogPage, CatalogQuery, CatalogReader, EntityProvider, Extensions, LocationRegistrar,
    RegisterLocation, RegisteredLocation, SourceReader,
};
use host_store::{AuditEntry, LocationRecord, Store, StoreError};
use tokio::sync::{Notify, broadcast, watch};

use crate::gate::Gate;
use crate::history::PastViews;
use crate::index::RelationGivers;
use crate::index::{Graph, GraphRequest, Hit, Impact, ImpactRequest, Selection};
use crate::ingest::{self, Allowed, Engine, Finding, base};
use crate::providers::{Inventory, Providers, Runner};
use crate::reader::{Ancestor, EntitiesPage, EntitiesRequest, Facet, QueryPage, QueryRequest, Reader};
use crate::remote::{Remote, RemoteOptions};
use crate::service::{CatalogEvent, Service};
use crate::{CatalogConfig, ChangeError, QueryError, Violation, check, hash, housekeeping, status};

/// Most entities that plugins and actions get at a time.
const MOST_FOR_PORTS: usize = 500;

/// The catalog. Clones share it.
#[derive(Clone)]
pub struct Catalog {
    pub(crate) reader: Reader,
    service: Arc<Service>,
    past_views: Arc<PastViews>,
    /// Tells that something new may expire.
    expiry: Arc<Notify>,
    pub(crate) engine: Arc<Engine>,
}

/// A registered location with the entity that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub id: String,
    pub location_type: String,
    pub target: String,
    /// `location:default/generated-…`.
    pub entity_ref: String,
}

/// What came of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub location: Location,
    /// Whether it was registered before.
    pub existed: bool,
    /// The entities that it led to.
    pub entities: Vec<EntityRef>,
}

impl Catalog {
    /// Serves what the store has, and begins to read the sources.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(
        config: CatalogConfig,
        store: Store,
        extensions: Arc<dyn Extensions>,
        sources: Option<Arc<dyn SourceReader>>,
        jobs: &Jobs,
    ) -> Result<Self, ChangeError> {
        let (from, reading) = (store.clone(), sources.clone());
        let options = RemoteOptions {
            interval: config.address_interval,
            file_bytes: config.limits.file_bytes,
            files: config.limits.files,
        };
        let cache = config.cache.clone();
        let loaded = tokio::task::spawn_blocking(move || {
            let remote = Remote::load(from.clone(), reading, options)?;
            let catalog = match cache.and_then(|cache| ingest::restore(&from, &cache)) {
                Some((state, shared)) => {
                    let is_known = shared.index.len() > 0;
                    (state, shared, is_known)
                }
                None => ingest::load(&from)?,
            };
            Ok((catalog, remote, Providers::load(from)?))
        });
        let ((state, shared, is_known), remote, providers) = loaded.await.unwrap_or(Err(StoreError::Internal))?;
        let (shared, remote, providers) = (Arc::new(RwLock::new(shared)), Arc::new(remote), Arc::new(providers));
        let gate = Arc::new(Gate::new(store.catalog_changes()));
        let expiry: Arc<Notify> = Arc::default();
        {
            let (store, shared, gate, wake) =
                (store.clone(), Arc::clone(&shared), Arc::clone(&gate), Arc::clone(&expiry));
            jobs.spawn("catalog-status", move |cancel| {
                status::expire(store.clone(), Arc::clone(&shared), Arc::clone(&gate), Arc::clone(&wake), cancel)
            });
        }
        let (history, limits) = (store.clone(), config.history);
        jobs.spawn("catalog-history", move |cancel| housekeeping::prune(history.clone(), limits, cancel));
        let engine = Arc::new(Engine {
            config,
            store,
            extensions: Arc::clone(&extensions),
            shared: Arc::clone(&shared),
            runtime: tokio::runtime::Handle::current(),
            gate,
            remote: Arc::clone(&remote),
            providers: Arc::clone(&providers),
        });
        let service = Arc::new(Service::new(Arc::clone(&engine), state, is_known));
        let running = Arc::clone(&service);
        jobs.spawn("catalog", move |cancel| Arc::clone(&running).run(cancel));
        let running = Arc::clone(&service);
        jobs.spawn("catalog-texts", move |cancel| Arc::clone(&running).bound_texts(cancel));
        let look_again = {
            let service = Arc::clone(&service);
            move || service.look_again()
        };
        let (reading, changed) = (Arc::clone(&remote), look_again.clone());
        jobs.spawn("addresses", move |cancel| Arc::clone(&reading).run(cancel, changed.clone()));
        let inventories = sources.iter().flat_map(|reader| {
            let inventory = |config| Arc::new(Inventory::new(config, Arc::clone(reader))) as Arc<dyn EntityProvider>;
            engine.config.inventories.iter().map(inventory)
        });
        let built_in: Arc<[Arc<dyn EntityProvider>]> = inventories.collect();
        let runner = Arc::new(Runner::new(providers, remote, look_again));
        jobs.spawn("providers", move |cancel| {
            Arc::clone(&runner).run(Arc::clone(&built_in), Arc::clone(&extensions), cancel)
        });
        Ok(Self { reader: Reader(shared), service, engine, past_views: Arc::default(), expiry })
    }

    /// Leaves a file in the cache from which the next start is quick. Called when nothing changes any more.
    pub async fn save(&self) {
        let service = Arc::clone(&self.service);
        if tokio::task::spawn_blocking(move || service.save()).await.is_err() {
            tracing::warn!("the catalog was not left for a quick start");
        }
    }

    /// Resolves once every location of the configuration has been read, or at once on later starts.
    pub async fn ready(&self) {
        // The sender lives as long as the catalog does.
        let _ = self.service.ready().wait_for(|ready| *ready).await;
    }

    /// Whether [`Catalog::ready`] would resolve at once, to be followed.
    pub fn readiness(&self) -> watch::Receiver<bool> {
        self.service.ready()
    }

    /// Changes from now on. A receiver that falls behind should look at everything again.
    pub fn events(&self) -> broadcast::Receiver<CatalogEvent> {
        self.service.events()
    }

    /// Says that every plugin has reached a final state: what those that are missing had changed goes. Happens by itself
    /// some seconds after the start.
    pub fn extensions_settled(&self) {
        self.service.extensions_settled();
    }

    /// The same catalog, but answering from another index.
    pub(crate) fn with_reader(&self, reader: Reader) -> Self {
        Self { reader, ..self.clone() }
    }

    pub(crate) fn past_views(&self) -> &Arc<PastViews> {
        &self.past_views
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    pub(crate) fn gate(&self) -> &Arc<Gate> {
        &self.engine.gate
    }

    pub(crate) fn config(&self) -> &CatalogConfig {
        &self.engine.config
    }

    /// What led to an entity, and who states each relation that it has.
    pub(crate) fn relation_givers(&self, entity_ref: &str) -> (Option<String>, RelationGivers) {
        let shared = self.reader.shared();
        let parent = shared.index.get(entity_ref).and_then(|entry| entry.parent);
        let parent = parent.map(|parent| shared.index.reference(parent).to_string());
        (parent, shared.index.givers(entity_ref))
    }

    pub(crate) fn wake_expiry(&self) {
        self.expiry.notify_one();
    }

    pub(crate) fn store(&self) -> &Store {
        &self.engine.store
    }

    /// The etag of an entity as readers see it.
    pub(crate) fn etag(&self, entity_ref: &str) -> Option<String> {
        self.reader.shared().index.get(entity_ref).map(|entry| entry.etag().to_owned())
    }

    /// A number that is another one whenever an answer about entities may be another one.
    pub fn state(&self) -> u64 {
        self.reader.shared().index.state()
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.reader.len()
    }

    /// Whether there is no entity.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The references of every entity, in order.
    pub fn all_refs(&self) -> Vec<Arc<str>> {
        self.reader.shared().index.iter().map(|(entity_ref, _)| Arc::clone(entity_ref)).collect()
    }

    /// The entity with a reference, as JSON text.
    pub fn get(&self, entity_ref: &EntityRef) -> Option<Arc<str>> {
        self.reader.get(entity_ref)
    }

    /// The entity with a uid: its reference and its JSON text.
    pub fn by_uid(&self, uid: &str) -> Option<(EntityRef, Arc<str>)> {
        self.reader.by_uid(uid)
    }

    /// Entities in the order of references as written; none where there is no such entity or it does not match.
    ///
    /// # Errors
    /// When a field cannot be read.
    pub fn by_refs(
        &self,
        refs: &[String],
        selection: &Selection,
        fields: &[String],
    ) -> Result<Vec<Option<Arc<str>>>, QueryError> {
        self.reader.by_refs(refs, selection, fields)
    }

    /// Entities in a row, by reference if no order is given.
    ///
    /// # Errors
    /// When a field or the place to go on from cannot be read.
    pub fn entities(&self, request: &EntitiesRequest) -> Result<EntitiesPage, QueryError> {
        self.reader.entities(request)
    }

    /// A page of entities. Those that lack the first field of the order are left out, as Backstage does.
    ///
    /// # Errors
    /// When a field or the cursor cannot be read.
    pub fn query_entities(&self, request: &QueryRequest) -> Result<QueryPage, QueryError> {
        self.reader.query(request)
    }

    /// The values of fields among the entities that are meant, in the order of the values.
    pub fn facets(&self, facets: &[String], selection: &Selection) -> Vec<(String, Facet)> {
        self.reader.facets(facets, selection)
    }

    /// An entity, what led to it, what led to that, and so on.
    pub fn ancestry(&self, entity_ref: &EntityRef) -> Option<Vec<Ancestor>> {
        self.reader.ancestry(entity_ref)
    }

    /// Everything that is wrong with an entity that is said to come from a location (`url:https://…`), as Backstage's
    /// endpoint of that name judges it; empty when it is valid.
    pub fn validate_entity(&self, entity: &serde_json::Value, location: &str) -> Vec<Violation> {
        let model = Arc::clone(&self.reader.shared().model);
        crate::validate::validate_entity(entity, location, &model)
    }

    /// Findings about an entity; for a Location also those about everything that it led to.
    pub fn problems(&self, entity_ref: &EntityRef) -> Vec<Finding> {
        self.with_next_tries(self.reader.problems(entity_ref))
    }

    /// Every finding.
    pub fn all_problems(&self) -> Vec<Finding> {
        self.with_next_tries(self.reader.all_problems())
    }

    /// What lies within some steps of entities.
    pub fn graph(&self, request: &GraphRequest) -> Graph {
        self.reader.graph(request)
    }

    /// What fails when an entity fails; none when there is no such entity.
    pub fn impact(&self, request: &ImpactRequest) -> Option<Impact> {
        self.reader.impact(request)
    }

    /// The entities that fit a text best, and how many fit in all. Any text is allowed.
    pub fn search(&self, term: &str, limit: usize) -> (Vec<Hit>, usize) {
        self.reader.search(term, limit)
    }

    /// Looks at every source once and waits for the end.
    ///
    /// # Errors
    /// When the portal is shutting down.
    pub async fn sync(&self) -> Result<(), ChangeError> {
        self.synchronise(HashSet::new(), HashSet::new()).await
    }

    /// Removes an entity. It comes back when its file changes or is refreshed. Removing what is not there is no error.
    ///
    /// # Errors
    /// When the principal may not, or the store fails.
    pub async fn delete_by_uid(&self, principal: &Principal, uid: &str) -> Result<(), ChangeError> {
        let found = self.by_uid(uid);
        let subject = found.as_ref().map_or_else(|| uid.to_owned(), |(entity_ref, _)| entity_ref.to_string());
        authorize(principal, Action::DeleteEntity, &subject)?;
        self.check_writable()?;
        if found.is_none() {
            return Ok(());
        }
        let audit = AuditEntry::new(principal, "entity.delete", subject.clone());
        self.service.delete(subject, audit).await.ok_or(ChangeError::Closed)??;
        Ok(())
    }

    /// Registers a location as the API may: of type `url` only.
    ///
    /// # Errors
    /// When the location is not allowed, the principal may not, or the store fails.
    pub async fn add_location(
        &self,
        principal: &Principal,
        location_type: &str,
        target: &str,
        optional: bool,
    ) -> Result<Registration, ChangeError> {
        self.check_registrable(location_type, target)?;
        self.add(principal, location_type, target, optional).await
    }

    /// The API may register addresses only.
    pub(crate) fn check_registrable(&self, location_type: &str, target: &str) -> Result<(), ChangeError> {
        if location_type == "url" {
            return check_address(target.trim());
        }
        let message = "Registered locations must be of an allowed type [\"url\"]";
        Err(ChangeError::InvalidInput(message.to_owned()))
    }

    async fn add(
        &self,
        principal: &Principal,
        location_type: &str,
        target: &str,
        optional: bool,
    ) -> Result<Registration, ChangeError> {
        authorize(principal, Action::RegisterLocation, target)?;
        self.check_writable()?;
        let target = target.trim();
        match location_type {
            "url" => check_address(target)?,
            "file" => self.check_file(target, optional)?,
            other => {
                let message = format!("locations of type {other:?} cannot be registered: expected url or file");
                return Err(ChangeError::InvalidInput(message));
            }
        }
        let (record, existed) = self.engine.store.locations().add(principal, location_type, target, optional).await?;
        self.sync().await?;
        let origin = format!("{location_type}:{target}");
        self.wait_for_addresses(&origin).await?;
        let location = location(record);
        Ok(Registration { entities: self.entities_of(&location), location, existed })
    }

    /// Whether registering a location that is registered already means reading it again, where nobody says otherwise.
    pub fn refreshes_known_locations(&self) -> bool {
        self.engine.config.refresh_known_locations
    }

    /// The entities that a location led to, without the one that stands for it.
    pub fn entities_of(&self, location: &Location) -> Vec<EntityRef> {
        let origin = format!("{}:{}", location.location_type, location.target);
        let shared = self.reader.shared();
        let entities = shared
            .index
            .iter()
            .filter(|(entity_ref, entry)| *entry.origin == *origin && ***entity_ref != *location.entity_ref);
        entities.filter_map(|(entity_ref, _)| entity_ref.parse().ok()).collect()
    }

    /// A file that is registered must lie in a folder that may be read, and hold something.
    fn check_file(&self, target: &str, optional: bool) -> Result<(), ChangeError> {
        let path = Path::new(target);
        if !path.is_absolute() {
            return Err(ChangeError::InvalidInput(format!("{target} is no absolute path")));
        }
        let config = &self.engine.config;
        let folders = config.locations.iter().filter(|location| location.location_type == "file");
        let folders: Vec<_> =
            folders.map(|location| base(&location.target)).chain(config.readable_folders.iter().cloned()).collect();
        let allowed = Allowed::new(folders.iter().map(std::path::PathBuf::as_path));
        let folder = base(target);
        if allowed.resolve(&folder).is_err() {
            let message = format!("{target} lies outside the folders that may be read");
            return Err(ChangeError::InvalidInput(message));
        }
        if optional {
            return Ok(());
        }
        let report = check(&[path.to_owned()]);
        if report.entities == 0 {
            let reason =
                report.diagnostics.first().map_or_else(|| "it holds no entity".to_owned(), ToString::to_string);
            return Err(ChangeError::InvalidInput(format!("nothing in {target} can be registered: {reason}")));
        }
        Ok(())
    }

    pub(crate) fn check_writable(&self) -> Result<(), ChangeError> {
        if self.engine.config.read_only { Err(ChangeError::ReadOnly) } else { Ok(()) }
    }

    pub(crate) async fn synchronise(
        &self,
        again: HashSet<String>,
        approved: HashSet<String>,
    ) -> Result<(), ChangeError> {
        if self.service.sync(again, approved).await { Ok(()) } else { Err(ChangeError::Closed) }
    }
}

fn check_address(target: &str) -> Result<(), ChangeError> {
    if host_model::address::short_form(target).is_some() {
        return Ok(());
    }
    let schemes = ["http", "https", "ssh", "git+http", "git+https", "git+ssh"];
    let Some(url) = url::Url::parse(target).ok().filter(|url| schemes.contains(&url.scheme())) else {
        let message = format!("{target:?} is no address: expected https://…, http://…, ssh://… or git+https://…");
        return Err(ChangeError::InvalidInput(message));
    };
    // An address is shown to everybody.
    let holds_credential = url.password().is_some() || !url.scheme().ends_with("ssh") && !url.username().is_empty();
    if holds_credential {
        let message = "the address holds a user or password; put the credential under `integrations`, where it is kept to its host";
        return Err(ChangeError::InvalidInput(message.to_owned()));
    }
    Ok(())
}

/// The reference of the entity that stands for a location.
pub fn location_entity_ref(location_type: &str, target: &str) -> String {
    format!("location:default/{}", hash::location_name(&format!("{location_type}:{target}")))
}

pub(crate) fn location(record: LocationRecord) -> Location {
    let entity_ref = location_entity_ref(&record.location_type, &record.target);
    Location { id: record.id, location_type: record.location_type, target: record.target, entity_ref }
}

#[async_trait]
impl CatalogReader for Catalog {
    async fn get(&self, principal: &Principal, refs: &[EntityRef]) -> Result<Vec<Option<Arc<str>>>, CatalogError> {
        authorize(principal, Action::ReadCatalog, "catalog").map_err(ChangeError::from)?;
        Ok(refs.iter().map(|entity_ref| self.reader.get(entity_ref)).collect())
    }

    async fn query(&self, principal: &Principal, query: &CatalogQuery) -> Result<CatalogPage, CatalogError> {
        authorize(principal, Action::ReadCatalog, "catalog").map_err(ChangeError::from)?;
        let request = QueryRequest {
            selection: Selection::from_filters(&query.filters)?,
            fields: query.fields.clone(),
            limit: Some(query.limit.min(MOST_FOR_PORTS)),
            cursor: query.cursor.clone(),
            ..QueryRequest::default()
        };
        let page = self.reader.query(&request)?;
        Ok(CatalogPage { items: page.items, total: page.total as u64, next: page.next })
    }
}

#[async_trait]
impl LocationRegistrar for Catalog {
    async fn register(
        &self,
        principal: &Principal,
        request: &RegisterLocation,
    ) -> Result<RegisteredLocation, CatalogError> {
        if request.location_type == "url" && !request.optional {
            let preview = self.preview(principal, "url", &request.target).await?;
            let errors = preview.findings.iter().filter(|finding| finding.diagnostic.severity == Severity::Error);
            // The first entity is the Location that would stand for it.
            if let (Some(error), 0..=1) = (errors.into_iter().next(), preview.entities.len()) {
                let message = format!("nothing in {} can be registered: {}", request.target, error.diagnostic);
                return Err(CatalogError::InvalidInput(message));
            }
        }
        let added = self.add(principal, &request.location_type, &request.target, request.optional).await?;
        Ok(RegisteredLocation { id: added.location.id, entities: added.entities })
    }
}

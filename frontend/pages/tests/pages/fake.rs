//! A portal that is made up: a handful of entities, a template, tasks and plugins.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures::channel::oneshot;
use host_api::*;
use host_model::plugin::{
    CardDeclaration, ExtensionPoint, FaultCode, FaultRecord, Grants, Reason, Source, State, Status, UpstreamGrant,
    Width,
};
use host_model::task::{Task, TaskEvent, TaskEventKind, TaskStatus};
use host_model::view::{Block, View};
use host_model::{Diagnostic, Entity, EntityRef, Place, Principal};
use serde_json::{Value, json};

/// A text that must never reach a page unescaped.
pub(crate) const HOSTILE: &str = "<img src=x onerror=alert(1)>";

/// The address that somebody registered.
const LOCATION: &str = "https://git.example/all.yaml";

/// What kind of portal it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Friendly,
    Hostile,
    Empty,
    Broken,
}

/// The portal.
pub(crate) struct Fake {
    mood: Mood,
    /// Panels that come when they are let go, by card.
    late: std::sync::Mutex<BTreeMap<String, oneshot::Receiver<()>>>,
}

impl Fake {
    pub(crate) fn friendly() -> Self {
        Self { mood: Mood::Friendly, late: std::sync::Mutex::default() }
    }

    /// Every text holds markup, every address a script.
    pub(crate) fn hostile() -> Self {
        Self { mood: Mood::Hostile, ..Self::friendly() }
    }

    pub(crate) fn empty() -> Self {
        Self { mood: Mood::Empty, ..Self::friendly() }
    }

    /// Answers nothing.
    pub(crate) fn broken() -> Self {
        Self { mood: Mood::Broken, ..Self::friendly() }
    }

    /// Makes a panel wait until the sender is used.
    pub(crate) fn late(self, card: &str) -> (Self, oneshot::Sender<()>) {
        let (sender, receiver) = oneshot::channel();
        self.late.lock().expect("no test panics while it holds the lock").insert(card.to_owned(), receiver);
        (self, sender)
    }

    fn working(&self) -> ApiResult<()> {
        match self.mood {
            Mood::Broken => Err(ApiError::unavailable(self.say("the store is closed"))),
            _ => Ok(()),
        }
    }

    fn say(&self, words: &str) -> String {
        if self.mood == Mood::Hostile { format!("{words} {HOSTILE} \"'&") } else { words.to_owned() }
    }

    fn address(&self, address: &str) -> String {
        if self.mood == Mood::Hostile { "javascript:alert(1)".to_owned() } else { address.to_owned() }
    }

    fn entities(&self) -> Vec<Entity> {
        if self.mood == Mood::Empty {
            return Vec::new();
        }
        let entity = |kind: &str, name: &str, spec: Value, relations: Value| {
            let mut spec = spec;
            if spec.get("type").is_none() {
                spec["type"] = json!(self.say("service"));
            }
            json!({
                "apiVersion": "backstage.io/v1alpha1", "kind": kind,
                "metadata": {
                    "name": name, "namespace": "default", "title": self.say(&name.to_uppercase()), "uid": "u", "etag": "e",
                    "description": self.say("Does what it says."), "tags": [self.say("rust"), "a,b"],
                    "links": [{"url": self.address("https://runbook.example"), "title": self.say("Runbook"), "icon": "docs"}],
                    "annotations": {
                        "backstage.io/managed-by-location": self.say("file:/srv/a.yaml"),
                        "backstage.io/managed-by-origin-location": format!("url:{}", self.say(LOCATION)),
                        "backstage.io/view-url": self.address("https://git.example/a"),
                        "backstage.io/edit-url": self.address("https://git.example/a/edit"),
                        "backstage.io/source-location": format!("url:{}", self.address("https://git.example/a/")),
                        "backstage.io/techdocs-ref": "dir:.",
                        "example.com/note": self.say("note")
                    }
                },
                "spec": spec, "relations": relations
            })
        };
        let owned = json!({"type": "ownedBy", "targetRef": "group:default/shop"});
        let all = [
            entity(
                "Component",
                "checkout",
                json!({"lifecycle": self.say("production"), "owner": "shop"}),
                json!([
                    owned, {"type": "partOf", "targetRef": "system:default/store"}, {"type": "providesApi", "targetRef": "api:default/orders"},
                    {"type": "dependsOn", "targetRef": format!("resource:default/gone{}", if self.mood == Mood::Hostile { HOSTILE } else { "" })}
                ]),
            ),
            entity(
                "API",
                "orders",
                json!({"type": "openapi", "lifecycle": "production", "definition": self.say("openapi: 3.0.0")}),
                json!([owned, {"type": "apiProvidedBy", "targetRef": "component:default/checkout"}]),
            ),
            entity(
                "API",
                "tools",
                json!({"type": "mcp-server", "remotes": [{"type": "sse", "url": self.address("https://mcp.example/sse")}]}),
                (0..30).map(provider).collect(),
            ),
            entity(
                "System",
                "store",
                json!({}),
                json!([owned, {"type": "hasPart", "targetRef": "component:default/checkout"}]),
            ),
            entity(
                "Group",
                "shop",
                json!({"type": "team", "children": [], "profile": {"email": self.say("shop@example.com")}}),
                json!([{"type": "hasMember", "targetRef": "user:default/ada"}, {"type": "ownerOf", "targetRef": "component:default/checkout"}]),
            ),
            entity(
                "User",
                "ada",
                json!({"memberOf": ["shop"], "profile": {"displayName": self.say("Ada")}}),
                json!([{"type": "memberOf", "targetRef": "group:default/shop"}]),
            ),
            entity(
                "Domain",
                "hub",
                json!({"owner": "shop"}),
                json!((0..1000).map(part).chain([owned.clone()]).collect::<Vec<_>>()),
            ),
            entity("Location", "all", json!({"targets": [self.say("./*.yaml")]}), json!([])),
            entity(
                "Template",
                "service",
                json!({"steps": [{"id": "log", "name": self.say("Say it"), "action": "debug:log"}]}),
                json!([owned]),
            ),
        ];
        all.into_iter().filter_map(Entity::from_value).collect()
    }

    fn find(&self, reference: &EntityRef) -> Option<Entity> {
        let found = self.entities().into_iter().find(|entity| entity.entity_ref() == *reference);
        found.or_else(|| {
            let of_hub = self.mood != Mood::Empty && reference.name().starts_with("part-");
            let value = json!({"apiVersion": "backstage.io/v1alpha1", "kind": "System", "metadata": {"name": reference.name()}, "spec": {}});
            Entity::from_value(value).filter(|_| of_hub)
        })
    }

    fn raw(entity: &Entity) -> RawEntity {
        RawEntity(entity.clone().into_value().to_string().into())
    }

    fn panel_of(&self, card: &str) -> Panel {
        Panel {
            plugin: "ci".into(),
            plugin_title: self.say("Builds"),
            card: CardDeclaration {
                id: card.into(),
                title: self.say(&format!("Card {card}")),
                applies_to: vec![],
                width: Width::Medium,
            },
        }
    }

    pub(crate) fn task_of(&self, id: &str) -> Option<Task> {
        let status = match id {
            "done" => TaskStatus::Failed,
            "running" => TaskStatus::Processing,
            _ => return None,
        };
        Some(Task {
            id: id.into(),
            spec: json!({
                "steps": [{"id": "log", "name": self.say("Say it"), "action": "debug:log"}, {"id": "next", "name": "Next", "action": "fs:delete"}],
                "templateInfo": {"entityRef": "template:default/service", "entity": {"metadata": {"name": "service", "title": self.say("Service")}}}
            }),
            status,
            created_at: "2025-12-31T23:00:00.000Z".into(),
            last_heartbeat_at: None,
            created_by: Some(self.say("user:default/ada")),
        })
    }
}

impl Fake {
    fn version(&self, version: u64) -> VersionInfo {
        VersionInfo {
            version,
            change: if version == 1 { ChangeKind::Created } else { ChangeKind::Changed },
            at: Some("2025-12-31T23:00:00.000Z".into()),
            until: None,
            current: version == 2,
            source: self.say("file:/srv/a.yaml"),
            origin: self.say("file:/srv"),
            etag: Some("0".repeat(40)),
            cause: Cause { kind: CauseKind::Plugin, name: self.say("stamper") },
        }
    }
}

/// One of the thirty providers of the API `tools`.
fn provider(number: usize) -> Value {
    json!({"type": "apiProvidedBy", "targetRef": format!("component:default/provider-{number}")})
}

/// One of the thousand parts of the domain `hub`.
fn part(number: usize) -> Value {
    json!({"type": "hasPart", "targetRef": format!("system:default/part-{number}")})
}

fn missing(reference: impl std::fmt::Display) -> ApiError {
    ApiError::not_found(format!("{reference} does not exist"))
}

#[async_trait]
impl Portal for Fake {
    async fn entities(&self, _: &Principal, query: EntityListQuery) -> ApiResult<EntityList> {
        self.working()?;
        let kinds: Vec<String> = query
            .filters
            .iter()
            .flat_map(|filter| filter.split(','))
            .filter_map(|part| part.strip_prefix("kind="))
            .map(str::to_lowercase)
            .collect();
        let items = Self::entities(self);
        let items = items
            .iter()
            .filter(|entity| kinds.is_empty() || kinds.contains(&entity.kind().to_lowercase()))
            .map(Self::raw)
            .collect();
        Ok(EntityList { items, next: None })
    }

    async fn query_entities(&self, _: &Principal, query: EntityQuery) -> ApiResult<EntityPage> {
        self.working()?;
        let kind = query
            .filters
            .first()
            .and_then(|filter| filter.strip_prefix("kind="))
            .map(|rest| rest.split(',').next().unwrap_or_default().to_lowercase());
        let found: Vec<Entity> = Self::entities(self)
            .into_iter()
            .filter(|entity| kind.as_ref().is_none_or(|kind| entity.kind().eq_ignore_ascii_case(kind)))
            .collect();
        let total_items = found.len() as u64;
        let items = found
            .iter()
            .skip(query.offset.unwrap_or_default())
            .take(query.limit.unwrap_or(100))
            .map(Self::raw)
            .collect();
        Ok(EntityPage { items, total_items, page_info: PageInfo::default() })
    }

    async fn entity_by_name(&self, _: &Principal, entity: &EntityRef) -> ApiResult<RawEntity> {
        self.working()?;
        self.find(entity).map(|entity| Self::raw(&entity)).ok_or_else(|| missing(entity))
    }

    async fn entity_by_uid(&self, _: &Principal, uid: &str) -> ApiResult<RawEntity> {
        Err(missing(uid))
    }

    async fn delete_entity(&self, _: &Principal, uid: &str) -> ApiResult<()> {
        Err(missing(uid))
    }

    async fn entities_by_refs(&self, _: &Principal, query: EntitiesByRefs) -> ApiResult<Vec<Option<RawEntity>>> {
        self.working()?;
        let find = |reference: &String| self.find(&reference.parse().ok()?).map(|entity| Self::raw(&entity));
        Ok(query.entity_refs.iter().map(find).collect())
    }

    async fn facets(&self, _: &Principal, query: FacetsQuery) -> ApiResult<Facets> {
        self.working()?;
        let entities = Self::entities(self);
        let values = |facet: &String| {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for entity in &entities {
                let values: Vec<String> = match facet.as_str() {
                    "kind" => vec![entity.kind().to_owned()],
                    "relations.ownedBy" => entity.related("ownedBy").iter().map(ToString::to_string).collect(),
                    "metadata.tags" => entity.tags().into_iter().map(str::to_owned).collect(),
                    "spec.type" => entity.spec_type().map(str::to_owned).into_iter().collect(),
                    _ => entity.lifecycle().map(str::to_owned).into_iter().collect(),
                };
                values.into_iter().for_each(|value| *counts.entry(value).or_default() += 1);
            }
            (facet.clone(), counts.into_iter().map(|(value, count)| FacetValue { value, count }).collect())
        };
        Ok(Facets { facets: query.facets.iter().map(values).collect() })
    }

    async fn ancestry(&self, _: &Principal, entity: &EntityRef) -> ApiResult<Ancestry> {
        Err(missing(entity))
    }

    async fn refresh(&self, _: &Principal, _: &EntityRef) -> ApiResult<()> {
        Ok(())
    }

    async fn locations(&self, _: &Principal) -> ApiResult<Vec<Location>> {
        let target = self.say(LOCATION);
        let entity_ref = "location:default/generated-1".to_owned();
        Ok(vec![Location { id: "1".into(), location_type: "url".into(), target, entity_ref }])
    }

    async fn add_location(&self, _: &Principal, _: LocationInput, _: RegisterMode) -> ApiResult<LocationResult> {
        Err(ApiError::not_allowed("no"))
    }

    async fn query_locations(&self, _: &Principal, _: LocationQuery) -> ApiResult<LocationPage> {
        Ok(LocationPage::default())
    }

    async fn location(&self, _: &Principal, id: &str) -> ApiResult<Location> {
        Err(missing(id))
    }

    async fn location_of(&self, _: &Principal, entity: &EntityRef) -> ApiResult<Location> {
        Err(missing(entity))
    }

    async fn update_location(&self, _: &Principal, id: &str, _: LocationInput) -> ApiResult<Location> {
        Err(missing(id))
    }

    async fn analyze_location(&self, _: &Principal, _: AnalyzeLocation) -> ApiResult<LocationAnalysis> {
        Ok(LocationAnalysis::default())
    }

    async fn validate_entity(&self, _: &Principal, _: ValidateEntity) -> ApiResult<Vec<EntityViolation>> {
        Ok(Vec::new())
    }

    fn catalog_version(&self) -> u64 {
        0
    }

    async fn delete_location(&self, _: &Principal, id: &str) -> ApiResult<()> {
        Err(missing(id))
    }

    async fn problems(&self, _: &Principal, entity: Option<&EntityRef>) -> ApiResult<Vec<CatalogProblem>> {
        self.working()?;
        if entity.is_some_and(|entity| entity.kind() == "user") || self.mood == Mood::Empty {
            return Ok(Vec::new());
        }
        let place = Place { file: Some(self.say("/srv/a.yaml")), line: 3, column: 7 };
        let diagnostic = Diagnostic::error("yaml/syntax", self.say("a colon is missing"))
            .at(place)
            .hint(self.say("write a colon"))
            .pointer("/spec")
            .plugin("ci");
        Ok(vec![CatalogProblem { entity_ref: entity.cloned(), location: "file:/srv/a.yaml".into(), diagnostic }])
    }

    async fn providers(&self, _: &Principal) -> ApiResult<Vec<ProviderInfo>> {
        Ok(Vec::new())
    }

    async fn run_provider(&self, _: &Principal, name: &str, _: RunProvider) -> ApiResult<()> {
        Err(ApiError::not_found(format!("Found no entity provider {name}")))
    }

    async fn query_problems(&self, principal: &Principal, query: ProblemQuery) -> ApiResult<ProblemPage> {
        let problems = self.problems(principal, None).await?;
        let value = |value: &str| vec![FacetValue { value: self.say(value), count: 1 }];
        let owned = problems.into_iter().map(|problem| OwnedProblem {
            problem: CatalogProblem { entity_ref: "component:default/checkout".parse().ok(), ..problem },
            owner: "group:default/shop".parse().ok(),
            url: Some(self.address("https://forge.example/a.yaml")),
            held_by: Some(self.say("url:https://forge.example/b.yaml")),
        });
        let items: Vec<_> = owned.cycle().take(if self.mood == Mood::Empty { 0 } else { 120 }).collect();
        Ok(ProblemPage {
            total_items: items.len() as u64,
            items: items.into_iter().skip(query.offset).take(query.limit).collect(),
            owners: value("group:default/shop"),
            kinds: value("component"),
            severities: value("error"),
            codes: value("yaml/syntax"),
        })
    }

    async fn count_problems(&self, _: &Principal) -> ApiResult<ProblemCount> {
        self.working()?;
        Ok(ProblemCount { errors: 3, warnings: 2, infos: 1 })
    }

    async fn preview_location(&self, principal: &Principal, input: LocationInput) -> ApiResult<LocationPreview> {
        self.working()?;
        if input.target.contains("refused") {
            return Err(ApiError::input(self.say("refused.example is no host that may be read")));
        }
        let problems = self.problems(principal, None).await?;
        if input.target.contains("broken") {
            return Ok(LocationPreview { exists: false, entities: Vec::new(), problems });
        }
        let entities = Self::entities(self);
        let about_all = problems.iter().cloned();
        let about_one = problems
            .iter()
            .cloned()
            .map(|problem| CatalogProblem { entity_ref: "location:default/all".parse().ok(), ..problem });
        let problems = about_all.chain(about_one).collect();
        Ok(LocationPreview { exists: false, entities: entities.iter().map(Self::raw).collect(), problems })
    }

    async fn graph(&self, _: &Principal, query: GraphQuery) -> ApiResult<EntityGraph> {
        self.working()?;
        assert!(query.depth <= 10);
        let start = query.roots.first().cloned().unwrap_or_else(|| EntityRef::new("component", "default", "checkout"));
        let root = self.find(&start).ok_or_else(|| missing(&start))?;
        let node = |reference: EntityRef, x: f64| GraphNode {
            title: self.say(reference.name()),
            kind: "Component".into(),
            spec_type: Some(self.say("service")),
            exists: self.find(&reference).is_some(),
            entity_ref: reference,
            distance: u32::from(x > 40.0),
            hidden: 3,
            x,
            y: 20.0,
            width: 80.0,
            height: 30.0,
        };
        let others: Vec<EntityRef> =
            root.relations().into_iter().map(|relation| relation.target_ref).take(query.limit).collect();
        let edges = root.relations().into_iter().take(query.limit).map(|relation| GraphEdge {
            source: start.clone(),
            target: relation.target_ref,
            relation: self.say(&relation.name),
            points: vec![(0.0, 0.0), (9.0, 9.0)],
        });
        let mut nodes = vec![node(start.clone(), 40.0)];
        nodes.extend(others.into_iter().enumerate().map(|(index, reference)| node(reference, 140.0 + index as f64)));
        let group = GraphGroup {
            kind: self.say("API"),
            members: (0..12).map(|number| EntityRef::new("api", "default", &format!("a{number}"))).collect(),
            links: vec![GraphGroupLink {
                entity_ref: start.clone(),
                relation: self.say("consumesApi"),
                outward: false,
                points: vec![(1.0, 1.0), (2.0, 2.0)],
            }],
            x: 200.0,
            y: 50.0,
            width: 90.0,
            height: 30.0,
        };
        let groups = query.collapse.map(|_| group).into_iter().collect();
        Ok(EntityGraph {
            nodes,
            edges: edges.collect(),
            groups,
            width: 400.0,
            height: 100.0,
            truncated: true,
            omitted: 7,
            depth: query.depth,
        })
    }

    async fn impact(&self, _: &Principal, query: ImpactQuery) -> ApiResult<Impact> {
        self.working()?;
        self.find(&query.root).ok_or_else(|| missing(&query.root))?;
        let on_call = |from: &EntityRef| {
            vec![OnCall {
                annotation: self.say("pagerduty.com/service-id"),
                value: self.say("P123"),
                from: from.clone(),
            }]
        };
        let owner = EntityRef::new("group", "default", "shop");
        let entity = |reference: &EntityRef| ImpactEntity {
            entity_ref: reference.clone(),
            title: self.say(reference.name()),
            kind: "Component".into(),
            spec_type: Some(self.say("service")),
            exists: true,
            owner: Some(owner.clone()),
            on_call: on_call(&owner),
        };
        let reached = EntityRef::new("component", "default", "basket");
        let path = vec![ImpactStep {
            source: query.root.clone(),
            relation: self.say("dependencyOf"),
            target: reached.clone(),
        }];
        Ok(Impact {
            root: entity(&query.root),
            items: vec![ImpactItem { entity: entity(&reached), distance: 1, path }],
            owners: vec![ImpactOwner {
                entity_ref: owner.clone(),
                title: self.say("Shop"),
                count: 1,
                on_call: on_call(&owner),
            }],
            relations: vec!["dependencyOf".into()],
            total: 9,
            truncated: true,
        })
    }

    async fn as_of(&self, _: &Principal, _: &str) -> ApiResult<Arc<dyn Portal>> {
        Err(ApiError::input("this portal has no past"))
    }

    async fn entity_history(&self, _: &Principal, query: HistoryQuery) -> ApiResult<EntityHistory> {
        self.working()?;
        Ok(EntityHistory {
            items: vec![self.version(2), self.version(1)],
            entity_ref: query.entity,
            next: None,
            kept_since: "2025-12-01T00:00:00.000Z".into(),
        })
    }

    async fn entity_version(&self, _: &Principal, entity: &EntityRef, version: u64) -> ApiResult<EntityVersion> {
        self.working()?;
        let value = self.find(entity).map(Entity::into_value);
        Ok(EntityVersion { entity_ref: entity.clone(), info: self.version(version), entity: value })
    }

    async fn entity_diff(
        &self,
        _: &Principal,
        entity: &EntityRef,
        from: Option<u64>,
        to: Option<u64>,
    ) -> ApiResult<EntityDiff> {
        self.working()?;
        let change = |pointer: &str, change, from: Option<Value>, to: Option<Value>| FieldChange {
            pointer: self.say(pointer),
            change,
            from,
            to,
            shortened: false,
        };
        let text = |text: &str| Some(Value::String(self.say(text)));
        Ok(EntityDiff {
            entity_ref: entity.clone(),
            from: self.version(from.unwrap_or(1)),
            to: self.version(to.unwrap_or(2)),
            changes: vec![
                change("/spec/owner", FieldChangeKind::Changed, text("ops"), text("shop")),
                change("/metadata/tags/0", FieldChangeKind::Added, None, text("java")),
                change("/metadata/title", FieldChangeKind::Removed, text("Old"), None),
            ],
            truncated: true,
        })
    }

    async fn provenance(&self, _: &Principal, entity: &EntityRef) -> ApiResult<Provenance> {
        self.working()?;
        let field = |pointer: &str, step, plugin: Option<&str>| FieldOrigin {
            pointer: self.say(pointer),
            step,
            plugin: plugin.map(|plugin| self.say(plugin)),
            source: Some(self.say("file:/srv/a.yaml")),
            file: Some(self.say("/srv/a.yaml")),
            line: Some(3),
            column: Some(5),
            note: None,
            changed_at: Some("2025-12-31T23:00:00.000Z".into()),
            version: Some(2),
        };
        Ok(Provenance {
            entity_ref: entity.clone(),
            source: self.say("file:/srv/a.yaml"),
            origin: self.say("file:/srv"),
            source_state: SourceState::Changed,
            note: Some(self.say("the file has changed since")),
            fields: vec![
                field("/metadata/name", OriginStep::Source, None),
                field("/metadata/annotations/a~1b", OriginStep::Plugin, Some("stamper")),
            ],
            truncated: true,
        })
    }

    async fn entity_statuses(&self, _: &Principal, entity: &EntityRef) -> ApiResult<EntityStatuses> {
        self.working()?;
        Ok(EntityStatuses { entity_ref: entity.clone(), items: Vec::new() })
    }

    async fn set_status(&self, _: &Principal, _: &EntityRef, _: StatusInput) -> ApiResult<()> {
        self.working()
    }

    async fn delete_status(&self, _: &Principal, _: &EntityRef, _: Option<&str>) -> ApiResult<()> {
        self.working()
    }

    async fn set_statuses(&self, _: &Principal, _: StatusBatch) -> ApiResult<Vec<StatusResult>> {
        self.working().map(|()| Vec::new())
    }

    async fn changes(&self, _: &Principal, _: ChangesQuery) -> ApiResult<ChangePage> {
        self.working().map(|()| ChangePage::default())
    }

    async fn definition(&self, _: &Principal, entity: &EntityRef) -> ApiResult<DefinitionDocument> {
        self.working()?;
        Ok(super::definitions::document(&|text| self.say(text), entity))
    }

    async fn definition_summaries(
        &self,
        _: &Principal,
        entities: &[EntityRef],
    ) -> ApiResult<Vec<Option<DefinitionSummary>>> {
        self.working()?;
        let summary = DefinitionSummary { format: self.say("OpenAPI 3.1.0"), operations: 7, types: 3, errors: 1 };
        let with_definition = |entity: &EntityRef| entity.name() != "tools";
        Ok(entities.iter().map(|entity| with_definition(entity).then(|| summary.clone())).collect())
    }

    async fn panels(&self, _: &Principal, entity: &EntityRef) -> ApiResult<Vec<Panel>> {
        self.working()?;
        let cards: &[&str] = if entity.kind() == "component" { &["runs", "slow", "broken"] } else { &[] };
        Ok(cards.iter().map(|card| self.panel_of(card)).collect())
    }

    async fn panel(&self, _: &Principal, key: &PanelKey, state: &PanelState, _: &str) -> ApiResult<PanelView> {
        self.working()?;
        let late = self.late.lock().expect("no test panics while it holds the lock").remove(&key.card);
        if let Some(late) = late {
            late.await.ok();
        }
        match key.card.as_str() {
            "runs" | "slow" => {
                let words = format!("{} {state:?}", self.say("All is well."));
                let blocks = vec![
                    Block::Text(words),
                    Block::Entities(vec!["group:default/shop".into(), "component:default/gone".into()]),
                ];
                let view = View {
                    blocks,
                    roots: vec![0, 1],
                    actions: vec![],
                    fetched_at: None,
                    source: None,
                    missing: vec![],
                };
                Ok(PanelView { panel: self.panel_of(&key.card), view: Some(view), html: BTreeMap::new(), error: None })
            }
            "broken" => Err(ApiError::internal(self.say("the plugin is confused"))),
            _ => Err(missing(&key.card)),
        }
    }

    async fn act(&self, _: &Principal, _: &PanelKey, _: PanelActionInput, _: &str) -> ApiResult<ActionReceipt> {
        Err(ApiError::not_allowed("no"))
    }

    async fn plugins(&self, _: &Principal) -> ApiResult<Vec<Status>> {
        self.working()?;
        if self.mood == Mood::Empty {
            return Ok(Vec::new());
        }
        let status = |id: Option<&str>, file: &str, state: State| Status {
            id: id.map(str::to_owned),
            version: id.map(|_| self.say("1.0.0")),
            title: self.say(id.unwrap_or(file)),
            summary: Some(self.say("Shows builds.")),
            homepage: Some(self.address("https://plugin.example")),
            file: file.into(),
            source: Source::Folder,
            sha256: "ab".repeat(32),
            state,
            reason: Some(Reason { code: "not-a-component".into(), message: self.say("the file is no component") }),
            extension_points: vec![ExtensionPoint::UiCard],
            imports: vec![self.say("wasi:http/types")],
            requested: Grants {
                upstreams: BTreeMap::from([(
                    self.say("github"),
                    UpstreamGrant { purpose: self.say("reads runs"), routes: vec![], binding: None },
                )]),
                write: vec![self.say("metadata.x")],
            },
            granted: Grants::default(),
            calls: 12_345,
            faults: 2,
            cpu_ms: 17,
            peak_memory_bytes: 1_048_576,
            recent_faults: vec![FaultRecord {
                at: "2025-12-31T23:00:00Z".into(),
                call: "ui-card".into(),
                fault: FaultCode::Trap,
                message: self.say("unreachable"),
            }],
        };
        Ok(vec![status(Some("ci"), "ci.wasm", State::WaitingForConsent), status(None, "broken.wasm", State::Failed)])
    }

    async fn plugin_logs(&self, _: &Principal, _: &str) -> ApiResult<Vec<String>> {
        Ok(vec![self.say("\u{1b}[31mred\u{1b}[0m")])
    }

    async fn parameter_schema(&self, _: &Principal, template: &EntityRef) -> ApiResult<ParameterSchema> {
        self.working()?;
        let entity = self.find(template).ok_or_else(|| missing(template))?;
        let schema = json!({
            "required": ["name", "owner"],
            "properties": {
                "name": {"type": "string", "title": self.say("Name"), "description": self.say("A `name`"), "default": self.say("x"), "pattern": "^[a-z-]+$"},
                "owner": {"type": "string", "title": "Owner", "ui:field": "OwnerPicker"},
                "kindly": {"type": "string", "enum": [self.say("a"), "b"], "ui:widget": "radio"},
                "tags": {"type": "array", "items": {"enum": ["x", self.say("y")]}},
                "lines": {"type": "array", "items": {"type": "string"}},
                "public": {"type": "boolean", "default": true},
                "count": {"type": "integer", "minimum": 1},
                "repo": {"type": "object", "title": "Repository", "required": ["a/b"], "properties": {"a/b": {"type": "string", "title": "Path"}}}
            }
        });
        let step = ParameterStep { title: self.say("First"), description: Some(self.say("Fill it in.")), schema };
        Ok(ParameterSchema {
            title: entity.title().to_owned(),
            description: None,
            presentation: None,
            steps: vec![step],
        })
    }

    async fn actions(&self, _: &Principal) -> ApiResult<Vec<ScaffolderAction>> {
        self.working()?;
        let schema = json!({"input": {"required": ["message"], "properties": {"message": {"type": "string", "description": self.say("What to say")}}}});
        let examples = vec![json!({"description": self.say("Say it"), "example": self.say("steps: []")})];
        Ok(vec![ScaffolderAction {
            id: self.say("debug:log"),
            description: Some(self.say("Says it.")),
            examples,
            schema,
            plugin: Some(self.say("ci")),
        }])
    }

    async fn create_task(&self, _: &Principal, _: CreateTask) -> ApiResult<TaskId> {
        Err(ApiError::not_allowed("no"))
    }

    async fn tasks(&self, _: &Principal, _: TaskListQuery) -> ApiResult<TaskList> {
        self.working()?;
        let tasks: Vec<Task> = if self.mood == Mood::Empty {
            vec![]
        } else {
            ["done", "running"].iter().filter_map(|id| self.task_of(id)).collect()
        };
        Ok(TaskList { total_tasks: tasks.len() as u64, tasks })
    }

    async fn task(&self, _: &Principal, id: &str) -> ApiResult<Task> {
        self.working()?;
        self.task_of(id).ok_or_else(|| missing(id))
    }

    async fn task_events(&self, _: &Principal, query: TaskEventsQuery) -> ApiResult<Vec<Arc<TaskEvent>>> {
        self.working()?;
        let event = |id: i64, kind: TaskEventKind, body: Value| {
            Arc::new(TaskEvent {
                id,
                task_id: query.task.clone(),
                kind,
                created_at: format!("2025-12-31T23:00:0{id}.000Z"),
                body,
            })
        };
        let mut events = vec![
            event(
                1,
                TaskEventKind::Log,
                json!({"message": self.say("Beginning"), "stepId": "log", "status": "processing"}),
            ),
            event(2, TaskEventKind::Log, json!({"message": self.say("words"), "stepId": "log", "status": "completed"})),
        ];
        if query.task == "done" {
            let output = json!({
                "links": [{"title": self.say("Repository"), "url": self.address("https://git.example/x")}, {"title": "Entity", "entityRef": self.say("component:default/checkout")}],
                "text": [{"title": self.say("Next"), "content": self.say("**Read on.**")}], "remoteUrl": self.address("https://git.example/y")
            });
            events.push(event(
                3,
                TaskEventKind::Completion,
                json!({"message": "Run failed", "error": {"message": self.say("it broke")}, "output": output}),
            ));
        }
        Ok(events)
    }

    async fn cancel_task(&self, _: &Principal, id: &str) -> ApiResult<()> {
        Err(missing(id))
    }

    async fn dry_run(&self, _: &Principal, _: DryRun) -> ApiResult<DryRunResult> {
        Err(ApiError::not_allowed("no"))
    }

    async fn search(&self, _: &Principal, query: SearchQuery) -> ApiResult<SearchPage> {
        self.working()?;
        if query.term.contains("nothing") || self.mood == Mood::Empty {
            return Ok(SearchPage::default());
        }
        let hit = |entity: &Entity| SearchHit {
            document_type: "software-catalog".into(),
            document: json!({"title": entity.title(), "text": self.say("text"), "kind": entity.kind(), "namespace": "default", "type": "other", "location": entity.entity_ref().page_path()}),
            rank: 1,
            highlight: None,
        };
        let mut results: Vec<SearchHit> = Self::entities(self).iter().map(hit).collect();
        results.push(SearchHit {
            document_type: "x".into(),
            document: json!({"title": "evil", "location": "javascript:alert(1)"}),
            rank: 2,
            highlight: None,
        });
        Ok(SearchPage {
            number_of_results: results.len() as u64,
            results,
            next_page_cursor: Some("next".into()),
            previous_page_cursor: None,
        })
    }
}

//! Registering what exists: an address, what it would bring, and what came of it.
//!
//! Each step is a plain form. Looking reads the address and keeps nothing; registering keeps it. What stands in the way
//! is told beside the field or the entity, with the line of the configuration that would change it.

use std::collections::HashMap;
use std::sync::Arc;

use frontend_ui::{
    Badge, Button, ButtonVariant, CalloutView, Card, DataTable, EmptyStateView, FieldText, Icon, LinkButton,
    PageHeader, TableColumn, TextField, Tone, format, safe_url,
};
use host_api::{
    ApiError, ApiErrorKind, ApiResult, CatalogProblem, EntitiesByRefs, EntityQuery, Location, LocationInput,
    LocationPreview, PageContext,
};
use host_model::{Diagnostic, Entity, EntityRef, Severity, annotation};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::Page;
use crate::names::{Names, entity_link, list_fields, parsed};
use crate::problems::problem_list;
use crate::query::Query;

/// The most entities that are listed.
const MOST: usize = 500;
/// The most locations that are listed.
const MOST_LOCATIONS: usize = 100;

/// An entity that would come.
struct Coming {
    entity: Entity,
    /// What is wrong with it.
    problems: Vec<CatalogProblem>,
    /// The source that holds the reference already.
    held_by: Option<String>,
}

/// The step that the reader has come to.
enum Step {
    /// The address is asked for; with what was wrong with the last one.
    Ask { error: String },
    /// What the address would bring.
    Look { coming: Vec<Coming>, problems: Vec<CatalogProblem>, exists: bool, total: usize, error: String },
    /// What came.
    Done { location: Location, entities: Vec<Entity>, total: u64, problems: Vec<CatalogProblem> },
}

struct Data {
    target: String,
    step: Step,
    locations: Vec<Location>,
    names: Names,
}

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    if let Some(id) = query.first("location") {
        return done(context, &id).await;
    }
    let form = context.form.as_deref();
    let sent = form.and_then(|form| form.values.get("target")).and_then(Value::as_str).map(str::to_owned);
    let target = sent.clone().or_else(|| query.first("target")).unwrap_or_default();
    let error = form.map(|form| form.message.clone()).unwrap_or_default();
    let (step, names) = match sent.filter(|target| !target.trim().is_empty()) {
        Some(target) => look(context, target, error).await?,
        None => (Step::Ask { error }, Names::default()),
    };
    let mut locations = context.portal.locations(&context.principal).await.unwrap_or_default();
    locations.truncate(MOST_LOCATIONS);
    let data = Arc::new(Data { target, step, locations, names });
    Ok(Page::new("Register", move || draw(&data)))
}

async fn look(context: &PageContext, target: String, error: String) -> ApiResult<(Step, Names)> {
    let target = target.trim().to_owned();
    let input = LocationInput { location_type: "url".to_owned(), target, presence: None };
    let preview = match context.portal.preview_location(&context.principal, input).await {
        Ok(preview) => preview,
        Err(refused) if is_told_in_place(&refused) => {
            let error = if error.is_empty() { refused.message } else { error };
            return Ok((Step::Ask { error }, Names::default()));
        }
        Err(failed) => return Err(failed),
    };
    let LocationPreview { exists, entities, problems } = preview;
    let entities: Vec<Entity> = parsed(&entities).into_iter().filter(|entity| !is_generated(entity)).collect();
    let total = entities.len();
    let unread = problems.iter().find(|problem| problem.diagnostic.severity == Severity::Error);
    if let Some(unread) = unread.filter(|_| total == 0 && problems.len() == 1) {
        // The address itself could not be read, which is said beside its field.
        let Diagnostic { message, hint, place, .. } = &unread.diagnostic;
        let place = place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        let hint = hint.as_deref().map(|hint| format!(" (hint: {hint})")).unwrap_or_default();
        let error = if error.is_empty() { format!("{place}{message}{hint}") } else { error };
        return Ok((Step::Ask { error }, Names::default()));
    }
    let entities: Vec<Entity> = entities.into_iter().take(MOST).collect();
    let held = holders(context, &entities).await;
    let (of_entities, others): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| {
        problem.entity_ref.as_ref().is_some_and(|entity| entities.iter().any(|known| known.entity_ref() == *entity))
    });
    let mut by_entity: HashMap<EntityRef, Vec<CatalogProblem>> = HashMap::new();
    for problem in of_entities {
        if let Some(entity) = problem.entity_ref.clone() {
            by_entity.entry(entity).or_default().push(problem);
        }
    }
    let owners = entities.iter().filter_map(owner_of);
    let named = others.iter().filter_map(|problem| problem.entity_ref.clone());
    let names = Names::of(context, owners.chain(named).collect::<Vec<_>>()).await;
    let coming = entities
        .into_iter()
        .map(|entity| {
            let reference = entity.entity_ref();
            let source = entity.annotation(annotation::MANAGED_BY_LOCATION).map(str::to_owned);
            let held_by = held.get(&reference).filter(|held| source.as_ref() != Some(*held)).cloned();
            Coming { problems: by_entity.remove(&reference).unwrap_or_default(), held_by, entity }
        })
        .collect();
    Ok((Step::Look { coming, problems: others, exists, total, error }, names))
}

/// Whether a failure is about what was typed, so that it stands beside the field.
fn is_told_in_place(error: &ApiError) -> bool {
    matches!(
        error.kind,
        ApiErrorKind::Input | ApiErrorKind::NotAllowed | ApiErrorKind::Conflict | ApiErrorKind::NotFound
    )
}

/// The Location entity that stands for the address itself is no news.
fn is_generated(entity: &Entity) -> bool {
    entity.kind().eq_ignore_ascii_case("location") && entity.name().starts_with("generated-")
}

/// The owner as the entity writes it.
fn owner_of(entity: &Entity) -> Option<EntityRef> {
    let related = entity.related("ownedBy").into_iter().next();
    related.or_else(|| {
        let written = entity.pointer("/spec/owner")?.as_str()?;
        EntityRef::parse_with(written, Some("group"), entity.namespace()).ok()
    })
}

/// The sources of entities that are in the catalog already.
async fn holders(context: &PageContext, entities: &[Entity]) -> HashMap<EntityRef, String> {
    if entities.is_empty() {
        return HashMap::new();
    }
    let query = EntitiesByRefs {
        entity_refs: entities.iter().map(|entity| entity.entity_ref().to_string()).collect(),
        fields: ["kind", "metadata.name", "metadata.namespace", "metadata.annotations"].map(str::to_owned).to_vec(),
        ..EntitiesByRefs::default()
    };
    let found = context.portal.entities_by_refs(&context.principal, query).await.unwrap_or_default();
    parsed(found.iter().flatten())
        .into_iter()
        .filter_map(|entity| {
            Some((entity.entity_ref(), entity.annotation(annotation::MANAGED_BY_LOCATION)?.to_owned()))
        })
        .collect()
}

/// What came of a registration.
async fn done(context: &PageContext, id: &str) -> ApiResult<Page> {
    let location = context.portal.location(&context.principal, id).await?;
    let field = format!("metadata.annotations.{}", annotation::MANAGED_BY_ORIGIN_LOCATION);
    let query = EntityQuery {
        predicate: Some(json!({ field: format!("{}:{}", location.location_type, location.target) })),
        fields: list_fields(),
        limit: Some(MOST),
        ..EntityQuery::default()
    };
    let page = context.portal.query_entities(&context.principal, query).await?;
    let entities: Vec<Entity> = parsed(&page.items).into_iter().filter(|entity| !is_generated(entity)).collect();
    let total = page.total_items.saturating_sub((page.items.len() - entities.len()) as u64);
    let problems = match location.entity_ref.parse::<EntityRef>() {
        Ok(reference) => context.portal.problems(&context.principal, Some(&reference)).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let concerned = problems.iter().filter_map(|problem| problem.entity_ref.clone());
    let owners = entities.iter().filter_map(owner_of);
    let names = Names::of(context, concerned.chain(owners).collect::<Vec<_>>()).await;
    let target = location.target.clone();
    let step = Step::Done { location, entities, total, problems };
    let data = Arc::new(Data { target, step, locations: Vec::new(), names });
    Ok(Page::new("Registered", move || draw(&data)))
}

fn draw(data: &Data) -> AnyView {
    let content = match &data.step {
        Step::Ask { error } => ask(data, error),
        Step::Look { coming, problems, exists, total, error } => {
            preview(data, coming, problems, (*exists, *total), error)
        }
        Step::Done { location, entities, total, problems } => came(data, location, entities, *total, problems),
    };
    view! {
        <PageHeader title="Register a component"
            description="Point to a catalog-info.yaml, or to any file of descriptors, and the catalog keeps following it."/>
        <div class="stack">{content}</div>
    }
    .into_any()
}

/// The field for the address.
fn address(target: &str, error: &str) -> AnyView {
    let text = FieldText {
        label: "Address of the descriptor".to_owned(),
        help: "A file on a host that the configuration allows, such as \
               https://github.com/acme/shop/blob/main/catalog-info.yaml; * and ** stand for any names."
            .to_owned(),
        error: error.to_owned(),
        required: true,
    };
    view! {
        <form class="stack" method="post" action="/catalog-import">
            <TextField name="target" kind="url" text value=target.to_owned()
                placeholder="https://github.com/acme/shop/blob/main/catalog-info.yaml"/>
            <div class="row">
                <button class="button" type="submit" name="do" value="look" data-variant="primary">"Look at it"</button>
            </div>
        </form>
    }
    .into_any()
}

fn ask(data: &Data, error: &str) -> AnyView {
    // A host that nothing in the configuration names comes with the lines that would allow it.
    let advice = allowing(&data.target).filter(|_| error.contains("is neither in"));
    let advice = advice.map(|text| {
        view! {
            <div class="stack" data-gap="small">
                <p class="muted">"An administrator can allow the host with these lines of the configuration:"</p>
                <frontend_ui::CodeBlock text language="yaml" title="callboard.yaml"/>
            </div>
        }
    });
    let form = address(&data.target, error);
    view! {
        <Card title="What to register" icon=Icon::Plus>{form}{advice}</Card>
        {locations(&data.locations)}
    }
    .into_any()
}

/// The lines of the configuration that would allow the host of an address.
fn allowing(target: &str) -> Option<String> {
    let rest = target.split_once("://")?.1;
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | ':');
    let is_host = !host.is_empty() && host.len() < 200 && host.chars().all(plain);
    is_host.then(|| format!("backend:\n  reading:\n    allow:\n      - host: {host}\n"))
}

fn locations(locations: &[Location]) -> Option<AnyView> {
    if locations.is_empty() {
        return None;
    }
    let columns = vec![TableColumn::new("Address"), TableColumn::new("Actions").hidden_title()];
    let rows = locations
        .iter()
        .map(|location| {
            let shown = frontend_ui::with_query("/catalog-import", [("location", location.id.as_str())]);
            let label = format!("Unregister {}", location.target);
            let remove = location.entity_ref.parse::<EntityRef>().ok().map(|reference| {
                let href = format!("{}/unregister", reference.page_path());
                view! { <LinkButton href icon=Icon::Trash small=true variant=ButtonVariant::Quiet label/> }
            });
            vec![view! { <a href=shown>{location.target.clone()}</a> }.into_any(), remove.into_any()]
        })
        .collect();
    let note = format::count(locations.len() as u64, "location", "locations");
    let table = view! { <DataTable caption="Registered locations" columns rows/> };
    Some(view! { <Card title="Registered before" icon=Icon::Location note flush=true>{table}</Card> }.into_any())
}

fn preview(
    data: &Data,
    coming: &[Coming],
    problems: &[CatalogProblem],
    (exists, total): (bool, usize),
    error: &str,
) -> AnyView {
    let names = &data.names;
    let kept_out = coming.iter().filter(|item| item.held_by.is_some()).count();
    let title = if total == 0 {
        "Nothing would come".to_owned()
    } else {
        format!("{} would come", format::count(total as u64, "entity", "entities"))
    };
    let wrong = (!problems.is_empty()).then(|| {
        let severity = problems.iter().map(|problem| problem.diagnostic.severity).max().unwrap_or(Severity::Info);
        let title = format::count(problems.len() as u64, "finding", "findings");
        let list = problem_list(problems, names, true);
        view! { <CalloutView severity title>{list}</CalloutView> }
    });
    let known = exists.then(|| {
        view! {
            <CalloutView severity=Severity::Info title="This address is registered already">
                <p>"The catalog follows it; registering it again changes nothing."</p>
            </CalloutView>
        }
    });
    let refused = (!error.is_empty()).then(|| {
        let message = error.to_owned();
        view! { <CalloutView severity=Severity::Error title="It was not registered"><p>{message}</p></CalloutView> }
    });
    let columns = ["Entity", "Kind", "Owner", "What would happen"].map(TableColumn::new).to_vec();
    let rows = coming.iter().map(|item| row(item, names)).collect();
    let left_out = total.saturating_sub(coming.len());
    let more =
        (left_out > 0).then(|| view! { <p class="muted small">{format!("{left_out} more are not listed.")}</p> });
    let empty = view! {
        <EmptyStateView icon=Icon::Catalog title="No entity was found there"
            text="The file may be empty, hold no descriptors, or not be readable; the findings say more."/>
    }
    .into_any();
    let target = data.target.clone();
    let can = !exists && total > 0;
    let register = can.then(|| {
        view! {
            <form method="post" action="/catalog-import">
                <input type="hidden" name="do" value="register"/>
                <input type="hidden" name="target" value=target/>
                <Button variant=ButtonVariant::Primary icon=Icon::Check>"Register"</Button>
            </form>
        }
    });
    let summary = (kept_out > 0).then(|| {
        let text = format!("{} of them would be kept out for now.", format::group_digits(kept_out as u64));
        view! { <p class="muted">{text}</p> }
    });
    let shown = data.target.clone();
    let table = view! { <DataTable caption="What would come" columns rows empty/> };
    view! {
        {refused}
        {known}
        <Card title=title icon=Icon::Catalog flush=true
            actions=view! { <LinkButton href="/catalog-import" small=true>"Another address"</LinkButton> }.into_any()>
            {table}
        </Card>
        {more}
        {wrong}
        <div class="row" data-align="between">
            <div class="stack" data-gap="small"><code class="import-target">{shown}</code>{summary}</div>
            {register}
        </div>
    }
    .into_any()
}

fn row(item: &Coming, names: &Names) -> Vec<AnyView> {
    let entity = &item.entity;
    let owner = owner_of(entity).map(|owner| names.link(&owner));
    let worst = item.problems.iter().map(|problem| problem.diagnostic.severity).max();
    let verdict = match (&item.held_by, worst) {
        (Some(held_by), _) => {
            let held_by = held_by.clone();
            view! {
                <Badge tone=Tone::Warning>"ignored"</Badge>
                <p class="small">"It is in the catalog already, from "<code>{held_by}</code>"."</p>
            }
            .into_any()
        }
        (None, Some(Severity::Error)) => {
            view! { <Badge tone=Tone::Warning>"registered with problems"</Badge> }.into_any()
        }
        (None, Some(_)) => view! { <Badge tone=Tone::Warning>"registered with warnings"</Badge> }.into_any(),
        (None, None) => view! { <Badge tone=Tone::Ok>"registered"</Badge> }.into_any(),
    };
    let problems = (!item.problems.is_empty()).then(|| problem_list(&item.problems, names, false));
    let name = view! {
        <span class="import-entity">{entity.title().to_owned()}</span>
        <code class="small muted">{entity.entity_ref().to_string()}</code>
    };
    vec![
        name.into_any(),
        entity.kind().to_owned().into_any(),
        owner.into_any(),
        view! { <div class="stack" data-gap="small"><div>{verdict}</div>{problems}</div> }.into_any(),
    ]
}

fn came(data: &Data, location: &Location, entities: &[Entity], total: u64, problems: &[CatalogProblem]) -> AnyView {
    let names = &data.names;
    let title = format::count(total, "entity", "entities");
    let columns = ["Entity", "Kind", "Owner"].map(TableColumn::new).to_vec();
    let rows = entities
        .iter()
        .map(|entity| {
            let owner = owner_of(entity).map(|owner| names.link(&owner));
            vec![entity_link(entity), entity.kind().to_owned().into_any(), owner.into_any()]
        })
        .collect();
    let empty = view! {
        <EmptyStateView icon=Icon::Clock title="Nothing has come yet"
            text="The location is registered, and its source is read again from time to time."/>
    }
    .into_any();
    let wrong = (!problems.is_empty()).then(|| {
        let severity = problems.iter().map(|problem| problem.diagnostic.severity).max().unwrap_or(Severity::Info);
        let title = format::count(problems.len() as u64, "problem", "problems");
        let list = problem_list(problems, names, true);
        view! { <CalloutView severity title>{list}</CalloutView> }
    });
    let target = location.target.clone();
    let target = match safe_url(&target) {
        Some(url) => view! { <a href=url.to_owned() rel="noopener noreferrer">{target.clone()}</a> }.into_any(),
        None => view! { <code>{target}</code> }.into_any(),
    };
    let remove = location.entity_ref.parse::<EntityRef>().ok().map(|reference| {
        let href = format!("{}/unregister", reference.page_path());
        view! { <LinkButton href icon=Icon::Trash>"Unregister"</LinkButton> }
    });
    let table = view! { <DataTable caption="What came" columns rows empty/> };
    view! {
        <p class="import-target">{target}</p>
        {wrong}
        <Card title=title icon=Icon::Catalog flush=true>{table}</Card>
        <div class="row">
            <LinkButton href="/catalog-import" icon=Icon::Plus>"Register another"</LinkButton>
            {remove}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_to_add_name_only_a_host() {
        for (target, host) in [
            ("https://git.acme.example/a/b.yaml", Some("git.acme.example")),
            ("https://user:secret@git.acme.example:8443/a", Some("git.acme.example:8443")),
            ("https://evil\n  x: y/", None),
            ("no address", None),
            ("https:///a", None),
        ] {
            let lines = host.map(|host| format!("backend:\n  reading:\n    allow:\n      - host: {host}\n"));
            assert_eq!(allowing(target), lines, "{target}");
        }
    }
}

//! Taking out of the catalog: what would go, and what is to be done where that is not for this page to do.

use std::sync::Arc;

use frontend_ui::{
    Button, ButtonVariant, CalloutView, Card, Choice, CodeBlock, Crumb, FieldText, Icon, IconView, LinkButton,
    PageHeader, RadioField, TextField, format,
};
use futures::join;
use host_api::{ApiError, ApiErrorKind, ApiResult, EntityQuery, Location, PageContext};
use host_model::{Entity, EntityRef, Principal, Severity, annotation};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::Page;
use crate::failure::no_such_entity;
use crate::names::{entity_link, list_fields, parsed};

/// The most entities that are listed.
const MOST: usize = 200;

struct Data {
    entity: Entity,
    reference: EntityRef,
    /// The location reference that led to it in the end.
    origin: String,
    /// The registered location, if it came from one.
    location: Option<Location>,
    /// Everything that came from there.
    colocated: Vec<Entity>,
    total: u64,
    is_administrator: bool,
    /// What was chosen in the last try.
    chosen: String,
    /// What was wrong with the last try, and with its token.
    message: String,
    token_error: String,
}

/// The page.
pub(crate) async fn load(context: &PageContext, reference: EntityRef) -> ApiResult<Page> {
    let raw = match context.portal.entity_by_name(&context.principal, &reference).await {
        Err(error) if error.kind == ApiErrorKind::NotFound => return Ok(no_such_entity(context, &reference).await),
        raw => raw?,
    };
    let entity = raw.parse().ok_or_else(|| ApiError::internal("The stored entity cannot be read; see the log."))?;
    let origin = entity.annotation(annotation::MANAGED_BY_ORIGIN_LOCATION).unwrap_or_default().to_owned();
    let field = format!("metadata.annotations.{}", annotation::MANAGED_BY_ORIGIN_LOCATION);
    let query = EntityQuery {
        predicate: Some(json!({ field: origin })),
        fields: list_fields(),
        limit: Some(MOST),
        ..EntityQuery::default()
    };
    let (locations, colocated) =
        join!(context.portal.locations(&context.principal), context.portal.query_entities(&context.principal, query));
    let is_origin = |location: &Location| format!("{}:{}", location.location_type, location.target) == origin;
    let location = locations?.into_iter().find(is_origin);
    let colocated = colocated.unwrap_or_default();
    let form = context.form.as_deref();
    let token_error = form.and_then(|form| form.errors.iter().find(|error| error.field == "token"));
    let token_error = token_error.map(|error| error.message.clone()).unwrap_or_default();
    let message = form.map(|form| form.message.clone()).filter(|_| token_error.is_empty()).unwrap_or_default();
    let chosen = form.and_then(|form| form.values.get("what")).and_then(Value::as_str).unwrap_or_default();
    let title = format!("Unregister {}", entity.title());
    let data = Arc::new(Data {
        colocated: parsed(&colocated.items),
        total: colocated.total_items,
        is_administrator: context.principal == Principal::Administrator,
        chosen: chosen.to_owned(),
        entity,
        reference,
        origin,
        location,
        message,
        token_error,
    });
    Ok(Page::new(title, move || draw(&data)))
}

fn draw(data: &Data) -> AnyView {
    let Data { entity, reference, .. } = data;
    let crumbs = vec![Crumb::new("Catalog", "/catalog"), Crumb::new(entity.title(), reference.page_path())];
    let refused = (!data.message.is_empty()).then(|| {
        let message = data.message.clone();
        view! { <CalloutView severity=Severity::Error title="Nothing was removed"><p>{message}</p></CalloutView> }
    });
    let is_orphan = entity.annotation(annotation::ORPHAN) == Some("true");
    let content = match &data.location {
        Some(location) => registered(data, location),
        None if is_orphan || data.origin.is_empty() => orphan(data),
        None => configured(data),
    };
    view! {
        <PageHeader title=format!("Unregister {}", entity.title()) crumbs description="What leaves the catalog, and how."/>
        <div class="stack">{refused}{content}</div>
    }
    .into_any()
}

/// The list of what goes.
fn going(data: &Data) -> AnyView {
    let items: Vec<_> = data.colocated.iter().map(|entity| view! { <li>{entity_link(entity)}</li> }).collect();
    let left_out = data.total.saturating_sub(items.len() as u64);
    let more = (left_out > 0)
        .then(|| view! { <li class="muted">{format!("and {} more", format::group_digits(left_out))}</li> });
    view! { <ul class="unregister-list">{items}{more}</ul> }.into_any()
}

/// It came from a location that somebody registered.
fn registered(data: &Data, location: &Location) -> AnyView {
    let count = format::count(data.total, "entity", "entities");
    let options = vec![
        Choice::new("location", format!("Unregister the location: {count} will go")),
        Choice::new("entity", "Remove only this entity; it comes back when its source is read and still holds it"),
    ];
    let text = FieldText { label: "What to remove".to_owned(), required: true, ..FieldText::default() };
    // Whoever chose the smaller removal must not find the larger one in its place.
    let value = if data.chosen == "entity" { "entity" } else { "location" };
    let choice = view! { <RadioField name="what" text value options/> }.into_any();
    let target = location.target.clone();
    let id = location.id.clone();
    let hidden = view! { <input type="hidden" name="location" value=id/> }.into_any();
    let list = going(data);
    let form = form(data, view! { {hidden}{choice} }.into_any());
    view! {
        <Card title="What came from this location" icon=Icon::Location note=count>
            <p>"Registered as "<code class="import-target">{target}</code></p>
            {list}
        </Card>
        {form}
    }
    .into_any()
}

/// Nothing leads to it any more.
fn orphan(data: &Data) -> AnyView {
    let hidden = view! { <input type="hidden" name="what" value="entity"/> }.into_any();
    let form = form(data, hidden);
    view! {
        <CalloutView severity=Severity::Info title="No source leads to it any more">
            <p>"It can be removed by itself; nothing will bring it back."</p>
        </CalloutView>
        {form}
    }
    .into_any()
}

/// It came from what the configuration names.
fn configured(data: &Data) -> AnyView {
    let (location_type, target) = data.origin.split_once(':').unwrap_or(("file", data.origin.as_str()));
    let text =
        crate::yaml::to_yaml(&json!({ "catalog": { "locations": [{ "type": location_type, "target": target }] } }));
    let source = data.entity.annotation(annotation::MANAGED_BY_LOCATION).unwrap_or_default().to_owned();
    let own = (source != data.origin && !source.is_empty())
        .then(|| view! { <p>"To remove this entity alone, take it out of "<code class="import-target">{source}</code>"."</p> });
    let count = format::count(data.total, "entity", "entities");
    let list = going(data);
    let back = data.reference.page_path();
    view! {
        <CalloutView severity=Severity::Info title="The configuration brings it">
            <p>"It cannot be unregistered here, since the catalog would read it again at once."</p>
            {own}
        </CalloutView>
        <Card title="What to take out of the configuration" icon=Icon::Settings>
            <div class="stack">
                <p>"Remove this entry from the configuration file, or the pattern or folder under catalog.locations that means it; a target may be written relative to the file. Then restart Callboard."</p>
                <CodeBlock text language="yaml" title="callboard.yaml"/>
            </div>
        </Card>
        <Card title="What would go with it" icon=Icon::Catalog note=count>{list}</Card>
        <div class="row"><LinkButton href=back>"Back to the entity"</LinkButton></div>
    }
    .into_any()
}

/// The form with the administrator's token.
fn form(data: &Data, fields: AnyView) -> AnyView {
    let action = format!("{}/unregister", data.reference.page_path());
    let uid = data.entity.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default().to_owned();
    let text = FieldText {
        label: "Administrator's token".to_owned(),
        help: "It is in the file admin-token of the data folder.".to_owned(),
        error: data.token_error.clone(),
        required: true,
    };
    let token = (!data.is_administrator).then(|| view! { <TextField name="token" kind="password" text/> });
    let back = data.reference.page_path();
    view! {
        <Card title="Remove" icon=Icon::Trash>
            <form class="stack" method="post" action=action>
                <input type="hidden" name="uid" value=uid/>
                {fields}
                {token}
                <p class="unregister-warning"><IconView icon=Icon::Warning/>"Its relations and what others say of it go too. Files and repositories stay as they are."</p>
                <div class="row">
                    <Button variant=ButtonVariant::Danger icon=Icon::Trash>"Remove"</Button>
                    <LinkButton href=back>"Cancel"</LinkButton>
                </div>
            </form>
        </Card>
    }
    .into_any()
}

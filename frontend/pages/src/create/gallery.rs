//! The templates to choose from.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontend_ui::{EmptyStateView, Icon, KindIcon, LinkButton, PageHeader, TagItem, TagList, format, with_query};
use host_api::{ApiResult, EntityListQuery, PageContext};
use host_model::Entity;
use leptos::prelude::*;

use crate::names::{Names, list_fields, parsed};
use crate::query::Query;
use crate::{Page, percent};

/// The most templates that are listed.
const MOST: usize = 500;
/// The tag of templates that stand first.
const RECOMMENDED: &str = "recommended";

/// All templates, those that are recommended first.
pub(crate) async fn templates(context: &PageContext, most: usize) -> ApiResult<Vec<Entity>> {
    let query = EntityListQuery {
        filters: vec!["kind=template".to_owned()],
        fields: list_fields(),
        limit: Some(most),
        ..EntityListQuery::default()
    };
    let found = context.portal.entities(&context.principal, query).await?;
    let mut templates = parsed(&found.items);
    templates.sort_by_key(|template| (!template.tags().contains(&RECOMMENDED), template.title().to_lowercase()));
    Ok(templates)
}

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    let templates = templates(context, MOST).await?;
    let names = Names::of(context, templates.iter().flat_map(|template| template.related("ownedBy"))).await;
    let wanted = (query.first("tag"), query.first("type"));
    let data = Arc::new((templates, names, wanted));
    Ok(Page::new("Create", move || draw(&data.0, &data.1, &data.2)))
}

fn draw(templates: &[Entity], names: &Names, (tag, spec_type): &(Option<String>, Option<String>)) -> AnyView {
    let shown: Vec<&Entity> = templates
        .iter()
        .filter(|template| tag.as_deref().is_none_or(|tag| template.tags().contains(&tag)))
        .filter(|template| spec_type.as_deref().is_none_or(|wanted| template.spec_type() == Some(wanted)))
        .collect();
    let mut tags: BTreeMap<&str, u64> = BTreeMap::new();
    templates.iter().flat_map(Entity::tags).for_each(|tag| *tags.entry(tag).or_default() += 1);
    let chips: Vec<_> = tags
        .into_iter()
        .map(|(name, count)| {
            let current = tag.as_deref() == Some(name);
            let href = if current { "/create".to_owned() } else { with_query("/create", [("tag", name)]) };
            view! { <li><a class="chip" href=href aria-current=current.then_some("true")>{name.to_owned()}<span class="chip-count">{format::group_digits(count)}</span></a></li> }
        })
        .collect();
    let body = if templates.is_empty() {
        view! {
            <EmptyStateView
                icon=Icon::Template
                title="No templates yet"
                text="A Template entity in the catalog becomes a form here. Register one under catalog.locations and allow the kind in catalog.rules."
            />
        }
        .into_any()
    } else if shown.is_empty() {
        view! {
            <EmptyStateView icon=Icon::Filter title="No template matches">
                <LinkButton href="/create">"Show all templates"</LinkButton>
            </EmptyStateView>
        }
        .into_any()
    } else {
        let tiles: Vec<_> = shown.into_iter().map(|template| template_tile(template, names)).collect();
        view! { <ul class="tiles template-tiles">{tiles}</ul> }.into_any()
    };
    view! {
        <PageHeader
            title="Create"
            description="Start something new the way the house does it, or change what is running."
            actions=view! {
                <LinkButton href="/catalog-import" icon=Icon::Plus>"Register existing"</LinkButton>
                <LinkButton href="/create/tasks" icon=Icon::Clock>"Tasks"</LinkButton>
                <LinkButton href="/create/actions" icon=Icon::Docs>"Actions"</LinkButton>
            }
            .into_any()
        />
        <div class="stack">
            {(!chips.is_empty()).then(|| view! { <ul class="chips" aria-label="Tags">{chips}</ul> })}
            {body}
        </div>
    }
    .into_any()
}

/// A template as a tile.
pub(crate) fn template_tile(template: &Entity, names: &Names) -> AnyView {
    let reference = template.entity_ref();
    let form = percent::path(["create", "templates", reference.namespace(), reference.name()]);
    let owners = template.related("ownedBy");
    let tags: Vec<TagItem> =
        template.tags().iter().take(5).map(|&tag| TagItem::link(tag, with_query("/create", [("tag", tag)]))).collect();
    let spec_type = template.spec_type().unwrap_or_default().to_owned();
    let title = template.title().to_owned();
    let label = format!("Use the template {title}");
    view! {
        <li class="tile template-tile">
            <div class="tile-head">
                <KindIcon kind="template"/>
                <h2 class="tile-title"><a href=reference.page_path()>{title}</a></h2>
                <span class="tile-note">{spec_type}</span>
            </div>
            <p class="tile-text">{template.description().unwrap_or("No description.").to_owned()}</p>
            {(!tags.is_empty()).then(|| view! { <TagList tags/> })}
            <div class="tile-foot">
                {(!owners.is_empty()).then(|| view! { <span class="tile-owner">{names.links(&owners)}</span> })}
                <a class="button" data-variant="primary" data-size="small" href=form aria-label=label>"Use it"</a>
            </div>
        </li>
    }
    .into_any()
}

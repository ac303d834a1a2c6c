//! Plugins' panels: on the page of their entity, where none waits for another, and on a page of their own.
//!
//! All panels of a page are asked for at once. What is there within a moment is drawn with the page; what is not is
//! handed to `<Suspense>` and streamed when it comes.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use frontend_ui::{Crumb, Icon, LinkButton, PageHeader, PanelCard, PanelContext, PanelPlaceholder};
use futures::future::{BoxFuture, Either, FutureExt, Shared, join_all, select};
use host_api::{ApiErrorKind, ApiResult, PageContext, Panel, PanelKey, PanelState, PanelView};
use host_model::plugin::PluginError;
use host_model::view::{Block, Cell, View};
use host_model::{Entity, EntityRef, annotation};
use leptos::prelude::*;

use crate::Page;
use crate::names::Names;
use crate::query::Query;

/// How long the first part of a page waits for panels.
const MOMENT: Duration = Duration::from_millis(50);

/// A panel's contents with what people call the entities in it.
#[derive(Debug)]
pub(crate) struct Contents {
    view: PanelView,
    titles: BTreeMap<String, String>,
}

/// A panel that has been asked for.
#[derive(Clone)]
pub(crate) struct AskedPanel {
    panel: Panel,
    key: PanelKey,
    contents: Shared<BoxFuture<'static, Arc<Contents>>>,
    place: Arc<Place>,
}

/// Where panels are drawn.
#[derive(Debug)]
struct Place {
    now: i64,
    query: Vec<(String, String)>,
    edit_url: String,
    /// The path of the page, when it is not the entity's own.
    path: Option<String>,
}

/// Asks for all panels of an entity at once and waits a moment for them.
pub(crate) async fn ask(
    context: &PageContext,
    entity: &Entity,
    panels: Vec<Panel>,
    query: &Query<'_>,
) -> Vec<AskedPanel> {
    if panels.is_empty() {
        return Vec::new();
    }
    let place = Arc::new(Place::new(context, entity, query, None));
    let asked: Vec<AskedPanel> = panels
        .into_iter()
        .map(|panel| {
            let key =
                PanelKey { entity: entity.entity_ref(), plugin: panel.plugin.clone(), card: panel.card.id.clone() };
            let contents =
                contents(context.clone(), panel.clone(), key.clone(), panel_state(&key, query)).boxed().shared();
            AskedPanel { panel, key, contents, place: Arc::clone(&place) }
        })
        .collect();
    let all = join_all(asked.iter().map(|panel| panel.contents.clone()));
    match select(all, (context.timer)(MOMENT)).await {
        Either::Left(_) | Either::Right(_) => asked,
    }
}

/// One panel's contents; a failure becomes part of them, so that it is told in the panel's own frame.
async fn contents(context: PageContext, panel: Panel, key: PanelKey, state: PanelState) -> Arc<Contents> {
    let answer = context.portal.panel(&context.principal, &key, &state, &context.locale).await;
    let view = answer.unwrap_or_else(|error| {
        let message = error.message;
        let error = match error.kind {
            ApiErrorKind::NotFound => PluginError::NotServing { message },
            _ => PluginError::Other { message },
        };
        PanelView { panel, view: None, html: BTreeMap::new(), error: Some(error) }
    });
    let titles = Names::of(&context, view.view.iter().flat_map(entities_in)).await.titles();
    Arc::new(Contents { view, titles })
}

/// The entities that a view names.
fn entities_in(view: &View) -> Vec<EntityRef> {
    fn of_cell(cell: &Cell) -> Option<&str> {
        match cell {
            Cell::Entity(reference) => Some(reference),
            Cell::Person(person) => person.entity.as_deref(),
            _ => None,
        }
    }
    let texts = view.blocks.iter().flat_map(|block| -> Vec<&str> {
        match block {
            Block::Entities(references) => references.iter().map(String::as_str).collect(),
            Block::KeyValues(values) => values.iter().filter_map(|value| of_cell(&value.value)).collect(),
            Block::Table(table) => table.rows.iter().flat_map(|row| &row.cells).filter_map(of_cell).collect(),
            Block::Stats(stats) => stats.iter().filter_map(|stat| of_cell(&stat.value)).collect(),
            _ => Vec::new(),
        }
    });
    texts.filter_map(|text| text.parse().ok()).collect()
}

/// What the page's address says of one panel.
fn panel_state(key: &PanelKey, query: &Query<'_>) -> PanelState {
    let prefix = format!("{}.", PanelContext::new(key, 0).id);
    let own =
        query.pairs().iter().filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?.to_owned(), value.clone())));
    own.take(20).collect()
}

impl Place {
    fn new(context: &PageContext, entity: &Entity, query: &Query<'_>, path: Option<String>) -> Self {
        Self {
            now: context.now,
            query: query.pairs().iter().take(50).cloned().collect(),
            edit_url: entity.annotation(annotation::EDIT_URL).unwrap_or_default().to_owned(),
            path,
        }
    }

    fn draw(&self, key: &PanelKey, contents: &Contents) -> AnyView {
        let mut context = PanelContext::new(key, self.now).html(&contents.view.html);
        context.query.clone_from(&self.query);
        context.titles.clone_from(&contents.titles);
        context.idempotency = unique();
        if let Some(path) = &self.path {
            context.page_path.clone_from(path);
        }
        view! { <PanelCard panel=contents.view.clone() context edit_url=self.edit_url.clone()/> }.into_any()
    }
}

/// A text that no other drawing has. Each `RandomState` is seeded anew.
fn unique() -> String {
    format!("{:016x}{:016x}", RandomState::new().build_hasher().finish(), RandomState::new().hash_one(0_u8))
}

impl AskedPanel {
    /// The panel, or what stands in its place until it is there.
    pub(crate) fn draw(&self) -> AnyView {
        let Self { panel, key, contents, place } = self.clone();
        if let Some(contents) = contents.peek() {
            return place.draw(&key, contents);
        }
        let href = key.page_path();
        let late = contents.map(move |contents| place.draw(&key, &contents));
        view! {
            <Suspense fallback=move || view! { <PanelPlaceholder panel=panel.clone() href=href.clone()/> }>
                {Suspend::new(late)}
            </Suspense>
        }
        .into_any()
    }
}

/// The page of one panel, which waits for it.
pub(crate) async fn load(context: &PageContext, key: PanelKey, query: &Query<'_>) -> ApiResult<Page> {
    let entity = match context.portal.entity_by_name(&context.principal, &key.entity).await {
        Err(error) if error.kind == ApiErrorKind::NotFound => {
            return Ok(crate::failure::no_such_entity(context, &key.entity).await);
        }
        entity => entity?.parse().unwrap_or_else(|| Entity::new(serde_json::Map::new())),
    };
    let state = panel_state(&key, query);
    // Unlike on the page of the entity, a card that does not exist is a page that does not exist.
    let view = context.portal.panel(&context.principal, &key, &state, &context.locale).await?;
    let titles = Names::of(context, view.view.iter().flat_map(entities_in)).await.titles();
    let contents = Contents { view, titles };
    let place = Place::new(context, &entity, query, Some(key.page_path()));
    let card_title = contents.view.panel.card.title.clone();
    let entity_title = entity.title().to_owned();
    let title = format!("{card_title} · {entity_title} · Catalog");
    Ok(Page::new(title, move || {
        let entity_page = key.entity.page_path();
        let crumbs = vec![Crumb::new("Catalog", "/catalog"), Crumb::new(entity_title.clone(), entity_page.clone())];
        let retry = key.page_path();
        let brought = format!("Brought by the plugin {}.", contents.view.panel.plugin_title);
        view! {
            <PageHeader
                title=card_title.clone()
                crumbs
                description=brought
                actions=view! {
                    <LinkButton href=retry icon=Icon::Refresh>"Load again"</LinkButton>
                    <LinkButton href=entity_page>{format!("Back to {entity_title}")}</LinkButton>
                }
                .into_any()
            />
            {place.draw(&key, &contents)}
        }
        .into_any()
    }))
}

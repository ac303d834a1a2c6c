//! The APIs that an entity provides and consumes, with how much there is to each.

use frontend_ui::{Card, DataTable, EmptyStateView, Icon, TableColumn};
use host_api::{DefinitionSummary, EntitiesByRefs, PageContext};
use host_model::{Entity, EntityRef};
use leptos::prelude::*;

use super::EntityPage;
use crate::definition::summary_cell;
use crate::names::{Names, entity_link, lifecycle_badge, list_fields, parsed};

/// The most APIs of one list.
const MOST: usize = 50;

/// What the tab shows.
pub(super) struct Apis {
    provided: Vec<(Entity, Option<DefinitionSummary>)>,
    consumed: Vec<(Entity, Option<DefinitionSummary>)>,
    /// How many there are in all, those that are not in the catalog included.
    counts: (usize, usize),
    owners: Names,
}

/// Whether the entity has anything to do with APIs.
pub(super) fn has(entity: &Entity) -> bool {
    entity.kind().eq_ignore_ascii_case("component")
        && entity.relations().iter().any(|relation| matches!(relation.name.as_str(), "providesApi" | "consumesApi"))
}

/// Looks up the APIs.
pub(super) async fn load(context: &PageContext, entity: &Entity) -> Apis {
    let (provided, consumed) = (entity.related("providesApi"), entity.related("consumesApi"));
    let counts = (provided.len(), consumed.len());
    let (provided, consumed) = futures::join!(listed(context, &provided), listed(context, &consumed));
    let owners = provided.iter().chain(&consumed).flat_map(|(api, _)| api.related("ownedBy")).collect::<Vec<_>>();
    Apis { owners: Names::of(context, owners).await, provided, consumed, counts }
}

async fn listed(context: &PageContext, references: &[EntityRef]) -> Vec<(Entity, Option<DefinitionSummary>)> {
    let entity_refs: Vec<String> = references.iter().take(MOST).map(ToString::to_string).collect();
    if entity_refs.is_empty() {
        return Vec::new();
    }
    let query = EntitiesByRefs { entity_refs, fields: list_fields(), ..EntitiesByRefs::default() };
    let found = context.portal.entities_by_refs(&context.principal, query).await.unwrap_or_default();
    let found = parsed(found.iter().flatten());
    let references: Vec<EntityRef> = found.iter().map(Entity::entity_ref).collect();
    let summaries = context.portal.definition_summaries(&context.principal, &references).await.unwrap_or_default();
    let summaries = summaries.into_iter().chain(std::iter::repeat(None));
    found.into_iter().zip(summaries).collect()
}

/// The tab.
pub(super) fn draw(page: &EntityPage, apis: &Apis) -> AnyView {
    let title = page.entity.title();
    view! {
        <div class="stack">
            {card("Provides", apis.counts.0, &apis.provided, apis, format!("{title} provides no API."))}
            {card("Consumes", apis.counts.1, &apis.consumed, apis, format!("{title} consumes no API."))}
        </div>
    }
    .into_any()
}

fn card(
    title: &'static str,
    count: usize,
    list: &[(Entity, Option<DefinitionSummary>)],
    apis: &Apis,
    none: String,
) -> AnyView {
    let columns = ["Name", "Type", "Lifecycle", "Owner", "Definition"].map(TableColumn::new).to_vec();
    let rows = list
        .iter()
        .map(|(api, summary)| {
            let owners = api.related("ownedBy");
            vec![
                entity_link(api),
                api.spec_type().unwrap_or_default().to_owned().into_any(),
                lifecycle_badge(api.lifecycle()).into_any(),
                if owners.is_empty() { ().into_any() } else { apis.owners.links(&owners) },
                summary_cell(api, summary.as_ref()),
            ]
        })
        .collect();
    let missing = count.saturating_sub(list.len());
    let footer = (missing > 0 && !list.is_empty()).then(|| {
        view! { <span class="muted">{format!("{missing} more are not in the catalog or left out here.")}</span> }
            .into_any()
    });
    let text = if missing > 0 { format!("{missing} that it names are not in the catalog.") } else { none };
    let empty = view! { <EmptyStateView icon=Icon::Api title="None" text/> }.into_any();
    let note = if count > 0 { count.to_string() } else { String::new() };
    let table = view! { <DataTable caption=title columns rows empty/> };
    match footer {
        Some(footer) => view! { <Card title icon=Icon::Api note flush=true footer>{table}</Card> }.into_any(),
        None => view! { <Card title icon=Icon::Api note flush=true>{table}</Card> }.into_any(),
    }
}

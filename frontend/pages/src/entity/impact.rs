//! What fails when an entity fails: everything that depends on it, how, and who has to know.

use frontend_ui::{Card, DataTable, EmptyStateView, EntityLink, Icon, TableColumn, format};
use host_api::{ApiResult, Impact, ImpactItem, ImpactQuery, OnCall, PageContext};
use host_model::EntityRef;
use leptos::prelude::*;

use super::relations::words;

/// The most entities that are listed.
const MOST: usize = 200;
/// How many relations away at most.
const DEPTH: u32 = 10;

/// Asks for everything that a failure reaches.
pub(super) async fn load(context: &PageContext, root: &EntityRef) -> ApiResult<Impact> {
    let query = ImpactQuery { root: root.clone(), relations: Vec::new(), depth: DEPTH, limit: MOST };
    context.portal.impact(&context.principal, query).await
}

/// The card.
pub(super) fn card(impact: &ApiResult<Impact>) -> AnyView {
    let impact = match impact {
        Ok(impact) => impact,
        Err(error) => {
            let message = format!("What would fail could not be looked up: {}", error.message);
            return view! { <Card title="If it fails" icon=Icon::Warning><p class="muted">{message}</p></Card> }
                .into_any();
        }
    };
    if impact.items.is_empty() {
        return view! {
            <Card title="If it fails" icon=Icon::Warning>
                <EmptyStateView icon=Icon::CheckCircle title="Nothing else would fail" text="No entity says that it depends on this one."/>
            </Card>
        }
        .into_any();
    }
    let rows: Vec<Vec<AnyView>> = impact.items.iter().map(row).collect();
    let columns = ["Would fail", "Because", "Owner", "On call"].map(TableColumn::new).to_vec();
    let owners: Vec<_> = impact
        .owners
        .iter()
        .map(|owner| {
            let (reference, title) = (owner.entity_ref.to_string(), owner.title.clone());
            let count = format::group_digits(owner.count);
            view! { <li><EntityLink reference title/>" "<span class="muted small">{count}</span></li> }
        })
        .collect();
    let owners = (!owners.is_empty()).then(|| {
        view! { <div class="impact-owners"><span class="muted">"Tell"</span><ul class="inline-list">{owners}</ul></div> }
    });
    let truncated = impact.truncated.then(|| {
        let note = format!("The nearest {} of {} are listed.", impact.items.len(), format::group_digits(impact.total));
        view! { <p class="related-empty">{note}</p> }
    });
    let note = format::count(impact.total, "entity", "entities");
    view! {
        <Card title="If it fails" icon=Icon::Warning note flush=true id="impact">
            {owners}
            <DataTable caption="What would fail" columns rows/>
            {truncated}
        </Card>
    }
    .into_any()
}

fn row(item: &ImpactItem) -> Vec<AnyView> {
    let entity = &item.entity;
    let link = view! { <EntityLink reference=entity.entity_ref.to_string() title=entity.title.clone()/> }.into_any();
    let owner = entity.owner.as_ref().map(|owner| view! { <EntityLink reference=owner.to_string() plain=true/> });
    vec![link, way(item), owner.into_any(), on_call(&entity.on_call)]
}

/// How the failure gets there, from what fails to what it reaches.
fn way(item: &ImpactItem) -> AnyView {
    let steps: Vec<_> = item
        .path
        .iter()
        .map(|step| {
            let (relation, target) = (words(&step.relation).to_lowercase(), step.target.name().to_owned());
            view! { <li><span class="muted">{relation}</span>" "<span>{target}</span></li> }
        })
        .collect();
    view! { <ol class="impact-way">{steps}</ol> }.into_any()
}

fn on_call(found: &[OnCall]) -> AnyView {
    let items: Vec<_> = found
        .iter()
        .map(|on_call| {
            let title = format!("{} of {}", on_call.annotation, on_call.from);
            view! { <li><code title=title>{on_call.value.clone()}</code></li> }
        })
        .collect();
    if items.is_empty() {
        return ().into_any();
    }
    view! { <ul class="inline-list">{items}</ul> }.into_any()
}

//! Where each field of an entity comes from.

use frontend_ui::{CalloutView, DataTable, Disclosure, RelativeTime, TableColumn, format};
use host_api::{ApiResult, PageContext};
use host_model::history::{FieldOrigin, OriginStep, Provenance, SourceState};
use host_model::{EntityRef, Severity};
use leptos::prelude::*;

use super::history::field_name;

/// Asks where fields come from.
pub(super) async fn load(context: &PageContext, entity: &EntityRef) -> ApiResult<Provenance> {
    context.portal.provenance(&context.principal, entity).await
}

/// A table that is closed at first.
pub(super) fn draw(provenance: &ApiResult<Provenance>, now: i64) -> AnyView {
    let body = match provenance {
        Ok(provenance) => table(provenance, now),
        Err(error) => {
            let message = error.message.clone();
            view! { <p class="muted">{message}</p> }.into_any()
        }
    };
    view! { <Disclosure summary="Where each field comes from">{body}</Disclosure> }.into_any()
}

fn table(provenance: &Provenance, now: i64) -> AnyView {
    let doubt = match provenance.source_state {
        SourceState::Same | SourceState::None => None,
        SourceState::Changed => {
            Some("The source has changed since it was read; places are those of the source as it is now.")
        }
        SourceState::Gone => Some("The source can no longer be read, so places are not told."),
    };
    let doubt = provenance.note.clone().or_else(|| doubt.map(str::to_owned));
    let doubt = doubt.map(|doubt| {
        view! { <CalloutView severity=Severity::Info title="Places may differ"><p>{doubt}</p></CalloutView> }
    });
    let rows = provenance
        .fields
        .iter()
        .map(|field| {
            let changed = field.changed_at.as_deref().and_then(format::parse_rfc3339);
            vec![
                view! { <code>{field_name(&field.pointer)}</code> }.into_any(),
                step(field),
                place(field),
                changed.map(|time| view! { <RelativeTime time now/> }).into_any(),
            ]
        })
        .collect::<Vec<_>>();
    let columns = ["Field", "From", "Place", "Changed"].map(TableColumn::new).to_vec();
    let truncated =
        provenance.truncated.then(|| view! { <p class="muted">"There are more fields than are told here."</p> });
    view! { {doubt} <DataTable caption="Fields and where they come from" columns rows/> {truncated} }.into_any()
}

/// What gave a field its value.
fn step(field: &FieldOrigin) -> AnyView {
    let note = field.note.clone();
    match (field.step, &field.plugin) {
        (OriginStep::Plugin, Some(plugin)) => {
            view! { <span title=note>"plugin "<code>{plugin.clone()}</code></span> }.into_any()
        }
        (step, _) => {
            let word = match step {
                OriginStep::Source => "its source",
                OriginStep::Placeholder => "an included file",
                OriginStep::Catalog => "the catalog",
                OriginStep::Plugin => "a plugin",
                OriginStep::Outside => "outside",
            };
            view! { <span title=note>{word}</span> }.into_any()
        }
    }
}

/// File, line and column.
fn place(field: &FieldOrigin) -> AnyView {
    let Some(file) = field.file.as_deref().or(field.source.as_deref()) else { return ().into_any() };
    let text = match (field.line, field.column) {
        (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
        (Some(line), None) => format!("{file}:{line}"),
        _ => file.to_owned(),
    };
    view! { <code class="location">{text}</code> }.into_any()
}

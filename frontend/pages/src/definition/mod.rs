//! The definition of an API: its operations, its types, and its text.
//!
//! Everything is drawn by the server from one shape, whatever language the definition is written in. Long definitions
//! come in pages, and the filter is part of the address, so that all of it works without scripts.

mod head;
mod operations;
mod sample;
mod schema;
mod state;
mod text;
mod types;

use std::cell::Cell;
use std::collections::HashMap;

use frontend_ui::{Badge, CalloutView, EmptyStateView, Icon, Tab, Tabs, Tone, format};
use host_api::{ApiResult, ApiType, DefinitionDocument, DefinitionSummary, PageContext};
use host_model::{Diagnostic, Entity, EntityRef, Severity};
use leptos::prelude::*;

use crate::query::Query;
use state::{State, View};

/// The most rows of trees on one page.
const MOST_ROWS: usize = 2_500;
/// The most findings that are listed.
const MOST_FINDINGS: usize = 50;

/// What the tab shows.
pub(crate) struct DefinitionView {
    document: DefinitionDocument,
    state: State,
    entity: EntityRef,
}

/// The definition of an API, in the part that the address asks for.
pub(crate) async fn load(context: &PageContext, entity: &EntityRef, query: &Query<'_>) -> ApiResult<DefinitionView> {
    let document = context.portal.definition(&context.principal, entity).await?;
    let base = format!("{}/definition", entity.page_path());
    let state = State::of(base, query, &document.definition);
    Ok(DefinitionView { document, state, entity: entity.clone() })
}

/// The named types of a definition, and where each is shown.
pub(crate) struct Types<'a> {
    by_name: HashMap<&'a str, (usize, &'a ApiType)>,
    state: &'a State,
    /// How many rows the page has room for.
    room: Cell<usize>,
}

impl<'a> Types<'a> {
    fn get(&self, name: &str) -> Option<&'a ApiType> {
        self.by_name.get(name).map(|(_, found)| *found)
    }

    /// Where a type is shown.
    fn address(&self, name: &str) -> Option<String> {
        let (index, found) = self.by_name.get(name)?;
        let page = index / types::PAGE_SIZE + 1;
        Some(format!("{}#type-{}", self.state.of_types(page), found.id))
    }
}

impl DefinitionView {
    /// Draws it.
    pub(crate) fn draw(&self) -> AnyView {
        let definition = &self.document.definition;
        if self.document.text.trim().is_empty() {
            return view! {
                <EmptyStateView icon=Icon::Api title="The definition is empty" text="Put the document into spec.definition, or point to it with $text."/>
            }
            .into_any();
        }
        let indexed = definition.types.iter().enumerate();
        let by_name = indexed.map(|(index, found)| (found.name.as_str(), (index, found))).collect();
        let types = Types { by_name, state: &self.state, room: Cell::new(MOST_ROWS) };
        let content = match self.state.view {
            View::Operations => operations::draw(definition, &self.state, &types),
            View::Types => types::draw(definition, &self.state, &types),
            View::Text => text::draw(&self.document, &self.entity),
        };
        view! {
            <div class="stack definition">
                {self.findings()}
                {head::draw(definition, self.state.view == View::Operations)}
                {self.tabs()}
                {content}
            </div>
        }
        .into_any()
    }

    /// The parts, where there are several.
    fn tabs(&self) -> Option<AnyView> {
        let definition = &self.document.definition;
        if !definition.is_drawn() {
            return None;
        }
        let tab = |view: View, label: &str| Tab::new(label, self.state.of_view(view), self.state.view == view);
        let operations = definition.operation_count();
        let mut tabs = Vec::new();
        if operations > 0 {
            tabs.push(tab(View::Operations, "Operations").count(operations as u64));
        }
        if !definition.types.is_empty() {
            tabs.push(tab(View::Types, "Types").count(definition.types.len() as u64));
        }
        tabs.push(tab(View::Text, "Text"));
        Some(view! { <Tabs label="Parts of the definition" tabs/> }.into_any())
    }

    /// What is wrong with the text, with links to its lines.
    fn findings(&self) -> Option<AnyView> {
        let findings = &self.document.definition.findings;
        let severity = findings.iter().map(|finding| finding.severity).max()?;
        let text = self.state.of_view(View::Text);
        let items: Vec<_> = findings.iter().take(MOST_FINDINGS).map(|finding| item(finding, &text)).collect();
        let left_out = findings.len().saturating_sub(MOST_FINDINGS);
        let title = match severity {
            Severity::Error => {
                format!("{} in the definition", format::count(findings.len() as u64, "problem", "problems"))
            }
            _ => "About this definition".to_owned(),
        };
        let more = (left_out > 0)
            .then(|| view! { <p class="muted small">{format!("{left_out} more are left out here.")}</p> });
        Some(
            view! { <CalloutView severity title><ul class="definition-findings">{items}</ul>{more}</CalloutView> }
                .into_any(),
        )
    }
}

/// A link to the definition of an API that says how much there is to it, for tables. An API that only names its remotes
/// has none.
pub(crate) fn summary_cell(api: &Entity, summary: Option<&DefinitionSummary>) -> AnyView {
    let href = format!("{}/definition", api.entity_ref().page_path());
    let label = format!("Definition of {}", api.title());
    let Some(summary) = summary else {
        if api.pointer("/spec/remotes").is_some() {
            return ().into_any();
        }
        return view! { <a href=href aria-label=label>"Open"</a> }.into_any();
    };
    let count = match (summary.operations, summary.types) {
        (0, 0) => "Open".to_owned(),
        (0, types) => format::count(types, "type", "types"),
        (operations, _) => format::count(operations, "operation", "operations"),
    };
    let errors = (summary.errors > 0).then(|| {
        let text = format::count(summary.errors, "problem", "problems");
        view! { " "<Badge tone=Tone::Error>{text}</Badge> }
    });
    let label = format!("{label}: {count}");
    view! { <a href=href aria-label=label title=summary.format.clone()>{count}</a>{errors} }.into_any()
}

/// A finding with its place.
fn item(finding: &Diagnostic, text: &str) -> AnyView {
    let place = finding.place.as_ref().map(|place| {
        let href = format!("{text}#L{}", place.line);
        view! { <a class="mono nowrap" href=href>{format!("{}:{}", place.line, place.column)}</a>" " }
    });
    let hint = finding.hint.clone().map(|hint| view! { <span class="muted">{format!(" hint: {hint}")}</span> });
    view! { <li>{place}{finding.message.clone()}{hint}</li> }.into_any()
}

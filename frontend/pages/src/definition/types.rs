//! The named types of a definition.

use frontend_ui::{Badge, EmptyStateView, FilterForm, FilterText, Icon, LinkButton, Pagination, Tone};
use host_api::{ApiDefinition, ApiSchema, ApiType};
use leptos::prelude::*;

use super::state::{State, View};
use super::{Types, schema};

/// How many types stand on a page.
pub(super) const PAGE_SIZE: usize = 30;

/// The part.
pub(super) fn draw(definition: &ApiDefinition, state: &State, types: &Types<'_>) -> AnyView {
    let wanted: Vec<&ApiType> =
        definition.types.iter().filter(|found| state.has_words(&[&found.name, &found.kind])).collect();
    let first = (state.page - 1).saturating_mul(PAGE_SIZE);
    let shown: Vec<_> = wanted.iter().skip(first).take(PAGE_SIZE).collect();
    let last = first + shown.len();
    let previous = if state.page > 1 { state.of_page(state.page - 1) } else { String::new() };
    let next = if last < wanted.len() { state.of_page(state.page + 1) } else { String::new() };
    let outline: Vec<_> = shown
        .iter()
        .map(|found| view! { <li><a href=format!("#type-{}", found.id)>{found.name.clone()}</a></li> })
        .collect();
    let empty = shown.is_empty().then(|| {
        let all = state.of_view(View::Types);
        view! {
            <EmptyStateView icon=Icon::Filter title="No type matches" text="Take the filter away, or look at all types.">
                <LinkButton href=all>"All types"</LinkButton>
            </EmptyStateView>
        }
    });
    let paging = (wanted.len() > PAGE_SIZE || first > 0).then(|| {
        view! { <Pagination first=first as u64 + 1 last=last as u64 total=wanted.len() as u64 previous next/> }
    });
    let drawn: Vec<_> = shown.iter().map(|found| draw_type(found, state, types)).collect();
    let text = state.text.clone();
    view! {
        <div class="with-aside">
            <aside class="stack" aria-label="Find a type">
                <FilterForm action=state.path() active=state.active() clear=state.of_view(View::Types) keep=state.kept()>
                    <FilterText name="q" label="Find" value=text placeholder="Name of a type"/>
                    <frontend_islands::FilterHelper/>
                </FilterForm>
                <nav class="definition-outline wide-only" aria-label="Types on this page"><ul class="plain-list">{outline}</ul></nav>
            </aside>
            <div class="stack">{drawn}{empty}{paging}</div>
        </div>
    }
    .into_any()
}

fn draw_type(found: &ApiType, state: &State, types: &Types<'_>) -> AnyView {
    let ApiType { id, name, kind, schema, line } = found;
    let line = line.map(|line| {
        let href = format!("{}#L{line}", state.of_view(View::Text));
        view! { <a class="small" href=href>{format!("Line {line}")}</a> }
    });
    let kind = if kind.is_empty() { schema.type_label.clone() } else { kind.clone() };
    // The kind says what the root would say again.
    let tree = ApiSchema {
        type_label: if kind == schema.type_label { String::new() } else { schema.type_label.clone() },
        ..schema.clone()
    };
    view! {
        <section class="card definition-type" id=format!("type-{id}") aria-label=name.clone()>
            <header class="card-header">
                <h3 class="card-title mono">{name.clone()}</h3>
                {(!kind.is_empty()).then(|| view! { <Badge>{kind.clone()}</Badge> })}
                {schema.deprecated.then(|| view! { <Badge tone=Tone::Warning>"deprecated"</Badge> })}
                <div class="card-actions">{line}</div>
            </header>
            <div class="card-body">{schema::draw(&tree, types, name)}</div>
        </section>
    }
    .into_any()
}

//! The operations of an API, by groups.

use std::collections::HashMap;

use frontend_ui::{
    Badge, Choice, CodeBlock, EmptyStateView, FilterForm, FilterSelect, FilterText, Icon, IconView, LinkButton,
    Pagination, Tone, format,
};
use host_api::{ApiDefinition, ApiExample, ApiGroup, ApiOperation, ApiSection};
use leptos::prelude::*;

use super::head::html;
use super::state::{State, View};
use super::{Types, sample, schema};

/// How many operations stand on a page.
const PAGE_SIZE: usize = 25;
/// The most groups and the most operations in the outline.
const MOST_GROUPS: usize = 60;

/// The part.
pub(super) fn draw(definition: &ApiDefinition, state: &State, types: &Types<'_>) -> AnyView {
    let wanted: Vec<(&ApiGroup, &ApiOperation)> = definition
        .groups
        .iter()
        .flat_map(|group| group.operations.iter().map(move |operation| (group, operation)))
        .filter(|(group, operation)| state.wants(&group.name, operation))
        .collect();
    if definition.operation_count() == 0 {
        return view! {
            <EmptyStateView icon=Icon::Api title="No operations" text="The definition names none."/>
        }
        .into_any();
    }
    let first = (state.page - 1).saturating_mul(PAGE_SIZE);
    let shown: Vec<_> = wanted.iter().skip(first).take(PAGE_SIZE).copied().collect();
    let last = first + shown.len();
    let previous = if state.page > 1 { state.of_page(state.page - 1) } else { String::new() };
    let next = if last < wanted.len() { state.of_page(state.page + 1) } else { String::new() };
    let only = wanted.len() == 1;
    let paging = (wanted.len() > PAGE_SIZE || first > 0).then(|| {
        view! { <Pagination first=first as u64 + 1 last=last as u64 total=wanted.len() as u64 previous next/> }
    });
    let sizes = sizes(definition);
    let asked_for = definition.groups.iter().find(|group| group.name == state.group);
    let mut parts: Vec<AnyView> = Vec::new();
    let mut rest = shown.as_slice();
    while let Some((group, _)) = rest.first() {
        // What belongs to several groups stands in the one that is asked for.
        let group = asked_for.unwrap_or(group);
        let count = rest.iter().take_while(|(own, _)| asked_for.is_some() || std::ptr::eq(*own, group)).count();
        let (here, after) = rest.split_at(count);
        parts.push(draw_group(group, size(&sizes, group), here, only, state, types));
        rest = after;
    }
    let empty = shown.is_empty().then(|| {
        let all = state.of_view(View::Operations);
        let (title, text) = if wanted.is_empty() {
            ("No operation matches", "Take a filter away, or look at all operations.")
        } else {
            ("Nothing on this page", "The list ends before it.")
        };
        view! {
            <EmptyStateView icon=Icon::Filter title text>
                <LinkButton href=all>"All operations"</LinkButton>
            </EmptyStateView>
        }
    });
    view! {
        <div class="with-aside">
            <aside class="stack" aria-label="Find an operation">{filters(definition, &sizes, state)}</aside>
            <div class="stack" data-gap="large">{parts}{empty}{paging}</div>
        </div>
    }
    .into_any()
}

/// How many operations each group has, those of others that belong to it too among them.
fn sizes(definition: &ApiDefinition) -> HashMap<&str, u64> {
    let mut sizes = HashMap::new();
    for group in &definition.groups {
        let others = group.operations.iter().flat_map(|operation| &operation.other_groups).map(|name| (name, 1));
        for (name, more) in others.chain([(&group.name, group.operations.len() as u64)]) {
            *sizes.entry(name.as_str()).or_default() += more;
        }
    }
    sizes
}

fn size(sizes: &HashMap<&str, u64>, group: &ApiGroup) -> u64 {
    sizes.get(group.name.as_str()).copied().unwrap_or_default()
}

fn filters(definition: &ApiDefinition, sizes: &HashMap<&str, u64>, state: &State) -> AnyView {
    let groups: Vec<Choice> = definition
        .groups
        .iter()
        .take(MOST_GROUPS)
        .map(|group| Choice::new(group.name.clone(), group.name.clone()).count(size(sizes, group)))
        .collect();
    let mut verbs: Vec<Choice> = Vec::new();
    for operation in definition.groups.iter().flat_map(|group| &group.operations) {
        match verbs.iter_mut().find(|choice| choice.value == operation.verb) {
            Some(choice) => choice.count = choice.count.map(|count| count + 1),
            None => verbs.push(Choice::new(operation.verb.clone(), operation.verb.clone()).count(1)),
        }
    }
    let several = |choices: &[Choice]| choices.len() > 1;
    let group = several(&groups).then(|| {
        view! { <FilterSelect name="group" label="Group" any="All groups" value=state.group.clone() options=groups/> }
    });
    let verb = several(&verbs).then(|| {
        view! { <FilterSelect name="verb" label="Verb" any="Any verb" value=state.verb.to_uppercase() options=verbs/> }
    });
    let text = state.text.clone();
    view! {
        <FilterForm action=state.path() active=state.active() clear=state.of_view(View::Operations) keep=state.kept()>
            <FilterText name="q" label="Find" value=text placeholder="Path, name, summary"/>
            {group}
            {verb}
            <frontend_islands::FilterHelper/>
        </FilterForm>
    }
    .into_any()
}

fn draw_group(
    group: &ApiGroup,
    size: u64,
    operations: &[(&ApiGroup, &ApiOperation)],
    only: bool,
    state: &State,
    types: &Types<'_>,
) -> AnyView {
    let count = format::count(size, "operation", "operations");
    let operations: Vec<_> =
        operations.iter().map(|(own, operation)| draw_operation(own, operation, only, state, types)).collect();
    let (name, label) = (group.name.clone(), group.name.clone());
    view! {
        <section class="stack" data-gap="small" aria-label=label>
            <div class="definition-group"><h3>{name}</h3><span class="muted small">{count}</span></div>
            {html(&group.description)}
            <div class="operations">{operations}</div>
        </section>
    }
    .into_any()
}

fn draw_operation(
    group: &ApiGroup,
    operation: &ApiOperation,
    is_open: bool,
    state: &State,
    types: &Types<'_>,
) -> AnyView {
    let ApiOperation {
        id,
        verb,
        name,
        operation_id,
        summary,
        description,
        deprecated,
        marks,
        security,
        sections,
        other_groups,
        line,
    } = operation;
    let anchor = format!("op-{id}");
    let href = format!("#{anchor}");
    let line = line.map(|line| {
        let href = format!("{}#L{line}", state.of_view(View::Text));
        view! { <a href=href>{format!("Line {line}")}</a> }
    });
    let groups = (!other_groups.is_empty()).then(|| {
        view! { <span>{format!("Groups: {}, {}", group.name, other_groups.join(", "))}</span> }
    });
    let marks: Vec<_> = marks.iter().cloned().map(|mark| view! { <Badge>{mark}</Badge> }).collect();
    let security = (!security.is_empty()).then(|| {
        view! { <p class="operation-security"><IconView icon=Icon::Info/><span>{format!("Sign-in: {}", security.join(", or "))}</span></p> }
    });
    let sections: Vec<_> = sections.iter().map(|section| draw_section(section, types)).collect();
    let gone = deprecated.then_some("");
    view! {
        <details class="operation" data-deprecated=gone open=is_open>
            <summary class="operation-head">
                <IconView icon=Icon::ChevronRight/>
                <span class="verb" data-verb=verb.to_lowercase()>{verb.clone()}</span>
                <span class="operation-name">{name.clone()}</span>
                <span class="operation-summary">{summary.clone()}</span>
                {deprecated.then(|| view! { <Badge tone=Tone::Warning>"deprecated"</Badge> })}
                {marks}
            </summary>
            // Browsers open what is around the target of an address.
            <div class="operation-body stack" id=anchor>
                <p class="operation-facts">
                    {(!operation_id.is_empty()).then(|| view! { <code>{operation_id.clone()}</code> })}
                    <a href=href>"Link"</a>
                    {line}
                    {groups}
                </p>
                {html(description)}
                {security}
                {sections}
            </div>
        </details>
    }
    .into_any()
}

fn draw_section(section: &ApiSection, types: &Types<'_>) -> AnyView {
    let ApiSection { title, note, description, schema, examples } = section;
    let tree = schema.as_ref().map(|schema| schema::draw(schema, types, title));
    // What the definition leaves to the reader's imagination is made up from the type.
    let made_up = schema.as_ref().filter(|_| examples.is_empty() && note.contains("json"));
    let made_up = made_up.and_then(|schema| sample::of(schema, types)).map(|text| ApiExample {
        name: "made up from the type".to_owned(),
        language: "json".to_owned(),
        text,
    });
    let examples: Vec<_> = examples.iter().chain(&made_up).map(draw_example).collect();
    let tone = status_tone(title);
    view! {
        <section class="operation-section">
            <h4 class="operation-section-title" data-tone=tone>
                <span>{title.clone()}</span>
                {(!note.is_empty()).then(|| view! { <code>{note.clone()}</code> })}
            </h4>
            {html(description)}
            {tree}
            {examples}
        </section>
    }
    .into_any()
}

/// The tone of an answer's status.
fn status_tone(title: &str) -> Option<&'static str> {
    let status = title.strip_prefix("Response ")?;
    Some(match status.as_bytes().first()? {
        b'2' => Tone::Ok.as_str(),
        b'3' => Tone::Info.as_str(),
        b'4' => Tone::Warning.as_str(),
        b'5' => Tone::Error.as_str(),
        _ => return None,
    })
}

fn draw_example(example: &ApiExample) -> AnyView {
    let ApiExample { name, language, text } = example.clone();
    let highlighted = frontend_ui::highlight(&language, &text);
    let summary = if name.is_empty() { "Example".to_owned() } else { format!("Example: {name}") };
    view! {
        <frontend_ui::Disclosure summary>
            <CodeBlock text language highlighted/>
        </frontend_ui::Disclosure>
    }
    .into_any()
}

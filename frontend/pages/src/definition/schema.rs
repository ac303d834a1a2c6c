//! Types as trees that open and close by the browser's own means.
//!
//! What a tree refers to by name is put into its place, the nearest first, as long as there is room. A type inside
//! itself, and what finds no room, stays a link.

use std::collections::VecDeque;

use frontend_ui::{Badge, Icon, IconView, Tone};
use host_api::{ApiSchema, ApiType};
use leptos::prelude::*;

use super::Types;
use super::head::html;

/// The most rows of one tree.
const MOST_ROWS: usize = 150;
/// How many named types are put into one another at most.
const MOST_WITHIN: usize = 4;
/// Beyond this depth nothing is drawn.
const MAX_DEPTH: usize = 24;
/// The most values that are listed in a row.
const MOST_CHOICES: usize = 30;
/// A tree with so few rows is open at first.
const FEW_ROWS: usize = 12;

/// A row of the tree.
struct Row<'a> {
    schema: &'a ApiSchema,
    parent: Option<usize>,
    depth: usize,
    /// The named type whose contents stand here.
    inside: Option<&'a ApiType>,
    within: usize,
    children: Vec<usize>,
    /// Whether it refers to a type that it is part of.
    is_again: bool,
    is_cut: bool,
}

/// The rows of a tree, parents before their children.
fn rows<'a>(root: &'a ApiSchema, types: &Types<'a>) -> Vec<Row<'a>> {
    let row = |schema, parent, depth, within| Row {
        schema,
        parent,
        depth,
        inside: None,
        within,
        children: Vec::new(),
        is_again: false,
        is_cut: false,
    };
    let room = MOST_ROWS.min(types.room.get());
    let mut rows = vec![row(root, None, 0, 0)];
    let mut open = VecDeque::from([0]);
    while let Some(at) = open.pop_front() {
        let Row { schema, depth, mut within, .. } = rows[at];
        let mut children: Vec<&ApiSchema> = schema.children.iter().collect();
        if let Some(named) = schema.reference.as_deref().and_then(|name| contents(name, types)) {
            let ancestors = std::iter::successors(rows[at].parent, |&above| rows[above].parent);
            if ancestors.into_iter().any(|above| rows[above].inside.is_some_and(|inside| inside.name == named.name)) {
                rows[at].is_again = true;
            } else if within < MOST_WITHIN {
                within += 1;
                rows[at].inside = Some(named);
                children.extend(&named.schema.children);
            }
        }
        let fits = rows.len() + children.len() <= room;
        if at > 0 && !fits || depth >= MAX_DEPTH {
            rows[at].is_cut = !children.is_empty();
            rows[at].inside = None;
            continue;
        }
        rows[at].is_cut = !fits;
        for child in children.into_iter().take(room) {
            let index = rows.len();
            rows.push(row(child, Some(at), depth + 1, within));
            rows[at].children.push(index);
            open.push_back(index);
        }
    }
    types.room.set(types.room.get().saturating_sub(rows.len()));
    rows
}

/// The type that a name leads to, through others that are only names for it.
fn contents<'a>(name: &str, types: &Types<'a>) -> Option<&'a ApiType> {
    let mut found = types.get(name)?;
    for _ in 0..8 {
        match &found.schema.reference {
            Some(next) if found.schema.children.is_empty() => found = types.get(next)?,
            _ => break,
        }
    }
    Some(found)
}

/// Draws a tree. The root's own line is left out where it says nothing.
pub(super) fn draw<'a>(root: &'a ApiSchema, types: &Types<'a>, label: &str) -> AnyView {
    let rows = rows(root, types);
    let is_small = rows.len() <= FEW_ROWS;
    let mut drawn: Vec<Option<AnyView>> = rows.iter().map(|_| None).collect();
    for (index, row) in rows.iter().enumerate().skip(1).rev() {
        let below: Vec<AnyView> = row.children.iter().filter_map(|&child| drawn[child].take()).collect();
        let is_open = row.schema.is_label || row.depth == 1 && is_small;
        drawn[index] = Some(item(row, below, is_open, types));
    }
    let below: Vec<AnyView> = rows[0].children.iter().filter_map(|&child| drawn[child].take()).collect();
    let has_line = !root.type_label.is_empty() || root.reference.is_some() || !root.constraints.is_empty();
    let own = has_line.then(|| view! { <p class="schema-root">{facts(&rows[0], types)}</p> });
    let description = root.name.is_empty().then(|| html(&root.description)).flatten();
    let label = label.to_owned();
    view! {
        <div class="schema">
            {own}
            {description}
            {notes(&rows[0])}
            {(!below.is_empty()).then(|| view! { <ul class="tree" aria-label=label>{below}</ul> })}
        </div>
    }
    .into_any()
}

fn item(row: &Row<'_>, below: Vec<AnyView>, is_open: bool, types: &Types<'_>) -> AnyView {
    let schema = row.schema;
    let name = (!schema.name.is_empty()).then(|| {
        let label = schema.is_label.then_some("");
        view! { <span class="schema-name" data-label=label>{schema.name.clone()}</span> }
    });
    let line = view! {
        {name}
        {facts(row, types)}
    };
    let notes = view! { {html(&schema.description)} {notes(row)} };
    if below.is_empty() {
        return view! {
            <li class="schema-item">
                <div class="schema-line">{line}</div>
                <div class="schema-notes">{notes}</div>
            </li>
        }
        .into_any();
    }
    view! {
        <li class="schema-item">
            <details open=is_open>
                <summary class="schema-line"><IconView icon=Icon::ChevronRight/>{line}</summary>
                <div class="schema-notes">{notes}</div>
                <ul class="tree-children">{below}</ul>
            </details>
        </li>
    }
    .into_any()
}

/// Type, link and marks of a row.
fn facts(row: &Row<'_>, types: &Types<'_>) -> AnyView {
    let schema = row.schema;
    let words =
        (!schema.type_label.is_empty()).then(|| view! { <span class="schema-type">{schema.type_label.clone()}</span> });
    let link = schema.reference.clone().map(|name| match types.address(&name) {
        Some(href) => view! { <a class="schema-link" href=href>{name}</a> }.into_any(),
        None => view! { <span class="schema-type">{name}</span> }.into_any(),
    });
    let required = schema.required.then(|| view! { <span class="schema-required">"required"</span> });
    let deprecated = schema.deprecated.then(|| view! { <Badge tone=Tone::Warning>"deprecated"</Badge> });
    let again = row.is_again.then(|| view! { <span class="schema-mark">"contains itself"</span> });
    let marks: Vec<_> =
        schema.marks.iter().map(|mark| view! { <span class="schema-mark">{mark.clone()}</span> }).collect();
    view! { {words}{link}{required}{deprecated}{again}{marks} }.into_any()
}

/// What values must be like, what there is to choose, and what holds without a value.
fn notes(row: &Row<'_>) -> AnyView {
    let own = row.schema;
    // An enumeration that is referred to is told where it is used.
    let other = row.inside.map(|inside| &inside.schema).filter(|_| own.choices.is_empty());
    let of = |list: fn(&ApiSchema) -> &Vec<String>| {
        let found = list(own);
        other.filter(|_| found.is_empty()).map_or(found, list)
    };
    let codes = |list: &[String]| -> Vec<AnyView> {
        let left_out = list.len().saturating_sub(MOST_CHOICES);
        let mut drawn: Vec<AnyView> =
            list.iter().take(MOST_CHOICES).map(|value| view! { <code>{value.clone()}</code>" " }.into_any()).collect();
        if left_out > 0 {
            drawn.push(format!("and {left_out} more").into_any());
        }
        drawn
    };
    let line = |word: &'static str, values: Vec<AnyView>| {
        (!values.is_empty())
            .then(|| view! { <p class="schema-note"><span class="schema-word">{word}</span>" "{values}</p> })
    };
    let constraints = of(|schema| &schema.constraints);
    let constraints = (!constraints.is_empty()).then(|| view! { <p class="schema-note">{constraints.join(" · ")}</p> });
    let cut = row.is_cut.then(|| view! { <p class="schema-note muted">"More is left out here."</p> });
    view! {
        {constraints}
        {line("One of", codes(of(|schema| &schema.choices)))}
        {line("Default", codes(own.default.as_slice()))}
        {line("Example", codes(own.example.as_slice()))}
        {cut}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use host_api::ApiDefinition;

    use super::*;
    use crate::definition::state::State;
    use crate::query::Query;

    fn referring(name: &str, reference: &str) -> ApiSchema {
        ApiSchema { name: name.into(), reference: Some(reference.into()), ..ApiSchema::default() }
    }

    fn outline(named: &[(&str, Vec<ApiSchema>)], root: &ApiSchema) -> Vec<String> {
        let named: Vec<ApiType> = named
            .iter()
            .map(|(name, children)| ApiType {
                name: (*name).into(),
                schema: ApiSchema { children: children.clone(), ..ApiSchema::default() },
                ..ApiType::default()
            })
            .collect();
        let state = State::of(String::new(), &Query::new(&[]), &ApiDefinition::default());
        let by_name: HashMap<_, _> =
            named.iter().enumerate().map(|(at, found)| (found.name.as_str(), (at, found))).collect();
        let types = Types { by_name, state: &state, room: std::cell::Cell::new(1_000) };
        rows(root, &types)
            .iter()
            .map(|row| {
                format!("{}{}{}", "-".repeat(row.depth), row.schema.name, if row.is_again { " again" } else { "" })
            })
            .collect()
    }

    #[test]
    fn types_are_put_in_their_place_but_not_into_themselves() {
        let named = [
            ("Order", vec![referring("line", "Line"), referring("parent", "Order")]),
            ("Line", vec![referring("order", "Order")]),
        ];
        assert_eq!(outline(&named, &referring("", "Order")), ["", "-line", "-parent again", "--order again"]);
    }

    #[test]
    fn a_tree_stays_small() {
        let wide: Vec<ApiSchema> = (0..20).map(|at| referring(&format!("f{at}"), &format!("T{}", at % 7))).collect();
        let named: Vec<(String, Vec<ApiSchema>)> = (0..7).map(|at| (format!("T{at}"), wide.clone())).collect();
        let named: Vec<(&str, Vec<ApiSchema>)> =
            named.iter().map(|(name, children)| (name.as_str(), children.clone())).collect();
        assert!(outline(&named, &referring("", "T0")).len() <= MOST_ROWS);
    }
}

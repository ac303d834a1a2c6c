//! Problems of the catalog: what is wrong, where, and what to do.

use frontend_ui::{Badge, CalloutView, IconView, format, safe_url, tone, tone::severity_icon};
use host_api::{CatalogProblem, OwnedProblem};
use host_model::Severity;
use leptos::prelude::*;

use crate::names::Names;

/// The most problems that one page lists.
const MOST: usize = 200;

/// A list of problems, the gravest first as they are given.
pub(crate) fn problem_list(problems: &[CatalogProblem], names: &Names, with_entity: bool) -> AnyView {
    let left_out = problems.len().saturating_sub(MOST);
    let items: Vec<_> = problems.iter().take(MOST).map(|problem| item(problem, names, with_entity)).collect();
    view! {
        <ul class="problems">{items}</ul>
        {(left_out > 0).then(|| view! { <p class="muted small">{format!("{} are left out here.", format::count(left_out as u64, "more problem", "more problems"))}</p> })}
    }
    .into_any()
}

/// A problem of the inbox: with the line of its source that it is about, and with the other claimant of a conflict.
pub(crate) fn owned_item(owned: &OwnedProblem, names: &Names) -> AnyView {
    let place = owned.problem.diagnostic.place.as_ref();
    let shown = place.map_or_else(|| "whole file".to_owned(), |place| format!("{}:{}", place.line, place.column));
    let address = owned.url.as_deref().and_then(safe_url).map(|url| match place {
        // Forges number the lines of files that they show.
        Some(place) if url.contains("/blob/") && !url.contains('#') => format!("{url}#L{}", place.line),
        _ => url.to_owned(),
    });
    let place = match address {
        Some(url) => view! { <a class="mono" href=url rel="noopener noreferrer">{shown}</a> }.into_any(),
        None => view! { <code class="problem-place">{shown}</code> }.into_any(),
    };
    let claimants = owned.held_by.clone().map(|held_by| {
        let ignored = owned.problem.location.clone();
        view! {
            <p class="problem-facts"><span>"Kept: "</span><code>{held_by}</code></p>
            <p class="problem-facts"><span>"Ignored: "</span><code>{ignored}</code></p>
        }
    });
    draw(&owned.problem, names, true, place, claimants.into_any())
}

fn item(problem: &CatalogProblem, names: &Names, with_entity: bool) -> AnyView {
    let place = problem.diagnostic.place.as_ref().map_or_else(
        || problem.location.clone(),
        |place| {
            // A place without a file lies in the source of the location.
            if place.file.is_some() { place.to_string() } else { format!("{}:{place}", problem.location) }
        },
    );
    let place = view! { <code class="problem-place">{place}</code> }.into_any();
    draw(problem, names, with_entity, place, ().into_any())
}

fn draw(problem: &CatalogProblem, names: &Names, with_entity: bool, place: AnyView, more: AnyView) -> AnyView {
    let diagnostic = &problem.diagnostic;
    let severity = diagnostic.severity;
    let entity =
        problem.entity_ref.as_ref().filter(|_| with_entity).map(|entity| view! { <span>{names.link(entity)}</span> });
    let pointer = diagnostic.pointer.clone().filter(|pointer| !pointer.is_empty());
    let plugin = diagnostic.plugin.clone().map(|plugin| view! { <Badge>{format!("plugin {plugin}")}</Badge> });
    view! {
        <li class="problem" data-tone=tone::Tone::from(severity).as_str()>
            <IconView icon=severity_icon(severity) label=word(severity)/>
            <div class="problem-body">
                <p class="problem-message">{diagnostic.message.clone()}</p>
                {diagnostic.hint.clone().map(|hint| view! { <p class="problem-hint"><span class="problem-hint-word">"hint: "</span>{hint}</p> })}
                {more}
                <p class="problem-facts">
                    {entity}
                    {place}
                    {pointer.map(|pointer| view! { <code>{pointer}</code> })}
                    <code>{diagnostic.code.clone()}</code>
                    {plugin}
                </p>
            </div>
        </li>
    }
    .into_any()
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "Note:",
        Severity::Warning => "Warning:",
        Severity::Error => "Error:",
    }
}

/// The gravest severity of a list; none when it is empty.
pub(crate) fn gravest(problems: &[CatalogProblem]) -> Option<Severity> {
    problems.iter().map(|problem| problem.diagnostic.severity).max()
}

/// What the top of a page says of problems; none when nothing is wrong.
pub(crate) fn problem_callout(problems: &[CatalogProblem], names: &Names, with_entity: bool) -> Option<AnyView> {
    let severity = gravest(problems)?;
    let title = format::count(problems.len() as u64, "problem", "problems");
    let list = problem_list(problems, names, with_entity);
    Some(view! { <CalloutView severity title>{list}</CalloutView> }.into_any())
}

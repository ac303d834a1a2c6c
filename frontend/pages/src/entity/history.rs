//! The past of an entity: its versions, what differs between two of them, and how it was.

use frontend_ui::{
    Badge, Button, CalloutView, Card, CodeBlock, DataTable, EmptyStateView, Icon, LinkButton, PageHeader, RelativeTime,
    TableColumn, Tone, format, with_query,
};
use host_api::{
    ApiResult, CauseKind, ChangeKind, EntityDiff, EntityHistory, EntityVersion, HistoryQuery, PageContext, VersionInfo,
};
use host_model::history::{FieldChange, FieldChangeKind};
use host_model::{EntityRef, Severity};
use leptos::prelude::*;
use serde_json::Value;

use super::about::location;
use crate::Page;
use crate::query::Query;
use crate::yaml::to_yaml;

/// How many versions a page lists.
const PAGE_SIZE: usize = 30;
/// The longest value that a row of a comparison shows, in characters.
const MAX_VALUE: usize = 400;

/// What the tab shows.
pub(super) struct Past {
    history: ApiResult<EntityHistory>,
    /// Two versions that are compared, when the address names any.
    diff: Option<ApiResult<EntityDiff>>,
    /// A version that is shown, when the address names one.
    version: Option<ApiResult<EntityVersion>>,
    path: String,
    is_later_page: bool,
    now: i64,
}

/// Asks for the versions, and for what the address wants of them.
pub(super) async fn load(context: &PageContext, entity: &EntityRef, query: &Query<'_>) -> Past {
    let (portal, principal) = (&context.portal, &context.principal);
    let number = |name: &str| query.first(name).and_then(|text| text.parse::<u64>().ok());
    let before = number("before");
    let asked = HistoryQuery { entity: entity.clone(), before, limit: PAGE_SIZE };
    let history = portal.entity_history(principal, asked).await;
    let (from, to) = (number("from"), number("to"));
    let diff = match (from, to) {
        (None, None) => None,
        _ => Some(portal.entity_diff(principal, entity, from, to).await),
    };
    let version = match number("version") {
        Some(version) => Some(portal.entity_version(principal, entity, version).await),
        None => None,
    };
    let path = format!("{}/history", entity.page_path());
    Past { history, diff, version, path, is_later_page: before.is_some(), now: context.now }
}

/// The page of an entity that the catalog had once; none when it never did.
pub(super) async fn load_removed(context: &PageContext, entity: &EntityRef, query: &Query<'_>) -> Option<Page> {
    let past = load(context, entity, query).await;
    past.history.as_ref().ok().filter(|history| !history.items.is_empty())?;
    let entity = entity.clone();
    let past = std::sync::Arc::new(past);
    let page = Page::new(format!("History · {} · Catalog", entity.name()), move || {
        let (name, reference) = (entity.name().to_owned(), entity.to_string());
        let past = draw(&past);
        view! {
            <PageHeader title=name description="The catalog no longer has this entity.">
                <code class="entity-reference">{reference}</code>
            </PageHeader>
            <div class="stack">{past}</div>
        }
        .into_any()
    });
    Some(page.status(404))
}

/// The tab.
pub(super) fn draw(past: &Past) -> AnyView {
    let history = match &past.history {
        Ok(history) => versions(past, history),
        Err(error) => failed("The history could not be read", &error.message),
    };
    let diff = past.diff.as_ref().map(|diff| match diff {
        Ok(diff) => comparison(past, diff),
        Err(error) => failed("These versions could not be compared", &error.message),
    });
    let version = past.version.as_ref().map(|version| match version {
        Ok(version) => as_it_was(past, version),
        Err(error) => failed("This version could not be read", &error.message),
    });
    view! { {diff} {version} {history} }.into_any()
}

fn failed(title: &'static str, message: &str) -> AnyView {
    let message = message.to_owned();
    view! { <CalloutView severity=Severity::Warning title><p>{message}</p></CalloutView> }.into_any()
}

/// When a version came to be.
fn time(at: Option<&str>, now: i64) -> AnyView {
    match at.and_then(format::parse_rfc3339) {
        Some(time) => view! { <RelativeTime time now/> }.into_any(),
        None => view! { <span class="muted">"before the history begins"</span> }.into_any(),
    }
}

/// What happened, in a word.
fn change_badge(change: ChangeKind) -> AnyView {
    let (word, tone) = match change {
        ChangeKind::Created => ("created", Tone::Ok),
        ChangeKind::Changed => ("changed", Tone::Info),
        ChangeKind::Removed => ("removed", Tone::Error),
        ChangeKind::Returned => ("came back", Tone::Ok),
    };
    view! { <Badge tone>{word}</Badge> }.into_any()
}

fn cause(version: &VersionInfo) -> AnyView {
    let name = version.cause.name.clone();
    match version.cause.kind {
        CauseKind::Source => location(&name),
        CauseKind::Plugin => view! { <span>"plugin "<code>{name}</code></span> }.into_any(),
        CauseKind::Person => view! { <span>{name}</span> }.into_any(),
        CauseKind::System => view! { <span class="muted">{name}</span> }.into_any(),
    }
}

fn versions(past: &Past, history: &EntityHistory) -> AnyView {
    if history.items.is_empty() {
        return view! {
            <EmptyStateView icon=Icon::Clock title="No version is kept"
                text="From now on every change of this entity is kept here, with its time and cause."/>
        }
        .into_any();
    }
    let rows = history
        .items
        .iter()
        .map(|version| {
            let number = version.version.to_string();
            let shown = with_query(&past.path, [("version", number.as_str())]);
            let what_changed = (version.change == ChangeKind::Changed).then(|| {
                let href = with_query(&past.path, [("to", number.as_str())]);
                view! { <a href=href>"What changed"</a> }
            });
            let as_it_was = (version.change != ChangeKind::Removed && !version.current)
                .then(|| view! { <a href=shown>"As it was"</a> });
            vec![
                view! { <span class="version-number">{number}</span> }.into_any(),
                change_badge(version.change),
                time(version.at.as_deref(), past.now),
                cause(version),
                view! { <span class="version-links">{what_changed} {as_it_was}</span> }.into_any(),
            ]
        })
        .collect::<Vec<_>>();
    let columns = vec![
        TableColumn::new("Version"),
        TableColumn::new("Change"),
        TableColumn::new("When"),
        TableColumn::new("Through"),
        TableColumn::new("Look").hidden_title(),
    ];
    let older = history.next.map(|next| {
        let href = with_query(&past.path, [("before", next.to_string().as_str())]);
        view! { <LinkButton href small=true>"Older versions"</LinkButton> }
    });
    let newest = past
        .is_later_page
        .then(|| view! { <LinkButton href=past.path.clone() small=true>"Newest versions"</LinkButton> });
    view! {
        {compare_form(past, history)}
        <section class="card" data-flush="" aria-label="Versions">
            <div class="card-body"><DataTable caption="Versions" columns rows/></div>
        </section>
        <p class="row">{newest} {older}</p>
    }
    .into_any()
}

/// Chooses two versions to compare.
fn compare_form(past: &Past, history: &EntityHistory) -> Option<AnyView> {
    let numbers: Vec<u64> = history.items.iter().map(|version| version.version).collect();
    let (newest, before) = (*numbers.first()?, *numbers.get(1)?);
    let select = |name: &'static str, label: &'static str, chosen: u64| {
        let options: Vec<_> = numbers
            .iter()
            .map(|number| view! { <option value=number.to_string() selected={*number == chosen}>{number.to_string()}</option> })
            .collect();
        view! {
            <label class="compare-field"><span class="filter-label">{label}</span>
                <span class="select"><select name=name>{options}</select></span>
            </label>
        }
    };
    let action = past.path.clone();
    Some(
        view! {
            <form class="compare-form" method="get" action=action aria-label="Compare versions">
                {select("from", "From version", before)}
                {select("to", "To version", newest)}
                <Button small=true>"Compare"</Button>
            </form>
        }
        .into_any(),
    )
}

fn comparison(past: &Past, diff: &EntityDiff) -> AnyView {
    let title = format!("Version {} to version {}", diff.from.version, diff.to.version);
    let rows: Vec<Vec<AnyView>> = diff.changes.iter().map(changed_field).collect();
    let note = format::count(diff.changes.len() as u64, "field", "fields");
    let truncated =
        diff.truncated.then(|| view! { <p class="related-empty">"There are more changes than are told here."</p> });
    let empty = view! { <p class="table-empty">"They say the same."</p> }.into_any();
    let close = view! { <a href=past.path.clone()>"Close"</a> }.into_any();
    let columns = vec![TableColumn::new("Field"), TableColumn::new("Before"), TableColumn::new("After")];
    view! {
        <Card title icon=Icon::Sort note flush=true actions=close>
            <DataTable caption="Fields that differ" columns rows empty/>
            {truncated}
        </Card>
    }
    .into_any()
}

fn changed_field(change: &FieldChange) -> Vec<AnyView> {
    let value = |value: Option<&Value>, kind: &'static str| match value {
        Some(value) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let is_long = text.chars().count() > MAX_VALUE || change.shortened;
            let mut text: String = text.chars().take(MAX_VALUE).collect();
            if is_long {
                text.push('…');
            }
            view! { <code class="changed-value" data-change=kind>{text}</code> }.into_any()
        }
        None => view! { <span class="muted">"–"</span> }.into_any(),
    };
    let word = match change.change {
        FieldChangeKind::Added => "added",
        FieldChangeKind::Changed => "changed",
        FieldChangeKind::Removed => "removed",
    };
    vec![
        view! { <code>{field_name(&change.pointer)}</code><span class="visually-hidden">{format!(" {word}")}</span> }
            .into_any(),
        value(change.from.as_ref(), "before"),
        value(change.to.as_ref(), "after"),
    ]
}

/// A JSON pointer as people write the path of a field.
pub(super) fn field_name(pointer: &str) -> String {
    let mut name = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        let is_position = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match (is_position, name.is_empty(), part.contains(['.', '/', ':'])) {
            (true, false, _) => name.push_str(&format!("[{part}]")),
            (_, _, true) => name.push_str(&format!("[{part}]")),
            (_, true, _) => name.push_str(&part),
            _ => name.push_str(&format!(".{part}")),
        }
    }
    name
}

fn as_it_was(past: &Past, version: &EntityVersion) -> AnyView {
    let title = format!("As it was in version {}", version.info.version);
    let close = view! { <a href=past.path.clone()>"Close"</a> }.into_any();
    let body = match &version.entity {
        Some(entity) => view! { <CodeBlock text=to_yaml(entity) language="yaml"/> }.into_any(),
        None => view! { <p class="related-empty">"The entity was not in the catalog."</p> }.into_any(),
    };
    let (change, time) = (change_badge(version.info.change), time(version.info.at.as_deref(), past.now));
    view! {
        <Card title icon=Icon::Clock actions=close>
            <p class="row">{change} {time}</p>
            {body}
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_written_as_people_write_fields() {
        for (pointer, expected) in [
            ("/spec/owner", "spec.owner"),
            ("/metadata/tags/0", "metadata.tags[0]"),
            ("/metadata/annotations/backstage.io~1orphan", "metadata.annotations[backstage.io/orphan]"),
            ("", ""),
        ] {
            assert_eq!(field_name(pointer), expected);
        }
    }
}

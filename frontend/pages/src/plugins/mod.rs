//! The plugins and how they are doing.

mod consent;
pub(crate) mod detail;

use std::sync::Arc;

use frontend_ui::{
    Badge, DataTable, EmptyStateView, Icon, PageHeader, StatItem, StatRow, StatusView, TableColumn, format,
};
use host_api::{ApiResult, PageContext};
use host_model::plugin::{ExtensionPoint, Source, State, Status};
use host_model::view::Level;
use leptos::prelude::*;

use crate::{Page, percent};

/// The page of all plugins.
pub(crate) async fn load(context: &PageContext) -> ApiResult<Page> {
    let mut plugins = context.portal.plugins(&context.principal).await?;
    plugins.sort_by_key(|plugin| (rank(plugin.state), plugin.title.to_lowercase()));
    let plugins = Arc::new(plugins);
    Ok(Page::new("Plugins", move || draw(&plugins)))
}

/// What wants attention stands first.
fn rank(state: State) -> u8 {
    match state {
        State::Failed => 0,
        State::WaitingForConsent => 1,
        State::Starting => 2,
        State::Serving => 3,
        State::Disabled => 4,
        State::Superseded => 5,
    }
}

fn draw(plugins: &[Status]) -> AnyView {
    let count = |state: State| plugins.iter().filter(|plugin| plugin.state == state).count() as u64;
    let number = |count: u64| format::group_digits(count);
    let mut stats = vec![StatItem::new("Serving", number(count(State::Serving))).level(Level::Ok)];
    if count(State::WaitingForConsent) > 0 {
        stats.push(StatItem::new("Waiting for consent", number(count(State::WaitingForConsent))).level(Level::Warning));
    }
    if count(State::Failed) > 0 {
        stats.push(StatItem::new("Failed", number(count(State::Failed))).level(Level::Error));
    }
    stats.push(StatItem::new("Calls", number(plugins.iter().map(|plugin| plugin.calls).sum())));
    stats.push(StatItem::new("Faults", number(plugins.iter().map(|plugin| plugin.faults).sum())));
    let columns = vec![
        TableColumn::new("Plugin"),
        TableColumn::new("State"),
        TableColumn::new("Offers"),
        TableColumn::new("Calls").end(),
        TableColumn::new("Faults").end(),
        TableColumn::new("Processor time").end(),
        TableColumn::new("Peak memory").end(),
    ];
    let rows = plugins.iter().map(row).collect();
    let empty = view! {
        <EmptyStateView icon=Icon::Plugin title="No plugins" text="Drop a .wasm file into the plugins folder below the data directory; it is found within two seconds."/>
    }
    .into_any();
    view! {
        <PageHeader title="Plugins" description="Every .wasm file that the portal knows: what it offers, what it may do, and how it is doing."/>
        <div class="stack">
            {(!plugins.is_empty()).then(|| view! { <StatRow stats/> })}
            <section class="card" data-flush="" aria-label="Plugins">
                <div class="card-body"><DataTable caption="Plugins" columns rows empty/></div>
            </section>
        </div>
    }
    .into_any()
}

/// The path of a plugin's page: by id, or by file while the id is unknown or taken by a newer version.
fn path(plugin: &Status) -> String {
    let name = plugin.id.as_deref().filter(|_| plugin.state != State::Superseded).unwrap_or(&plugin.file);
    percent::path(["plugins", name])
}

fn row(plugin: &Status) -> Vec<AnyView> {
    let version = plugin.version.clone().map(|version| view! { <Badge>{version}</Badge> });
    let reason = plugin.reason.clone().map(|reason| view! { <span class="plugin-reason">{reason.message}</span> });
    let number = |count: u64| format::group_digits(count).into_any();
    vec![
        view! {
            <span class="plugin-name">
                <span class="row"><a href=path(plugin)>{plugin.title.clone()}</a>{version}</span>
                <span class="muted small"><code>{plugin.file.clone()}</code>", "{source_words(plugin.source)}</span>
            </span>
        }
        .into_any(),
        view! { <span class="plugin-state"><StatusView level=level(plugin.state) text=words(plugin.state)/>{reason}</span> }.into_any(),
        extension_points(&plugin.extension_points),
        number(plugin.calls),
        number(plugin.faults),
        format::duration(plugin.cpu_ms).into_any(),
        format::bytes(plugin.peak_memory_bytes).into_any(),
    ]
}

/// What a plugin offers, as people say it.
fn extension_points(points: &[ExtensionPoint]) -> AnyView {
    let items: Vec<_> =
        points.iter().map(|point| point.as_str()).map(|word| view! { <li><Badge>{word}</Badge></li> }).collect();
    view! { <ul class="inline-list">{items}</ul> }.into_any()
}

fn source_words(source: Source) -> &'static str {
    match source {
        Source::BuiltIn => "built in",
        Source::Folder => "from the folder",
    }
}

/// How well a state is.
fn level(state: State) -> Level {
    match state {
        State::Starting => Level::Running,
        State::Serving => Level::Ok,
        State::WaitingForConsent => Level::Warning,
        State::Failed => Level::Error,
        State::Disabled | State::Superseded => Level::Muted,
    }
}

/// The words for a state.
fn words(state: State) -> &'static str {
    match state {
        State::Starting => "Starting",
        State::Serving => "Serving",
        State::WaitingForConsent => "Waiting for consent",
        State::Failed => "Failed",
        State::Disabled => "Disabled",
        State::Superseded => "Superseded",
    }
}

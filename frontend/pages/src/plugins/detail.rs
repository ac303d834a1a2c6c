//! One plugin: what it is, what it may do, and what went wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontend_ui::{
    CalloutView, Card, CodeBlock, Crumb, DataTable, Fact, Icon, KeyValues, LogView, PageHeader, RelativeTime, SafeLink,
    StatItem, StatRow, StatusView, TableColumn, format,
};
use host_api::{ApiError, ApiResult, PageContext};
use host_model::Severity;
use host_model::plugin::{FaultRecord, Grants, State, Status, UpstreamGrant};
use leptos::prelude::*;

use super::consent::lines_to_add;
use super::{extension_points, level, source_words, words};
use crate::Page;
use crate::copying::copy_button;

/// The page.
pub(crate) async fn load(context: &PageContext, name: &str) -> ApiResult<Page> {
    let plugins = context.portal.plugins(&context.principal).await?;
    // A newer version has taken over the id; the older one is reached by its file.
    let by_id = plugins.iter().find(|plugin| plugin.id.as_deref() == Some(name) && plugin.state != State::Superseded);
    let plugin =
        by_id.or_else(|| plugins.iter().find(|plugin| plugin.file == name || plugin.id.as_deref() == Some(name)));
    let plugin = plugin.cloned().ok_or_else(|| {
        ApiError::not_found(format!("There is no plugin {name}. The page of plugins lists every file."))
    })?;
    let logs = match &plugin.id {
        Some(id) => context.portal.plugin_logs(&context.principal, id).await.map_err(|error| error.message),
        None => Ok(Vec::new()),
    };
    let now = context.now;
    let data = Arc::new((plugin, logs));
    Ok(Page::new(format!("{} · Plugins", data.0.title), move || draw(&data.0, &data.1, now)))
}

fn draw(plugin: &Status, logs: &Result<Vec<String>, String>, now: i64) -> AnyView {
    let homepage = plugin.homepage.clone().map(|url| view! { <SafeLink url text="Homepage"/> });
    let facts = facts(plugin);
    let version = plugin.version.clone().map(|version| view! { <span class="muted">"Version "{version}</span> });
    let status = view! { <StatusView level=level(plugin.state) text=words(plugin.state)/> };
    view! {
        <PageHeader
            title=plugin.title.clone()
            crumbs=vec![Crumb::new("Plugins", "/plugins")]
            description=plugin.summary.clone().unwrap_or_default()
        >
            {status}
            {version}
            {homepage}
        </PageHeader>
        <div class="stack">
            {reason(plugin)}
            {consent(plugin)}
            <StatRow stats=stats(plugin)/>
            <div class="grid">
                <Card title="Facts" icon=Icon::Info width="medium"><KeyValues facts/></Card>
                {imports(plugin)}
                {grants(plugin)}
                {faults(plugin, now)}
                {log_card(logs)}
            </div>
        </div>
    }
    .into_any()
}

fn reason(plugin: &Status) -> Option<AnyView> {
    let reason = plugin.reason.clone()?;
    let severity = match plugin.state {
        State::Failed => Severity::Error,
        State::WaitingForConsent => Severity::Warning,
        _ => Severity::Info,
    };
    Some(
        view! {
            <CalloutView severity title=words(plugin.state)>
                <p class="preserve">{reason.message}</p>
                <p class="muted small"><code>{reason.code}</code></p>
            </CalloutView>
        }
        .into_any(),
    )
}

fn consent(plugin: &Status) -> Option<AnyView> {
    let lines = lines_to_add(plugin)?;
    Some(
        view! {
            <div id="consent">
                <Card title="Grant what it asks for" icon=Icon::Lock actions=copy_button("#consent code", "Copy")>
                    <div class="stack" data-gap="small">
                        <p>"Add this to the configuration, with the addresses that you trust. The plugin serves as soon as it is granted exactly what it asks for."</p>
                        <CodeBlock text=lines language="yaml" title="callboard.yaml"/>
                    </div>
                </Card>
            </div>
        }
        .into_any(),
    )
}

fn stats(plugin: &Status) -> Vec<StatItem> {
    vec![
        StatItem::new("Calls", format::group_digits(plugin.calls)),
        StatItem::new("Faults", format::group_digits(plugin.faults)),
        StatItem::new("Processor time", format::duration(plugin.cpu_ms)),
        StatItem::new("Peak memory of a call", format::bytes(plugin.peak_memory_bytes)),
    ]
}

fn facts(plugin: &Status) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(id) = &plugin.id {
        facts.push(Fact::new("Id", view! { <code>{id.clone()}</code> }));
    }
    facts.push(Fact::new("File", view! { <code>{plugin.file.clone()}</code> }));
    facts.push(Fact::new("Comes", source_words(plugin.source)));
    if !plugin.sha256.is_empty() {
        facts.push(Fact::new("SHA-256", view! { <code class="hash">{plugin.sha256.clone()}</code> }));
    }
    let offers = if plugin.extension_points.is_empty() {
        "nothing".into_any()
    } else {
        extension_points(&plugin.extension_points)
    };
    facts.push(Fact::new("Offers", offers));
    facts
}

fn imports(plugin: &Status) -> AnyView {
    let items: Vec<_> = plugin.imports.iter().map(|import| view! { <li><code>{import.clone()}</code></li> }).collect();
    let body = if items.is_empty() {
        view! { <p class="muted">"It imports nothing."</p> }.into_any()
    } else {
        view! { <ul class="plain-list plugin-imports">{items}</ul> }.into_any()
    };
    view! { <Card title="Imports" icon=Icon::Download width="medium">{body}</Card> }.into_any()
}

/// What it asks for beside what it was granted.
fn grants(plugin: &Status) -> AnyView {
    let Grants { upstreams, write } = &plugin.requested;
    let columns = ["Asks for", "What for", "Granted"].map(TableColumn::new).to_vec();
    let upstream_rows = upstreams.iter().map(|(name, request)| {
        let routes: Vec<_> = request
            .routes
            .iter()
            .map(|route| view! { <li><code>{format!("{} {}", route.method, route.path)}</code></li> })
            .collect();
        let granted = plugin
            .granted
            .upstreams
            .get(name)
            .map(|grant: &UpstreamGrant| grant.binding.clone().unwrap_or_else(|| "yes".to_owned()));
        vec![
            view! { <span>"HTTP to "<code>{name.clone()}</code></span> }.into_any(),
            view! { <div>{request.purpose.clone()}<ul class="plain-list">{routes}</ul></div> }.into_any(),
            granted_cell(granted),
        ]
    });
    let write_rows = write.iter().map(|path| {
        let granted = plugin.granted.write.contains(path).then(|| "yes".to_owned());
        vec![
            view! { <span>"Writing "<code>{path.clone()}</code></span> }.into_any(),
            "Entities in the catalog".into_any(),
            granted_cell(granted),
        ]
    });
    let rows: Vec<Vec<AnyView>> = upstream_rows.chain(write_rows).collect();
    if rows.is_empty() {
        return view! { <Card title="Grants" icon=Icon::Lock><p class="muted">"It asks for nothing beyond what every plugin has."</p></Card> }.into_any();
    }
    view! { <Card title="Grants" icon=Icon::Lock flush=true><DataTable caption="Grants" columns rows/></Card> }
        .into_any()
}

fn granted_cell(granted: Option<String>) -> AnyView {
    use host_model::view::Level;
    match granted {
        Some(binding) if binding == "yes" => view! { <StatusView level=Level::Ok text="Granted"/> }.into_any(),
        Some(binding) => view! { <StatusView level=Level::Ok text=format!("Granted: {binding}")/> }.into_any(),
        None => view! { <StatusView level=Level::Warning text="Not granted"/> }.into_any(),
    }
}

fn faults(plugin: &Status, now: i64) -> AnyView {
    let columns = ["When", "Fault", "Call", "What happened"].map(TableColumn::new).to_vec();
    let rows = plugin.recent_faults.iter().map(|fault| fault_row(fault, now)).collect::<Vec<_>>();
    if rows.is_empty() {
        return view! { <Card title="Recent faults" icon=Icon::Warning><p class="muted">"None."</p></Card> }.into_any();
    }
    let counts = plugin.recent_faults.iter().fold(BTreeMap::new(), |mut counts: BTreeMap<&str, u64>, fault| {
        *counts.entry(fault.fault.as_str()).or_default() += 1;
        counts
    });
    let note = counts.into_iter().map(|(code, count)| format!("{count} × {code}")).collect::<Vec<_>>().join(", ");
    view! { <Card title="Recent faults" icon=Icon::Warning note flush=true><DataTable caption="Recent faults" columns rows/></Card> }.into_any()
}

fn fault_row(fault: &FaultRecord, now: i64) -> Vec<AnyView> {
    let when = match format::parse_rfc3339(&fault.at) {
        Some(time) => view! { <RelativeTime time now/> }.into_any(),
        None => fault.at.clone().into_any(),
    };
    vec![
        when,
        view! { <code>{fault.fault.as_str()}</code> }.into_any(),
        fault.call.clone().into_any(),
        view! { <span class="preserve">{fault.message.clone()}</span> }.into_any(),
    ]
}

fn log_card(logs: &Result<Vec<String>, String>) -> AnyView {
    let body = match logs {
        Ok(lines) => view! { <LogView text=lines.join("\n") label="Last lines of the plugin"/> }.into_any(),
        Err(message) => view! { <p class="muted">{format!("The log cannot be shown: {message}")}</p> }.into_any(),
    };
    view! { <Card title="Log" icon=Icon::Terminal>{body}</Card> }.into_any()
}

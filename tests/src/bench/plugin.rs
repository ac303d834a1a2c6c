//! Calls of plugins: cold and warm, through the portal and without it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use callboard_tests::wait::PATIENCE;
use callboard_tests::{TestPortal, artifacts};
use host_contract::{
    Call, Contract, DESCRIBE_LIMITS, Outcome, PROCESSOR_LIMITS, Plugin, Runtime, RuntimeOptions, Trial, refused,
};
use host_model::Entity;
use host_ports::{LogLevel, LogSink, ProcessorItem};
use serde_json::json;

use super::figures::{Times, duration};
use super::table::Table;
use super::{example, load};

/// The plugin whose card is asked for, and the card.
const CARD_PLUGIN: &str = "github-actions";
const PANEL: &str = "/api/views/default/component/basket/github-actions/runs";
/// Fresh portals for the median of the first call.
const COLD: usize = 5;
const PANELS: usize = 200;
const CALLS: usize = 500;

const DEFINITION: &str = "\
openapi: 3.0.3
info:
  title: Orders
  version: 2.4.1
servers:
  - url: https://orders.example.com
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        '200':
          description: All orders
";

/// A log that nobody listens to.
struct Unheard;

impl LogSink for Unheard {
    fn line(&self, _: LogLevel, _: &str) {}
}

pub(super) async fn run(table: &Table) -> Result<()> {
    through_the_portal(table).await?;
    directly(table).await
}

async fn through_the_portal(table: &Table) -> Result<()> {
    let (_github, builder) = example()?;
    let mut portal = builder.prepare();
    let start = Instant::now();
    portal.start_again().await;
    serving(&portal).await?;
    table.row("start until all plugins serve, nothing compiled", duration(start.elapsed()))?;
    let mut cold = Vec::new();
    for round in 0..COLD {
        if round > 0 {
            portal.terminate();
            portal.start_again().await;
            serving(&portal).await?;
        }
        // A connection of its own for each: what is measured begins with the request.
        let reply = load::first(portal.address(), PANEL).await?;
        cold.push(reply.whole);
    }
    table.row(
        &format!("first panel of a fresh portal, {COLD} portals"),
        format_args!("p50 {}", Times::new(cold)?.p50()),
    )?;
    require_view(&portal).await?;
    let panels = load::replies(portal.address(), PANEL, PANELS).await?;
    let times = Times::new(panels.iter().map(|reply| reply.whole).collect())?;
    table.row(
        &format!("panel over HTTP, {PANELS} requests on 1 connection"),
        format_args!("p50 {}, p99 {}", times.p50(), times.p99()),
    )
}

/// Calls the first-party OpenAPI plugin as the portal's own code does.
async fn directly(table: &Table) -> Result<()> {
    let wasm = artifacts::plugin_bytes("openapi")?;
    let runtime = Runtime::new(RuntimeOptions::default())?;
    let contract = Contract::new(runtime.clone())?;
    let start = Instant::now();
    let component = runtime.load(wasm.into()).await?;
    table.row("compile openapi.wasm", duration(start.elapsed()))?;
    let plugin = contract.prepare(&component)?;

    let mut times = Vec::new();
    for _ in 0..CALLS {
        let trial = Trial { limits: DESCRIBE_LIMITS, account: Arc::new(()), log: Arc::new(Unheard) };
        times.push(timed(plugin.describe(trial)).await?.0);
    }
    let times = Times::new(times)?;
    table.row(
        &format!("describe, fresh instance, {CALLS} calls"),
        format_args!("p50 {}, p99 {}", times.p50(), times.p99()),
    )?;
    process(table, &plugin).await
}

async fn process(table: &Table, plugin: &Plugin) -> Result<()> {
    let item = item()?;
    let (mut times, mut fresh) = (Vec::new(), 0);
    for _ in 0..CALLS {
        let call = Call { limits: PROCESSOR_LIMITS, account: Arc::new(()), services: refused(Arc::new(Unheard)) };
        let (time, outcome) = timed(plugin.process(call, vec![item.clone()])).await?;
        times.push(time);
        fresh += usize::from(outcome.report.fresh);
        let changed = outcome.result.is_ok_and(|outcomes| outcomes.iter().any(|outcome| !outcome.changes.is_empty()));
        if !changed {
            bail!("the plugin openapi changed nothing in an API with a definition");
        }
    }
    let times = Times::new(times)?;
    table.row(
        &format!("process one API, warm, {CALLS} calls, {fresh} on a new instance"),
        format_args!("p50 {}, p99 {}", times.p50(), times.p99()),
    )
}

/// A call with the time that it took.
async fn timed<T>(call: impl Future<Output = Outcome<T>>) -> Result<(Duration, Outcome<T>)> {
    let start = Instant::now();
    let outcome = call.await;
    let time = start.elapsed();
    if let Err(error) = &outcome.result {
        bail!("the plugin openapi broke: {error:?}");
    }
    Ok((time, outcome))
}

fn item() -> Result<ProcessorItem> {
    let entity = Entity::from_value(json!({
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "API",
        "metadata": { "name": "orders", "namespace": "default" },
        "spec": { "type": "openapi", "lifecycle": "production", "owner": "crew", "definition": DEFINITION },
    }));
    let entity = entity.context("an entity is a JSON object")?;
    Ok(ProcessorItem { entity: Arc::new(entity), location: "file:/catalog/orders.yaml".to_owned() })
}

async fn require_view(portal: &TestPortal) -> Result<()> {
    let panel = portal.get_json(PANEL).await;
    if !panel["view"].is_object() {
        let start: String = panel.to_string().chars().take(300).collect();
        bail!("the card of {CARD_PLUGIN} has no view: {start}");
    }
    Ok(())
}

/// Waits until no plugin is being started, and fails unless the one with the card serves.
pub(super) async fn serving(portal: &TestPortal) -> Result<()> {
    let start = Instant::now();
    loop {
        let plugins = portal.plugins().await;
        let starting = plugins.iter().any(|plugin| plugin["state"] == "starting");
        let found = plugins.iter().find(|plugin| plugin["id"] == CARD_PLUGIN);
        match found {
            Some(plugin) if plugin["state"] == "serving" && !starting => return Ok(()),
            Some(plugin) if plugin["state"] == "failed" => bail!("the plugin {CARD_PLUGIN} failed: {plugin}"),
            _ if start.elapsed() > PATIENCE && found.is_none() => {
                bail!("the binary has no plugin {CARD_PLUGIN}; was it built without the bundle (`cargo xtask build`)?")
            }
            _ if start.elapsed() > PATIENCE => bail!("plugins did not serve in {} s: {plugins:?}", PATIENCE.as_secs()),
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

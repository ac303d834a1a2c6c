//! Cards of plugins.

use frontend_ui::{Card, PanelCard, PanelContext, PanelPlaceholder, PluginErrorView, PluginView};
use host_api::{Panel, PanelKey, PanelView};
use host_model::plugin::{CardDeclaration, FaultCode, PluginError, Width};
use host_model::view::{Block, View};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::NOW;

fn context(card: &str) -> PanelContext {
    let key = PanelKey {
        entity: "component:default/checkout".parse().expect("a reference of the gallery"),
        plugin: "github-actions".to_owned(),
        card: card.to_owned(),
    };
    PanelContext::new(&key, NOW)
}

fn panel(card: &str, title: &str, width: Width) -> Panel {
    Panel {
        plugin: "github-actions".to_owned(),
        plugin_title: "GitHub Actions".to_owned(),
        card: CardDeclaration { id: card.to_owned(), title: title.to_owned(), applies_to: vec![], width },
    }
}

fn view_of(value: Value) -> View {
    serde_json::from_value(value).expect("a view of the gallery")
}

/// The latest workflow runs: what the first plugin shows.
#[component]
pub fn Runs() -> AnyView {
    let run = |number: u32, name: &str, branch: &str, level: &str, text: &str, seconds: u64, ago: i64, person: &str| {
        json!({"cells": [
            {"type": "link", "value": {"text": format!("{name} #{number}"), "url": format!("https://github.example/runs/{number}")}},
            {"type": "code", "value": branch},
            {"type": "status", "value": {"level": level, "text": text, "detail": null}},
            {"type": "person", "value": {"name": person, "entity": null, "url": null}},
            {"type": "duration", "value": seconds * 1000},
            {"type": "time", "value": NOW - ago * 60_000},
        ], "actions": [{"action": "rerun", "input": format!("{{\"run\":{number}}}")}]})
    };
    let column =
        |title: &str, sortable: bool, align: &str| json!({"title": title, "sortable": sortable, "align": align});
    let view = view_of(json!({
        "blocks": [{"type": "table", "value": {
            "columns": [column("Workflow", true, "start"), column("Branch", false, "start"), column("Status", true, "start"),
                column("Started by", false, "start"), column("Duration", true, "end"), column("Started", true, "end")],
            "rows": [
                run(4182, "Publish image", "main", "running", "In progress", 95, 2, "Grace Okafor"),
                run(4181, "Checks", "feature/split-payments", "ok", "Success", 412, 14, "Jean-Luc Martin"),
                run(4177, "Checks", "main", "error", "Failure", 388, 190, "Xu Lin"),
                run(4170, "Nightly load test", "main", "muted", "Cancelled", 3_720, 1_500, "scheduler"),
            ], "total": 128, "empty": null}}],
        "roots": [0],
        "actions": [{"id": "rerun", "title": "Re-run", "danger": "caution", "confirm": "Run this workflow again?"}],
        "fetchedAt": NOW - 180_000,
        "source": {"text": "All runs on GitHub", "url": "https://github.example/acme/checkout/actions"},
        "missing": []
    }));
    let panel = PanelView {
        panel: panel("runs", "Workflow runs", Width::Full),
        view: Some(view),
        html: Default::default(),
        error: None,
    };
    view! { <PanelCard panel context=context("runs")/> }.into_any()
}

/// Numbers and charts.
#[component]
pub fn Numbers() -> AnyView {
    let points = |values: &[f64]| -> Value {
        let start = NOW - values.len() as i64 * 86_400_000;
        values
            .iter()
            .enumerate()
            .map(|(day, y)| json!({"x": {"type": "time", "value": start + day as i64 * 86_400_000}, "y": y}))
            .collect()
    };
    let labels = |values: &[(&str, f64)]| -> Value {
        values.iter().map(|(label, y)| json!({"x": {"type": "label", "value": label}, "y": y})).collect()
    };
    let view = view_of(json!({
        "blocks": [
            {"type": "section", "value": {"title": null, "children": [1, 2], "layout": "stack", "collapsed": false}},
            {"type": "stats", "value": [
                {"label": "Availability", "value": {"type": "number", "value": {"value": 99.95, "unit": "%"}}, "level": "ok", "change": "over 30 days"},
                {"label": "Slowest tenth", "value": {"type": "duration", "value": 412}, "level": "warning", "change": "+38 ms this week"},
                {"label": "Open alerts", "value": {"type": "number", "value": {"value": 2.0, "unit": null}}, "level": "error", "change": null},
                {"label": "Image", "value": {"type": "bytes", "value": 44_564_480}, "level": null, "change": "−2 MiB"},
            ]},
            {"type": "section", "value": {"title": null, "children": [3, 4], "layout": "columns", "collapsed": false}},
            {"type": "chart", "value": {"title": "Requests", "kind": "line", "unit": "req/s", "series": [
                {"name": "eu-west", "points": points(&[120.0, 132.0, 128.0, 141.0, 155.0, 149.0, 162.0, 171.0, 165.0, 180.0])},
                {"name": "us-east", "points": points(&[80.0, 84.0, 79.0, 92.0, 96.0, 90.0, 99.0, 104.0, 101.0, 97.0])}]}},
            {"type": "chart", "value": {"title": "Deployments", "kind": "bar", "unit": null, "series": [
                {"name": "production", "points": labels(&[("Mon", 4.0), ("Tue", 7.0), ("Wed", 3.0), ("Thu", 9.0), ("Fri", 1.0)])},
                {"name": "staging", "points": labels(&[("Mon", 9.0), ("Tue", 11.0), ("Wed", 8.0), ("Thu", 14.0), ("Fri", 6.0)])}]}},
        ],
        "roots": [0], "actions": [], "fetchedAt": NOW - 60_000, "source": null,
        "missing": ["us-west did not answer within 2 s"]
    }));
    let panel = PanelView {
        panel: panel("numbers", "Service health", Width::Full),
        view: Some(view),
        html: Default::default(),
        error: None,
    };
    view! { <PanelCard panel context=context("numbers")/> }.into_any()
}

/// What happened, and how far it is.
#[component]
pub fn Deployments() -> AnyView {
    let moment = |ago: i64, title: &str, level: Value, detail: Value, url: Value| json!({"time": NOW - ago * 60_000, "title": title, "level": level, "detail": detail, "url": url});
    let latency: Value = [380, 390, 372, 401, 420, 398, 412]
        .iter()
        .enumerate()
        .map(|(x, y)| json!({"x": {"type": "number", "value": x as f64}, "y": f64::from(*y)}))
        .collect();
    let view = view_of(json!({
        "blocks": [
            {"type": "progress", "value": {"label": "Error budget used", "value": 37.5, "maximum": 100.0, "level": "warning"}},
            {"type": "progress", "value": {"label": "Rollout", "value": 6.0, "maximum": 8.0, "level": null}},
            {"type": "chart", "value": {"title": "Latency", "kind": "sparkline", "unit": "ms", "series": [{"name": "p90", "points":
                latency}]}},
            {"type": "timeline", "value": [
                moment(12, "v2.14.0 to production", json!("ok"), json!("Canary held for 10 min without errors."), json!("https://deploy.example/412")),
                moment(300, "v2.13.9 rolled back", json!("error"), json!("5xx above 2 % for 5 min."), json!(null)),
                moment(2_900, "Feature flag split-payments on", json!(null), json!(null), json!(null)),
            ]},
        ],
        "roots": [0, 1, 2, 3], "actions": [], "fetchedAt": null, "source": null, "missing": []
    }));
    let panel = PanelView {
        panel: panel("deployments", "Deployments", Width::Medium),
        view: Some(view),
        html: Default::default(),
        error: None,
    };
    view! { <PanelCard panel context=context("deployments")/> }.into_any()
}

/// A card whose annotation is missing.
#[component]
pub fn Missing() -> AnyView {
    let error = PluginError::MissingAnnotation { annotation: "pagerduty.com/service-id".to_owned() };
    let panel = PanelView {
        panel: panel("oncall", "On call", Width::Medium),
        view: None,
        html: Default::default(),
        error: Some(error),
    };
    view! { <PanelCard panel context=context("oncall") edit_url="https://github.example/acme/checkout/edit"/> }
        .into_any()
}

/// A card that is still awaited.
#[component]
pub fn Waiting() -> AnyView {
    view! { <PanelPlaceholder panel=panel("security", "Security findings", Width::Medium) href="/panel"/> }.into_any()
}

/// The remaining blocks.
#[component]
pub fn Everything() -> AnyView {
    let view = view_of(json!({
        "blocks": [
            {"type": "section", "value": {"title": "Facts", "children": [1, 2, 3], "layout": "columns", "collapsed": false}},
            {"type": "key-values", "value": [
                {"key": "Cluster", "value": {"type": "code", "value": "prod-eu-1"}},
                {"key": "Healthy", "value": {"type": "boolean", "value": true}},
                {"key": "Paused", "value": {"type": "boolean", "value": false}},
                {"key": "Labels", "value": {"type": "badges", "value": ["canary", "tier-1"]}},
                {"key": "Team", "value": {"type": "entity", "value": "group:default/payments"}},
            ]},
            {"type": "links", "value": [{"text": "Console", "url": "https://console.example"}, {"text": "Catalog", "url": "/catalog"}]},
            {"type": "entities", "value": ["component:default/fraud", "api:default/orders", "resource:labs/ledger-db"]},
            {"type": "section", "value": {"title": "Pipeline", "children": [5], "layout": "stack", "collapsed": false}},
            {"type": "graph", "value": {
                "nodes": [
                    {"id": "b", "label": "Build", "entity": null, "status": {"level": "ok", "text": "4 min", "detail": null}, "url": "https://ci.example/b"},
                    {"id": "u", "label": "Unit tests", "entity": null, "status": {"level": "ok", "text": "2 min", "detail": null}, "url": null},
                    {"id": "i", "label": "Integration tests", "entity": null, "status": {"level": "running", "text": "", "detail": null}, "url": null},
                    {"id": "d", "label": "Deploy", "entity": null, "status": {"level": "pending", "text": "", "detail": null}, "url": null}],
                "edges": [{"source": "b", "target": "u", "label": null}, {"source": "b", "target": "i", "label": null},
                    {"source": "u", "target": "d", "label": null}, {"source": "i", "target": "d", "label": null}]}},
            {"type": "section", "value": {"title": "Details", "children": [7], "layout": "stack", "collapsed": true}},
            {"type": "text", "value": "Two lines\nof plain text with <b>no markup</b>."},
            {"type": "form", "value": {"action": "scale", "schema": "{\"required\":[\"replicas\"],\"properties\":{\"replicas\":{\"title\":\"Replicas\",\"type\":\"integer\",\"minimum\":1},\"surge\":{\"title\":\"Allow a surge\",\"type\":\"boolean\"}}}",
                "values": "{\"replicas\":3}", "submit": "Scale"}},
            {"type": "buttons", "value": ["sync", "restart", "delete"]},
            {"type": "callout", "value": {"severity": "info", "title": "Maintenance", "text": "The cluster moves on Sunday."}},
        ],
        "roots": [10, 0, 4, 6, 8, 9],
        "actions": [
            {"id": "scale", "title": "Scale", "danger": "normal", "confirm": null},
            {"id": "sync", "title": "Sync now", "danger": "normal", "confirm": null},
            {"id": "restart", "title": "Restart", "danger": "caution", "confirm": "Restart all pods, one after the other?"},
            {"id": "delete", "title": "Delete", "danger": "destructive", "confirm": "Delete the application and everything in it?"}],
        "fetchedAt": NOW - 7_200_000, "source": {"text": "Open in Argo CD", "url": "https://argo.example"}, "missing": []
    }));
    assert!(view.blocks.iter().any(|block| matches!(block, Block::Form(_))));
    view! { <Card title="Cluster" width="full"><PluginView view context=context("cluster")/></Card> }.into_any()
}

/// Ways to fail.
#[component]
pub fn Errors() -> AnyView {
    let errors = [
        PluginError::UpstreamStatus { upstream: "github".into(), status: 503, message: "Service unavailable".into() },
        PluginError::RateLimited { seconds: Some(90) },
        PluginError::Fault { fault: FaultCode::Deadline, message: "no answer within 5 s".into() },
        PluginError::NeedsPermission { what: "actions:read on acme/checkout".into() },
    ];
    let cards: Vec<_> = errors
        .into_iter()
        .map(|error| view! { <Card title="Plugin" width="medium"><PluginErrorView error retry_url="/panel"/></Card> })
        .collect();
    view! { {cards} }.into_any()
}

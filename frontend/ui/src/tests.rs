//! What must hold of all markup: hostile text stays text, no styles or handlers in the markup, contrast of the tokens.

use std::collections::BTreeMap;

use host_api::{FormState, PanelKey};
use host_model::plugin::{FaultCode, FieldError, PluginError};
use host_model::view::View;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::*;

/// Text that would do something if any part of it were not escaped.
const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)> style=\"x\"";
const HOSTILE_URL: &str = "javascript:alert(1)";

/// The markup without the marks that keep neighbouring texts apart.
fn html(view: impl IntoView) -> String {
    view.into_view().to_html().replace("<!>", "").replace("<!---->", "")
}

fn context() -> PanelContext {
    let key = PanelKey {
        entity: "component:default/checkout".parse().unwrap(),
        plugin: "hostile".to_owned(),
        card: "card".to_owned(),
    };
    PanelContext { idempotency: "click".to_owned(), ..PanelContext::new(&key, 0) }
}

fn view_of(blocks: Value, roots: Value, actions: Value) -> View {
    let view =
        json!({"blocks": blocks, "roots": roots, "actions": actions, "fetchedAt": null, "source": null, "missing": []});
    serde_json::from_value(view).unwrap()
}

fn one_block(kind: &str, value: Value) -> View {
    let actions = json!([
        {"id": "go", "title": "Go", "danger": "normal", "confirm": null},
        {"id": "ask", "title": "Ask", "danger": "destructive", "confirm": "Sure?"}]);
    view_of(json!([{"type": kind, "value": value}]), json!([0]), actions)
}

/// Every block and every cell, with hostile text wherever there is text.
fn hostile_blocks() -> Vec<(&'static str, Value)> {
    let h = HOSTILE;
    let status = json!({"level": "ok", "text": h, "detail": h});
    let link = json!({"text": h, "url": HOSTILE_URL});
    let cells = json!([
        {"type": "empty"}, {"type": "text", "value": h}, {"type": "link", "value": link}, {"type": "entity", "value": h},
        {"type": "person", "value": {"name": h, "entity": h, "url": HOSTILE_URL}},
        {"type": "person", "value": {"name": h, "entity": null, "url": HOSTILE_URL}},
        {"type": "status", "value": status}, {"type": "badge", "value": h}, {"type": "badges", "value": [h]},
        {"type": "time", "value": i64::MIN}, {"type": "duration", "value": u64::MAX}, {"type": "bytes", "value": u64::MAX},
        {"type": "number", "value": {"value": 1e300, "unit": h}}, {"type": "boolean", "value": true}, {"type": "code", "value": h}]);
    let columns: Vec<Value> = (0..15).map(|_| json!({"title": h, "sortable": true, "align": "end"})).collect();
    let points = json!([{"x": {"type": "label", "value": h}, "y": 1.0}, {"x": {"type": "time", "value": i64::MAX}, "y": -1e308}]);
    let chart = |kind: &str| json!({"title": h, "kind": kind, "unit": h, "series": [{"name": h, "points": points}]});
    vec![
        ("section", json!({"title": h, "children": [], "layout": "columns", "collapsed": true})),
        ("heading", json!(h)),
        ("text", json!(h)),
        ("markdown", json!(h)),
        ("key-values", json!([{"key": h, "value": {"type": "text", "value": h}}])),
        (
            "table",
            json!({"columns": columns, "rows": [{"cells": cells, "actions": [{"action": "ask", "input": h}, {"action": "go", "input": h}]}], "total": 9, "empty": h}),
        ),
        ("table", json!({"columns": columns, "rows": [], "total": null, "empty": h})),
        ("status", status.clone()),
        ("stats", json!([{"label": h, "value": {"type": "text", "value": h}, "level": "error", "change": h}])),
        ("progress", json!({"label": h, "value": 1e300, "maximum": -1.0, "level": "warning"})),
        ("chart", chart("line")),
        ("chart", chart("area")),
        ("chart", chart("bar")),
        ("chart", chart("sparkline")),
        ("chart", json!({"title": h, "kind": "line", "unit": null, "series": []})),
        ("timeline", json!([{"time": 0, "title": h, "level": null, "detail": h, "url": HOSTILE_URL}])),
        (
            "tree",
            json!([{"label": h, "parent": null, "status": status, "url": HOSTILE_URL}, {"label": h, "parent": 0, "status": null, "url": null}]),
        ),
        ("log", json!({"text": format!("{h}\n\u{1b}[31m{h}"), "firstLine": u32::MAX, "truncated": true})),
        ("code", json!({"language": h, "text": h, "title": h})),
        ("code", json!({"language": "diff", "text": format!("+{h}\n-{h}"), "title": null})),
        ("links", json!([link])),
        ("entities", json!([h, "component:default/<b>"])),
        (
            "graph",
            json!({"nodes": [{"id": h, "label": h, "entity": h, "status": status, "url": HOSTILE_URL}], "edges": [{"source": h, "target": h, "label": h}]}),
        ),
        ("callout", json!({"severity": "warning", "title": h, "text": h})),
        ("empty-state", json!({"title": h, "text": h, "link": link})),
        (
            "form",
            json!({"action": "go", "schema": json!({"properties": {h: {"title": h, "description": h, "enum": [h]}, "t": {"type": "string", "pattern": h, "ui:placeholder": h, "ui:widget": "textarea"}}}).to_string(), "values": json!({"t": h}).to_string(), "submit": h}),
        ),
        ("form", json!({"action": "go", "schema": "not json", "values": "[]", "submit": ""})),
        ("buttons", json!(["go", "ask"])),
    ]
}

/// The tags of some markup: what is between `<` and the next `>` outside of quotes.
fn tags(markup: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut tag: Option<String> = None;
    let mut quoted = false;
    for character in markup.chars() {
        match (&mut tag, character) {
            (None, '<') => tag = Some(String::new()),
            (None, _) => {}
            (Some(_), '>') if !quoted => tags.extend(tag.take()),
            (Some(text), _) => {
                quoted ^= character == '"';
                text.push(character);
            }
        }
    }
    tags
}

/// Fails when the markup holds an element, an attribute or an address that came from the hostile text.
fn assert_harmless(markup: &str, what: &str) {
    for tag in tags(markup) {
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        assert!(!["script", "img", "style", "iframe", "b"].contains(&name), "{what}: <{tag}>");
        // Every second part lies between quotes.
        for (index, part) in tag.split('"').enumerate() {
            let bad = if index % 2 == 0 {
                part.contains(" style") || part.contains(" on")
            } else {
                part.starts_with("javascript")
            };
            assert!(!bad, "{what}: <{tag}>");
        }
    }
}

#[test]
fn hostile_text_stays_text_in_every_block() {
    for (kind, value) in hostile_blocks() {
        let view = one_block(kind, value);
        assert_eq!(view.validate(), Ok(()), "{kind}");
        let markup = html(view! { <PluginView view context=context()/> });
        assert_harmless(&markup, kind);
        assert!(markup.contains("plugin-view"), "{kind}: {markup}");
    }
}

#[test]
fn hostile_text_stays_text_around_the_blocks() {
    let mut view = one_block("text", json!("fine"));
    view.missing = vec![HOSTILE.to_owned()];
    view.source = Some(host_model::view::Link { text: HOSTILE.to_owned(), url: HOSTILE_URL.to_owned() });
    view.fetched_at = Some(i64::MAX);
    assert_harmless(&html(view! { <PluginView view context=context()/> }), "the frame");
    let h = || HOSTILE.to_owned();
    for error in [
        PluginError::MissingAnnotation { annotation: h() },
        PluginError::NotFound { what: h() },
        PluginError::InvalidInput { fields: vec![FieldError { field: h(), message: h() }] },
        PluginError::NeedsPermission { what: h() },
        PluginError::UpstreamStatus { upstream: h(), status: 500, message: h() },
        PluginError::RateLimited { seconds: Some(u32::MAX) },
        PluginError::Unavailable { message: h() },
        PluginError::Denied { message: h() },
        PluginError::Other { message: h() },
        PluginError::Fault { fault: FaultCode::Trap, message: h().repeat(1_000) },
        PluginError::NotServing { message: h() },
    ] {
        let markup = html(view! { <PluginErrorView error retry_url="/retry" edit_url=HOSTILE_URL/> });
        assert_harmless(&markup, "an error");
        assert!(markup.len() < 6_000, "an error message is not cut");
    }
}

#[test]
fn hostile_text_stays_text_in_other_components() {
    let h = || HOSTILE.to_owned();
    let text = || FieldText { label: h(), help: h(), error: h(), required: true };
    let card = host_model::plugin::CardDeclaration {
        id: h(),
        title: format!("</noscript>{HOSTILE}"),
        applies_to: vec![],
        width: host_model::plugin::Width::Small,
    };
    let panel = host_api::Panel { plugin: h(), plugin_title: h(), card };
    for (what, markup) in [
        ("placeholder", html(view! { <PanelPlaceholder panel href=HOSTILE_URL.replace("javascript", "/")/> })),
        ("text area", html(view! { <TextArea name=h() text=text() value=format!("</textarea>{HOSTILE}")/> })),
        ("text", html(view! { <TextField name=h() text=text() value=h() placeholder=h()/> })),
        ("check", html(view! { <CheckField name=h() text=text() value=h()/> })),
        ("select", html(view! { <SelectField name=h() text=text() options=vec![Choice::new(h(), h())]/> })),
        ("header", html(view! { <PageHeader title=h() description=h() crumbs=vec![Crumb::new(h(), "/")]/> })),
        ("shell", html(view! { <Shell brand=h() groups=vec![] current=h() query=h()>"x"</Shell> })),
        ("entity", html(view! { <EntityLink reference="component:default/x" title=h()/> })),
        (
            "flash",
            html(view! { <FlashArea messages=vec![FlashMessage::failed(h()).url(Some(HOSTILE_URL.to_owned()))]/> }),
        ),
        ("error", html(view! { <ErrorPage status=404 message=h() reference=h()/> })),
    ] {
        assert_harmless(&markup, what);
    }
}

#[test]
fn a_view_that_breaks_the_contract_is_explained() {
    let view = view_of(
        json!([{"type": "section", "value": {"title": null, "children": [0], "layout": "stack", "collapsed": false}}]),
        json!([0]),
        json!([]),
    );
    let markup = html(view! { <PluginView view context=context()/> });
    assert!(markup.contains("breaks the contract") && markup.contains("lies within itself"), "{markup}");
}

#[test]
fn safe_html_is_used_where_the_server_gave_it() {
    for kind in ["markdown", "code"] {
        let value =
            if kind == "code" { json!({"language": "rust", "text": "plain", "title": null}) } else { json!("plain") };
        let context = context().html(&BTreeMap::from([(0, "<em>made by the server</em>".to_owned())]));
        let markup = html(view! { <PluginView view=one_block(kind, value) context/> });
        assert!(markup.contains("<em>made by the server</em>") && !markup.contains("plain"), "{markup}");
    }
}

#[test]
fn buttons_are_forms_that_need_no_script() {
    let markup = html(view! { <PluginView view=one_block("buttons", json!(["go", "ask"])) context=context()/> });
    for part in [
        "method=\"post\" action=\"/catalog/default/component/checkout/panels/hostile/card\"",
        "<input type=\"hidden\" name=\"action\" value=\"go\">",
        "<input type=\"hidden\" name=\"back\" value=\"/catalog/default/component/checkout\">",
        "name=\"idempotencyKey\" value=\"click-0-0\"",
        "popovertarget=\"panel-hostile-card-0-1\"",
        "id=\"panel-hostile-card-0-1\" popover=\"auto\"",
        "Sure?",
        "This cannot be undone.",
    ] {
        assert!(markup.contains(part), "{part} in {markup}");
    }
}

#[test]
fn tables_are_sorted_by_the_address() {
    let row = |text: &str| json!({"cells": [{"type": "text", "value": text}], "actions": []});
    let table = json!({"columns": [{"title": "Name", "sortable": true, "align": "start"}], "rows": [row("b"), row("a")], "total": 5, "empty": null});
    let plain = html(view! { <PluginView view=one_block("table", table.clone()) context=context()/> });
    assert!(plain.find(">b<") < plain.find(">a<"), "{plain}");
    assert!(
        plain.contains("href=\"/catalog/default/component/checkout?panel-hostile-card.sort0=0#panel-hostile-card\""),
        "{plain}"
    );
    assert!(plain.contains("Showing 2 of 5"));
    let mut context = context();
    context.query = vec![("tab".into(), "x y".into()), ("panel-hostile-card.sort0".into(), "0".into())];
    let sorted = html(view! { <PluginView view=one_block("table", table) context/> });
    assert!(sorted.find(">a<") < sorted.find(">b<"), "{sorted}");
    assert!(
        sorted.contains("aria-sort=\"ascending\"") && sorted.contains("?tab=x%20y&amp;panel-hostile-card.sort0=-0#"),
        "{sorted}"
    );
}

#[test]
fn a_refused_form_comes_back_with_its_answers() {
    let form = json!({"action": "go", "schema": "{\"required\":[\"name\"],\"properties\":{\"name\":{\"title\":\"Name\",\"type\":\"string\"}}}", "values": "{}", "submit": "Send"});
    let state = FormState {
        values: json!({"name": "Bad Name"}).as_object().cloned().unwrap(),
        message: "Please mend one field.".to_owned(),
        errors: vec![FieldError { field: "/name".to_owned(), message: "No spaces.".to_owned() }],
    };
    let context = PanelContext { refused: Some(("go".to_owned(), state)), ..context() };
    let markup = html(view! { <PluginView view=one_block("form", form) context/> });
    for part in [
        "value=\"Bad Name\"",
        "No spaces.",
        "Please mend one field.",
        "aria-invalid=\"true\"",
        "name=\"/name\"",
        "aria-describedby=\"panel-hostile-card-0-name-error\"",
    ] {
        assert!(markup.contains(part), "{part} in {markup}");
    }
}

#[test]
fn a_missing_annotation_shows_what_to_add() {
    for (annotation, expected) in [
        ("github.com/project-slug", "metadata:\n  annotations:\n    github.com/project-slug: "),
        ("a: b", "    &quot;a: b&quot;: "),
    ] {
        let error = PluginError::MissingAnnotation { annotation: annotation.to_owned() };
        let markup = html(view! { <PluginErrorView error/> }).replace('"', "&quot;");
        assert!(markup.contains(expected), "{expected} in {markup}");
    }
}

#[test]
fn deep_trees_and_long_logs_are_bounded() {
    let nodes: Vec<Value> = (0..5_000_u32)
        .map(|index| json!({"label": "n", "parent": index.checked_sub(1), "status": null, "url": null}))
        .collect();
    let markup = html(view! { <PluginView view=one_block("tree", json!(nodes)) context=context()/> });
    assert_eq!(markup.matches("tree-label").count(), 5_000);
    let text = "x\n".repeat(20_000);
    let markup = html(view! { <LogView text/> });
    assert_eq!(markup.matches("log-line\"").count(), 5_000);
    assert!(markup.contains("Earlier lines are left out") && markup.contains("data-line=\"20000\""));
}

/// The tokens that are `light-dark(#light, #dark)`.
fn tokens() -> BTreeMap<String, [[f64; 3]; 2]> {
    let color = |text: &str| -> Option<[f64; 3]> {
        let digits = text.trim().strip_prefix('#')?;
        let part = |at: usize| digits.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok()).map(f64::from);
        Some([part(0)? / 255.0, part(2)? / 255.0, part(4)? / 255.0])
    };
    include_str!("../styles/10-tokens.css")
        .lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
            let (light, dark) = value.strip_suffix(");")?.split_once(',')?;
            Some((name.to_owned(), [color(light)?, color(dark)?]))
        })
        .collect()
}

/// The contrast of two colours, as WCAG 2.2 defines it.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let luminance = |color: [f64; 3]| {
        let linear = color.map(|part| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn tokens_that_meet_have_enough_contrast() {
    let tokens = tokens();
    let grounds = ["canvas", "sunken", "surface", "raised", "hover", "selected"];
    let text = ["text", "text-muted"].iter().flat_map(|text| grounds.iter().map(move |ground| (*text, *ground, 4.5)));
    let quiet = ["text-subtle", "text-link"]
        .iter()
        .flat_map(|text| grounds[..5].iter().map(move |ground| (*text, *ground, 4.5)));
    let tones = ["ok", "warning", "error", "info"];
    let toned = tones.iter().flat_map(|tone| {
        let name = |part: &str| -> &'static str { Box::leak(format!("{tone}-{part}").into_boxed_str()) };
        [
            (name("text"), name("surface"), 4.5),
            (name("text"), "surface", 4.5),
            (name("text"), "sunken", 4.5),
            (name("text"), "hover", 4.5),
            ("text", name("surface"), 4.5),
            ("text-link", name("surface"), 4.5),
            (name("solid"), "surface", 3.0),
            (name("solid"), name("surface"), 3.0),
        ]
    });
    let hues = ["hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7"];
    let drawn = hues.iter().map(|hue| (*hue, "surface", 3.0));
    let others = [
        ("on-accent", "accent", 4.5),
        ("on-accent", "accent-strong", 4.5),
        ("text-link", "accent-surface", 4.5),
        ("text", "accent-surface", 4.5),
        ("text-subtle", "accent-surface", 4.5),
        ("line-control", "surface", 3.0),
        ("line-control", "canvas", 3.0),
        ("focus", "canvas", 3.0),
        ("focus", "surface", 3.0),
        ("focus", "sunken", 3.0),
        ("accent", "surface", 3.0),
    ];
    let mut poor = Vec::new();
    for (front, ground, least) in text.chain(quiet).chain(toned).chain(drawn).chain(others) {
        for (theme, index) in [("light", 0), ("dark", 1)] {
            let ratio = contrast(tokens[front][index], tokens[ground][index]);
            if ratio < least {
                poor.push(format!("{front} on {ground}, {theme}: {ratio:.2} of {least}"));
            }
        }
    }
    assert!(poor.is_empty(), "{poor:#?}");
}

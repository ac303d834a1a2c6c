//! The reference of actions that templates can name.

use std::sync::Arc;

use frontend_ui::{
    Badge, Card, CodeBlock, Crumb, DataTable, Disclosure, EmptyStateView, Icon, PageHeader, TableColumn,
    encode_component, format,
};
use host_api::{ApiResult, PageContext, ScaffolderAction};
use leptos::prelude::*;
use serde_json::Value;

use crate::Page;

/// The page.
pub(crate) async fn load(context: &PageContext) -> ApiResult<Page> {
    let mut actions = context.portal.actions(&context.principal).await?;
    actions.sort_by(|left, right| left.id.cmp(&right.id));
    let actions = Arc::new(actions);
    Ok(Page::new("Actions · Create", move || draw(&actions)))
}

fn draw(actions: &[ScaffolderAction]) -> AnyView {
    let count = format::count(actions.len() as u64, "action", "actions");
    let cards: Vec<_> = actions.iter().map(card).collect();
    view! {
        <PageHeader
            title="Actions"
            crumbs=vec![Crumb::new("Create", "/create")]
            description="What the steps of a template can do. Plugins bring more."
        >
            <span class="muted">{count}</span>
        </PageHeader>
        {cards.is_empty().then(|| view! { <EmptyStateView icon=Icon::Play title="There are no actions"/> })}
        <div class="stack">{cards}</div>
    }
    .into_any()
}

fn card(action: &ScaffolderAction) -> AnyView {
    let plugin = action.plugin.clone().map(|plugin| view! { <Badge icon=Icon::Plugin>{plugin}</Badge> });
    let built_in = action.plugin.is_none().then(|| view! { <Badge>"built in"</Badge> });
    let examples: Vec<_> = action.examples.iter().filter_map(example).collect();
    let part = |title: &'static str, key: &str| {
        let schema = action.schema.get(key)?;
        let rows = rows(schema);
        (!rows.is_empty()).then(|| {
            let columns = ["Name", "Type", "What it is"].map(TableColumn::new).to_vec();
            let caption = format!("{title} of {}", action.id);
            view! { <section class="action-part"><h3>{title}</h3><DataTable caption columns rows/></section> }
        })
    };
    let description = action.description.clone().unwrap_or_else(|| "No description.".to_owned());
    let parts = (part("Input", "input"), part("Output", "output"));
    view! {
        <Card title=action.id.clone() id=format!("action-{}", encode_component(&action.id))
            actions=view! { {plugin}{built_in} }.into_any()>
            <div class="stack">
                <p>{description}</p>
                {parts}
                {(!examples.is_empty()).then(|| view! { <Disclosure summary="Examples"><div class="stack">{examples}</div></Disclosure> })}
            </div>
        </Card>
    }
    .into_any()
}

/// The properties of a schema, a row each.
fn rows(schema: &Value) -> Vec<Vec<AnyView>> {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .take(100)
        .map(|(name, property)| {
            let text = |key: &str| property.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let described = Some(text("description")).filter(|text| !text.is_empty()).unwrap_or_else(|| text("title"));
            let needed = required.contains(&name.as_str()).then(|| view! { " " <Badge>"required"</Badge> });
            vec![
                view! { <code>{name.clone()}</code>{needed} }.into_any(),
                type_words(property).into_any(),
                described.into_any(),
            ]
        })
        .collect()
}

/// A type as people say it.
fn type_words(property: &Value) -> String {
    match property.get("type") {
        Some(Value::String(name)) if name == "array" => {
            let items = property.pointer("/items/type").and_then(Value::as_str).unwrap_or("anything");
            format!("list of {items}")
        }
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    }
}

fn example(example: &Value) -> Option<AnyView> {
    let text = |key: &str| example.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = text("example");
    (!code.is_empty()).then(|| {
        let description = text("description");
        view! { <CodeBlock text=code language="yaml" title=description/> }.into_any()
    })
}

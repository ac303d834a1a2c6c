//! Key-value lists: the facts about a thing.

use leptos::prelude::*;

/// A fact: its name and its value.
pub struct Fact {
    pub key: String,
    pub value: AnyView,
}

impl Fact {
    /// A fact from anything that can be drawn.
    pub fn new(key: impl Into<String>, value: impl IntoAny) -> Self {
        Self { key: key.into(), value: value.into_any() }
    }
}

/// A list of facts. Keys stand beside their values where there is room and above them where there is not.
///
/// ```ignore
/// view! { <KeyValues facts=vec![Fact::new("Lifecycle", view! { <Badge>"production"</Badge> })]/> }
/// ```
#[component]
pub fn KeyValues(facts: Vec<Fact>) -> AnyView {
    let rows: Vec<_> = facts
        .into_iter()
        .map(|fact| view! { <div class="key-value"><dt>{fact.key}</dt><dd>{fact.value}</dd></div> })
        .collect();
    view! { <dl class="key-values">{rows}</dl> }.into_any()
}

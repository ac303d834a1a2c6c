//! What a definition says of the API as a whole.

use frontend_ui::{Badge, Disclosure, Fact, KeyValues, SafeLink, safe_url};
use host_api::{ApiDefinition, ApiSecurity, ApiServer};
use leptos::prelude::*;

/// The most servers and ways of signing in that are listed.
const MOST: usize = 30;

/// Title, language and description; with everything else on the first part.
pub(super) fn draw(definition: &ApiDefinition, whole: bool) -> AnyView {
    if !definition.is_drawn() {
        return ().into_any();
    }
    let ApiDefinition { title, version, format, description, .. } = definition;
    let version = (!version.is_empty()).then(|| version.clone()).map(|version| view! { <Badge>{version}</Badge> });
    let heading = if title.is_empty() { format.clone() } else { title.clone() };
    let language = (!title.is_empty()).then(|| view! { <span class="muted small">{format.clone()}</span> });
    let details = whole.then(|| {
        view! {
            {html(description)}
            {facts(definition)}
        }
    });
    view! {
        <section class="definition-head" aria-label="About the definition">
            <div class="row"><h2 class="definition-title">{heading}</h2>{version}{language}</div>
            {details}
        </section>
    }
    .into_any()
}

/// A description.
pub(super) fn html(html: &str) -> Option<AnyView> {
    (!html.is_empty()).then(|| view! { <div class="prose" inner_html=html.to_owned()></div> }.into_any())
}

fn facts(definition: &ApiDefinition) -> Option<AnyView> {
    let mut facts: Vec<Fact> = Vec::new();
    if !definition.servers.is_empty() {
        let servers: Vec<_> = definition.servers.iter().take(MOST).map(server).collect();
        facts.push(Fact::new("Servers", view! { <ul class="plain-list">{servers}</ul> }));
    }
    if !definition.security.is_empty() {
        let ways: Vec<_> = definition.security.iter().take(MOST).map(security).collect();
        facts.push(Fact::new("Sign-in", view! { <ul class="plain-list">{ways}</ul> }));
    }
    for (name, text) in definition.facts.iter().take(MOST) {
        // Facts of several parts may hold an address.
        let parts: Vec<_> = text
            .split(" · ")
            .map(|part| match safe_url(part) {
                Some(url) => view! { <SafeLink url=url.to_owned() text=part.to_owned()/>" " }.into_any(),
                None => view! { <span>{part.to_owned()}</span>" " }.into_any(),
            })
            .collect();
        facts.push(Fact::new(name.clone(), parts));
    }
    (!facts.is_empty()).then(|| view! { <KeyValues facts/> }.into_any())
}

fn server(server: &ApiServer) -> AnyView {
    let ApiServer { name, url, protocol, description, variables } = server;
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| view! { <code>{format!("{{{name}}} = {value}")}</code>" " }).collect();
    let protocol = (!protocol.is_empty()).then(|| protocol.clone()).map(|protocol| view! { <Badge>{protocol}</Badge> });
    view! {
        <li class="definition-server">
            {(!name.is_empty()).then(|| view! { <span>{name.clone()}</span> })}
            <code>{url.clone()}</code>
            {protocol}
            {variables}
            {html(description)}
        </li>
    }
    .into_any()
}

fn security(way: &ApiSecurity) -> AnyView {
    let scopes: Vec<_> = way
        .scopes
        .iter()
        .map(|(scope, meaning)| view! { <li><code>{scope.clone()}</code>" "<span class="muted">{meaning.clone()}</span></li> })
        .collect();
    let summary = frontend_ui::format::count(scopes.len() as u64, "scope", "scopes");
    let scopes =
        (!scopes.is_empty()).then(|| view! { <Disclosure summary><ul class="plain-list">{scopes}</ul></Disclosure> });
    view! {
        <li class="definition-server">
            <code>{way.name.clone()}</code>
            <span class="muted">{way.kind.clone()}</span>
            {html(&way.description)}
            {scopes}
        </li>
    }
    .into_any()
}

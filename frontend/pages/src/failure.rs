//! Pages that tell why there is nothing to show.

use frontend_ui::{EntityLink, ErrorPage, Icon, LinkButton, with_query};
use host_api::{ApiError, ApiErrorKind, PageContext, SearchQuery};
use host_model::EntityRef;
use leptos::prelude::*;

use crate::Page;

/// The most entities that are suggested in place of a missing one.
const SUGGESTIONS: usize = 5;

/// The page that tells of a failure.
pub fn failure(error: &ApiError) -> Page {
    let (status, message) = (error.kind.status(), error.message.clone());
    let fields: Vec<String> = error.fields.iter().map(|field| format!("{}: {}", field.field, field.message)).collect();
    Page::new(title(error.kind), move || {
        let message = sentence(&message);
        let fields: Vec<_> = fields.iter().map(|field| view! { <li>{field.clone()}</li> }).collect();
        view! {
            <ErrorPage status message/>
            {(!fields.is_empty()).then(|| view! { <ul class="failure-fields">{fields}</ul> })}
        }
        .into_any()
    })
    .status(status)
}

/// The page of an entity that is not in the catalog, with others that may have been meant.
pub(crate) async fn no_such_entity(context: &PageContext, entity: &EntityRef) -> Page {
    let query = SearchQuery {
        term: entity.name().replace(['-', '_', '.'], " "),
        page_limit: Some(SUGGESTIONS),
        ..SearchQuery::default()
    };
    let found = context.portal.search(&context.principal, query).await.unwrap_or_default();
    let similar: Vec<(String, String)> = found
        .results
        .iter()
        .filter_map(|hit| {
            let text = |key: &str| hit.document.get(key).and_then(serde_json::Value::as_str);
            let reference =
                EntityRef::new(text("kind")?, text("namespace")?, text("name").or_else(|| name_in(text("location")))?);
            Some((reference.to_string(), text("title").unwrap_or_default().to_owned()))
        })
        .take(SUGGESTIONS)
        .collect();
    let message =
        format!("The catalog has no {entity}. It may have been renamed or removed, or its source is not registered.");
    let search = with_query("/search", [("q", entity.name())]);
    Page::new("Not found", move || {
        let similar: Vec<_> = similar
            .iter()
            .map(|(reference, title)| view! { <li><EntityLink reference=reference.clone() title=title.clone()/></li> })
            .collect();
        let search = search.clone();
        view! {
            <ErrorPage status=404 message=message.clone()>
                <LinkButton href=search icon=Icon::Search>"Search for it"</LinkButton>
            </ErrorPage>
            {(!similar.is_empty()).then(|| view! {
                <section class="suggestions" aria-labelledby="suggestions">
                    <h2 id="suggestions">"Did you mean one of these?"</h2>
                    <ul class="suggestions-list">{similar}</ul>
                </section>
            })}
        }
        .into_any()
    })
    .status(404)
}

/// The last part of an entity's address.
fn name_in(location: Option<&str>) -> Option<&str> {
    location?.trim_end_matches('/').rsplit('/').next()
}

/// What the browser's tab says.
fn title(kind: ApiErrorKind) -> &'static str {
    match kind {
        ApiErrorKind::NotFound => "Not found",
        ApiErrorKind::NotAllowed | ApiErrorKind::Authentication => "Not allowed",
        ApiErrorKind::ServiceUnavailable => "Not ready",
        ApiErrorKind::Input | ApiErrorKind::PayloadTooLarge | ApiErrorKind::HeadersTooLarge => "Not understood",
        _ => "Error",
    }
}

/// A message that begins like a sentence. What is no word, such as an entity's name, stays as it is written.
fn sentence(message: &str) -> String {
    let first = message.split(' ').next().unwrap_or_default();
    if !first.trim_end_matches([',', ':']).chars().all(char::is_alphabetic) {
        return message.to_owned();
    }
    let mut characters = message.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_begin_like_sentences() {
        assert_eq!(sentence("there is no page"), "There is no page");
        assert_eq!(sentence("no, there is none"), "No, there is none");
        for name in ["svc-00 has gone", "component:default/a has gone"] {
            assert_eq!(sentence(name), name);
        }
        assert_eq!(sentence(""), "");
        assert_eq!(name_in(Some("/catalog/default/api/orders")), Some("orders"));
    }
}

//! What holds for every page.

use std::collections::BTreeSet;

use crate::fake::{Fake, HOSTILE};
use crate::html::{Tag, tags};
use crate::render::{Answer, get};

/// Every kind of page, with a portal whose texts are hostile.
const PAGES: &[(&str, u16)] = &[
    ("/", 200),
    ("/catalog", 200),
    ("/catalog?kind=all&text=%3Cscript%3E&tag=a&tag=b&sort=-owner&page=2", 200),
    ("/catalog?kind=nothing", 200),
    ("/catalog/default/component/checkout", 200),
    ("/catalog/default/component/checkout/relations", 200),
    ("/catalog/default/component/checkout/problems", 200),
    ("/catalog/default/component/checkout/inspect", 200),
    ("/catalog/default/api/orders", 200),
    ("/catalog/default/api/orders/definition", 200),
    ("/catalog/default/api/orders/definition?q=%3Cscript%3E&group=%22&verb=get&page=9", 200),
    ("/catalog/default/api/orders/definition?view=types", 200),
    ("/catalog/default/api/orders/definition?view=text", 200),
    ("/catalog/default/component/checkout/api", 200),
    ("/catalog/default/user/ada/api", 404),
    ("/catalog/default/component/checkout/definition", 404),
    ("/catalog/default/group/shop", 200),
    ("/catalog/default/user/ada", 200),
    ("/catalog/default/system/store", 200),
    ("/catalog/default/location/all", 200),
    ("/catalog/default/template/service", 200),
    ("/catalog/default/component/missing", 404),
    ("/catalog/default/component/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404),
    ("/catalog/default/component/checkout/panels/ci/runs", 200),
    ("/catalog/default/component/checkout/panels/ci/nothing", 404),
    ("/create", 200),
    ("/create?tag=nothing", 200),
    ("/create/templates/default/service", 200),
    ("/create/templates/default/service?formData=%7B%22name%22%3A%22x%22%7D", 200),
    ("/create/templates/default/missing", 404),
    ("/create/tasks", 200),
    ("/create/tasks?status=failed&page=3", 200),
    ("/create/tasks/done", 200),
    ("/create/tasks/running", 200),
    ("/create/tasks/missing", 404),
    ("/create/actions", 200),
    ("/search", 200),
    ("/search?q=orders&kind=API", 200),
    ("/search?q=nothing", 200),
    ("/plugins", 200),
    ("/plugins/ci", 200),
    ("/plugins/broken.wasm", 200),
    ("/plugins/missing", 404),
    ("/settings", 200),
    ("/api-docs", 200),
    ("/api-docs?type=openapi&owner=%22&lifecycle=production&text=%3Cscript%3E", 200),
    ("/catalog/problems", 200),
    ("/catalog/problems?owner=group:default/shop&severity=error&code=entity/rule&text=%3C&page=2", 200),
    ("/catalog-import", 200),
    ("/catalog-import?location=missing", 404),
    ("/catalog/default/component/checkout/unregister", 200),
    ("/catalog/default/component/missing/unregister", 404),
    ("/catalog-graph", 200),
    ("/catalog-graph?entity=component:default/checkout&depth=9", 200),
    ("/catalog-graph?entity=:::", 200),
    ("/catalog-graph?entity=component:default/missing", 404),
    ("/docs", 200),
    ("/docs/default/component/checkout", 200),
    ("/docs/default/component/missing", 404),
    ("/nowhere", 404),
    ("/catalog/%FF", 404),
];

#[tokio::test]
async fn every_page_is_sound_whatever_its_texts_say() {
    for (address, status) in PAGES {
        let answer = get(address, Fake::hostile()).await;
        assert_eq!(answer.status, *status, "{address}");
        sound(address, &answer);
    }
}

#[tokio::test]
async fn pages_of_an_empty_or_broken_portal_are_sound() {
    for portal in [Fake::empty, Fake::broken] {
        for (address, _) in PAGES {
            let answer = get(address, portal()).await;
            assert!([200, 400, 404, 503].contains(&answer.status), "{address}: {}", answer.status);
            sound(address, &answer);
        }
    }
}

/// Holds a page to the rules of all pages.
pub(crate) fn sound(address: &str, answer: &Answer) {
    let tags = tags(&answer.html);
    // Drawings have titles of their own.
    let in_drawing = |tag: &Tag| tag.around.iter().any(|around| around == "svg");
    let count = |name: &str| tags.iter().filter(|tag| tag.name == name && !in_drawing(tag)).count();
    assert!(answer.html.starts_with("<!DOCTYPE html>"), "{address}");
    assert_eq!((count("h1"), count("main"), count("title")), (1, 1, 1), "{address}: headings, mains and titles");
    assert!(!answer.html.contains(HOSTILE), "{address}: markup came through");
    for tag in &tags {
        for (attribute, value) in &tag.attributes {
            assert!(attribute != "style" && !attribute.starts_with("on"), "{address}: {tag:?}");
            if ["href", "action", "src"].contains(&attribute.as_str()) {
                let allowed = value.starts_with(['/', '#']) && !value.starts_with("//")
                    || ["https://", "http://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
                assert!(allowed, "{address}: {attribute}={value:?}");
            }
        }
    }
    let forms = tags.iter().filter(|tag| tag.name == "form");
    for form in forms {
        assert!(form.get("action").is_some_and(|action| action.starts_with('/')), "{address}: {form:?}");
    }
    labelled(address, &tags);
    unique_ids(address, &tags);
    known_targets(address, &tags);
}

/// Every field has a name that is read aloud.
fn labelled(address: &str, tags: &[Tag]) {
    let labels: BTreeSet<&str> =
        tags.iter().filter(|tag| tag.name == "label").filter_map(|tag| tag.get("for")).collect();
    for tag in tags {
        let field = ["input", "select", "textarea"].contains(&tag.name.as_str()) && tag.get("type") != Some("hidden");
        if field {
            let labelled = tag.get("aria-label").is_some()
                || tag.get("id").is_some_and(|id| labels.contains(id))
                || tag.around.iter().any(|around| around == "label");
            assert!(labelled, "{address}: a field without a label: {tag:?}");
        }
        if tag.name == "button" && tag.get("data-shape") == Some("icon") {
            assert!(tag.get("aria-label").is_some(), "{address}: {tag:?}");
        }
    }
}

fn unique_ids(address: &str, tags: &[Tag]) {
    let mut ids = BTreeSet::new();
    for id in
        tags.iter().filter(|tag| !tag.around.iter().any(|around| around == "defs")).filter_map(|tag| tag.get("id"))
    {
        assert!(ids.insert(id), "{address}: the id {id:?} is there twice");
    }
}

/// What refers to an id of the page finds it.
fn known_targets(address: &str, tags: &[Tag]) {
    let ids: BTreeSet<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
    for tag in tags {
        let references = ["aria-labelledby", "aria-describedby", "for", "popovertarget", "list"];
        let named =
            references.into_iter().filter_map(|attribute| tag.get(attribute)).flat_map(|value| value.split(' '));
        let linked = tag.get("href").and_then(|href| href.strip_prefix('#')).filter(|_| tag.name == "a");
        for id in named.chain(linked).filter(|id| !id.is_empty()) {
            assert!(ids.contains(id), "{address}: nothing has the id {id:?}: {tag:?}");
        }
    }
}

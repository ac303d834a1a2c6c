//! Lists: the catalog, the search, the plugins, and what they say when there is nothing.

use host_model::Principal;

use crate::fake::Fake;
use crate::html::{tags, text};
use crate::render::{context, get, get_with};

#[tokio::test]
async fn the_catalog_filters_by_its_address() {
    let answer = get("/catalog?type=service&tag=rust&sort=owner", Fake::friendly()).await;
    let tags = tags(&answer.html);
    let checked = tags.iter().find(|tag| tag.get("name") == Some("tag") && tag.get("value") == Some("rust")).unwrap();
    assert!(checked.get("checked").is_some());
    let selected: Vec<&str> =
        tags.iter().filter(|tag| tag.get("selected").is_some()).filter_map(|tag| tag.get("value")).collect();
    assert_eq!(selected, ["component", "service"]);
    // Sorting keeps the filters, filtering keeps the order.
    assert!(
        answer.html.contains("/catalog?type=service&amp;tag=rust&amp;sort=-owner"),
        "the same column turns the order around"
    );
    assert!(tags.iter().any(|tag| tag.get("name") == Some("sort") && tag.get("value") == Some("owner")));
    let words = text(&answer.html);
    assert!(
        words.contains("1 entity of kind Component") && words.contains("CHECKOUT") && words.contains("SHOP"),
        "{words}"
    );
    // The column of types says nothing that the filter does not say.
    assert!(!tags.iter().any(|tag| tag.get("data-label") == Some("Type")));
}

#[tokio::test]
async fn empty_lists_say_what_to_do() {
    for (address, portal, expected) in [
        ("/catalog", Fake::empty as fn() -> Fake, "The catalog is empty"),
        ("/catalog?kind=resource", Fake::friendly, "Look at all kinds"),
        ("/catalog?kind=resource&text=x", Fake::friendly, "Clear filters"),
        ("/catalog?page=9", Fake::friendly, "Go to the first page"),
        ("/", Fake::empty, "The catalog is empty"),
        ("/create", Fake::empty, "No templates yet"),
        ("/create/tasks", Fake::empty, "Choose a template"),
        ("/plugins", Fake::empty, "No plugins"),
        ("/docs", Fake::empty, "techdocs-ref"),
        ("/search", Fake::friendly, "What are you looking for?"),
        ("/search?q=nothing&kind=API", Fake::friendly, "Search in all kinds"),
    ] {
        let answer = get(address, portal()).await;
        assert_eq!(answer.status, 200, "{address}");
        assert!(text(&answer.html).contains(expected), "{address}: {}", text(&answer.html));
    }
}

#[tokio::test]
async fn a_search_keeps_its_words_and_leads_on() {
    let answer = get("/search?q=orders+%26+more", Fake::friendly()).await;
    let tags = tags(&answer.html);
    let fields: Vec<&str> =
        tags.iter().filter(|tag| tag.get("name") == Some("q")).filter_map(|tag| tag.get("value")).collect();
    assert_eq!(fields, ["orders & more", "orders & more"]);
    assert!(
        tags.iter()
            .any(|tag| tag.get("rel") == Some("next")
                && tag.get("href").is_some_and(|href| href.contains("cursor=next")))
    );
    assert!(!answer.html.contains("javascript:"));
}

#[tokio::test]
async fn plugins_tell_why_and_how_to_grant() {
    let words = text(&get("/plugins", Fake::friendly()).await.html);
    for expected in ["Waiting for consent", "the file is no component", "12,345", "1 MiB", "broken.wasm"] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
    let words = text(&get("/plugins/ci", Fake::friendly()).await.html);
    for expected in ["github: ci-github", "metadata.x", "Not granted", "trap", "unreachable", "red", "wasi:http/types"]
    {
        assert!(words.contains(expected), "{expected}: {words}");
    }
}

#[tokio::test]
async fn home_shows_problems_to_administrators_only() {
    let guest = text(&get("/", Fake::friendly()).await.html);
    assert!(guest.contains("Welcome to Acme") && !guest.contains("problem in the catalog"), "{guest}");
    let mut context = context(Fake::friendly());
    context.principal = Principal::Administrator;
    context.notice = Some("Saved <b>it</b>".into());
    let answer = get_with("/", context).await;
    assert!(text(&answer.html).contains("1 problem in the catalog"));
    assert!(answer.html.contains("Saved &lt;b&gt;it&lt;/b&gt;"));
}

#[tokio::test]
async fn apis_without_a_definition_have_no_link_to_one_and_many_providers_are_counted() {
    let answer = get("/api-docs", Fake::friendly()).await;
    let tags = tags(&answer.html);
    let leads = |path: &str| tags.iter().any(|tag| tag.get("href") == Some(path));
    assert!(leads("/catalog/default/api/orders/definition") && !leads("/catalog/default/api/tools/definition"));
    let words = text(&answer.html);
    assert!(words.contains("provider-2") && !words.contains("provider-3") && words.contains("+27"), "{words}");
    for head in ["System", "Description", "Tags"] {
        assert!(tags.iter().any(|tag| tag.get("data-label") == Some(head)), "{head}");
    }
    let about = text(&get("/catalog/default/api/tools", Fake::friendly()).await.html);
    assert!(about.contains("https://mcp.example/sse"), "{about}");
}

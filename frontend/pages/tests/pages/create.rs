//! Templates, forms and tasks.

use std::sync::Arc;

use host_api::FormState;
use host_model::plugin::FieldError;
use serde_json::json;

use crate::checks::sound;
use crate::fake::Fake;
use crate::html::{tags, text};
use crate::render::{context, get, get_with};

#[tokio::test]
async fn a_form_asks_by_json_pointer() {
    let answer = get("/create/templates/default/service", Fake::friendly()).await;
    let tags = tags(&answer.html);
    let field =
        |name: &str| tags.iter().find(|tag| tag.get("name") == Some(name)).unwrap_or_else(|| panic!("no field {name}"));
    for name in ["/name", "/owner", "/kindly", "/tags", "/lines", "/public", "/count", "/repo/a~1b"] {
        field(name);
    }
    assert_eq!(field("/name").get("value"), Some("x"));
    assert!(field("/name").get("required").is_some() && field("/name").get("pattern").is_none());
    assert!(field("/public").get("checked").is_some() && field("/public").get("required").is_none());
    assert_eq!(field("/count").get("min"), Some("1"));
    assert!(
        tags.iter().any(|tag| tag.name == "option" && tag.get("value") == Some("group:default/shop")),
        "groups are suggested"
    );
    let form = tags.iter().find(|tag| tag.get("class") == Some("template-form")).unwrap();
    assert_eq!((form.get("action"), form.get("method")), (Some("/create/templates/default/service"), Some("post")));
}

#[tokio::test]
async fn a_refused_form_keeps_its_answers_and_tells_what_is_wrong() {
    let mut context = context(Fake::friendly());
    let error = |field: &str, message: &str| FieldError { field: field.into(), message: message.into() };
    context.form = Some(Arc::new(FormState {
        values: json!({"name": "Checkout!", "public": false, "tags": ["x"], "lines": ["a", "b"], "repo": {"a/b": "p"}})
            .as_object()
            .unwrap()
            .clone(),
        message: "Some answers do not fit".into(),
        errors: vec![
            error("/name", "must be lower case"),
            error("/tags/0", "not this one"),
            error("/repo/a~1b", "too short"),
            error("", "and more"),
        ],
    }));
    let answer = get_with("/create/templates/default/service", context).await;
    sound("the refused form", &answer);
    let tags = tags(&answer.html);
    let field = |name: &str| tags.iter().find(|tag| tag.get("name") == Some(name)).unwrap();
    assert_eq!((field("/name").get("value"), field("/name").get("aria-invalid")), (Some("Checkout!"), Some("true")));
    assert_eq!(field("/repo/a~1b").get("value"), Some("p"));
    assert!(field("/public").get("checked").is_none());
    let links: Vec<&str> =
        tags.iter().filter_map(|tag| tag.get("href")).filter(|href| href.starts_with("#/")).collect();
    assert_eq!(links, ["#/name", "#/tags", "#/repo/a~1b"]);
    let words = text(&answer.html);
    assert!(
        words.contains("4 answers to mend") && words.contains("and more") && words.contains("not this one"),
        "{words}"
    );
    assert!(answer.html.contains("<title>Error: SERVICE"));
}

#[tokio::test]
async fn a_task_tells_how_far_it_is() {
    let running = get("/create/tasks/running", Fake::friendly()).await;
    assert!(
        running.html.contains("<noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript>"),
        "readers without scripts see it go on"
    );
    let words = text(&running.html);
    assert!(
        words.contains("Running") && words.contains("Cancel") && words.contains("Waiting") && words.contains("1 s"),
        "{words}"
    );
    let tags = tags(&running.html);
    assert!(tags.iter().any(|tag| tag.get("data-task") == Some("running") && tag.get("data-after") == Some("2")));

    let done = get("/create/tasks/done", Fake::friendly()).await;
    assert!(!done.html.contains("http-equiv"));
    let words = text(&done.html);
    for expected in ["Failed", "it broke", "Repository", "Read on.", "remoteUrl", "Start again", "Skipped", "words"] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
}

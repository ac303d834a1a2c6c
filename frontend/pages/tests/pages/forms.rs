//! What was sent and could not be done: the page comes back with the answers.

use std::sync::Arc;

use host_api::FormState;
use host_model::plugin::FieldError;
use serde_json::json;

use crate::checks::sound;
use crate::fake::Fake;
use crate::html::{tags, text};
use crate::render::{Answer, context, get_with};

/// The page that comes back when a field was sent, with what was wrong with another.
async fn again(address: &str, portal: Fake, sent: (&str, &str), wrong: &str) -> Answer {
    let mut context = context(portal);
    let field = FieldError { field: wrong.into(), message: "not this one".into() };
    context.form = Some(Arc::new(FormState {
        values: [(sent.0.to_owned(), json!(sent.1))].into_iter().collect(),
        message: String::new(),
        errors: vec![field],
    }));
    let answer = get_with(address, context).await;
    sound(address, &answer);
    answer
}

#[tokio::test]
async fn the_choice_of_what_to_unregister_is_kept() {
    for (sent, expected) in [("entity", "entity"), ("location", "location"), ("", "location")] {
        let path = "/catalog/default/component/checkout/unregister";
        let answer = again(path, Fake::friendly(), ("what", sent), "token").await;
        let tags = tags(&answer.html);
        let choices = tags.iter().filter(|tag| tag.get("name") == Some("what") && tag.get("checked").is_some());
        assert_eq!(choices.filter_map(|tag| tag.get("value")).collect::<Vec<_>>(), [expected], "{sent}");
    }
}

#[tokio::test]
async fn an_address_is_looked_at() {
    let looked =
        async |portal: Fake, target: &str| text(&again("/catalog-import", portal, ("target", target), "").await.html);
    // A location with an error is registered all the same; only what another source holds is kept out.
    let words = looked(Fake::friendly(), "https://git.example/a.yaml").await;
    assert!(words.contains("registered with problems") && !words.contains("kept out"), "{words}");
    let words = looked(Fake::friendly(), "https://git.example/broken.yaml").await;
    assert!(words.contains("/srv/a.yaml:3:7: a colon is missing (hint: write a colon)"), "{words}");
    looked(Fake::hostile(), "https://git.example/a.yaml").await;
}

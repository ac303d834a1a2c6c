//! Plugins' panels: at once where they can be, later where they cannot, and never in the way.

use crate::checks::sound;
use crate::fake::Fake;
use crate::html::{tags, text};
use crate::render::get;

const PAGE: &str = "/catalog/default/component/checkout";

#[tokio::test]
async fn a_panel_that_is_ready_is_in_the_first_part() {
    let answer = get(PAGE, Fake::friendly()).await;
    assert_eq!(answer.first, answer.html, "nothing came later");
    let words = text(&answer.first);
    assert!(
        words.contains("Card runs") && words.contains("All is well.") && words.contains("the plugin is confused"),
        "{words}"
    );
    // Entities that it names have their titles.
    assert!(words.contains("SHOP"));
}

#[tokio::test]
async fn a_late_panel_delays_nothing_but_itself() {
    let (portal, let_go) = Fake::friendly().late("slow");
    let page = tokio::spawn(get(PAGE, portal));
    // The page is drawn while the panel waits; what is asserted below is what was sent before it came.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let_go.send(()).unwrap();
    let answer = page.await.unwrap();
    sound(PAGE, &answer);
    let first = text(&answer.first);
    assert!(
        first.contains("Card runs") && first.contains("Card broken") && first.contains("Loading Card slow"),
        "{first}"
    );
    assert!(
        answer.first.contains("<noscript>")
            && answer.first.contains("href=\"/catalog/default/component/checkout/panels/ci/slow\"")
    );
    assert_eq!(answer.first.matches("All is well.").count(), 1, "only the panel that was ready");
    assert_eq!(answer.html.matches("All is well.").count(), 2, "and then the other");
    let templates: Vec<_> = tags(&answer.html).into_iter().filter(|tag| tag.name == "template").collect();
    assert_eq!(templates.len(), 1, "it is put into its place by the browser");
}

#[tokio::test]
async fn a_panel_has_a_page_of_its_own_that_waits() {
    let (portal, let_go) = Fake::friendly().late("slow");
    let page = tokio::spawn(get("/catalog/default/component/checkout/panels/ci/slow?panel-ci-slow.sort=-1", portal));
    tokio::task::yield_now().await;
    let_go.send(()).unwrap();
    let answer = page.await.unwrap();
    assert_eq!((answer.status, answer.first == answer.html), (200, true));
    let words = text(&answer.html);
    assert!(words.contains("All is well. [(\"sort\", \"-1\")]"), "the panel is told its state: {words}");
    assert!(words.contains("Back to CHECKOUT") && words.contains("Brought by the plugin Builds"), "{words}");
}

//! What plugins answer, good and bad.

use std::time::Duration;

use host_model::Entity;
use host_model::plugin::{FaultCode, PluginError, Width};
use host_model::view::{Block, View};
use serde_json::json;

use super::fixture::{Data, Function, card_plugin, component};
use super::*;
use crate::{CardAct, CardRender, Outcome};

fn render() -> CardRender {
    let entity = json!({"kind": "Component", "metadata": {"name": "shop"}});
    CardRender {
        card: "runs".to_owned(),
        entity: Arc::new(Entity::from_value(entity).unwrap()),
        locale: "en".to_owned(),
        state: vec![("page".to_owned(), "2".to_owned())],
    }
}

fn constant(at: u32) -> String {
    format!("(i32.const {at})")
}

fn fault<T: std::fmt::Debug>(outcome: Outcome<T>) -> (FaultCode, String) {
    match outcome.result.unwrap_err() {
        PluginError::Fault { fault, message } => (fault, message),
        error => panic!("{error}"),
    }
}

/// A heading as a block, of 56 bytes.
fn heading(data: &mut Data, text: &str) -> u32 {
    let [at, length] = data.text(text);
    let mut words = [0; 14];
    words[..4].copy_from_slice(&[1, 0, at, length]);
    data.words(&words)
}

/// A view of one block with a root.
fn view(data: &mut Data, block: u32, root: u32) -> u32 {
    let roots = data.words(&[root]);
    data.words(&[0, 0, block, 1, roots, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

#[tokio::test]
async fn a_plugin_describes_itself() {
    let mut data = Data::default();
    let good = data.description("hello", "1.2.3");
    let fake = Arc::default();
    let plugin = plugin(card_plugin("", &data, &[("describe", constant(good))])).await;
    let outcome = plugin.describe(trial(&fake)).await;
    let description = outcome.result.unwrap();
    assert_eq!((description.id.as_str(), description.version.as_str()), ("hello", "1.2.3"));
    assert!(outcome.report.fresh && outcome.report.peak_memory == 8 << 16, "{:?}", outcome.report);
}

#[tokio::test]
async fn a_description_that_breaks_the_contract_is_bad_data() {
    let mut data = Data::default();
    let bad = data.description("Hello World", "1.2.3");
    let plugin = plugin(card_plugin("", &data, &[("describe", constant(bad))])).await;
    let (code, message) = fault(plugin.describe(trial(&Arc::default())).await);
    assert_eq!(code, FaultCode::BadData);
    assert!(message.starts_with("its answer to `describe` breaks the contract: its id \"Hello World\""), "{message}");
}

#[tokio::test]
async fn describing_traps_loops_and_hogs_are_faults_with_their_codes() {
    let data = Data::default();
    for (body, expected) in [
        ("unreachable", FaultCode::Trap),
        ("(loop $a (br $a)) unreachable", FaultCode::ProcessorBudget),
        ("(loop $a (br_if $a (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable", FaultCode::Memory),
    ] {
        let plugin = plugin(card_plugin("", &data, &[("describe", body.to_owned())])).await;
        let mut trial = trial(&Arc::default());
        trial.limits.processor = Duration::from_millis(50);
        trial.limits.wall = Duration::from_secs(60);
        let (code, message) = fault(plugin.describe(trial).await);
        assert_eq!(code, expected, "{message}");
    }
}

#[tokio::test]
async fn capabilities_are_refused_while_describing_and_given_in_calls() {
    // `get` of the store of values: the first word of its answer is 0 when it was answered.
    let import = format!(r#"(import "callboard:plugin/kv@{}" "get" (func $get (param i32 i32 i32)))"#, crate::VERSION);
    let mut data = Data::default();
    let key = data.text("key");
    let good = data.description("hello", "1.2.3");
    let ask = |refused: u32, then: u32| {
        format!(
            "(call $get (i32.const {}) (i32.const {}) (i32.const 256))
             (if (i32.ne (i32.load8_u (i32.const 256)) (i32.const {refused})) (then unreachable))
             (i32.const {then})",
            key[0], key[1]
        )
    };
    let block = heading(&mut data, "Runs");
    let shown = view(&mut data, block, 0);
    let bodies = [("describe", ask(1, good)), ("render", ask(0, shown))];
    let plugin = plugin(card_plugin(&import, &data, &bodies)).await;
    let fake = Arc::default();
    let described = plugin.describe(trial(&fake)).await;
    assert!(described.result.is_ok(), "{described:?}");
    assert_eq!(described.report.host_calls, 1);
    let rendered = plugin.render(call(&fake), render()).await;
    assert_eq!(rendered.result.unwrap().blocks, [Block::Heading("Runs".to_owned())]);
}

#[tokio::test]
async fn cards_are_declared_rendered_and_acted_upon() {
    let mut data = Data::default();
    let (id, title) = (data.text("runs"), data.text("Runs"));
    let card = data.words(&[id[0], id[1], title[0], title[1], 0, 0, 2]);
    let cards = data.words(&[card, 1]);
    let block = heading(&mut data, "Runs");
    let missing = view(&mut data, block, 7);
    let reason = data.text("github.com/project-slug");
    let lacking = data.words(&[1, 0, reason[0], reason[1], 0, 0]);
    let bodies = [("cards", constant(cards)), ("render", constant(missing)), ("act", constant(lacking))];
    let plugin = plugin(card_plugin("", &data, &bodies)).await;
    let fake = Arc::default();

    let cards = plugin.cards(trial(&fake)).await.result.unwrap();
    assert_eq!((cards[0].id.as_str(), cards[0].width), ("runs", Width::Full));

    let (code, message) = fault::<View>(plugin.render(call(&fake), render()).await);
    assert_eq!(code, FaultCode::BadData);
    assert!(message.contains("refers to block 7, which does not exist"), "{message}");

    let CardRender { card, entity, locale, .. } = render();
    let act = CardAct { card, entity, locale, action: "go".into(), input: json!({}), idempotency_key: "k".into() };
    // The result of `act` has no wide field, so its error begins a word earlier than that of `render`.
    let error = plugin.act(call(&fake), act).await.result.unwrap_err();
    let PluginError::MissingAnnotation { annotation } = error else { panic!("{error}") };
    assert_eq!(annotation, "github.com/project-slug");
}

#[tokio::test]
async fn what_a_plugin_does_not_export_is_not_found() {
    let plugin = plugin(card_plugin("", &Data::default(), &[])).await;
    let error = plugin.process(call(&Arc::default()), vec![]).await.result.unwrap_err();
    assert!(error.to_string().contains("catalog-processor"), "{error}");
}

#[tokio::test]
async fn a_processor_answers_for_every_entity_on_a_warm_instance() {
    let mut data = Data::default();
    let empty = data.words(&[0; 8]);
    let outcomes = data.words(&[empty, 1]);
    let wasm = component(
        "catalog-processor-plugin",
        "",
        &data,
        &[
            Function("plugin#describe", "(result i32)", "unreachable".into()),
            Function("catalog-processor#processor", "(result i32)", constant(outcomes)),
            Function("catalog-processor#process", "(param i32 i32) (result i32)", constant(outcomes)),
        ],
    );
    let plugin = plugin(wasm).await;
    let fake = Arc::default();
    let item = host_ports::ProcessorItem { entity: render().entity, location: "file:/x.yaml".into() };
    for fresh in [true, false, false] {
        let outcome = plugin.process(call(&fake), vec![item.clone()]).await;
        assert_eq!(outcome.result, Ok(vec![host_ports::ProcessorOutcome::default()]));
        assert_eq!(outcome.report.fresh, fresh);
    }
    let (code, message) = fault(plugin.process(call(&fake), vec![]).await);
    assert_eq!(code, FaultCode::BadData);
    assert!(message.contains("gave 1 outcomes for 0 entities"), "{message}");
}

//! Real components through the real runtime, contract and store.

mod component;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use host_fetch::Fetcher;
use host_model::plugin::{FaultCode, PluginError, State, Status};
use host_model::{Entity, Principal};
use host_ports::{Extensions, RenderRequest};
use host_store::Store;
use serde_json::{Value, json};

use self::component::CardPlugin;
use crate::{BuiltIn, DryRun, Inspector, PluginHost, PluginHostOptions, PluginsConfig};

const LOOP: &str = "(loop $again (br $again)) unreachable";

fn card(id: &str) -> CardPlugin<'_> {
    CardPlugin { id, version: "1.0.0", describe: None, render: None }
}

async fn start(data: &Path, built_in: Vec<BuiltIn>) -> PluginHost {
    let host = PluginHost::start(PluginHostOptions {
        data: data.to_owned(),
        built_in,
        config: PluginsConfig::default(),
        compiler: None,
        store: Store::open(data).unwrap(),
        fetcher: Fetcher::default(),
    })
    .unwrap();
    let wait = host.until(|list| list.iter().all(|it| it.state != State::Starting));
    host.settled().await;
    wait.await;
    host
}

fn entity() -> Entity {
    Entity::from_value(json!({ "kind": "Component", "metadata": { "name": "a" } })).unwrap()
}

fn request() -> RenderRequest {
    RenderRequest { entity: Arc::new(entity()), principal: Principal::Guest, locale: "en".into(), state: vec![] }
}

fn status<'a>(list: &'a [Status], file: &str) -> &'a Status {
    list.iter().find(|status| status.file == file).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_file_ends_in_a_clear_state() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("plugins");
    fs::create_dir(&folder).unwrap();
    let good = card("good").build();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("good.wasm", &good);
    write("empty.wasm", b"");
    write("text.wasm", b"Not found");
    write("module.wasm", &wat::parse_str("(module)").unwrap());
    write("component.wasm", &wat::parse_str("(component)").unwrap());
    write("truncated.wasm", &good[..good.len() - 10]);
    write("traps.wasm", &CardPlugin { describe: Some("unreachable"), ..card("traps") }.build());
    write("loops.wasm", &CardPlugin { describe: Some(LOOP), ..card("loops") }.build());
    write("bad-id.wasm", &card("Bad Id").build());

    let host = start(data.path(), vec![]).await;
    let list = host.until(|list| list.len() == 9 && list.iter().all(|it| it.state != State::Starting)).await;
    for (file, code) in [
        ("empty.wasm", "not-webassembly"),
        ("text.wasm", "not-webassembly"),
        ("module.wasm", "not-a-component"),
        ("component.wasm", "wrong-world"),
        ("truncated.wasm", "truncated"),
        ("traps.wasm", "describe-failed"),
        ("loops.wasm", "describe-failed"),
        ("bad-id.wasm", "bad-description"),
    ] {
        let status = status(&list, file);
        let found = status.reason.as_ref().map(|reason| &*reason.code);
        assert_eq!((status.state, found), (State::Failed, Some(code)), "{file}: {:?}", status.reason);
    }
    assert_eq!(status(&list, "good.wasm").state, State::Serving);
    assert_eq!(status(&list, "loops.wasm").recent_faults[0].fault, FaultCode::ProcessorBudget);
    let view = host.cards()[0].render(request()).await.unwrap();
    assert!(view.roots.is_empty());
    assert_eq!(status(&host.list(), "good.wasm").calls, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_breaks_is_a_fault_of_its_plugin_alone() {
    let data = tempfile::tempdir().unwrap();
    let bad = CardPlugin { render: Some(LOOP), ..card("bad") }.build();
    let built_in = vec![
        BuiltIn { file: "bad.wasm", wasm: bad.leak() },
        BuiltIn { file: "good.wasm", wasm: card("good").build().leak() },
    ];
    let host = start(data.path(), built_in.clone()).await;
    let cards = host.cards();
    let (broken, fine) = tokio::join!(cards[0].render(request()), cards[1].render(request()));
    assert!(matches!(broken, Err(PluginError::Fault { fault: FaultCode::ProcessorBudget, .. })), "{broken:?}");
    assert!(fine.is_ok());
    let list = host.list();
    let bad = status(&list, "bad.wasm");
    assert_eq!((bad.faults, &*bad.recent_faults[0].call), (1, "ui-card"));
    assert!(bad.cpu_ms >= 200 && bad.peak_memory_bytes > 0, "{bad:?}");
    assert_eq!(status(&list, "good.wasm").faults, 0);
    host.shutdown().await;
    drop((cards, host));
}

#[tokio::test(flavor = "multi_thread")]
async fn inspecting_and_trying_a_file_needs_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.wasm");
    fs::write(&file, card("x").build()).unwrap();
    let inspector = Inspector::new(None, None).unwrap();
    let report = inspector.inspect_file(&file).await;
    assert!(report.is_good() && report.warnings.is_empty(), "{report:?}");
    assert_eq!((report.description.unwrap().id, report.cards.len(), report.grant_lines), ("x".into(), 1, None));

    let render = |card: Option<&str>| DryRun::Render { card: card.map(str::to_owned), entity: entity(), state: vec![] };
    let answer = inspector.dry_run(&file, &Value::Null, render(None)).await.unwrap();
    assert_eq!(answer.result.unwrap()["roots"], json!([]));
    let absent = inspector.dry_run(&file, &Value::Null, render(Some("other"))).await.unwrap_err();
    assert!(absent.message.ends_with("no card other; it has: card"), "{}", absent.message);
    let run = DryRun::Process { entities: vec![], location: String::new() };
    assert_eq!(inspector.dry_run(&file, &Value::Null, run).await.unwrap_err().code, "not-offered");
    let configured = inspector.dry_run(&file, &json!({ "a": 1 }), render(None)).await.unwrap_err();
    assert_eq!(configured.code, "config-invalid");

    fs::write(&file, b"PK\x03\x04").unwrap();
    let report = inspector.inspect_file(&file).await;
    assert_eq!(report.problem.unwrap().code, "not-webassembly");
}

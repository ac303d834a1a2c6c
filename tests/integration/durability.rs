//! Ending without warning, two portals for one folder, and copies while serving.

use std::path::Path;

use callboard_tests::portal::run_command;
use callboard_tests::{TestPortal, eventually, generate};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::support::{component, documents, template};

const WAIT: &str = "    - { id: wait, name: Wait, action: debug:wait, input: { seconds: 300 } }\n";
const LOG: &str = "    - { id: say, name: Say, action: debug:log, input: { message: hello } }\n";

fn integrity(database: &Path) -> String {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

async fn everything(portal: &TestPortal) -> Vec<Value> {
    portal.get_json("/api/catalog/entities").await.as_array().unwrap().clone()
}

#[tokio::test]
async fn killed_while_it_reads_it_serves_the_same_catalog_afterwards() {
    let mut portal = TestPortal::builder().prepare();
    generate::write(&portal.catalog(), 3_000).unwrap();
    // At several moments of the first reading, told by what is there already.
    for enough in [1, 700, 1_800] {
        portal.launch_without_waiting().await;
        eventually("a part of the catalog", async || {
            let answer = portal.try_get("/api/catalog/entities/by-query?limit=0").await?;
            let total = if answer.status == 200 { answer.json()["totalItems"].as_u64()? } else { return None };
            (total >= enough).then_some(())
        })
        .await;
        portal.kill();
        assert_eq!(integrity(&portal.data().join("callboard.db")), "ok");
    }
    portal.start_again().await;
    let count = async |portal: &TestPortal| {
        portal.get_json("/api/catalog/entities/by-query?limit=0&filter=kind=component&filter=kind=user").await["totalItems"].clone()
    };
    let shape = generate::Shape::of(3_000);
    assert_eq!(count(&portal).await, json!(shape.components + shape.users));
    assert_eq!(portal.problems().await.len(), 0);

    // And once more when it is at rest: the same entities, with the same uids.
    let before = everything(&portal).await;
    portal.kill();
    assert_eq!(integrity(&portal.data().join("callboard.db")), "ok");
    portal.start_again().await;
    assert_eq!(everything(&portal).await, before);
}

#[tokio::test]
async fn killed_in_the_middle_of_a_task_the_history_is_whole() {
    let list = [template("log", LOG), template("wait", &format!("{LOG}{WAIT}")), component("a", &[])];
    let mut portal = TestPortal::builder().catalog_file("all.yaml", &documents(&list)).start().await;
    let done = portal.create_task("template:default/log", &json!({ "name": "x" })).await;
    portal.ended_task(&done).await;
    let done_events = portal.task_events(&done).await;
    let running = portal.create_task("template:default/wait", &json!({ "name": "x" })).await;
    eventually("the second step to begin", async || {
        let events = portal.task_events(&running).await;
        serde_json::to_string(&events).unwrap().contains("Beginning step Wait").then_some(())
    })
    .await;
    portal.kill();
    assert_eq!(integrity(&portal.data().join("callboard.db")), "ok");

    portal.start_again().await;
    assert_eq!(portal.task(&done).await["status"], "completed");
    assert_eq!(portal.task_events(&done).await, done_events);
    // Nobody knows what the step had done, so it is not done again; the task says how it ended.
    let task = portal.ended_task(&running).await;
    assert_eq!(task["status"], "failed", "{task}");
    let events = portal.task_events(&running).await;
    let log = serde_json::to_string(&events).unwrap();
    assert!(log.contains("hello") && events.last().unwrap()["type"] == "completion", "{log}");
    assert!(portal.entity("component:default/a").await.is_some());
    let list = portal.get_json("/api/scaffolder/v2/tasks").await;
    assert_eq!(list["totalTasks"], 2);
}

#[tokio::test]
async fn one_folder_has_one_portal() {
    let portal = TestPortal::builder().start().await;
    let data = portal.data();
    let run =
        run_command(portal.folder(), &[], &["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
            .unwrap();
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("in use by another callboard process"), "{}", run.err);
    assert!(run.err.contains(&portal.pid().to_string()), "which one: {}", run.err);
    assert_eq!(portal.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn an_address_that_is_taken_is_named_with_what_to_do() {
    let portal = TestPortal::builder().start().await;
    let address = portal.address().to_string();
    let run = run_command(portal.folder(), &[], &["serve", "--listen", &address, "--data", "other"]).unwrap();
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains(&address) && run.err.contains("--listen"), "{}", run.err);
}

#[tokio::test]
async fn a_copy_made_while_serving_serves() {
    let list = [template("log", LOG), component("a", &[]), component("b", &[])];
    let portal = TestPortal::builder().catalog_file("all.yaml", &documents(&list)).start().await;
    let task = portal.create_task("template:default/log", &json!({ "name": "x" })).await;
    portal.ended_task(&task).await;
    let data = portal.data();
    let copy = portal.folder().join("copy.db");
    let arguments = ["backup", copy.to_str().unwrap(), "--data", data.to_str().unwrap()];
    let run = run_command(portal.folder(), &[], &arguments).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(integrity(&copy), "ok");
    // It is never written over.
    let run = run_command(portal.folder(), &[], &arguments).unwrap();
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("copy.db"), "{}", run.err);

    let other = TestPortal::builder()
        .catalog_file("all.yaml", &documents(&list))
        .file("data/callboard.db", std::fs::read(&copy).unwrap())
        .start()
        .await;
    assert_eq!(other.task(&task).await["status"], "completed");
    let nowhere = run_command(portal.folder(), &[], &["backup", "x.db", "--data", "nowhere"]).unwrap();
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    assert!(nowhere.err.contains("nowhere"), "{}", nowhere.err);
}

#[tokio::test]
async fn a_database_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(
        folder.path().join("data/callboard.db"),
        "this is no database, and longer than a header of one\n".repeat(99),
    )
    .unwrap();
    let run = run_command(folder.path(), &[], &["serve", "--listen", "127.0.0.1:0"]).unwrap();
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("callboard.db"), "{}", run.err);
    assert!(!run.err.contains("panicked"), "{}", run.err);
}

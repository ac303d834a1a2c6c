//! Tasks that fail, are stopped, or are left by a process that died.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use host_model::plugin::PluginError;
use host_ports::{ActionResult, LogLevel};
use host_store::NewTask;
use tokio::sync::Notify;

use super::*;
use crate::testing::FakeAction;

/// Runs until it is stopped, and tells that it was.
fn endless(stopped: &Arc<AtomicBool>) -> Arc<dyn Action> {
    struct Guard(Arc<AtomicBool>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let stopped = Arc::clone(stopped);
    FakeAction::boxed("test:endless", move |context| {
        let guard = Guard(Arc::clone(&stopped));
        async move {
            let _guard = guard;
            context.log.line(LogLevel::Info, "working");
            std::future::pending::<Result<ActionResult, PluginError>>().await
        }
    })
}

fn says(text: &'static str) -> impl Fn(&TaskEvent) -> bool {
    move |event| event.body["message"] == text
}

#[tokio::test]
async fn a_failed_step_ends_the_task_and_is_named() {
    let portal = Portal::start(
        vec![
            steps("unknown", json!([{"name": "Ask", "action": "htpp:request"}, {"action": "debug:log"}])),
            steps(
                "input",
                json!([{"id": "i", "action": "fs:rename", "input": {"files": [{"from": "${{ parameters.x }}"}]}}]),
            ),
            steps("syntax", json!([{"id": "s", "action": "debug:log", "input": {"message": "a ${{ parameters. }}"}}])),
            steps("each", json!([{"id": "e", "action": "debug:log", "each": "${{ parameters.none }}"}])),
            steps(
                "elsewhere",
                json!([{"id": "f", "action": "fetch:template", "input": {"url": "https://example.com/x"}}]),
            ),
        ],
        vec![FakeAction::boxed("http:request", |_| async { Ok(ActionResult::default()) })],
    )
    .await;
    for (name, expected) in [
        (
            "unknown",
            "Step Ask failed: Template action with ID 'htpp:request' is not registered; the nearest one is 'http:request'",
        ),
        (
            "input",
            "Step fs:rename failed: Invalid input passed to action fs:rename, /files/0/from is required; /files/0/to is required",
        ),
        ("syntax", "Step debug:log failed: at /input/message, in \"a ${{ parameters. }}\": syntax error: "),
        ("each", "Step debug:log failed: each must be a list or an object, and is nothing"),
        ("elsewhere", "Step fetch:template failed: https://example.com/x is an address elsewhere"),
    ] {
        let (id, events) = portal.run(name, json!({})).await;
        assert_eq!(portal.status(&id).await, "failed");
        let last = &events.last().unwrap().body;
        assert_eq!(last["message"], "Run completed with status: failed");
        let told = last["error"]["message"].as_str().unwrap();
        assert!(told.starts_with(expected), "{told}");
        let before = &events[events.len() - 2].body;
        assert_eq!((&before["status"], before["message"].as_str().unwrap()), (&json!("failed"), told));
        assert!(!messages(&events).iter().any(|line| line == "Beginning step debug:log") || name != "unknown");
    }
}

#[tokio::test]
async fn cancelling_reaches_into_a_running_action() {
    let stopped = Arc::new(AtomicBool::new(false));
    let templates = vec![steps("t", json!([{"id": "e", "name": "Endless", "action": "test:endless"}]))];
    let portal = Portal::start(templates, vec![endless(&stopped)]).await;
    let id = portal.create("t", json!({})).await.unwrap();
    portal.events_until(&id, says("working")).await;
    portal.scaffolder.cancel(&Principal::Guest, &id).await.unwrap();
    assert!(stopped.load(Ordering::SeqCst));
    assert_eq!(portal.status(&id).await, "cancelled");
    let events = portal.events(&id).await;
    let said = messages(&events);
    assert_eq!(
        said[said.len() - 3..],
        ["Step Endless was cancelled", "Task was cancelled by guest", "Run completed with status: cancelled"]
    );
    assert_eq!(events[said.len() - 2].kind, TaskEventKind::Cancelled);
    // Once more changes nothing, and there is nothing to wait for.
    portal.scaffolder.cancel(&Principal::Guest, &id).await.unwrap();
    let after = events.last().map(|event| event.id);
    let none = portal.scaffolder.events(&Principal::Guest, &id, after, Duration::from_secs(30)).await.unwrap();
    assert!(none.is_empty());
    assert!(matches!(portal.scaffolder.cancel(&Principal::Guest, "nope").await, Err(ScaffolderError::NotFound(_))));
}

#[tokio::test]
async fn a_task_that_waits_for_its_turn_can_be_cancelled() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (go, counted, peak) = (Arc::new(Notify::new()), Arc::clone(&running), Arc::clone(&most));
    let gate = Arc::clone(&go);
    let action = FakeAction::boxed("test:gate", move |context| {
        let (gate, counted, peak) = (Arc::clone(&gate), Arc::clone(&counted), Arc::clone(&peak));
        async move {
            peak.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            context.log.line(LogLevel::Info, "at the gate");
            gate.notified().await;
            counted.fetch_sub(1, Ordering::SeqCst);
            Ok(ActionResult::default())
        }
    });
    let templates = vec![steps("t", json!([{"action": "test:gate"}]))];
    let portal = Portal::start_in(tempfile::tempdir().unwrap(), templates, vec![action], |options| ScaffolderOptions {
        concurrent_tasks_limit: 1,
        ..options
    })
    .await;
    let first = portal.create("t", json!({})).await.unwrap();
    portal.events_until(&first, says("at the gate")).await;
    let second = portal.create("t", json!({})).await.unwrap();
    let third = portal.create("t", json!({})).await.unwrap();
    assert_eq!(portal.status(&second).await, "open");
    portal.scaffolder.cancel(&Principal::Guest, &second).await.unwrap();
    assert_eq!(portal.status(&second).await, "cancelled");
    go.notify_one();
    portal.events(&first).await;
    portal.events_until(&third, says("at the gate")).await;
    go.notify_one();
    portal.events(&third).await;
    assert_eq!(most.load(Ordering::SeqCst), 1);
    assert_eq!(portal.status(&second).await, "cancelled");
}

#[tokio::test]
async fn secrets_are_used_and_never_kept() {
    let leak = FakeAction::boxed("test:leak", |context| async move {
        assert_eq!(context.input["token"], "hunter2");
        context.log.line(LogLevel::Info, "using hunter2");
        Ok(ActionResult { output: json!({"echo": "hunter2!"}), effects: Vec::new() })
    });
    let refuse = FakeAction::boxed("test:refuse", |_| async {
        Err(PluginError::Other { message: "hunter2 is wrong".to_owned() })
    });
    let mut template = steps(
        "t",
        json!([
            {"id": "l", "action": "test:leak", "input": {"token": "${{ secrets.token }}"}},
            {"id": "i", "action": "debug:log", "if": "${{ secrets.token }}", "input": {}},
            {"id": "r", "action": "test:refuse"}
        ]),
    );
    template["spec"]["secrets"] =
        json!({"schema": {"required": ["token"], "properties": {"token": {"type": "string"}}}});
    let portal = Portal::start(vec![template], vec![leak, refuse]).await;
    let error = portal.create("t", json!({})).await.unwrap_err().to_string();
    assert_eq!(error, "the secrets do not fit the template: /secrets/token is required");
    let id = portal.create_with("t", json!({}), json!({"token": "hunter2"})).await.unwrap();
    let events = portal.events(&id).await;
    let task = portal.scaffolder.task(&Principal::Guest, &id).await.unwrap();
    let journal = portal.store.tasks().journal(&id).await.unwrap();
    let kept = format!("{events:?} {task:?} {journal:?}");
    assert!(kept.contains("using ***") && kept.contains("*** is wrong"), "{kept}");
    assert!(!kept.contains("hunter2"), "{kept}");
    // Outside of inputs there are no secrets.
    assert!(kept.contains("Skipping step i because its if condition was false"), "{kept}");
}

#[tokio::test]
async fn what_a_dead_process_left_is_ended_or_run() {
    let data = tempfile::tempdir().unwrap();
    let spec = |input: Value| json!({"steps": [{"id": "a", "name": "First", "action": "debug:log", "input": input}], "parameters": {}, "user": {}, "output": {}});
    let create = async |store: &Store, input: Value| {
        let task = NewTask { spec: spec(input), created_by: None };
        store.tasks().create(&Principal::Guest, task).await.unwrap().id
    };
    let (dead, early, open, lost) = {
        let store = Store::open(data.path()).unwrap();
        let dead = create(&store, json!({})).await;
        assert!(store.tasks().claim(&dead).await.unwrap());
        store.tasks().set_journal(&dead, "a", &json!({"status": "processing"})).await.unwrap();
        let early = create(&store, json!({})).await;
        assert!(store.tasks().claim(&early).await.unwrap());
        let open = create(&store, json!({"message": "hello"})).await;
        let lost = create(&store, json!({"message": "${{ secrets.token }}"})).await;
        store.close().await;
        (dead, early, open, lost)
    };
    let portal = Portal::start_in(data, Vec::new(), Vec::new(), |options| options).await;
    for (id, status, expected) in [
        (&dead, "failed", "Callboard ended without warning while step First (a) was running; "),
        (&early, "failed", "Callboard ended without warning before a step was running; run the template again"),
        (
            &lost,
            "failed",
            "Callboard was restarted before this task began, and the secrets that it was given are not kept; ",
        ),
    ] {
        let events = portal.events(id).await;
        let error = &events.last().unwrap().body["error"]["message"];
        assert!(error.as_str().unwrap().starts_with(expected), "{error}");
        assert_eq!(portal.status(id).await, status);
    }
    assert!(messages(&portal.events(&open).await).contains(&"hello".to_owned()));
    assert_eq!(portal.status(&open).await, "completed");

    // A task that ended badly can be run again, and its history stays.
    portal.scaffolder.retry(&Principal::Guest, &dead, Map::new()).await.unwrap();
    let events = portal.events_until(&dead, says("Run completed with status: completed")).await;
    let kinds: Vec<_> = events.iter().map(|event| event.kind).filter(|kind| *kind != TaskEventKind::Log).collect();
    assert_eq!(kinds, [TaskEventKind::Completion, TaskEventKind::Recovered, TaskEventKind::Completion]);
    let again = portal.scaffolder.retry(&Principal::Guest, &dead, Map::new()).await;
    assert!(matches!(again, Err(ScaffolderError::Conflict(_))), "{again:?}");
}

#[tokio::test]
async fn a_shutdown_waits_for_steps_and_then_says_that_it_did_not() {
    let stopped = Arc::new(AtomicBool::new(false));
    let templates = vec![steps("t", json!([{"id": "e", "name": "Endless", "action": "test:endless"}]))];
    let portal = Portal::start_in(tempfile::tempdir().unwrap(), templates, vec![endless(&stopped)], |options| {
        ScaffolderOptions { shutdown_patience: Duration::from_millis(1), ..options }
    })
    .await;
    let id = portal.create("t", json!({})).await.unwrap();
    portal.events_until(&id, says("working")).await;
    assert!(portal.jobs.shut_down(Duration::from_secs(20)).await);
    assert!(stopped.load(Ordering::SeqCst));
    let events = portal.events(&id).await;
    let error = &events.last().unwrap().body["error"];
    assert_eq!((&error["name"], &error["stepId"]), (&json!("InterruptedError"), &json!("e")));
    assert!(matches!(portal.create("t", json!({})).await, Err(ScaffolderError::Unavailable(_))));
}

#[tokio::test]
async fn a_panic_ends_only_its_task() {
    let panics = FakeAction::boxed("test:panic", |_| async { panic!("on purpose") });
    let templates = vec![
        steps("p", json!([{"action": "test:panic"}])),
        steps("ok", json!([{"action": "debug:log", "input": {"message": "fine"}}])),
    ];
    let portal = Portal::start(templates, vec![panics]).await;
    for (name, status, expected) in [
        ("p", "failed", json!("the task failed internally; the log of the server says more")),
        ("ok", "completed", Value::Null),
    ] {
        let (id, events) = portal.run(name, json!({})).await;
        assert_eq!(portal.status(&id).await, status);
        assert_eq!(events.last().unwrap().body["error"]["message"], expected);
    }
}

#[tokio::test]
async fn a_task_that_takes_too_long_is_ended() {
    let templates = vec![steps("e", json!([{"id": "e", "action": "test:endless"}]))];
    let action = endless(&Arc::new(AtomicBool::new(false)));
    let portal = Portal::start_in(tempfile::tempdir().unwrap(), templates, vec![action], |options| ScaffolderOptions {
        task_timeout: Duration::from_millis(1),
        ..options
    })
    .await;
    let (id, events) = portal.run("e", json!({})).await;
    assert_eq!(portal.status(&id).await, "failed");
    let error = &events.last().unwrap().body["error"];
    assert_eq!((&error["name"], &error["message"]), (&json!("TimeoutError"), &json!("the task took longer than 1ms")));
}

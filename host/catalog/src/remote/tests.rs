//! How often and when addresses are read, on a reader that is made up and a clock that stands still.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use host_jobs::Jobs;
use host_store::Store;

use super::{Demand, Remote, RemoteOptions};
use crate::tests::fake::FakeReader;

struct Fixture {
    folder: tempfile::TempDir,
    reader: Arc<FakeReader>,
}

struct Running {
    remote: Arc<Remote>,
    changes: Arc<AtomicUsize>,
    store: Store,
    jobs: Jobs,
}

impl Fixture {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), reader: Arc::default() }
    }

    fn start(&self) -> Running {
        let store = Store::open(self.folder.path()).unwrap();
        let options = RemoteOptions { interval: Some(Duration::from_secs(100)), file_bytes: 1000, files: 10 };
        let remote = Arc::new(Remote::load(store.clone(), Some(self.reader.clone()), options).unwrap());
        let (jobs, changes) = (Jobs::new(), Arc::new(AtomicUsize::new(0)));
        let (running, counted) = (Arc::clone(&remote), Arc::clone(&changes));
        jobs.spawn("addresses", move |cancel| {
            let counted = Arc::clone(&counted);
            Arc::clone(&running).run(cancel, move || {
                counted.fetch_add(1, Ordering::SeqCst);
            })
        });
        Running { remote, changes, store, jobs }
    }
}

impl Running {
    async fn demand(&self, addresses: &[&str]) {
        let wanted: HashMap<_, _> = addresses.iter().map(|address| ((*address).into(), Demand::default())).collect();
        let remote = Arc::clone(&self.remote);
        tokio::task::spawn_blocking(move || remote.demand(wanted)).await.unwrap().unwrap();
    }

    async fn wait(&self) {
        self.remote.wait(|_, _| true, Duration::from_secs(3)).await;
    }

    fn changes(&self) -> usize {
        self.changes.load(Ordering::SeqCst)
    }

    async fn refetch(&self, address: &str) {
        self.remote.refetch(&[address.into()]);
        self.wait().await;
    }

    async fn stop(self) {
        assert!(self.jobs.shut_down(Duration::from_secs(5)).await);
        self.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_change_costs_a_request_and_no_write() {
    let fixture = Fixture::new();
    fixture.reader.put("https://x/a", "one");
    let running = fixture.start();
    running.demand(&["https://x/a"]).await;
    running.wait().await;
    let view = running.remote.view("https://x/a");
    assert_eq!((view.snapshot.unwrap().files.len(), view.failure), (1, None));
    let (written, asked) = (running.store.changes(), fixture.reader.requests());
    running.refetch("https://x/a").await;
    assert_eq!((running.store.changes(), running.changes()), (written, 1));
    assert_eq!(fixture.reader.requests(), asked + 1);
    // Another version of the same content is no change either.
    fixture.reader.put("https://x/a", "one");
    running.refetch("https://x/a").await;
    assert_eq!((running.store.changes(), running.changes()), (written, 1));
    fixture.reader.put("https://x/a", "two");
    running.refetch("https://x/a").await;
    assert_eq!(running.changes(), 2);
    assert_eq!(running.remote.content("https://x/a", "https://x/a").unwrap().as_deref(), Some(&b"two"[..]));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_keeps_what_was_read_and_so_does_a_restart() {
    let fixture = Fixture::new();
    fixture.reader.put("https://x/a", "one");
    let running = fixture.start();
    running.demand(&["https://x/a", "https://x/none"]).await;
    running.wait().await;
    assert_eq!(running.remote.view("https://x/none").failure.unwrap().message, "https://x/none is not there");
    let tries: Vec<String> = running.remote.next_tries().into_keys().collect();
    assert_eq!(tries, ["https://x/none is not there"]);
    fixture.reader.fail("https://x/a", "it is down");
    let before = running.changes();
    running.refetch("https://x/a").await;
    running.refetch("https://x/a").await;
    assert_eq!(running.changes(), before + 1, "the same failure is no news");
    let view = running.remote.view("https://x/a");
    assert!(view.snapshot.is_some() && view.failure.is_some());
    running.stop().await;
    let running = fixture.start();
    assert!(running.remote.view("https://x/a").snapshot.is_some());
    running.demand(&[]).await;
    assert!(running.remote.view("https://x/a").snapshot.is_none());
    assert_eq!(running.store.addresses().list_blocking().unwrap(), []);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_hangs_and_a_reader_that_breaks_hold_nothing_up() {
    let fixture = Fixture::new();
    let hanging: Vec<String> = (0..9).map(|number| format!("https://hang/{number}")).collect();
    for address in &hanging {
        fixture.reader.hang(address);
    }
    fixture.reader.panic("https://broken/1");
    fixture.reader.put("https://x/a", "one");
    let running = fixture.start();
    let mut wanted: Vec<&str> = hanging.iter().map(String::as_str).collect();
    wanted.extend(["https://x/a", "https://broken/1"]);
    running.demand(&wanted).await;
    running.remote.wait(|address, _| !address.starts_with("https://hang/"), Duration::from_secs(10)).await;
    assert!(running.remote.view("https://x/a").snapshot.is_some());
    assert!(running.remote.view("https://broken/1").failure.unwrap().message.contains("failed internally"));
    running.stop().await;
}

#[test]
fn pauses_grow_with_failures_and_end_with_success() {
    let fixture = Fixture::new();
    let mut entry = super::Entry::default();
    let interval = Some(Duration::from_secs(100));
    let within = |pause: Option<Duration>, least: u64| {
        let (pause, least) = (pause.unwrap(), Duration::from_secs(least));
        assert!(pause >= least && pause <= least.mul_f64(1.5), "{pause:?} {least:?}");
    };
    within(entry.pause(interval), 100);
    assert_eq!(entry.pause(None), None);
    entry.failure = Some(Arc::new(fixture.reader.failure("x")));
    for (failures, least) in [(1, 15), (2, 30), (5, 240), (30, 1800)] {
        entry.failures = failures;
        within(entry.pause(interval), least);
        within(entry.pause(None), least);
    }
    let told = host_ports::SourceError { retry_after: Some(Duration::from_secs(7200)), ..fixture.reader.failure("x") };
    entry.failure = Some(Arc::new(told));
    assert_eq!(entry.pause(interval), Some(Duration::from_secs(7200)));
}

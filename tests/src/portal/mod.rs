//! A portal for one test: the real binary on a free port, with folders of its own that vanish with it.
//!
//! ```no_run
//! # async fn example() {
//! use callboard_tests::TestPortal;
//!
//! let portal = TestPortal::builder()
//!     .catalog_file("team.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: a}\nspec: {type: team, children: []}")
//!     .start()
//!     .await;
//! let team = portal.get("/api/catalog/entities/by-name/group/default/a").await;
//! assert_eq!(team.status, 200);
//! # }
//! ```

mod builder;
mod code_cache;
mod http;
mod process;
mod questions;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use builder::Builder;
pub use http::{Answer, Request, encode};
pub use process::{Ended, Launch, Run, run_command};
pub use questions::{path, reference_of};

use crate::wait::PATIENCE;
use process::Process;

/// A running portal, or one that was stopped and may be started again. Whatever still runs is killed when it is dropped.
#[derive(Debug)]
pub struct TestPortal {
    folder: TempDir,
    launch: Launch,
    process: Option<Process>,
    client: reqwest::Client,
    /// What the processes before this one logged.
    past_lines: Vec<String>,
    shares_code: bool,
}

impl TestPortal {
    /// A portal with an empty catalog, to which the builder adds.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> std::net::SocketAddr {
        self.running().address()
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.running().id()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.launch.data.clone()
    }

    /// The folder that holds the data folder, the configuration and the catalog's files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder whose `.yaml` files are the catalog, unless the test brought a configuration of its own.
    pub fn catalog(&self) -> PathBuf {
        self.folder().join("catalog")
    }

    /// The drop folder.
    pub fn drop_folder(&self) -> PathBuf {
        self.data().join("plugins")
    }

    /// Puts a file into the drop folder as a careful person does: under another name first.
    pub fn drop_plugin(&self, name: &str, bytes: &[u8]) {
        let part = self.drop_folder().join(format!("{name}.part"));
        let written = std::fs::write(&part, bytes);
        written
            .and_then(|()| std::fs::rename(&part, self.drop_folder().join(name)))
            .expect("the drop folder can be written");
    }

    /// Takes a file out of the drop folder.
    pub fn remove_plugin(&self, name: &str) {
        std::fs::remove_file(self.drop_folder().join(name)).expect("the plugin is in the drop folder");
    }

    /// Writes a file of the catalog.
    pub fn write_catalog_file(&self, name: &str, text: &str) {
        // As editors and git do it: a pass that happens to run never sees half a file.
        let part = self.catalog().with_file_name(format!("part-{}", name.replace('/', "-")));
        std::fs::write(&part, text).expect("the portal's folder can be written");
        std::fs::rename(&part, self.catalog().join(name)).expect("the catalog's folder can be written");
    }

    /// The administrator's token.
    pub fn admin_token(&self) -> String {
        let token = std::fs::read_to_string(self.data().join("admin-token")).expect("the portal wrote its token");
        token.trim().to_owned()
    }

    /// What was logged so far, a line each.
    pub fn log(&self) -> Vec<String> {
        let now = self.process.as_ref().map(Process::lines).unwrap_or_default();
        self.past_lines.iter().cloned().chain(now).collect()
    }

    /// Asks the process to end, and waits until it has.
    pub fn terminate(&mut self) -> Ended {
        self.signal(rustix::process::Signal::TERM);
        self.wait_for_end()
    }

    /// Asks the process to end, and returns at once.
    pub fn begin_to_terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Waits until the process has ended.
    pub fn wait_for_end(&mut self) -> Ended {
        let mut process = self.process.take().expect("the portal runs");
        let ended = process.wait();
        self.past_lines.extend(process.lines());
        self.keep_code();
        ended
    }

    /// Ends the process without giving it any chance to do something about it.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("the portal runs");
        process.kill();
        self.past_lines.extend(process.lines());
    }

    /// Starts the portal again on the same folders, after it has ended. Gives how long it took to become ready.
    pub async fn start_again(&mut self) -> Duration {
        assert!(self.process.is_none(), "the portal runs already");
        self.launch().await
    }

    /// Starts the process and waits until it is ready.
    async fn launch(&mut self) -> Duration {
        let start = Instant::now();
        self.launch_without_waiting().await;
        self.wait_until_ready().await;
        start.elapsed()
    }

    /// Starts the process and waits only until it listens.
    pub async fn launch_without_waiting(&mut self) {
        match Process::start(&self.launch, PATIENCE) {
            Ok(process) => self.process = Some(process),
            Err(error) => fail(&format!("the portal did not start: {error:#}")),
        }
    }

    /// Waits until `/readyz` says so.
    pub async fn wait_until_ready(&mut self) {
        let start = Instant::now();
        loop {
            let answer = self.try_get("/readyz").await;
            if answer.as_ref().is_some_and(|answer| answer.status == 200) {
                return;
            }
            if let Some(ended) = self.process.as_mut().and_then(Process::ended) {
                fail(&format!("the portal ended by itself ({ended}):\n{}", self.log_tail()));
            }
            if start.elapsed() > PATIENCE {
                let pending = answer.map(|answer| answer.text()).unwrap_or_default();
                fail(&format!("the portal did not become ready: {pending}\n{}", self.log_tail()));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The last lines of the log, for a message.
    pub fn log_tail(&self) -> String {
        let lines = self.log();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Resident memory in bytes, as the kernel counts it.
    pub fn resident_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(rustix::process::Pid::from_raw).expect("a process has an id");
        rustix::process::kill_process(pid, signal).expect("the portal runs and is ours");
    }

    fn running(&self) -> &Process {
        self.process.as_ref().expect("the portal runs")
    }

    fn keep_code(&self) {
        if self.shares_code {
            code_cache::keep(&self.data());
        }
    }
}

impl Drop for TestPortal {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
            self.past_lines.extend(process.lines());
            self.keep_code();
        }
        if std::thread::panicking() {
            say(&format!("the portal's log ended with:\n{}", self.log_tail()));
        }
    }
}

/// Fails the test.
#[expect(clippy::panic, reason = "this is how a test fails from within the library")]
#[track_caller]
pub(crate) fn fail(message: &str) -> ! {
    panic!("{message}")
}

#[expect(clippy::print_stderr, reason = "a failed test shows what it has seen")]
fn say(text: &str) {
    eprintln!("{text}");
}

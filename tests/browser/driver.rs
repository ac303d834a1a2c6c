//! Chromium's driver as a process, on a free port.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

/// What the driver says when it is ready.
const READY: &str = "was started successfully on port ";

/// A running driver. It and every browser that it started end when this is dropped.
pub(crate) struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts the driver that the task runner found, or the one in `PATH`.
    pub(crate) fn start() -> Self {
        let program = std::env::var_os("CHROMEDRIVER").map_or_else(|| PathBuf::from("chromedriver"), PathBuf::from);
        let mut command = Command::new(&program);
        // A group of its own, so that nothing is left behind when a test breaks off.
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => missing(&format!("{} could not be started: {error}", program.display())),
        };
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            if output.read_line(&mut line).unwrap_or(0) == 0 {
                let _ = child.kill();
                missing(&format!("{} ended without saying its port", program.display()));
            }
            let port = line.split_once(READY).and_then(|(_, rest)| rest.trim().trim_end_matches('.').parse().ok());
            if let Some(port) = port {
                break port;
            }
        };
        // Nobody may find the pipe full.
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut output, &mut std::io::sink());
        });
        Self { child, port }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

#[expect(clippy::panic, reason = "a browser test without a browser fails and says what to do")]
fn missing(what: &str) -> ! {
    panic!(
        "{what}; the browser tests need Chromium and its driver: on Debian, `apt-get install chromium chromium-driver`"
    )
}

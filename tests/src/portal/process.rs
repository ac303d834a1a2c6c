//! The portal as a process: started, listened to, ended.

use std::ffi::OsString;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{artifacts, wait::PATIENCE};

/// Variables that a portal is given from the outside. Others could be read as configuration, or change what it prints.
const INHERITED: &[&str] =
    &["PATH", "HOME", "TMPDIR", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"];

/// How a portal is started.
#[derive(Debug, Clone)]
pub struct Launch {
    pub(super) binary: PathBuf,
    pub(super) data: PathBuf,
    pub(super) configs: Vec<PathBuf>,
    pub(super) environment: Vec<(String, OsString)>,
    /// The flag that says where to listen; without it the configuration does.
    pub(super) listen: Option<&'static str>,
    pub(super) arguments: Vec<OsString>,
    pub(super) working_directory: PathBuf,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// How long it took from when it was waited for.
    pub after: Duration,
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(formatter, "exit code {code}"),
            None => formatter.write_str("a signal"),
        }
    }
}

/// A running `callboard serve`.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    address: SocketAddr,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts it and waits until it says where it listens.
    pub(super) fn start(launch: &Launch, patience: Duration) -> Result<Self> {
        let mut command = command(&launch.binary);
        command.args(["--log-format", "json", "serve", "--data"]).arg(&launch.data);
        command.args(launch.listen.iter().flat_map(|listen| ["--listen", listen]));
        for config in &launch.configs {
            command.arg("--config").arg(config);
        }
        command.args(&launch.arguments).current_dir(&launch.working_directory);
        for (name, value) in &launch.environment {
            command.env(name, value);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", launch.binary.display()))?;
        let errors = child.stderr.take().context("standard error was asked for")?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (found, address) = mpsc::channel();
        let reader = std::thread::spawn({
            let lines = Arc::clone(&lines);
            move || {
                for line in BufReader::new(errors).split(b'\n').map_while(Result::ok) {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    if let Some(address) = listening(&line) {
                        // Whoever waited may have given up.
                        let _ = found.send(address);
                    }
                    lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                }
            }
        });
        match address.recv_timeout(patience) {
            Ok(address) => Ok(Self { child, address, lines, reader: Some(reader) }),
            Err(_) => {
                let _ = child.kill();
                let status = child.wait()?;
                let _ = reader.join();
                let lines = lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n");
                bail!("it never said where it listens ({status}); it said:\n{lines}")
            }
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<Ended> {
        let status = self.child.try_wait().ok()??;
        Some(Ended { code: status.code(), after: Duration::ZERO })
    }

    /// Waits for its end, and kills it when that takes too long.
    pub(super) fn wait(&mut self) -> Ended {
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if start.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
                _ => {
                    let _ = self.child.kill();
                    break self.child.wait().ok();
                }
            }
        };
        self.read_the_rest();
        Ended { code: status.and_then(|status: ExitStatus| status.code()), after: start.elapsed() }
    }

    /// Ends it at once (SIGKILL).
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.read_the_rest();
    }

    fn read_the_rest(&mut self) {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

/// The address in a line such as `{"message":"listening on http://127.0.0.1:41231"}`.
fn listening(line: &str) -> Option<SocketAddr> {
    let value: Value = serde_json::from_str(line).ok()?;
    value["message"].as_str()?.strip_prefix("listening on http://")?.parse().ok()
}

fn command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    command.env_clear();
    for name in INHERITED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// A run of the binary to its end.
#[derive(Debug, Clone)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs `callboard` with these arguments in a folder, with these variables besides the usual ones, until it ends.
///
/// # Errors
/// When it has not been built or cannot be started.
pub fn run_command(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Result<Run> {
    let binary = artifacts::binary()?;
    let mut command = command(&binary);
    let output = command
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {}", binary.display()))?;
    Ok(Run {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

//! Git's protocol through the system's `ssh`, which knows keys, hosts and jump hosts better than anything here could.
//!
//! The program is started without a shell, asks nothing, and gets no argument that begins with a dash but ours: users and
//! hosts were checked when the address was read.

use std::io::{self, Read, Write};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

/// How long the other side may be silent.
const IDLE: Duration = Duration::from_secs(15);
/// How long to wait for the program's last words.
const LAST_WORDS: Duration = Duration::from_secs(2);
const MAX_WORDS: usize = 4096;

/// Where and how to connect.
#[derive(Debug)]
pub(crate) struct Login<'login> {
    /// The program and its first arguments.
    pub(crate) command: &'login [String],
    pub(crate) user: Option<&'login str>,
    pub(crate) host: &'login str,
    pub(crate) port: Option<u16>,
    pub(crate) path: &'login str,
}

/// The running program. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    words: Arc<Mutex<Vec<u8>>>,
    too_much: Arc<AtomicBool>,
    runtime: Handle,
}

/// What it says.
pub(crate) struct Output {
    stream: ChildStdout,
    runtime: Handle,
    deadline: Instant,
    left: u64,
    too_much: Arc<AtomicBool>,
}

/// What it is told.
pub(crate) struct Input {
    stream: ChildStdin,
    runtime: Handle,
    deadline: Instant,
}

/// Starts the program.
pub(crate) fn start(
    login: &Login<'_>,
    runtime: &Handle,
    deadline: Instant,
    max_bytes: u64,
) -> io::Result<(Program, Output, Input)> {
    let (program, first) = login.command.split_first().ok_or(io::ErrorKind::NotFound)?;
    let mut command = Command::new(program);
    command.args(first);
    command.args(["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ClearAllForwardings=yes"]);
    command.args(["-o", "PermitLocalCommand=no", "-o", "SendEnv=GIT_PROTOCOL", "-x", "-T"]);
    if let Some(port) = login.port {
        command.args(["-p", &port.to_string()]);
    }
    let host = login.host;
    command.arg(login.user.map_or_else(|| host.to_owned(), |user| format!("{user}@{host}")));
    // The path holds nothing that a shell on the other side would understand within single quotes.
    command.arg(format!("git-upload-pack '{}'", login.path));
    command.env("GIT_PROTOCOL", "version=2");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let _context = runtime.enter();
    let mut child = command.spawn()?;
    let pipes = (child.stdout.take(), child.stdin.take(), child.stderr.take());
    let (Some(stdout), Some(stdin), Some(mut stderr)) = pipes else { return Err(io::ErrorKind::BrokenPipe.into()) };
    let words = Arc::new(Mutex::new(Vec::new()));
    runtime.spawn({
        let words = Arc::clone(&words);
        async move {
            let mut buffer = [0; 1024];
            while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
                let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
                let room = MAX_WORDS.saturating_sub(words.len()).min(length);
                words.extend_from_slice(&buffer[..room]);
            }
        }
    });
    let too_much = Arc::new(AtomicBool::new(false));
    let output =
        Output { stream: stdout, runtime: runtime.clone(), deadline, left: max_bytes, too_much: Arc::clone(&too_much) };
    let input = Input { stream: stdin, runtime: runtime.clone(), deadline };
    Ok((Program { child, words, too_much, runtime: runtime.clone() }, output, input))
}

impl Program {
    /// Whether it was cut off because it did not stop talking.
    pub(crate) fn said_too_much(&self) -> bool {
        self.too_much.load(Ordering::Relaxed)
    }

    /// What the program complained of, in one line; none when it said nothing.
    pub(crate) fn complaint(&mut self) -> Option<String> {
        let _ended = self.runtime.block_on(async { tokio::time::timeout(LAST_WORDS, self.child.wait()).await });
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&words);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let text = plain(&lines.join("; "));
        (!text.is_empty()).then_some(text)
    }
}

/// Text from elsewhere without what could confuse a terminal or a log, and not too much of it.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(300).collect()
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let until = self.deadline.min(Instant::now() + IDLE);
        let read = self.runtime.block_on(async { timeout_at(until, self.stream.read(buffer)).await });
        let length = read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        match self.left.checked_sub(length as u64) {
            Some(left) => self.left = left,
            None => {
                self.too_much.store(true, Ordering::Relaxed);
                return Err(io::ErrorKind::FileTooLarge.into());
            }
        }
        Ok(length)
    }
}

impl Write for Input {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let until = self.deadline.min(Instant::now() + IDLE);
        let written = self.runtime.block_on(async { timeout_at(until, self.stream.write(bytes)).await });
        written.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    fn flush(&mut self) -> io::Result<()> {
        self.runtime.block_on(self.stream.flush())
    }
}

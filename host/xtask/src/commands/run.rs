//! `cargo xtask run`: builds everything and serves the example company, with a GitHub-shaped server on loopback as its
//! upstream, so that cards show data without a network.

mod ready;

use std::{
    io::IsTerminal as _,
    net::SocketAddr,
    path::PathBuf,
    process::{ExitCode, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::{
    bundle,
    cargo::{self, Profile},
    checkout::{Checkout, TESTS},
    process::{code_of, say},
    setup,
};

const UPSTREAM: &str = "fake-github";
const CONFIG: &str = "examples/acme/callboard.yaml";
/// The variable by which the example's configuration takes its upstream's address.
const UPSTREAM_VARIABLE: &str = "GITHUB_API_URL";
const UPSTREAM_PATIENCE: Duration = Duration::from_secs(10);

/// How the example company is to be served.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// `dev` builds faster, `release` runs faster
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    pub profile: Profile,
    /// Arguments for `callboard serve`
    #[arg(last = true, value_name = "ARGUMENTS FOR SERVE")]
    pub serve: Vec<String>,
}

/// Builds, starts the upstream and the portal, and gives the portal's exit code when it ends.
pub fn run(checkout: &Checkout, arguments: Arguments) -> Result<ExitCode> {
    let config = checkout.root.join(CONFIG);
    if !config.is_file() {
        bail!("{} is missing; the example company is part of the checkout", config.display());
    }
    checkout.require_binary(TESTS, UPSTREAM)?;
    setup::for_building(checkout)?;
    bundle::build(checkout)?;
    cargo::build_binaries(checkout, arguments.profile, &["callboard", UPSTREAM])?;

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting the runtime")?;
    runtime.block_on(serve(checkout, &arguments, config))
}

async fn serve(checkout: &Checkout, arguments: &Arguments, config: PathBuf) -> Result<ExitCode> {
    // Before the first child is there to be left behind.
    let mut signals = Signals::new()?;
    let address = ready::address(&arguments.serve, |name| std::env::var(name).ok());
    if let Some(address) = address
        && ready::is_taken(address).await
    {
        bail!(
            "something listens on {address} already; stop it, or choose another address: \
             cargo xtask run -- --listen 127.0.0.1:7008"
        );
    }

    let mut command = Command::new(checkout.binary(arguments.profile, "callboard"));
    command.current_dir(&checkout.root).arg("serve").arg("--config").arg(config);
    if !gives(&arguments.serve, "--data") {
        command.arg("--data").arg(checkout.own_target("run").join("data"));
    }
    command.args(&arguments.serve).stdin(Stdio::null()).kill_on_drop(true);

    let _upstream = match std::env::var(UPSTREAM_VARIABLE) {
        Ok(url) => {
            say(format_args!("the example's GitHub is {url}, as {UPSTREAM_VARIABLE} says"));
            None
        }
        Err(_) => {
            let upstream = Upstream::start(checkout, arguments.profile).await?;
            say(format_args!(
                "the example's GitHub is a made-up one on {}; to use the real one, set {UPSTREAM_VARIABLE} to \
                 https://api.github.com",
                upstream.url
            ));
            command.env(UPSTREAM_VARIABLE, &upstream.url);
            Some(upstream)
        }
    };
    say(format_args!("starting: {}", crate::process::command_line(command.as_std())));
    let portal = command.spawn().with_context(|| format!("starting {:?}", command.as_std().get_program()))?;
    attend(portal, address, async || signals.next().await).await
}

/// Waits for the portal to end; meanwhile says when it is ready and passes signals on.
async fn attend(
    mut portal: Child,
    address: Option<SocketAddr>,
    mut next_signal: impl AsyncFnMut() -> Signal,
) -> Result<ExitCode> {
    let mut readiness = std::pin::pin!(ready::wait(address));
    let mut announced = false;
    loop {
        tokio::select! {
            biased;
            status = portal.wait() => return Ok(code_of(status.context("waiting for the portal")?)),
            signal = next_signal() => signal.pass_on(&portal),
            address = &mut readiness, if !announced => {
                announced = true;
                say(format_args!("the portal is ready: http://{address}"));
            }
        }
    }
}

/// Whether the person gave this option to `serve`.
fn gives(arguments: &[String], option: &str) -> bool {
    arguments
        .iter()
        .any(|argument| argument.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
}

/// The GitHub-shaped server; it ends when this is dropped, and even when this program is killed.
struct Upstream {
    url: String,
    _process: Child,
    _input: Option<ChildStdin>,
    _output: Option<BufReader<ChildStdout>>,
}

impl Upstream {
    async fn start(checkout: &Checkout, profile: Profile) -> Result<Self> {
        let mut process = Command::new(checkout.binary(profile, UPSTREAM))
            .args(["--listen", "127.0.0.1:0", "--print-address", "--until-input-ends"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {UPSTREAM}"))?;
        let mut output = BufReader::new(process.stdout.take().context("the upstream has no output")?);
        let mut url = String::new();
        match timeout(UPSTREAM_PATIENCE, output.read_line(&mut url)).await {
            Ok(Ok(_)) if url.starts_with("http://") => {}
            Ok(_) => bail!("{UPSTREAM} ended without its address; start it by hand to see why"),
            Err(_) => bail!("{UPSTREAM} gave no address within {} s", UPSTREAM_PATIENCE.as_secs()),
        }
        let url = url.trim().to_owned();
        Ok(Self { url, _input: process.stdin.take(), _process: process, _output: Some(output) })
    }
}

/// A wish that everything ends.
#[derive(Clone, Copy)]
enum Signal {
    Interrupt,
    Terminate,
}

impl Signal {
    /// Hands the signal to the portal, which then ends in its own time.
    ///
    /// Ctrl-C in a terminal reaches every process of the group; handing it on would count as a second one.
    fn pass_on(self, portal: &Child) {
        if matches!(self, Self::Interrupt) && std::io::stdin().is_terminal() {
            return;
        }
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal as Number, kill_process};

            let number = match self {
                Self::Interrupt => Number::INT,
                Self::Terminate => Number::TERM,
            };
            let pid = portal.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            if let Some(pid) = pid
                && let Err(error) = kill_process(pid, number)
            {
                say(format_args!("the portal could not be told to end: {error}"));
            }
        }
        #[cfg(not(unix))]
        let _ = portal;
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).context("listening for ctrl-C")?,
            terminate: signal(SignalKind::terminate()).context("listening for SIGTERM")?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        _ = tokio::signal::ctrl_c().await;
        Signal::Interrupt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_in_both_forms() {
        let cases = [
            (&["--data", "x"][..], true),
            (&["--data=x"], true),
            (&["--database", "x"], false),
            (&["--listen", "x"], false),
            (&[], false),
        ];
        for (arguments, expected) in cases {
            let arguments: Vec<_> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
            assert_eq!(gives(&arguments, "--data"), expected, "{arguments:?}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_portal_is_told_to_end_and_its_exit_code_is_ours() {
        let mut portal = Command::new("sh")
            .args(["-c", "trap 'exit 7' TERM; echo started; read line"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let _kept_open = portal.stdin.take();
        let mut line = String::new();
        BufReader::new(portal.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
        assert_eq!(line, "started\n");

        let mut signals = vec![Signal::Terminate];
        let code = attend(portal, None, async || match signals.pop() {
            Some(signal) => signal,
            None => std::future::pending().await,
        });
        assert_eq!(format!("{:?}", code.await.unwrap()), format!("{:?}", ExitCode::from(7)));
    }
}

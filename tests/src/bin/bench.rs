//! The benchmarks: `cargo xtask bench [NAME]` builds what they need and runs this program.
//!
//! It prints one row for each figure. Nothing is judged: a slow machine gives slow figures, and only something that is
//! missing or broken ends the program with an error.

#[path = "../bench/mod.rs"]
mod bench;

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};
use callboard_tests::artifacts;
use clap::Parser;

/// Names the binary to measure; the portals of tests read it too.
const BINARY: &str = "CALLBOARD_BIN";

/// Measures the portal and prints a table: benchmark, what was measured, figure.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only the benchmarks whose name begins so: start, ingest, requests, page, plugin
    #[arg(default_value = "")]
    name: String,
}

fn main() -> ExitCode {
    let Err(error) = run(&Arguments::parse()) else { return ExitCode::SUCCESS };
    // There is nobody to tell that standard error is gone.
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
    ExitCode::FAILURE
}

fn run(arguments: &Arguments) -> Result<()> {
    match std::env::var_os(BINARY) {
        None => return with_binary(&artifacts::checkout().join("target").join("dist").join("callboard")),
        Some(path) if !Path::new(&path).is_file() => bail!("{BINARY} is {}, which is no file", path.display()),
        Some(_) => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting a runtime")?;
    runtime.block_on(bench::run(&arguments.name))
}

/// Becomes this program once more, with the binary of the distribution in the environment.
fn with_binary(binary: &Path) -> Result<()> {
    if !binary.is_file() {
        bail!("there is no {}; run `cargo xtask dist`, or set {BINARY} to the binary to measure", binary.display());
    }
    let program = std::env::current_exe().context("the running program has no path")?;
    let error = Command::new(program).args(std::env::args_os().skip(1)).env(BINARY, binary).exec();
    Err(error).context("starting the benchmarks with the binary of the distribution")
}

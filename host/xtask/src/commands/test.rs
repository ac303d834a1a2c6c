//! `cargo xtask test`: sets up and passes every test, the quick ones first.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    bundle,
    cargo::{HOST, Profile, cargo},
    checkout::{Checkout, TESTS},
    process::{find_program, run as run_program, say},
    setup, tidy,
};

/// The test target that needs a browser.
const BROWSER: &str = "browser";

/// How many browsers may run at once.
const BROWSERS: &str = "2";

/// What is to be tested.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Run one stage, with what it needs, instead of all
    #[arg(long, value_enum, value_name = "STAGE")]
    pub only: Option<Stage>,
}

/// A part of the tests that can be run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Stage {
    Fmt,
    Tidy,
    Lint,
    Unit,
    Integration,
    Browser,
}

impl Stage {
    const ALL: &'static [Self] = &[Self::Fmt, Self::Tidy, Self::Lint, Self::Unit, Self::Integration, Self::Browser];

    fn name(self) -> &'static str {
        match self {
            Self::Fmt => "formatting",
            Self::Tidy => "tidy",
            Self::Lint => "lints",
            Self::Unit => "unit tests",
            Self::Integration => "integration tests",
            Self::Browser => "browser tests",
        }
    }

    /// Whether the stage starts the binary, and so needs plugins and site.
    fn needs_binary(self) -> bool {
        matches!(self, Self::Integration | Self::Browser)
    }
}

/// Runs the stages; the first that fails ends the run.
pub fn run(checkout: &Checkout, arguments: &Arguments) -> Result<ExitCode> {
    let stages = match &arguments.only {
        Some(stage) => std::slice::from_ref(stage),
        None => Stage::ALL,
    };
    let mut times = Times::default();
    let browser = times.measure("set-up", || set_up(checkout, stages))?;
    let quick = |stage: &&Stage| matches!(stage, Stage::Fmt | Stage::Tidy);
    for stage in stages.iter().filter(quick) {
        times.measure(stage.name(), || match stage {
            Stage::Fmt => run_program("checking the formatting", &mut cargo(checkout, ["fmt", "--all", "--check"])),
            _ => check_tidy(checkout),
        })?;
    }
    if stages.iter().any(|stage| stage.needs_binary()) {
        times.measure("plugins and site", || {
            bundle::build(checkout)?;
            bundle::plugins::build_fixtures(checkout)
        })?;
    }
    if stages.contains(&Stage::Lint) {
        times.measure(Stage::Lint.name(), || lint(checkout))?;
    }
    if stages.iter().any(|stage| stage.needs_binary()) {
        times.measure("building binary and tests", || {
            let arguments = ["build"].iter().chain(HOST).chain(&["--bins", "--tests"]);
            run_program("building", &mut cargo(checkout, arguments))
        })?;
    }
    for stage in stages {
        match stage {
            Stage::Unit => times.measure(stage.name(), || unit(checkout))?,
            Stage::Integration => times.measure(stage.name(), || integration(checkout))?,
            Stage::Browser => times.measure(stage.name(), || browser_tests(checkout, browser.as_ref()))?,
            Stage::Fmt | Stage::Tidy | Stage::Lint => {}
        }
    }
    times.print();
    Ok(ExitCode::SUCCESS)
}

fn set_up(checkout: &Checkout, stages: &[Stage]) -> Result<Option<setup::Browser>> {
    setup::for_building(checkout)?;
    if stages.iter().any(|stage| matches!(stage, Stage::Fmt | Stage::Lint)) {
        setup::for_linting()?;
    }
    bundle::prepare(checkout)?;
    if !stages.contains(&Stage::Browser) {
        return Ok(None);
    }
    setup::browser().map(Some)
}

fn check_tidy(checkout: &Checkout) -> Result<()> {
    let report = tidy::check(checkout)?;
    for note in &report.notes {
        say(format_args!("note: {note}"));
    }
    for finding in &report.findings {
        say(format_args!("{finding}"));
    }
    if report.findings.is_empty() { Ok(()) } else { bail!("{} rules of the house are broken", report.findings.len()) }
}

/// Clippy over the host side, this program, and what is compiled for WebAssembly only.
fn lint(checkout: &Checkout) -> Result<()> {
    let deny = ["--", "-D", "warnings"];
    let host = ["clippy"].iter().chain(HOST).chain(&["--all-targets"]).chain(&deny);
    run_program("linting", &mut cargo(checkout, host))?;
    let own = ["clippy", "-p", "xtask", "--all-targets"].iter().chain(&deny);
    run_program("linting the task runner", &mut cargo(checkout, own))?;

    // The profiles of the real builds, so that macros and build scripts are not compiled once more.
    let site = ["clippy", "--profile", "site", "--target", "wasm32-unknown-unknown", "-p", "frontend-site"];
    let islands = ["-p", "frontend-islands"];
    run_program("linting the site", &mut cargo(checkout, site.iter().chain(&islands).chain(&deny)))?;
    for folder in ["plugins", "tests/plugins"] {
        let packages = checkout.packages_below(folder);
        if packages.is_empty() {
            continue;
        }
        let mut command = cargo(checkout, ["clippy", "--profile", "plugin", "--target", "wasm32-wasip2"]);
        for package in packages {
            command.args(["-p", package.name.as_str()]);
        }
        run_program("linting plugins", command.args(deny))?;
    }
    Ok(())
}

fn unit(checkout: &Checkout) -> Result<()> {
    run_program("running unit tests", &mut tests(checkout, HOST, &["--lib", "--bins"], None))?;
    run_program("running the task runner's tests", &mut tests(checkout, &["-p", "xtask"], &["--lib", "--bins"], None))
}

/// Every test target of every member but the browser's.
fn integration(checkout: &Checkout) -> Result<()> {
    let mut targets = Vec::new();
    for package in &checkout.packages {
        targets.extend(checkout.test_targets(package.name.as_str())?);
    }
    targets.retain(|target| target != BROWSER);
    targets.sort();
    targets.dedup();
    if targets.is_empty() {
        bail!("the workspace has no integration tests; {TESTS} should have some");
    }
    let chosen: Vec<_> = targets.iter().flat_map(|target| ["--test", target.as_str()]).collect();
    let mut command = tests(checkout, HOST, &chosen, None);
    run_program("running integration tests", command.envs(checkout.test_environment(Profile::Dev)))
}

fn browser_tests(checkout: &Checkout, browser: Option<&setup::Browser>) -> Result<()> {
    let Some(browser) = browser else { bail!("no browser was set up") };
    if !checkout.test_targets(TESTS)?.iter().any(|target| target == BROWSER) {
        bail!("package {TESTS} has no test target `{BROWSER}`");
    }
    let mut command = tests(checkout, HOST, &["--test", BROWSER], Some(BROWSERS));
    command.envs(checkout.test_environment(Profile::Dev));
    command.env("CHROMEDRIVER", &browser.driver).env("CHROMIUM", &browser.browser);
    run_program("running browser tests", &mut command)
}

/// The test command: nextest where it is installed, cargo's own otherwise; both take the same choices.
fn tests(checkout: &Checkout, packages: &[&str], targets: &[&str], at_once: Option<&str>) -> Command {
    let nextest = find_program("cargo-nextest").is_some();
    let runner: &[&str] = if nextest { &["nextest", "run"] } else { &["test"] };
    let mut command = cargo(checkout, runner.iter().chain(packages).chain(targets));
    if let Some(at_once) = at_once {
        command.args(if nextest { &[][..] } else { &["--"] }).args(["--test-threads", at_once]);
    }
    command
}

/// What each part took.
#[derive(Default)]
struct Times(Vec<(&'static str, Duration)>);

impl Times {
    fn measure<T>(&mut self, name: &'static str, part: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let result = part();
        self.0.push((name, start.elapsed()));
        if result.is_err() {
            self.print();
            say(format_args!("failed: {name}"));
        }
        result
    }

    fn print(&self) {
        for (name, time) in &self.0 {
            say(format_args!("{:>8.1} s  {name}", time.as_secs_f64()));
        }
    }
}

//! One module for each benchmark, and what they share.
//!
//! The portal is measured from the outside, as a process and over HTTP; only the benchmark of plugins also calls the
//! contract as a library, since a call of some microseconds cannot be seen through HTTP. The load generator shares the
//! machine with the portal, so figures compare only with others that were taken the same way.

mod bare;
mod figures;
mod ingest;
mod large;
mod load;
mod page;
mod plugin;
mod process;
mod requests;
mod start;
mod table;
mod wire;

use anyhow::{Result, bail};
use callboard_tests::TestPortal;
use callboard_tests::github::{FakeGithub, Options};
use callboard_tests::portal::Builder;

const NAMES: &[&str] = &["start", "ingest", "requests", "large", "page", "plugin"];

/// Runs every benchmark whose name begins with `prefix`.
pub(crate) async fn run(prefix: &str) -> Result<()> {
    let chosen: Vec<&str> = NAMES.iter().copied().filter(|name| name.starts_with(prefix)).collect();
    if chosen.is_empty() {
        bail!("no benchmark begins with `{prefix}`; there are {}", NAMES.join(", "));
    }
    for name in chosen {
        let table = table::Table::new(name);
        match name {
            "start" => start::run(&table).await?,
            "ingest" => ingest::run(&table).await?,
            "requests" => requests::run(&table, requests::USUAL).await?,
            "large" => large::run(&table).await?,
            "page" => page::run(&table).await?,
            _ => plugin::run(&table).await?,
        }
    }
    Ok(())
}

/// A portal whose log keeps to what went wrong: a line for every request would cost the load generator more than the
/// request. "listening on" is said by the binary itself, and is waited for.
fn quiet() -> Builder {
    TestPortal::builder().argument("--log-level").argument("warn,callboard=info")
}

/// The example company with nothing compiled yet, and the fake that stands for its GitHub.
fn example() -> Result<(FakeGithub, Builder)> {
    let github = FakeGithub::start(Options::default())?;
    let builder = quiet().example(&github.url(), &github.acme_url()).compile_everything();
    Ok((github, builder))
}

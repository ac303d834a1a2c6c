//! Starting the example company's portal, and what it takes when nobody asks for anything.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::example;
use super::figures::duration;
use super::process::{memory, processor_time};
use super::table::Table;

/// How long a started portal is left alone before it counts as idle.
const SETTLE: Duration = Duration::from_secs(2);
/// How long it is watched.
const WATCH: Duration = Duration::from_secs(3);

pub(super) async fn run(table: &Table) -> Result<()> {
    let (_github, builder) = example()?;
    let mut portal = builder.prepare();
    table.row("first start to ready, empty data folder, examples/acme", duration(portal.start_again().await))?;
    super::plugin::serving(&portal).await?;
    portal.terminate();
    table.row("second start to ready, same data folder", duration(portal.start_again().await))?;

    super::plugin::serving(&portal).await?;
    tokio::time::sleep(SETTLE).await;
    table.row("resident memory, idle", memory(&portal)?)?;
    let (before, start) = (processor_time(&portal)?, Instant::now());
    tokio::time::sleep(WATCH).await;
    let (used, watched) = (processor_time(&portal)?.saturating_sub(before), start.elapsed());
    let share = used.as_secs_f64() / watched.as_secs_f64() * 100.0;
    table.row("processor time over 3 s, idle", format_args!("{} ({share:.2} % of a core)", duration(used)))
}

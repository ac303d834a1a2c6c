//! Reading a large catalog into an empty database, and looking at it again.

use std::fs::FileTimes;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};
use callboard_tests::TestPortal;
use callboard_tests::generate::{self, Shape};

use super::figures::{bytes, duration};
use super::process::{database_size, memory, peak_memory};
use super::quiet;
use super::table::Table;

const SIZES: &[usize] = &[1_000, 10_000, 100_000];
/// How long a portal is left alone before it counts as idle.
const SETTLE: Duration = Duration::from_secs(3);
/// How long a pass over unchanged files may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn run(table: &Table) -> Result<()> {
    for &size in SIZES {
        let mut portal = quiet().compile_everything().prepare();
        generate::write(&portal.catalog(), size)?;
        let row = |what: &str, figure: String| table.row(&format!("{size} entities: {what}"), figure);
        let ready = portal.start_again().await;
        require_complete(&portal, size).await?;
        row("start to ready, empty data folder", duration(ready))?;
        row("resident memory when ready", memory(&portal)?)?;
        tokio::time::sleep(SETTLE).await;
        row("resident memory when idle after that", memory(&portal)?)?;
        row("most resident memory so far", peak_memory(&portal)?)?;
        row("a pass over unchanged files", unchanged(&portal).await?)?;
        let json = portal.get("/api/catalog/entities").await.text().len() as u64;
        portal.terminate();
        let stored = database_size(&portal.data())?;
        let beyond = stored.saturating_sub(json) / size as u64;
        row("database after the end", format!("{}, {} for each beyond its JSON", bytes(stored), bytes(beyond)))?;
        row("second start to ready", duration(portal.start_again().await))?;
    }
    Ok(())
}

/// Makes the portal look at every file anew, though none has changed, and gives how long that took and what it wrote.
async fn unchanged(portal: &TestPortal) -> Result<String> {
    let database = || {
        let file = portal.data().join("callboard.db");
        let written =
            |path: &std::path::Path| std::fs::metadata(path).and_then(|file| Ok((file.len(), file.modified()?))).ok();
        (written(&file), written(&file.with_extension("db-wal")))
    };
    let (passes, seconds) = passes(portal).await?;
    let before = database();
    let times = FileTimes::new().set_modified(SystemTime::now() - Duration::from_secs(60));
    for file in std::fs::read_dir(portal.catalog())?.flatten() {
        std::fs::File::options().append(true).open(file.path())?.set_times(times)?;
    }
    let start = std::time::Instant::now();
    loop {
        let (passes_now, seconds_now) = self::passes(portal).await?;
        if passes_now > passes {
            let took = Duration::from_secs_f64((seconds_now - seconds) / f64::from(passes_now - passes));
            let wrote = if database() == before { "nothing written" } else { "SOMETHING WAS WRITTEN" };
            return Ok(format!("{}, {wrote}", duration(took)));
        }
        if start.elapsed() > PATIENCE {
            bail!("touched files led to no pass; see the portal's log:\n{}", portal.log_tail());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many passes there have been, and how many seconds they took together.
async fn passes(portal: &TestPortal) -> Result<(u32, f64)> {
    let metrics = portal.page("/metrics").await;
    let value = |name: &str| -> Option<f64> {
        metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
    };
    let sum = value("callboard_catalog_ingestion_duration_seconds_sum");
    let count = metrics.lines().filter(|line| line.starts_with("callboard_catalog_ingestion_duration_seconds_count"));
    let count = count.filter_map(|line| line.rsplit(' ').next()?.parse::<u32>().ok()).sum();
    Ok((count, sum.context("/metrics does not tell of passes")?))
}

/// Fails unless all components are there and the last one has its relations: figures of half the work mislead.
pub(super) async fn require_complete(portal: &TestPortal, size: usize) -> Result<()> {
    let wanted = Shape::of(size).components;
    let counted = portal.get_json("/api/catalog/entities/by-query?filter=kind=component&limit=0").await;
    if counted["totalItems"].as_u64() != u64::try_from(wanted).ok() {
        bail!(
            "a ready portal has {} of {wanted} components; see its log:\n{}",
            counted["totalItems"],
            portal.log_tail()
        );
    }
    let name = generate::component_name(wanted - 1);
    let last = portal.get_json(&format!("/api/catalog/entities/by-name/component/default/{name}")).await;
    if last["relations"].as_array().is_none_or(Vec::is_empty) {
        bail!("a ready portal has component {name} without its relations; see its log:\n{}", portal.log_tail());
    }
    Ok(())
}

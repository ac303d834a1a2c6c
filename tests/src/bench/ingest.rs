//! Reading a large catalog into an empty database.

use anyhow::{Result, bail};
use callboard_tests::TestPortal;
use callboard_tests::generate::{self, Shape};

use super::figures::{bytes, duration};
use super::process::{database_size, memory};
use super::quiet;
use super::table::Table;

const SIZES: &[usize] = &[1_000, 10_000];

pub(super) async fn run(table: &Table) -> Result<()> {
    for &size in SIZES {
        let mut portal = quiet().compile_everything().prepare();
        generate::write(&portal.catalog(), size)?;
        let ready = portal.start_again().await;
        require_complete(&portal, size).await?;
        table.row(&format!("{size} entities: start to ready, empty data folder"), duration(ready))?;
        table.row(&format!("{size} entities: resident memory when ready"), memory(&portal)?)?;
        portal.terminate();
        let stored = database_size(&portal.data())?;
        table.row(&format!("{size} entities: database after the end"), bytes(stored))?;
    }
    Ok(())
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

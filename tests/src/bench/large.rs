//! A catalog of 100,000 entities: what is asked of it, and a graph that follows every relation.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use callboard_tests::generate::{self, Shape};

use super::figures::{Times, duration};
use super::table::Table;
use super::{load, requests};

const ENTITIES: usize = 100_000;
/// How often the graph is asked for.
const GRAPHS: usize = 20;

pub(super) async fn run(table: &Table) -> Result<()> {
    let mut portal = requests::measure(table, ENTITIES).await?;

    let root = generate::component_name(Shape::of(ENTITIES).components / 2);
    let path = format!("/api/catalog/graph/component/default/{root}?depth=4&limit=500");
    let replies = load::replies(portal.address(), &path, GRAPHS).await?;
    let times = Times::new(replies.iter().map(|reply| reply.whole).collect())?;
    table.row("graph of depth 4, laid out", format_args!("p50 {}, p99 {}", times.p50(), times.p99()))?;

    let file = portal.catalog().join("entities-100.yaml");
    let text = std::fs::read_to_string(&file).context("the catalog has a hundredth file")?;
    let name = text.lines().find_map(|line| line.strip_prefix("  name: ")).context("a document has a name")?.to_owned();
    let kind =
        text.lines().find_map(|line| line.strip_prefix("kind: ")).context("a document has a kind")?.to_lowercase();
    let path = format!("/api/catalog/entities/by-name/{kind}/default/{name}");
    let changed = text.replacen("  description: ", "  description: Changed. ", 1);
    let part = portal.folder().join("part.yaml");
    std::fs::write(&part, changed)?;
    let start = Instant::now();
    std::fs::rename(part, file)?;
    loop {
        let entity = portal.get_json(&path).await;
        if entity["metadata"]["description"].as_str().is_some_and(|text| text.starts_with("Changed.")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    table.row("changed file to visible in the API", duration(start.elapsed()))?;

    portal.terminate();
    table.row("start to ready with what is stored", duration(portal.start_again().await))?;
    let start = Instant::now();
    portal.get_json("/api/catalog/entities/by-query?filter=kind=component&orderField=metadata.name,asc&limit=20").await;
    table.row("the first page after that", duration(start.elapsed()))
}

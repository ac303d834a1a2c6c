//! What the API answers from a large catalog, and how quickly.

use std::time::Duration;

use anyhow::{Result, bail};
use callboard_tests::TestPortal;
use callboard_tests::generate::{self, Shape};

use super::figures::bytes;
use super::process::memory;
use super::table::Table;
use super::{bare::Bare, ingest, load, quiet};

/// How many entities there are unless another number is asked for.
pub(super) const USUAL: usize = 10_000;
const CONNECTIONS: usize = 16;
/// How long the connections ask.
const LONG: Duration = Duration::from_secs(3);
/// How long one connection asks alone.
const SHORT: Duration = Duration::from_secs(1);
/// Over how many entities the requests by name go.
const NAMES: usize = 100;

/// A kind of request.
struct Case {
    what: &'static str,
    paths: Vec<String>,
    /// Where the answer has something, so that no benchmark measures empty answers.
    filled: &'static str,
    /// Whether it is compared with a handler that only sends the same bytes.
    is_compared: bool,
}

pub(super) async fn run(table: &Table, entities: usize) -> Result<()> {
    measure(table, entities).await.map(drop)
}

/// Measures every kind of request, and gives the portal that answered.
pub(super) async fn measure(table: &Table, entities: usize) -> Result<TestPortal> {
    let mut portal = quiet().prepare();
    generate::write(&portal.catalog(), entities)?;
    portal.start_again().await;
    ingest::require_complete(&portal, entities).await?;
    for case in cases(entities) {
        require_filled(&portal, &case).await?;
        let what = case.what;
        let many = load::run(portal.address(), &case.paths, CONNECTIONS, LONG).await?;
        let (p50, p99, size) = (many.times.p50(), many.times.p99(), bytes(many.mean_bytes()));
        table.row(
            &format!("{what}, {CONNECTIONS} connections"),
            format_args!("{:.0}/s, p50 {p50}, p99 {p99}, {size} each", many.rate()),
        )?;
        if case.is_compared {
            let body = portal.get(&case.paths[0]).await.text().into_bytes();
            let bare = Bare::start(body.into()).await?;
            let bare = load::run(bare.address, &case.paths[..1], CONNECTIONS, LONG).await?;
            let share = many.rate() / bare.rate() * 100.0;
            table.row(
                &format!("{what}, beside a handler that only sends the same"),
                format_args!("{:.0}/s, of which the above is {share:.0} %", bare.rate()),
            )?;
        }
        let one = load::run(portal.address(), &case.paths, 1, SHORT).await?;
        table.row(&format!("{what}, 1 connection"), format_args!("p50 {}", one.times.p50()))?;
    }
    table.row("resident memory after these", memory(&portal)?)?;
    Ok(portal)
}

fn cases(entities: usize) -> Vec<Case> {
    let components = Shape::of(entities).components;
    let by_name = |index| {
        let name = generate::component_name(index * components / NAMES);
        format!("/api/catalog/entities/by-name/component/default/{name}")
    };
    let services = "/api/catalog/entities/by-query?filter=kind=component,spec.type=service";
    // The fields are those in which the catalog's pages search; without any, only the order's field would be looked at.
    let searched = "/api/catalog/entities/by-query?filter=kind=component&fullTextFilterTerm=payment\
                    &fullTextFilterFields=metadata.name,metadata.title,spec.profile.displayName";
    let one = |what, path: String, filled| Case { what, paths: vec![path], filled, is_compared: false };
    vec![
        Case {
            what: "entity by name",
            paths: (0..NAMES).map(by_name).collect(),
            filled: "/metadata/name",
            is_compared: true,
        },
        one("by-query, 20 services by name", format!("{services}&orderField=metadata.name,asc&limit=20"), "/items/19"),
        one("by-query, 20 with a full-text term", format!("{searched}&limit=20"), "/items/19"),
        one(
            "facets of spec.type, components",
            "/api/catalog/entity-facets?facet=spec.type&filter=kind=component".to_owned(),
            "/facets/spec.type/0",
        ),
        Case { is_compared: true, ..one("entities?limit=500", "/api/catalog/entities?limit=500".to_owned(), "/499") },
        one("search", "/api/search/query?term=payment".to_owned(), "/results/0"),
    ]
}

async fn require_filled(portal: &TestPortal, case: &Case) -> Result<()> {
    for path in &case.paths {
        let answer = portal.get_json(path).await;
        if answer.pointer(case.filled).is_none() {
            let start: String = answer.to_string().chars().take(300).collect();
            bail!("{path} was answered without {}: {start}", case.filled);
        }
    }
    Ok(())
}

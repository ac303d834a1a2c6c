//! Pages of the example company: when their first byte comes, and what a browser loads for them.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use callboard_tests::TestPortal;
use reqwest::Method;

use super::figures::{Times, bytes};
use super::table::Table;
use super::{example, load};

const REQUESTS: usize = 200;
const PAGES: &[(&str, &str)] = &[("catalog page", "/catalog"), ("entity page", "/catalog/default/component/basket")];
/// Assets that are no part of the figure: a browser shows the page without them.
const OTHERS: &[&str] = &["svg", "png", "ico"];

pub(super) async fn run(table: &Table) -> Result<()> {
    let (_github, builder) = example()?;
    let portal = builder.start().await;
    super::plugin::serving(&portal).await?;
    for (what, path) in PAGES {
        let replies = load::replies(portal.address(), path, REQUESTS).await?;
        let times = Times::new(replies.iter().map(|reply| reply.first_byte).collect())?;
        table.row(
            &format!("{what}, first byte, {REQUESTS} requests"),
            format_args!("p50 {}, p99 {}", times.p50(), times.p99()),
        )?;
        let whole = Times::new(replies.iter().map(|reply| reply.whole).collect())?;
        let size = replies.iter().map(|reply| reply.length).max().unwrap_or_default();
        table.row(
            &format!("{what}, to its end, {}", bytes(size)),
            format_args!("p50 {}, p99 {}", whole.p50(), whole.p99()),
        )?;
    }
    let mut total = 0;
    for asset in assets(&portal).await? {
        let size = brotli_size(&portal, &asset).await?;
        table.row(&format!("{asset}, brotli"), bytes(size))?;
        total += size;
    }
    table.row("scripts, wasm and style together, brotli", bytes(total))
}

/// The paths of what a page loads: what it names itself, and what the scripts that it names load in turn.
async fn assets(portal: &TestPortal) -> Result<BTreeSet<String>> {
    let page = portal.page(PAGES[0].1).await;
    let mut found = named(&page, "/assets/");
    for script in found.clone().iter().filter(|path| extension(path) == "js") {
        let text = portal.page(script).await;
        found.extend(named(&text, "./").iter().map(|path| path.replacen("./", "/assets/", 1)));
    }
    found.retain(|path| !OTHERS.contains(&extension(path)));
    for wanted in ["js", "wasm", "css"] {
        if !found.iter().any(|path| extension(path) == wanted) {
            bail!("the catalog page loads no .{wanted}; was the binary built without the site (`cargo xtask build`)?");
        }
    }
    Ok(found)
}

/// The quoted names in a text that begin so and have an extension.
fn named(text: &str, beginning: &str) -> BTreeSet<String> {
    let quoted = text.split(['"', '\'']).filter(|part| part.starts_with(beginning));
    quoted
        .filter(|part| !part.contains(char::is_whitespace) && !extension(part).is_empty())
        .map(str::to_owned)
        .collect()
}

fn extension(path: &str) -> &str {
    path.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map(|(_, extension)| extension).unwrap_or_default()
}

async fn brotli_size(portal: &TestPortal, path: &str) -> Result<u64> {
    let answer = portal.request(Method::GET, path).header("accept-encoding", "br").send().await;
    if answer.status != 200 {
        bail!("{path} was answered with status {}", answer.status);
    }
    if answer.header("content-encoding") != "br" {
        bail!("{path} is not to be had in brotli");
    }
    let length = answer.header("content-length");
    length.parse().with_context(|| format!("{path} was answered with the length {length:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_assets_are_found_in_pages_and_scripts() {
        let page = r#"<link href="/assets/site-1.css"><a href="/assets"><script src="/assets/boot-2.js">"#;
        assert_eq!(named(page, "/assets/"), BTreeSet::from(["/assets/boot-2.js".into(), "/assets/site-1.css".into()]));
        let script = "import('./site-3.js'); fetch(new URL(\"./site-4.wasm\", base)); say('./ no name.')";
        assert_eq!(named(script, "./"), BTreeSet::from(["./site-3.js".into(), "./site-4.wasm".into()]));
    }
}

//! What is worth knowing of a definition at a glance.

use crate::check::{Version, is_method};
use crate::document::{Map, Node};

/// How the keys of the annotations begin.
pub(crate) const PREFIX: &str = "openapi.callboard.dev/";

/// The longest value of an annotation, in characters, and the most servers.
const LONGEST: usize = 500;
const MOST_SERVERS: usize = 10;

/// Names and values of the annotations; what the definition does not say is left out.
pub(crate) fn summarise(root: &Node) -> Vec<(&'static str, String)> {
    let Some(map) = root.map() else { return Vec::new() };
    let spec_version = map.get("openapi").or_else(|| map.get("swagger")).and_then(Node::scalar);
    let Some(spec_version) = spec_version else { return Vec::new() };
    let mut out = vec![("spec-version", cut(spec_version)), ("operations", operations(map).to_string())];
    if let Some(version) = map.get("info").and_then(|info| info.get("version")).and_then(Node::scalar) {
        out.push(("version", cut(version)));
    }
    let servers = servers(map);
    if !servers.is_empty() {
        out.push(("servers", servers.join(",")));
    }
    out.retain(|(_, value)| !value.is_empty());
    out
}

fn operations(map: &Map) -> usize {
    let paths = map.get("paths").and_then(Node::map);
    let items = paths.iter().flat_map(|paths| &paths.entries).filter(|entry| !entry.key.starts_with("x-"));
    let fields = items.filter_map(|entry| entry.node.map()).flat_map(|item| &item.entries);
    fields
        .map(|field| match field.key.as_str() {
            "additionalOperations" => field.node.map().map_or(0, |map| map.entries.len()),
            key => usize::from(is_method(key, Version::V3_2) && field.node.map().is_some()),
        })
        .sum()
}

/// The addresses of the servers. A comma would end one, so it is encoded.
fn servers(map: &Map) -> Vec<String> {
    let list = map.get("servers").and_then(Node::list).unwrap_or_default();
    let urls = list.iter().filter_map(|server| server.get("url")).filter_map(Node::text);
    let urls = urls.map(|url| cut(url).replace(',', "%2C")).filter(|url| !url.is_empty());
    let mut total = 0;
    urls.take(MOST_SERVERS)
        .take_while(|url| {
            total += url.chars().count() + 1;
            total <= LONGEST + 1
        })
        .collect()
}

fn cut(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

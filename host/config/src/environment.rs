//! `CALLBOARD_…` variables: the path of a key, joined by `__`, whose value is read as YAML.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use host_model::diagnostic::{Diagnostic, Place};
use host_yaml::{Limits, parse_one};

use crate::item::{Item, Kind, Source};
use crate::keys::Keys;
use crate::nearest::{nearest, simplify};

const PREFIX: &str = "CALLBOARD_";

/// Lays the variables over what the files gave.
pub(crate) fn overlay(
    merged: &mut Item,
    environment: &BTreeMap<String, String>,
    working_directory: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (name, value) in environment {
        let Some(path) = name.strip_prefix(PREFIX) else { continue };
        // Kubernetes gives every container variables of this form for a service of the same name.
        if path.is_empty() || path.starts_with("SERVICE_") || path.starts_with("PORT") {
            continue;
        }
        let source =
            Arc::new(Source { name: format!("environment variable {name}"), directory: working_directory.to_owned() });
        let Some(path) = resolve(path, merged) else {
            let first = path.split("__").next().unwrap_or_default();
            let known = nearest(first, Keys::all().names());
            let message =
                format!("the environment variable `{name}` names no key of the configuration and has no effect");
            let hint = match known {
                Some(known) => format!("did you mean `{PREFIX}{}`?", known.to_uppercase()),
                None => "the path of a key is joined by two underscores, as in CALLBOARD_BACKEND__LISTEN".to_owned(),
            };
            let place = Place { file: Some(source.name.clone()), line: 1, column: 1 };
            diagnostics.push(Diagnostic::warning("config/variable", message).at(place).hint(hint));
            continue;
        };
        match parse_one(value, &Limits::default()) {
            Ok(node) => merged.merge(Item::nested(&path, Item::from_node(node, &source))),
            Err(findings) => diagnostics.extend(findings.into_iter().map(|mut finding| {
                if let Some(place) = &mut finding.place {
                    place.file = Some(source.name.clone());
                }
                finding
            })),
        }
    }
}

/// The keys that a variable's path means: case and dashes do not count. `None` if its first key does not exist.
fn resolve(path: &str, merged: &Item) -> Option<Vec<String>> {
    let mut keys = Some(Keys::all());
    let mut item = Some(merged);
    let mut resolved = Vec::new();
    for (depth, segment) in path.split("__").enumerate() {
        let wanted = simplify(segment);
        let is_meant = |name: &&str| simplify(name) == wanted;
        let written = item.into_iter().flat_map(names_of).find(is_meant);
        let known = keys.into_iter().flat_map(Keys::names).find(is_meant);
        // A top-level key must be in the table, whatever the files say; then a warning here suffices.
        let name = if depth == 0 { known? } else { written.or(known).unwrap_or_default() };
        let name = if name.is_empty() { segment.to_lowercase() } else { name.to_owned() };
        item = item.and_then(|item| item.get(&name));
        keys = keys.and_then(|keys| keys.below(&name));
        resolved.push(name);
    }
    Some(resolved)
}

fn names_of(item: &Item) -> impl Iterator<Item = &str> {
    let entries = if let Kind::Map(entries) = &item.kind { entries.as_slice() } else { &[] };
    entries.iter().map(|entry| entry.key.as_str())
}

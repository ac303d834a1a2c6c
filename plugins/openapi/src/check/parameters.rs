//! Parameters, and how they fit to the braces of a path.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Context;
use super::references::resolve;
use crate::document::{Node, Place};
use crate::findings::shown;

/// Where a parameter may be; `querystring` is from 3.2.
const LOCATIONS: [&str; 5] = ["path", "query", "header", "cookie", "querystring"];

/// No operation has more; what comes after is not looked at.
const MOST_PARAMETERS: usize = 500;

/// The path parameters of an operation.
#[derive(Debug, Clone, Default)]
pub(super) struct Declared {
    /// By name, with the place of the declaration.
    path: BTreeMap<String, Place>,
    /// Some are declared in another document, so that nobody knows which are missing.
    unknown: bool,
}

impl Context<'_> {
    /// Reads a list of parameters that add to those of the path.
    pub(super) fn parameters(&mut self, list: Option<&Node>, shared: &Declared) -> Declared {
        let mut declared = shared.clone();
        let Some(items) = list.and_then(|list| self.list(list, "parameters")) else { return declared };
        let mut seen = HashSet::new();
        for item in items.iter().take(MOST_PARAMETERS) {
            if !self.spend() {
                break;
            }
            // A reference that leads nowhere is reported with all references.
            let parameter = match item.get("$ref").and_then(Node::text) {
                None => item,
                Some(reference) => match resolve(self.root, reference) {
                    Some(target) => target,
                    None => {
                        declared.unknown = true;
                        continue;
                    }
                },
            };
            let place = item.place;
            let Some((name, location)) = self.name_and_location(parameter, place) else {
                declared.unknown = true;
                continue;
            };
            if !seen.insert((name.to_owned(), location.to_owned())) {
                let message = format!("the {} parameter {} is declared twice", location, shown(name));
                self.error(place, "openapi/duplicate-parameter", message);
            }
            if location == "path" {
                declared.path.insert(name.to_owned(), place);
                if !parameter.get("required").is_some_and(Node::is_true) {
                    let message = format!("the path parameter {} must say required: true", shown(name));
                    self.error(place, "openapi/path-parameter-not-required", message);
                }
            }
        }
        declared
    }

    fn name_and_location<'n>(&mut self, parameter: &'n Node, place: Place) -> Option<(&'n str, &'n str)> {
        let fields = self.object(parameter, "a parameter")?;
        let mut get = |key: &str| {
            let Some(node) = fields.get(key) else {
                self.error(place, "openapi/bad-parameter", format!("a parameter needs {key}"));
                return None;
            };
            self.text(node, &format!("{key} of a parameter"))
        };
        let (name, location) = (get("name"), get("in"));
        let (name, location) = (name?, location?);
        if !LOCATIONS.contains(&location) {
            let message = format!(
                "a parameter cannot be in {}: {} are possible{}",
                shown(location),
                "path, query, header and cookie",
                if location == "body" { "; a body is described by requestBody" } else { "" }
            );
            self.error(place, "openapi/bad-parameter", message);
            return None;
        }
        Some((name, location))
    }

    /// Every `{name}` of the path must be declared, and every declared path parameter used.
    pub(super) fn compare_with_template(&mut self, path: &str, declared: &Declared, place: Place, name: &str) {
        let names = names(path);
        for used in &names {
            if !declared.path.contains_key(*used) && !declared.unknown {
                let message = format!("{name} does not declare the path parameter {}", shown(used));
                self.error(place, "openapi/undeclared-path-parameter", message);
            }
        }
        for (unused, &place) in declared.path.iter().filter(|(name, _)| !names.contains(name.as_str())) {
            let message = format!("the path parameter {} is not in the path {}", shown(unused), shown(path));
            self.error(place, "openapi/unused-path-parameter", message);
        }
    }
}

/// The names in the braces of a path.
fn names(path: &str) -> BTreeSet<&str> {
    let parts = path.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name).take(MOST_PARAMETERS).collect()
}

/// The path with all its parameters made equal: `/a/{x}` and `/a/{y}` are one path.
pub(super) fn without_names(path: &str) -> String {
    let mut parts = path.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('{');
        out.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    out
}

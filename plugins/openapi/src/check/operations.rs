//! Paths, their operations and responses.

use std::collections::HashMap;

use super::parameters::{self, Declared};
use super::{Context, Version};
use crate::document::{Entry, Map, Node, Place};
use crate::findings::shown;

/// The methods of HTTP that every version knows.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What else may stand beside the methods of a path.
const PATH_FIELDS: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];

/// Whether a key of a path is one of its operations.
pub(crate) fn is_method(key: &str, version: Version) -> bool {
    METHODS.contains(&key) || (version == Version::V3_2 && key == "query")
}

/// Where names must be unique across the whole definition.
#[derive(Default)]
struct Seen<'a> {
    operation_ids: HashMap<&'a str, Place>,
    /// By the path with its parameters made equal.
    paths: HashMap<String, &'a Entry>,
}

impl<'a> Context<'a> {
    pub(super) fn check_operations(&mut self) {
        let root = self.root;
        let mut seen = Seen::default();
        if let Some(paths) = root.get("paths")
            && let Some(paths) = self.object(paths, "paths")
        {
            for entry in &paths.entries {
                if !entry.key.starts_with("x-") {
                    self.path(entry, &mut seen);
                }
            }
        }
        let webhooks = root.get("webhooks").and_then(Node::map).filter(|_| self.version > Version::V3_0);
        for entry in webhooks.iter().flat_map(|map| &map.entries) {
            self.path_item(entry, None, &mut seen);
        }
    }

    fn path(&mut self, entry: &'a Entry, seen: &mut Seen<'a>) {
        let path = shown(&entry.key);
        if !entry.key.starts_with('/') {
            self.error(entry.place, "openapi/path-slash", format!("the path {path} must begin with a slash"));
        }
        let same = parameters::without_names(&entry.key);
        if let Some(earlier) = seen.paths.get(&same) {
            let message = format!(
                "{path} is the same path as {} in line {}: only the names of their parameters differ",
                shown(&earlier.key),
                earlier.place.line
            );
            self.error(entry.place, "openapi/same-path", message);
        } else {
            seen.paths.insert(same, entry);
        }
        self.path_item(entry, Some(&entry.key), seen);
    }

    /// A path's or webhook's operations; only a path has a template.
    fn path_item(&mut self, entry: &'a Entry, template: Option<&str>, seen: &mut Seen<'a>) {
        let name = shown(&entry.key);
        let Some(item) = self.object(&entry.node, &name) else { return };
        let shared = self.parameters(item.get("parameters"), &Declared::default());
        self.servers(&entry.node);
        for field in &item.entries {
            if !self.spend() {
                return;
            }
            if is_method(&field.key, self.version) {
                self.operation(field, &name, template, &shared, item.get("$ref").is_some(), seen);
            } else if field.key == "additionalOperations" && self.version == Version::V3_2 {
                for field in field.node.map().iter().flat_map(|map| &map.entries) {
                    self.operation(field, &name, template, &shared, false, seen);
                }
            } else if !PATH_FIELDS.contains(&field.key.as_str()) && !field.key.starts_with("x-") {
                self.unknown_field(field, &name);
            }
        }
    }

    fn unknown_field(&mut self, field: &Entry, path: &str) {
        let lower = field.key.to_ascii_lowercase();
        let message = if is_method(&lower, self.version) {
            format!("{} of {path}: methods are written in lower case, so this must be {lower}", shown(&field.key))
        } else {
            format!(
                "{} of {path} is no HTTP method that OpenAPI knows: {} are, and own keys begin with x-",
                shown(&field.key),
                METHODS.join(", ")
            )
        };
        self.error(field.place, "openapi/unknown-method", message);
    }

    fn operation(
        &mut self,
        field: &'a Entry,
        path: &str,
        template: Option<&str>,
        shared: &Declared,
        elsewhere: bool,
        seen: &mut Seen<'a>,
    ) {
        let name = format!("{} {path}", field.key.to_ascii_uppercase());
        let Some(operation) = self.object(&field.node, &name) else { return };
        self.operation_id(operation, &name, seen);
        self.security(operation, &name);
        self.servers(&field.node);
        let declared = self.parameters(operation.get("parameters"), shared);
        if let Some(template) = template.filter(|_| !elsewhere) {
            self.compare_with_template(template, &declared, field.place, &name);
        }
        self.responses(field, operation, &name);
    }

    fn operation_id(&mut self, operation: &'a Map, name: &str, seen: &mut Seen<'a>) {
        let Some(node) = operation.get("operationId") else { return };
        let Some(id) = self.text(node, &format!("operationId of {name}")) else { return };
        if let Some(earlier) = seen.operation_ids.get(id) {
            let message =
                format!("operationId {} is used already in line {}; it must be unique", shown(id), earlier.line);
            self.error(node.place, "openapi/duplicate-operation-id", message);
        } else {
            seen.operation_ids.insert(id, node.place);
        }
    }

    fn security(&mut self, operation: &Map, name: &str) {
        let Some(list) = operation.get("security") else { return };
        let Some(requirements) = self.list(list, &format!("security of {name}")) else { return };
        let components = self.root.get("components");
        let schemes = components.and_then(|components| components.get("securitySchemes")).and_then(Node::map);
        for entry in requirements.iter().filter_map(Node::map).flat_map(|map| &map.entries) {
            if !self.spend() {
                return;
            }
            if schemes.is_none_or(|schemes| schemes.get(&entry.key).is_none()) && !entry.key.contains('/') {
                let message = format!("{name} uses the security scheme {}, which is not declared", shown(&entry.key));
                self.error(entry.place, "openapi/unknown-security-scheme", message);
            }
        }
    }

    fn responses(&mut self, field: &Entry, operation: &Map, name: &str) {
        let Some(entry) = operation.entry("responses") else {
            if self.version == Version::V3_0 {
                self.error(field.place, "openapi/no-responses", format!("{name} has no responses, which are required"));
            }
            return;
        };
        let Some(responses) = self.object(&entry.node, &format!("responses of {name}")) else { return };
        if responses.entries.is_empty() {
            self.error(entry.place, "openapi/no-responses", format!("{name} must have at least one response"));
        }
        for response in &responses.entries {
            let code = &response.key;
            if !self.spend() {
                return;
            }
            if code.starts_with("x-") {
                continue;
            }
            if !is_status(code) {
                let message =
                    format!("{} of {name} is no status: 100 to 599, ranges such as 4XX, and default are", shown(code));
                self.error(response.place, "openapi/bad-status", message);
            }
            let Some(fields) = self.object(&response.node, &format!("response {code} of {name}")) else { continue };
            // From 3.2 on a summary will do, or nothing.
            let needed = self.version < Version::V3_2 && fields.get("$ref").is_none();
            if needed && fields.get("description").is_none() {
                let message = format!("response {} of {name} has no description, which is required", shown(code));
                self.error(response.place, "openapi/no-description", message);
            }
        }
    }
}

fn is_status(code: &str) -> bool {
    let [first, rest @ ..] = code.as_bytes() else { return false };
    let exact = rest.len() == 2 && rest.iter().all(u8::is_ascii_digit);
    code == "default" || ((b'1'..=b'5').contains(first) && (exact || rest == b"XX"))
}

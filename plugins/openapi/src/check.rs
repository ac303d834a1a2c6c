//! The rules of OpenAPI 3.0 and 3.1 (and what 3.2 adds to them, as far as it is of concern here).

mod operations;
mod parameters;
mod references;

pub(crate) use operations::is_method;

use crate::document::{Map, Node, Place, Value};
use crate::findings::{Findings, shown};

/// Which rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    V3_0,
    V3_1,
    V3_2,
}

/// What the checks share.
struct Context<'a> {
    root: &'a Node,
    version: Version,
    findings: &'a mut Findings,
    /// How much may still be looked at: what aliases repeat counts each time.
    budget: usize,
}

/// Checks a definition.
pub(crate) fn check(root: &Node, findings: &mut Findings) {
    let Some(map) = root.map() else {
        let message = format!("an OpenAPI definition is an object with the key openapi; this is {}", root.kind());
        findings.error(root.place, "openapi/not-an-object", message);
        return;
    };
    let Some(version) = version(root, map, findings) else { return };
    let mut context = Context { root, version, findings, budget: 1_000_000 };
    context.info(map);
    context.servers(root);
    context.tree(map);
    context.check_operations();
    context.check_references();
}

/// Which version of OpenAPI this is, if it is one that is checked.
fn version(root: &Node, map: &Map, findings: &mut Findings) -> Option<Version> {
    if let Some(swagger) = map.entry("swagger") {
        let message = "this is Swagger 2.0, which is not checked: convert it to OpenAPI 3 \
                       (most editors and generators can) to have it checked";
        findings.warning(swagger.place, "openapi/swagger-2", message);
        return None;
    }
    let Some(entry) = map.entry("openapi") else {
        let message = "the key openapi is missing: it tells the version, such as openapi: 3.1.0";
        findings.error(root.place, "openapi/no-openapi", message);
        return None;
    };
    let place = entry.node.place;
    if entry.node.text().is_none() && entry.node.scalar().is_some() {
        let message = "the value of openapi must be text with three numbers, such as 3.1.0";
        findings.error(place, "openapi/bad-openapi", message);
    }
    let written = entry.node.scalar().unwrap_or_default();
    let known = [("3.0", Version::V3_0), ("3.1", Version::V3_1), ("3.2", Version::V3_2)];
    let found = known.iter().find(|(prefix, _)| {
        written.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    });
    if found.is_none() {
        let message = format!("{:?} is no version of OpenAPI that is checked: 3.0, 3.1 and 3.2 are", shown(written));
        findings.error(place, "openapi/unknown-openapi", message);
    }
    found.map(|&(_, version)| version)
}

impl Context<'_> {
    fn info(&mut self, map: &Map) {
        let Some(info) = map.entry("info") else {
            let message = "the key info is missing: it holds title and version of the API";
            self.findings.error(self.root.place, "openapi/no-info", message);
            return;
        };
        let Some(fields) = self.object(&info.node, "info") else { return };
        for (key, code) in [("title", "openapi/no-title"), ("version", "openapi/no-version")] {
            match fields.get(key) {
                None => self.findings.error(info.place, code, format!("info has no {key}, which is required")),
                Some(node) => {
                    let said = self.text(node, &format!("info.{key}"));
                    if said.is_some_and(|text| text.trim().is_empty()) {
                        self.findings.error(node.place, code, format!("info.{key} is empty"));
                    }
                }
            }
        }
    }

    fn servers(&mut self, holder: &Node) {
        let Some(servers) = holder.get("servers") else { return };
        let Some(items) = self.list(servers, "servers") else { return };
        for server in items {
            let Some(fields) = self.object(server, "a server") else { continue };
            if fields.get("url").is_none() {
                self.findings.error(server.place, "openapi/no-server-url", "a server needs a url");
            }
        }
    }

    /// What must be there at the top besides `info`.
    fn tree(&mut self, map: &Map) {
        let old = self.version == Version::V3_0;
        let any: &[&str] = if old { &["paths"] } else { &["paths", "components", "webhooks"] };
        if !any.iter().any(|key| map.get(key).is_some()) {
            let message =
                if old { "the key paths is missing" } else { "one of paths, components and webhooks must be there" };
            self.findings.error(self.root.place, "openapi/no-paths", message);
        }
        for key in ["components", "webhooks"] {
            if let Some(node) = map.get(key) {
                self.object(node, key);
            }
        }
    }

    /// Demands an object.
    fn object<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Map> {
        let map = node.map();
        if map.is_none() {
            self.wrong_type(node, what, "an object");
        }
        map
    }

    /// Demands a list.
    fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        let items = node.list();
        if items.is_none() {
            self.wrong_type(node, what, "a list");
        }
        items
    }

    /// Demands text. A number is a common slip: it is told how to mend it and read all the same.
    fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) => Some(text),
            Value::Number(text) => {
                let message = format!("{what} must be text: write \"{}\" in quotes", shown(text));
                self.findings.error(node.place, "openapi/wrong-type", message);
                Some(text)
            }
            _ => {
                self.wrong_type(node, what, "text");
                None
            }
        }
    }

    fn wrong_type(&mut self, node: &Node, what: &str, expected: &str) {
        let message = format!("{} must be {expected}; this is {}", shown(what), node.kind());
        self.findings.error(node.place, "openapi/wrong-type", message);
    }

    /// Whether one more thing may be looked at. Everything that aliases can multiply asks.
    fn spend(&mut self) -> bool {
        if self.budget == 0 {
            let message = "the definition repeats itself so often that not all of it is checked";
            self.findings.warning(self.root.place, "openapi/too-large", message);
            return false;
        }
        self.budget -= 1;
        true
    }

    fn error(&mut self, place: Place, code: &'static str, message: impl Into<String>) {
        self.findings.error(place, code, message);
    }
}

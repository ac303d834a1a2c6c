//! Checks the OpenAPI definitions of API entities, reports what is wrong with its place in the definition, and notes
//! version, number of operations and servers as annotations.
//!
//! It looks at nothing but the definition itself: references to other documents are taken on trust. Definitions come
//! from anybody, so everything is bounded: size, nesting, repetition, and the number of findings.

mod check;
mod document;
mod findings;
mod summary;

use callboard_sdk::processor::{Declaration, Interest, Item, Outcome};
use callboard_sdk::{CatalogProcessor, Description, Plugin};

use crate::findings::Findings;

struct OpenApi;

impl Plugin for OpenApi {
    fn describe() -> Description {
        Description::new("openapi", env!("CARGO_PKG_VERSION"), "OpenAPI")
            .summary("Checks the OpenAPI definitions of APIs and notes their version, operations and servers.")
    }
}

impl CatalogProcessor for OpenApi {
    fn processor() -> Declaration {
        Declaration::new()
            .interest(Interest::any().kind("API").spec_type("openapi"))
            .writes(format!("metadata.annotations.{}*", summary::PREFIX))
    }

    fn process(item: &Item) -> Outcome {
        // Without a definition the entity is not valid in the first place, and has been told so.
        item.entity.text("/spec/definition").map(examine).unwrap_or_default()
    }
}

callboard_sdk::export!(OpenApi: catalog_processor);

/// Reads and checks one definition.
fn examine(definition: &str) -> Outcome {
    let mut findings = Findings::default();
    let root = document::read(definition, &mut findings);
    let mut outcome = Outcome::new();
    if let Some(root) = &root {
        check::check(root, &mut findings);
        for (name, value) in summary::summarise(root) {
            outcome = outcome.annotate(&format!("{}{name}", summary::PREFIX), value);
        }
    }
    outcome.diagnostics = findings.into_diagnostics();
    outcome
}

#[cfg(test)]
mod tests;

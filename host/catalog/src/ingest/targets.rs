//! What Location entities point to. A target that means nothing costs only itself.

use host_model::Diagnostic;
use host_model::address::is_address;
use serde_json::Value;

use super::prepare::Candidate;
use super::reach::Reach;
use super::state::Target;
use crate::CatalogLimits;

/// What a Location entity points to, and what is wrong with what is left out.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    pub(super) found: Vec<Target>,
    pub(super) problems: Vec<Diagnostic>,
}

/// The locations that a Location entity points to.
pub(super) fn targets(candidate: &Candidate, base: &str, reach: &dyn Reach, limits: &CatalogLimits) -> Targets {
    if !candidate.entity.kind().eq_ignore_ascii_case("location") {
        return Targets::default();
    }
    let text = |pointer: &str| candidate.entity.pointer(pointer).and_then(Value::as_str);
    let place = |pointer: &str| candidate.written.as_ref().map(|written| written.place(pointer, false));
    let inherited = if is_address(base) { "url" } else { "file" };
    let location_type = text("/spec/type").unwrap_or(inherited);
    let optional = text("/spec/presence") == Some("optional");
    let listed = candidate.entity.pointer("/spec/targets").and_then(Value::as_array);
    let mut all: Vec<(String, &str)> =
        text("/spec/target").map(|target| ("/spec/target".to_owned(), target)).into_iter().collect();
    for (index, target) in listed.into_iter().flatten().enumerate() {
        all.extend(target.as_str().map(|target| (format!("/spec/targets/{index}"), target)));
    }
    let mut targets = Targets::default();
    if all.len() > limits.targets {
        let message = format!("the Location has {} targets; only the first {} are read", all.len(), limits.targets);
        let diagnostic = Diagnostic::error("location/too-many", message).hint("divide it into several Locations");
        targets.problems.push(Diagnostic { place: place("/spec/targets"), ..diagnostic });
        all.truncate(limits.targets);
    }
    for (pointer, written) in all {
        let place = place(&pointer);
        let is_known = matches!(location_type, "file" | "url");
        let target = if is_known { reach.resolve(base, written) } else { Ok(written.to_owned()) };
        match target {
            Ok(target) => targets.found.push(Target {
                parent: candidate.entity_ref.clone(),
                location_type: if location_type == "file" && is_address(&target) { "url" } else { location_type }
                    .to_owned(),
                target,
                optional,
                line: place.as_ref().map_or(1, |place| place.line),
                column: place.as_ref().map_or(1, |place| place.column),
            }),
            Err(error) => {
                let message = format!("the target {written} is not read: {}", error.message);
                let diagnostic = Diagnostic::error("location/target", message).pointer(pointer);
                targets.problems.push(Diagnostic { place, hint: error.hint, ..diagnostic });
            }
        }
    }
    targets
}

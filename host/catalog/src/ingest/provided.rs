//! From what a provider gave to entities that may enter.

use host_model::address::is_address;
use host_model::annotation::{MANAGED_BY_LOCATION, MANAGED_BY_ORIGIN_LOCATION};
use host_model::{Diagnostic, Entity};
use host_ports::{SourceError, SourceFailure};
use host_store::ProvidedRecord;
use serde_json::{Map, Value};

use super::prepare::{Context, prepare};
use super::reach::Reach;
use super::read::FileRead;
use super::state::Finding;
use super::targets::targets;
use super::visit::Visit;
use super::walk::Walk;

/// No document of a file: what is broken keeps its own last good entity and no other.
const NO_DOCUMENT: usize = usize::MAX;

/// Takes the entities of a provider, each on its own: one that is wrong costs only itself.
pub(super) fn read_provided(walk: &Walk<'_>, visit: &Visit, records: Vec<ProvidedRecord>) -> FileRead {
    let root = &walk.roots[visit.root];
    let mut read = FileRead::default();
    for (number, record) in records.into_iter().enumerate() {
        let object: Map<String, Value> = serde_json::from_str(&record.body).unwrap_or_default();
        let entity = Entity::new(object);
        let managed = |key: &str| entity.annotation(key).filter(|value| value.contains(':')).map(str::to_owned);
        let location = managed(MANAGED_BY_LOCATION).unwrap_or_else(|| root.location.clone());
        let origin = managed(MANAGED_BY_ORIGIN_LOCATION).unwrap_or_else(|| location.clone());
        let context = walk.engine.context(root, &location, None, walk.model, walk.keeps_places);
        let context = Context { origin: &origin, ..context };
        let base = location.strip_prefix("url:").unwrap_or_default();
        let prepared = prepare(entity.document().clone(), number, None, None, &context, false);
        match prepared {
            Ok(candidate) => {
                let targets = targets(&candidate, base, &Addresses { walk }, &walk.engine.config.limits);
                let problem = |diagnostic| Finding::new(diagnostic, Some(candidate.entity_ref.clone()));
                read.findings.extend(targets.problems.into_iter().map(problem));
                read.candidates.push(candidate);
                read.targets.extend(targets.found);
            }
            Err(errors) => {
                let finding = |mut error: Diagnostic| {
                    error.message = format!("{} from {}: {}", record.entity_ref, root.target, error.message);
                    Finding::new(error, Some(record.entity_ref.clone()))
                };
                read.findings.extend(errors.into_iter().map(finding));
                read.broken.push((NO_DOCUMENT, Some(record.entity_ref)));
            }
        }
    }
    read
}

/// What the Location entities of a provider may point to: addresses.
struct Addresses<'a, 'w> {
    walk: &'a Walk<'w>,
}

impl Reach for Addresses<'_, '_> {
    fn resolve(&self, base: &str, target: &str) -> Result<String, SourceError> {
        if is_address(base) {
            return self.walk.engine.remote.reader()?.resolve(base, target);
        }
        if is_address(target) {
            return Ok(target.to_owned());
        }
        let message = format!("{target} is relative, and the entity does not say to what");
        let hint = "give the whole address, or the annotation backstage.io/managed-by-location";
        Err(SourceError::new(SourceFailure::Invalid, message).hint(hint))
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, SourceError> {
        Err(SourceError::new(SourceFailure::NotAllowed, format!("{name} is not read")))
    }
}

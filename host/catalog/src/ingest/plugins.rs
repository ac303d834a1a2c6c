//! Lets processors look at entities, and keeps them to what they declared.

use std::collections::BTreeMap;
use std::sync::Arc;

use host_model::diagnostic::Severity;
use host_model::plugin::{FaultCode, PluginError};
use host_model::{Diagnostic, Entity, Relation};
use host_ports::{Processor, ProcessorItem, ProcessorOutcome, SourceFinding};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::prepare::{Candidate, neutralise};
use crate::declared::Model;
use crate::relations::given;
use crate::{hash, validate};

/// How many entities a processor is shown at once.
const BATCH: usize = 64;
/// After so many faulted calls for one batch, what is left of it is tried in a later pass: a fault may take seconds.
const MOST_FAULTS: usize = 16;
/// Most findings that are kept of one processor for one entity.
const MOST_FINDINGS: usize = 100;

/// An answer of a processor, with what it was an answer to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Remembered {
    version: String,
    /// The hash of the entity that it was shown.
    shown: String,
    changes: Vec<(String, Option<Value>)>,
    findings: Vec<Said>,
    emits: Vec<Entity>,
    relations: Vec<Relation>,
}

impl Remembered {
    /// The fields that it set or removed.
    pub(crate) fn changed(&self) -> &[(String, Option<Value>)] {
        &self.changes
    }

    /// The entities that it made of the one that it was shown.
    pub(crate) fn made(&self) -> &[Entity] {
        &self.emits
    }

    /// The relations that it stated.
    pub(crate) fn related(&self) -> &[Relation] {
        &self.relations
    }
}

/// A finding of a processor, as it is remembered.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Said {
    severity: Severity,
    code: String,
    message: String,
    pointer: Option<String>,
    position: Option<(u32, u32)>,
}

/// Answers by the processor's name.
pub(crate) type Outcomes = BTreeMap<String, Remembered>;

/// An entity on its way through the processors.
pub(crate) struct Work {
    /// The number of its source in the pass.
    pub(crate) source: usize,
    pub(crate) candidate: Candidate,
    /// What processors answered before, and what they answer now.
    pub(crate) before: Outcomes,
    pub(crate) outcomes: Outcomes,
    /// The processors that it was shown to.
    pub(crate) asked: Vec<String>,
    /// Whether one failed in a way that may pass.
    pub(crate) retry: bool,
    /// What processors made of it.
    pub(crate) emitted: Vec<Entity>,
}

impl Work {
    pub(crate) fn new(source: usize, candidate: Candidate, before: Outcomes) -> Self {
        Self {
            source,
            candidate,
            before,
            outcomes: Outcomes::new(),
            asked: Vec::new(),
            retry: false,
            emitted: Vec::new(),
        }
    }

    /// The processors that it was shown to, as the store keeps them.
    pub(crate) fn signature(&self) -> String {
        self.asked.join("\n")
    }
}

/// A processor with its version, as signatures name it.
pub(crate) fn signed(processor: &dyn Processor) -> String {
    format!("{}@{}", processor.name(), processor.version())
}

/// Whether a processor wants to see an entity.
pub(crate) fn wants(processor: &dyn Processor, entity: &Entity) -> bool {
    processor.declaration().interests.iter().any(|interest| interest.matches(entity))
}

/// Shows entities to every processor that wants to see them, in the order of the processors.
pub(crate) fn process(
    runtime: &tokio::runtime::Handle,
    processors: &[Arc<dyn Processor>],
    model: &Model,
    works: &mut [Work],
    location: &dyn Fn(usize) -> String,
) {
    for processor in processors {
        let mut open = Vec::new();
        for (at, work) in works.iter_mut().enumerate().filter(|(_, work)| wants(&**processor, &work.candidate.entity)) {
            work.asked.push(signed(&**processor));
            let shown = hash::of(&serde_json::to_vec(&work.candidate.entity).unwrap_or_default());
            let known = work.before.remove(processor.name());
            match known.filter(|known| known.version == processor.version() && known.shown == shown) {
                Some(known) => take(work, &**processor, model, known),
                None => open.push((at, shown)),
            }
        }
        for batch in open.chunks(BATCH) {
            ask(runtime, processor, model, works, batch, location);
        }
    }
}

/// Shows a batch to a processor. A batch that brings it down is shown again in halves, down to the entity that did it:
/// only that one is blamed.
fn ask(
    runtime: &tokio::runtime::Handle,
    processor: &Arc<dyn Processor>,
    model: &Model,
    works: &mut [Work],
    batch: &[(usize, String)],
    location: &dyn Fn(usize) -> String,
) {
    let call = |works: &[Work], part: &[(usize, String)]| {
        let item = |(at, _): &(usize, String)| ProcessorItem {
            entity: Arc::new(works[*at].candidate.entity.clone()),
            location: location(works[*at].source),
        };
        let outcomes = runtime.block_on(processor.process(part.iter().map(item).collect()))?;
        if outcomes.len() == part.len() {
            return Ok(outcomes);
        }
        let message = format!("it gave {} outcomes for {} entities", outcomes.len(), part.len());
        Err(PluginError::Fault { fault: FaultCode::BadData, message })
    };
    let mut faults = 0;
    let mut parts = vec![batch];
    while let Some(part) = parts.pop() {
        if faults >= MOST_FAULTS {
            for (at, _) in part {
                put_off(&mut works[*at], &**processor);
            }
            continue;
        }
        match call(works, part) {
            Ok(outcomes) => {
                for ((at, shown), outcome) in part.iter().zip(outcomes) {
                    let remembered = remember(&**processor, shown, outcome);
                    take(&mut works[*at], &**processor, model, remembered);
                }
            }
            Err(PluginError::Fault { .. }) if part.len() > 1 => {
                faults += 1;
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
            Err(error) => {
                faults += usize::from(matches!(error, PluginError::Fault { .. }));
                for (at, _) in part {
                    fail(&mut works[*at], &**processor, &error);
                }
            }
        }
    }
}

fn remember(processor: &dyn Processor, shown: &str, outcome: ProcessorOutcome) -> Remembered {
    let finding = |finding: SourceFinding| Said {
        severity: finding.severity,
        code: finding.code,
        message: finding.message,
        pointer: finding.pointer,
        position: finding.position,
    };
    Remembered {
        version: processor.version().to_owned(),
        shown: shown.to_owned(),
        changes: outcome.changes.into_iter().map(|change| (change.pointer, change.value)).collect(),
        findings: outcome.findings.into_iter().take(MOST_FINDINGS).map(finding).collect(),
        emits: outcome.emits,
        relations: outcome.relations,
    }
}

/// The code of the finding about an entity that a processor failed at, and of one that it was not asked about.
const FAILED: &str = "processor/failed";
const PUT_OFF: &str = "processor/put-off";

/// Whether an entity with these findings is worth asking about again after a start.
pub(super) fn were_left_open(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|finding| [FAILED, PUT_OFF].contains(&finding.code.as_str()))
}

/// Keeps the entity without this processor's changes, which failed at it.
fn fail(work: &mut Work, processor: &dyn Processor, error: &PluginError) {
    work.retry |= !matches!(error, PluginError::Fault { .. } | PluginError::InvalidInput { .. });
    let message = format!("the processor {} did not look at this entity: {error}", processor.name());
    complain(work, Diagnostic::error(FAILED, message), processor);
}

/// The same for an entity that it was not shown alone: it is asked again in a later pass.
fn put_off(work: &mut Work, processor: &dyn Processor) {
    work.retry = true;
    let message =
        format!("the processor {} failed at others so often that it was not asked about this entity", processor.name());
    complain(work, Diagnostic::warning(PUT_OFF, message), processor);
}

fn complain(work: &mut Work, diagnostic: Diagnostic, processor: &dyn Processor) {
    let mut diagnostic = diagnostic.plugin(processor.name());
    diagnostic.hint = Some("see the plugin's page".to_owned());
    diagnostic.place = work.candidate.written.as_ref().map(|written| written.place("", false));
    work.candidate.findings.push(diagnostic);
}

/// Carries out what a processor answered, as far as it may.
fn take(work: &mut Work, processor: &dyn Processor, model: &Model, remembered: Remembered) {
    let candidate = &mut work.candidate;
    let writes = &processor.declaration().writes;
    let mut entity = candidate.entity.clone();
    let mut refused = Vec::new();
    for (pointer, value) in &remembered.changes {
        if !may_write(writes, pointer) {
            let message = format!("the processor {} may not write {pointer}", processor.name());
            refused.push((pointer.clone(), message));
        } else if !set(entity.document_mut(), pointer, value.clone()) {
            refused.push((
                pointer.clone(),
                format!("the processor {} wrote to {pointer}, which is no field", processor.name()),
            ));
        }
    }
    let violations = validate::validate(entity.document(), model);
    if violations.is_empty() {
        neutralise(&mut entity);
        candidate.entity = entity;
    } else {
        for violation in violations {
            let message = format!("the processor {} made the entity invalid: {}", processor.name(), violation.message);
            refused.push((violation.pointer, message));
        }
    }
    for (pointer, message) in refused {
        let mut diagnostic = Diagnostic::error("processor/refused", message).plugin(processor.name());
        diagnostic.place = candidate.written.as_ref().map(|written| written.place(&pointer, false));
        candidate.findings.push(diagnostic.pointer(pointer));
    }
    for said in &remembered.findings {
        let mut diagnostic =
            Diagnostic::new(said.severity, said.code.clone(), said.message.clone()).plugin(processor.name());
        let at = said.pointer.as_deref().unwrap_or_default();
        diagnostic.place = candidate.written.as_ref().map(|written| written.place_within(at, said.position));
        diagnostic.pointer.clone_from(&said.pointer);
        candidate.findings.push(diagnostic);
    }
    for relation in &remembered.relations {
        if !relation.name.is_empty()
            && relation.name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        {
            candidate.given.push(given(&relation.name, relation.target_ref.to_string(), model));
        }
    }
    candidate.given.sort();
    candidate.given.dedup();
    work.emitted.extend(remembered.emits.iter().cloned());
    work.outcomes.insert(processor.name().to_owned(), remembered);
}

/// Whether a path such as `metadata.annotations.example.com/*` covers a pointer. What identifies an entity, or says where
/// it came from, is never covered.
fn may_write(writes: &[String], pointer: &str) -> bool {
    let Some(tokens) = tokens(pointer) else { return false };
    let path = tokens.join(".");
    let fixed = ["apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.uid", "metadata.etag"];
    let under = |prefix: &str| path == prefix || path.starts_with(&format!("{prefix}."));
    if fixed.iter().any(|prefix| under(prefix))
        || path.starts_with("metadata.annotations.backstage.io/managed-by-")
        || !matches!(tokens[0].as_str(), "metadata" | "spec")
        || tokens.len() < 2
    {
        return false;
    }
    // A key with dots stands for one field only where keys are free.
    let keyed = tokens[0] == "metadata" && matches!(tokens[1].as_str(), "annotations" | "labels");
    let plain = if keyed { tokens.len() == 3 } else { tokens.iter().all(|token| !token.contains('.')) };
    plain
        && writes.iter().any(|write| match write.strip_suffix('*') {
            Some(prefix) => path.len() > prefix.len() && path.starts_with(prefix),
            None => path == *write,
        })
}

fn tokens(pointer: &str) -> Option<Vec<String>> {
    let rest = pointer.strip_prefix('/')?;
    Some(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

/// Sets or removes a field, making the mappings on the way. False when something else is in the way.
fn set(object: &mut Map<String, Value>, pointer: &str, value: Option<Value>) -> bool {
    let Some(mut tokens) = tokens(pointer) else { return false };
    let Some(last) = tokens.pop() else { return false };
    let mut object = object;
    for token in tokens {
        if value.is_none() && !object.contains_key(&token) {
            return true;
        }
        let next = object.entry(token).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(next) = next else { return false };
        object = next;
    }
    match value {
        Some(value) => {
            object.insert(last, value);
        }
        None => {
            object.shift_remove(&last);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_write_only_what_they_declared() {
        let writes = ["metadata.annotations.example.com/*", "spec.profile.picture", "metadata.t*"].map(str::to_owned);
        for (pointer, allowed) in [
            ("/metadata/annotations/example.com~1version", true),
            ("/metadata/annotations/example.com~1", false),
            ("/metadata/annotations/other.com~1version", false),
            ("/metadata/annotations/backstage.io~1managed-by-location", false),
            ("/metadata/annotations.example.com~1x", false),
            ("/spec/profile/picture", true),
            ("/spec/profile.picture", false),
            ("/spec/profile", false),
            ("/metadata/name", false),
            ("/metadata/title", true),
            ("/kind", false),
            ("/spec", false),
            ("spec/profile/picture", false),
            ("", false),
        ] {
            assert_eq!(may_write(&writes, pointer), allowed, "{pointer}");
        }
    }

    #[test]
    fn fields_are_set_and_removed() {
        let mut object = Map::new();
        assert!(set(&mut object, "/spec/a/b", Some(Value::from(1))));
        assert!(set(&mut object, "/spec/x/y", None));
        assert!(!set(&mut object, "/spec/a/b/c", Some(Value::from(1))));
        assert!(set(&mut object, "/spec/a/b", None));
        assert_eq!(Value::Object(object), serde_json::json!({"spec": {"a": {}}}));
    }
}

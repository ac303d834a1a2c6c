//! From one document to an entity that may enter: placeholders, validation, rules, annotations, relations.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use host_model::{Diagnostic, Entity, EntityRef, Place, Severity, annotation};
use host_yaml::Document;
use serde_json::{Map, Value};

use super::include::Includer;
use super::place::Written;
use super::reach::Reach;
use super::state::Finding;
use super::targets::{Targets, targets};
use crate::declared::Model;
use crate::relations::{BadReference, Given, Reference, stated};
use crate::rules::Rules;
use crate::validate::Violation;
use crate::{CatalogLimits, Forge, forge, hash, validate};

/// Changes whenever the same document might give another entity.
pub(crate) const VERSION: &str = "2";

/// Longest path of a value that is kept with a finding, in bytes.
const LONGEST_POINTER: usize = 1000;

/// Where a document was found.
pub(crate) struct Context<'a> {
    /// The location reference of the file.
    pub(crate) location: &'a str,
    /// The location reference of the configured or registered location.
    pub(crate) origin: &'a str,
    pub(crate) origin_type: &'a str,
    pub(crate) origin_target: &'a str,
    /// None lets every kind in.
    pub(crate) rules: Option<(&'a Rules, &'a Rules)>,
    pub(crate) model: &'a Model,
    pub(crate) limits: &'a CatalogLimits,
    /// Hosts whose addresses have pages.
    pub(crate) forges: &'a [Forge],
    /// Whether something may be said of an entity later, so that its places are kept.
    pub(crate) keeps_places: &'a (dyn Fn(&Entity) -> bool + Sync),
}

/// An entity that may enter, unless another source has it already.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) entity_ref: String,
    pub(crate) document: usize,
    /// The entity that a processor made it from.
    pub(crate) parent: Option<String>,
    pub(crate) hash: String,
    pub(crate) entity: Entity,
    pub(crate) given: Vec<Given>,
    pub(crate) references: Vec<Reference>,
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) written: Option<Arc<Written>>,
    /// Where its name is written.
    pub(crate) place: Option<Place>,
}

/// What became of a document.
pub(crate) enum Prepared {
    Entity(Box<Candidate>, Targets),
    /// Why it is no entity, and which one it was meant to be, if that can be told.
    Broken(Option<String>, Vec<Finding>),
}

/// Makes a document of a file into an entity. `base` is the file's path or address, and `label` what messages call it.
pub(crate) fn prepare_document(
    document: Document,
    text: &Arc<str>,
    base: &str,
    label: &Arc<str>,
    reach: &mut dyn Reach,
    context: &Context<'_>,
) -> Prepared {
    let mut document = document.in_file(label);
    // What was read of a document is all of it when keys that stand twice are its only errors.
    let mut doubled = Vec::new();
    if document.node.is_none() && document.diagnostics.iter().all(is_doubled) {
        document.node = document.partial.take();
        doubled = std::mem::take(&mut document.diagnostics);
    }
    let Some(node) = document.node else {
        let meant = document.partial.as_ref().map(|node| Meant::of(&node.to_json()));
        doubled.extend(document.diagnostics);
        return broken(meant.unwrap_or_default(), doubled);
    };
    let mut value = node.to_json();
    let mut includer = Includer {
        base,
        reach: &mut *reach,
        limit: context.limits.include_bytes,
        included: Vec::new(),
        problems: Vec::new(),
    };
    includer.replace(&mut value, "", 0);
    let (included, problems) = (includer.included, includer.problems);
    let written = Written { node, file: Arc::clone(label), text: Arc::clone(text), included };
    let mut errors = doubled;
    errors.extend(problems.into_iter().map(|(pointer, mut diagnostic)| {
        diagnostic.place.get_or_insert_with(|| written.place(&pointer, false));
        diagnostic.pointer(pointer)
    }));
    let meant = Meant::of(&value);
    let Value::Object(object) = value else {
        let message = format!("a descriptor must be a mapping, found {}", written.node.describe());
        errors.push(Diagnostic::error("entity/type", message).at(written.place("", false)));
        return broken(Meant::default(), errors);
    };
    // What is missing because a placeholder failed need not be said twice.
    let placeholders: Vec<String> = errors.iter().filter_map(|error| error.pointer.clone()).collect();
    match prepare(object, document.index, None, Some(written), context, errors.is_empty()) {
        Ok(mut candidate) if errors.is_empty() => {
            candidate.findings.extend(document.diagnostics);
            let targets = targets(&candidate, base, reach, context.limits);
            if !(context.keeps_places)(&candidate.entity) {
                candidate.written = None;
            }
            Prepared::Entity(Box::new(candidate), targets)
        }
        Ok(_) => broken(meant, errors),
        Err(further) => {
            errors.extend(further.into_iter().filter(|error| {
                let pointer = error.pointer.as_deref().unwrap_or_default();
                !placeholders.iter().any(|placeholder| placeholder.starts_with(pointer) && !pointer.is_empty())
            }));
            broken(meant, errors)
        }
    }
}

/// Checks and completes an entity, wherever it came from.
pub(crate) fn prepare(
    object: Map<String, Value>,
    document: usize,
    parent: Option<String>,
    written: Option<Written>,
    context: &Context<'_>,
    check_rules: bool,
) -> Result<Candidate, Vec<Diagnostic>> {
    let violations = validate::validate(&object, context.model);
    let place = |diagnostic: Diagnostic, pointer: &str, at_key: bool| {
        let diagnostic = match &written {
            Some(written) => diagnostic.at(written.place(pointer, at_key)),
            None => diagnostic,
        };
        let is_told = !pointer.is_empty() && pointer.len() <= LONGEST_POINTER;
        if is_told { diagnostic.pointer(pointer) } else { diagnostic }
    };
    let told = |severity: Severity, violation: Violation| {
        let mut diagnostic = Diagnostic::new(severity, violation.code, violation.message);
        diagnostic.hint = violation.hint;
        place(diagnostic, &violation.pointer, violation.at_key)
    };
    let misread = |bad: BadReference| place(Diagnostic::error("entity/reference", bad.message), &bad.pointer, false);
    // Only what people wrote is worth a warning.
    let warnings = if written.is_some() { validate::lint(&object, context.model) } else { Vec::new() };
    let warnings: Vec<Diagnostic> = warnings.into_iter().map(|warning| told(Severity::Warning, warning)).collect();
    if !violations.is_empty() {
        let bad = stated(&Entity::new(object), context.model).2.into_iter();
        // What is said of a value already need not be said twice.
        let bad: Vec<BadReference> =
            bad.filter(|bad| violations.iter().all(|known| known.pointer != bad.pointer)).collect();
        let errors = violations.into_iter().map(|violation| told(Severity::Error, violation));
        return Err(errors.chain(bad.into_iter().map(misread)).chain(warnings).collect());
    }
    let text = serde_json::to_vec(&object).unwrap_or_default();
    let kind = context.model.fingerprint_of(object.get("kind").and_then(Value::as_str).unwrap_or_default());
    let pages = context.location.strip_prefix("url:").map(|address| forge::annotations(context.forges, address));
    let pages = pages.unwrap_or_default();
    let mut parts: Vec<&[u8]> = vec![
        VERSION.as_bytes(),
        context.location.as_bytes(),
        context.origin.as_bytes(),
        parent.as_deref().unwrap_or_default().as_bytes(),
        kind.as_bytes(),
        &text,
    ];
    parts.extend(pages.iter().map(|(_, page)| page.as_bytes()));
    let hash = hash::of_parts(&parts);
    let entity = annotate(object, context, pages);
    let (given, references, bad) = stated(&entity, context.model);
    let mut errors: Vec<Diagnostic> = bad.into_iter().map(misread).collect();
    if let Some((rules, further)) = context.rules.filter(|_| check_rules)
        && !rules.allow(&entity, context.origin_type, context.origin_target)
        && !further.allow(&entity, context.origin_type, context.origin_target)
    {
        errors.push(place(rejected(&entity, context), "/kind", false));
    }
    if !errors.is_empty() {
        errors.extend(warnings);
        return Err(errors);
    }
    Ok(Candidate {
        entity_ref: entity.entity_ref().to_string(),
        document,
        parent,
        hash,
        entity,
        given,
        references,
        findings: warnings,
        place: written.as_ref().map(|written| written.place("/metadata/name", false)),
        written: written.map(Arc::new),
    })
}

/// An entity that no rule lets in, with the rules that would.
fn rejected(entity: &Entity, context: &Context<'_>) -> Diagnostic {
    let kind = entity.kind();
    let message = format!("the rules do not allow {kind} {} from {}", entity.entity_ref(), context.origin);
    let target = Value::from(context.origin_target);
    let hint = format!(
        "add the line `- allow: [{kind}]` to catalog.rules; or, for this location alone, \
         `- {{ allow: [{kind}], locations: [{{ type: {}, exact: {target} }}] }}`",
        context.origin_type
    );
    Diagnostic::error("entity/rule", message).hint(hint)
}

/// Whether a finding says no more than that a key stands twice.
fn is_doubled(finding: &Diagnostic) -> bool {
    finding.severity < Severity::Error || finding.code == "yaml/duplicate-key"
}

fn broken(meant: Meant, errors: Vec<Diagnostic>) -> Prepared {
    let Meant { entity, owner } = meant;
    let finding = |diagnostic| Finding { owner: owner.clone(), ..Finding::new(diagnostic, entity.clone()) };
    let findings = errors.into_iter().map(finding).collect();
    Prepared::Broken(entity, findings)
}

/// The entity with its metadata first, its namespace, and the annotations that say where it came from.
fn annotate(mut object: Map<String, Value>, context: &Context<'_>, pages: Vec<(&str, String)>) -> Entity {
    let mut written = match object.shift_remove("metadata") {
        Some(Value::Object(metadata)) => metadata,
        _ => Map::new(),
    };
    let text = |text: &str| Value::String(text.to_owned());
    let mut metadata = Map::with_capacity(written.len() + 2);
    metadata.insert("namespace".to_owned(), written.shift_remove("namespace").unwrap_or_else(|| text("default")));
    let mut annotations = Map::new();
    annotations.insert(annotation::MANAGED_BY_LOCATION.to_owned(), text(context.location));
    annotations.insert(annotation::MANAGED_BY_ORIGIN_LOCATION.to_owned(), text(context.origin));
    annotations.extend(pages.into_iter().map(|(key, page)| (key.to_owned(), Value::String(page))));
    if let Some(Value::Object(given)) = written.shift_remove("annotations") {
        for (key, value) in given {
            if key != annotation::MANAGED_BY_LOCATION && key != annotation::MANAGED_BY_ORIGIN_LOCATION {
                annotations.insert(key, value);
            }
        }
    }
    metadata.insert("annotations".to_owned(), Value::Object(annotations));
    written.retain(|key, _| key != "uid" && key != "etag");
    metadata.append(&mut written);
    let mut document = Map::with_capacity(object.len() + 1);
    document.insert("metadata".to_owned(), Value::Object(metadata));
    for key in ["apiVersion", "kind", "spec"] {
        if let Some(value) = object.shift_remove(key) {
            document.insert(key.to_owned(), value);
        }
    }
    let mut entity = Entity::new(document);
    neutralise(&mut entity);
    entity
}

/// Replaces addresses that would run a script in the reader's browser.
pub(super) fn neutralise(entity: &mut Entity) {
    let annotations = entity.document_mut().get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"));
    let Some(Value::Object(annotations)) = annotations else { return };
    for key in [annotation::VIEW_URL, annotation::EDIT_URL] {
        if let Some(value) = annotations.get_mut(key)
            && value.as_str().is_some_and(annotation::runs_script)
        {
            *value = Value::from(annotation::REJECTED_URL);
        }
    }
}

/// A path without `.` and `..`, by its letters alone.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if cleaned.file_name().is_some() => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}

/// What a document was meant to be, whatever else is wrong with it.
#[derive(Debug, Default, PartialEq)]
struct Meant {
    /// The reference, when kind and name are there.
    entity: Option<String>,
    /// The reference of its owner.
    owner: Option<String>,
}

impl Meant {
    fn of(document: &Value) -> Self {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let namespace = document.pointer("/metadata/namespace").map_or(Some("default"), Value::as_str);
        let (kind, name) = (text("/kind"), text("/metadata/name"));
        let entity = || Some(EntityRef::new(kind?, namespace?, name?).to_string());
        let owner = || EntityRef::parse_with(text("/spec/owner")?, Some("group"), namespace?).ok();
        Self { entity: entity(), owner: owner().map(|owner| owner.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_that_would_run_a_script_are_replaced() {
        let value = json!({"metadata": {"annotations": {
            "backstage.io/view-url": "JavaScript:alert(1)", "backstage.io/edit-url": "https://a.example", "x": "javascript:1"
        }}});
        let mut entity = Entity::from_value(value).unwrap();
        neutralise(&mut entity);
        assert_eq!(entity.annotation(annotation::VIEW_URL), Some(annotation::REJECTED_URL));
        assert_eq!(entity.annotation(annotation::EDIT_URL), Some("https://a.example"));
        assert_eq!(entity.annotation("x"), Some("javascript:1"));
    }
    #[test]
    fn broken_documents_tell_what_they_were_meant_to_be() {
        let meant = |document: Value| {
            let Meant { entity, owner } = Meant::of(&document);
            (entity.unwrap_or_default(), owner.unwrap_or_default())
        };
        let document =
            |metadata: Value, owner: Value| json!({"kind": "API", "metadata": metadata, "spec": {"owner": owner}});
        for (metadata, owner, entity, expected) in [
            (json!({"name": "a"}), json!("shop"), "api:default/a", "group:default/shop"),
            (json!({"name": "a", "namespace": "b"}), json!("user:ada"), "api:b/a", "user:b/ada"),
            (json!({"name": 1}), json!("group:x/shop"), "", "group:x/shop"),
            (json!({"name": "a"}), json!(["shop"]), "api:default/a", ""),
            (json!({"name": "a", "namespace": 1}), json!("shop"), "", ""),
        ] {
            assert_eq!(meant(document(metadata, owner)), (entity.to_owned(), expected.to_owned()));
        }
        assert_eq!(Meant::of(&json!("text")), Meant::default());
    }
}

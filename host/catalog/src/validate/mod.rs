//! Checks entities against the rules of Backstage's catalog model and says everything that is wrong with them.
//!
//! A verdict never depends on where an entity came from; [`crate::rules`] decides which kinds a location may bring.

mod endpoint;
pub(crate) mod formats;
pub(crate) mod kinds;
mod lint;
mod shapes;

use std::collections::HashMap;

use serde_json::{Map, Value};

pub(crate) use endpoint::validate_entity;
use formats as form;
use kinds::Kind;
pub(crate) use lint::lint;

use crate::declared::{DeclaredKind, Model};

/// The keys that a descriptor may have at its top.
const ROOT: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];
/// Deepest nesting in which keys are compared; the YAML reader allows no more.
const DEEPEST: usize = 128;

/// Something that is wrong with an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// Whether the key is meant rather than its value.
    pub at_key: bool,
    /// A short stable code such as `entity/missing`.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Collects violations, and counts those that are too many to tell.
#[derive(Debug, Default)]
pub(crate) struct Violations(pub(crate) Vec<Violation>, usize);

impl Violations {
    /// More than this many help nobody.
    const MOST: usize = 100;
    /// Nor do messages with more characters.
    const LONGEST: usize = 1000;

    pub(crate) fn push(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Violation {
        if self.0.len() >= Self::MOST {
            self.0.truncate(Self::MOST - 1);
            self.1 += 1;
        }
        let mut message = message.into();
        if let Some((at, _)) = message.char_indices().nth(Self::LONGEST) {
            message.truncate(at);
            message.push('…');
        }
        self.0.push(Violation { pointer: pointer.into(), at_key: false, code, message, hint: None });
        self.0.last_mut().expect("one was just pushed")
    }

    /// The violations; the last one says how many more there were.
    fn told(mut self) -> Vec<Violation> {
        if let Some(last) = self.0.last_mut().filter(|_| self.1 > 0) {
            last.message.push_str(&format!("; and {} more, which are not told", self.1));
        }
        self.0
    }

    /// A value of the wrong form.
    pub(crate) fn format(
        &mut self,
        pointer: impl Into<String>,
        what: &str,
        expected: &str,
        found: &Value,
    ) -> &mut Violation {
        let message = format!("{what} is not valid: expected {expected}, found {}", shown(found));
        self.push(pointer, "entity/format", message)
    }

    /// A value of the wrong type.
    pub(crate) fn wrong_type(&mut self, pointer: impl Into<String>, what: &str, expected: &str, found: &Value) {
        let message = format!("{what} must be {expected}, found {}", shown(found));
        let violation = self.push(pointer, "entity/type", message);
        violation.hint = match found {
            Value::Null => Some("give the key a value or remove it".to_owned()),
            Value::Number(_) | Value::Bool(_) if expected.starts_with("text") => {
                Some("put the value in quotes as it is written".to_owned())
            }
            _ => None,
        };
    }

    fn missing(&mut self, parent: impl Into<String>, what: &str) -> &mut Violation {
        self.push(parent, "entity/missing", format!("{what} is missing"))
    }
}

/// A value as messages show it: short, on one line.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing (null)".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "a mapping".to_owned(),
        other => {
            let text = other.to_string();
            match text.char_indices().nth(80) {
                Some((at, _)) => format!("{}…", &text[..at]),
                None => text,
            }
        }
    }
}

/// A key as part of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Everything that is wrong with an entity.
pub(crate) fn validate(document: &Map<String, Value>, model: &Model) -> Vec<Violation> {
    let mut found = Violations::default();
    root(document, &mut found);
    if let Some(Value::Object(metadata)) = document.get("metadata") {
        self::metadata(metadata, &mut found);
    }
    kind_and_spec(document, model, &mut found);
    keys_differ(&Value::Null, Some(document), "", 0, &mut found);
    found.told()
}

fn root(document: &Map<String, Value>, found: &mut Violations) {
    for key in document.keys().filter(|key| !ROOT.contains(&key.as_str())) {
        let nearest = lint::nearest(key, ROOT);
        let violation = found.push(
            format!("/{}", escape(key)),
            "entity/unknown-key",
            format!("{key} is not a key of a descriptor: expected one of {}", ROOT.join(", ")),
        );
        violation.at_key = true;
        violation.hint = Some(match nearest {
            Some(nearest) => format!("write {nearest}"),
            None if key == "relations" || key == "status" => format!("remove it: the catalog computes {key}"),
            None => "move it below metadata or spec, where further keys are kept".to_owned(),
        });
    }
    let mut text = |key: &str, valid: fn(&str) -> bool, expected: &str| match document.get(key) {
        None => {
            found.missing("", key);
        }
        Some(Value::String(value)) if valid(value) => {}
        Some(value @ Value::String(_)) => {
            found.format(format!("/{key}"), key, expected, value);
        }
        Some(value) => found.wrong_type(format!("/{key}"), key, "text", value),
    };
    text("apiVersion", form::is_api_version, form::API_VERSION);
    text("kind", form::is_kind, form::KIND);
    match document.get("metadata") {
        None => {
            found.missing("", "metadata");
        }
        Some(Value::Object(_)) => {}
        Some(value) => found.wrong_type("/metadata", "metadata", "a mapping", value),
    }
    if let Some(spec) = document.get("spec").filter(|spec| !spec.is_object()) {
        found.wrong_type("/spec", "spec", "a mapping", spec);
    }
}

fn metadata(metadata: &Map<String, Value>, found: &mut Violations) {
    match metadata.get("name") {
        None => {
            found.missing("/metadata", "metadata.name");
        }
        Some(Value::String(name)) if form::is_name(name) => {}
        Some(value @ Value::String(_)) => {
            found.format("/metadata/name", "metadata.name", form::NAME, value).hint =
                Some("put what people should read into metadata.title".to_owned());
        }
        Some(value) => found.wrong_type("/metadata/name", "metadata.name", "text", value),
    }
    match metadata.get("namespace") {
        None => {}
        Some(Value::String(namespace)) if form::is_namespace(namespace) => {}
        Some(value @ Value::String(_)) => {
            found.format("/metadata/namespace", "metadata.namespace", form::NAMESPACE, value);
        }
        Some(value) => found.wrong_type("/metadata/namespace", "metadata.namespace", "text", value),
    }
    for key in ["title", "description", "uid", "etag"] {
        match metadata.get(key) {
            None => {}
            Some(Value::String(text)) if !text.is_empty() || key == "description" => {}
            Some(value @ Value::String(_)) => {
                found.format(format!("/metadata/{key}"), &format!("metadata.{key}"), "text that is not empty", value);
            }
            Some(value) => found.wrong_type(format!("/metadata/{key}"), &format!("metadata.{key}"), "text", value),
        }
    }
    texts_by_key(metadata, "labels", Some((form::is_label_value, form::LABEL_VALUE)), found);
    texts_by_key(metadata, "annotations", None, found);
    tags(metadata, found);
    links(metadata, found);
}

/// A test for a text, and what it expects in words.
type Form<'a> = (fn(&str) -> bool, &'a str);

/// Labels and annotations.
fn texts_by_key(metadata: &Map<String, Value>, field: &str, value_form: Option<Form<'_>>, found: &mut Violations) {
    let entries = match metadata.get(field) {
        None => return,
        Some(Value::Object(entries)) => entries,
        Some(value) => {
            return found.wrong_type(format!("/metadata/{field}"), &format!("metadata.{field}"), "a mapping", value);
        }
    };
    for (key, value) in entries {
        let pointer = format!("/metadata/{field}/{}", escape(key));
        if !form::is_key(key) {
            let what = format!("the key in metadata.{field}");
            found.format(&pointer, &what, form::KEY, &Value::String(key.clone())).at_key = true;
        }
        let what = format!("metadata.{field}.{key}");
        match (value, value_form) {
            (Value::String(text), Some((valid, expected))) if !valid(text) => {
                found.format(pointer, &what, expected, value);
            }
            (Value::String(_), _) => {}
            _ => found.wrong_type(pointer, &what, "text", value),
        }
    }
}

fn tags(metadata: &Map<String, Value>, found: &mut Violations) {
    let items = match metadata.get("tags") {
        None => return,
        Some(Value::Array(items)) => items,
        Some(value) => return found.wrong_type("/metadata/tags", "metadata.tags", "a list of texts", value),
    };
    for (index, item) in items.iter().enumerate() {
        let (pointer, what) = (format!("/metadata/tags/{index}"), format!("metadata.tags[{index}]"));
        match item {
            Value::String(tag) if form::is_tag(tag) => {}
            Value::String(tag) => {
                let lower = tag.to_lowercase().replace([' ', '_', '.'], "-");
                let violation = found.format(pointer, &what, form::TAG, item);
                violation.hint = form::is_tag(&lower).then(|| format!("write {lower}"));
            }
            _ => found.wrong_type(pointer, &what, "text", item),
        }
    }
}

fn links(metadata: &Map<String, Value>, found: &mut Violations) {
    let items = match metadata.get("links") {
        None => return,
        Some(Value::Array(items)) => items,
        Some(value) => return found.wrong_type("/metadata/links", "metadata.links", "a list of mappings", value),
    };
    for (index, item) in items.iter().enumerate() {
        let (pointer, what) = (format!("/metadata/links/{index}"), format!("metadata.links[{index}]"));
        let Value::Object(link) = item else {
            found.wrong_type(pointer, &what, "a mapping", item);
            continue;
        };
        if !link.contains_key("url") {
            found.missing(&pointer, &format!("{what}.url"));
        }
        for (key, valid, expected) in [
            ("url", form::is_url as fn(&str) -> bool, form::URL),
            ("title", |text: &str| !text.trim().is_empty(), "text that is not blank"),
            // Backstage states a form for icons and does not check it.
            ("icon", |_| true, ""),
            ("type", |text: &str| !text.is_empty(), "text that is not empty"),
        ] {
            let (pointer, what) = (format!("{pointer}/{key}"), format!("{what}.{key}"));
            match link.get(key) {
                None => {}
                Some(Value::String(text)) if valid(text) => {}
                Some(value @ Value::String(_)) => {
                    found.format(pointer, &what, expected, value);
                }
                Some(value) => found.wrong_type(pointer, &what, "text", value),
            }
        }
    }
}

fn kind_and_spec(document: &Map<String, Value>, model: &Model, found: &mut Violations) {
    let (Some(Value::String(name)), Some(Value::String(version))) = (document.get("kind"), document.get("apiVersion"))
    else {
        return;
    };
    if !form::is_kind(name) || !form::is_api_version(version) {
        return;
    }
    if let Some(kind) = kinds::kind(name).filter(|kind| kind.name == name) {
        return built_in(kind, version, document, found);
    }
    match model.kind(name).filter(|declared| declared.kind.name == *name) {
        Some(declared) => self::declared(&declared.kind, version, document, found),
        None => unknown_kind(name, model, found),
    }
}

fn unknown_kind(name: &str, model: &Model, found: &mut Violations) {
    let known = model.kind_names();
    let message = format!("kind {name} is not known: expected one of {}", known.join(", "));
    let hint = match (lint::nearest(name, known.iter().copied()), model.broken(name)) {
        (_, Some(place)) => format!("its declaration has errors ({place}); correct them"),
        (Some(near), None) => format!("write {near}"),
        (None, None) => format!("or declare it, with a descriptor of kind Kind ({})", kinds::OURS),
    };
    found.push("/kind", "entity/unknown-kind", message).hint = Some(hint);
}

fn built_in(kind: &Kind, version: &str, document: &Map<String, Value>, found: &mut Violations) {
    if !kind.api_versions.contains(&version) {
        let expected = kind.api_versions.join(" or ");
        let message = format!("kind {} has no apiVersion {version}: expected {expected}", kind.name);
        found.push("/apiVersion", "entity/unknown-kind", message);
        return;
    }
    let spec = match document.get("spec") {
        Some(Value::Object(spec)) => spec,
        Some(_) => return,
        None => {
            found.missing("", "spec");
            return;
        }
    };
    let before = found.0.len();
    let fields = kind.fields(spec.get("type").and_then(Value::as_str));
    shapes::check(spec, fields.iter(), "/spec", "spec", found);
    if found.0.len() == before {
        crate::declared::check(kind.name, spec, found);
    }
}

/// An entity of a kind that a descriptor declares.
fn declared(kind: &DeclaredKind, version: &str, document: &Map<String, Value>, found: &mut Violations) {
    let spec_type = document.get("spec").and_then(|spec| spec.get("type")).and_then(Value::as_str);
    if !kind.has(version) {
        let expected = kind.api_versions().join(" or ");
        let message = format!("kind {} has no apiVersion {version}: expected {expected}", kind.name);
        found.push("/apiVersion", "entity/unknown-kind", message);
        return;
    }
    let Some(shape) = kind.version(version, spec_type) else {
        let message = format!("spec.type is not valid: expected {}", kind.spec_types(version).join(" or "));
        found.push("/spec/type", "entity/format", message);
        return;
    };
    for fault in shape.faults(document) {
        let path = fault.field.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~");
        let path = if path.is_empty() { "the entity" } else { &path };
        let message = format!("{path} {}", fault.message);
        let code = if fault.message == "is required" { "entity/missing" } else { "entity/schema" };
        let at_key = fault.message.starts_with("is not known");
        found.push(&fault.field, code, message).at_key = at_key;
    }
}

/// Two keys that differ only in case would fall together in filters.
fn keys_differ(
    value: &Value,
    object: Option<&Map<String, Value>>,
    pointer: &str,
    depth: usize,
    found: &mut Violations,
) {
    if depth > DEEPEST {
        return;
    }
    if let Some(object) = object.or(value.as_object()) {
        if object.len() > 1 {
            let mut seen: HashMap<String, &str> = HashMap::with_capacity(object.len());
            for key in object.keys() {
                if let Some(first) = seen.insert(key.to_lowercase(), key) {
                    let message = format!("the keys {first} and {key} differ only in case");
                    let violation = found.push(format!("{pointer}/{}", escape(key)), "entity/duplicate-key", message);
                    violation.at_key = true;
                    violation.hint = Some("rename or remove one of them".to_owned());
                }
            }
        }
        for (key, value) in object.iter().filter(|(_, value)| value.is_object() || value.is_array()) {
            keys_differ(value, None, &format!("{pointer}/{}", escape(key)), depth + 1, found);
        }
    } else if let Value::Array(items) = value {
        for (index, item) in items.iter().enumerate().filter(|(_, item)| item.is_object() || item.is_array()) {
            keys_differ(item, None, &format!("{pointer}/{index}"), depth + 1, found);
        }
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

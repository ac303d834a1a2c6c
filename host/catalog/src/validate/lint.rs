//! What is valid and most likely not meant: misspelt keys, annotations that nothing reads, values that mean nothing.
//!
//! These are warnings; an entity with them enters the catalog.

use host_model::EntityRef;
use host_model::annotation::{RESERVED_PREFIX, ValueForm, WELL_KNOWN, runs_script, well_known};
use serde_json::{Map, Value};
use strsim::normalized_damerau_levenshtein;

use super::kinds::{self, Field, Shape};
use super::{Violation, Violations, escape, formats};
use crate::declared::Model;

/// How alike two keys must be for one to be offered for the other.
const ALIKE: f64 = 0.7;
/// Longest key that is compared with others, in bytes: nobody misspells more, and comparing costs its length squared.
const LONGEST: usize = 100;

const METADATA: [&str; 10] =
    ["name", "namespace", "title", "description", "labels", "annotations", "tags", "links", "uid", "etag"];
/// What the catalog gives: nobody means to write these.
const GIVEN: [&str; 2] = ["uid", "etag"];
const LINK: [&str; 4] = ["url", "title", "icon", "type"];

/// The name that a wrong one was most likely meant to be.
pub(super) fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.len() > LONGEST {
        return None;
    }
    let wrong = wrong.to_lowercase();
    let alike = |name: &str| normalized_damerau_levenshtein(&wrong, &name.to_lowercase());
    let best = names.into_iter().map(|name| (alike(name), name)).max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (best.0 >= ALIKE).then_some(best.1)
}

/// Everything about an entity that is most likely not meant.
pub(crate) fn lint(document: &Map<String, Value>, model: &Model) -> Vec<Violation> {
    let mut found = Violations::default();
    if let Some(Value::Object(metadata)) = document.get("metadata") {
        keys(metadata, &METADATA, "/metadata", "metadata", &mut found);
        links(metadata, &mut found);
        annotations(metadata, &mut found);
    }
    let kind = document.get("kind").and_then(Value::as_str).unwrap_or_default();
    let Some(Value::Object(spec)) = document.get("spec") else { return found.told() };
    if let Some(known) = kinds::kind(kind) {
        let fields = known.fields(spec.get("type").and_then(Value::as_str));
        self::fields(spec, fields, "/spec", "spec", &mut found);
        spaces(spec, fields, &mut found);
    } else if let Some(declared) = model.kind(kind) {
        let version = document.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        let spec_type = spec.get("type").and_then(Value::as_str);
        if let Some(version) = declared.kind.version(version, spec_type) {
            let known: Vec<&str> = version.spec_keys.iter().map(String::as_str).collect();
            keys(spec, &known, "/spec", "spec", &mut found);
        }
        if let Some(trouble) = &declared.trouble {
            let message =
                format!("the declaration of kind {kind} has errors ({trouble}); its last good version is used");
            found.push("/kind", "kind/declaration", message).hint = Some(format!("correct {}", declared.by));
        }
    }
    let mut told = found.told();
    told.extend(crate::declared::lint(document, model));
    told
}

/// Keys that are not known and near to one that is.
fn keys(object: &Map<String, Value>, known: &[&str], pointer: &str, path: &str, found: &mut Violations) {
    for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
        // Beside the one that it resembles, it is most likely meant as it is.
        let offered = known.iter().copied().filter(|name| !GIVEN.contains(name));
        let meant = nearest(key, offered).filter(|meant| !object.contains_key(*meant));
        if let Some(meant) = meant {
            let message = format!("{path}.{key} is not known; did you mean {path}.{meant}?");
            let violation = found.push(format!("{pointer}/{}", escape(key)), "entity/misspelt-key", message);
            violation.at_key = true;
            violation.hint = Some(format!("rename {key} to {meant}"));
        }
    }
}

fn fields(object: &Map<String, Value>, fields: &[Field], pointer: &str, path: &str, found: &mut Violations) {
    let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
    keys(object, &known, pointer, path, found);
    below(object, fields, pointer, path, found);
}

/// What stands below the fields of a mapping.
fn below(object: &Map<String, Value>, fields: &[Field], pointer: &str, path: &str, found: &mut Violations) {
    for field in fields {
        let (pointer, path) = (format!("{pointer}/{}", escape(field.name)), format!("{path}.{}", field.name));
        let (Shape::Mapping(inner)
        | Shape::MappingOfTexts(inner)
        | Shape::Mappings(inner)
        | Shape::SomeMappings(inner)
        | Shape::MappingOrMappings(inner)) = field.shape
        else {
            continue;
        };
        match object.get(field.name) {
            _ if inner.is_empty() => {}
            // Beside the known keys, any other has its place there.
            Some(Value::Object(object)) if field.shape == Shape::MappingOfTexts(inner) => {
                below(object, inner, &pointer, &path, found);
            }
            Some(Value::Object(object)) => self::fields(object, inner, &pointer, &path, found),
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    if let Value::Object(object) = item {
                        self::fields(object, inner, &format!("{pointer}/{index}"), &format!("{path}[{index}]"), found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// References with spaces around them, which are names with spaces for Backstage.
fn spaces(spec: &Map<String, Value>, fields: &[Field], found: &mut Violations) {
    for field in fields.iter().filter(|field| field.relation.is_some()) {
        let pointer = format!("/spec/{}", field.name);
        let items: Vec<(String, &Value)> = match spec.get(field.name) {
            Some(Value::Array(items)) => {
                items.iter().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), item)).collect()
            }
            Some(item) => vec![(pointer, item)],
            None => continue,
        };
        for (pointer, text) in items.into_iter().filter_map(|(pointer, item)| Some((pointer, item.as_str()?))) {
            if text.trim() != text {
                let message = format!("the reference {text:?} has spaces around it, which become part of the name");
                found.push(pointer, "entity/reference", message).hint = Some(format!("write {}", text.trim()));
            }
        }
    }
}

fn links(metadata: &Map<String, Value>, found: &mut Violations) {
    let Some(Value::Array(items)) = metadata.get("links") else { return };
    for (index, item) in items.iter().enumerate() {
        let (pointer, path) = (format!("/metadata/links/{index}"), format!("metadata.links[{index}]"));
        let Value::Object(link) = item else { continue };
        keys(link, &LINK, &pointer, &path, found);
        if link.get("url").and_then(Value::as_str).is_some_and(runs_script) {
            let message = format!("{path}.url would run a script; it is shown and not linked");
            found.push(format!("{pointer}/url"), "entity/script", message).hint =
                Some("give the address of a page".to_owned());
        }
    }
}

fn annotations(metadata: &Map<String, Value>, found: &mut Violations) {
    let Some(Value::Object(entries)) = metadata.get("annotations") else { return };
    for (key, value) in entries {
        let pointer = format!("/metadata/annotations/{}", escape(key));
        let Some(known) = well_known(key) else {
            if key.starts_with(RESERVED_PREFIX) {
                let message = format!("unknown annotation under {RESERVED_PREFIX}: {key}");
                let violation = found.push(pointer, "annotation/unknown", message);
                violation.at_key = true;
                let meant = nearest(key, WELL_KNOWN.iter().map(|known| known.key));
                violation.hint = Some(match meant {
                    Some(meant) => format!("did you mean {meant}?"),
                    None => "use a domain of your own for annotations of your own".to_owned(),
                });
            }
            continue;
        };
        if let Some(instead) = known.instead {
            let violation = found.push(&pointer, "annotation/old", format!("the annotation {key} is no longer used"));
            violation.at_key = true;
            violation.hint = Some(format!("use {instead}"));
        }
        let Value::String(text) = value else { continue };
        if known.form == ValueForm::WebAddress && runs_script(text) {
            let message = format!("the value of {key} would run a script; it is replaced by a page that says so");
            found.push(pointer, "entity/script", message).hint = Some("give the address of a page".to_owned());
        } else if let Err(expected) = check_form(known.form, text) {
            let message = format!("the value of {key} is not valid: expected {expected}, found {text:?}");
            found.push(pointer, "annotation/value", message).hint = Some(format!("it says {}", known.meaning));
        }
    }
}

/// Whether a value has the form of its annotation, or else what is expected.
fn check_form(form: ValueForm, text: &str) -> Result<(), String> {
    let web = |text: &str| url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    let (valid, expected) = match form {
        ValueForm::Text => (!text.trim().is_empty(), "text that is not blank".to_owned()),
        ValueForm::Location => {
            (formats::location_parts(text).is_some(), "type:target, such as url:https://example.com/a/".to_owned())
        }
        ValueForm::EntityRef(kind) => (
            EntityRef::parse_with(text, kind, "default").is_ok(),
            "a reference such as component:default/shop".to_owned(),
        ),
        ValueForm::WebAddress => (web(text), "an address such as https://example.com/page".to_owned()),
        ValueForm::Slug => {
            let is_slug = text.contains('/') && text.split('/').all(|part| !part.trim().is_empty());
            (is_slug && !text.contains("://"), "owner/name".to_owned())
        }
        ValueForm::OneOf(words) => (words.contains(&text), words.join(" or ")),
        ValueForm::DocsRef => {
            let valid = text.split_once(':').is_some_and(|(kind, target)| match kind {
                "dir" => !target.trim().is_empty(),
                "url" => web(target) || target.starts_with('.') || target.starts_with('/'),
                _ => false,
            });
            (valid, "dir:. or url:https://…".to_owned())
        }
        ValueForm::Selector => {
            let part = |part: &str| !part.trim().is_empty();
            (text.split(',').all(part), "pairs such as app=shop,tier!=cache".to_owned())
        }
    };
    if valid { Ok(()) } else { Err(expected) }
}

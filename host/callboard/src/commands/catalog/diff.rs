//! `callboard catalog diff`: what one catalog has that another has not.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::pairs::Pairs;
use crate::catalogs::{Entity, Source, Wanted, is_of_the_location};
use crate::cli::{DiffArguments, TableFormat};
use crate::commands::{FINDINGS, print, talk};
use crate::text::one_line;

/// Annotations that tell where an entity was read, which differs between a folder and the portal that reads it.
const OF_THE_SOURCE: &[&str] = &[
    "backstage.io/managed-by-location",
    "backstage.io/managed-by-origin-location",
    "backstage.io/source-location",
    "backstage.io/view-url",
    "backstage.io/edit-url",
    "backstage.io/orphan",
];
/// Longest value that is shown.
const LONGEST: usize = 120;

/// Compares two catalogs. Exits with 1 when they differ.
pub(super) async fn run(arguments: &DiffArguments) -> anyhow::Result<ExitCode> {
    let before = read(arguments, &arguments.before).await?;
    let after = read(arguments, &arguments.after).await?;
    let difference = Difference::between(&before, &after);
    match arguments.format {
        TableFormat::Human => difference.lines().iter().for_each(|line| print(line)),
        TableFormat::Json => print(&format!("{:#}", difference.document())),
    }
    talk(&difference.summary());
    Ok(if difference.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
}

async fn read(arguments: &DiffArguments, side: &str) -> anyhow::Result<Snapshot> {
    let source = Source::open_side(side, arguments.token_file.as_deref()).await?;
    let found = source.list(&Wanted { filters: arguments.filters.clone(), ..Wanted::default() }).await;
    let pairs = Pairs::of(&source).await;
    source.close().await;
    Ok(Snapshot::new(found?, &pairs?))
}

/// A relation in the direction of its pair's first name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Related {
    source: String,
    name: String,
    target: String,
}

/// A catalog at one moment, without what only tells where it was read.
#[derive(Debug, Default)]
struct Snapshot {
    entities: BTreeMap<String, Value>,
    relations: BTreeSet<Related>,
}

impl Snapshot {
    fn new(entities: Vec<Entity>, pairs: &Pairs) -> Self {
        let mut snapshot = Self::default();
        for mut entity in entities.into_iter().filter(|entity| !is_of_the_location(&entity.entity_ref)) {
            for (name, target) in entity.relations() {
                let related = match pairs.forward(&name) {
                    Some(forward) => {
                        Related { source: target, name: forward.to_owned(), target: entity.entity_ref.clone() }
                    }
                    None => Related { source: entity.entity_ref.clone(), name, target },
                };
                snapshot.relations.insert(related);
            }
            strip(&mut entity.document);
            snapshot.entities.insert(entity.entity_ref, entity.document);
        }
        snapshot
    }
}

/// Takes away what says nothing about the entity itself.
fn strip(document: &mut Value) {
    let Some(document) = document.as_object_mut() else { return };
    document.remove("relations");
    document.remove("status");
    let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    for key in ["uid", "etag", "generation"] {
        metadata.remove(key);
    }
    if metadata.get("namespace").and_then(Value::as_str) == Some("default") {
        metadata.remove("namespace");
    }
    let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) else { return };
    annotations.retain(|key, _| !OF_THE_SOURCE.contains(&key.as_str()));
    if annotations.is_empty() {
        metadata.remove("annotations");
    }
}

/// A field that is not the same.
#[derive(Debug, PartialEq)]
struct Field {
    path: String,
    before: Option<Value>,
    after: Option<Value>,
}

/// What differs.
#[derive(Debug, Default)]
struct Difference {
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<(String, Vec<Field>)>,
    related: Vec<Related>,
    unrelated: Vec<Related>,
}

impl Difference {
    fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let mut difference = Self::default();
        for (entity_ref, old) in &before.entities {
            let Some(new) = after.entities.get(entity_ref) else {
                difference.removed.push(entity_ref.clone());
                continue;
            };
            let mut fields = Vec::new();
            compare(String::new(), Some(old), Some(new), &mut fields);
            if !fields.is_empty() {
                difference.changed.push((entity_ref.clone(), fields));
            }
        }
        let is_new = |entity_ref: &&String| !before.entities.contains_key(*entity_ref);
        difference.added = after.entities.keys().filter(is_new).cloned().collect();
        difference.related = after.relations.difference(&before.relations).cloned().collect();
        difference.unrelated = before.relations.difference(&after.relations).cloned().collect();
        difference
    }

    fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.related.is_empty()
            && self.unrelated.is_empty()
    }

    fn summary(&self) -> String {
        if self.is_empty() {
            return "no differences".to_owned();
        }
        let (added, removed, changed) = (self.added.len(), self.removed.len(), self.changed.len());
        let (related, unrelated) = (self.related.len(), self.unrelated.len());
        format!(
            "entities: {added} added, {removed} removed, {changed} changed; relations: {related} added, {unrelated} removed"
        )
    }

    fn lines(&self) -> Vec<String> {
        let entity = |sign: char| move |entity_ref: &String| format!("{sign} {}", one_line(entity_ref));
        let mut lines: Vec<String> = self.added.iter().map(entity('+')).collect();
        lines.extend(self.removed.iter().map(entity('-')));
        for (entity_ref, fields) in &self.changed {
            lines.push(format!("~ {}", one_line(entity_ref)));
            lines.extend(fields.iter().map(|field| match (&field.before, &field.after) {
                (None, Some(new)) => format!("    + {}: {}", one_line(&field.path), shown(new)),
                (Some(old), None) => format!("    - {}: {}", one_line(&field.path), shown(old)),
                (old, new) => {
                    let side = |value: &Option<Value>| value.as_ref().map(shown).unwrap_or_default();
                    format!("    ~ {}: {} → {}", one_line(&field.path), side(old), side(new))
                }
            }));
        }
        let relation = |sign: char| {
            move |related: &Related| {
                let Related { source, name, target } = related;
                format!("{sign} {} {} {}", one_line(source), one_line(name), one_line(target))
            }
        };
        lines.extend(self.related.iter().map(relation('+')));
        lines.extend(self.unrelated.iter().map(relation('-')));
        lines
    }

    fn document(&self) -> Value {
        let field = |field: &Field| {
            let mut value = Map::from_iter([("path".to_owned(), json!(field.path))]);
            value.extend(field.before.iter().map(|before| ("before".to_owned(), before.clone())));
            value.extend(field.after.iter().map(|after| ("after".to_owned(), after.clone())));
            Value::Object(value)
        };
        let changed = |(entity_ref, fields): &(String, Vec<Field>)| json!({ "entityRef": entity_ref, "fields": fields.iter().map(field).collect::<Vec<_>>() });
        let relation =
            |related: &Related| json!({ "source": related.source, "relation": related.name, "target": related.target });
        json!({
            "entities": {
                "added": self.added,
                "removed": self.removed,
                "changed": self.changed.iter().map(changed).collect::<Vec<_>>(),
            },
            "relations": {
                "added": self.related.iter().map(relation).collect::<Vec<_>>(),
                "removed": self.unrelated.iter().map(relation).collect::<Vec<_>>(),
            },
        })
    }
}

/// The smallest fields that are not the same. Absent and empty are different; the order of keys is not.
fn compare(path: String, before: Option<&Value>, after: Option<&Value>, fields: &mut Vec<Field>) {
    match (before, after) {
        (Some(old), Some(new)) if old == new => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                compare(below(&path, key), old.get(key), new.get(key), fields);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                compare(format!("{path}[{index}]"), Some(old), Some(new), fields);
            }
        }
        (before, after) => fields.push(Field { path, before: before.cloned(), after: after.cloned() }),
    }
}

/// A path for people: keys joined by dots, odd keys in brackets.
fn below(path: &str, key: &str) -> String {
    match (path, key.is_empty() || key.contains(['.', '[', ' '])) {
        (_, true) => format!("{path}[{key:?}]"),
        ("", false) => key.to_owned(),
        _ => format!("{path}.{key}"),
    }
}

/// A value on one line, cut off where it is long.
fn shown(value: &Value) -> String {
    let text = one_line(&value.to_string());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(documents: &[Value]) -> Snapshot {
        Snapshot::new(documents.iter().cloned().filter_map(Entity::new).collect(), &Pairs::default())
    }

    fn component(name: &str, spec: Value, relations: Value) -> Value {
        json!({
            "kind": "Component",
            "metadata": {
                "name": name, "namespace": "default", "uid": name.len(), "etag": "x",
                "annotations": {"backstage.io/managed-by-location": format!("file:/{name}")},
            },
            "spec": spec,
            "relations": relations,
        })
    }

    #[test]
    fn fields_relations_and_entities_are_told_apart() {
        let depends = json!([{"type": "dependsOn", "targetRef": "resource:default/db"}]);
        let owner = |owner: &str| json!({"owner": owner, "tags": ["a", "b"], "a.b": 1});
        let before = snapshot(&[component("a", owner("x"), depends.clone()), component("b", owner("x"), json!([]))]);
        let mut renamed = owner("y");
        renamed["tags"] = json!(["a"]);
        renamed["new"] = json!(null);
        let backwards = json!([{"type": "ownerOf", "targetRef": "component:default/A"}]);
        let after = snapshot(&[component("a", renamed, json!([])), component("c", owner("x"), backwards)]);
        let difference = Difference::between(&before, &after);
        assert_eq!(
            difference.lines(),
            [
                "+ component:default/c",
                "- component:default/b",
                "~ component:default/a",
                "    + spec.new: null",
                "    ~ spec.owner: \"x\" → \"y\"",
                "    ~ spec.tags: [\"a\",\"b\"] → [\"a\"]",
                "+ component:default/a ownedBy component:default/c",
                "- component:default/a dependsOn resource:default/db",
            ]
        );
        assert_eq!(difference.summary(), "entities: 1 added, 1 removed, 1 changed; relations: 1 added, 1 removed");
        let document = difference.document();
        assert_eq!(
            document["entities"]["changed"][0]["fields"][1],
            json!({"path": "spec.owner", "before": "x", "after": "y"})
        );
        assert!(Difference::between(&before, &before).is_empty());
    }

    #[test]
    fn odd_keys_stay_readable() {
        for (path, key, expected) in [
            ("", "spec", "spec"),
            ("spec", "a", "spec.a"),
            ("metadata.annotations", "a.b/c", "metadata.annotations[\"a.b/c\"]"),
            ("", "", "[\"\"]"),
        ] {
            assert_eq!(below(path, key), expected);
        }
    }
}

//! Kinds and relation pairs that descriptors declare: `kind: Kind` and `kind: RelationPair` of `callboard.dev/v1alpha1`.
//!
//! A declaration is an entity like any other, from a file of `catalog.kinds` or from anywhere that the rules let it in.
//! It says with a JSON Schema what entities of its kind look like, and which of their fields are references. KINDS.md has
//! an example.

mod kind;
mod pair;

use std::collections::{BTreeMap, HashMap};

use host_model::{Entity, relation};
use serde_json::{Map, Value};

pub(crate) use kind::DeclaredKind;

use crate::hash;
use crate::validate::kinds::KINDS;
use crate::validate::{Violation, Violations};

/// A kind that a descriptor declares, as entities are checked against it.
pub(crate) struct Declared {
    pub(crate) kind: DeclaredKind,
    /// The reference of the descriptor.
    pub(crate) by: String,
    /// Where the descriptor is wrong now, so that what is used is how it was before.
    pub(crate) trouble: Option<String>,
    fingerprint: String,
}

/// A relation pair that a descriptor declares.
struct Pair {
    opposite: String,
    by: String,
}

/// Everything that descriptors declare.
#[derive(Default)]
pub(crate) struct Model {
    /// By name in lower case.
    kinds: BTreeMap<String, Declared>,
    /// By either name.
    pairs: BTreeMap<String, Pair>,
    /// Descriptors that never were right: their names in lower case, and where they are wrong.
    broken: BTreeMap<String, String>,
    /// Changes when a name is declared or goes, or another descriptor declares it.
    names: String,
    /// What it was made from.
    pub(crate) fingerprint: String,
}

/// Whether an entity with this reference is part of the model.
pub(crate) fn is_declaration(entity_ref: &str) -> bool {
    entity_ref.split_once(':').is_some_and(|(kind, _)| is_declaration_kind(kind))
}

/// Whether entities of this kind, in lower case, are part of the model.
pub(crate) fn is_declaration_kind(kind: &str) -> bool {
    matches!(kind, "kind" | "relationpair")
}

impl Model {
    /// The model that descriptors make, in the order of their references. `troubles` says of descriptors where they are
    /// wrong now.
    pub(crate) fn new<'a>(
        entities: impl IntoIterator<Item = (&'a str, &'a Entity)>,
        mut troubles: HashMap<String, String>,
        fingerprint: String,
    ) -> Self {
        let mut model = Self { fingerprint, ..Self::default() };
        let mut declarations = Vec::new();
        for (entity_ref, entity) in entities {
            let Some(Value::Object(spec)) = entity.document().get("spec") else { continue };
            match entity.kind() {
                "Kind" => declarations.push((entity_ref, spec)),
                "RelationPair" => model.add_pair(entity_ref, spec),
                _ => {}
            }
        }
        for (entity_ref, spec) in declarations {
            let Some(kind) = DeclaredKind::read(spec, &mut Violations::default()) else { continue };
            let trouble = troubles.remove(entity_ref);
            let pairs: Vec<&str> = kind.relations().map(|name| model.opposite(name).unwrap_or_default()).collect();
            let written = Value::Object(spec.clone()).to_string();
            let parts = [written.as_str(), &pairs.join(" "), trouble.as_deref().unwrap_or_default()];
            let fingerprint = hash::of_parts(&parts.map(str::as_bytes));
            let by = entity_ref.to_owned();
            model.kinds.entry(kind.name.to_lowercase()).or_insert(Declared { kind, by, trouble, fingerprint });
        }
        let kinds = model.kinds.iter().map(|(name, declared)| format!("{name} {}", declared.by));
        let pairs = model.pairs.iter().map(|(name, pair)| format!("{name} {}", pair.by));
        let names: Vec<String> = kinds.chain(pairs).collect();
        model.names = if names.is_empty() { String::new() } else { hash::of(names.join("\n").as_bytes()) };
        let name = |entity_ref: &str| entity_ref.rsplit('/').next().unwrap_or_default().to_owned();
        model.broken = troubles.into_iter().map(|(entity_ref, place)| (name(&entity_ref), place)).collect();
        model
    }

    fn add_pair(&mut self, by: &str, spec: &Map<String, Value>) {
        let Some((forward, reverse)) = pair::read(spec, &mut Violations::default()) else { return };
        if self.pairs.contains_key(&forward) || self.pairs.contains_key(&reverse) {
            return;
        }
        for (name, opposite) in [(&forward, &reverse), (&reverse, &forward)] {
            self.pairs.insert(name.clone(), Pair { opposite: opposite.clone(), by: by.to_owned() });
        }
    }

    /// The kind with this name, in any case.
    pub(crate) fn kind(&self, name: &str) -> Option<&Declared> {
        if self.kinds.is_empty() { None } else { self.kinds.get(&name.to_lowercase()) }
    }

    /// The names of all kinds, declared or not.
    pub(crate) fn kind_names(&self) -> Vec<&str> {
        let own = KINDS.iter().filter(|kind| kind.api_versions != [crate::validate::kinds::OURS]).map(|kind| kind.name);
        own.chain(self.kinds.values().map(|declared| declared.kind.name.as_str())).collect()
    }

    /// The name of a relation seen from the other end.
    pub(crate) fn opposite<'a>(&'a self, name: &str) -> Option<&'a str> {
        relation::opposite(name).or_else(|| self.pairs.get(name).map(|pair| pair.opposite.as_str()))
    }

    /// Where the descriptor that should declare a kind is wrong.
    pub(crate) fn broken(&self, kind: &str) -> Option<&str> {
        if self.broken.is_empty() { None } else { self.broken.get(&kind.to_lowercase()).map(String::as_str) }
    }

    /// A text that changes when entities of a kind have to be looked at again; empty while nothing declares it.
    pub(crate) fn fingerprint_of(&self, kind: &str) -> &str {
        if ["kind", "relationpair"].iter().any(|own| own.eq_ignore_ascii_case(kind)) {
            return &self.names;
        }
        match self.kind(kind) {
            Some(declared) => &declared.fingerprint,
            None => self.broken(kind).unwrap_or_default(),
        }
    }
}

/// Checks what a descriptor of ours declares, once its fields have the right shapes.
pub(crate) fn check(kind: &str, spec: &Map<String, Value>, found: &mut Violations) {
    match kind {
        "Kind" => drop(DeclaredKind::read(spec, found)),
        "RelationPair" => drop(pair::read(spec, found)),
        _ => {}
    }
}

/// What about a declaration is most likely not meant, beside the others.
pub(crate) fn lint(document: &Map<String, Value>, model: &Model) -> Vec<Violation> {
    let mut found = Violations::default();
    let Some(Value::Object(spec)) = document.get("spec") else { return found.0 };
    let own = Entity::new(document.clone()).entity_ref().to_string();
    let taken = |what: &str, by: &str| format!("{what} is already declared by {by}; this declaration is not used");
    match document.get("kind").and_then(Value::as_str) {
        Some("Kind") => {
            let Some(kind) = DeclaredKind::read(spec, &mut Violations::default()) else { return found.0 };
            if let Some(other) = model.kind(&kind.name).filter(|other| other.by != own) {
                let message = taken(&format!("kind {}", kind.name), &other.by);
                found.push("/spec/names/kind", "kind/taken", message);
            }
            for (pointer, relation) in kind.relation_pointers() {
                if model.opposite(relation).is_none() {
                    let message =
                        format!("the relation {relation} is part of no pair, so that its other end does not show it");
                    found.push(pointer, "kind/pair", message).hint =
                        Some("declare it, with a descriptor of kind RelationPair".to_owned());
                }
            }
        }
        Some("RelationPair") => {
            let Some((forward, reverse)) = pair::read(spec, &mut Violations::default()) else { return found.0 };
            for (name, direction) in [(forward, "forward"), (reverse, "reverse")] {
                if let Some(other) = model.pairs.get(&name).filter(|other| other.by != own) {
                    let message = taken(&format!("the relation {name}"), &other.by);
                    found.push(format!("/spec/{direction}/type"), "kind/taken", message);
                }
            }
        }
        _ => {}
    }
    found.0
}

#[cfg(test)]
mod tests;

//! What a kind's declaration says: its versions, what its entities look like, and which of their fields are references.

use host_model::plugin::FieldError;
use serde_json::{Map, Value};

use crate::validate::kinds;
use crate::validate::{Violations, formats, shown};

/// Most versions of a kind.
const MOST_VERSIONS: usize = 50;
/// Most fields of one version that state relations.
const MOST_RELATION_FIELDS: usize = 100;
/// Longest JSON Schema, in bytes of JSON.
const LONGEST_SCHEMA: usize = 256 << 10;

/// A kind with its versions.
pub(crate) struct DeclaredKind {
    /// As entities write it.
    pub(crate) name: String,
    group: String,
    versions: Vec<Version>,
}

/// What entities of one or several versions look like.
pub(crate) struct Version {
    /// The parts of `apiVersion` behind the slash.
    names: Vec<String>,
    /// The values of `spec.type` that it is for; none means those that no other version is for.
    spec_types: Vec<String>,
    pub(crate) relation_fields: Vec<RelationField>,
    /// The keys of `spec` that the schema names.
    pub(crate) spec_keys: Vec<String>,
    /// Whether the schema speaks of `apiVersion`, `kind` and `metadata` too.
    is_of_envelope: [bool; 3],
    schema: host_schema::Validator,
}

/// A field that states relations.
pub(crate) struct RelationField {
    pub(crate) path: Vec<String>,
    pub(crate) relation: String,
    pub(crate) default_kind: Option<String>,
    /// Whether a reference without a namespace means the entity's own rather than `default`.
    pub(crate) inherits_namespace: bool,
    /// The kinds that it may lead to; none means all.
    pub(crate) allowed_kinds: Vec<String>,
    /// Where its relation is written.
    pointer: String,
}

const ENVELOPE: [&str; 3] = ["apiVersion", "kind", "metadata"];

impl Version {
    /// What is wrong with an entity, with pointers into it.
    pub(crate) fn faults(&self, document: &Map<String, Value>) -> Vec<FieldError> {
        // A schema that is closed need not name what every entity has.
        let is_meant =
            |key: &str| ENVELOPE.iter().zip(self.is_of_envelope).all(|(other, meant)| *other != key || meant);
        let part = document.iter().filter(|(key, _)| is_meant(key));
        let part: Map<String, Value> = part.map(|(key, value)| (key.clone(), value.clone())).collect();
        host_schema::faults(&self.schema, &Value::Object(part))
    }
}

impl DeclaredKind {
    /// Reads the `spec` of a declaration whose fields have the right shapes; nothing when something is wrong with it.
    pub(crate) fn read(spec: &Map<String, Value>, found: &mut Violations) -> Option<Self> {
        let before = found.0.len();
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let group = text(spec.get("group"));
        if !formats::is_domain(&group) {
            found.format("/spec/group", "spec.group", formats::DOMAIN, &Value::from(group.as_str()));
        }
        let name = text(spec.get("names").and_then(|names| names.get("kind")));
        if !formats::is_kind(&name) {
            found.format("/spec/names/kind", "spec.names.kind", formats::KIND, &Value::from(name.as_str()));
        } else if kinds::kind(&name).is_some() {
            let message = format!("kind {name} is a kind of the catalog itself");
            found.push("/spec/names/kind", "kind/taken", message).hint = Some("choose another name".to_owned());
        }
        let listed = spec.get("versions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if listed.len() > MOST_VERSIONS {
            found.push(
                "/spec/versions",
                "kind/too-large",
                format!("spec.versions has more than {MOST_VERSIONS} items"),
            );
            return None;
        }
        let mut versions = Vec::new();
        for (index, version) in listed.iter().enumerate() {
            let (pointer, path) = (format!("/spec/versions/{index}"), format!("spec.versions[{index}]"));
            versions.extend(read_version(version, &pointer, &path, found));
        }
        let mut known: Vec<(&str, &str)> = Vec::new();
        for (index, version) in versions.iter().enumerate() {
            let types = if version.spec_types.is_empty() { vec![""] } else { texts(&version.spec_types) };
            let pairs = version.names.iter().flat_map(|name| types.iter().map(move |kind| (name.as_str(), *kind)));
            for pair in pairs {
                if known.contains(&pair) {
                    let message = format!("version {} is already there for the same spec.type", pair.0);
                    found.push(format!("/spec/versions/{index}/name"), "kind/taken", message);
                }
                known.push(pair);
            }
        }
        (found.0.len() == before).then_some(Self { name, group, versions })
    }

    /// Every `apiVersion`.
    pub(crate) fn api_versions(&self) -> Vec<String> {
        let names = self.versions.iter().flat_map(|version| &version.names);
        let mut all: Vec<String> = names.map(|name| format!("{}/{name}", self.group)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Whether there is such an `apiVersion`.
    pub(crate) fn has(&self, api_version: &str) -> bool {
        self.of(api_version).next().is_some()
    }

    /// What entities with this `apiVersion` and `spec.type` look like.
    pub(crate) fn version(&self, api_version: &str, spec_type: Option<&str>) -> Option<&Version> {
        let exact = |version: &&Version| spec_type.is_some_and(|kind| version.spec_types.iter().any(|own| own == kind));
        self.of(api_version).find(exact).or_else(|| self.of(api_version).find(|version| version.spec_types.is_empty()))
    }

    /// The values of `spec.type` that there are for an `apiVersion`.
    pub(crate) fn spec_types(&self, api_version: &str) -> Vec<&str> {
        self.of(api_version).flat_map(|version| texts(&version.spec_types)).collect()
    }

    /// The relations that its fields state.
    pub(crate) fn relations(&self) -> impl Iterator<Item = &str> {
        self.relation_pointers().map(|(_, relation)| relation)
    }

    /// The relations that its fields state, with where they are written.
    pub(crate) fn relation_pointers(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.versions.iter().flat_map(|version| &version.relation_fields);
        fields.map(|field| (field.pointer.as_str(), field.relation.as_str()))
    }

    fn of<'a>(&'a self, api_version: &str) -> impl Iterator<Item = &'a Version> {
        let (group, name) = api_version.split_once('/').unwrap_or(("", api_version));
        let (is_ours, name) = (group == self.group, name.to_owned());
        self.versions.iter().filter(move |version| is_ours && version.names.contains(&name))
    }
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn read_version(version: &Value, pointer: &str, path: &str, found: &mut Violations) -> Option<Version> {
    let before = found.0.len();
    let names = one_or_more(version.get("name"), &format!("{pointer}/name"), &format!("{path}.name"), found);
    for name in &names {
        if !formats::is_api_version(name) || name.contains('/') {
            let value = Value::from(name.as_str());
            found.format(format!("{pointer}/name"), &format!("{path}.name"), "a version such as v1alpha1", &value);
        }
    }
    let spec_types = match version.get("specType") {
        None => Vec::new(),
        types => one_or_more(types, &format!("{pointer}/specType"), &format!("{path}.specType"), found),
    };
    let listed = version.get("relationFields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if listed.len() > MOST_RELATION_FIELDS {
        let message = format!("{path}.relationFields has more than {MOST_RELATION_FIELDS} items");
        found.push(format!("{pointer}/relationFields"), "kind/too-large", message);
        return None;
    }
    let mut relation_fields = Vec::new();
    for (index, field) in listed.iter().enumerate() {
        let (pointer, path) = (format!("{pointer}/relationFields/{index}"), format!("{path}.relationFields[{index}]"));
        relation_fields.push(read_relation_field(field, &pointer, &path, found));
    }
    let schema = version.pointer("/schema/jsonSchema")?;
    let compiled =
        compile(schema, &format!("{pointer}/schema/jsonSchema"), &format!("{path}.schema.jsonSchema"), found);
    let (true, Some(compiled)) = (found.0.len() == before, compiled) else { return None };
    let properties = schema.get("properties");
    let keys = schema.pointer("/properties/spec/properties").and_then(Value::as_object);
    Some(Version {
        names,
        spec_types,
        relation_fields,
        spec_keys: keys.into_iter().flat_map(Map::keys).cloned().collect(),
        is_of_envelope: ENVELOPE.map(|key| properties.is_some_and(|properties| properties.get(key).is_some())),
        schema: compiled,
    })
}

fn compile(schema: &Value, pointer: &str, path: &str, found: &mut Violations) -> Option<host_schema::Validator> {
    let length = schema.to_string().len();
    if length > LONGEST_SCHEMA {
        let message = format!("{path} is {length} bytes long; at most {LONGEST_SCHEMA} are read");
        found.push(pointer, "kind/too-large", message);
        return None;
    }
    match host_schema::compile(schema) {
        Ok(compiled) => Some(compiled),
        Err(error) => {
            found.push(format!("{pointer}{}", error.pointer), "kind/schema", format!("{path} cannot be used: {error}"));
            None
        }
    }
}

fn read_relation_field(field: &Value, pointer: &str, path: &str, found: &mut Violations) -> RelationField {
    let text = |key: &str| field.get(key).and_then(Value::as_str);
    let selected = field.pointer("/selector/path").and_then(Value::as_str).unwrap_or_default();
    let parts: Vec<String> = selected.split('.').map(str::to_owned).collect();
    if parts.len() < 2 || parts[0] != "spec" || parts.iter().any(String::is_empty) {
        let (pointer, path) = (format!("{pointer}/selector/path"), format!("{path}.selector.path"));
        found.format(pointer, &path, "a path such as spec.owner", &Value::from(selected));
    }
    let relation = text("relation").unwrap_or_default();
    if !formats::is_relation(relation) {
        let value = Value::from(relation);
        found.format(format!("{pointer}/relation"), &format!("{path}.relation"), formats::RELATION, &value);
    }
    let allowed = field.get("allowedKinds").and_then(Value::as_array);
    let allowed: Vec<String> = allowed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let default_kind = text("defaultKind");
    for kind in allowed.iter().map(String::as_str).chain(default_kind) {
        if !formats::is_kind(kind) {
            found.format(pointer, path, "names of kinds", &Value::from(kind));
        }
    }
    let is_among = |kind: &str| allowed.is_empty() || allowed.iter().any(|other| other.eq_ignore_ascii_case(kind));
    if let Some(kind) = default_kind.filter(|kind| !is_among(kind)) {
        let message = format!("{path}.defaultKind: {kind} is not among allowedKinds");
        found.push(format!("{pointer}/defaultKind"), "entity/format", message).hint =
            Some(format!("add {kind} to allowedKinds"));
    }
    RelationField {
        path: parts,
        relation: relation.to_owned(),
        default_kind: default_kind.map(str::to_owned),
        inherits_namespace: text("defaultNamespace") != Some("default"),
        allowed_kinds: allowed,
        pointer: format!("{pointer}/relation"),
    }
}

/// A text, or a list of texts that is not empty.
fn one_or_more(value: Option<&Value>, pointer: &str, path: &str, found: &mut Violations) -> Vec<String> {
    let items = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(item) => std::slice::from_ref(item),
        None => &[],
    };
    let read: Vec<String> =
        items.iter().filter_map(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned).collect();
    if read.len() != items.len() || read.is_empty() {
        let shown = shown(value.unwrap_or(&Value::Null));
        found.push(pointer, "entity/type", format!("{path} must be text or a list of texts, found {shown}"));
    }
    read
}

//! The relations that an entity's `spec` states.

use host_model::entity_ref::DEFAULT_NAMESPACE;
use host_model::{Entity, EntityRef, EntityRefError, relation};
use serde_json::Value;

use crate::declared::Model;
use crate::validate::{escape, kinds, shown};

/// A relation from the entity at hand to another: its name and the complete reference.
///
/// A relation of a pair that a descriptor declares has both its names, `runsOn/runs`, so that whoever reads it needs no
/// declaration; [`names`] takes them apart.
pub(crate) type Given = (String, String);

/// The name of a relation as it is given, with that of its opposite when a declared pair has one.
pub(crate) fn given(name: &str, target: String, model: &Model) -> Given {
    let name = match model.opposite(name).filter(|_| relation::opposite(name).is_none()) {
        Some(opposite) => format!("{name}/{opposite}"),
        None => name.to_owned(),
    };
    (name, target)
}

/// The name of a given relation, and the name of the same relation seen from the other end.
pub(crate) fn names(given: &str) -> (&str, Option<&str>) {
    match given.split_once('/') {
        Some((name, opposite)) => (name, Some(opposite)),
        None => (given, relation::opposite(given)),
    }
}

/// A reference that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadReference {
    pub(crate) pointer: String,
    pub(crate) message: String,
}

/// A reference of an entity, for checks that look for its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) pointer: String,
    pub(crate) target: String,
}

/// A field that states relations, of a kind that is built in or declared.
struct Stating<'a> {
    path: Vec<&'a str>,
    relation: &'a str,
    default_kind: Option<&'a str>,
    /// The namespace of a reference that names none.
    namespace: &'a str,
    /// The kinds that it may lead to; none means all.
    allowed: &'a [String],
    /// Whether what is no reference is passed over, as Backstage does where its schema says nothing.
    is_lenient: bool,
}

/// Reads the relations of an entity that is valid otherwise.
pub(crate) fn stated(entity: &Entity, model: &Model) -> (Vec<Given>, Vec<Reference>, Vec<BadReference>) {
    let (mut given, mut references, mut bad) = (Vec::new(), Vec::new(), Vec::new());
    for field in stating(entity, model) {
        let mut found = Vec::new();
        if let Some(value) = entity.document().get(field.path[0]) {
            collect(value, &field.path[1..], format!("/{}", escape(field.path[0])), &mut found);
        }
        for (value, pointer) in found {
            match read(value, &field) {
                Ok(Some(target)) => {
                    let target = target.to_string();
                    references.push(Reference { pointer, target: target.clone() });
                    given.push(self::given(field.relation, target, model));
                }
                Ok(None) => {}
                Err(message) => bad.push(BadReference { pointer, message }),
            }
        }
    }
    given.sort();
    given.dedup();
    (given, references, bad)
}

fn stating<'a>(entity: &'a Entity, model: &'a Model) -> Vec<Stating<'a>> {
    if let Some(kind) = kinds::kind(entity.kind()) {
        let fields = kind.fields(entity.spec_type()).iter();
        let stating = fields.filter_map(|field| {
            let relation = field.relation?;
            Some(Stating {
                path: vec!["spec", field.name],
                relation: relation.name,
                default_kind: relation.default_kind,
                namespace: entity.namespace(),
                allowed: &[],
                is_lenient: true,
            })
        });
        return stating.collect();
    }
    let version =
        model.kind(entity.kind()).and_then(|known| known.kind.version(entity.api_version(), entity.spec_type()));
    let fields = version.into_iter().flat_map(|version| &version.relation_fields);
    let stating = fields.map(|field| Stating {
        path: field.path.iter().map(String::as_str).collect(),
        relation: &field.relation,
        default_kind: field.default_kind.as_deref(),
        namespace: if field.inherits_namespace { entity.namespace() } else { DEFAULT_NAMESPACE },
        allowed: &field.allowed_kinds,
        is_lenient: false,
    });
    stating.collect()
}

/// The values at a path, through lists, each with its pointer.
fn collect<'a>(value: &'a Value, path: &[&str], pointer: String, found: &mut Vec<(&'a Value, String)>) {
    match (value, path.split_first()) {
        (Value::Array(items), _) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, path, format!("{pointer}/{index}"), found);
            }
        }
        (Value::Object(object), Some((first, rest))) => {
            if let Some(value) = object.get(*first) {
                collect(value, rest, format!("{pointer}/{}", escape(first)), found);
            }
        }
        (_, Some(_)) => {}
        (value, None) => found.push((value, pointer)),
    }
}

/// The reference that a value is; nothing where Backstage sees nothing.
fn read(value: &Value, field: &Stating<'_>) -> Result<Option<EntityRef>, String> {
    let target = match value {
        Value::String(text) if text.is_empty() && field.is_lenient => return Ok(None),
        Value::String(text) => parse(text, field)?,
        Value::Object(parts) => {
            let part = |key: &str| parts.get(key).and_then(Value::as_str).filter(|part| !part.is_empty());
            let (Some(kind), Some(name)) = (part("kind").or(field.default_kind), part("name")) else {
                return Err("the reference needs kind and name: expected kind:namespace/name".to_owned());
            };
            EntityRef::new(kind, part("namespace").unwrap_or(field.namespace), name)
        }
        Value::Null => return Ok(None),
        _ if field.is_lenient => return Ok(None),
        other => return Err(format!("a reference must be text, found {}", shown(other))),
    };
    let is_allowed =
        field.allowed.is_empty() || field.allowed.iter().any(|kind| kind.eq_ignore_ascii_case(target.kind()));
    if is_allowed {
        return Ok(Some(target));
    }
    Err(format!("the reference leads to a {}: expected one of {}", target.kind(), field.allowed.join(", ")))
}

fn parse(text: &str, field: &Stating<'_>) -> Result<EntityRef, String> {
    EntityRef::parse_with(text, field.default_kind, field.namespace).map_err(|error| {
        let shown = shown(&Value::from(text));
        match error {
            EntityRefError::MissingKind(_) => {
                format!("the reference {shown} names no kind: expected kind:name, such as component:name")
            }
            EntityRefError::EmptyPart(_) => {
                format!("the reference {shown} has an empty part: expected [kind:][namespace/]name")
            }
        }
    })
}

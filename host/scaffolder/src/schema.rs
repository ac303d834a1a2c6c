//! Values against JSON Schema (draft 7): defaults, and what is wrong in plain words.

use host_model::plugin::FieldError;
pub(crate) use host_schema::in_one_line;
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value};

/// How deep defaults are looked for.
const MAX_DEPTH: usize = 32;

/// What is wrong with a value; empty when nothing is.
///
/// # Errors
/// When the schema itself is wrong.
pub(crate) fn check(schema: &Value, value: &Value) -> Result<Vec<FieldError>, String> {
    let validator = compile(schema)?;
    Ok(host_schema::faults(&validator, value))
}

/// Whether a schema can be used, as `check` would find out.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn compile(schema: &Value) -> Result<Validator, String> {
    let schema = tolerate(schema, 0);
    jsonschema::options().with_draft(Draft::Draft7).build(&schema).map_err(|error| {
        let place = error.instance_path().as_str();
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        format!("{place}{}", host_schema::shorten(&error.to_string()))
    })
}

/// Puts defaults where an object has no value, also those of the branches that apply.
pub(crate) fn apply_defaults(schema: &Value, value: &mut Value) {
    apply_at(schema, value, 0);
}

/// Older forms say `required: true` beside a field, which is no JSON Schema; what cannot be meant is left out.
fn tolerate(schema: &Value, depth: usize) -> Value {
    match schema {
        Value::Object(entries) if depth < MAX_DEPTH => Value::Object(
            entries
                .iter()
                .filter(|(key, value)| !(key.as_str() == "required" && value.is_boolean()))
                .map(|(key, value)| (key.clone(), tolerate(value, depth + 1)))
                .collect(),
        ),
        Value::Array(items) if depth < MAX_DEPTH => {
            Value::Array(items.iter().map(|item| tolerate(item, depth + 1)).collect())
        }
        other => other.clone(),
    }
}

fn apply_at(schema: &Value, value: &mut Value, depth: usize) {
    let Some(schema) = schema.as_object().filter(|_| depth < MAX_DEPTH) else { return };
    if let (Some(properties), Some(object)) =
        (schema.get("properties").and_then(Value::as_object), value.as_object_mut())
    {
        for (name, property) in properties {
            if let (None, Some(default)) = (object.get(name), property.get("default")) {
                object.insert(name.clone(), default.clone());
            }
            if let Some(inner) = object.get_mut(name) {
                apply_at(property, inner, depth + 1);
            }
        }
    }
    if let (Some(items @ Value::Object(_)), Some(array)) = (schema.get("items"), value.as_array_mut()) {
        array.iter_mut().for_each(|item| apply_at(items, item, depth + 1));
    }
    for branch in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        apply_at(branch, value, depth + 1);
    }
    if let Some(condition) = schema.get("if") {
        let branch = if is_valid(condition, value) { "then" } else { "else" };
        if let Some(branch) = schema.get(branch) {
            apply_at(branch, value, depth + 1);
        }
    }
    for (name, dependency) in schema.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        if dependency.is_object() && value.get(name).is_some() {
            apply_at(dependency, value, depth + 1);
        }
    }
    for alternatives in ["oneOf", "anyOf"] {
        let branches = schema.get(alternatives).and_then(Value::as_array).into_iter().flatten();
        let chosen = branches
            .map(|branch| {
                let mut filled = value.clone();
                apply_at(branch, &mut filled, depth + 1);
                (branch, filled)
            })
            .find(|(branch, filled)| is_valid(branch, filled));
        if let Some((_, filled)) = chosen {
            *value = filled;
        }
    }
}

fn is_valid(schema: &Value, value: &Value) -> bool {
    compile(schema).is_ok_and(|validator| validator.is_valid(value))
}

/// A value that a schema would accept, as far as the schema says; for outputs that were not made.
pub(crate) fn example(schema: &Value) -> Value {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Value::Object(Map::new());
    };
    Value::Object(properties.iter().map(|(name, property)| (name.clone(), example_of(name, property, 0))).collect())
}

fn example_of(name: &str, schema: &Value, depth: usize) -> Value {
    let given = ["const", "default"].into_iter().find_map(|key| schema.get(key));
    let first = |key: &str| schema.get(key).and_then(|values| values.get(0));
    if let Some(value) = given.or_else(|| first("examples")).or_else(|| first("enum")) {
        return value.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("number" | "integer") => Value::from(0),
        Some("boolean") => Value::Bool(false),
        Some("array") => Value::Array(Vec::new()),
        Some("object") if depth < MAX_DEPTH => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let entries = properties.into_iter().flatten();
            Value::Object(entries.map(|(name, inner)| (name.clone(), example_of(name, inner, depth + 1))).collect())
        }
        _ => Value::String(format!("<{name}>")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn faults_are_told_in_plain_words() {
        let schema = json!({
            "required": ["name", "owner"],
            "additionalProperties": false,
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z]+$", "minLength": 3, "required": true},
                "owner": {"type": "string"},
                "port": {"type": "integer", "minimum": 1024},
                "tier": {"enum": ["1", "2"]},
                "tags": {"type": "array", "uniqueItems": true, "maxItems": 1},
                "list": {"anyOf": [{"type": "boolean"}, {"enum": ["all"]}]},
                "secret": {"type": "string", "ui:widget": "password", "format": "password"}
            }
        });
        for (value, expected) in [
            (json!({"name": "abc", "owner": "x"}), ""),
            (json!({}), "/name is required; /owner is required"),
            (
                json!({"name": "A", "owner": 1}),
                "/name does not match the pattern ^[a-z]+$; /name must have at least 3 characters; /owner must be text",
            ),
            (
                json!({"name": "abc", "owner": "", "port": 80.5}),
                "/port must be a whole number; /port must be at least 1024",
            ),
            (json!({"name": "abc", "owner": "", "tier": "3"}), "/tier must be one of 1, 2"),
            (
                json!({"name": "abc", "owner": "", "tags": ["a", "a"]}),
                "/tags must have at most 1 item; /tags must not have the same item twice",
            ),
            (json!({"name": "abc", "owner": "", "list": "some"}), "/list must be true or false or must be one of all"),
            (
                json!({"name": "abc", "owner": "", "prot": 1}),
                "/prot is not known here; check its spelling or leave it out",
            ),
            (json!("x"), "must be an object"),
        ] {
            let schema = if value.is_object() { schema.clone() } else { json!({"type": "object"}) };
            let mut faults = check(&schema, &value).unwrap();
            faults.sort_by(|one, other| (&one.field, &one.message).cmp(&(&other.field, &other.message)));
            assert_eq!(in_one_line(&faults), expected, "{value}");
        }
    }

    #[test]
    fn a_broken_schema_is_told_apart_from_a_broken_value() {
        for schema in [
            json!({"properties": {"a": {"type": "strin"}}}),
            json!({"properties": {"a": {"type": "string", "pattern": "("}}}),
            json!({"$ref": "https://example.com/schema.json"}),
            json!({"$ref": "file:///etc/passwd"}),
        ] {
            assert!(check(&schema, &json!({"a": "x"})).is_err(), "{schema}");
        }
    }

    #[test]
    fn defaults_follow_the_branches_that_apply() {
        let schema = json!({
            "properties": {
                "kind": {"default": "go"},
                "deep": {"default": {}, "properties": {"x": {"default": 1}}},
                "db": {"enum": ["none", "postgres"], "default": "none"}
            },
            "if": {"properties": {"kind": {"const": "go"}}},
            "then": {"properties": {"version": {"default": "1.25"}}},
            "else": {"properties": {"version": {"default": "3"}}},
            "dependencies": {
                "db": {"oneOf": [
                    {"properties": {"db": {"const": "none"}}},
                    {"properties": {"db": {"const": "postgres"}, "size": {"default": 10}}, "required": ["size"]}
                ]}
            }
        });
        for (value, expected) in [
            (json!({}), json!({"kind": "go", "deep": {"x": 1}, "db": "none", "version": "1.25"})),
            (
                json!({"kind": "py", "db": "postgres", "deep": {"x": 2}}),
                json!({"kind": "py", "deep": {"x": 2}, "db": "postgres", "version": "3", "size": 10}),
            ),
        ] {
            let mut filled = value;
            apply_defaults(&schema, &mut filled);
            assert_eq!(filled, expected);
        }
    }

    #[test]
    fn branches_of_a_form_are_checked() {
        let schema = json!({
            "properties": {"db": {"type": "string"}},
            "dependencies": {"db": {"oneOf": [
                {"properties": {"db": {"const": "none"}}},
                {"properties": {"db": {"const": "postgres"}}, "required": ["size"]}
            ]}},
            "if": {"properties": {"db": {"const": "none"}}, "required": ["db"]},
            "then": {"required": ["why"]}
        });
        assert_eq!(in_one_line(&check(&schema, &json!({"db": "none"})).unwrap()), "/why is required");
        assert_eq!(in_one_line(&check(&schema, &json!({"db": "postgres"})).unwrap()), "/size is required");
        let either = json!({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]});
        assert_eq!(in_one_line(&check(&either, &json!({})).unwrap()), "needs one of a, b");
    }
}

//! Compiles schemas, and refuses those that would take for ever or far too much memory.

use std::collections::HashMap;
use std::fmt;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// How many schemas one value may have to be compared with because schemas refer to others.
const MAX_COST: usize = 10_000;
/// How deep schemas may lead to one another.
const MAX_DEPTH: usize = 200;
/// How deep a schema may be nested.
const MAX_NESTING: usize = 100;
/// How many values a schema may be written with.
const MAX_VALUES: usize = 50_000;
/// How many patterns a schema may have.
const MAX_PATTERNS: usize = 200;
/// How much memory one compiled pattern may take, in bytes.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// Where in the schema, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, to be read after "the schema cannot be used: ".
    pub message: String,
}

impl fmt::Display for SchemaError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Compiles a schema. Patterns are matched in linear time, and nothing is fetched.
///
/// # Errors
/// When it is no schema, refers to what is not inside it, or is larger than the bounds allow.
pub fn compile(schema: &Value) -> Result<Validator, SchemaError> {
    check(schema)?;
    let patterns = PatternOptions::regex().size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES);
    jsonschema::options().with_pattern_options(patterns).build(schema).map_err(|error| SchemaError {
        pointer: error.instance_path().as_str().to_owned(),
        message: format!("it is not a JSON Schema that can be used: {}", crate::faults::shorten(&error.to_string())),
    })
}

/// Refuses a schema that is too large, or refers to others in a way that multiplies without bound.
fn check(schema: &Value) -> Result<(), SchemaError> {
    let mut costs = Costs { root: schema, known: HashMap::new() };
    let (mut values, mut patterns) = (0, 0);
    let mut open = vec![(schema, String::new(), 0)];
    while let Some((value, pointer, depth)) = open.pop() {
        values += 1;
        let refused = |message: String| SchemaError { pointer: pointer.clone(), message };
        if values > MAX_VALUES {
            return Err(refused(format!("it has more than {MAX_VALUES} values")));
        }
        if depth > MAX_NESTING {
            return Err(refused(format!("it is nested deeper than {MAX_NESTING}")));
        }
        costs.of(value, 0).map_err(refused)?;
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    patterns += match (key.as_str(), member) {
                        ("pattern", Value::String(_)) => 1,
                        ("patternProperties", Value::Object(members)) => members.len(),
                        _ => 0,
                    };
                    open.push((member, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), depth + 1));
                }
            }
            Value::Array(items) => {
                let item = |(index, item)| (item, format!("{pointer}/{index}"), depth + 1);
                open.extend(items.iter().enumerate().map(item));
            }
            _ => {}
        }
        if patterns > MAX_PATTERNS {
            return Err(SchemaError { pointer, message: format!("it has more than {MAX_PATTERNS} patterns") });
        }
    }
    Ok(())
}

/// What it costs to compare one value with a schema, by the place of the schema in memory.
struct Costs<'a> {
    root: &'a Value,
    known: HashMap<*const Value, usize>,
}

impl<'a> Costs<'a> {
    fn of(&mut self, schema: &'a Value, depth: usize) -> Result<usize, String> {
        let Some(members) = schema.as_object() else { return Ok(1) };
        let place = std::ptr::from_ref(schema);
        if let Some(cost) = self.known.get(&place) {
            return Ok(*cost);
        }
        if depth > MAX_DEPTH {
            return Err("its references lead in a circle, or too deep".into());
        }
        let mut cost = 1;
        for (keyword, value) in members {
            // Only what applies to the same value multiplies; what goes into a value is bounded by the value.
            let applied: Vec<&'a Value> = match (keyword.as_str(), value) {
                ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => schemas.iter().collect(),
                ("not" | "if" | "then" | "else", schema) => vec![schema],
                ("dependentSchemas" | "dependencies", Value::Object(schemas)) => schemas.values().collect(),
                ("$ref", Value::String(reference)) => vec![self.resolve(reference)?],
                ("$dynamicRef" | "$recursiveRef", Value::String(_)) => {
                    return Err(format!("it uses {keyword}, which is not supported; use $ref"));
                }
                _ => Vec::new(),
            };
            for schema in applied {
                cost += self.of(schema, depth + 1)?;
                if cost > MAX_COST {
                    return Err(format!("its references multiply to more than {MAX_COST} schemas"));
                }
            }
        }
        self.known.insert(place, cost);
        Ok(cost)
    }

    fn resolve(&self, reference: &str) -> Result<&'a Value, String> {
        if matches!(
            reference,
            "http://json-schema.org/draft-07/schema#" | "https://json-schema.org/draft/2020-12/schema"
        ) {
            // The schema of schemas itself, which is known to the library and refers to nothing of the plugin's.
            return Ok(&Value::Null);
        }
        let unsupported = || format!("its reference {reference:?} is not supported; use ones such as #/$defs/name");
        let pointer = reference.strip_prefix('#').ok_or_else(unsupported)?;
        if pointer.is_empty() {
            return Ok(self.root);
        }
        // A pointer that is percent-encoded is left to the library, which would resolve it otherwise than this.
        if !pointer.starts_with('/') || pointer.contains('%') {
            return Err(unsupported());
        }
        self.root.pointer(pointer).ok_or_else(|| format!("its reference {reference:?} leads nowhere"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!({}))]
    #[case(json!(true))]
    #[case(json!({ "type": "object", "properties": { "$ref": { "type": "string" } } }))]
    #[case(json!({ "$defs": { "a": { "type": "string" } }, "properties": { "x": { "$ref": "#/$defs/a" } } }))]
    #[case(json!({ "properties": { "children": { "items": { "$ref": "#" } } } }))]
    #[case(json!({ "oneOf": [{ "required": ["a"] }, { "required": ["b"] }] }))]
    fn ordinary_schemas_are_compiled(#[case] schema: Value) {
        compile(&schema).unwrap();
    }

    #[rstest]
    #[case(json!({ "$ref": "#" }), "in a circle")]
    #[case(json!({ "allOf": [{ "not": { "$ref": "#" } }] }), "in a circle")]
    #[case(json!({ "$ref": "https://example.com/schema" }), "not supported")]
    #[case(json!({ "$ref": "#name" }), "not supported")]
    #[case(json!({ "properties": { "a": { "$dynamicRef": "#x" } } }), "not supported")]
    #[case(json!({ "$ref": "#/$defs/absent" }), "leads nowhere")]
    #[case(json!({ "type": "nonsense" }), "not a JSON Schema")]
    #[case(json!({ "pattern": "(" }), "not a JSON Schema")]
    #[case(json!({ "pattern": "(a{1000}){1000}" }), "not a JSON Schema")]
    #[case(json!({ "enum": vec![0; 60_000] }), "more than 50000 values")]
    #[case((0..150).fold(json!({}), |inner, _| json!({ "properties": { "a": inner } })), "nested deeper")]
    #[case(json!({ "allOf": vec![json!({ "pattern": "a" }); 300] }), "more than 200 patterns")]
    fn others_are_refused(#[case] schema: Value, #[case] part: &str) {
        let error = compile(&schema).unwrap_err().message;
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn references_may_not_multiply() {
        let mut definitions = serde_json::Map::new();
        for number in 0..40 {
            let next = json!({ "$ref": format!("#/$defs/{}", number + 1) });
            definitions.insert(number.to_string(), json!({ "anyOf": [next, next] }));
        }
        definitions.insert("40".into(), json!({ "type": "string" }));
        let error = compile(&json!({ "$defs": definitions, "$ref": "#/$defs/0" })).unwrap_err().message;
        assert!(error.contains("multiply"), "{error}");
    }

    #[test]
    fn a_long_chain_is_refused_before_the_stack_ends() {
        let mut definitions = serde_json::Map::new();
        for number in 0..5000 {
            definitions.insert(number.to_string(), json!({ "$ref": format!("#/$defs/{}", number + 1) }));
        }
        definitions.insert("5000".into(), json!({}));
        let error = compile(&json!({ "$ref": "#/$defs/0", "$defs": definitions })).unwrap_err().message;
        assert!(error.contains("too deep"), "{error}");
    }
}

//! JSON Schemas that come from plugins. They are compiled and applied by the portal itself, so that one which would
//! take for ever has to be told from the others beforehand.

use std::collections::HashMap;

use serde_json::Value;

/// How many schemas one value may have to be compared with because schemas refer to others.
const MAX_COST: usize = 10_000;
/// How deep schemas may lead to one another.
const MAX_DEPTH: usize = 200;

/// Compiles a schema. Patterns are matched in linear time, and nothing is fetched.
pub(crate) fn compile(schema: &Value) -> Result<jsonschema::Validator, String> {
    check(schema)?;
    jsonschema::options()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(schema)
        .map_err(|error| format!("it is not a JSON Schema that can be used: {error}"))
}

/// Refuses a schema that refers to others in a way that multiplies without bound.
fn check(schema: &Value) -> Result<(), String> {
    let mut costs = Costs { root: schema, known: HashMap::new() };
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        costs.of(value, 0)?;
        match value {
            Value::Object(members) => open.extend(members.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
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
    fn others_are_refused(#[case] schema: Value, #[case] part: &str) {
        let error = compile(&schema).unwrap_err();
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
        let error = compile(&json!({ "$defs": definitions, "$ref": "#/$defs/0" })).unwrap_err();
        assert!(error.contains("multiply"), "{error}");
    }

    #[test]
    fn a_long_chain_is_refused_before_the_stack_ends() {
        let mut definitions = serde_json::Map::new();
        for number in 0..5000 {
            definitions.insert(number.to_string(), json!({ "$ref": format!("#/$defs/{}", number + 1) }));
        }
        definitions.insert("5000".into(), json!({}));
        let error = compile(&json!({ "$ref": "#/$defs/0", "$defs": definitions })).unwrap_err();
        assert!(error.contains("too deep"), "{error}");
    }
}

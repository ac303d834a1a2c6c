//! Holds request bodies against the schemas that the description shows, in the words of the validator that Backstage
//! uses, which its clients and their users know.

use serde_json::Value;

use super::SCHEMAS;

/// Everything that is wrong with a body, or nothing.
pub(crate) fn check(schema: &str, body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    visit(&SCHEMAS[schema], body, "request/body", &mut found);
    found
}

fn visit(schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return visit(&SCHEMAS[name], value, path, found);
    }
    if let Some(wanted) = schema["type"].as_str().filter(|wanted| !is_of_type(value, wanted)) {
        return found.push(format!("{path} must be {wanted}"));
    }
    if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
        let allowed: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        return found.push(format!("{path} must be equal to one of the allowed values: {}", allowed.join(", ")));
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < least
    {
        return found.push(format!("{path} must be >= {least}"));
    }
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                visit(&schema["items"], item, &format!("{path}/{at}"), found);
            }
        }
        Value::Object(object) => {
            for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if !object.contains_key(required) {
                    found.push(format!("{path} must have required property '{required}'"));
                }
            }
            for (key, inner) in object {
                match schema["properties"].get(key) {
                    Some(schema) => visit(schema, inner, &format!("{path}/{key}"), found),
                    None if schema["additionalProperties"] == false => {
                        found.push(format!("{path} must NOT have additional properties, and has {key:?}"));
                    }
                    None => {}
                }
            }
        }
        _ => {}
    }
}

fn is_of_type(value: &Value, wanted: &str) -> bool {
    match wanted {
        "string" => value.is_string(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn says_what_is_wrong_as_backstage_does() {
        for (schema, body, expected) in [
            ("LocationInput", json!({ "type": "url", "target": "x" }), &[][..]),
            ("LocationInput", json!({ "type": "url" }), &["request/body must have required property 'target'"]),
            (
                "LocationInput",
                json!({ "type": 1, "target": "x", "extra": 1 }),
                &[
                    "request/body/type must be string",
                    "request/body must NOT have additional properties, and has \"extra\"",
                ],
            ),
            ("LocationInput", json!([]), &["request/body must be object"]),
            ("EntityRefs", json!({ "entityRefs": ["a", 1] }), &["request/body/entityRefs/1 must be string"]),
            (
                "EntityQuery",
                json!({ "limit": -1, "totalItems": "maybe", "orderBy": [{ "field": "a", "order": "asc" }, {}] }),
                &[
                    "request/body/limit must be >= 0",
                    "request/body/totalItems must be equal to one of the allowed values: include, exclude",
                    "request/body/orderBy/1 must have required property 'field'",
                    "request/body/orderBy/1 must have required property 'order'",
                ],
            ),
            (
                "EntityQuery",
                json!({ "limit": 1.5, "query": [] }),
                &["request/body/limit must be integer", "request/body/query must be object"],
            ),
        ] {
            assert_eq!(check(schema, &body), expected, "{schema} {body}");
        }
    }
}

//! How built-in actions describe themselves.

use host_model::plugin::{ActionDeclaration, ActionExample};
use serde_json::{Value, json};

/// A declaration of a built-in action. Inputs are `(name, is required, schema)`.
pub(super) fn declare(
    id: &str,
    summary: &str,
    inputs: &[(&str, bool, Value)],
    output: Value,
    examples: &[(&str, &str)],
) -> ActionDeclaration {
    let required: Vec<&str> = inputs.iter().filter(|(_, required, _)| *required).map(|(name, _, _)| *name).collect();
    let properties: serde_json::Map<String, Value> =
        inputs.iter().map(|(name, _, schema)| ((*name).to_owned(), schema.clone())).collect();
    let mut input = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        input["required"] = json!(required);
    }
    declare_with_schema(id, summary, input, output, examples)
}

/// A declaration whose input is more than a list of fields.
pub(super) fn declare_with_schema(
    id: &str,
    summary: &str,
    input: Value,
    output: Value,
    examples: &[(&str, &str)],
) -> ActionDeclaration {
    ActionDeclaration {
        id: id.to_owned(),
        summary: summary.to_owned(),
        input_schema: input,
        output_schema: output,
        examples: examples
            .iter()
            .map(|(summary, steps)| ActionExample { summary: (*summary).to_owned(), steps: (*steps).to_owned() })
            .collect(),
        supports_dry_run: true,
        plugin: None,
    }
}

/// A schema of one type with a description.
pub(super) fn field(kind: &str, description: &str) -> Value {
    json!({"type": kind, "description": description})
}

/// A schema of a list of texts with a description.
pub(super) fn texts(description: &str) -> Value {
    json!({"type": "array", "items": {"type": "string"}, "description": description})
}

/// The output of an action that gives nothing.
pub(super) fn nothing() -> Value {
    json!({"type": "object", "properties": {}})
}

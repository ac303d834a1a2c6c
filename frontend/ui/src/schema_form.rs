//! Forms made from JSON Schema (draft 7, with `ui:` options): the fields, and the way back from what a browser sends
//! to JSON. Whoever shows [`SchemaFields`] reads the answer with [`decode_form`]; the schema itself is checked elsewhere.

use std::collections::BTreeMap;

use host_model::plugin::FieldError;
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::{CheckField, CheckGroup, Choice, FieldText, InputLimits, RadioField, SelectField, TextArea, TextField};

/// The most fields of one form.
const MAX_FIELDS: usize = 100;
/// The most options of one field.
const MAX_OPTIONS: usize = 500;

/// How one property is asked for and read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldKind {
    Check,
    /// One of several options.
    Choice,
    Number,
    Text,
    /// Any number of options.
    Checks,
    /// One text on each line.
    Lines,
    /// JSON as text, for shapes that have no field of their own.
    Json,
}

/// The fields of an object schema. Names are `prefix` and the property; ids are `id_prefix` and the property.
///
/// ```ignore
/// view! { <form method="post"><SchemaFields schema=step.schema values=values prefix="values." id_prefix="new"/></form> }
/// ```
#[component]
pub fn SchemaFields(
    schema: Value,
    #[prop(optional)] values: Map<String, Value>,
    #[prop(optional)] errors: Vec<FieldError>,
    #[prop(optional, into)] prefix: String,
    #[prop(optional, into)] id_prefix: String,
    /// Options that the schema does not list, such as the groups that may own something, by property.
    #[prop(optional)]
    choices: BTreeMap<String, Vec<Choice>>,
) -> AnyView {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let fields: Vec<AnyView> = properties(&schema)
        .map(|(name, property)| {
            let text = FieldText {
                label: text_of(property, "title").unwrap_or(name).to_owned(),
                help: text_of(property, "ui:help")
                    .or_else(|| text_of(property, "description"))
                    .unwrap_or_default()
                    .to_owned(),
                error: error_of(&errors, name),
                required: required.contains(&name.as_str()),
            };
            let value = values.get(name).or_else(|| property.get("default")).cloned().unwrap_or(Value::Null);
            let known = choices.get(name).cloned();
            field(property, &value, text, known, format!("{prefix}{name}"), format!("{id_prefix}-{name}"))
        })
        .collect();
    let general: Vec<_> = errors
        .iter()
        .filter(|error| properties(&schema).all(|(name, _)| first_segment(&error.field) != Some(name.clone())))
        .map(|error| view! { <p class="field-error">{error.message.clone()}</p> })
        .collect();
    view! { <div class="schema-fields">{general}{fields}</div> }.into_any()
}

/// Reads what a browser sent for the fields of a schema. Empty answers are left out, and what cannot be read as the
/// schema's type stays text, so that the check against the schema can say what is wrong.
pub fn decode_form(schema: &Value, sent: &[(String, String)], prefix: &str) -> Map<String, Value> {
    let mut answers = Map::new();
    for (name, property) in properties(schema) {
        let field = format!("{prefix}{name}");
        let mut values = sent.iter().filter(|(key, _)| *key == field).map(|(_, value)| value.as_str());
        let kind = kind_of(property, false);
        let answer = match kind {
            FieldKind::Check => Some(Value::Bool(values.next().is_some())),
            FieldKind::Checks => Some(Value::Array(values.map(|value| typed(&property["items"], value)).collect())),
            FieldKind::Lines => {
                let lines = values.next().unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
                let lines: Vec<Value> = lines.map(|line| typed(&property["items"], line)).collect();
                (!lines.is_empty()).then_some(Value::Array(lines))
            }
            _ => values.next().map(normal_lines).filter(|value| !value.is_empty()).map(|value| match kind {
                FieldKind::Json => serde_json::from_str(&value).unwrap_or(Value::String(value)),
                _ => typed(property, &value),
            }),
        };
        if let Some(answer) = answer {
            answers.insert(name.clone(), answer);
        }
    }
    answers
}

/// The properties that are asked for, in their order.
fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten().take(MAX_FIELDS)
}

fn text_of<'a>(property: &'a Value, key: &str) -> Option<&'a str> {
    property.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The `type`, or the first of several that is not `null`.
fn type_of(property: &Value) -> &str {
    match property.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or_default()
        }
        _ => "",
    }
}

fn kind_of(property: &Value, has_choices: bool) -> FieldKind {
    let is_list = |key: &str, of: &Value| of.get(key).is_some_and(Value::is_array);
    match type_of(property) {
        "array" => match property.get("items") {
            Some(items) if is_list("enum", items) || has_choices => FieldKind::Checks,
            Some(items) if matches!(type_of(items), "string" | "number" | "integer") => FieldKind::Lines,
            _ => FieldKind::Json,
        },
        _ if is_list("enum", property) || is_list("oneOf", property) || has_choices => FieldKind::Choice,
        "boolean" => FieldKind::Check,
        "integer" | "number" => FieldKind::Number,
        "string" => FieldKind::Text,
        _ => FieldKind::Json,
    }
}

/// A text as the value that it stands for: an option of the schema, a number, or itself.
fn typed(property: &Value, text: &str) -> Value {
    let options = property.get("enum").and_then(Value::as_array).into_iter().flatten();
    if let Some(option) = options.into_iter().find(|option| plain(option) == text) {
        return option.clone();
    }
    match type_of(property) {
        "integer" => text.trim().parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from),
        "number" => text.trim().parse::<f64>().map_or_else(|_| Value::String(text.to_owned()), Value::from),
        "boolean" => text.parse::<bool>().map_or_else(|_| Value::String(text.to_owned()), Value::Bool),
        _ => Value::String(text.to_owned()),
    }
}

/// Browsers send line ends as CR LF.
fn normal_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// A scalar as its bare text; anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The first segment of a JSON pointer.
fn first_segment(pointer: &str) -> Option<String> {
    let segment = pointer.strip_prefix('/')?.split('/').next()?;
    Some(segment.replace("~1", "/").replace("~0", "~"))
}

fn error_of(errors: &[FieldError], name: &str) -> String {
    let messages = errors.iter().filter(|error| first_segment(&error.field).as_deref() == Some(name));
    messages.map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ")
}

/// The options of a property: those given, its `enum` with `enumNames`, or its `oneOf` with `const` and `title`.
fn options_of(property: &Value, given: Option<Vec<Choice>>) -> Vec<Choice> {
    if let Some(given) = given {
        return given;
    }
    let list = |key: &str| property.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let names = list("enumNames");
    let listed = list("enum").into_iter().enumerate().map(|(index, value)| {
        let value = plain(&value);
        Choice::new(value.clone(), names.get(index).and_then(Value::as_str).unwrap_or(&value))
    });
    let described = list("oneOf").into_iter().filter_map(|option| {
        let value = plain(option.get("const")?);
        Some(Choice::new(value.clone(), text_of(&option, "title").unwrap_or(&value)))
    });
    listed.chain(described).take(MAX_OPTIONS).collect()
}

/// One field.
fn field(
    property: &Value,
    value: &Value,
    text: FieldText,
    given: Option<Vec<Choice>>,
    name: String,
    id: String,
) -> AnyView {
    let widget = text_of(property, "ui:widget").unwrap_or_default();
    let placeholder = text_of(property, "ui:placeholder").unwrap_or_default().to_owned();
    match kind_of(property, given.is_some()) {
        FieldKind::Check => view! { <CheckField name id text checked=value.as_bool().unwrap_or_default()/> }.into_any(),
        FieldKind::Choice if widget == "radio" => {
            view! { <RadioField name id text value=plain(value) options=options_of(property, given)/> }.into_any()
        }
        FieldKind::Choice => {
            let placeholder = if placeholder.is_empty() { "Choose…".to_owned() } else { placeholder };
            view! { <SelectField name id text value=plain(value) options=options_of(property, given) placeholder/> }
                .into_any()
        }
        FieldKind::Checks => {
            let values = value.as_array().map(|values| values.iter().map(plain).collect()).unwrap_or_default();
            let options = options_of(property.get("items").unwrap_or(property), given);
            view! { <CheckGroup name id text values options/> }.into_any()
        }
        FieldKind::Lines => {
            let lines: Vec<String> =
                value.as_array().map(|values| values.iter().map(plain).collect()).unwrap_or_default();
            let help = if text.help.is_empty() {
                "One on each line.".to_owned()
            } else {
                format!("{} One on each line.", text.help)
            };
            let text = FieldText { help, ..text };
            view! { <TextArea name id text value=lines.join("\n") rows=3/> }.into_any()
        }
        FieldKind::Json => {
            let value = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => serde_json::to_string_pretty(other).unwrap_or_default(),
            };
            let help = if text.help.is_empty() { "As JSON.".to_owned() } else { format!("{} As JSON.", text.help) };
            let text = FieldText { help, ..text };
            view! { <TextArea name id text value rows=5 code=true/> }.into_any()
        }
        FieldKind::Text if matches!(widget, "textarea" | "markdown") => {
            view! { <TextArea name id text value=plain(value)/> }.into_any()
        }
        FieldKind::Text => {
            let secret = widget == "password" || text_of(property, "ui:field") == Some("Secret");
            let kind = match text_of(property, "format") {
                _ if secret => "password",
                Some("email") => "email",
                Some("uri" | "url") => "url",
                Some("date") => "date",
                _ => "text",
            };
            let length = |key: &str| property.get(key).and_then(Value::as_u64);
            let limits = InputLimits {
                min_length: length("minLength"),
                max_length: length("maxLength"),
                pattern: text_of(property, "pattern").map(whole_pattern),
                ..InputLimits::default()
            };
            let value = if secret { String::new() } else { plain(value) };
            view! { <TextField name id text value kind placeholder limits/> }.into_any()
        }
        FieldKind::Number => {
            let limit = |key: &str| property.get(key).filter(|limit| limit.is_number()).map(ToString::to_string);
            let step = if type_of(property) == "integer" { "1" } else { "any" };
            let limits = InputLimits {
                minimum: limit("minimum"),
                maximum: limit("maximum"),
                step: limit("multipleOf").or_else(|| Some(step.to_owned())),
                ..InputLimits::default()
            };
            view! { <TextField name id text value=plain(value) kind="number" placeholder limits/> }.into_any()
        }
    }
}

/// JSON Schema looks for a match anywhere; browsers want the whole answer to match.
fn whole_pattern(pattern: &str) -> String {
    match (pattern.starts_with('^'), pattern.ends_with('$')) {
        (true, true) => pattern.to_owned(),
        _ => format!(".*(?:{pattern}).*"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_come_back_with_their_types() {
        let schema = json!({"properties": {
            "name": {"type": "string"},
            "notes": {"type": "string", "ui:widget": "textarea"},
            "replicas": {"type": "integer"},
            "ratio": {"type": ["null", "number"]},
            "public": {"type": "boolean"},
            "tier": {"enum": [1, "two", true]},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
            "hosts": {"type": "array", "items": {"type": "string"}},
            "extra": {"type": "object"},
            "empty": {"type": "string"}
        }});
        let sent = [
            ("f.name", "checkout"),
            ("f.notes", "a\r\nb"),
            ("f.replicas", "3"),
            ("f.ratio", "0.5"),
            ("f.public", "true"),
            ("f.tier", "1"),
            ("f.tags", "a"),
            ("f.tags", "b"),
            ("f.hosts", " x \n\n y"),
            ("f.extra", "{\"k\": 1}"),
            ("f.empty", ""),
            ("name", "ignored"),
            ("f.unknown", "ignored"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(
            Value::Object(decode_form(&schema, &sent, "f.")),
            json!({"name": "checkout", "notes": "a\nb", "replicas": 3, "ratio": 0.5, "public": true, "tier": 1,
                "tags": ["a", "b"], "hosts": ["x", "y"], "extra": {"k": 1}})
        );
    }

    #[test]
    fn what_cannot_be_read_stays_text() {
        let schema =
            json!({"properties": {"n": {"type": "integer"}, "o": {"type": "object"}, "b": {"type": "boolean"}}});
        let sent = [("n", "many"), ("o", "{")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(Value::Object(decode_form(&schema, &sent, "")), json!({"n": "many", "o": "{", "b": false}));
    }

    #[test]
    fn odd_schemas_give_no_fields() {
        for schema in [json!(null), json!([]), json!({"properties": 3}), json!({"properties": {}})] {
            assert!(decode_form(&schema, &[], "").is_empty());
        }
    }
}

//! Forms made from JSON Schema (draft 7, with `ui:` options).
//!
//! A field's name is the JSON pointer of its value, such as `/repository/name`; whoever is sent the form reads it back
//! by the same schema. Answers of one field that are several are sent under the same name, or a line each.

use std::collections::BTreeMap;

use host_model::plugin::FieldError;
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::{CheckField, CheckGroup, Choice, FieldText, InputLimits, RadioField, SelectField, TextArea, TextField};

/// The most fields of one form.
const MAX_FIELDS: usize = 100;
/// The most levels of objects that have fields of their own.
const MAX_DEPTH: usize = 4;
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

/// What the fields of one form share.
#[derive(Debug, Clone, Default)]
struct Form {
    errors: Vec<FieldError>,
    id_prefix: String,
    choices: BTreeMap<String, Vec<Choice>>,
}

/// The fields of an object schema. Their names are JSON pointers, their ids `id_prefix` and the name.
///
/// ```ignore
/// view! { <form method="post"><SchemaFields schema=step.schema values=values id_prefix="new"/></form> }
/// ```
#[component]
pub fn SchemaFields(
    schema: Value,
    #[prop(optional)] values: Map<String, Value>,
    #[prop(optional)] errors: Vec<FieldError>,
    #[prop(optional, into)] id_prefix: String,
    /// Options that the schema does not list, such as the groups that may own something, by pointer.
    #[prop(optional)]
    choices: BTreeMap<String, Vec<Choice>>,
) -> AnyView {
    let known: Vec<String> = properties(&schema).map(|(name, _)| pointer("", name)).collect();
    let general: Vec<_> = errors
        .iter()
        .filter(|error| known.iter().all(|pointer| !concerns(error, pointer)))
        .map(|error| view! { <p class="field-error">{error.message.clone()}</p> })
        .collect();
    let form = Form { errors, id_prefix, choices };
    let fields = object_fields(&schema, &Value::Object(values), "", 1, &form);
    view! { <div class="schema-fields">{general}{fields}</div> }.into_any()
}

/// The fields of an object's properties, below its pointer.
fn object_fields(schema: &Value, values: &Value, above: &str, depth: usize, form: &Form) -> Vec<AnyView> {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    properties(schema)
        .map(|(name, property)| {
            let pointer = pointer(above, name);
            let value = values.get(name).or_else(|| property.get("default")).unwrap_or(&Value::Null);
            let text = |error| FieldText {
                label: text_of(property, "title").unwrap_or(name).to_owned(),
                help: text_of(property, "ui:help")
                    .or_else(|| text_of(property, "description"))
                    .unwrap_or_default()
                    .to_owned(),
                error,
                required: required.contains(&name.as_str()),
            };
            if type_of(property) == "object" && properties(property).next().is_some() && depth < MAX_DEPTH {
                let FieldText { label, help, .. } = text(String::new());
                let fields = object_fields(property, value, &pointer, depth + 1, form);
                return view! {
                    <fieldset class="schema-object">
                        <legend class="schema-legend">{label}</legend>
                        {(!help.is_empty()).then(|| view! { <p class="field-help">{help}</p> })}
                        {fields}
                    </fieldset>
                }
                .into_any();
            }
            let known = form.choices.get(&pointer).cloned();
            let id = format!("{}{}", form.id_prefix, pointer.replace(['/', '~', ' '], "-"));
            field(property, value, text(error_of(&form.errors, &pointer)), known, pointer, id)
        })
        .collect()
}

/// The pointer of a property below another pointer.
fn pointer(above: &str, name: &str) -> String {
    format!("{above}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Whether an error is about the value at a pointer, or about a part of it.
fn concerns(error: &FieldError, pointer: &str) -> bool {
    error.field.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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

/// A scalar as its bare text; anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn error_of(errors: &[FieldError], pointer: &str) -> String {
    let messages = errors.iter().filter(|error| concerns(error, pointer)).map(|error| error.message.as_str());
    messages.collect::<Vec<_>>().join(" ")
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

    fn markup(schema: Value, errors: &[(&str, &str)]) -> String {
        let errors =
            errors.iter().map(|(field, message)| FieldError { field: (*field).into(), message: (*message).into() });
        let errors: Vec<FieldError> = errors.collect();
        view! { <SchemaFields schema errors id_prefix="f"/> }.into_view().to_html()
    }

    #[test]
    fn every_shape_has_a_field() {
        for (property, part) in [
            (json!({"type": "string"}), "type=\"text\""),
            (json!({"type": "string", "format": "email"}), "type=\"email\""),
            (json!({"type": "string", "ui:widget": "password", "default": "x"}), "type=\"password\""),
            (json!({"type": "string", "ui:widget": "textarea"}), "<textarea"),
            (json!({"type": "integer", "minimum": 1}), "min=\"1\""),
            (json!({"type": ["null", "number"]}), "step=\"any\""),
            (json!({"type": "boolean", "default": true}), "checked"),
            (json!({"enum": ["a", 2]}), "<option value=\"2\""),
            (json!({"oneOf": [{"const": "a", "title": "First"}], "ui:widget": "radio"}), "type=\"radio\""),
            (json!({"type": "array", "items": {"enum": ["a"]}}), "type=\"checkbox\""),
            (json!({"type": "array", "items": {"type": "string"}}), "One on each line."),
            (json!({"type": "object"}), "As JSON."),
            (json!({"type": "object", "properties": {"b": {"type": "string"}}}), "name=\"/a~1b/b\""),
            (json!({}), "As JSON."),
            (json!(null), "As JSON."),
        ] {
            let html = markup(json!({"properties": {"a/b": property}}), &[]);
            assert!(html.contains(part) && html.contains("name=\"/a~1b"), "{property}: {html}");
        }
        assert!(
            !markup(json!({"properties": {"p": {"type": "string", "ui:widget": "password", "default": "hush"}}}), &[])
                .contains("hush")
        );
    }

    #[test]
    fn errors_stand_at_their_fields() {
        let schema = json!({"properties": {
            "name": {"type": "string"}, "names": {"type": "array", "items": {"type": "string"}},
            "deep": {"type": "object", "properties": {"er": {"type": "string"}}}
        }});
        let errors = [("/name", "one"), ("/names/0", "two"), ("/deep/er", "three"), ("", "four"), ("/other", "five")];
        let html = markup(schema, &errors);
        for (id, message) in [("f-name-error", "one"), ("f-names-error", "two"), ("f-deep-er-error", "three")] {
            let (_, rest) = html.split_once(&format!("id=\"{id}\"")).expect(id);
            assert!(rest.split("</p>").next().is_some_and(|error| error.contains(message)), "{id}: {html}");
        }
        assert_eq!(html.matches("four").count() + html.matches("five").count(), 2, "{html}");
    }

    #[test]
    fn odd_schemas_give_no_fields() {
        for schema in [json!(null), json!([]), json!({"properties": 3}), json!({"properties": {}})] {
            assert!(!markup(schema, &[]).contains("name="));
        }
    }

    #[test]
    fn deep_schemas_are_bounded() {
        let mut schema = json!({"type": "string"});
        for _ in 0..60 {
            schema = json!({"type": "object", "properties": {"a": schema}});
        }
        assert_eq!(markup(schema, &[]).matches("<fieldset").count(), MAX_DEPTH - 1);
    }
}

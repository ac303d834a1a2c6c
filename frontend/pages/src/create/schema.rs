//! The pages of a template's form, read from JSON Schema with `ui:` options into fields.
//!
//! A field's name is the JSON pointer of its value; whoever decodes the form reads the same schema.

use frontend_ui::Choice;
use host_api::ParameterStep;
use serde_json::{Map, Value};

/// The most fields of one form.
const MAX_FIELDS: usize = 200;
/// The most levels of objects.
const MAX_DEPTH: usize = 5;
/// The most options of one field.
const MAX_OPTIONS: usize = 500;

/// A page of a form.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) fields: Vec<Field>,
}

/// A field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// The JSON pointer of its value: its name and id.
    pub(super) pointer: String,
    pub(super) label: String,
    pub(super) help: String,
    pub(super) placeholder: String,
    pub(super) required: bool,
    pub(super) default: Value,
    pub(super) control: Control,
}

/// How a value is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Control {
    Text {
        kind: &'static str,
        min_length: Option<u64>,
        max_length: Option<u64>,
    },
    Area,
    Number {
        minimum: Option<String>,
        maximum: Option<String>,
        step: String,
    },
    Check,
    Select(Vec<Choice>),
    Radio(Vec<Choice>),
    Checks(Vec<Choice>),
    /// A text on each line.
    Lines,
    /// An entity of the catalog; several, a reference on each line, when `many`.
    Entity {
        filters: Vec<String>,
        free: bool,
        many: bool,
    },
    Object(Vec<Field>),
}

/// The pages of a form.
pub(super) fn sections(steps: &[ParameterStep]) -> Vec<Section> {
    let mut budget = MAX_FIELDS;
    steps
        .iter()
        .map(|step| Section {
            title: step.title.clone(),
            description: step.description.clone().unwrap_or_default(),
            fields: fields_of(&step.schema, "", 0, true, &mut budget),
        })
        .collect()
}

/// The fields of an object, and those that one of its branches may show.
fn fields_of(schema: &Value, prefix: &str, depth: usize, demanded: bool, budget: &mut usize) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let required = names(schema, "required");
    for (name, property) in entries(schema, "properties") {
        if *budget == 0 {
            break;
        }
        if text(property, "ui:widget") == "hidden" {
            continue;
        }
        let pointer = format!("{prefix}/{}", name.replace('~', "~0").replace('/', "~1"));
        let required = demanded && required.contains(&name.as_str());
        *budget -= 1;
        fields.push(field(name, property, pointer, required, depth, budget));
    }
    order(schema, prefix, &mut fields);
    if depth < MAX_DEPTH {
        for branch in branches(schema) {
            // Whether a branch holds is known only when the form is sent, so that none of its fields is demanded here.
            for found in fields_of(branch, prefix, depth + 1, false, budget) {
                if !fields.iter().any(|known| known.pointer == found.pointer) {
                    fields.push(found);
                }
            }
        }
    }
    fields
}

/// Puts fields into the order of `ui:order`; those that it does not name follow.
fn order(schema: &Value, prefix: &str, fields: &mut [Field]) {
    let wanted = names(schema, "ui:order");
    if !wanted.is_empty() {
        let place = |field: &Field| {
            let name = field.pointer[prefix.len()..].trim_start_matches('/').replace("~1", "/").replace("~0", "~");
            wanted.iter().position(|wanted| *wanted == name).unwrap_or(wanted.len())
        };
        fields.sort_by_key(place);
    }
}

/// The schemas that may hold as well.
fn branches(schema: &Value) -> Vec<&Value> {
    let lists = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    let sides = ["then", "else"].into_iter().filter_map(|key| schema.get(key));
    lists.chain(sides).chain(entries(schema, "dependencies").map(|(_, branch)| branch)).collect()
}

fn field(name: &str, property: &Value, pointer: String, required: bool, depth: usize, budget: &mut usize) -> Field {
    let or = |first: &str, second: &str| if first.is_empty() { second.to_owned() } else { first.to_owned() };
    let control = control(property, &pointer, depth, budget);
    let mut help = without_marks(&or(text(property, "ui:help"), text(property, "description")));
    if let Some(hint) = hint(property, &control) {
        help = if help.is_empty() { hint.to_owned() } else { format!("{help} {hint}") };
    }
    let placeholder = [text(property, "ui:placeholder"), text(ui_options(property), "placeholder")];
    Field {
        label: or(text(property, "title"), name),
        help,
        placeholder: placeholder.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned(),
        // A box that is not checked is an answer too.
        required: required && control != Control::Check,
        default: property.get("default").cloned().unwrap_or(Value::Null),
        control,
        pointer,
    }
}

/// Help is written as Markdown; of its marks only those of code are common in a sentence. They become quotes.
fn without_marks(text: &str) -> String {
    let mut open = false;
    text.chars()
        .map(|character| match character {
            '`' => {
                open = !open;
                if open { '“' } else { '”' }
            }
            other => other,
        })
        .collect()
}

/// What a control does not say by itself.
fn hint(property: &Value, control: &Control) -> Option<&'static str> {
    match (control, text(property, "ui:field")) {
        (_, "RepoUrlPicker") => Some("Written like github.com?owner=acme&repo=checkout."),
        (Control::Lines | Control::Entity { many: true, .. }, _) => Some("One on each line."),
        _ => None,
    }
}

fn control(property: &Value, pointer: &str, depth: usize, budget: &mut usize) -> Control {
    let widget = text(property, "ui:widget");
    let ui_field = text(property, "ui:field");
    let kind = type_of(property);
    if let Some(picker) = picker(property, ui_field, kind) {
        return picker;
    }
    match kind {
        "object" if depth < MAX_DEPTH => {
            return Control::Object(fields_of(property, pointer, depth + 1, true, budget));
        }
        "array" => {
            let items = property.get("items").unwrap_or(&Value::Null);
            let options = options(items);
            return if options.is_empty() { Control::Lines } else { Control::Checks(options) };
        }
        "boolean" if widget != "radio" && widget != "select" => return Control::Check,
        _ => {}
    }
    let mut options = options(property);
    if kind == "boolean" && options.is_empty() {
        options = vec![Choice::new("true", "Yes"), Choice::new("false", "No")];
    }
    match (options.is_empty(), kind) {
        (false, _) if widget == "radio" => Control::Radio(options),
        (false, _) => Control::Select(options),
        (true, "integer" | "number") => number(property, kind),
        (true, _) if matches!(widget, "textarea" | "markdown") || ui_field == "MultilineTextField" => Control::Area,
        (true, _) => Control::Text {
            kind: match (widget, ui_field, text(property, "format")) {
                ("password", ..) | (_, "Secret", _) => "password",
                (.., "email") => "email",
                (.., "uri" | "url") => "url",
                (.., "date") => "date",
                _ => "text",
            },
            min_length: property.get("minLength").and_then(Value::as_u64),
            max_length: property.get("maxLength").and_then(Value::as_u64),
        },
    }
}

fn number(property: &Value, kind: &str) -> Control {
    let limit = |key: &str| property.get(key).filter(|limit| limit.is_number()).map(ToString::to_string);
    let step = limit("multipleOf").unwrap_or_else(|| if kind == "integer" { "1" } else { "any" }.to_owned());
    Control::Number { minimum: limit("minimum"), maximum: limit("maximum"), step }
}

/// A field that asks for entities.
fn picker(property: &Value, ui_field: &str, kind: &str) -> Option<Control> {
    let usual: &[&str] = match ui_field {
        "OwnerPicker" => &["Group", "User"],
        "MyGroupsPicker" => &["Group"],
        "EntityPicker" | "OwnedEntityPicker" | "MultiEntityPicker" => &[],
        _ => return None,
    };
    let ui_options = ui_options(property);
    let mut filters = catalog_filters(ui_options.get("catalogFilter").unwrap_or(&Value::Null));
    if filters.is_empty() {
        let allowed = names(ui_options, "allowedKinds");
        let kinds = if allowed.is_empty() { usual.to_vec() } else { allowed };
        filters = kinds.into_iter().filter(|kind| !kind.contains(',')).map(|kind| format!("kind={kind}")).collect();
    }
    let free = ui_options.get("allowArbitraryValues").and_then(Value::as_bool) != Some(false);
    Some(Control::Entity { filters, free, many: kind == "array" || ui_field == "MultiEntityPicker" })
}

/// A `catalogFilter` in the grammar of the REST API: any of the texts must match.
fn catalog_filters(filter: &Value) -> Vec<String> {
    let one = |filter: &Map<String, Value>| {
        let mut conditions = Vec::new();
        for (key, value) in filter {
            let values: Vec<&str> = match value {
                Value::String(value) => vec![value],
                Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
                // `{exists: true}`
                Value::Object(_) => vec![],
                _ => continue,
            };
            if key.contains([',', '=']) || values.iter().any(|value| value.contains(',')) {
                continue;
            }
            if values.is_empty() {
                conditions.push(key.clone());
            }
            conditions.extend(values.iter().map(|value| format!("{key}={value}")));
        }
        conditions.join(",")
    };
    let all: Vec<String> = match filter {
        Value::Object(filter) => vec![one(filter)],
        Value::Array(filters) => filters.iter().filter_map(Value::as_object).map(one).collect(),
        _ => Vec::new(),
    };
    all.into_iter().filter(|filter| !filter.is_empty()).take(10).collect()
}

/// The options of `enum` with `enumNames`, or of `oneOf` with `const` and `title`.
fn options(property: &Value) -> Vec<Choice> {
    let list = |key: &str| property.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let labels = property.get("enumNames").or_else(|| ui_options(property).get("enumNames")).and_then(Value::as_array);
    let listed = list("enum").iter().enumerate().map(|(index, value)| {
        let value = plain(value);
        let label = labels.and_then(|labels| labels.get(index)).and_then(Value::as_str).unwrap_or(&value).to_owned();
        Choice::new(value, label)
    });
    let described = list("oneOf").iter().filter_map(|option| {
        let value = plain(option.get("const")?);
        let label = Some(text(option, "title")).filter(|title| !title.is_empty()).unwrap_or(&value).to_owned();
        Some(Choice::new(value, label))
    });
    listed.chain(described).take(MAX_OPTIONS).collect()
}

/// A scalar as its bare text, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn ui_options(property: &Value) -> &Value {
    property.get("ui:options").unwrap_or(&Value::Null)
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

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn names<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value.get(key).and_then(Value::as_object).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(schema: Value) -> Vec<Field> {
        let step = ParameterStep { title: String::new(), description: None, schema };
        sections(&[step]).remove(0).fields
    }

    #[test]
    fn every_type_has_its_control() {
        let choice = |value: &str| Choice::new(value, value);
        for (property, expected) in [
            (json!({"type": "string"}), Control::Text { kind: "text", min_length: None, max_length: None }),
            (
                json!({"type": "string", "format": "email", "maxLength": 5}),
                Control::Text { kind: "email", min_length: None, max_length: Some(5) },
            ),
            (
                json!({"type": "string", "ui:field": "Secret"}),
                Control::Text { kind: "password", min_length: None, max_length: None },
            ),
            (json!({"type": "string", "ui:widget": "textarea"}), Control::Area),
            (json!({"type": "string", "enum": ["a", "b"]}), Control::Select(vec![choice("a"), choice("b")])),
            (
                json!({"enum": [1, "b"], "enumNames": ["one"], "ui:widget": "radio"}),
                Control::Radio(vec![Choice::new("1", "one"), choice("b")]),
            ),
            (json!({"oneOf": [{"const": "a", "title": "A"}]}), Control::Select(vec![Choice::new("a", "A")])),
            (json!({"type": "boolean"}), Control::Check),
            (
                json!({"type": "boolean", "ui:widget": "radio"}),
                Control::Radio(vec![Choice::new("true", "Yes"), Choice::new("false", "No")]),
            ),
            (
                json!({"type": ["null", "integer"], "minimum": 1}),
                Control::Number { minimum: Some("1".into()), maximum: None, step: "1".into() },
            ),
            (json!({"type": "array", "items": {"type": "string"}}), Control::Lines),
            (json!({"type": "array", "items": {"enum": ["a"]}}), Control::Checks(vec![choice("a")])),
            (
                json!({"type": "string", "ui:field": "OwnerPicker"}),
                Control::Entity { filters: vec!["kind=Group".into(), "kind=User".into()], free: true, many: false },
            ),
            (
                json!({"type": "string", "ui:field": "EntityPicker", "ui:options": {"catalogFilter": [{"kind": ["API", "System"], "spec.type": "x"}], "allowArbitraryValues": false}}),
                Control::Entity { filters: vec!["kind=API,kind=System,spec.type=x".into()], free: false, many: false },
            ),
            (json!(3), Control::Text { kind: "text", min_length: None, max_length: None }),
        ] {
            assert_eq!(fields(json!({"properties": {"x": property.clone()}}))[0].control, expected, "{property}");
        }
    }

    #[test]
    fn names_are_pointers_and_branches_demand_nothing() {
        let found = fields(json!({
            "required": ["a/b", "agree", "repo"],
            "properties": {
                "a/b": {"type": "string", "title": "A"},
                "agree": {"type": "boolean"},
                "repo": {"type": "object", "required": ["owner"], "properties": {"owner": {"type": "string"}}},
                "quiet": {"type": "string", "ui:widget": "hidden"}
            },
            "dependencies": {"agree": {"oneOf": [{"required": ["why"], "properties": {"why": {"type": "string"}, "agree": {"enum": [true]}}}]}}
        }));
        let seen: Vec<(&str, bool)> = found.iter().map(|field| (field.pointer.as_str(), field.required)).collect();
        assert_eq!(seen, [("/a~1b", true), ("/agree", false), ("/repo", true), ("/why", false)]);
        let Control::Object(inner) = &found[2].control else { panic!("not an object") };
        assert_eq!((inner[0].pointer.as_str(), inner[0].required), ("/repo/owner", true));
    }

    #[test]
    fn hostile_schemas_stay_bounded() {
        let mut deep = json!({"type": "string"});
        for _ in 0..100 {
            deep = json!({"type": "object", "properties": {"x": deep, "y": {"type": "string"}}});
        }
        let mut branches = json!({"properties": {"z": {"type": "string"}}});
        for _ in 0..100 {
            branches = json!({"allOf": [branches], "properties": {"y": {"type": "string"}}});
        }
        let many: Map<String, Value> = (0..1_000).map(|n| (n.to_string(), json!({"type": "string"}))).collect();
        assert_eq!(fields(json!({"properties": {"d": deep}})).len(), 1);
        assert_eq!(fields(branches).len(), 1);
        assert_eq!(fields(json!({ "properties": many })).len(), MAX_FIELDS);
        for odd in [json!(null), json!([]), json!({"properties": []})] {
            assert!(fields(odd).is_empty());
        }
    }
}

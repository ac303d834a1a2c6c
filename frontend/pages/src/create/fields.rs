//! Draws the fields of a template's form.

use std::collections::HashMap;

use frontend_ui::{
    CheckField, CheckGroup, Choice, FieldText, Icon, IconView, InputLimits, RadioField, SelectField, TextArea,
    TextField,
};
use host_model::plugin::FieldError;
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::schema::{Control, Field, plain};

/// With more options than this a list of entities is searched by writing instead of chosen from.
const MAX_MENU: usize = 60;

/// What fields need beside themselves.
pub(super) struct Answers<'a> {
    /// What was answered before; none when the form is shown for the first time.
    pub(super) values: Option<&'a Map<String, Value>>,
    pub(super) errors: &'a [FieldError],
    /// Entities to choose from, by the filters of their field.
    pub(super) entities: &'a HashMap<Vec<String>, Vec<Choice>>,
}

impl Answers<'_> {
    fn value(&self, field: &Field) -> Value {
        match self.values {
            Some(values) => pointer(values, &field.pointer).cloned().unwrap_or(Value::Null),
            None => field.default.clone(),
        }
    }

    /// What is wrong with a field. Errors about a part of its value are told at the field.
    pub(super) fn error(&self, field: &Field) -> String {
        let own = self.errors.iter().filter(|error| {
            let within = error.field.strip_prefix(&field.pointer).is_some_and(|rest| rest.starts_with('/'));
            error.field == field.pointer || (within && !matches!(field.control, Control::Object(_)))
        });
        own.map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// The value at a JSON pointer.
fn pointer<'a>(values: &'a Map<String, Value>, pointer: &str) -> Option<&'a Value> {
    let mut parts = pointer.strip_prefix('/')?.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
    let first = values.get(&parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(&part))
}

/// A field with what was answered and what is wrong with it.
pub(super) fn draw(field: &Field, answers: &Answers<'_>) -> AnyView {
    let text = FieldText {
        label: field.label.clone(),
        help: field.help.clone(),
        error: answers.error(field),
        required: field.required,
    };
    let name = field.pointer.clone();
    let value = answers.value(field);
    let placeholder = field.placeholder.clone();
    match &field.control {
        Control::Text { kind, min_length, max_length } => {
            // No pattern: browsers read regular expressions in a dialect of their own. The server checks it.
            let limits = InputLimits { min_length: *min_length, max_length: *max_length, ..InputLimits::default() };
            let value = if *kind == "password" { String::new() } else { plain(&value) };
            view! { <TextField name text value kind=*kind placeholder limits/> }.into_any()
        }
        Control::Area => view! { <TextArea name text value=plain(&value)/> }.into_any(),
        Control::Number { minimum, maximum, step } => {
            let limits = InputLimits {
                minimum: minimum.clone(),
                maximum: maximum.clone(),
                step: Some(step.clone()),
                ..InputLimits::default()
            };
            view! { <TextField name text value=plain(&value) kind="number" placeholder limits/> }.into_any()
        }
        Control::Check => view! { <CheckField name text checked=value.as_bool().unwrap_or_default()/> }.into_any(),
        Control::Select(options) => select(name, text, plain(&value), options.clone(), placeholder),
        Control::Radio(options) => {
            let id = field.pointer.clone();
            view! { <div id=id><RadioField name text value=plain(&value) options=options.clone() id=format!("{}-", field.pointer)/></div> }.into_any()
        }
        Control::Checks(options) => {
            let id = field.pointer.clone();
            let values = list(&value);
            view! { <div id=id><CheckGroup name text values options=options.clone() id=format!("{}-", field.pointer)/></div> }.into_any()
        }
        Control::Lines => view! { <TextArea name text value=list(&value).join("\n") rows=3/> }.into_any(),
        Control::Entity { filters, free, many } => {
            let options = answers.entities.get(filters).cloned().unwrap_or_default();
            match (many, free) {
                (true, _) if !options.is_empty() && options.len() <= MAX_MENU => {
                    let id = field.pointer.clone();
                    let values = list(&value);
                    view! { <div id=id><CheckGroup name text values options id=format!("{}-", field.pointer)/></div> }
                        .into_any()
                }
                (true, _) => view! { <TextArea name text value=list(&value).join("\n") rows=3/> }.into_any(),
                (false, false) if !options.is_empty() && options.len() <= MAX_MENU => {
                    select(name, text, plain(&value), options, placeholder)
                }
                (false, _) => entity_field(name, text, plain(&value), options, placeholder),
            }
        }
        Control::Object(fields) => {
            let inner: Vec<_> = fields.iter().map(|field| draw(field, answers)).collect();
            let help = (!field.help.is_empty()).then(|| view! { <p class="field-help">{field.help.clone()}</p> });
            let error = (!text.error.is_empty()).then(|| view! { <p class="field-error"><IconView icon=Icon::Error label="Error:"/><span>{text.error.clone()}</span></p> });
            view! {
                <fieldset class="form-object" id=name>
                    <legend class="field-label">{text.label}</legend>
                    {help}
                    {error}
                    {inner}
                </fieldset>
            }
            .into_any()
        }
    }
}

/// A menu. An answer that is no option stays in it, so that it is not lost.
fn select(name: String, text: FieldText, value: String, mut options: Vec<Choice>, placeholder: String) -> AnyView {
    if !value.is_empty() && !options.iter().any(|option| option.value == value) {
        options.insert(0, Choice::new(value.clone(), value.clone()));
    }
    let placeholder = if placeholder.is_empty() { "Choose…".to_owned() } else { placeholder };
    view! { <SelectField name text value options placeholder/> }.into_any()
}

/// A line of text with the entities of the catalog as suggestions.
fn entity_field(name: String, text: FieldText, value: String, options: Vec<Choice>, placeholder: String) -> AnyView {
    let list = format!("{name}-list");
    let suggestions: Vec<_> =
        options.into_iter().map(|option| view! { <option value=option.value>{option.label}</option> }).collect();
    let placeholder = if placeholder.is_empty() { "kind:namespace/name".to_owned() } else { placeholder };
    let FieldText { label, help, error, required } = text;
    let described =
        [(!error.is_empty()).then(|| format!("{name}-error")), (!help.is_empty()).then(|| format!("{name}-help"))];
    let described = described.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let invalid = !error.is_empty();
    view! {
        <div class="field" data-invalid=invalid.then_some("")>
            <label class="field-label" for=name.clone()>
                {label}{(!required).then(|| view! { <span class="field-optional">"optional"</span> })}
            </label>
            <input class="input" type="text" id=name.clone() name=name.clone() value=value list=list.clone() placeholder=placeholder
                required=required autocomplete="off" spellcheck="false" aria-invalid=invalid.then_some("true")
                aria-describedby=(!described.is_empty()).then_some(described)/>
            <datalist id=list>{suggestions}</datalist>
            {invalid.then(|| view! {
                <p class="field-error" id=format!("{name}-error")><IconView icon=Icon::Error label="Error:"/><span>{error}</span></p>
            })}
            {(!help.is_empty()).then(|| view! { <p class="field-help" id=format!("{name}-help")>{help}</p> })}
        </div>
    }
    .into_any()
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Null => Vec::new(),
        other => vec![plain(other)],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pointers_lead_to_values() {
        let Value::Object(values) = json!({"a/b": {"c": 1}, "l": [1]}) else { panic!("no object") };
        for (path, expected) in
            [("/a~1b/c", Some(json!(1))), ("/a~1b", Some(json!({"c": 1}))), ("/x", None), ("", None), ("/l/0", None)]
        {
            assert_eq!(pointer(&values, path), expected.as_ref(), "{path}");
        }
    }
}

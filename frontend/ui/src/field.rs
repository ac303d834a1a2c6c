//! Fields of forms: a label, the control, help below it, and what is wrong with the answer. Errors and help are tied
//! to the control, so that they are read aloud with it.

use leptos::prelude::*;

use crate::{Icon, IconView, escape_text};

/// An option of a select, of radio buttons or of a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// How many things have it.
    pub count: Option<u64>,
}

impl Choice {
    /// An option.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), count: None }
    }

    /// Adds how many things have it.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

/// What every field says beside its control.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldText {
    pub label: String,
    /// Below the control: what to write.
    pub help: String,
    /// What is wrong; empty when nothing is.
    pub error: String,
    pub required: bool,
}

/// The ids that tie help and error to a control.
fn described_by(id: &str, text: &FieldText) -> Option<String> {
    let help = (!text.help.is_empty()).then(|| format!("{id}-help"));
    let error = (!text.error.is_empty()).then(|| format!("{id}-error"));
    let ids: Vec<String> = [error, help].into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Label, control, error and help, one below the other.
fn frame(id: &str, text: FieldText, control: AnyView) -> AnyView {
    let optional = (!text.required).then(|| view! { <span class="field-optional">"optional"</span> });
    view! {
        <div class="field" data-invalid=(!text.error.is_empty()).then_some("")>
            <label class="field-label" for=id.to_owned()>{text.label.clone()}{optional}</label>
            {control}
            {notes(id, &text)}
        </div>
    }
    .into_any()
}

/// Error and help.
fn notes(id: &str, text: &FieldText) -> AnyView {
    let error = (!text.error.is_empty()).then(|| {
        view! {
            <p class="field-error" id=format!("{id}-error")>
                <IconView icon=Icon::Error label="Error:"/>
                <span>{text.error.clone()}</span>
            </p>
        }
    });
    let help = (!text.help.is_empty())
        .then(|| view! { <p class="field-help" id=format!("{id}-help")>{text.help.clone()}</p> });
    view! { {error}{help} }.into_any()
}

fn invalid(text: &FieldText) -> Option<&'static str> {
    (!text.error.is_empty()).then_some("true")
}

/// Limits that the browser checks before the server does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputLimits {
    pub minimum: Option<String>,
    pub maximum: Option<String>,
    pub step: Option<String>,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    /// A regular expression that the whole answer must match.
    pub pattern: Option<String>,
}

/// A line of text, a number, a date or a secret.
///
/// ```ignore
/// view! {
///     <TextField name="name" text=FieldText { label: "Name".into(), required: true, ..FieldText::default() }/>
/// }
/// ```
#[component]
pub fn TextField(
    #[prop(into)] name: String,
    text: FieldText,
    #[prop(optional, into)] value: String,
    /// The `type` attribute: `text`, `number`, `email`, `url`, `date`, `password`, …
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] placeholder: String,
    #[prop(optional)] limits: InputLimits,
    /// The `id`; the name when empty.
    #[prop(optional, into)]
    id: String,
) -> AnyView {
    let id = if id.is_empty() { name.clone() } else { id };
    let autocomplete = if kind == "password" { "new-password" } else { "off" };
    let control = view! {
        <input class="input" type=kind id=id.clone() name=name value=value autocomplete=autocomplete
            placeholder=(!placeholder.is_empty()).then_some(placeholder)
            required=text.required aria-invalid=invalid(&text) aria-describedby=described_by(&id, &text)
            min=limits.minimum max=limits.maximum step=limits.step
            minlength=limits.min_length.map(|length| length.to_string())
            maxlength=limits.max_length.map(|length| length.to_string()) pattern=limits.pattern/>
    };
    frame(&id, text, control.into_any())
}

/// Several lines of text.
///
/// ```ignore
/// view! { <TextArea name="description" text=text rows=4/> }
/// ```
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    text: FieldText,
    #[prop(optional, into)] value: String,
    #[prop(default = 4)] rows: u32,
    /// Sets it in the fixed-width face, for YAML and JSON.
    #[prop(optional)]
    code: bool,
    #[prop(optional, into)] id: String,
) -> AnyView {
    let id = if id.is_empty() { name.clone() } else { id };
    // Leptos does not escape what is inside a textarea, and a browser drops one line end right behind the tag.
    let value = format!("\n{}", escape_text(&value));
    let control = view! {
        <textarea class="input" id=id.clone() name=name rows=rows.to_string() spellcheck=(!code).to_string()
            data-face=code.then_some("mono") required=text.required aria-invalid=invalid(&text)
            aria-describedby=described_by(&id, &text) inner_html=value></textarea>
    };
    frame(&id, text, control.into_any())
}

/// One of several options, as a menu.
///
/// ```ignore
/// view! { <SelectField name="owner" text=text value="group:default/shop" options=owners placeholder="Choose a team"/> }
/// ```
#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    text: FieldText,
    #[prop(optional, into)] value: String,
    options: Vec<Choice>,
    /// The words for no choice yet.
    #[prop(optional, into)]
    placeholder: String,
    #[prop(optional, into)] id: String,
) -> AnyView {
    let id = if id.is_empty() { name.clone() } else { id };
    let options: Vec<_> = options
        .into_iter()
        .map(|option| {
            let selected = option.value == value;
            view! { <option value=option.value selected=selected>{option.label}</option> }
        })
        .collect();
    let control = view! {
        <span class="select">
            <select id=id.clone() name=name required=text.required aria-invalid=invalid(&text)
                aria-describedby=described_by(&id, &text)>
                {(!placeholder.is_empty()).then(|| view! { <option value="">{placeholder}</option> })}
                {options}
            </select>
            <IconView icon=Icon::ChevronDown/>
        </span>
    };
    frame(&id, text, control.into_any())
}

/// Yes or no. The label stands beside the box.
///
/// ```ignore
/// view! { <CheckField name="public" text=text checked=true/> }
/// ```
#[component]
pub fn CheckField(
    #[prop(into)] name: String,
    text: FieldText,
    #[prop(optional)] checked: bool,
    /// What is sent when it is checked.
    #[prop(default = "true".to_owned(), into)]
    value: String,
    #[prop(optional, into)] id: String,
) -> AnyView {
    let id = if id.is_empty() { name.clone() } else { id };
    view! {
        <div class="field" data-invalid=(!text.error.is_empty()).then_some("")>
            <label class="check">
                <input type="checkbox" id=id.clone() name=name value=value checked=checked
                    aria-invalid=invalid(&text) aria-describedby=described_by(&id, &text)/>
                <span class="check-label">{text.label.clone()}</span>
            </label>
            {notes(&id, &text)}
        </div>
    }
    .into_any()
}

/// One of a few options, all in sight.
///
/// ```ignore
/// view! { <RadioField name="visibility" text=text value="private" options=visibilities/> }
/// ```
#[component]
pub fn RadioField(
    #[prop(into)] name: String,
    text: FieldText,
    #[prop(optional, into)] value: String,
    options: Vec<Choice>,
    #[prop(optional, into)] id: String,
) -> AnyView {
    let id = if id.is_empty() { name.clone() } else { id };
    let options: Vec<_> = options
        .into_iter()
        .map(|option| {
            let checked = option.value == value;
            view! {
                <label class="check">
                    <input type="radio" name=name.clone() value=option.value checked=checked required=text.required/>
                    <span class="check-label">{option.label}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="field" data-invalid=(!text.error.is_empty()).then_some("")
            aria-describedby=described_by(&id, &text)>
            <legend class="field-label">{text.label.clone()}</legend>
            <div class="field-options">{options}</div>
            {notes(&id, &text)}
        </fieldset>
    }
    .into_any()
}

/// Any number of a few options.
///
/// ```ignore
/// view! { <CheckGroup name="features" text=text values=vec!["metrics".into()] options=features/> }
/// ```
#[component]
pub fn CheckGroup(
    #[prop(into)] name: String,
    text: FieldText,
    #[prop(optional)] values: Vec<String>,
    options: Vec<Choice>,
    #[prop(optional, into)] id: String,
) -> AnyView {
    let id = if id.is_empty() { name.clone() } else { id };
    let options: Vec<_> = options
        .into_iter()
        .map(|option| {
            let checked = values.contains(&option.value);
            view! {
                <label class="check">
                    <input type="checkbox" name=name.clone() value=option.value checked=checked/>
                    <span class="check-label">{option.label}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="field" data-invalid=(!text.error.is_empty()).then_some("")
            aria-describedby=described_by(&id, &text)>
            <legend class="field-label">{text.label.clone()}</legend>
            <div class="field-options">{options}</div>
            {notes(&id, &text)}
        </fieldset>
    }
    .into_any()
}

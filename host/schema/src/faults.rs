//! What is wrong with a value that does not fit a schema, in plain words.

use std::collections::BTreeMap;

use host_model::plugin::FieldError;
use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use serde_json::Value;

/// How many faults are told at a time.
const MAX_FAULTS: usize = 50;
/// How much of a list of choices is told.
const MAX_CHOICES: usize = 12;

/// What is wrong with a value, each fault once; empty when nothing is.
pub fn faults(validator: &Validator, value: &Value) -> Vec<FieldError> {
    let mut faults: Vec<FieldError> = Vec::new();
    for error in validator.iter_errors(value).take(MAX_FAULTS) {
        for fault in describe(&error) {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    faults
}

/// Faults as one line: `/name: is required; /port: must be a number`.
pub fn in_one_line(faults: &[FieldError]) -> String {
    let line = |fault: &FieldError| match fault.field.as_str() {
        "" => fault.message.clone(),
        field => format!("{field} {}", fault.message),
    };
    faults.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn describe(error: &ValidationError<'_>) -> Vec<FieldError> {
    let path = error.instance_path().as_str();
    let here = |message: String| vec![FieldError { field: path.to_owned(), message }];
    let below = |name: &str, message: &str| FieldError {
        field: format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")),
        message: message.to_owned(),
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            vec![below(property.as_str().unwrap_or_default(), "is required")]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|name| below(name, "is not known here; check its spelling or leave it out")).collect()
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            alternatives(path, context)
        }
        ValidationErrorKind::PropertyNames { error } => {
            here(format!("has a name that cannot be used: {}", in_one_line(&describe(error))))
        }
        kind => here(words(kind).unwrap_or_else(|| shorten(&error.masked().to_string()))),
    }
}

fn words(kind: &ValidationErrorKind) -> Option<String> {
    use ValidationErrorKind as Kind;

    Some(match kind {
        Kind::Type { kind } => format!("must be {}", type_words(kind)),
        Kind::Enum { options } => {
            let all: Vec<String> = options.as_array().into_iter().flatten().map(plain).collect();
            let more = if all.len() > MAX_CHOICES { ", …" } else { "" };
            format!("must be one of {}{more}", all.into_iter().take(MAX_CHOICES).collect::<Vec<_>>().join(", "))
        }
        Kind::Constant { expected_value } => format!("must be {}", plain(expected_value)),
        Kind::Pattern { pattern } => format!("does not match the pattern {pattern}"),
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => {
            "cannot be compared with the pattern, which is too complicated".to_owned()
        }
        Kind::MinLength { limit: 1 } => "must not be empty".to_owned(),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinItems { limit } => format!("must have at least {}", counted(*limit, "item")),
        Kind::MaxItems { limit } => format!("must have at most {}", counted(*limit, "item")),
        Kind::AdditionalItems { limit } => format!("must have at most {}", counted(*limit as u64, "item")),
        Kind::MinProperties { limit } => format!("must have at least {}", counted(*limit, "entry")),
        Kind::MaxProperties { limit } => format!("must have at most {}", counted(*limit, "entry")),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::UniqueItems => "must not have the same item twice".to_owned(),
        Kind::Contains => "lacks an item that must be there".to_owned(),
        Kind::Format { format } => format!("must be a valid {format}"),
        Kind::FalseSchema => "is not allowed here".to_owned(),
        Kind::Not { .. } => "has a value that is not allowed".to_owned(),
        Kind::OneOfMultipleValid { .. } => "fits more than one of the alternatives; exactly one must fit".to_owned(),
        _ => return None,
    })
}

/// When every alternative fails at one and the same place, they are told together; otherwise the one that fits best is.
fn alternatives(path: &str, branches: &[Vec<ValidationError<'static>>]) -> Vec<FieldError> {
    let described: Vec<Vec<FieldError>> =
        branches.iter().map(|errors| errors.iter().flat_map(describe).collect()).collect();
    let mut messages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for faults in &described {
        if let [only] = faults.as_slice() {
            messages.entry(&only.field).or_default().push(&only.message);
        }
    }
    if let Some((field, messages)) = messages.iter().find(|(_, messages)| messages.len() == described.len()) {
        let mut distinct = messages.clone();
        distinct.dedup();
        return vec![FieldError { field: (*field).to_owned(), message: distinct.join(" or ") }];
    }
    let needed: Vec<&str> = messages
        .iter()
        .filter(|(_, messages)| messages.iter().all(|message| *message == "is required"))
        .map(|(field, _)| field.rsplit('/').next().unwrap_or_default())
        .collect();
    if needed.len() == described.len() && !needed.is_empty() {
        return vec![FieldError { field: path.to_owned(), message: format!("needs one of {}", needed.join(", ")) }];
    }
    // A branch whose fixed values do not fit is not the one that was meant.
    let foreign = |errors: &[ValidationError<'_>]| {
        let is_fixed = |error: &&ValidationError<'_>| {
            matches!(error.kind(), ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. })
        };
        errors.iter().filter(is_fixed).count()
    };
    let best = branches.iter().zip(described).min_by_key(|(errors, faults)| (foreign(errors), faults.len()));
    best.map(|(_, faults)| faults)
        .filter(|faults| !faults.is_empty())
        .unwrap_or_else(|| vec![FieldError { field: path.to_owned(), message: "fits no alternative".to_owned() }])
}

fn type_words(kind: &TypeKind) -> String {
    let names: Vec<String> = match kind {
        TypeKind::Single(name) => vec![name.to_string()],
        TypeKind::Multiple(names) => names.iter().map(|name| name.to_string()).collect(),
    };
    let words = names.iter().map(|name| match name.as_str() {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        "null" => "nothing",
        other => other,
    });
    words.collect::<Vec<_>>().join(" or ")
}

fn counted(number: u64, thing: &str) -> String {
    match (number, thing) {
        (1, thing) => format!("1 {thing}"),
        (number, "entry") => format!("{number} entries"),
        (number, thing) => format!("{number} {thing}s"),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A message that is not longer than people read.
pub fn shorten(message: &str) -> String {
    match message.char_indices().nth(300) {
        Some((at, _)) => format!("{}…", &message[..at]),
        None => message.to_owned(),
    }
}

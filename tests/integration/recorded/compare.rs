//! Compares an answer with a recorded one, but for what is different from run to run.

use callboard_tests::Answer;
use serde_json::Value;

use super::differences::Differs;

/// Keys whose values are made anew each time: only that they are there, and of which type, counts.
const MADE_ANEW: [&str; 18] = [
    "uid",
    "etag",
    "id",
    "taskId",
    "createdAt",
    "lastHeartbeatAt",
    "nextCursor",
    "prevCursor",
    "token",
    "expiresInSeconds",
    "expiresAt",
    "stack",
    "x",
    "y",
    "kid",
    "preTag",
    "postTag",
    "baseUrl",
];

/// An answer beside a recorded one.
pub(super) struct Comparison<'a> {
    pub(super) recorded: &'a Value,
    pub(super) answer: &'a Answer,
    /// The folder that stands for the one of the recordings.
    pub(super) root: &'a str,
}

impl Comparison<'_> {
    /// What differs otherwise than it may.
    pub(super) fn compare(&self, differs: Option<Differs>) -> Vec<String> {
        let mut found = Vec::new();
        let mut note = |what: &str, expected: &dyn std::fmt::Display, seen: &dyn std::fmt::Display| {
            found.push(format!("{what}: recorded {expected}\n    answered {seen}"));
        };
        let status = match differs {
            Some(Differs::Status(status)) => status,
            _ => u16::try_from(self.recorded["status"].as_u64().unwrap()).unwrap(),
        };
        if self.answer.status != status {
            note("status", &status, &format!("{} {}", self.answer.status, self.answer.text()));
            return found;
        }
        if matches!(differs, Some(Differs::Status(_))) {
            return found;
        }
        let recorded = &self.recorded["headers"];
        for header in ["content-type", "link", "access-control-allow-origin", "access-control-allow-credentials"] {
            let (expected, seen) = (recorded[header].as_str().unwrap_or_default(), self.answer.header(header));
            if expected != seen {
                note(header, &expected, &seen);
            }
        }
        let cookie = |text: &str| text.split('=').next().unwrap_or_default().to_owned();
        let (expected, seen) = (recorded["set-cookie"].as_str().unwrap_or_default(), self.answer.header("set-cookie"));
        if cookie(expected) != cookie(seen) {
            note("set-cookie", &cookie(expected), &seen);
        }
        if matches!(differs, Some(Differs::Body)) {
            return found;
        }
        let expected = &self.recorded["body"];
        let body = if self.answer.body.is_empty() { Value::from("") } else { self.answer.json() };
        if matches!(differs, Some(Differs::Operations)) {
            let ours = operations(&body);
            let missing: Vec<String> = operations(expected).into_iter().filter(|line| !ours.contains(line)).collect();
            if !missing.is_empty() {
                note("operations", &missing.join(", "), &"nothing of the kind");
            }
            return found;
        }
        let (expected, body) = (self.comparable(expected, differs), self.comparable(&body, differs));
        if expected != body {
            note("body", &expected, &body);
        }
        found
    }

    fn comparable(&self, value: &Value, differs: Option<Differs>) -> Value {
        let mut value = value.clone();
        self.mask(&mut value);
        match differs {
            Some(Differs::Message) => value["error"]["message"] = Value::Null,
            Some(Differs::Order) => sort(&mut value),
            Some(Differs::Choice) => {
                for item in value["items"].as_array_mut().into_iter().flatten() {
                    *item = Value::Null;
                }
            }
            Some(Differs::Errors) => {
                let errors = value["errors"].as_array().map_or(0, |errors| usize::from(!errors.is_empty()));
                value["errors"] = errors.into();
            }
            Some(Differs::Keys(keys)) => without(&mut value, keys),
            Some(Differs::Status(_) | Differs::Body | Differs::Operations) | None => {}
        }
        value
    }

    fn mask(&self, value: &mut Value) {
        match value {
            Value::Object(object) => {
                for (key, inner) in object.iter_mut() {
                    if MADE_ANEW.contains(&key.as_str()) && !inner.is_object() {
                        *inner = Value::from(match inner {
                            Value::String(_) => "a text",
                            Value::Number(_) => "a number",
                            _ => "something else",
                        });
                    } else {
                        self.mask(inner);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask(item)),
            Value::String(text) => *text = without_hash(&text.replace("/oracle/", &format!("{}/", self.root))),
            _ => {}
        }
    }
}

/// Names of Locations are hashes of where they lead.
fn without_hash(text: &str) -> String {
    let Some((before, rest)) = text.split_once("generated-") else { return text.to_owned() };
    let length = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
    if length == 40 { format!("{before}generated-…{}", &rest[length..]) } else { text.to_owned() }
}

fn sort(value: &mut Value) {
    let items = if value.is_array() { value.as_array_mut() } else { value["items"].as_array_mut() };
    if let Some(items) = items {
        items.sort_by_key(ToString::to_string);
    }
}

fn without(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(object) => {
            object.retain(|key, _| !keys.contains(&key.as_str()));
            object.values_mut().for_each(|inner| without(inner, keys));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without(item, keys)),
        _ => {}
    }
}

/// Methods, paths and identifiers of an API's description.
fn operations(description: &Value) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (path, methods) in description["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let id = operation["operationId"].as_str().unwrap_or_default().to_lowercase();
            lines.push(format!("{method} {path} {id}"));
        }
    }
    lines
}

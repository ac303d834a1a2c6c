//! From a step's input to the request.

use std::collections::BTreeMap;
use std::time::Duration;

use callboard_sdk::action::RunRequest;
use callboard_sdk::http::{self, Request};
use callboard_sdk::{Error, FieldError};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::UPSTREAM;

/// The input of a step. The host has checked it against the schema.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default = "get")]
    method: String,
    path: String,
    instance: Option<String>,
    #[serde(default)]
    query: Map<String, Value>,
    #[serde(default)]
    params: Map<String, Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    expected_status: Option<Expected>,
    #[serde(default)]
    continue_on_bad_response: bool,
    timeout_seconds: Option<u32>,
    #[serde(default = "yes")]
    log_request_path: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Expected {
    One(u16),
    Any(Vec<u16>),
}

fn get() -> String {
    "GET".to_owned()
}

fn yes() -> bool {
    true
}

/// A call that can be made.
#[derive(Debug)]
pub(crate) struct Call {
    request: Request,
    method: String,
    upstream: String,
    path: String,
    expected: Vec<u16>,
    any_status: bool,
    log_path: bool,
}

impl Call {
    /// Checks what no schema can say.
    pub(crate) fn new(input: Input, default_instance: Option<String>, run: &RunRequest) -> Result<Self, Error> {
        let mut wrong = Vec::new();
        check_path(&input.path, &mut wrong);
        check_headers(&input.headers, &mut wrong);
        let safe = ["GET", "HEAD", "OPTIONS"].contains(&input.method.as_str());
        if input.body.is_some() && safe {
            wrong.push(field("/body", format!("a {} request has no body; use POST, PUT or PATCH", input.method)));
        }
        if !wrong.is_empty() {
            return Err(Error::InvalidInput(wrong));
        }
        let upstream = match input.instance.or(default_instance) {
            Some(instance) => format!("{instance}.{UPSTREAM}"),
            None => UPSTREAM.to_owned(),
        };
        let mut request = http::request(&input.method, format!("http://{upstream}{}", encode_path(&input.path)));
        for (key, value) in input.params.iter().chain(&input.query) {
            for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
                request = request.query(key, &plain(value));
            }
        }
        let has = |name: &str| input.headers.keys().any(|key| key.eq_ignore_ascii_case(name));
        if !has("accept") {
            request = request.header("accept", "application/json, */*;q=0.5");
        }
        // A step that is run again after an interruption is the same call to APIs that know such keys.
        if !safe && !has("idempotency-key") {
            request = request.header("idempotency-key", format!("{}-{}", run.task_id, run.step_id));
        }
        request = match input.body {
            None => request,
            Some(Value::String(text)) if has("content-type") => request.body(text),
            Some(Value::String(text)) => request.body(text).header("content-type", "text/plain; charset=utf-8"),
            Some(value) if has("content-type") => request.body(value.to_string()),
            Some(value) => request.json(&value),
        };
        for (name, value) in &input.headers {
            request = request.header(name, value);
        }
        if let Some(seconds) = input.timeout_seconds {
            request = request.timeout(Duration::from_secs(seconds.into()));
        }
        let expected = match input.expected_status {
            None => Vec::new(),
            Some(Expected::One(status)) => vec![status],
            Some(Expected::Any(statuses)) => statuses,
        };
        Ok(Self {
            request,
            method: input.method,
            upstream,
            path: input.path,
            expected,
            any_status: input.continue_on_bad_response,
            log_path: input.log_request_path,
        })
    }

    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    pub(crate) fn upstream(&self) -> &str {
        &self.upstream
    }

    /// The call in words, for the log.
    pub(crate) fn shown(&self) -> String {
        let path = if self.log_path { &self.path } else { "(path not shown)" };
        format!("{} {path} on {}", self.method, self.upstream)
    }

    /// What is called, for the list of effects. A query may hold what is nobody's business and is left out.
    pub(crate) fn target(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        let path = if self.log_path { path } else { "(path not shown)" };
        format!("{} {path} on {}", self.method, self.upstream)
    }

    /// Whether a status means success.
    pub(crate) fn accepts(&self, status: u16) -> bool {
        let success =
            if self.expected.is_empty() { (200..300).contains(&status) } else { self.expected.contains(&status) };
        self.any_status || success
    }

    /// The output of a dry run: the status that is hoped for, and nothing else.
    pub(crate) fn expected_answer(&self) -> Value {
        json!({ "code": self.expected.first().copied().unwrap_or(200), "headers": {}, "body": {} })
    }
}

fn field(field: impl Into<String>, message: impl Into<String>) -> FieldError {
    FieldError { field: field.into(), message: message.into() }
}

fn check_path(path: &str, wrong: &mut Vec<FieldError>) {
    if !path.starts_with('/') || path.starts_with("//") {
        let message = "a path begins with one slash, such as /v1/orders; the host is the administrator's choice";
        wrong.push(field("/path", message));
    } else if path.contains(['#', '\\']) || path.chars().any(char::is_control) {
        wrong.push(field("/path", "a path cannot hold #, backslashes, line ends or control characters"));
    } else if path.split(['/', '?']).any(|segment| segment == "." || segment == "..") {
        wrong.push(field("/path", "a path cannot hold the segments . and .."));
    }
}

fn check_headers(headers: &BTreeMap<String, String>, wrong: &mut Vec<FieldError>) {
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        let pointer = format!("/headers/{}", name.replace('~', "~0").replace('/', "~1"));
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            wrong.push(field(pointer, "this cannot be the name of a header"));
        } else if ["authorization", "cookie"].contains(&lower.as_str()) || lower.starts_with("proxy-") {
            wrong.push(field(pointer, "credentials are set by the administrator on the upstream, not by a step"));
        } else if ["host", "connection", "content-length", "transfer-encoding", "te", "upgrade"]
            .contains(&lower.as_str())
        {
            wrong.push(field(pointer, "this header is set by the portal itself"));
        } else if value.chars().any(|c| c.is_control() && c != '\t') {
            wrong.push(field(pointer, "the value of a header cannot hold line ends or control characters"));
        }
    }
}

/// Encodes what may not stand in a path or query as it is; what is encoded already stays so.
fn encode_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?%".contains(c) {
            out.push(c);
        } else {
            out.push_str(&http::encode(c.encode_utf8(&mut [0; 4])));
        }
    }
    out
}

/// A value as it stands in a query.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

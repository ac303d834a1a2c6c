//! From the answer to the step's output.

use callboard_sdk::http::Response;
use callboard_sdk::{Error, UpstreamStatus, log};
use serde_json::{Map, Value, json};

use crate::call::Call;

/// The output of a step.
pub(crate) fn output(response: &Response) -> Value {
    let mut headers = Map::new();
    for (name, value) in response.headers() {
        match headers.entry(name.to_ascii_lowercase()).or_insert_with(|| Value::String(String::new())) {
            Value::String(all) if all.is_empty() => all.push_str(value),
            Value::String(all) => {
                all.push_str(", ");
                all.push_str(value);
            }
            _ => {}
        }
    }
    json!({ "code": response.status(), "headers": headers, "body": body(response) })
}

/// Why the step failed.
pub(crate) fn refused(response: &Response, call: &Call) -> Error {
    match response.error() {
        limited @ Error::RateLimited(_) => limited,
        _ => Error::UpstreamStatus(UpstreamStatus {
            upstream: call.upstream().to_owned(),
            status: response.status(),
            message: format!("{} (asked: {})", response.message(), call.shown()),
        }),
    }
}

fn body(response: &Response) -> Value {
    let kind = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if response.body().is_empty() {
        return Value::Null;
    }
    if kind.ends_with("/json") || kind.ends_with("+json") {
        match serde_json::from_slice(response.body()) {
            Ok(value) => return value,
            Err(error) => {
                log::warn!("the answer says that it is JSON, but is not ({error}); its body is given as text")
            }
        }
    }
    if std::str::from_utf8(response.body()).is_err() {
        log::warn!("the answer is not text; what cannot be read in its body is replaced");
    }
    response.text().into()
}

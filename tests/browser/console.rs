//! What the browser wrote to its console, reports of the pages' policy included.

use reqwest::Method;
use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{RequestData, SessionId};

/// Asks for the lines since the last time.
#[derive(Debug)]
pub(crate) struct ReadConsole;

impl FormatRequestData for ReadConsole {
    fn format_request(&self, session: &SessionId) -> RequestData {
        RequestData::new(Method::POST, format!("session/{session}/se/log")).add_body(json!({ "type": "browser" }))
    }
}

/// The lines that should not be there, as texts.
pub(crate) fn complaints(lines: &Value) -> Vec<String> {
    let lines = lines.as_array().into_iter().flatten();
    lines
        .filter(|line| matches!(line["level"].as_str(), Some("SEVERE" | "WARNING")))
        .map(|line| {
            format!("{}: {}", line["level"].as_str().unwrap_or_default(), line["message"].as_str().unwrap_or_default())
        })
        .collect()
}

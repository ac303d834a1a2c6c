//! Talking to a portal over HTTP.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{TestPortal, fail};

/// An answer that has been read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON. Fails the test when it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => fail(&format!("status {}, and no JSON ({error}): {}", self.status, self.text())),
        }
    }

    /// The body as JSON of an answer with this status. Fails the test, with the body, when the status is another.
    #[track_caller]
    pub fn json_of(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// The body as text of an answer with this status.
    #[track_caller]
    pub fn text_of(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        self.text()
    }

    /// A header as text; empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A request that is about to be sent.
#[derive(Debug)]
pub struct Request(reqwest::RequestBuilder);

impl Request {
    /// Adds a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Bears a token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        Self(self.0.bearer_auth(token))
    }

    /// Carries JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Carries a form.
    #[must_use]
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let text: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.header("content-type", "application/x-www-form-urlencoded").body(text.join("&"))
    }

    /// Carries these bytes.
    #[must_use]
    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.body(body))
    }

    /// Sends it and reads the answer to its end; none when the connection broke.
    pub async fn try_send(self) -> Option<Answer> {
        let answer = self.0.send().await.ok()?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Some(Answer { status, headers, body: answer.bytes().await.ok()?.to_vec() })
    }

    /// Sends it and reads the answer to its end. Fails the test when the connection breaks.
    pub async fn send(self) -> Answer {
        let answer = match self.0.send().await {
            Ok(answer) => answer,
            Err(error) => fail(&format!("no answer: {error:?}")),
        };
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        match answer.bytes().await {
            Ok(body) => Answer { status, headers, body: body.to_vec() },
            Err(error) => fail(&format!("the answer broke off: {error:?}")),
        }
    }

    /// Sends it and gives the answer as soon as its headers are there.
    pub async fn open(self) -> reqwest::Response {
        match self.0.send().await {
            Ok(answer) => answer,
            Err(error) => fail(&format!("no answer: {error:?}")),
        }
    }
}

impl TestPortal {
    /// A request to a path of the portal.
    pub fn request(&self, method: Method, path: &str) -> Request {
        Request(self.client.request(method, format!("{}{path}", self.url())))
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// `GET` that may fail, such as while the portal starts or stops.
    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        self.request(Method::GET, path).try_send().await
    }

    /// `GET` of JSON with status 200.
    pub async fn get_json(&self, path: &str) -> Value {
        self.get(path).await.json_of(200)
    }

    /// `GET` of a page with status 200.
    pub async fn page(&self, path: &str) -> String {
        self.get(path).await.text_of(200)
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path).json(body).send().await
    }
}

/// A text as a part of a query.
pub fn encode(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

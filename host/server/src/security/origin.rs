//! Which origins may change something, and what they are told (CORS).

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

/// `backend.cors`: origins besides the portal's own that may call the API from a browser.
#[derive(Debug, Clone, Default)]
pub struct Cors {
    /// Origins such as `http://localhost:3000`, or `*`.
    pub origins: Vec<String>,
    pub methods: Vec<String>,
    pub credentials: bool,
    /// The portal's own addresses (`app.baseUrl`, `backend.baseUrl`), whose origins are always allowed.
    pub own: Vec<String>,
}

impl Cors {
    /// Whether a page of this origin may read answers.
    fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == "*" || allowed.trim_end_matches('/').eq_ignore_ascii_case(origin))
    }

    /// Whether a request may change something: it comes from the portal's own pages, from an allowed origin, or from no
    /// browser at all.
    pub fn may_change(&self, headers: &HeaderMap, host: &str) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(origin) = text(ORIGIN.as_str()) else {
            // Old browsers send no Origin on some requests; those that send Sec-Fetch-Site tell the truth there.
            return matches!(text("sec-fetch-site"), None | Some("same-origin" | "none"));
        };
        self.is_own(origin, host) || self.allows(origin)
    }

    fn is_own(&self, origin: &str, host: &str) -> bool {
        let Ok(origin) = Url::parse(origin) else { return false };
        let same_as_host =
            Url::parse(&format!("{}://{host}/", origin.scheme())).is_ok_and(|own| own.origin() == origin.origin());
        same_as_host || self.own.iter().any(|own| Url::parse(own).is_ok_and(|own| own.origin() == origin.origin()))
    }

    /// The headers that let a page of an allowed origin read an answer.
    pub(crate) fn answer_headers(&self, request: &HeaderMap) -> Vec<(http::HeaderName, HeaderValue)> {
        let Some(origin) = request.get(ORIGIN) else { return Vec::new() };
        if !origin.to_str().is_ok_and(|origin| self.allows(origin)) {
            return Vec::new();
        }
        let mut headers =
            vec![(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()), (VARY, HeaderValue::from_static("origin"))];
        if self.credentials {
            headers.push((ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")));
        }
        headers
    }

    /// The further headers that answer a preflight request.
    pub(crate) fn preflight_headers(&self, request: &HeaderMap) -> Vec<(http::HeaderName, HeaderValue)> {
        let mut headers = self.answer_headers(request);
        if headers.is_empty() {
            return headers;
        }
        let methods = if self.methods.is_empty() {
            [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::POST, Method::DELETE]
                .map(|m| m.to_string())
                .join(",")
        } else {
            self.methods.join(",")
        };
        if let Ok(methods) = HeaderValue::from_str(&methods) {
            headers.push((ACCESS_CONTROL_ALLOW_METHODS, methods));
        }
        if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.push((ACCESS_CONTROL_ALLOW_HEADERS, asked.clone()));
        }
        headers.push((ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")));
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_own_and_allowed_origins_change_anything() {
        let cors = Cors {
            origins: vec!["http://localhost:3000".into()],
            own: vec!["https://portal.acme.example".into()],
            ..Cors::default()
        };
        for (pairs, expected) in [
            (&[][..], true),
            (&[("origin", "http://127.0.0.1:7007")], true),
            (&[("origin", "http://127.0.0.1:7008")], false),
            (&[("origin", "https://portal.acme.example")], true),
            (&[("origin", "http://localhost:3000")], true),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "null")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "same-origin")], true),
        ] {
            assert_eq!(cors.may_change(&headers(pairs), "127.0.0.1:7007"), expected, "{pairs:?}");
        }
    }

    #[test]
    fn tells_only_allowed_origins_that_they_may_read() {
        let cors = Cors { origins: vec!["http://localhost:3000".into()], credentials: true, ..Cors::default() };
        assert!(cors.answer_headers(&headers(&[("origin", "https://evil.example")])).is_empty());
        assert_eq!(cors.answer_headers(&headers(&[("origin", "http://localhost:3000")])).len(), 3);
    }
}

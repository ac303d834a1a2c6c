//! The headers that bound what a browser does with an answer.

use std::collections::BTreeMap;

use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};

/// The policy of pages, extended by `backend.csp`.
#[derive(Debug, Clone)]
pub(crate) struct ContentPolicy {
    directives: Vec<(String, Vec<String>)>,
}

impl ContentPolicy {
    /// The portal's own policy with the administrator's additions: the values of a directive are added to ours; an empty
    /// list takes the directive away.
    pub(crate) fn new(extensions: &BTreeMap<String, Vec<String>>) -> Self {
        let own: [(&str, &[&str]); 9] = [
            ("default-src", &["'none'"]),
            ("script-src", &["'self'", "'wasm-unsafe-eval'"]),
            ("style-src", &["'self'"]),
            ("img-src", &["'self'", "data:"]),
            ("font-src", &["'self'"]),
            ("connect-src", &["'self'"]),
            ("form-action", &["'self'"]),
            ("base-uri", &["'none'"]),
            ("frame-ancestors", &["'none'"]),
        ];
        let mut directives: Vec<(String, Vec<String>)> = own
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().map(|&value| value.to_owned()).collect()))
            .collect();
        for (name, values) in extensions {
            if values.is_empty() {
                directives.retain(|(own, _)| own != name);
                continue;
            }
            match directives.iter_mut().find(|(own, _)| own == name) {
                Some((_, own)) => {
                    own.retain(|value| value != "'none'");
                    own.extend(values.iter().filter(|value| !own.contains(value)).cloned().collect::<Vec<_>>());
                }
                None => directives.push((name.clone(), values.clone())),
            }
        }
        Self { directives }
    }

    /// The header for one page with the nonce of its inline scripts.
    pub(crate) fn header(&self, nonce: &str) -> Option<HeaderValue> {
        let text: Vec<String> = self
            .directives
            .iter()
            .map(|(name, values)| {
                let nonce = if name == "script-src" { format!(" 'nonce-{nonce}'") } else { String::new() };
                format!("{name} {}{nonce}", values.join(" "))
            })
            .collect();
        HeaderValue::from_str(&text.join("; ")).ok()
    }
}

/// Sets what every answer carries; answers that are no page get a policy under which nothing runs.
pub(crate) fn api_headers(headers: &mut HeaderMap) {
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_strict_and_can_be_extended() {
        let policy = ContentPolicy::new(&BTreeMap::new()).header("abc").unwrap();
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'nonce-abc'; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        let extended = BTreeMap::from([("frame-ancestors".to_owned(), vec!["https://intranet.example".to_owned()])]);
        let policy = ContentPolicy::new(&extended).header("abc").unwrap();
        assert!(policy.to_str().unwrap().ends_with("frame-ancestors https://intranet.example"));
    }
}

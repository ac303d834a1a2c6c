//! Identifiers of requests, and the span that puts them on every line.

use tracing::Span;
use uuid::Uuid;

/// A fresh identifier: 32 hexadecimal digits that sort by time.
pub fn new_request_id() -> String {
    Uuid::now_v7().simple().to_string()
}

/// The span in which a request is answered; its id is on every line that is logged within.
pub fn request_span(id: &str) -> Span {
    tracing::info_span!("request", request.id = id)
}

#[cfg(test)]
mod tests {
    use super::new_request_id;

    #[test]
    fn ids_are_hexadecimal_and_differ() {
        let (one, other) = (new_request_id(), new_request_id());
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
    }
}

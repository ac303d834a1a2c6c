//! Parts of paths: decoded when they are read, encoded when they are written.

use frontend_ui::encode_component;

/// The text that a part of a path stands for; none when it is not UTF-8 or holds control characters.
pub(crate) fn decode(part: &str) -> Option<String> {
    let text = percent_encoding::percent_decode_str(part).decode_utf8().ok()?;
    (!text.chars().any(char::is_control)).then(|| text.into_owned())
}

/// A path made of parts that may hold anything.
pub(crate) fn path<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().fold(String::new(), |path, part| format!("{path}/{}", encode_component(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_survive_the_way_through_a_path() {
        assert_eq!(path(["plugins", "a b/c?.wasm"]), "/plugins/a%20b%2Fc%3F.wasm");
        for (part, expected) in
            [("a%20b", Some("a b")), ("%C3%A9", Some("é")), ("%FF", None), ("a%00", None), ("%", Some("%"))]
        {
            assert_eq!(decode(part).as_deref(), expected, "{part}");
        }
    }
}

//! Small texts: bounded, escaped, and made into parts of addresses.

use std::collections::HashMap;

/// At most so many characters, with a sign where something is left out.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A word for an address: letters and digits, with single hyphens between.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars().take(120) {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Gives words for addresses, each once.
#[derive(Debug, Default)]
pub(crate) struct Anchors(HashMap<String, usize>);

impl Anchors {
    /// A word made of a text.
    pub(crate) fn of(&mut self, text: &str) -> String {
        let slug = slug(text);
        let base = if slug.is_empty() { "x".to_owned() } else { slug };
        let count = self.0.entry(base.clone()).or_default();
        *count += 1;
        // Words of texts have single hyphens only, so that a double one is never taken.
        if *count == 1 { base } else { format!("{base}--{count}") }
    }
}

/// Text as HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Whether a text means the same as Markdown and as it stands.
pub(crate) fn is_plain(text: &str) -> bool {
    let begins = text.starts_with(|first: char| !first.is_alphanumeric());
    !begins
        && !text.contains(['`', '*', '_', '[', ']', '<', '>', '#', '|', '~', '\\', '!', '&', '\n', '\t', '@'])
        && !text.contains("://")
        && !text.contains("www.")
        && !text.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_unique() {
        let mut anchors = Anchors::default();
        for (text, expected) in
            [("GET /orders/{id}", "get-orders-id"), ("get orders id", "get-orders-id--2"), ("日本", "x"), ("", "x--2")]
        {
            assert_eq!(anchors.of(text), expected);
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(shortened("ééé", 2), "éé…");
        assert_eq!(shortened("éé", 2), "éé");
    }

    #[test]
    fn plain_text_needs_no_renderer() {
        for (text, expected) in [("An order, as it is.", true), ("**bold**", false), ("1. one", false), ("a\nb", false)]
        {
            assert_eq!(is_plain(text), expected, "{text}");
        }
    }
}

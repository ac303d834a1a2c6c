//! Looks into HTML as far as tests need it: tags in their order, with their attributes.

use std::collections::BTreeMap;

/// An opening tag.
#[derive(Debug, Clone)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// The names of the elements around it.
    pub(crate) around: Vec<String>,
}

impl Tag {
    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

const VOID: [&str; 6] = ["input", "meta", "link", "br", "hr", "img"];

/// The opening tags of a document, outside of scripts.
pub(crate) fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(after) = rest.strip_prefix("!--") {
            rest = after.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some(end) = end_of_tag(rest) else { break };
        let (tag, after) = rest.split_at(end);
        rest = &after[1..];
        if let Some(name) = tag.strip_prefix('/') {
            if let Some(at) = open.iter().rposition(|open| open == name.trim()) {
                open.truncate(at);
            }
        } else if !tag.starts_with('!') {
            let tag = parse(tag, open.clone());
            if tag.name == "script" {
                rest = rest.split_once("</script>").map_or("", |(_, after)| after);
            } else if !VOID.contains(&tag.name.as_str()) {
                open.push(tag.name.clone());
            }
            found.push(tag);
        }
    }
    found
}

fn end_of_tag(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices()
        .find(|&(_, character)| {
            quoted ^= character == '"';
            character == '>' && !quoted
        })
        .map(|(at, _)| at)
}

fn parse(tag: &str, around: Vec<String>) -> Tag {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut attributes = BTreeMap::new();
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let key = rest[..end].trim_end_matches('/').to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix("=\"") {
            let (text, after) = after.split_once('"').unwrap_or((after, ""));
            value = unescape(text);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('=') {
            let end = after.find(' ').unwrap_or(after.len());
            value = after[..end].to_owned();
            rest = &after[end..];
        }
        if !key.is_empty() {
            attributes.insert(key, value);
        }
    }
    Tag { name: name.trim_end_matches('/').to_lowercase(), attributes, around }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&")
}

/// What a reader sees of a document, more or less.
pub(crate) fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let script = after.starts_with("script");
        rest = after.split_once('>').map_or("", |(_, after)| after);
        if script {
            rest = rest.split_once("</script>").map_or("", |(_, after)| after);
        }
        text.push(' ');
    }
    text.push_str(rest);
    unescape(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

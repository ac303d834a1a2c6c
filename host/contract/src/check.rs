//! Rules for what plugins say, each with a sentence for the one who breaks it. Nothing that comes from a guest is
//! passed on before one of these has seen it.

use host_model::EntityRef;
use host_model::plugin::is_upstream_name;
use serde_json::Value;

/// A value, or how it breaks the contract.
pub(crate) type Checked<T> = Result<T, String>;

/// The most bytes of a schema.
const MAX_SCHEMA: usize = 256 << 10;
/// The most bytes of names, references and pointers.
const MAX_NAME: usize = 1_000;

/// A text of at most so many bytes.
pub(crate) fn text(what: &str, value: String, most: usize) -> Checked<String> {
    if value.len() > most {
        return Err(format!("{what} has {} bytes, at most {most} are allowed", value.len()));
    }
    Ok(value)
}

/// A text that says something.
pub(crate) fn some_text(what: &str, value: String, most: usize) -> Checked<String> {
    if value.trim().is_empty() {
        return Err(format!("{what} is empty"));
    }
    text(what, value, most)
}

/// A list of at most so many items.
pub(crate) fn count(what: &str, length: usize, most: usize) -> Checked<()> {
    if length > most { Err(format!("there are {length} {what}, at most {most} are allowed")) } else { Ok(()) }
}

/// A list of short texts.
pub(crate) fn names(what: &str, values: Vec<String>, most: usize) -> Checked<Vec<String>> {
    count(what, values.len(), most)?;
    values.into_iter().map(|value| some_text(&format!("one of the {what}"), value, MAX_NAME)).collect()
}

/// That no item comes twice.
pub(crate) fn unique<'a>(what: &str, values: impl IntoIterator<Item = &'a str>) -> Checked<()> {
    let mut seen = std::collections::HashSet::new();
    match values.into_iter().find(|value| !seen.insert(*value)) {
        Some(value) => Err(format!("{what} {value:?} is declared twice")),
        None => Ok(()),
    }
}

/// A text cut to a length, for messages, which are not worth a fault.
pub(crate) fn cut(mut value: String, most: usize) -> String {
    if value.len() > most {
        value.truncate(value.floor_char_boundary(most));
        value.push('…');
    }
    value
}

/// A JSON document.
pub(crate) fn json(what: &str, text: &str) -> Checked<Value> {
    serde_json::from_str(text).map_err(|error| format!("{what} is not JSON: {error}"))
}

/// A JSON Schema, as far as it can be told without reading it: an object or a boolean.
pub(crate) fn schema(what: &str, text: &str) -> Checked<Value> {
    count(&format!("bytes in {what}"), text.len(), MAX_SCHEMA)?;
    match json(what, text)? {
        value @ (Value::Object(_) | Value::Bool(_)) => Ok(value),
        _ => Err(format!("{what} is not a JSON Schema: it is neither an object nor a boolean")),
    }
}

/// A plugin's id or a card's: lower-case letters, digits and dashes, at most 63, beginning with a letter.
pub(crate) fn id(what: &str, value: String) -> Checked<String> {
    let good = value.len() <= 63
        && value.starts_with(|first: char| first.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if good {
        return Ok(value);
    }
    let value = cut(value, 100);
    Err(format!(
        "{what} {value:?} is not made of lower-case letters, digits and dashes, at most 63, beginning with a letter"
    ))
}

/// A version as semantic versioning has it.
pub(crate) fn version(value: String) -> Checked<String> {
    let value = text("its version", value, 100)?;
    semver::Version::parse(&value)
        .map_err(|error| format!("its version {value:?} is not a semantic version such as 1.2.3: {error}"))?;
    Ok(value)
}

/// An address that begins with `https:`.
pub(crate) fn https(what: &str, value: String) -> Checked<String> {
    let value = text(what, value, 2_000)?;
    let rest = value.strip_prefix("https://").unwrap_or_default();
    if rest.is_empty() || rest.starts_with('/') || value.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("{what} {value:?} is not an https: address"));
    }
    Ok(value)
}

/// The name of an upstream: `[a-z][a-z0-9-]{0,30}`.
pub(crate) fn upstream_name(value: String) -> Checked<String> {
    if is_upstream_name(&value) {
        return Ok(value);
    }
    Err(format!("the upstream name {:?} is not [a-z][a-z0-9-]{{0,30}}", cut(value, 100)))
}

/// An HTTP method in upper case.
pub(crate) fn method(value: String) -> Checked<String> {
    let good = !value.is_empty() && value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_uppercase());
    if good { Ok(value) } else { Err(format!("the method {:?} is not an HTTP method in upper case", cut(value, 100))) }
}

/// A path of segments that are literal, `*`, or at the end `**`.
pub(crate) fn route_path(value: String) -> Checked<String> {
    let value = text("the path of a route", value, MAX_NAME)?;
    let wrong = |why: &str| Err(format!("the path {value:?} of a route {why}"));
    let Some(rest) = value.strip_prefix('/') else { return wrong("does not begin with /") };
    let segments: Vec<&str> = rest.split('/').collect();
    for (index, segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        match *segment {
            "**" if !last => return wrong("has ** elsewhere than at its end"),
            "*" | "**" => {}
            "" if last => {}
            "" => return wrong("has an empty segment"),
            "." | ".." => return wrong("has a segment . or .."),
            literal if literal.contains('*') => return wrong("has * within a segment; it stands for whole segments"),
            literal if literal.contains(['?', '#', '%', '\\']) => return wrong("has one of ? # % \\ in a segment"),
            literal if literal.chars().any(|c| c.is_whitespace() || c.is_control()) => {
                return wrong("has white space in a segment");
            }
            _ => {}
        }
    }
    Ok(value)
}

/// A path that a processor may write: names joined by dots, below `metadata` or `spec`, with `*` at the end only.
pub(crate) fn write_path(value: String) -> Checked<String> {
    let value = text("one of the paths to write", value, MAX_NAME)?;
    let body = value.strip_suffix('*').unwrap_or(&value);
    let names = body.strip_prefix("metadata.").or_else(|| body.strip_prefix("spec."));
    let good = names.is_some_and(|names| {
        !names.is_empty()
            && !names.contains('*')
            && !names.starts_with('.')
            && !names.contains("..")
            && (value.ends_with('*') || !names.ends_with('.'))
            && !names.chars().any(|c| c.is_whitespace() || c.is_control())
    });
    if good {
        return Ok(value);
    }
    Err(format!(
        "the path to write {value:?} is not like metadata.annotations.example.com/* or spec.profile.picture: names joined \
         by dots below metadata or spec, with * at the end only"
    ))
}

/// An action's identifier: two or three names joined by colons.
pub(crate) fn action_id(value: String) -> Checked<String> {
    let name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let parts = value.split(':').count();
    if value.len() <= 100 && (2..=3).contains(&parts) && value.split(':').all(name) {
        return Ok(value);
    }
    Err(format!("the action id {:?} is not two or three names joined by colons, such as http:request", cut(value, 120)))
}

/// A JSON pointer to a field, not to the whole document.
pub(crate) fn pointer(what: &str, value: String) -> Checked<String> {
    let good = value.len() <= MAX_NAME
        && value.starts_with('/')
        && value.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if good { Ok(value) } else { Err(format!("{what} {:?} is not a JSON pointer such as /spec/type", cut(value, 100))) }
}

/// A full entity reference.
pub(crate) fn entity_ref(what: &str, value: &str) -> Checked<EntityRef> {
    count(&format!("bytes in {what}"), value.len(), MAX_NAME)?;
    value.parse().map_err(|error| format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(check: fn(String) -> Checked<String>, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(check((*text).to_owned()).as_deref(), Ok(*text));
        }
        for text in bad {
            assert!(check((*text).to_owned()).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn grammars_take_what_the_contract_allows_and_nothing_else() {
        let long = "a".repeat(64);
        all(
            |text| id("the id", text),
            &["a", "github-actions", &long[..63]],
            &["", "1a", "-a", "A", "a_b", "ä", &long],
        );
        all(version, &["1.2.3", "0.1.0-next.1+b"], &["", "1.2", "v1.2.3", "1.2.3 "]);
        all(upstream_name, &["github", "a-1"], &["", "1a", "GitHub", "a.b", "a:80", &long[..32]]);
        all(method, &["GET", "POST"], &["", "get", "GET ", "A/B"]);
        all(
            route_path,
            &["/", "/repos/*/*/actions/runs", "/**", "/a/**", "/a/"],
            &["", "repos", "/a//b", "/**/a", "/a*", "/../a", "/a?b", "/a%2e", "/a b"],
        );
        all(
            write_path,
            &["metadata.annotations.example.com/*", "spec.profile.picture", "metadata.tags"],
            &["", "*", "metadata", "metadata.*.x", "kind", "spec.", "spec..a", "metadata.a.", "status.x", "spec.a b"],
        );
        all(action_id, &["http:request", "a:b:c-d"], &["", "http", "a:b:c:d", "a:", ":a", "a:b c", "a:1"]);
        all(|text| pointer("it", text), &["/a", "/a~1b/0", "/"], &["", "a", "/a~", "/a~2"]);
        all(|text| https("it", text), &["https://a.example/x"], &["http://a", "https://", "https:///x", "https://a b"]);
    }

    #[test]
    fn a_schema_is_an_object_or_a_boolean() {
        for (text, good) in [("{}", true), ("true", true), ("[]", false), ("{", false), ("", false)] {
            assert_eq!(schema("its schema", text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("aää".to_owned(), 2), "a…");
    }
}

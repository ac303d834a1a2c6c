//! `${VAR}`, `${VAR:-default}` and `$${VAR}` in text.

use std::collections::BTreeMap;

/// What a text became.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Substituted {
    /// There was nothing to replace.
    Unchanged,
    /// The text with its variables replaced.
    Text {
        /// The result.
        text: String,
        /// Whether any of it came out of the environment.
        from_environment: bool,
    },
    /// A variable had no value, so neither has the text.
    Undefined {
        /// The variable, unless an empty default says that it may be missing.
        missing: Option<String>,
    },
}

/// Replaces the variables in a text.
///
/// A variable that is set to nothing takes its default. A default of nothing (`${VAR:-}`) makes the whole text undefined,
/// as in Backstage, so that `Bearer ${TOKEN:-}` without a token sends no header at all rather than a broken one.
pub(crate) fn substitute(text: &str, environment: &BTreeMap<String, String>) -> Substituted {
    let mut out = String::new();
    let mut rest = text;
    let mut changed = false;
    let mut from_environment = false;
    while let Some((before, expression, after)) = next_expression(rest) {
        changed = true;
        rest = after;
        if let Some(literal) = before.strip_suffix('$') {
            out.push_str(literal);
            out.push_str("${");
            out.push_str(expression);
            out.push('}');
            continue;
        }
        out.push_str(before);
        let (name, default) = match expression.split_once(":-") {
            Some((name, default)) => (name.trim(), Some(default.trim())),
            None => (expression.trim(), None),
        };
        let value = environment.get(name).map(String::as_str);
        match (value, default) {
            (Some(value), None) => {
                from_environment = true;
                out.push_str(value);
            }
            (Some(value), Some(_)) if !value.is_empty() => {
                from_environment = true;
                out.push_str(value);
            }
            (_, Some(default)) if !default.is_empty() => out.push_str(default),
            (_, Some(_)) => return Substituted::Undefined { missing: None },
            (None, None) => return Substituted::Undefined { missing: Some(name.to_owned()) },
        }
    }
    if !changed {
        return Substituted::Unchanged;
    }
    out.push_str(rest);
    Substituted::Text { text: out, from_environment }
}

/// The next `${…}` without braces inside: what is before it, inside it and after it.
fn next_expression(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("${")?;
        let inner = &text[start + 2..];
        let end = inner.find(['{', '}'])?;
        if inner.as_bytes()[end] == b'}' {
            return Some((&text[..start], &inner[..end], &inner[end + 1..]));
        }
        from = start + 2;
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Substituted, substitute};

    fn environment() -> std::collections::BTreeMap<String, String> {
        [("A", "one"), ("EMPTY", "")].map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    #[rstest]
    #[case("${A}", "one", true)]
    #[case("x ${A} y ${ A }", "x one y one", true)]
    #[case("${EMPTY}", "", true)]
    #[case("${A:-two}", "one", true)]
    #[case("${B:-two}", "two", false)]
    #[case("${EMPTY:- two }", "two", false)]
    #[case("${B:-https://x:-y}", "https://x:-y", false)]
    #[case("$${A}", "${A}", false)]
    #[case("$${B} ${A}", "${B} one", true)]
    #[case("${${A}", "${one", true)]
    fn replaces(#[case] text: &str, #[case] expected: &str, #[case] from_environment: bool) {
        let expected = Substituted::Text { text: expected.to_owned(), from_environment };
        assert_eq!(substitute(text, &environment()), expected);
    }

    #[rstest]
    fn leaves_alone(#[values("", "$A", "${A", "$", "${{ parameters.name }}", "a } b {")] text: &str) {
        assert_eq!(substitute(text, &environment()), Substituted::Unchanged);
    }

    #[rstest]
    #[case("${B}", Some("B"))]
    #[case("${A} ${B}", Some("B"))]
    #[case("Bearer ${B:-}", None)]
    #[case("Bearer ${EMPTY:-}", None)]
    fn is_undefined(#[case] text: &str, #[case] missing: Option<&str>) {
        let expected = Substituted::Undefined { missing: missing.map(str::to_owned) };
        assert_eq!(substitute(text, &environment()), expected);
    }
}

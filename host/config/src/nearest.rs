//! The nearest of the names that would have been right.

use strsim::normalized_damerau_levenshtein;

/// How alike two names must be to be offered for one another.
const ALIKE: f64 = 0.6;

/// The candidate that a wrong name was most likely meant to be.
pub(crate) fn nearest<'name>(wrong: &str, candidates: impl IntoIterator<Item = &'name str>) -> Option<&'name str> {
    let plain = simplify(wrong);
    let scored = candidates.into_iter().map(|name| (normalized_damerau_levenshtein(&plain, &simplify(name)), name));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (best.0 >= ALIKE).then_some(best.1)
}

/// A name without the differences that are mere spelling: case, dashes and underscores.
pub(crate) fn simplify(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// Names for a message: "`a`, `b` and `c`".
pub(crate) fn list<'name>(names: impl IntoIterator<Item = &'name str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{list, nearest};

    #[rstest]
    #[case("tagret", Some("target"))]
    #[case("base_url", Some("baseUrl"))]
    #[case("zzz", None)]
    fn finds(#[case] wrong: &str, #[case] expected: Option<&str>) {
        assert_eq!(nearest(wrong, ["target", "baseUrl", "headers"]), expected);
    }

    #[test]
    fn lists() {
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(list(["a"]), "`a`");
    }
}

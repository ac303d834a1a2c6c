//! Query strings and forms as lists of pairs, read the way Backstage's routes read them.

use std::collections::BTreeMap;

use host_api::{ApiError, ApiResult};

/// The pairs of a query string, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string without its question mark, or the body of a form.
    pub(crate) fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The pairs.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The first value of a key.
    pub(crate) fn first(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// All values of a key; `key[]` and `key[0]` count as the key.
    pub(crate) fn all(&self, key: &str) -> Vec<String> {
        self.0.iter().filter(|(name, _)| base(name) == key).map(|(_, value)| value.clone()).collect()
    }

    /// All values of a key, each a list with commas.
    pub(crate) fn lists(&self, key: &str) -> Vec<String> {
        let values = self.all(key);
        values
            .iter()
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// All values of a key that are not empty.
    pub(crate) fn all_filled(&self, key: &str) -> Vec<String> {
        let mut values = self.all(key);
        values.retain(|value| !value.is_empty());
        values
    }

    /// A whole number that is not negative.
    ///
    /// # Errors
    /// When the value is anything else.
    pub(crate) fn number(&self, key: &str) -> ApiResult<Option<usize>> {
        let Some(text) = self.first(key) else { return Ok(None) };
        match text.parse::<i64>() {
            Ok(number) => usize::try_from(number)
                .map(Some)
                .map_err(|_| ApiError::input(format!("request/query/{key} must be >= 0"))),
            Err(_) => Err(ApiError::input(format!("request/query/{key} must be integer"))),
        }
    }

    /// A truth value as people write it; anything else is false.
    pub(crate) fn flag(&self, key: &str) -> bool {
        let is_yes = |value: &str| matches!(value.to_lowercase().as_str(), "y" | "yes" | "true" | "1" | "on");
        self.first(key).is_some_and(is_yes)
    }

    /// Values by the name in brackets: `filters[kind]=API&filters[kind][0]=System`.
    pub(crate) fn map(&self, key: &str) -> BTreeMap<String, Vec<String>> {
        let mut map = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in &self.0 {
            let inner =
                name.strip_prefix(key).and_then(|rest| rest.strip_prefix('[')).and_then(|rest| rest.split_once(']'));
            if let Some((inner, _)) = inner {
                map.entry(inner.to_owned()).or_default().push(value.clone());
            }
        }
        map
    }
}

/// A name without the brackets of a list.
pub(crate) fn base(name: &str) -> &str {
    match name.find('[') {
        Some(at) if name.ends_with(']') && name[at + 1..name.len() - 1].bytes().all(|byte| byte.is_ascii_digit()) => {
            &name[..at]
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lists_and_maps() {
        let query = Query::parse(
            "filter=kind%3Dapi&filter=a,b&types[0]=x&types[]=y&filters[kind][0]=API&filters[kind]=System&limit=5",
        );
        assert_eq!(query.all("filter"), ["kind=api", "a,b"]);
        assert_eq!(query.all("types"), ["x", "y"]);
        assert_eq!(query.lists("filter"), ["kind=api", "a", "b"]);
        assert_eq!(query.map("filters")["kind"], ["API", "System"]);
        assert_eq!(query.number("limit"), Ok(Some(5)));
    }

    #[test]
    fn refuses_values_in_backstages_words() {
        for (text, expected) in
            [("limit=-1", "request/query/limit must be >= 0"), ("limit=x", "request/query/limit must be integer")]
        {
            assert_eq!(Query::parse(text).number("limit").unwrap_err().message, expected);
        }
        assert_eq!(Query::parse("filter=&filter=a").all_filled("filter"), ["a"]);
        for (text, expected) in
            [("x=true", true), ("x=Yes", true), ("x=1", true), ("x=no", false), ("x=maybe", false), ("", false)]
        {
            assert_eq!(Query::parse(text).flag("x"), expected, "{text}");
        }
    }
}

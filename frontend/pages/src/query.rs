//! The query of a page's address, read with bounds.

/// The most characters of one value that count.
const MAX_VALUE: usize = 300;
/// The most values of one name that count.
const MAX_VALUES: usize = 50;

/// The pairs of a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a>(&'a [(String, String)]);

impl<'a> Query<'a> {
    pub(crate) fn new(pairs: &'a [(String, String)]) -> Self {
        Self(pairs)
    }

    /// All pairs.
    pub(crate) fn pairs(&self) -> &'a [(String, String)] {
        self.0
    }

    /// The first value of a name that is not blank.
    pub(crate) fn first(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    /// The first value of a name as it was sent, whatever its length.
    pub(crate) fn whole(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name that are not blank, each once.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let mut values: Vec<String> = Vec::new();
        for (_, value) in self.0.iter().filter(|(key, _)| key == name) {
            let value: String = value.trim().chars().filter(|c| !c.is_control()).take(MAX_VALUE).collect();
            if !value.is_empty() && !values.contains(&value) && values.len() < MAX_VALUES {
                values.push(value);
            }
        }
        values
    }

    /// A page number from 1.
    pub(crate) fn page(&self) -> usize {
        self.first("page").and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, 1_000_000)
    }
}

/// The pairs as they are taken by `with_query`.
pub(crate) fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_trimmed_bounded_and_unique() {
        let pairs: Vec<(String, String)> =
            [("a", " "), ("a", "x\n"), ("a", "x"), ("page", "0"), ("b", &"é".repeat(400))]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec();
        let query = Query::new(&pairs);
        assert_eq!(query.all("a"), ["x"]);
        assert_eq!(query.first("c"), None);
        assert_eq!(query.page(), 1);
        assert_eq!(query.first("b").map(|value| value.chars().count()), Some(MAX_VALUE));
    }
}

//! What the address says of a definition's page: which part, which filters, which page.

use frontend_ui::with_query;
use host_api::{ApiDefinition, ApiOperation};

use crate::query::{Query, borrowed};

/// The parts of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Operations,
    Types,
    Text,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    /// The path of the tab.
    base: String,
    pub(super) view: View,
    /// Words that operations or types must have.
    pub(super) text: String,
    /// The name of a group of operations; empty for all.
    pub(super) group: String,
    /// A verb; empty for all.
    pub(super) verb: String,
    /// From 1.
    pub(super) page: usize,
    /// What is shown when the address does not say it.
    usual: View,
}

impl State {
    pub(super) fn of(base: String, query: &Query<'_>, definition: &ApiDefinition) -> Self {
        let usual = if definition.operation_count() > 0 || (definition.is_drawn() && definition.types.is_empty()) {
            View::Operations
        } else if definition.is_drawn() {
            View::Types
        } else {
            View::Text
        };
        let view = match query.first("view").as_deref() {
            Some("types") if !definition.types.is_empty() => View::Types,
            Some("text") => View::Text,
            Some("operations") if definition.operation_count() > 0 => View::Operations,
            _ => usual,
        };
        Self {
            base,
            view,
            text: query.first("q").unwrap_or_default(),
            group: query.first("group").unwrap_or_default(),
            verb: query.first("verb").unwrap_or_default(),
            page: query.page(),
            usual,
        }
    }

    /// The path to which the form of the filter goes.
    pub(super) fn path(&self) -> String {
        self.base.clone()
    }

    fn word(&self, view: View) -> Option<&'static str> {
        match view {
            _ if view == self.usual => None,
            View::Operations => Some("operations"),
            View::Types => Some("types"),
            View::Text => Some("text"),
        }
    }

    /// What the form of the filter sends along.
    pub(super) fn kept(&self) -> Vec<(String, String)> {
        self.word(self.view).map(|word| ("view".to_owned(), word.to_owned())).into_iter().collect()
    }

    /// The address of this list on another page.
    pub(super) fn of_page(&self, page: usize) -> String {
        let mut pairs = self.kept();
        for (name, value) in [("q", &self.text), ("group", &self.group), ("verb", &self.verb)] {
            if !value.is_empty() {
                pairs.push((name.to_owned(), value.clone()));
            }
        }
        if page > 1 {
            pairs.push(("page".to_owned(), page.to_string()));
        }
        with_query(&self.base, borrowed(&pairs))
    }

    /// The address of a part, without filters.
    pub(super) fn of_view(&self, view: View) -> String {
        with_query(&self.base, self.word(view).map(|word| ("view", word)))
    }

    /// The address of a page of the types.
    pub(super) fn of_types(&self, page: usize) -> String {
        let page = (page > 1).then(|| page.to_string());
        let pairs = self.word(View::Types).map(|word| ("view", word));
        with_query(&self.base, pairs.into_iter().chain(page.as_deref().map(|page| ("page", page))))
    }

    /// How many filters are set.
    pub(super) fn active(&self) -> u64 {
        [&self.text, &self.group, &self.verb].into_iter().filter(|value| !value.is_empty()).count() as u64
    }

    /// Whether an operation of a group is meant.
    pub(super) fn wants(&self, group: &str, operation: &ApiOperation) -> bool {
        let groups = || [group].into_iter().chain(operation.other_groups.iter().map(String::as_str));
        let heard = [&operation.name, &operation.verb, &operation.summary, &operation.operation_id];
        let heard: Vec<&str> = heard.into_iter().map(String::as_str).chain(groups()).collect();
        (self.group.is_empty() || groups().any(|group| self.group == group))
            && (self.verb.is_empty() || self.verb.eq_ignore_ascii_case(&operation.verb))
            && self.has_words(&heard)
    }

    /// Whether every word of the filter is in one of the texts.
    pub(super) fn has_words(&self, texts: &[&str]) -> bool {
        let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        self.text.split_whitespace().all(|word| {
            let word = word.to_lowercase();
            texts.iter().any(|text| text.contains(&word))
        })
    }
}

#[cfg(test)]
mod tests {
    use host_api::{ApiGroup, ApiType};

    use super::*;

    #[test]
    fn the_address_says_what_is_shown() {
        let definition = ApiDefinition {
            groups: vec![ApiGroup { operations: vec![ApiOperation::default()], ..ApiGroup::default() }],
            types: vec![ApiType::default()],
            ..ApiDefinition::default()
        };
        for (query, definition, view, again) in [
            (&[][..], &definition, View::Operations, "/d"),
            (&[("view", "types"), ("page", "2")], &definition, View::Types, "/d?view=types&page=2"),
            (&[("q", "a b"), ("verb", "get")], &definition, View::Operations, "/d?q=a%20b&verb=get"),
            (&[("view", "types")], &ApiDefinition::default(), View::Text, "/d"),
        ] {
            let pairs: Vec<(String, String)> =
                query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let state = State::of("/d".to_owned(), &Query::new(&pairs), definition);
            assert_eq!((state.view, state.of_page(state.page).as_str()), (view, again));
        }
    }

    #[test]
    fn filters_hear_every_word() {
        let operation = ApiOperation {
            verb: "GET".into(),
            name: "/orders/{id}".into(),
            summary: "Reads one".into(),
            other_groups: vec!["archive".into()],
            ..ApiOperation::default()
        };
        for (text, verb, group, wanted) in [
            ("", "", "", true),
            ("ORDERS reads", "", "", true),
            ("orders writes", "", "", false),
            ("archive", "", "", true),
            ("", "get", "", true),
            ("", "post", "", false),
            ("", "", "orders", true),
            ("", "", "archive", true),
            ("", "", "stock", false),
        ] {
            let pairs =
                [("q", text), ("verb", verb), ("group", group)].map(|(key, value)| (key.to_owned(), value.to_owned()));
            let state = State::of(String::new(), &Query::new(&pairs), &ApiDefinition::default());
            assert_eq!(state.wants("orders", &operation), wanted, "{text} {verb} {group}");
        }
    }
}

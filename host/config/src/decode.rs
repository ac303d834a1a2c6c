//! From values to typed fields, with a complaint for each that does not fit.

use std::cell::RefCell;
use std::time::Duration;

use host_model::Secret;
use host_model::diagnostic::{Diagnostic, Severity};
use url::Url;

use crate::duration;
use crate::item::{Entry, Item, Kind, Origin};
use crate::keys::{escape, join};
use crate::nearest::{list, nearest};

/// Where complaints go.
pub(crate) type Report = RefCell<Vec<Diagnostic>>;

/// A value and the path that leads to it.
#[derive(Clone)]
pub(crate) struct Field<'item> {
    item: &'item Item,
    path: String,
    pointer: String,
    report: &'item Report,
}

impl<'item> Field<'item> {
    pub(crate) fn root(item: &'item Item, report: &'item Report) -> Self {
        Self { item, path: String::new(), pointer: String::new(), report }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn origin(&self) -> &'item Origin {
        &self.item.origin
    }

    /// The value under a key; null and absence are the same.
    pub(crate) fn get(&self, key: &str) -> Option<Field<'item>> {
        let item = self.item.get(key)?;
        (!matches!(item.kind, Kind::Null)).then(|| self.child(key, item))
    }

    fn child(&self, key: &str, item: &'item Item) -> Field<'item> {
        let pointer = format!("{}/{}", self.pointer, escape(key));
        Field { item, path: join(&self.path, key), pointer, report: self.report }
    }

    /// The values under a key that should be a mapping; none if it is absent or something else.
    pub(crate) fn section(&self, key: &str) -> Option<Field<'item>> {
        let field = self.get(key)?;
        field.expect_map("a mapping").then_some(field)
    }

    /// The keys and values under a key whose own names are free.
    pub(crate) fn entries(&self, key: &str) -> Vec<(&'item str, Field<'item>)> {
        self.section(key).map(|field| field.children()).unwrap_or_default()
    }

    /// The keys of this mapping and their values, without those that are null.
    pub(crate) fn children(&self) -> Vec<(&'item str, Field<'item>)> {
        let Kind::Map(entries) = &self.item.kind else { return Vec::new() };
        let is_present = |entry: &&Entry| !matches!(entry.item.kind, Kind::Null);
        entries
            .iter()
            .filter(is_present)
            .map(|entry| (entry.key.as_str(), self.child(&entry.key, &entry.item)))
            .collect()
    }

    /// The items of a list under a key.
    pub(crate) fn items(&self, key: &str) -> Vec<Field<'item>> {
        let Some(field) = self.get(key) else { return Vec::new() };
        match &field.item.kind {
            Kind::List(items) => field.list_items(items),
            _ => {
                field.wrong("a list");
                Vec::new()
            }
        }
    }

    fn list_items(&self, items: &'item [Item]) -> Vec<Field<'item>> {
        let item = |(index, item)| Field {
            item,
            path: format!("{}[{index}]", self.path),
            pointer: format!("{}/{index}", self.pointer),
            report: self.report,
        };
        items.iter().enumerate().map(item).collect()
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.item.kind, Kind::Map(_))
    }

    pub(crate) fn expect_map(&self, expected: &str) -> bool {
        if !self.is_map() {
            self.wrong(expected);
        }
        self.is_map()
    }

    /// The value as it is, for those who check it themselves.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.item.to_json()
    }

    /// Text. A number is taken as it is written in JSON, for names that look like one.
    pub(crate) fn text(&self) -> Option<String> {
        match &self.item.kind {
            Kind::String(text) => Some(text.clone()),
            Kind::Number(number) => Some(number.to_string()),
            _ => {
                self.wrong("text");
                None
            }
        }
    }

    pub(crate) fn secret(&self) -> Option<Secret<String>> {
        self.text().map(Secret::new)
    }

    /// True or false; also as text, since variables are substituted as text.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match &self.item.kind {
            Kind::Bool(value) => Some(*value),
            Kind::String(text) if text == "true" => Some(true),
            Kind::String(text) if text == "false" => Some(false),
            _ => {
                self.wrong("true or false");
                None
            }
        }
    }

    pub(crate) fn is_false(&self) -> bool {
        match &self.item.kind {
            Kind::Bool(value) => !value,
            Kind::String(text) => text == "false",
            _ => false,
        }
    }

    /// A whole number between two bounds; also as text.
    pub(crate) fn integer(&self, least: u64, most: u64) -> Option<u64> {
        let value = match &self.item.kind {
            Kind::Number(number) => number.as_u64(),
            Kind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let value = value.filter(|value| (least..=most).contains(value));
        if value.is_none() {
            self.wrong(&format!("a whole number from {least} to {most}"));
        }
        value
    }

    /// A list of texts; a single text is a list of one, and its commas divide it if `divided`.
    pub(crate) fn texts(&self, divided: bool) -> Vec<String> {
        match &self.item.kind {
            Kind::List(items) => self.list_items(items).iter().filter_map(Field::text).collect(),
            Kind::String(text) if divided => text.split(',').map(|part| part.trim().to_owned()).collect(),
            Kind::String(text) => vec![text.clone()],
            _ => {
                self.wrong("a list of texts");
                Vec::new()
            }
        }
    }

    /// A length of time: `30s`, `PT30S` or `{ seconds: 30 }`.
    pub(crate) fn duration(&self) -> Option<Duration> {
        let value = match &self.item.kind {
            Kind::String(text) => duration::from_text(text),
            Kind::Map(entries) if !entries.is_empty() => entries.iter().try_fold(Duration::ZERO, |total, entry| {
                let Kind::Number(amount) = &entry.item.kind else { return None };
                total.checked_add(duration::from_unit(&entry.key, amount.as_f64()?)?)
            }),
            _ => None,
        };
        if value.is_none() {
            self.complain(
                "config/type",
                self.should_be("a length of time"),
                Some("write it like `30s`, `5 minutes` or `PT1H`"),
            );
        }
        value
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        let names = || choices.iter().map(|(name, _)| *name);
        let hint = match nearest(&text, names()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("it can be {}", list(names())),
        };
        self.complain("config/value", format!("{} has a value that is not known here", self.name()), Some(&hint));
        None
    }

    /// An address of a web server, without user, password, query and fragment.
    pub(crate) fn url(&self) -> Option<Url> {
        let text = self.text()?;
        let hint = Some("write it like `https://portal.example.com`");
        let Ok(url) = Url::parse(&text) else {
            self.complain("config/value", format!("{} is not a complete address", self.name()), hint);
            return None;
        };
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            self.complain("config/value", format!("{} should be an http or https address", self.name()), hint);
            return None;
        }
        if !url.username().is_empty() || url.password().is_some() {
            let message = format!("{} has a user or password in it", self.name());
            self.complain("config/value", message, Some("put credentials into a header instead"));
            return None;
        }
        if url.query().is_some() || url.fragment().is_some() {
            self.complain("config/value", format!("{} should not have a `?` or `#` part", self.name()), hint);
            return None;
        }
        Some(url)
    }

    /// Complains that a key is not there.
    pub(crate) fn missing(&self, key: &str) {
        self.complain("config/missing", format!("`{}` is missing", join(&self.path, key)), None);
    }

    /// Complains of the type of the value.
    pub(crate) fn wrong(&self, expected: &str) {
        self.complain("config/type", self.should_be(expected), None);
    }

    fn should_be(&self, expected: &str) -> String {
        format!("{} should be {expected}, but is {}", self.name(), self.item.describe())
    }

    fn name(&self) -> String {
        if self.path.is_empty() { "the configuration".to_owned() } else { format!("`{}`", self.path) }
    }

    /// Complains of the value in words of the caller's, who must not quote it.
    pub(crate) fn complain(&self, code: &str, message: String, hint: Option<&str>) {
        self.complain_as(Severity::Error, code, message, hint);
    }

    pub(crate) fn complain_as(&self, severity: Severity, code: &str, message: String, hint: Option<&str>) {
        let mut diagnostic =
            Diagnostic::new(severity, code, message).at(self.item.origin.place()).pointer(&self.pointer);
        diagnostic.hint = hint.map(str::to_owned);
        self.report.borrow_mut().push(diagnostic);
    }
}

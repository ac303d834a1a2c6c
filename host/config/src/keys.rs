//! Which keys there are.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use host_model::diagnostic::Diagnostic;

use crate::item::{Entry, Item, Kind};
use crate::nearest::{list, nearest};

/// The table, read once.
static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::read(include_str!("keys.txt")));

/// What may stand below a place in the configuration.
#[derive(Default)]
pub(crate) struct Keys {
    named: BTreeMap<String, Keys>,
    any: Option<Box<Keys>>,
    item: Option<Box<Keys>>,
    /// Whether anything at all may stand below.
    open: bool,
    /// Whether Callboard reads this or anything below it.
    used: bool,
}

impl Keys {
    /// The table of this build.
    pub(crate) fn all() -> &'static Keys {
        &KEYS
    }

    fn read(text: &str) -> Self {
        let mut keys = Self::default();
        let mut used = true;
        for line in text.lines().map(str::trim) {
            match line {
                "" => {}
                "[used]" => used = true,
                "[backstage]" => used = false,
                comment if comment.starts_with('#') => {}
                path => keys.insert(path, used),
            }
        }
        keys
    }

    fn insert(&mut self, path: &str, used: bool) {
        let mut keys = self;
        keys.used |= used;
        for segment in path.split('/') {
            keys = match segment {
                "**" => {
                    keys.open = true;
                    return;
                }
                "*" => keys.any.get_or_insert_default(),
                "[]" => keys.item.get_or_insert_default(),
                name => keys.named.entry(name.to_owned()).or_default(),
            };
            keys.used |= used;
        }
    }

    /// What may stand below a key, if the key exists.
    pub(crate) fn below(&self, key: &str) -> Option<&Keys> {
        self.named.get(key).or(self.any.as_deref())
    }

    /// What the items of a list may be.
    pub(crate) fn item(&self) -> Option<&Keys> {
        self.item.as_deref()
    }

    /// Whether anything at all may stand below.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether Callboard reads this or anything below it.
    pub(crate) fn is_used(&self) -> bool {
        self.used
    }

    /// The names that are known here.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// The names that Callboard reads here.
    fn used_names(&self) -> impl Iterator<Item = &str> {
        self.named.iter().filter(|(_, keys)| keys.used).map(|(name, _)| name.as_str())
    }

    /// A path in the table that ends in a key, for one that was written in the wrong place.
    fn elsewhere(&self, key: &str, path: &str) -> Option<String> {
        self.named.iter().filter(|(_, keys)| keys.used).find_map(|(name, keys)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if name == key { Some(path) } else { keys.elsewhere(key, &path) }
        })
    }
}

/// Reports every key that nobody knows, and every key that only Backstage does.
pub(crate) fn check(root: &Item, diagnostics: &mut Vec<Diagnostic>) {
    Check { diagnostics }.item(root, Keys::all(), "", "");
}

struct Check<'diagnostics> {
    diagnostics: &'diagnostics mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn item(&mut self, item: &Item, keys: &Keys, path: &str, pointer: &str) {
        if keys.open {
            return;
        }
        match &item.kind {
            Kind::List(items) => {
                let Some(keys) = &keys.item else { return };
                for (index, item) in items.iter().enumerate() {
                    self.item(item, keys, &format!("{path}[{index}]"), &format!("{pointer}/{index}"));
                }
            }
            Kind::Map(entries) => {
                // Where no mapping belongs, the complaint about the type says more.
                if keys.named.is_empty() && keys.any.is_none() {
                    return;
                }
                for entry in entries {
                    let path = join(path, &entry.key);
                    let pointer = format!("{pointer}/{}", escape(&entry.key));
                    match keys.below(&entry.key) {
                        None => self.unknown(entry, keys, &path, pointer),
                        Some(below) if below.used => self.item(&entry.item, below, &path, &pointer),
                        Some(_) => self.unused(entry, &path, pointer),
                    }
                }
            }
            _ => {}
        }
    }

    fn unused(&mut self, entry: &Entry, path: &str, pointer: String) {
        let message = format!("`{path}` is a key of Backstage that has no effect in Callboard");
        let diagnostic = Diagnostic::warning("config/unused-key", message).at(entry.origin.place());
        self.diagnostics.push(diagnostic.pointer(pointer).hint("remove it, or leave it for Backstage's sake"));
    }

    fn unknown(&mut self, entry: &Entry, keys: &Keys, path: &str, pointer: String) {
        let message = format!("there is no key `{path}`");
        let known = nearest(&entry.key, keys.used_names()).or_else(|| nearest(&entry.key, keys.names()));
        let hint = match known {
            Some(name) => format!("did you mean `{name}`?"),
            None => match Keys::all().elsewhere(&entry.key, "") {
                Some(path) => format!("did you mean `{path}`?"),
                None => format!("known keys here are {}", list(keys.used_names())),
            },
        };
        let diagnostic = Diagnostic::error("config/unknown-key", message).at(entry.origin.place());
        self.diagnostics.push(diagnostic.pointer(pointer).hint(hint));
    }
}

/// A path for people: keys joined by dots, odd keys in quotes.
pub(crate) fn join(path: &str, key: &str) -> String {
    let is_odd = key.is_empty() || key.contains(['.', '[', ' ']);
    match (path.is_empty(), is_odd) {
        (true, false) => key.to_owned(),
        (true, true) => format!("\"{key}\""),
        (false, false) => format!("{path}.{key}"),
        (false, true) => format!("{path}.\"{key}\""),
    }
}

/// A key as a segment of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

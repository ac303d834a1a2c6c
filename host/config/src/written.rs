//! A configuration as it is written: files merged, nothing in them substituted or included, every key looked up. For tools
//! that bring a configuration along from elsewhere; the portal itself never reads one like this.

use std::path::{Path, PathBuf};

use host_model::diagnostic::{Diagnostic, Place};

use crate::include::Reader;
use crate::item::{Item, Kind};
use crate::keys::{Keys, escape, join};
use crate::nearest::nearest;

/// What Callboard does with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// It reads it.
    Used,
    /// Backstage, or a well-known plugin of it, has it; it has no effect here.
    Unused,
    /// Nobody knows it. The nearest known one, if one is near.
    Unknown(Option<String>),
}

/// A key with what stands below it.
#[derive(Clone, Debug)]
pub struct WrittenKey {
    /// For people: `catalog.locations[0].target`.
    pub path: String,
    /// As a JSON pointer.
    pub pointer: String,
    /// Where it is written.
    pub place: Place,
    /// The folder of the file in which it is written.
    pub directory: PathBuf,
    pub key_use: KeyUse,
    /// Whether its name says that its value is secret.
    pub is_secret: bool,
}

/// Files that were merged as Backstage merges them: mappings key by key, anything else is replaced by the later file.
#[derive(Debug)]
pub struct Written {
    /// The merged result, with `${VAR}`, `$env`, `$file` and `$include` as they are.
    pub value: serde_json::Value,
    /// Every key that is used, down to its values, and the topmost of those that are not.
    pub keys: Vec<WrittenKey>,
    /// What kept files from being read.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads files without resolving anything in them.
pub fn read_as_written(files: &[PathBuf], working_directory: &Path) -> Written {
    let environment = std::collections::BTreeMap::new();
    let mut reader = Reader::new(&environment, working_directory);
    let mut merged: Option<Item> = None;
    for file in files {
        match (reader.file_as_written(file), &mut merged) {
            (Some(item), Some(merged)) => merged.merge(item),
            (Some(item), None) => merged = Some(item),
            (None, _) => {}
        }
    }
    let mut keys = Vec::new();
    let value = match &merged {
        Some(item) => {
            Survey { found: &mut keys }.item(item, Keys::all(), "", "", false);
            item.to_json()
        }
        None => serde_json::Value::Object(serde_json::Map::new()),
    };
    Written { value, keys, diagnostics: reader.diagnostics }
}

struct Survey<'found> {
    found: &'found mut Vec<WrittenKey>,
}

impl Survey<'_> {
    fn item(&mut self, item: &Item, keys: &Keys, path: &str, pointer: &str, is_secret: bool) {
        match &item.kind {
            Kind::List(items) if !items.is_empty() => {
                let below = if keys.is_open() { Some(keys) } else { keys.item() };
                for (index, item) in items.iter().enumerate() {
                    let (path, pointer) = (format!("{path}[{index}]"), format!("{pointer}/{index}"));
                    match below {
                        Some(below) => self.item(item, below, &path, &pointer, is_secret),
                        None => self.add(item, path, pointer, KeyUse::Used, is_secret),
                    }
                }
            }
            Kind::Map(entries) if !entries.is_empty() && !is_directive(item) => {
                for entry in entries {
                    let (path, pointer) = (join(path, &entry.key), format!("{pointer}/{}", escape(&entry.key)));
                    let is_secret = is_secret || crate::mask::is_secret_name(&entry.key);
                    let below = if keys.is_open() { Some(keys) } else { keys.below(&entry.key) };
                    match below {
                        Some(below) if below.is_used() => self.item(&entry.item, below, &path, &pointer, is_secret),
                        Some(_) => self.add(&entry.item, path, pointer, KeyUse::Unused, is_secret),
                        None => {
                            let near = nearest(&entry.key, keys.names()).map(str::to_owned);
                            self.add(&entry.item, path, pointer, KeyUse::Unknown(near), is_secret);
                        }
                    }
                }
            }
            _ => self.add(item, path.to_owned(), pointer.to_owned(), KeyUse::Used, is_secret),
        }
    }

    fn add(&mut self, item: &Item, path: String, pointer: String, key_use: KeyUse, is_secret: bool) {
        let directory = item.origin.source.directory.clone();
        self.found.push(WrittenKey { path, pointer, place: item.origin.place(), directory, key_use, is_secret });
    }
}

/// Whether a mapping stands for a value from elsewhere.
fn is_directive(item: &Item) -> bool {
    ["$env", "$file", "$include"].iter().any(|key| item.get(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_merged_and_every_key_is_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
            PathBuf::from(name)
        };
        let first = write(
            "a.yaml",
            "app: { title: One, baseUrl: 'http://localhost:3000' }\nintegrations:\n  github: [{ host: github.com, token: '${T}' }]\n\
             catalog: { locations: [{ type: file, target: ./a }], locatoins: 1 }\n",
        );
        let second = write(
            "b.yaml",
            "app: { title: Two }\ncatalog:\n  locations:\n    - type: file\n      target: { $env: WHERE }\nkubernetes: { a: 1 }\nzzz: 1\n",
        );
        let written = read_as_written(&[first, second], folder.path());
        assert!(written.diagnostics.is_empty(), "{:?}", written.diagnostics);
        assert_eq!(written.value["app"]["title"], "Two");
        assert_eq!(written.value["integrations"]["github"][0]["token"], "${T}");
        assert_eq!(written.value["catalog"]["locations"][0]["target"]["$env"], "WHERE");
        let of = |path: &str| written.keys.iter().find(|key| key.path == path).expect(path);
        for (path, key_use) in [
            ("app.title", KeyUse::Used),
            ("integrations.github[0].token", KeyUse::Used),
            ("catalog.locations[0].target", KeyUse::Used),
            ("catalog.locatoins", KeyUse::Unknown(Some("locations".to_owned()))),
            ("kubernetes", KeyUse::Unused),
            ("zzz", KeyUse::Unknown(None)),
        ] {
            assert_eq!(of(path).key_use, key_use, "{path}");
        }
        assert!(of("integrations.github[0].token").is_secret && !of("app.title").is_secret);
        let target = of("catalog.locations[0].target");
        assert_eq!(
            (target.place.to_string().as_str(), target.pointer.as_str()),
            ("b.yaml:5:15", "/catalog/locations/0/target")
        );
        assert_eq!(target.directory, folder.path());
        let none = read_as_written(&["absent.yaml".into()], folder.path());
        assert_eq!((none.diagnostics.len(), none.keys.len()), (1, 0));
    }
}

//! Placeholders: `$text`, `$json` and `$yaml` put a file's content in their place.

use std::path::{Path, PathBuf};

use host_model::{Diagnostic, Severity};
use serde_json::Value;

use super::read::read_bounded;
use super::state::Stamp;
use crate::validate::escape;

/// Deepest nesting that is searched for placeholders.
const DEEPEST: usize = 128;
/// Most placeholders of one document.
const MOST: usize = 200;

/// The folders in which files may be read, without symbolic links.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowed(Vec<PathBuf>);

impl Allowed {
    /// Folders that do not exist are left out.
    pub(crate) fn new<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut folders: Vec<PathBuf> = folders.into_iter().filter_map(|folder| folder.canonicalize().ok()).collect();
        folders.sort();
        folders.dedup();
        Self(folders)
    }

    /// The file's true path, if it exists within one of the folders.
    pub(crate) fn resolve(&self, path: &Path) -> Result<PathBuf, Refusal> {
        let real = path.canonicalize().map_err(|error| Refusal::Unreadable(error.to_string()))?;
        if self.0.iter().any(|folder| real.starts_with(folder)) { Ok(real) } else { Err(Refusal::Outside) }
    }

    /// A text that changes when the folders do.
    pub(crate) fn fingerprint(&self) -> String {
        self.0.iter().map(|folder| format!("{}\n", folder.display())).collect()
    }
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It lies outside the folders.
    Outside,
    /// It does not exist or cannot be read.
    Unreadable(String),
}

/// A placeholder that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Included {
    /// Where in the entity.
    pub(crate) pointer: String,
    /// The file whose content stands there.
    pub(crate) path: PathBuf,
    /// Whether it stands there as text, so that lines can be counted in it.
    pub(crate) is_text: bool,
}

/// Replaces every placeholder of a document.
pub(crate) struct Includer<'a> {
    /// The file that holds the document.
    pub(crate) file: &'a Path,
    pub(crate) allowed: &'a Allowed,
    pub(crate) limit: u64,
    pub(crate) stamps: &'a mut Vec<Stamp>,
    pub(crate) included: Vec<Included>,
    /// What is wrong, with the pointer to the placeholder's value.
    pub(crate) problems: Vec<(String, Diagnostic)>,
}

impl Includer<'_> {
    /// Walks a value that came from one document.
    pub(crate) fn replace(&mut self, value: &mut Value, pointer: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Object(object) => {
                if object.len() == 1
                    && let Some((key @ ("$text" | "$json" | "$yaml"), target)) =
                        object.iter().next().map(|(key, target)| (key.as_str(), target))
                {
                    let at = format!("{pointer}/{}", escape(key));
                    match self.include(key, target, pointer) {
                        Ok(content) => *value = content,
                        Err(diagnostic) => self.problems.push((at, *diagnostic)),
                    }
                    return;
                }
                for (key, value) in object.iter_mut().filter(|(_, value)| value.is_object() || value.is_array()) {
                    self.replace(value, &format!("{pointer}/{}", escape(key)), depth + 1);
                }
            }
            Value::Array(items) => {
                for (index, item) in
                    items.iter_mut().enumerate().filter(|(_, item)| item.is_object() || item.is_array())
                {
                    self.replace(item, &format!("{pointer}/{index}"), depth + 1);
                }
            }
            _ => {}
        }
    }

    fn include(&mut self, key: &str, target: &Value, pointer: &str) -> Result<Value, Box<Diagnostic>> {
        let problem = |message: String| Diagnostic::error("placeholder/unreadable", message);
        let Value::String(target) = target else {
            let message = format!("{key} must be the path of a file, found {}", crate::validate::shown(target));
            return Err(Box::new(problem(message)));
        };
        if self.included.len() >= MOST {
            return Err(Box::new(problem(format!("there are more than {MOST} placeholders in this document"))));
        }
        if target.contains("://") {
            let hint = "copy the file beside this one and give its relative path";
            return Err(Box::new(problem(format!("{key}: {target} is an address, which is not read yet")).hint(hint)));
        }
        // Without the `.` that people write, so that places read well.
        let path: PathBuf = self.file.parent().unwrap_or(Path::new("/")).join(target).components().collect();
        let unreadable = |error: String| problem(format!("{key}: {target} cannot be read: {error}"));
        let outside = || {
            let message = format!("{key}: {target} lies outside the folder of the location, and is not read");
            let hint = "move the file into that folder, or make the location's folder wider";
            Diagnostic::error("placeholder/outside", message).hint(hint)
        };
        let opened = match self.allowed.resolve(&path) {
            Ok(real) => read_bounded(&real, self.limit).map_err(unreadable),
            Err(Refusal::Outside) => return Err(Box::new(outside())),
            Err(Refusal::Unreadable(error)) => Err(unreadable(error)),
        };
        let (bytes, stamp) = match opened {
            Ok(opened) => opened,
            Err(diagnostic) => {
                self.stamps.push(Stamp::missing(path));
                return Err(Box::new(diagnostic));
            }
        };
        // The path as written: it is what people know, and what is watched.
        self.stamps.push(Stamp { path: path.clone(), ..stamp });
        let text =
            String::from_utf8(bytes).map_err(|_| Box::new(problem(format!("{key}: {target} is not UTF-8 text"))))?;
        self.included.push(Included { pointer: pointer.to_owned(), path: path.clone(), is_text: key == "$text" });
        match key {
            "$text" => Ok(Value::String(text)),
            "$json" => serde_json::from_str(&text).map_err(|error| {
                let place = host_model::Place {
                    file: Some(path.display().to_string()),
                    line: u32::try_from(error.line()).unwrap_or(1).max(1),
                    column: u32::try_from(error.column()).unwrap_or(1).max(1),
                };
                Box::new(problem(format!("{key}: {target} is not valid JSON: {error}")).at(place))
            }),
            _ => yaml(&text, &path, key, target),
        }
    }
}

fn yaml(text: &str, path: &Path, key: &str, target: &str) -> Result<Value, Box<Diagnostic>> {
    match host_yaml::parse_one(text, &host_yaml::Limits::default()) {
        Ok(mut node) => {
            node.apply_merge_keys();
            Ok(node.to_json())
        }
        Err(mut diagnostics) => {
            diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
            let first = diagnostics.into_iter().next();
            let mut diagnostic =
                first.unwrap_or_else(|| Diagnostic::error("placeholder/unreadable", "it is not valid YAML"));
            diagnostic.message = format!("{key}: {target}: {}", diagnostic.message);
            if let Some(place) = &mut diagnostic.place {
                place.file = Some(path.display().to_string());
            }
            Err(Box::new(diagnostic))
        }
    }
}

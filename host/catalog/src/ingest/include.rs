//! Placeholders: `$text`, `$json` and `$yaml` put a file's content in their place; `$openapi` and `$asyncapi` put there
//! a description with everything that it refers to.

use host_model::{Diagnostic, Place, Severity};
use host_ports::{SourceError, SourceFailure};
use serde_json::Value;

use super::bundle;
use super::reach::Reach;
use crate::validate::escape;

/// Deepest nesting that is searched for placeholders.
const DEEPEST: usize = 128;
/// Most placeholders of one document.
const MOST: usize = 200;

/// The keys that stand for a file.
const PLACEHOLDERS: [&str; 5] = ["$text", "$json", "$yaml", "$openapi", "$asyncapi"];

/// A placeholder that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Included {
    /// Where in the entity.
    pub(crate) pointer: String,
    /// The file whose content stands there: its path or address.
    pub(crate) name: String,
    /// Whether it stands there as text, so that lines can be counted in it.
    pub(crate) is_text: bool,
}

/// Replaces every placeholder of a document.
pub(crate) struct Includer<'a> {
    /// The path or address of the file that holds the document.
    pub(crate) base: &'a str,
    pub(crate) reach: &'a mut dyn Reach,
    /// Longest file, and longest description with what it refers to, in bytes.
    pub(crate) limit: u64,
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
                    && let Some((key, target)) = object.iter().next()
                    && PLACEHOLDERS.contains(&key.as_str())
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
        let refused = |error| Box::new(refused(key, error));
        let name = self.reach.resolve(self.base, target).map_err(refused)?;
        let bytes = self.reach.read(&name).map_err(refused)?;
        let text =
            String::from_utf8(bytes).map_err(|_| Box::new(problem(format!("{key}: {target} is not UTF-8 text"))))?;
        self.included.push(Included { pointer: pointer.to_owned(), name: name.clone(), is_text: key == "$text" });
        match key {
            "$text" => Ok(Value::String(text)),
            "$json" => serde_json::from_str(&text).map_err(|error| {
                let number = |number: usize| u32::try_from(number).unwrap_or(1).max(1);
                let place = Place { file: Some(name), line: number(error.line()), column: number(error.column()) };
                Box::new(problem(format!("{key}: {target} is not valid JSON: {error}")).at(place))
            }),
            "$yaml" => {
                let mut node = yaml(&text, &name, key)?;
                node.apply_merge_keys();
                Ok(node.to_json())
            }
            _ => bundle::bundle(&text, &name, key, self.reach, self.limit).map(Value::String),
        }
    }
}

/// What a refusal to read is, as a finding about the placeholder.
pub(super) fn refused(key: &str, error: SourceError) -> Diagnostic {
    let code = match error.failure {
        SourceFailure::NotAllowed => "placeholder/outside",
        _ => "placeholder/unreadable",
    };
    Diagnostic { hint: error.hint, ..Diagnostic::error(code, format!("{key}: {}", error.message)) }
}

/// Reads a file that is one YAML document.
pub(super) fn yaml(text: &str, name: &str, key: &str) -> Result<host_yaml::Node, Box<Diagnostic>> {
    host_yaml::parse_one(text, &host_yaml::Limits::default()).map_err(|mut diagnostics| {
        diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
        let first = diagnostics.into_iter().next();
        let mut diagnostic =
            first.unwrap_or_else(|| Diagnostic::error("placeholder/unreadable", "it is not valid YAML"));
        diagnostic.message = format!("{key}: {name}: {}", diagnostic.message);
        if let Some(place) = &mut diagnostic.place {
            place.file = Some(name.to_owned());
        }
        Box::new(diagnostic)
    })
}

//! Reads files, and resolves what stands in them for something else: `${VAR}`, `$env`, `$file` and `$include`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use host_model::diagnostic::{Diagnostic, Severity};
use host_yaml::{Limits, Node, Value, parse_bytes};

use crate::item::{Entry, Item, Kind, Origin, Source, normalise};
use crate::substitute::{Substituted, substitute};

/// How deep files may include files.
const MOST_DEPTH: usize = 10;

/// How many files may be read in all.
const MOST_FILES: usize = 1_000;

/// Longest file in bytes.
const MOST_BYTES: u64 = 8 << 20;

/// Reads configuration files and remembers which.
pub(crate) struct Reader<'environment> {
    environment: &'environment BTreeMap<String, String>,
    working_directory: PathBuf,
    reads: usize,
    /// Every file that was read or should have been, for watching.
    pub(crate) files: BTreeSet<PathBuf>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'environment> Reader<'environment> {
    pub(crate) fn new(environment: &'environment BTreeMap<String, String>, working_directory: &Path) -> Self {
        Self {
            environment,
            working_directory: working_directory.to_owned(),
            reads: 0,
            files: BTreeSet::new(),
            diagnostics: Vec::new(),
        }
    }

    /// A configuration file with everything in it resolved; `None` if it is not a mapping, which has then been reported.
    pub(crate) fn file(&mut self, path: &Path) -> Option<Item> {
        let (node, source) = self.mapping(path)?;
        self.resolve(node, &source, 0)
    }

    /// The same with everything as it is written.
    pub(crate) fn file_as_written(&mut self, path: &Path) -> Option<Item> {
        let (node, source) = self.mapping(path)?;
        Some(Item::from_node(node, &source))
    }

    fn mapping(&mut self, path: &Path) -> Option<(Node, Arc<Source>)> {
        let path = normalise(&self.working_directory.join(path));
        let name = self.name_of(&path);
        let bytes = match self.read(&path) {
            Ok(bytes) => bytes,
            Err(reason) => {
                let message = format!("the configuration file `{name}` cannot be read: {reason}");
                self.diagnostics.push(Diagnostic::error("config/unreadable", message));
                return None;
            }
        };
        let source = self.source(&path);
        let node = self.parse(&bytes, &source)?;
        match &node.value {
            Value::Null => None,
            Value::Mapping(_) => Some((node, source)),
            _ => {
                let message =
                    format!("a configuration file should be a mapping of keys, but this is {}", node.describe());
                let place = Origin::new(&source, node.place).place();
                self.diagnostics.push(Diagnostic::error("config/type", message).at(place));
                None
            }
        }
    }

    fn source(&self, path: &Path) -> Arc<Source> {
        let directory = path.parent().unwrap_or(Path::new("/")).to_owned();
        Arc::new(Source { name: self.name_of(path), directory })
    }

    /// A path as people want to read it: relative to where they are, if it is below.
    fn name_of(&self, path: &Path) -> String {
        path.strip_prefix(&self.working_directory).unwrap_or(path).display().to_string()
    }

    fn read(&mut self, path: &Path) -> Result<Vec<u8>, String> {
        self.reads += 1;
        if self.reads > MOST_FILES {
            return Err(format!("more than {MOST_FILES} files are included; is there a cycle?"));
        }
        self.files.insert(path.to_owned());
        let read = || -> std::io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match read() {
            Ok(bytes) if bytes.len() as u64 > MOST_BYTES => Err(format!("it is longer than {MOST_BYTES} bytes")),
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(error.to_string()),
        }
    }

    fn parse(&mut self, bytes: &[u8], source: &Arc<Source>) -> Option<Node> {
        let mut documents = parse_bytes(bytes, &Limits::default());
        if let Some(second) = documents.get(1) {
            let message = "a configuration file holds one document, and here begins a second one";
            let position = host_yaml::Position { line: second.line, column: 1 };
            let place = Origin::new(source, position).place();
            let diagnostic = Diagnostic::error("config/several-documents", message).at(place);
            self.diagnostics.push(diagnostic.hint("put it into a file of its own, and name both with `--config`"));
        }
        documents.truncate(1);
        let Some(document) = documents.pop() else {
            return Some(Node { value: Value::Null, place: host_yaml::Position { line: 1, column: 1 } });
        };
        let document = document.in_file(&source.name);
        self.diagnostics.extend(document.diagnostics);
        document.node
    }

    /// Resolves a value; `None` if it turned out undefined.
    fn resolve(&mut self, node: Node, source: &Arc<Source>, depth: usize) -> Option<Item> {
        let origin = Origin::new(source, node.place);
        match node.value {
            Value::String(text) => self.text(text, origin),
            Value::Sequence(items) => {
                let items = items.into_iter().filter_map(|item| self.resolve(item, source, depth)).collect();
                Some(Item::new(Kind::List(items), origin))
            }
            Value::Mapping(mut entries) => {
                let include = |key: &str| matches!(key, "$env" | "$file" | "$include");
                if let Some(index) = entries.iter().position(|(key, _)| include(&key.text)) {
                    let (key, value) = entries.remove(index);
                    if !entries.is_empty() {
                        let message =
                            format!("`{}` stands for the whole value, so no other key may be beside it", key.text);
                        self.error("config/include", message, &Origin::new(source, key.place));
                        return None;
                    }
                    return self.include(&key.text, value, source, depth);
                }
                let mut resolved = Vec::with_capacity(entries.len());
                for (key, node) in entries {
                    if let Some(item) = self.resolve(node, source, depth) {
                        resolved.push(Entry { key: key.text, origin: Origin::new(source, key.place), item });
                    }
                }
                Some(Item::new(Kind::Map(resolved), origin))
            }
            _ => Some(Item::from_node(node, source)),
        }
    }

    fn text(&mut self, text: String, origin: Origin) -> Option<Item> {
        match substitute(&text, self.environment) {
            Substituted::Unchanged => Some(Item::new(Kind::String(text), origin)),
            Substituted::Text { text, from_environment } => {
                Some(Item { kind: Kind::String(text), origin, secret: from_environment })
            }
            Substituted::Undefined { missing } => {
                if let Some(name) = missing {
                    self.missing_variable(&name, &origin);
                }
                None
            }
        }
    }

    fn missing_variable(&mut self, name: &str, origin: &Origin) {
        let message = format!("the environment variable `{name}` is not set, so this key has no value");
        let hint = format!("set `{name}`, or give a default: `${{{name}:-…}}`");
        self.diagnostics.push(Diagnostic::warning("config/missing-variable", message).at(origin.place()).hint(hint));
    }

    fn error(&mut self, code: &str, message: String, origin: &Origin) {
        self.diagnostics.push(Diagnostic::error(code, message).at(origin.place()));
    }

    fn include(&mut self, key: &str, value: Node, source: &Arc<Source>, depth: usize) -> Option<Item> {
        let origin = Origin::new(source, value.place);
        let Value::String(text) = value.value else {
            let message = format!("`{key}` should be followed by text, but there is {}", value.describe());
            self.error("config/include", message, &origin);
            return None;
        };
        let Item { kind: Kind::String(text), .. } = self.text(text, origin.clone())? else { return None };
        match key {
            "$env" => {
                let Some(value) = self.environment.get(&text) else {
                    self.missing_variable(&text, &origin);
                    return None;
                };
                Some(Item { kind: Kind::String(value.clone()), origin, secret: true })
            }
            "$file" => {
                let text = self.text_file(&text, &origin)?;
                Some(Item { kind: Kind::String(text), origin, secret: true })
            }
            _ => self.included_file(&text, &origin, depth),
        }
    }

    fn text_file(&mut self, path: &str, origin: &Origin) -> Option<String> {
        let outcome = self
            .read(&origin.resolve(path))
            .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned()));
        match outcome {
            Ok(text) => Some(text.trim_end().to_owned()),
            Err(reason) => {
                self.error("config/unreadable", format!("the file `{path}` cannot be read: {reason}"), origin);
                None
            }
        }
    }

    fn included_file(&mut self, target: &str, origin: &Origin, depth: usize) -> Option<Item> {
        if depth >= MOST_DEPTH {
            let message = format!("files include files more than {MOST_DEPTH} deep here; is there a cycle?");
            self.error("config/include", message, origin);
            return None;
        }
        let (file, pointer) = target.split_once('#').unwrap_or((target, ""));
        let path = origin.resolve(file);
        let is_known =
            path.extension().is_some_and(|extension| ["json", "yaml", "yml"].iter().any(|known| extension == *known));
        if !is_known {
            let message = format!("`{file}` cannot be included: its name should end in .yaml, .yml or .json");
            self.error("config/include", message, origin);
            return None;
        }
        let bytes = match self.read(&path) {
            Ok(bytes) => bytes,
            Err(reason) => {
                self.error("config/unreadable", format!("the file `{file}` cannot be read: {reason}"), origin);
                return None;
            }
        };
        let source = self.source(&path);
        let mut node = self.parse(&bytes, &source)?;
        for segment in pointer.split('.').filter(|segment| !segment.is_empty()) {
            let Value::Mapping(entries) = node.value else {
                self.error("config/include", format!("`{file}` has no `{pointer}`"), origin);
                return None;
            };
            let Some((_, child)) = entries.into_iter().find(|(key, _)| key.text == segment) else {
                self.error("config/include", format!("`{file}` has no `{pointer}`"), origin);
                return None;
            };
            node = child;
        }
        self.resolve(node, &source, depth + 1)
    }

    /// Whether anything so far makes the configuration unusable.
    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

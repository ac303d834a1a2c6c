//! What is shared by the readers of definitions: the budgets, the findings and the names that are taken.

use host_api::{ApiDefinition, ApiExample, ApiSchema};
use host_model::Diagnostic;
use host_yaml::{Node, Position, Value};

use crate::refs::References;
use crate::text::{Anchors, escaped, is_plain, shortened};

/// The most nodes of trees in one definition.
const MAX_NODES: usize = 40_000;
/// The most bytes of Markdown that are rendered for one definition, and for one description.
const MAX_MARKDOWN: usize = 1 << 20;
const MAX_DESCRIPTION: usize = 20_000;
/// The level of the heading that stands above descriptions.
const HEADING: usize = 2;
/// The most bytes of examples in one definition, and in one example.
const MAX_EXAMPLES: usize = 1 << 20;
const MAX_EXAMPLE: usize = 4_000;
/// The most findings.
pub(crate) const MAX_FINDINGS: usize = 100;
/// The most characters of a value that is told in a line.
const MAX_VALUE: usize = 200;

/// What may still be made of a definition.
#[derive(Debug)]
pub(crate) struct Budget {
    nodes: usize,
    markdown: usize,
    examples: usize,
    /// Whether something was left out.
    pub(crate) exceeded: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { nodes: MAX_NODES, markdown: MAX_MARKDOWN, examples: MAX_EXAMPLES, exceeded: false }
    }
}

impl Budget {
    /// Takes one node; false when there are none left.
    pub(crate) fn node(&mut self) -> bool {
        self.exceeded |= self.nodes == 0;
        self.nodes = self.nodes.saturating_sub(1);
        !self.exceeded
    }

    /// A description as safe HTML. What exceeds the budget is left as it is written.
    pub(crate) fn markdown(&mut self, text: &str) -> String {
        let text = text.trim();
        if text.is_empty() {
            return String::new();
        }
        let text = shortened(text, MAX_DESCRIPTION);
        if is_plain(&text) {
            return format!("<p>{text}</p>");
        }
        if text.len() > self.markdown {
            self.markdown = 0;
            return format!("<p>{}</p>", escaped(&shortened(&text, MAX_VALUE)));
        }
        self.markdown -= text.len();
        host_markdown::to_safe_html_below(&text, HEADING)
    }

    /// An example, cut where it is long; none when there were too many.
    pub(crate) fn example(&mut self, name: &str, language: &str, text: &str) -> Option<ApiExample> {
        let text = shortened(text, MAX_EXAMPLE);
        if text.len() > self.examples {
            self.examples = 0;
            return None;
        }
        self.examples -= text.len();
        Some(ApiExample { name: shortened(name, 100), language: language.to_owned(), text })
    }
}

/// Reads a definition that is a tree of values.
pub(crate) struct Reader<'a, 'd> {
    pub(crate) refs: &'a References<'a>,
    pub(crate) out: &'d mut ApiDefinition,
    pub(crate) anchors: Anchors,
    pub(crate) type_anchors: Anchors,
    pub(crate) budget: Budget,
    /// The references that are being followed in place.
    pub(crate) following: Vec<String>,
    /// The media type of messages that do not name theirs; empty when the document names none.
    pub(crate) content_type: String,
}

impl<'a, 'd> Reader<'a, 'd> {
    pub(crate) fn new(refs: &'a References<'a>, out: &'d mut ApiDefinition) -> Self {
        Self {
            refs,
            out,
            anchors: Anchors::default(),
            type_anchors: Anchors::default(),
            budget: Budget::default(),
            following: Vec::new(),
            content_type: String::new(),
        }
    }

    /// Says what was left out.
    pub(crate) fn finish(self) {
        let Self { out, budget, .. } = self;
        finish(out, &budget);
    }

    /// Writes a finding down, unless there are enough.
    pub(crate) fn finding(&mut self, finding: Diagnostic, place: Position) {
        if self.out.findings.len() < MAX_FINDINGS {
            self.out.findings.push(finding.at(crate::place(place.line, place.column)));
        }
    }

    /// The description below a key, as safe HTML.
    pub(crate) fn description(&mut self, node: &Node) -> String {
        let text = node.get("description").and_then(Node::as_str).unwrap_or_default();
        self.budget.markdown(text)
    }

    /// What a node stands for: itself, or what it refers to within the text.
    pub(crate) fn resolve(&mut self, node: &'a Node) -> &'a Node {
        let mut node = node;
        // A chain of references that is longer than this leads nowhere.
        for _ in 0..20 {
            let Some(reference) = reference(node) else { return node };
            let Some(target) = self.target(node, reference) else { return node };
            node = target;
        }
        node
    }

    /// What a reference of a node points to; where it points to nothing, that is a finding.
    pub(crate) fn target(&mut self, node: &'a Node, reference: &str) -> Option<&'a Node> {
        let found = self.refs.find(reference);
        if found.is_none() {
            let shown = shortened(reference, MAX_VALUE);
            let finding = if reference.starts_with('#') {
                Diagnostic::error(
                    "definition/dangling-reference",
                    format!("{shown} points to nothing in this document"),
                )
            } else {
                Diagnostic::new(
                    host_model::Severity::Info,
                    "definition/outside-reference",
                    format!("{shown} lies outside of this document and is not followed"),
                )
                .hint("$openapi and $asyncapi placeholders bundle such files into the definition")
            };
            self.finding(finding, node.place);
        }
        found
    }
}

/// Says what was left out of a definition.
pub(crate) fn finish(out: &mut ApiDefinition, budget: &Budget) {
    if budget.exceeded {
        out.truncated = true;
        let message = "the definition is too large to be drawn as a whole; parts of it are left out";
        out.findings.push(Diagnostic::warning("definition/too-large", message).at(crate::place(1, 1)));
    }
}

/// The reference that a node is.
pub(crate) fn reference(node: &Node) -> Option<&str> {
    node.get("$ref").and_then(Node::as_str)
}

/// A text below a key; empty when there is none.
pub(crate) fn text(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::as_str).map(|text| shortened(text.trim(), 500)).unwrap_or_default()
}

/// A text or a number below a key, such as a version that somebody forgot to quote.
pub(crate) fn scalar(node: &Node, key: &str) -> String {
    node.get(key).map(value).unwrap_or_default()
}

/// Whether a key is true.
pub(crate) fn flag(node: &Node, key: &str) -> bool {
    node.get(key).is_some_and(|node| node.value == Value::Bool(true))
}

/// The entries of a mapping below a key.
pub(crate) fn entries<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = (&'a str, &'a Node)> + use<'a> {
    let entries = node.get(key).and_then(Node::as_mapping).unwrap_or_default();
    entries.iter().map(|(key, node)| (key.text.as_str(), node))
}

/// The items of a list below a key.
pub(crate) fn items<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    match node.get(key).map(|node| &node.value) {
        Some(Value::Sequence(items)) => items,
        _ => &[],
    }
}

/// A value in a line: text as it is, anything else as JSON.
pub(crate) fn value(node: &Node) -> String {
    match &node.value {
        Value::String(text) => shortened(text, MAX_VALUE),
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Sequence(_) | Value::Mapping(_) => shortened(&node.to_json().to_string(), MAX_VALUE),
    }
}

/// An example as it is written: text as it is, anything else as JSON of several lines.
pub(crate) fn example_text(node: &Node) -> (&'static str, String) {
    match node.as_str() {
        Some(text) if text.trim_start().starts_with(['{', '[']) => ("json", text.to_owned()),
        Some(text) if text.trim_start().starts_with('<') => ("xml", text.to_owned()),
        Some(text) => ("", text.to_owned()),
        None => ("json", serde_json::to_string_pretty(&node.to_json()).unwrap_or_default()),
    }
}

/// A node of ours that holds others.
pub(crate) fn label(name: &str, children: Vec<ApiSchema>) -> ApiSchema {
    ApiSchema { name: name.to_owned(), is_label: true, children, ..ApiSchema::default() }
}

//! GraphQL's schema language.

use std::collections::HashMap;

use host_api::{ApiDefinition, ApiGroup, ApiOperation, ApiSchema, ApiSection, ApiType};
use host_model::Diagnostic;

use crate::lexer::{Cursor, Kind, Style, Syntax, Token, syntax, tokens};
use crate::reader::{Budget, MAX_FINDINGS, finish, label};
use crate::text::{Anchors, shortened};

/// The words with which definitions begin.
const BEGINNINGS: [&str; 13] = [
    "schema",
    "scalar",
    "type",
    "interface",
    "union",
    "enum",
    "input",
    "directive",
    "extend",
    "query",
    "mutation",
    "subscription",
    "fragment",
];
/// The types of operations, in the order in which they are shown: word, usual type, title.
const ROOTS: [(&str, &str, &str); 3] = [
    ("query", "Query", "Queries"),
    ("mutation", "Mutation", "Mutations"),
    ("subscription", "Subscription", "Subscriptions"),
];
/// The deepest list of lists.
const MAX_LISTS: usize = 32;

/// A type as it is written, with what extends it.
#[derive(Default)]
struct Written {
    name: String,
    kind: &'static str,
    schema: ApiSchema,
    line: u32,
    /// The lines of its fields, in their order.
    field_lines: Vec<u32>,
}

struct Parser<'t, 'a> {
    cursor: Cursor<'t, 'a>,
    budget: Budget,
    types: Vec<Written>,
    by_name: HashMap<String, usize>,
    /// The types of operations by word: the usual ones, or those that the schema names.
    roots: HashMap<String, String>,
    description: String,
    findings: Vec<Diagnostic>,
}

pub(crate) fn read(text: &str, out: &mut ApiDefinition) {
    if text.trim_start().starts_with('{') {
        // The answer to an introspection query; only the schema language is drawn.
        let finding = Diagnostic::new(
            host_model::Severity::Info,
            "definition/introspection",
            "this is JSON; only the schema language of GraphQL is drawn",
        );
        out.findings.push(finding.at(crate::place(1, 1)).hint("print the schema as SDL"));
        return;
    }
    let (tokens, finding) = tokens(text, Style::GraphQl);
    let mut parser = Parser {
        cursor: Cursor::new(text, &tokens),
        budget: Budget::default(),
        types: Vec::new(),
        by_name: HashMap::new(),
        roots: ROOTS.iter().map(|(word, name, _)| ((*word).to_owned(), (*name).to_owned())).collect(),
        description: String::new(),
        findings: finding.into_iter().map(|finding| *finding).collect(),
    };
    parser.document();
    parser.finish(out);
}

impl<'t, 'a> Parser<'t, 'a> {
    fn document(&mut self) {
        while !self.cursor.is_end() {
            if let Err(finding) = self.definition() {
                if self.findings.len() < MAX_FINDINGS {
                    self.findings.push(*finding);
                }
                self.cursor.recover(|token| {
                    token.kind == Kind::Text || token.kind == Kind::Word && BEGINNINGS.contains(&token.text)
                });
            }
        }
    }

    fn definition(&mut self) -> Syntax<()> {
        let description = self.described();
        let extends = self.cursor.eat("extend");
        let line = self.cursor.peek().line;
        let word = self.cursor.word("a definition, such as `type`")?;
        match word.text {
            "schema" => self.schema(description, extends),
            "scalar" => self.named("scalar", description, line),
            "type" => self.named("object", description, line),
            "interface" => self.named("interface", description, line),
            "union" => self.named("union", description, line),
            "enum" => self.named("enum", description, line),
            "input" => self.named("input", description, line),
            "directive" if !extends => self.directive(description, line),
            "query" | "mutation" | "subscription" | "fragment" => {
                while !self.cursor.is_end() && !self.cursor.is("{") {
                    self.cursor.take();
                }
                self.cursor.balanced();
                Ok(())
            }
            other => {
                let message = format!("`{}` begins no definition", shortened(other, 40));
                Err(syntax(message, word.line, word.column))
            }
        }
    }

    /// The text that stands before what it describes.
    fn described(&mut self) -> String {
        let token = self.cursor.peek();
        if token.kind != Kind::Text {
            return String::new();
        }
        self.cursor.take();
        let text = if token.is_block { unindented(token.text) } else { unescaped(token.text) };
        self.budget.markdown(&text)
    }

    fn schema(&mut self, description: String, extends: bool) -> Syntax<()> {
        if !description.is_empty() {
            self.description = description;
        }
        self.directives();
        if !self.cursor.eat("{") {
            return Ok(());
        }
        if !extends {
            // The usual names mean nothing where the schema says which types it starts from.
            self.roots.clear();
        }
        while !self.cursor.eat("}") {
            let word = self.cursor.word("query, mutation or subscription")?.text.to_owned();
            self.cursor.expect(":")?;
            let name = self.cursor.word("the name of a type")?.text.to_owned();
            self.roots.insert(word, name);
        }
        Ok(())
    }

    /// A definition that has a name, and what stands after it.
    fn named(&mut self, kind: &'static str, description: String, line: u32) -> Syntax<()> {
        let name = self.cursor.word("a name")?.text.to_owned();
        let mut schema = ApiSchema { description, ..ApiSchema::default() };
        if self.cursor.eat("implements") {
            self.cursor.eat("&");
            let mut interfaces = vec![self.referring()?];
            while self.cursor.eat("&")
                || self.cursor.peek().kind == Kind::Word && !BEGINNINGS.contains(&self.cursor.peek().text)
            {
                interfaces.push(self.referring()?);
            }
            schema.children.push(label("implements", interfaces));
        }
        self.marked(&mut schema);
        let mut field_lines = Vec::new();
        match kind {
            "union" if self.cursor.eat("=") => {
                self.cursor.eat("|");
                let mut members = vec![self.referring()?];
                while self.cursor.eat("|") {
                    members.push(self.referring()?);
                }
                schema.children.push(label("one of", members));
            }
            "enum" if self.cursor.eat("{") => {
                while !self.cursor.eat("}") {
                    let value = self.enum_value()?;
                    schema.children.push(value);
                }
            }
            "object" | "interface" | "input" if self.cursor.eat("{") => {
                while !self.cursor.eat("}") {
                    let description = self.described();
                    field_lines.push(self.cursor.peek().line);
                    schema.children.push(self.field(description, kind == "input")?);
                }
            }
            _ => {}
        }
        self.add(Written { name, kind, schema, line, field_lines });
        Ok(())
    }

    /// Adds a type, or what extends one.
    fn add(&mut self, written: Written) {
        match self.by_name.get(&written.name) {
            Some(&at) => {
                self.types[at].field_lines.extend(written.field_lines);
                let known = &mut self.types[at].schema;
                known.children.extend(written.schema.children);
                if known.description.is_empty() {
                    known.description = written.schema.description;
                }
            }
            None => {
                self.by_name.insert(written.name.clone(), self.types.len());
                self.types.push(written);
            }
        }
    }

    /// The name of another type.
    fn referring(&mut self) -> Syntax<ApiSchema> {
        let name = self.cursor.word("the name of a type")?.text.to_owned();
        self.budget.node();
        Ok(ApiSchema { reference: Some(name), ..ApiSchema::default() })
    }

    fn enum_value(&mut self) -> Syntax<ApiSchema> {
        let description = self.described();
        let name = self.cursor.word("a value")?.text.to_owned();
        let mut value = ApiSchema { name, description, ..ApiSchema::default() };
        self.budget.node();
        self.marked(&mut value);
        Ok(value)
    }

    /// A field or an argument: name, arguments, type, what it is without saying.
    fn field(&mut self, description: String, is_input: bool) -> Syntax<ApiSchema> {
        let name = self.cursor.word("the name of a field")?.text.to_owned();
        let mut field = ApiSchema { name, description, ..ApiSchema::default() };
        self.budget.node();
        if !is_input {
            // Arguments have none themselves, so that this goes no deeper.
            field.children.extend(self.arguments()?);
        }
        self.cursor.expect(":")?;
        self.type_of(&mut field)?;
        if self.cursor.eat("=") {
            field.default = Some(shortened(self.cursor.balanced(), 200));
        }
        // What must be given is marked where something is given; elsewhere the type says it.
        field.required = is_input && field.marks.iter().any(|mark| mark == "not null") && field.default.is_none();
        self.marked(&mut field);
        Ok(field)
    }

    /// Arguments between brackets, where there are any.
    fn arguments(&mut self) -> Syntax<Option<ApiSchema>> {
        if !self.cursor.eat("(") {
            return Ok(None);
        }
        let mut arguments = Vec::new();
        while !self.cursor.eat(")") {
            let description = self.described();
            arguments.push(self.field(description, true)?);
        }
        Ok(Some(label("arguments", arguments)))
    }

    /// `[Order!]!` as words, with the name that is referred to.
    fn type_of(&mut self, field: &mut ApiSchema) -> Syntax<()> {
        let mut lists = 0;
        while self.cursor.eat("[") {
            lists += 1;
            if lists > MAX_LISTS {
                return Err(self.cursor.unexpected("a type that is no deeper list"));
            }
        }
        let name = self.cursor.word("a type")?.text.to_owned();
        let mut is_required = self.cursor.eat("!");
        // From the innermost list to the outermost; what the outermost is, is a mark.
        let mut words = Vec::new();
        for _ in 0..lists {
            self.cursor.expect("]")?;
            words.push(if is_required { "list of non-null" } else { "list of" });
            is_required = self.cursor.eat("!");
        }
        words.reverse();
        field.type_label = words.join(" ");
        field.reference = Some(name);
        if is_required {
            field.marks.push("not null".to_owned());
        }
        Ok(())
    }

    fn directive(&mut self, description: String, line: u32) -> Syntax<()> {
        self.cursor.expect("@")?;
        let name = format!("@{}", self.cursor.word("the name of a directive")?.text);
        let mut schema = ApiSchema { description, ..ApiSchema::default() };
        schema.children.extend(self.arguments()?);
        if self.cursor.eat("repeatable") {
            schema.marks.push("repeatable".to_owned());
        }
        self.cursor.expect("on")?;
        self.cursor.eat("|");
        schema.constraints.push(format!("on {}", self.cursor.word("where it may stand")?.text));
        while self.cursor.eat("|") {
            schema.constraints.push(format!("on {}", self.cursor.word("where it may stand")?.text));
        }
        self.add(Written { name, kind: "directive", schema, line, field_lines: Vec::new() });
        Ok(())
    }

    /// Directives after something; what they mean for readers is written down.
    fn marked(&mut self, schema: &mut ApiSchema) {
        for (name, arguments) in self.directives() {
            match name {
                "deprecated" => {
                    schema.deprecated = true;
                    if let Some(reason) = arguments.and_then(reason) {
                        schema.marks.push(format!("deprecated: {}", shortened(&reason, 200)));
                    }
                }
                _ if schema.marks.len() < 20 => {
                    let arguments = arguments.map(|arguments| shortened(arguments, 120)).unwrap_or_default();
                    schema.marks.push(format!("@{name}{arguments}"));
                }
                _ => {}
            }
        }
    }

    fn directives(&mut self) -> Vec<(&'a str, Option<&'a str>)> {
        let mut found = Vec::new();
        while self.cursor.is("@") && self.cursor.peek_second().kind == Kind::Word {
            self.cursor.take();
            let name = self.cursor.take().text;
            let arguments = self.cursor.is("(").then(|| self.cursor.balanced());
            found.push((name, arguments));
        }
        found
    }

    fn finish(self, out: &mut ApiDefinition) {
        let Self { types, roots, description, findings, budget, .. } = self;
        out.format = "GraphQL".to_owned();
        out.description = description;
        out.findings.extend(findings);
        let (mut anchors, mut type_anchors) = (Anchors::default(), Anchors::default());
        let known: std::collections::HashSet<String> = types.iter().map(|written| written.name.clone()).collect();
        for (word, _, title) in ROOTS {
            let Some(root) = roots.get(word).and_then(|name| types.iter().find(|written| written.name == *name)) else {
                continue;
            };
            let fields = root.schema.children.iter().filter(|child| !child.is_label);
            let operations: Vec<ApiOperation> = fields
                .zip(&root.field_lines)
                .map(|(field, &line)| operation(word, field, line, &known, &mut anchors))
                .collect();
            if !operations.is_empty() {
                let description = root.schema.description.clone();
                out.groups.push(ApiGroup { name: title.to_owned(), description, operations });
            }
        }
        for written in types {
            if roots.values().any(|root| *root == written.name) && written.kind == "object" {
                continue;
            }
            let Written { name, kind, mut schema, line, .. } = written;
            only_known(&mut schema, &known);
            let id = type_anchors.of(&name);
            out.types.push(ApiType { id, name, kind: kind.to_owned(), schema, line: Some(line) });
        }
        finish(out, &budget);
    }
}

/// A field of a type of operations.
fn operation(
    word: &str,
    field: &ApiSchema,
    line: u32,
    known: &std::collections::HashSet<String>,
    anchors: &mut Anchors,
) -> ApiOperation {
    let mut sections = Vec::new();
    let mut arguments = field.children.iter().find(|child| child.is_label).cloned().unwrap_or_default().children;
    arguments.iter_mut().for_each(|argument| only_known(argument, known));
    if !arguments.is_empty() {
        let schema = Some(ApiSchema { children: arguments, ..ApiSchema::default() });
        sections.push(ApiSection { title: "Arguments".to_owned(), schema, ..ApiSection::default() });
    }
    let mut returns = ApiSchema {
        type_label: field.type_label.clone(),
        reference: field.reference.clone(),
        marks: field.marks.iter().filter(|mark| *mark == "not null").cloned().collect(),
        ..ApiSchema::default()
    };
    only_known(&mut returns, known);
    sections.push(ApiSection { title: "Returns".to_owned(), schema: Some(returns), ..ApiSection::default() });
    ApiOperation {
        id: anchors.of(&format!("{word} {}", field.name)),
        verb: word.to_uppercase(),
        name: field.name.clone(),
        description: field.description.clone(),
        deprecated: field.deprecated,
        marks: field.marks.iter().filter(|mark| *mark != "not null").cloned().collect(),
        sections,
        line: Some(line),
        ..ApiOperation::default()
    }
}

/// What is built into the language is a word, not a reference.
fn only_known(schema: &mut ApiSchema, known: &std::collections::HashSet<String>) {
    if let Some(name) = schema.reference.take_if(|name| !known.contains(name.as_str())) {
        schema.type_label = format!("{} {name}", schema.type_label).trim_start().to_owned();
    }
    schema.children.iter_mut().for_each(|child| only_known(child, known));
}

/// The reason in the arguments of `@deprecated`.
fn reason(arguments: &str) -> Option<String> {
    let (tokens, _) = tokens(arguments, Style::GraphQl);
    let text = |token: &Token<'_>| (token.kind == Kind::Text).then(|| unescaped(token.text));
    tokens.iter().find_map(text)
}

fn unescaped(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\n", "\n").replace("\\\\", "\\")
}

/// A block of text without the indentation that all its lines have.
fn unindented(text: &str) -> String {
    let text = text.replace("\\\"\"\"", "\"\"\"");
    let indentation = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or(0);
    let lines = text
        .lines()
        .enumerate()
        .map(|(at, line)| if at == 0 { line.trim_start() } else { line.get(common..).unwrap_or("") });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

//! Protocol buffers, as gRPC's interfaces are written: proto2, proto3 and editions.

use std::collections::HashSet;

use host_api::{ApiDefinition, ApiGroup, ApiOperation, ApiSchema, ApiSection, ApiType};
use host_model::Diagnostic;

use crate::lexer::{Cursor, Kind, Style, Syntax, Token, syntax, tokens};
use crate::reader::{Budget, MAX_FINDINGS, finish, label};
use crate::text::{Anchors, shortened};

/// The words with which definitions begin.
const BEGINNINGS: [&str; 9] =
    ["syntax", "edition", "package", "import", "option", "message", "enum", "service", "extend"];
/// The deepest nesting of messages.
const MAX_DEPTH: usize = 32;
const SCALARS: [&str; 15] = [
    "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32",
    "sfixed64", "bool", "string", "bytes",
];

struct Parser<'t, 'a> {
    cursor: Cursor<'t, 'a>,
    budget: Budget,
    anchors: Anchors,
    type_anchors: Anchors,
    package: String,
    findings: Vec<Diagnostic>,
    out: &'t mut ApiDefinition,
}

pub(crate) fn read(text: &str, out: &mut ApiDefinition) {
    let (tokens, finding) = tokens(text, Style::Protobuf);
    let mut parser = Parser {
        cursor: Cursor::new(text, &tokens),
        budget: Budget::default(),
        anchors: Anchors::default(),
        type_anchors: Anchors::default(),
        package: String::new(),
        findings: finding.into_iter().map(|finding| *finding).collect(),
        out,
    };
    parser.out.format = "Protocol buffers".to_owned();
    parser.document();
    let Parser { budget, findings, package, out, .. } = parser;
    out.findings.extend(findings);
    let known: HashSet<String> = out.types.iter().map(|found| found.name.clone()).collect();
    let names = Names { known, package };
    for found in &mut out.types {
        let scope = found.name.clone();
        names.resolve(&mut found.schema, &scope);
    }
    for section in out.groups.iter_mut().flat_map(|group| &mut group.operations).flat_map(|rpc| &mut rpc.sections) {
        if let Some(schema) = &mut section.schema {
            names.resolve(schema, "");
        }
    }
    finish(out, &budget);
}

impl<'t, 'a> Parser<'t, 'a> {
    fn document(&mut self) {
        while !self.cursor.is_end() {
            if let Err(finding) = self.definition() {
                if self.findings.len() < MAX_FINDINGS {
                    self.findings.push(*finding);
                }
                self.cursor.recover(|token| token.kind == Kind::Word && BEGINNINGS.contains(&token.text));
            }
        }
    }

    fn definition(&mut self) -> Syntax<()> {
        if self.cursor.eat(";") {
            return Ok(());
        }
        let word = self.cursor.word("a definition, such as `message`")?;
        match word.text {
            "syntax" | "edition" => {
                self.cursor.expect("=")?;
                let version = self.cursor.take().text;
                self.out.format = format!("Protocol buffers ({})", shortened(version, 20));
                self.end()
            }
            "package" => {
                self.package = self.full_name()?;
                self.out.title = self.package.clone();
                // The comment above the package is the file's own.
                self.out.description = self.budget.markdown(&word.comment);
                self.end()
            }
            "import" => {
                while self.cursor.peek().kind == Kind::Word {
                    self.cursor.take();
                }
                let import = shortened(self.cursor.take().text, 200);
                if self.out.facts.len() < 100 {
                    self.out.facts.push(("Imports".to_owned(), import));
                }
                self.end()
            }
            "option" => self.statement(),
            "message" => self.message(word, "", 0),
            "enum" => self.enumeration(word, ""),
            "service" => self.service(word),
            "extend" => {
                self.full_name()?;
                self.skip_block()
            }
            other => {
                let message = format!("`{}` begins no definition", shortened(other, 40));
                Err(syntax(message, word.line, word.column))
            }
        }
    }

    fn end(&mut self) -> Syntax<()> {
        self.cursor.expect(";")
    }

    /// Leaves a statement behind, whatever it says.
    fn statement(&mut self) -> Syntax<()> {
        while !self.cursor.is_end() && !self.cursor.is(";") {
            if self.cursor.is("{") {
                self.cursor.balanced();
            } else {
                self.cursor.take();
            }
        }
        self.end()
    }

    /// Leaves an option behind; whether it says that what it stands in is deprecated.
    fn option(&mut self) -> Syntax<bool> {
        self.cursor.expect("option")?;
        let is_deprecated = self.cursor.eat("deprecated") && self.cursor.eat("=") && self.cursor.eat("true");
        self.statement()?;
        Ok(is_deprecated)
    }

    fn skip_block(&mut self) -> Syntax<()> {
        if !self.cursor.is("{") {
            return Err(self.cursor.unexpected("`{`"));
        }
        self.cursor.balanced();
        Ok(())
    }

    /// `.acme.stock.v2.Line`.
    fn full_name(&mut self) -> Syntax<String> {
        let mut name = String::new();
        if self.cursor.eat(".") {
            name.push('.');
        }
        name.push_str(self.cursor.word("a name")?.text);
        while self.cursor.is(".") && name.len() < 500 {
            self.cursor.take();
            name.push('.');
            name.push_str(self.cursor.word("a name")?.text);
        }
        Ok(name)
    }

    fn message(&mut self, word: &Token<'a>, outer: &str, depth: usize) -> Syntax<()> {
        let name = self.cursor.word("the name of the message")?.text;
        let name = if outer.is_empty() { name.to_owned() } else { format!("{outer}.{name}") };
        // Messages stand in the order in which they begin.
        let at = self.out.types.len();
        self.add(&name, "message", word, ApiSchema::default());
        self.cursor.expect("{")?;
        let body = self.members(&name, depth)?;
        if let Some(found) = self.out.types.get_mut(at) {
            found.schema.children = body.children;
            found.schema.deprecated = body.deprecated;
        }
        Ok(())
    }

    fn add(&mut self, name: &str, kind: &str, word: &Token<'a>, body: ApiSchema) {
        self.budget.node();
        let description = self.budget.markdown(&word.comment);
        let schema = ApiSchema { description, ..body };
        let (id, line) = (self.type_anchors.of(name), Some(word.line));
        self.out.types.push(ApiType { id, name: name.to_owned(), kind: kind.to_owned(), schema, line });
    }

    /// What a message holds, up to its end.
    fn members(&mut self, name: &str, depth: usize) -> Syntax<ApiSchema> {
        let mut body = ApiSchema::default();
        while !self.cursor.eat("}") {
            let word = self.cursor.peek();
            // A field may have any of these words as its type's name; then another word follows the name.
            let opens = self.cursor.peek_second().kind == Kind::Word;
            match word.text {
                ";" => {
                    self.cursor.take();
                }
                "message" if opens && depth < MAX_DEPTH => {
                    self.cursor.take();
                    self.message(word, name, depth + 1)?;
                }
                "enum" if opens => {
                    self.cursor.take();
                    self.enumeration(word, name)?;
                }
                "oneof" if opens => {
                    self.cursor.take();
                    body.children.push(self.oneof(word)?);
                }
                "extend" if opens => {
                    self.cursor.take();
                    self.full_name()?;
                    self.skip_block()?;
                }
                "option" => body.deprecated |= self.option()?,
                "reserved" | "extensions" => self.statement()?,
                _ => body.children.push(self.field()?),
            }
        }
        Ok(body)
    }

    fn oneof(&mut self, word: &Token<'a>) -> Syntax<ApiSchema> {
        let name = self.cursor.word("the name of the oneof")?.text;
        self.cursor.expect("{")?;
        let mut variants = Vec::new();
        while !self.cursor.eat("}") {
            if self.cursor.is("option") {
                self.statement()?;
            } else if !self.cursor.eat(";") {
                variants.push(self.field()?);
            }
        }
        let description = self.budget.markdown(&word.comment);
        Ok(ApiSchema { description, ..label(&format!("one of ({name})"), variants) })
    }

    /// `repeated Line lines = 3 [deprecated = true];`
    fn field(&mut self) -> Syntax<ApiSchema> {
        let first = self.cursor.peek();
        let mut field = ApiSchema::default();
        self.budget.node();
        let second = self.cursor.peek_second();
        if let rule @ ("repeated" | "optional" | "required") = first.text
            && (second.kind == Kind::Word || second.text == ".")
        {
            self.cursor.take();
            match rule {
                "repeated" => field.type_label = "repeated".to_owned(),
                "required" => field.required = true,
                _ => field.marks.push("optional".to_owned()),
            }
        }
        if self.cursor.is("group") {
            // A group is a message in the place of a field; few are left.
            while !self.cursor.is_end() && !self.cursor.is("{") {
                self.cursor.take();
            }
            self.skip_block()?;
            return Ok(ApiSchema { type_label: "group".to_owned(), ..field });
        }
        if self.cursor.is("map") && self.cursor.peek_second().text == "<" {
            self.cursor.take();
            self.cursor.take();
            let key = self.full_name()?;
            // Commas are signs here.
            self.cursor.expect(",")?;
            field.reference = Some(self.full_name()?);
            self.cursor.expect(">")?;
            field.type_label = format!("map from {key} to");
        } else {
            field.reference = Some(self.full_name()?);
        }
        field.name = self.cursor.word("the name of the field")?.text.to_owned();
        self.cursor.expect("=")?;
        let number = self.cursor.take();
        if number.kind != Kind::Number {
            return Err(syntax("expected the field's number", number.line, number.column));
        }
        field.marks.push(format!("field {}", shortened(number.text, 20)));
        self.options(&mut field);
        self.end()?;
        field.description = self.comments(first);
        Ok(field)
    }

    /// The comment above what has just been read, or the one behind it.
    fn comments(&mut self, first: &Token<'a>) -> String {
        let behind = &self.cursor.previous().remark;
        let text = if first.comment.is_empty() { behind } else { &first.comment };
        self.budget.markdown(text)
    }

    /// `[deprecated = true, (acme.range) = "1..9"]`
    fn options(&mut self, schema: &mut ApiSchema) {
        if !self.cursor.is("[") {
            return;
        }
        let text = self.cursor.balanced();
        let inner = text.trim_start_matches('[').trim_end_matches(']');
        let squeezed: String = inner.chars().filter(|character| !character.is_whitespace()).collect();
        schema.deprecated = squeezed.contains("deprecated=true");
        if squeezed != "deprecated=true" && !inner.trim().is_empty() {
            schema.constraints.push(shortened(&inner.split_whitespace().collect::<Vec<_>>().join(" "), 200));
        }
    }

    fn enumeration(&mut self, word: &Token<'a>, outer: &str) -> Syntax<()> {
        let name = self.cursor.word("the name of the enum")?.text;
        let name = if outer.is_empty() { name.to_owned() } else { format!("{outer}.{name}") };
        self.cursor.expect("{")?;
        let mut body = ApiSchema::default();
        while !self.cursor.eat("}") {
            if self.cursor.is("option") {
                body.deprecated |= self.option()?;
                continue;
            }
            if self.cursor.is("reserved") {
                self.statement()?;
                continue;
            }
            if self.cursor.eat(";") {
                continue;
            }
            let first = self.cursor.word("a value")?;
            self.cursor.expect("=")?;
            let mut number = String::new();
            if self.cursor.eat("-") {
                number.push('-');
            }
            number.push_str(&shortened(self.cursor.take().text, 20));
            self.budget.node();
            let mut value =
                ApiSchema { name: first.text.to_owned(), marks: vec![format!("= {number}")], ..ApiSchema::default() };
            self.options(&mut value);
            self.end()?;
            value.description = self.comments(first);
            body.children.push(value);
        }
        self.add(&name, "enum", word, body);
        Ok(())
    }

    fn service(&mut self, word: &Token<'a>) -> Syntax<()> {
        let name = self.cursor.word("the name of the service")?.text.to_owned();
        self.cursor.expect("{")?;
        let mut group = ApiGroup { name, description: self.budget.markdown(&word.comment), operations: Vec::new() };
        let mut is_deprecated = false;
        while !self.cursor.eat("}") {
            if self.cursor.is("option") {
                is_deprecated |= self.option()?;
            } else if !self.cursor.eat(";") {
                let rpc = self.rpc(&group.name)?;
                group.operations.push(rpc);
            }
        }
        group.operations.iter_mut().for_each(|rpc| rpc.deprecated |= is_deprecated);
        self.out.groups.push(group);
        Ok(())
    }

    fn rpc(&mut self, service: &str) -> Syntax<ApiOperation> {
        let first = self.cursor.peek();
        self.cursor.expect("rpc")?;
        let name = self.cursor.word("the name of the procedure")?.text.to_owned();
        let (request, client_streams) = self.message_of_rpc()?;
        self.cursor.expect("returns")?;
        let (response, server_streams) = self.message_of_rpc()?;
        let mut deprecated = false;
        if self.cursor.is("{") {
            let options = self.cursor.balanced();
            deprecated = options.split_whitespace().collect::<String>().contains("deprecated=true");
            self.cursor.eat(";");
        } else {
            self.end()?;
        }
        let section = |title: &str, streams: bool, reference: String| ApiSection {
            title: title.to_owned(),
            schema: Some(ApiSchema {
                type_label: if streams { "stream of".to_owned() } else { String::new() },
                reference: Some(reference),
                ..ApiSchema::default()
            }),
            ..ApiSection::default()
        };
        let marks = match (client_streams, server_streams) {
            (true, true) => vec!["both stream".to_owned()],
            (true, false) => vec!["client streams".to_owned()],
            (false, true) => vec!["server streams".to_owned()],
            (false, false) => Vec::new(),
        };
        Ok(ApiOperation {
            id: self.anchors.of(&format!("{service} {name}")),
            verb: "RPC".to_owned(),
            name,
            description: self.comments(first),
            deprecated,
            marks,
            sections: vec![section("Request", client_streams, request), section("Response", server_streams, response)],
            line: Some(first.line),
            ..ApiOperation::default()
        })
    }

    /// `(stream Movement)`
    fn message_of_rpc(&mut self) -> Syntax<(String, bool)> {
        self.cursor.expect("(")?;
        let streams = self.cursor.is("stream") && matches!(self.cursor.peek_second().text, text if text != ")");
        if streams {
            self.cursor.take();
        }
        let name = self.full_name()?;
        self.cursor.expect(")")?;
        Ok((name, streams))
    }
}

/// The names of a file's types, for finding out what others refer to.
struct Names {
    known: HashSet<String>,
    package: String,
}

impl Names {
    /// Makes references names of types, where they are types of this file, and words where they are not.
    fn resolve(&self, schema: &mut ApiSchema, scope: &str) {
        if let Some(written) = schema.reference.take() {
            match self.find(&written, scope) {
                Some(name) => schema.reference = Some(name),
                None => schema.type_label = format!("{} {written}", schema.type_label).trim_start().to_owned(),
            }
        }
        schema.children.iter_mut().for_each(|child| self.resolve(child, scope));
    }

    /// The innermost type with a name, seen from a scope.
    fn find(&self, written: &str, scope: &str) -> Option<String> {
        if SCALARS.contains(&written) {
            return None;
        }
        let mut scope = scope;
        loop {
            let candidate = if scope.is_empty() { written.to_owned() } else { format!("{scope}.{written}") };
            if self.known.contains(&candidate) {
                return Some(candidate);
            }
            if scope.is_empty() {
                return self.find_in_package(written);
            }
            scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
    }

    /// A type by a name that begins with a dot or with parts of the package: in `acme.stock.v2`, `v2.Line` is a `Line`.
    fn find_in_package(&self, written: &str) -> Option<String> {
        let whole = self.package.as_str();
        let known = |name: &str| self.known.get(name).cloned();
        let within = |name: &str, end: &str| known(name.strip_prefix(end)?.strip_prefix('.')?);
        match written.strip_prefix('.') {
            Some(absolute) => known(absolute).or_else(|| within(absolute, whole)),
            None => {
                let ends = whole.rmatch_indices('.').map(|(at, _)| &whole[at + 1..]);
                ends.chain([whole]).find_map(|end| within(written, end))
            }
        }
    }
}

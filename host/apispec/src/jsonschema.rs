//! JSON Schemas, in the dialects of OpenAPI and AsyncAPI, as trees.
//!
//! A reference to a named schema stays a name. Any other reference is followed in place, unless it is being followed
//! already.

use std::collections::HashSet;

use host_api::ApiSchema;
use host_yaml::{Node, Value};

use crate::reader::{Reader, entries, flag, items, label, reference, text, value};
use crate::text::shortened;

/// The deepest tree; what lies deeper is left out.
const MAX_DEPTH: usize = 40;
/// The most properties of which it is told what they require.
const MAX_DEPENDENT: usize = 20;
/// The most choices that are told of one value.
const MAX_CHOICES: usize = 100;

impl<'a> Reader<'a, '_> {
    /// A schema as a tree.
    pub(crate) fn schema(&mut self, node: &'a Node) -> ApiSchema {
        self.property("", node, 0)
    }

    /// A schema with the name of the property that it describes.
    pub(crate) fn property(&mut self, name: &str, node: &'a Node, depth: usize) -> ApiSchema {
        let mut schema = ApiSchema { name: shortened(name, 200), ..ApiSchema::default() };
        if !self.budget.node() {
            return schema;
        }
        if depth > MAX_DEPTH {
            schema.type_label = "…".to_owned();
            return schema;
        }
        match &node.value {
            Value::Bool(true) => schema.type_label = "anything".to_owned(),
            Value::Bool(false) => schema.type_label = "nothing".to_owned(),
            Value::Mapping(_) => match reference(node) {
                Some(reference) => self.referred(node, reference, &mut schema, depth),
                None => self.described(node, &mut schema, depth),
            },
            _ => schema.type_label = "not a schema".to_owned(),
        }
        schema
    }

    /// What a reference stands for, with what is said beside it.
    fn referred(&mut self, node: &'a Node, reference: &str, schema: &mut ApiSchema, depth: usize) {
        schema.reference = self.refs.schema_name(reference);
        let is_named = schema.reference.is_some();
        self.said(node, schema, depth);
        if is_named {
            return;
        }
        let Some(target) = self.target(node, reference) else {
            schema.type_label = shortened(reference, 200);
            return;
        };
        if self.following.iter().any(|followed| followed == reference) {
            schema.type_label = "refers to itself".to_owned();
            return;
        }
        self.following.push(reference.to_owned());
        let found = self.property(&schema.name, target, depth + 1);
        self.following.pop();
        let beside = std::mem::replace(schema, found);
        add(schema, beside);
    }

    /// What a schema says itself, and what it is when it does not say that.
    fn described(&mut self, node: &'a Node, schema: &mut ApiSchema, depth: usize) {
        self.said(node, schema, depth);
        if schema.type_label.is_empty() && schema.reference.is_none() {
            let title = text(node, "title");
            schema.type_label = match (schema.children.is_empty(), title.is_empty()) {
                (_, false) => title,
                (false, true) if schema.children.iter().any(|child| !child.is_label) => "object".to_owned(),
                (false, true) => String::new(),
                (true, true) if schema.choices.is_empty() => "anything".to_owned(),
                (true, true) => "choice".to_owned(),
            };
        }
    }

    /// What a schema says itself.
    fn said(&mut self, node: &'a Node, schema: &mut ApiSchema, depth: usize) {
        schema.description = self.description(node);
        schema.deprecated = flag(node, "deprecated");
        for (key, mark) in [("readOnly", "read only"), ("writeOnly", "write only"), ("nullable", "nullable")] {
            if flag(node, key) {
                schema.marks.push(mark.to_owned());
            }
        }
        schema.type_label = type_label(node);
        schema.constraints = constraints(node);
        self.values(node, schema);
        self.array(node, schema, depth);
        self.object(node, schema, depth);
        self.composed(node, schema, depth);
    }

    fn values(&mut self, node: &'a Node, schema: &mut ApiSchema) {
        schema.choices = items(node, "enum").iter().take(MAX_CHOICES).map(value).collect();
        let left_out = items(node, "enum").len().saturating_sub(MAX_CHOICES);
        if left_out > 0 {
            schema.choices.push(format!("… {left_out} more"));
        }
        if let Some(only) = node.get("const") {
            schema.constraints.push(format!("always {}", value(only)));
        }
        schema.default = node.get("default").map(value);
        let example = node.get("example").or_else(|| items(node, "examples").first());
        schema.example = example.map(value);
    }

    /// The items of an array. Their type becomes part of the array's.
    fn array(&mut self, node: &'a Node, schema: &mut ApiSchema, depth: usize) {
        let places: Vec<ApiSchema> =
            items(node, "prefixItems").iter().map(|item| self.property("", item, depth + 1)).collect();
        let is_tuple = !places.is_empty();
        if is_tuple {
            array_of("", node, schema);
            schema.children.push(label("in this order", places));
        }
        let Some(inner) = node.get("items") else { return };
        if let Value::Sequence(places) = &inner.value {
            let places = places.iter().map(|item| self.property("", item, depth + 1)).collect();
            array_of("", node, schema);
            schema.children.push(label("in this order", places));
            return;
        }
        if inner.value == Value::Bool(false) {
            array_of("", node, schema);
            schema.constraints.push(if is_tuple { "no further items" } else { "no items" }.to_owned());
            return;
        }
        let inner = self.property("", inner, depth + 1);
        array_of(&format!(" of {}", inner.type_label), node, schema);
        schema.reference = inner.reference;
        schema.children.extend(inner.children);
        schema.choices.extend(inner.choices);
        schema.marks.extend(inner.marks.into_iter().map(|mark| format!("each {mark}")));
        schema.constraints.extend(inner.constraints.into_iter().map(|constraint| format!("each {constraint}")));
        if schema.description.is_empty() {
            schema.description = inner.description;
        }
    }

    fn object(&mut self, node: &'a Node, schema: &mut ApiSchema, depth: usize) {
        let required: HashSet<&str> = items(node, "required").iter().filter_map(Node::as_str).collect();
        for (name, property) in entries(node, "properties") {
            let mut property = self.property(name, property, depth + 1);
            property.required = required.contains(name);
            schema.children.push(property);
        }
        // Conditions often demand properties that are described elsewhere.
        let own: HashSet<&str> = entries(node, "properties").map(|(name, _)| name).collect();
        let others = items(node, "required").iter().filter_map(Node::as_str).filter(|name| !own.contains(name));
        let others: Vec<&str> = others.take(MAX_CHOICES).collect();
        if !others.is_empty() {
            schema.constraints.push(shortened(&format!("requires {}", others.join(", ")), 200));
        }
        for (pattern, property) in entries(node, "patternProperties") {
            let mut inner = self.property(pattern, property, depth + 1);
            inner.marks.insert(0, ApiSchema::NAME_IS_PATTERN.to_owned());
            schema.children.push(inner);
        }
        match node.get("additionalProperties").map(|node| (&node.value, node)) {
            Some((Value::Bool(false), _)) => schema.constraints.push("no other properties".to_owned()),
            Some((Value::Mapping(entries), inner)) if !entries.is_empty() => {
                let mut inner = self.property("any other name", inner, depth + 1);
                inner.is_label = true;
                schema.children.push(inner);
            }
            _ => {}
        }
        let has_properties = node.get("properties").is_some() || node.get("additionalProperties").is_some();
        if schema.type_label.is_empty() && has_properties {
            schema.type_label = "object".to_owned();
        }
    }

    /// Schemas that are made of others.
    fn composed(&mut self, node: &'a Node, schema: &mut ApiSchema, depth: usize) {
        let parts = items(node, "allOf");
        let mut others = Vec::new();
        for part in parts {
            let part = self.property("", part, depth + 1);
            if part.reference.is_some() {
                others.push(part);
                continue;
            }
            if schema.type_label.is_empty() {
                schema.type_label = part.type_label;
            }
            if schema.description.is_empty() {
                schema.description = part.description;
            }
            schema.children.extend(part.children);
            schema.constraints.extend(part.constraints);
            schema.marks.extend(part.marks);
        }
        // What is said beside a single reference is said of it.
        if others.len() == 1 && schema.children.is_empty() && schema.reference.is_none() {
            let only = ApiSchema { name: schema.name.clone(), ..others.remove(0) };
            let beside = std::mem::replace(schema, only);
            add(schema, beside);
        } else if !others.is_empty() {
            schema.children.insert(0, label("all of", others));
        }
        self.variants(node, schema, depth);
        for (name, others) in entries(node, "dependentRequired").take(MAX_DEPENDENT) {
            let Value::Sequence(others) = &others.value else { continue };
            let others: Vec<&str> = others.iter().filter_map(Node::as_str).take(MAX_CHOICES).collect();
            schema.constraints.push(shortened(&format!("{name} requires {}", others.join(", ")), 200));
        }
        let discriminator = node.get("discriminator");
        let discriminator =
            discriminator.map(|node| node.as_str().map_or_else(|| text(node, "propertyName"), str::to_owned));
        if let Some(name) = discriminator.filter(|name| !name.is_empty()) {
            schema.constraints.push(format!("{name} tells which"));
        }
    }

    /// Schemas some of which hold, or none, or each under a condition.
    fn variants(&mut self, node: &'a Node, schema: &mut ApiSchema, depth: usize) {
        for (key, word) in [("oneOf", "one of"), ("anyOf", "any of")] {
            let variants: Vec<ApiSchema> =
                items(node, key).iter().map(|variant| self.property("", variant, depth + 1)).collect();
            if !variants.is_empty() {
                schema.children.push(label(word, variants));
            }
        }
        for word in ["not", "if", "then", "else"] {
            if let Some(inner) = node.get(word) {
                let inner = self.property("", inner, depth + 1);
                schema.children.push(label(word, vec![inner]));
            }
        }
    }
}

/// Adds to a schema what is said beside a reference to it. What is said there counts more.
fn add(schema: &mut ApiSchema, beside: ApiSchema) {
    schema.deprecated |= beside.deprecated;
    if schema.type_label.is_empty() && schema.reference.is_none() {
        schema.type_label = beside.type_label;
    }
    if !beside.description.is_empty() {
        schema.description = beside.description;
    }
    if !beside.choices.is_empty() {
        schema.choices = beside.choices;
    }
    schema.default = beside.default.or(schema.default.take());
    schema.example = beside.example.or(schema.example.take());
    schema.marks.extend(beside.marks);
    schema.constraints.extend(beside.constraints);
    schema.children.extend(beside.children);
}

/// The types that a schema allows.
fn types(node: &Node) -> Vec<&str> {
    match node.get("type").map(|node| &node.value) {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Sequence(several)) => several.iter().filter_map(Node::as_str).take(8).collect(),
        _ => Vec::new(),
    }
}

/// Makes a schema an array of something. The other types that it allows become marks, since the name of what it is an
/// array of may follow its own.
fn array_of(inner: &str, node: &Node, schema: &mut ApiSchema) {
    schema.type_label = format!("array{inner}").trim_end().to_owned();
    for other in types(node).into_iter().filter(|other| *other != "array") {
        let mark = if other == "null" { "nullable".to_owned() } else { format!("or {}", shortened(other, 20)) };
        if !schema.marks.contains(&mark) {
            schema.marks.push(mark);
        }
    }
}

/// The type with its format: `string (date-time)`, `integer or null`.
fn type_label(node: &Node) -> String {
    let types = shortened(&types(node).join(" or "), 100);
    let formats = ["format", "contentEncoding", "contentMediaType"].map(|key| text(node, key));
    let formats: Vec<String> = formats.into_iter().filter(|format| !format.is_empty()).collect();
    match (types.is_empty(), formats.is_empty()) {
        (_, true) => types,
        (true, false) => formats.join(", "),
        (false, false) => format!("{types} ({})", formats.join(", ")),
    }
}

/// What values must be like.
fn constraints(node: &Node) -> Vec<String> {
    let get = |key: &str| node.get(key).filter(|node| !matches!(node.value, Value::Bool(_))).map(value);
    let exclusive = |key: &str| flag(node, key);
    let mut found = Vec::new();
    for (low, high, one, many) in [
        ("minLength", "maxLength", "character", "characters"),
        ("minItems", "maxItems", "item", "items"),
        ("minProperties", "maxProperties", "property", "properties"),
    ] {
        let counted = |count: String| format!("{count} {}", if count == "1" { one } else { many });
        match (get(low), get(high)) {
            (Some(low), Some(high)) if low == high => found.push(format!("exactly {}", counted(low))),
            (Some(low), Some(high)) => found.push(format!("{low}–{}", counted(high))),
            (Some(low), None) => found.push(format!("at least {}", counted(low))),
            (None, Some(high)) => found.push(format!("at most {}", counted(high))),
            (None, None) => {}
        }
    }
    let signs = [
        ("minimum", if exclusive("exclusiveMinimum") { ">" } else { "≥" }),
        ("exclusiveMinimum", ">"),
        ("maximum", if exclusive("exclusiveMaximum") { "<" } else { "≤" }),
        ("exclusiveMaximum", "<"),
        ("multipleOf", "a multiple of"),
        ("pattern", "matches"),
    ];
    found.extend(signs.into_iter().filter_map(|(key, sign)| Some(format!("{sign} {}", get(key)?))));
    if flag(node, "uniqueItems") {
        found.push("each item once".to_owned());
    }
    found
}

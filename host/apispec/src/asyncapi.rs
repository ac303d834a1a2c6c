//! AsyncAPI 2 and 3: channels, what is sent through them, and who sends it.

use std::collections::HashSet;

use host_api::{ApiGroup, ApiOperation, ApiSchema, ApiSection, ApiServer};
use host_model::Diagnostic;
use host_yaml::Node;

use crate::openapi;
use crate::reader::{Reader, entries, example_text, items, label, reference, scalar, text, value};
use crate::text::shortened;

/// The most operations that are drawn, and the most messages of one.
const MAX_OPERATIONS: usize = 5_000;
const MAX_MESSAGES: usize = 50;
/// The most traits of one operation or message, and the most protocols with bindings.
const MAX_TRAITS: usize = 20;
const MAX_BINDINGS: usize = 5;

pub(crate) fn read<'a>(reader: &mut Reader<'a, '_>, root: &'a Node) {
    if root.as_mapping().is_none() {
        let message = format!("an AsyncAPI document is a mapping, and this is {}", root.describe());
        reader.finding(Diagnostic::error("definition/shape", message), root.place);
        return;
    }
    let version = scalar(root, "asyncapi");
    reader.out.format = format!("AsyncAPI {}", shortened(&version, 20)).trim_end().to_owned();
    reader.content_type = text(root, "defaultContentType");
    openapi::info(reader, root);
    servers(reader, root);
    openapi::security_schemes(reader, root);
    let components = root.get("components");
    let schemas: Vec<_> = components.into_iter().flat_map(|components| entries(components, "schemas")).collect();
    for (name, node) in schemas {
        openapi::named(reader, name, node);
    }
    if root.get("operations").is_some() || version.starts_with('3') {
        version_3(reader, root);
    } else {
        version_2(reader, root);
    }
}

fn servers<'a>(reader: &mut Reader<'a, '_>, root: &'a Node) {
    for (name, server) in entries(root, "servers").take(50) {
        let server = reader.resolve(server);
        let url = match text(server, "url") {
            url if url.is_empty() => format!("{}{}", text(server, "host"), text(server, "pathname")),
            url => url,
        };
        let protocol = format!("{} {}", text(server, "protocol"), scalar(server, "protocolVersion"));
        let variables =
            entries(server, "variables").map(|(name, node)| (shortened(name, 100), scalar(node, "default")));
        let variables = variables.take(50).collect();
        let description = reader.description(server);
        let (name, protocol) = (shortened(name, 100), protocol.trim().to_owned());
        reader.out.servers.push(ApiServer { name, url, protocol, description, variables });
    }
}

/// In version 2 channels hold what can be published to them and subscribed to.
fn version_2<'a>(reader: &mut Reader<'a, '_>, root: &'a Node) {
    for (address, channel) in entries(root, "channels") {
        let channel = reader.resolve(channel);
        let mut operations = Vec::new();
        for verb in ["publish", "subscribe"] {
            let Some(node) = channel.get(verb) else { continue };
            let messages = node.get("message").map(|message| match items(message, "oneOf") {
                [] => vec![("", message)],
                several => several.iter().map(|message| ("", message)).collect(),
            });
            let parts = Parts { verb, address, channel, node };
            operations.push(operation(reader, &parts, messages.unwrap_or_default()));
        }
        if !push(reader, address, channel, operations) {
            break;
        }
    }
}

/// In version 3 operations stand by themselves and name their channel.
fn version_3<'a>(reader: &mut Reader<'a, '_>, root: &'a Node) {
    let mut by_channel: Vec<(&str, &Node, Vec<ApiOperation>)> =
        entries(root, "channels").map(|(name, channel)| (name, channel, Vec::new())).collect();
    let positions: std::collections::HashMap<&str, usize> =
        by_channel.iter().enumerate().map(|(at, (name, _, _))| (*name, at)).collect();
    for (name, node) in entries(root, "operations").take(MAX_OPERATIONS) {
        let node = reader.resolve(node);
        let channel = node.get("channel").and_then(reference).unwrap_or_default();
        let at = channel.strip_prefix("#/channels/").map(|name| name.replace("~1", "/").replace("~0", "~"));
        let Some(&at) = at.as_deref().and_then(|name| positions.get(name)) else {
            let message = format!("the operation {} names no channel of this document", shortened(name, 100));
            reader.finding(Diagnostic::error("definition/dangling-reference", message), node.place);
            continue;
        };
        let (key, channel, _) = by_channel[at];
        let channel = reader.resolve(channel);
        let messages = match items(node, "messages") {
            // An operation that names no messages takes all of its channel.
            [] => entries(channel, "messages").collect(),
            named => named.iter().map(|message| (last_part(message), message)).collect(),
        };
        let address = text(channel, "address");
        let address = if address.is_empty() { key } else { address.as_str() };
        let verb = text(node, "action");
        let parts = Parts { verb: &verb, address, channel, node };
        let mut found = operation(reader, &parts, messages);
        if found.operation_id.is_empty() {
            found.operation_id = shortened(name, 200);
        }
        if let Some(reply) = node.get("reply") {
            found.sections.extend(answers(reader, reply));
        }
        by_channel[at].2.push(found);
    }
    for (name, channel, operations) in by_channel {
        let channel = reader.resolve(channel);
        let address = text(channel, "address");
        let shown = if address.is_empty() { name } else { address.as_str() };
        if !push(reader, shown, channel, operations) {
            break;
        }
    }
}

/// What is sent back.
fn answers<'a>(reader: &mut Reader<'a, '_>, reply: &'a Node) -> Vec<ApiSection> {
    let reply = reader.resolve(reply);
    let channel = reply.get("channel").map(|channel| reader.resolve(channel));
    let messages: Vec<(&str, &Node)> = match (items(reply, "messages"), channel) {
        ([], Some(channel)) => entries(channel, "messages").collect(),
        (named, _) => named.iter().map(|message| (last_part(message), message)).collect(),
    };
    messages.into_iter().take(MAX_MESSAGES).flat_map(|(name, node)| message(reader, "Reply", name, node)).collect()
}

/// The name at the end of a reference.
fn last_part(node: &Node) -> &str {
    reference(node).and_then(|reference| reference.rsplit('/').next()).unwrap_or_default()
}

/// Adds a channel; false when there are too many.
fn push<'a>(reader: &mut Reader<'a, '_>, address: &str, channel: &'a Node, mut operations: Vec<ApiOperation>) -> bool {
    if reader.budget.exceeded || reader.out.groups.len() >= MAX_OPERATIONS {
        reader.budget.exceeded = true;
        return false;
    }
    let mut description = reader.description(channel);
    if description.is_empty() {
        description = reader.budget.markdown(&text(channel, "summary"));
    }
    if operations.is_empty() {
        // Nobody says who sends it; the channel's messages are worth knowing all the same.
        let messages = entries(channel, "messages").collect();
        let parts = Parts { verb: "channel", address, channel, node: channel };
        operations.push(ApiOperation { description: String::new(), ..operation(reader, &parts, messages) });
    }
    reader.out.groups.push(ApiGroup { name: shortened(address, 300), description, operations });
    true
}

/// An operation or a message, and the traits that stand in for what it does not say.
struct Said<'a> {
    itself: &'a Node,
    /// The ones that count most first.
    traits: Vec<&'a Node>,
}

impl<'a> Said<'a> {
    /// Of several traits the later count more.
    fn of(reader: &mut Reader<'a, '_>, itself: &'a Node) -> Self {
        let traits = items(itself, "traits").iter().take(MAX_TRAITS).map(|node| reader.resolve(node)).rev().collect();
        Self { itself, traits }
    }

    /// All that is said under a key.
    fn all(&self, key: &str) -> impl Iterator<Item = &'a Node> {
        [self.itself].into_iter().chain(self.traits.iter().copied()).filter_map(move |node| node.get(key))
    }

    /// What says something under a key; the operation or message itself, when nothing does.
    fn by(&self, key: &str) -> &'a Node {
        if self.itself.get(key).is_some() {
            return self.itself;
        }
        self.traits.iter().copied().find(|node| node.get(key).is_some()).unwrap_or(self.itself)
    }

    fn text(&self, key: &str) -> String {
        text(self.by(key), key)
    }

    /// The description, or else the summary, as safe HTML.
    fn description(&self, reader: &mut Reader<'a, '_>) -> String {
        let description = reader.description(self.by("description"));
        if description.is_empty() { reader.budget.markdown(&self.text("summary")) } else { description }
    }
}

/// What an operation is made of.
struct Parts<'p, 'a> {
    verb: &'p str,
    address: &'p str,
    channel: &'a Node,
    node: &'a Node,
}

fn operation<'a>(
    reader: &mut Reader<'a, '_>,
    parts: &Parts<'_, 'a>,
    messages: Vec<(&'a str, &'a Node)>,
) -> ApiOperation {
    let Parts { verb, address, channel, node } = *parts;
    let said = Said::of(reader, node);
    let verb = shortened(&verb.to_uppercase(), 20);
    let mut sections = Vec::new();
    let parameters: Vec<ApiSchema> = entries(channel, "parameters")
        .take(60)
        .map(|(name, parameter)| {
            let parameter = reader.resolve(parameter);
            let mut schema = match parameter.get("schema") {
                Some(schema) => reader.property(name, schema, 0),
                None => reader.property(name, parameter, 0),
            };
            schema.required = true;
            if schema.type_label == "anything" {
                schema.type_label = "string".to_owned();
            }
            let description = reader.description(parameter);
            if !description.is_empty() {
                schema.description = description;
            }
            schema
        })
        .collect();
    if !parameters.is_empty() {
        let schema = Some(ApiSchema { children: parameters, ..ApiSchema::default() });
        sections.push(ApiSection { title: "Parameters of the channel".to_owned(), schema, ..ApiSection::default() });
    }
    for (name, node) in messages.into_iter().take(MAX_MESSAGES) {
        sections.extend(message(reader, "Message", name, node));
    }
    let mut bindings: Vec<&'a Node> = said.all("bindings").collect();
    if bindings.is_empty() {
        bindings.extend(channel.get("bindings"));
    }
    let mut marks: Vec<String> = Vec::new();
    let names = |bindings: &'a Node| bindings.as_mapping().unwrap_or_default().iter().take(MAX_BINDINGS);
    for (name, _) in bindings.into_iter().flat_map(names) {
        let mark = shortened(&name.text, 30);
        if marks.len() < MAX_BINDINGS && !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    ApiOperation {
        id: reader.anchors.of(&format!("{verb} {address}")),
        name: shortened(address, 500),
        operation_id: said.text("operationId"),
        summary: match said.text("summary") {
            summary if summary.is_empty() => said.text("title"),
            summary => summary,
        },
        description: reader.description(said.by("description")),
        deprecated: crate::reader::flag(said.by("deprecated"), "deprecated"),
        marks,
        sections,
        line: Some(node.place.line),
        verb,
        ..ApiOperation::default()
    }
}

/// A message: its payload, and its headers when it has some.
fn message<'a>(reader: &mut Reader<'a, '_>, word: &str, key: &str, node: &'a Node) -> Vec<ApiSection> {
    let named = last_part(node).to_owned();
    let node = reader.resolve(node);
    let said = Said::of(reader, node);
    let name = [said.text("title"), said.text("name"), named, key.to_owned()];
    let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let title = format!("{word} {}", shortened(&name, 200)).trim_end().to_owned();
    let (payload, format) = match node.get("payload") {
        // Version 3 lets a schema say its own language.
        Some(payload) => match (payload.get("schema"), text(payload, "schemaFormat")) {
            (Some(schema), format) if !format.is_empty() => (Some(schema), format),
            _ => (Some(payload), said.text("schemaFormat")),
        },
        None => (None, String::new()),
    };
    let foreign = ["avro", "protobuf", "raml", "xml"].iter().any(|language| format.to_lowercase().contains(language));
    let mut examples = Vec::new();
    let schema = match payload {
        Some(payload) if foreign => {
            let (language, text) = example_text(payload);
            examples.extend(reader.budget.example("Schema", language, &text));
            None
        }
        Some(payload) => Some(reader.schema(payload)),
        None => None,
    };
    for example in items(said.by("examples"), "examples").iter().take(8) {
        let (language, text) = example_text(example.get("payload").unwrap_or(example));
        let name = example.get("name").map(value).unwrap_or_default();
        examples.extend(reader.budget.example(&name, language, &text));
    }
    let content_type = match said.text("contentType") {
        own if own.is_empty() && payload.is_some() => reader.content_type.clone(),
        own => own,
    };
    let note: Vec<String> = [content_type, if foreign { format } else { String::new() }]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let description = said.description(reader);
    let headers = headers(reader, &said).map(|schema| ApiSection {
        title: format!("{title}: headers"),
        schema: Some(schema),
        ..ApiSection::default()
    });
    let body = ApiSection { title, note: note.join(" · "), description, schema, examples };
    [Some(body), headers].into_iter().flatten().collect()
}

/// The headers of a message with those of its traits. Of several with one name the message's own count.
fn headers<'a>(reader: &mut Reader<'a, '_>, said: &Said<'a>) -> Option<ApiSchema> {
    let mut all = said.all("headers").map(|headers| reader.schema(headers)).collect::<Vec<_>>().into_iter();
    let mut headers = all.next()?;
    let mut known: HashSet<String> = headers.children.iter().map(|child| child.name.clone()).collect();
    for more in all {
        if more.reference.is_some() {
            headers.children.push(label("all of", vec![more]));
            continue;
        }
        headers.children.extend(more.children.into_iter().filter(|child| known.insert(child.name.clone())));
    }
    Some(headers)
}

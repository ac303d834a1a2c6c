//! OpenAPI 2.0 (Swagger), 3.0 and 3.1.

use host_api::{ApiExample, ApiOperation, ApiSchema, ApiSection, ApiSecurity, ApiServer, ApiType};
use host_model::Diagnostic;
use host_yaml::{Node, Value};

use crate::groups::Groups;
use crate::reader::{Reader, entries, example_text, flag, items, scalar, text, value};
use crate::text::shortened;

/// The methods, in the order in which they are shown.
const METHODS: [&str; 9] = ["get", "post", "put", "patch", "delete", "head", "options", "trace", "query"];
/// Where parameters stand, with the title of their section.
const PLACES: [(&str, &str); 4] =
    [("path", "Path parameters"), ("query", "Query parameters"), ("header", "Headers"), ("cookie", "Cookies")];
/// The most operations that are drawn.
const MAX_OPERATIONS: usize = 5_000;
/// The most servers, the most callbacks and their addresses, and the most links of a response with what each takes.
const MAX_SERVERS: usize = 50;
const MAX_CALLBACKS: usize = 20;
const MAX_LINKS: usize = 20;
/// The most examples of one body.
const MAX_EXAMPLES: usize = 8;

/// What holds for the whole document.
struct Whole<'a> {
    is_2: bool,
    root: &'a Node,
    /// The media types that Swagger declares for every operation.
    consumes: Vec<String>,
    produces: Vec<String>,
    security: Vec<String>,
}

pub(crate) fn read<'a>(reader: &mut Reader<'a, '_>, root: &'a Node) {
    let (swagger, version) = (scalar(root, "swagger"), scalar(root, "openapi"));
    let is_2 = version.is_empty() && !swagger.is_empty();
    if root.as_mapping().is_none() {
        let message = format!("an OpenAPI document is a mapping, and this is {}", root.describe());
        reader.finding(Diagnostic::error("definition/shape", message), root.place);
        return;
    }
    let version = if is_2 { swagger } else { version };
    if version.is_empty() {
        let finding =
            Diagnostic::warning("definition/shape", "the document does not say which version of OpenAPI it is");
        reader.finding(finding.hint("begin with openapi: 3.1.0"), root.place);
    }
    reader.out.format = format!("OpenAPI {}", shortened(&version, 20)).trim_end().to_owned();
    info(reader, root);
    servers(reader, root, is_2);
    security_schemes(reader, root);
    types(reader, root, is_2);
    let whole = Whole {
        is_2,
        root,
        consumes: texts(root, "consumes"),
        produces: texts(root, "produces"),
        security: requirements(root).unwrap_or_default(),
    };
    operations(reader, &whole);
}

/// Title, version, description and the small facts of `info`.
pub(crate) fn info<'a>(reader: &mut Reader<'a, '_>, root: &'a Node) {
    let Some(info) = root.get("info") else {
        reader.finding(Diagnostic::warning("definition/shape", "the document has no info"), root.place);
        return;
    };
    reader.out.title = text(info, "title");
    reader.out.version = scalar(info, "version");
    reader.out.description = reader.description(info);
    let inside = |key: &str, parts: &[&str]| {
        let node = info.get(key)?;
        let parts: Vec<String> = parts.iter().map(|part| text(node, part)).filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    };
    let docs = root.get("externalDocs").or_else(|| info.get("externalDocs")).map(|docs| text(docs, "url"));
    for (name, fact) in [
        ("Contact", inside("contact", &["name", "email", "url"])),
        ("Licence", inside("license", &["name", "identifier", "url"])),
        ("Terms of service", Some(text(info, "termsOfService"))),
        ("More documentation", docs),
    ] {
        if let Some(fact) = fact.filter(|fact| !fact.is_empty()) {
            reader.out.facts.push((name.to_owned(), fact));
        }
    }
}

fn servers<'a>(reader: &mut Reader<'a, '_>, root: &'a Node, is_2: bool) {
    if is_2 {
        let host = text(root, "host");
        let base = text(root, "basePath");
        if host.is_empty() && base.is_empty() {
            return;
        }
        let schemes = texts(root, "schemes");
        let schemes = if schemes.is_empty() { vec![String::new()] } else { schemes };
        for scheme in schemes.into_iter().take(5) {
            let scheme = if scheme.is_empty() || host.is_empty() { String::new() } else { format!("{scheme}://") };
            let server = ApiServer { url: format!("{scheme}{host}{base}"), ..ApiServer::default() };
            reader.out.servers.push(server);
        }
        return;
    }
    for server in items(root, "servers").iter().take(MAX_SERVERS) {
        let description = reader.description(server);
        let variables =
            entries(server, "variables").map(|(name, variable)| (shortened(name, 100), scalar(variable, "default")));
        let server = ApiServer {
            name: text(server, "name"),
            url: text(server, "url"),
            description,
            variables: variables.take(50).collect(),
            ..ApiServer::default()
        };
        reader.out.servers.push(server);
    }
}

/// `components.securitySchemes` or `securityDefinitions`.
pub(crate) fn security_schemes<'a>(reader: &mut Reader<'a, '_>, root: &'a Node) {
    let of_components = root.get("components").map(|components| entries(components, "securitySchemes"));
    let found: Vec<_> =
        of_components.into_iter().flatten().chain(entries(root, "securityDefinitions")).take(100).collect();
    for (name, node) in found {
        let node = reader.resolve(node);
        let kind = text(node, "type");
        let kind = match kind.as_str() {
            "apiKey" | "httpApiKey" => format!("API key in {} {}", text(node, "in"), text(node, "name")),
            "http" => format!("HTTP {} {}", text(node, "scheme"), text(node, "bearerFormat")),
            "openIdConnect" => format!("OpenID Connect {}", text(node, "openIdConnectUrl")),
            "oauth2" => {
                let flows: Vec<&str> = entries(node, "flows").map(|(name, _)| name).take(10).collect();
                format!("OAuth 2 {} {}", flows.join(", "), text(node, "flow"))
            }
            _ => kind,
        };
        let flows = entries(node, "flows").map(|(_, flow)| flow).chain([node]);
        let mut scopes: Vec<(String, String)> = Vec::new();
        for (scope, meaning) in flows.flat_map(|flow| entries(flow, "scopes").chain(entries(flow, "availableScopes"))) {
            if scopes.len() < 100 && !scopes.iter().any(|(known, _)| known == scope) {
                scopes.push((shortened(scope, 100), value(meaning)));
            }
        }
        let description = reader.description(node);
        let kind = kind.trim().to_owned();
        reader.out.security.push(ApiSecurity { name: shortened(name, 100), kind, description, scopes });
    }
}

fn types<'a>(reader: &mut Reader<'a, '_>, root: &'a Node, is_2: bool) {
    let found: Vec<_> = if is_2 {
        entries(root, "definitions").collect()
    } else {
        root.get("components").into_iter().flat_map(|components| entries(components, "schemas")).collect()
    };
    for (name, node) in found {
        named(reader, name, node);
    }
}

/// A named schema.
pub(crate) fn named<'a>(reader: &mut Reader<'a, '_>, name: &str, node: &'a Node) {
    let schema = reader.schema(node);
    if reader.budget.exceeded {
        return;
    }
    let id = reader.type_anchors.of(name);
    let kind = if schema.choices.is_empty() { schema.type_label.clone() } else { "enum".to_owned() };
    reader.out.types.push(ApiType { id, name: name.to_owned(), kind, schema, line: Some(node.place.line) });
}

fn operations<'a>(reader: &mut Reader<'a, '_>, whole: &Whole<'a>) {
    let mut groups = Groups::default();
    for tag in items(whole.root, "tags").iter().take(500) {
        let description = reader.description(tag);
        groups.declare(&text(tag, "name"), description);
    }
    let paths = entries(whole.root, "paths").map(|(path, item)| (path, item, ""));
    let webhooks = entries(whole.root, "webhooks").map(|(name, item)| (name, item, "webhook"));
    let mut count = 0;
    for (path, item, mark) in paths.chain(webhooks) {
        if path.starts_with("x-") {
            continue;
        }
        let item = reader.resolve(item);
        for (method, node) in methods(item) {
            count += 1;
            if count > MAX_OPERATIONS || reader.budget.exceeded {
                reader.budget.exceeded = true;
                break;
            }
            let mut operation = operation(reader, whole, path, method, item, node);
            if !mark.is_empty() {
                operation.marks.push(mark.to_owned());
            }
            groups.add(items(node, "tags").iter().map(value), operation);
        }
    }
    reader.out.groups = groups.finish();
}

/// What can be done at a path, by method.
fn methods(item: &Node) -> impl Iterator<Item = (&'static str, &Node)> {
    let found = METHODS.into_iter().filter_map(|method| Some((method, item.get(method)?)));
    found.filter(|(_, node)| node.as_mapping().is_some())
}

fn operation<'a>(
    reader: &mut Reader<'a, '_>,
    whole: &Whole<'a>,
    path: &str,
    method: &str,
    item: &'a Node,
    node: &'a Node,
) -> ApiOperation {
    let verb = method.to_uppercase();
    let mut sections = sections(reader, whole, item, node);
    sections.extend(callbacks(reader, whole, node));
    let (summary, description) = about(reader, item, node);
    ApiOperation {
        id: reader.anchors.of(&format!("{verb} {path}")),
        verb,
        name: shortened(path, 500),
        operation_id: text(node, "operationId"),
        summary,
        description,
        deprecated: flag(node, "deprecated"),
        security: requirements(node).unwrap_or_else(|| whole.security.clone()),
        sections,
        line: Some(node.place.line),
        ..ApiOperation::default()
    }
}

/// Summary and description of an operation; where it has none, those of its path.
fn about<'a>(reader: &mut Reader<'a, '_>, item: &'a Node, node: &'a Node) -> (String, String) {
    let says = |key: &str| if text(node, key).is_empty() { item } else { node };
    let description = reader.description(says("description"));
    (text(says("summary"), "summary"), description)
}

/// What an operation takes and answers, and where.
fn sections<'a>(reader: &mut Reader<'a, '_>, whole: &Whole<'a>, item: &'a Node, node: &'a Node) -> Vec<ApiSection> {
    let mut sections = parameters(reader, whole, item, node);
    if let Some(body) = node.get("requestBody") {
        let body = reader.resolve(body);
        let required = if flag(body, "required") { "required" } else { "optional" };
        let description = reader.description(body);
        sections.extend(bodies(reader, "Request body", required, &description, body.get("content")));
    }
    for (status, answer) in entries(node, "responses").filter(|(status, _)| !status.starts_with("x-")).take(60) {
        response(reader, whole, node, status, answer, &mut sections);
    }
    // The operation's own servers stand for those of its path, and these for those of the document.
    let servers = if items(node, "servers").is_empty() { item } else { node };
    let servers = items(servers, "servers").iter().take(MAX_SERVERS).filter_map(|server| {
        let description = reader.description(server);
        reader.budget.node().then(|| ApiSchema { name: text(server, "url"), description, ..ApiSchema::default() })
    });
    sections.extend(list("Servers of its own", servers.collect()));
    sections
}

/// What an operation calls back. What is called back by these calls is left out, since it may go on for ever.
fn callbacks<'a>(reader: &mut Reader<'a, '_>, whole: &Whole<'a>, node: &'a Node) -> Vec<ApiSection> {
    let mut found = Vec::new();
    for (name, callback) in entries(node, "callbacks").take(MAX_CALLBACKS) {
        let name = shortened(name, 100);
        let addresses = reader.resolve(callback).as_mapping().unwrap_or_default().iter().take(MAX_CALLBACKS);
        for (address, item) in addresses {
            let item = reader.resolve(item);
            for (method, node) in methods(item) {
                let note = shortened(&format!("{} {}", method.to_uppercase(), address.text), 200);
                let call = called_back(reader, whole, &name, note, item, node);
                // Many operations may share one callback, so that each section takes from what may be drawn.
                found.extend(call.into_iter().take_while(|_| reader.budget.node()));
            }
        }
    }
    found
}

/// The sections of one call that an operation makes.
fn called_back<'a>(
    reader: &mut Reader<'a, '_>,
    whole: &Whole<'a>,
    name: &str,
    note: String,
    item: &'a Node,
    node: &'a Node,
) -> Vec<ApiSection> {
    if reader.budget.exceeded {
        return Vec::new();
    }
    let (summary, description) = about(reader, item, node);
    let description = if description.is_empty() { reader.budget.markdown(&summary) } else { description };
    let head = ApiSection { title: format!("Calls back {name}"), note, description, ..ApiSection::default() };
    let parts = sections(reader, whole, item, node).into_iter();
    let parts = parts.map(|part| ApiSection { title: format!("{name}: {}", part.title), ..part });
    [head].into_iter().chain(parts).collect()
}

/// A section that lists something by name; none when there is nothing to list.
fn list(title: &str, children: Vec<ApiSchema>) -> Option<ApiSection> {
    let schema = Some(ApiSchema { children, ..ApiSchema::default() });
    let section = ApiSection { title: title.to_owned(), schema, ..ApiSection::default() };
    section.schema.as_ref().is_some_and(|schema| !schema.children.is_empty()).then_some(section)
}

/// The parameters of a path and of an operation, by where they stand. The operation's count more.
fn parameters<'a>(reader: &mut Reader<'a, '_>, whole: &Whole<'a>, item: &'a Node, node: &'a Node) -> Vec<ApiSection> {
    let mut found: Vec<(String, String, &Node)> = Vec::new();
    for parameter in items(item, "parameters").iter().chain(items(node, "parameters")).take(500) {
        let parameter = reader.resolve(parameter);
        let (place, name) = (text(parameter, "in"), text(parameter, "name"));
        found.retain(|(known_place, known, _)| (known_place, known) != (&place, &name));
        found.push((place, name, parameter));
    }
    let mut sections = Vec::new();
    for (place, title) in PLACES {
        let children: Vec<ApiSchema> = found
            .iter()
            .filter(|(stands, _, _)| stands == place)
            .map(|(_, name, parameter)| self::parameter(reader, name, parameter))
            .collect();
        sections.extend(list(title, children));
    }
    if whole.is_2 {
        sections.extend(swagger_body(reader, whole, node, &found));
    }
    sections
}

/// A parameter as a property: its schema, with what is said of the parameter itself.
fn parameter<'a>(reader: &mut Reader<'a, '_>, name: &str, parameter: &'a Node) -> ApiSchema {
    let content = entries(parameter, "content").next().and_then(|(_, media)| media.get("schema"));
    // In Swagger the parameter is its own schema.
    let schema = parameter.get("schema").or(content).unwrap_or(parameter);
    let mut found = reader.property(name, schema, 0);
    found.required = flag(parameter, "required");
    found.deprecated |= flag(parameter, "deprecated");
    let description = reader.description(parameter);
    if !description.is_empty() {
        found.description = description;
    }
    let first = entries(parameter, "examples").next().and_then(|(_, example)| reader.resolve(example).get("value"));
    if let Some(example) = parameter.get("example").or(first) {
        found.example = Some(value(example));
    }
    found
}

/// Swagger's body and form parameters.
fn swagger_body<'a>(
    reader: &mut Reader<'a, '_>,
    whole: &Whole<'a>,
    node: &'a Node,
    found: &[(String, String, &'a Node)],
) -> Option<ApiSection> {
    let own = texts(node, "consumes");
    let types = if own.is_empty() { whole.consumes.join(", ") } else { own.join(", ") };
    let form: Vec<ApiSchema> = found
        .iter()
        .filter(|(place, _, _)| place == "formData")
        .map(|(_, name, parameter)| self::parameter(reader, name, parameter))
        .collect();
    let mut section = ApiSection { title: "Request body".to_owned(), note: types, ..ApiSection::default() };
    if let Some((_, _, body)) = found.iter().find(|(place, _, _)| place == "body") {
        section.description = reader.description(body);
        section.schema = body.get("schema").map(|schema| reader.schema(schema));
        return Some(section);
    }
    section.schema = Some(ApiSchema { children: form, ..ApiSchema::default() });
    section.schema.as_ref().is_some_and(|schema| !schema.children.is_empty()).then_some(section)
}

fn response<'a>(
    reader: &mut Reader<'a, '_>,
    whole: &Whole<'a>,
    operation: &'a Node,
    status: &str,
    answer: &'a Node,
    sections: &mut Vec<ApiSection>,
) {
    let answer = reader.resolve(answer);
    let title = if status == "default" {
        "Any other response".to_owned()
    } else {
        format!("Response {}", shortened(status, 20))
    };
    let description = reader.description(answer);
    if whole.is_2 {
        let own = texts(operation, "produces");
        let note = if own.is_empty() { whole.produces.join(", ") } else { own.join(", ") };
        let schema = answer.get("schema").map(|schema| reader.schema(schema));
        let examples = entries(answer, "examples").take(MAX_EXAMPLES).map(|(name, node)| (name, Some(node))).collect();
        let examples = self::examples(reader, examples);
        sections.push(ApiSection { title: title.clone(), note, description, schema, examples });
    } else {
        sections.extend(bodies(reader, &title, "", &description, answer.get("content")));
    }
    let headers: Vec<ApiSchema> = entries(answer, "headers")
        .take(60)
        .map(|(name, header)| {
            let header = reader.resolve(header);
            parameter(reader, name, header)
        })
        .collect();
    sections.extend(list(&format!("{title}: headers"), headers));
    let links = entries(answer, "links").take(MAX_LINKS).filter_map(|(name, link)| self::link(reader, name, link));
    sections.extend(list(&format!("{title}: links"), links.collect()));
}

/// An operation to which a response leads, with what it takes from there; none when there is too much already.
fn link<'a>(reader: &mut Reader<'a, '_>, name: &str, link: &'a Node) -> Option<ApiSchema> {
    if !reader.budget.node() {
        return None;
    }
    let link = reader.resolve(link);
    let operation = [text(link, "operationId"), text(link, "operationRef")].into_iter().find(|name| !name.is_empty());
    let body = link.get("requestBody").map(|body| ("request body", body));
    let takes = entries(link, "parameters").chain(body).take(MAX_LINKS);
    Some(ApiSchema {
        name: shortened(name, 200),
        type_label: operation.map(|name| format!("leads to {name}")).unwrap_or_default(),
        description: reader.description(link),
        constraints: takes.map(|(name, from)| format!("{} = {}", shortened(name, 100), value(from))).collect(),
        ..ApiSchema::default()
    })
}

/// A body by its media types; one section without a schema when it has none.
fn bodies<'a>(
    reader: &mut Reader<'a, '_>,
    title: &str,
    required: &str,
    description: &str,
    content: Option<&'a Node>,
) -> Vec<ApiSection> {
    let mut sections: Vec<ApiSection> = Vec::new();
    let media_types = content.and_then(Node::as_mapping).unwrap_or_default();
    for (media_type, node) in media_types.iter().take(20) {
        let schema = node.get("schema").map(|schema| reader.schema(schema));
        let mut found: Vec<(&str, Option<&Node>)> =
            node.get("example").map(|node| ("", Some(node))).into_iter().collect();
        for (name, example) in entries(node, "examples").take(MAX_EXAMPLES) {
            found.push((name, reader.resolve(example).get("value")));
        }
        let examples = examples(reader, found);
        let note = shortened(&media_type.text, 100);
        let description = if sections.is_empty() { description.to_owned() } else { String::new() };
        // The same schema in several media types is told once.
        if let Some(same) = sections.iter_mut().find(|section| section.schema == schema && schema.is_some()) {
            same.note = format!("{}, {note}", same.note);
            same.examples.extend(examples);
            continue;
        }
        sections.push(ApiSection { title: title.to_owned(), note, description, schema, examples });
    }
    if sections.is_empty() {
        let (title, description) = (title.to_owned(), description.to_owned());
        sections.push(ApiSection { title, description, ..ApiSection::default() });
    }
    for section in &mut sections {
        let parts = [section.note.as_str(), required].into_iter().filter(|part| !part.is_empty());
        section.note = parts.collect::<Vec<_>>().join(" · ");
    }
    sections
}

fn examples(reader: &mut Reader<'_, '_>, found: Vec<(&str, Option<&Node>)>) -> Vec<ApiExample> {
    let written = found.into_iter().filter_map(|(name, node)| {
        let (language, text) = example_text(node?);
        reader.budget.example(name, language, &text)
    });
    written.collect()
}

/// The ways to show who one is; none when nothing is said.
fn requirements(node: &Node) -> Option<Vec<String>> {
    node.get("security")?;
    let ways = items(node, "security").iter().take(20).map(|way| {
        let parts = way.as_mapping().unwrap_or_default().iter().map(|(name, scopes)| match &scopes.value {
            Value::Sequence(scopes) if !scopes.is_empty() => {
                let scopes: Vec<String> = scopes.iter().take(20).map(value).collect();
                format!("{} ({})", name.text, scopes.join(", "))
            }
            _ => name.text.clone(),
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() { "nothing".to_owned() } else { shortened(&parts.join(" and "), 300) }
    });
    Some(ways.collect())
}

/// A list of texts.
fn texts(node: &Node, key: &str) -> Vec<String> {
    items(node, key).iter().filter_map(Node::as_str).take(20).map(|text| shortened(text, 100)).collect()
}

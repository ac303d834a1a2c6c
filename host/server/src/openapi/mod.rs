//! `GET /api/openapi.json`: the description of all routes, from tables that a test compares with the router.

pub(crate) mod body;
mod catalog;
mod findings;
mod history;
mod operations;
pub(crate) mod parameters;
mod schemas;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::{Map, Value, json};

use crate::past::tells_of_the_past;

/// One operation: method, path, identifier, what it does, query parameters, body schema, answer schema. A parameter's name
/// is followed by a star when it can be given several times, a comma when it is a list with commas, an exclamation mark
/// when it must be given, and an equals sign before what it may be.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    Option<&'static str>,
    Option<&'static str>,
);

/// All operations.
fn rows() -> impl Iterator<Item = &'static Row> {
    operations::OPERATIONS.iter().chain(catalog::OPERATIONS).chain(history::OPERATIONS)
}

/// Every method, in lower case, with its path.
#[cfg(test)]
pub(crate) fn described() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows().map(|(method, path, ..)| (*method, *path))
}

/// The schemas of bodies and answers, by name.
static SCHEMAS: LazyLock<Value> = LazyLock::new(all_schemas);
static DOCUMENT: LazyLock<String> = LazyLock::new(|| build("/").to_string());
static CATALOG: LazyLock<String> = LazyLock::new(|| build("/api/catalog/").to_string());
static SCAFFOLDER: LazyLock<String> = LazyLock::new(|| build("/api/scaffolder/").to_string());

/// Answers with the document.
pub(crate) async fn document() -> Response {
    answer(&DOCUMENT)
}

/// Answers with what it says of the catalog, where Backstage's own would be.
pub(crate) async fn catalog_document() -> Response {
    answer(&CATALOG)
}

/// Answers with what it says of the scaffolder, where Backstage's own would be.
pub(crate) async fn scaffolder_document() -> Response {
    answer(&SCAFFOLDER)
}

fn answer(document: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], document).into_response()
}

/// The document with the paths that begin so.
fn build(prefix: &str) -> Value {
    let mut paths = Map::new();
    for row in rows().filter(|(_, path, ..)| path.starts_with(prefix)) {
        let (method, path, ..) = row;
        let item = paths.entry((*path).to_owned()).or_insert_with(|| json!({}));
        item[*method] = operation(row);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Callboard",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Callboard's API. Routes below /api/catalog, /api/scaffolder and /api/search have the shapes of Backstage's backend.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "securitySchemes": { "administrator": { "type": "http", "scheme": "bearer", "description": "The token in the file admin-token of the data folder." } },
            "schemas": &*SCHEMAS
        }
    })
}

fn all_schemas() -> Value {
    let mut all = schemas::schemas();
    if let Value::Object(all) = &mut all {
        all.extend(findings::schemas());
        if let Value::Object(more) = history::schemas() {
            all.extend(more);
        }
    }
    all
}

fn operation(&(method, path, id, summary, query, body, answer): &Row) -> Value {
    let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters: Vec<Value> = in_path
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .chain(query.iter().map(|name| query_parameter(name)))
        .chain(tells_of_the_past(method, path).then(|| query_parameter("asOf")))
        .collect();
    let success = match answer {
        Some(schema) => {
            json!({ "description": "The answer.", "content": { "application/json": { "schema": schema_of(schema) } } })
        }
        None => json!({ "description": "Done." }),
    };
    let error = json!({ "description": "What went wrong.", "content": { "application/json": { "schema": schema_of("Error") } } });
    let mut operation = json!({
        "operationId": id, "summary": summary, "tags": [tag(path)], "parameters": parameters,
        "responses": { "2XX": success, "default": error }
    });
    add_further_answers(id, &mut operation["responses"]);
    if let Some(body) = body {
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema_of(body) } } });
    }
    operation
}

/// Two operations have answers that a row cannot tell of.
fn add_further_answers(id: &str, responses: &mut Value) {
    match id {
        "streamChanges" => responses["2XX"]["content"]["text/event-stream"] = json!({ "schema": { "type": "string" } }),
        "ValidateEntity" => {
            let content = json!({ "application/json": { "schema": schema_of("EntityErrors") } });
            responses["400"] = json!({ "description": "What is wrong with the entity.", "content": content });
        }
        _ => {}
    }
}

fn query_parameter(parameter: &str) -> Value {
    let name = parameters::name_of(parameter);
    let mut described = json!({ "name": name, "in": "query", "schema": { "type": "string" } });
    if parameter.contains(['*', ',']) {
        described["schema"] = json!({ "type": "array", "items": { "type": "string" } });
        described["style"] = json!("form");
        described["explode"] = json!(!parameter.contains(','));
    } else if let Some((_, allowed)) = parameter.split_once('=') {
        described["schema"]["enum"] = allowed.split('|').collect();
    } else if parameters::is_number(name) {
        described["schema"] = json!({ "type": "integer", "minimum": 0 });
    } else if name == "filters" {
        described["schema"]["type"] = json!("object");
        described["style"] = json!("deepObject");
    }
    if parameter.contains('!') {
        described["required"] = json!(true);
    }
    described
}

fn tag(path: &str) -> &str {
    path.strip_prefix("/api/")
        .and_then(|rest| rest.split('/').next())
        .filter(|tag| !tag.contains('.'))
        .unwrap_or("operations")
}

fn schema_of(name: &str) -> Value {
    match name.strip_suffix("[]") {
        Some(item) => json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{item}") } }),
        None => json!({ "$ref": format!("#/components/schemas/{name}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_that_is_referred_to_exists() {
        let document = build("/");
        let text = document.to_string();
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        }
        let entity = "/api/catalog/entities/by-name/{kind}/{namespace}/{name}";
        assert_eq!(document["paths"][entity]["get"]["operationId"], "getEntityByName");
        let panel = "/api/views/{namespace}/{kind}/{name}/{plugin}/{card}";
        assert_eq!(document["paths"][panel]["get"]["parameters"].as_array().unwrap().len(), 5);
        let facets = &document["paths"]["/api/catalog/entity-facets"]["get"]["parameters"][0];
        assert_eq!((&facets["name"], &facets["required"]), (&json!("facet"), &json!(true)));
        let changes = &document["paths"]["/api/catalog/changes"]["get"]["responses"]["2XX"]["content"];
        assert_eq!(changes.as_object().unwrap().len(), 2, "a page or a stream: {changes}");
        let invalid = &document["paths"]["/api/catalog/validate-entity"]["post"]["responses"]["400"];
        assert!(invalid.to_string().contains("EntityErrors"), "{invalid}");
        let part = build("/api/scaffolder/");
        assert!(part["paths"].as_object().unwrap().keys().all(|path| path.starts_with("/api/scaffolder/")));
    }
}

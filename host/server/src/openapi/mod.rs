//! `GET /api/openapi.json`: the description of all routes, from tables that a test compares with the router.

mod catalog;
mod findings;
mod history;
mod operations;
mod schemas;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::{Map, Value, json};

use crate::past::tells_of_the_past;

/// One operation: method, path, identifier, what it does, query parameters, body schema, answer schema. Of a parameter's
/// name, a star says that it can be given several times, an exclamation mark that it must be given, and what follows an equals
/// sign what it may be.
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

static DOCUMENT: LazyLock<String> = LazyLock::new(|| build().to_string());

/// Answers with the document.
pub(crate) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], DOCUMENT.as_str()).into_response()
}

fn build() -> Value {
    let mut paths = Map::new();
    for row in rows() {
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
            "schemas": all_schemas()
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
    if let Some(body) = body {
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema_of(body) } } });
    }
    operation
}

fn query_parameter(name: &str) -> Value {
    if let Some(name) = name.strip_suffix('!') {
        let mut parameter = query_parameter(name);
        parameter["required"] = Value::Bool(true);
        return parameter;
    }
    if let Some((name, values)) = name.split_once('=') {
        let values: Vec<&str> = values.split('|').collect();
        return json!({ "name": name, "in": "query", "schema": { "type": "string", "enum": values } });
    }
    match name.strip_suffix('*') {
        Some(name) => {
            json!({ "name": name, "in": "query", "schema": { "type": "array", "items": { "type": "string" } }, "style": "form", "explode": true })
        }
        None if name == "filters" => {
            json!({ "name": name, "in": "query", "schema": { "type": "object" }, "style": "deepObject", "explode": true })
        }
        None if matches!(
            name,
            "limit" | "offset" | "pageLimit" | "depth" | "collapse" | "before" | "from" | "to" | "wait"
        ) =>
        {
            json!({ "name": name, "in": "query", "schema": { "type": "integer", "minimum": 0 } })
        }
        None => json!({ "name": name, "in": "query", "schema": { "type": "string" } }),
    }
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
        let document = build();
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
    }
}

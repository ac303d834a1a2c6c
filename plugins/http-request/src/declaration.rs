//! What the action takes and gives, and its examples.

use callboard_sdk::action::ActionDeclaration;
use serde_json::{Value, json};

/// The methods that a step may use.
pub(crate) const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/// How the names of instances look.
const INSTANCE: &str = "^[a-z][a-z0-9-]{0,30}$";

pub(crate) fn config_schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "defaultInstance": {
                "type": "string",
                "pattern": INSTANCE,
                "description": "The instance of the upstream that is called by steps which name none.",
            },
        },
    })
}

pub(crate) fn action() -> ActionDeclaration {
    ActionDeclaration::new("http:request", "Calls an HTTP API that the administrator has bound")
        .input(&input())
        .output(&output())
        .example("Order something as JSON and use what came back", ORDER)
        .example("Look something up that may not exist", LOOK_UP)
        .supports_dry_run()
}

fn input() -> Value {
    let value = json!({ "type": ["string", "number", "boolean"] });
    let query = json!({
        "type": "object",
        "additionalProperties": { "anyOf": [value, { "type": "array", "items": value }] },
    });
    let mut params = query.clone();
    params["title"] = "Query (another name for query)".into();
    json!({
        "type": "object",
        "required": ["path"],
        "additionalProperties": false,
        "properties": {
            "method": {
                "type": "string",
                "enum": METHODS,
                "default": "GET",
                "title": "Method",
            },
            "path": {
                "type": "string",
                "pattern": "^/",
                "maxLength": 4096,
                "title": "Path",
                "description": "The path below the API's base address, such as /v1/orders.",
            },
            "instance": {
                "type": "string",
                "pattern": INSTANCE,
                "title": "Instance",
                "description": "Which of several bound APIs to call.",
            },
            "query": with_title(query, "Query"),
            "params": params,
            "headers": {
                "type": "object",
                "additionalProperties": { "type": "string" },
                "title": "Headers",
                "description": "Credentials are added by the portal; a step cannot set them.",
            },
            "body": {
                "title": "Body",
                "description": "Text is sent as it is, everything else as JSON.",
            },
            "expectedStatus": {
                "title": "Expected status",
                "description": "The status, or the list of them, that means success; otherwise 200 to 299 do.",
                "anyOf": [
                    { "type": "integer", "minimum": 100, "maximum": 599 },
                    { "type": "array", "minItems": 1, "items": { "type": "integer", "minimum": 100, "maximum": 599 } },
                ],
            },
            "continueOnBadResponse": {
                "type": "boolean",
                "default": false,
                "title": "Continue on a bad response",
                "description": "Any status means success; the next steps can look at the output's code.",
            },
            "timeoutSeconds": { "type": "integer", "minimum": 1, "maximum": 300, "title": "Timeout in seconds" },
            "logRequestPath": {
                "type": "boolean",
                "default": true,
                "title": "Log the path",
                "description": "Whether the path is written to the task's log.",
            },
        },
    })
}

fn with_title(mut schema: Value, title: &str) -> Value {
    schema["title"] = title.into();
    schema
}

fn output() -> Value {
    json!({
        "type": "object",
        "required": ["code", "headers", "body"],
        "properties": {
            "code": { "type": "integer", "title": "Status code" },
            "headers": { "type": "object", "additionalProperties": { "type": "string" }, "title": "Headers" },
            "body": { "title": "Body", "description": "JSON when the answer says that it is, otherwise text." },
        },
    })
}

const ORDER: &str = "\
- id: order
  name: Order a database
  action: http:request
  input:
    method: POST
    path: /v1/databases
    body:
      name: ${{ parameters.name }}
      size: small
    expectedStatus: 201
";

const LOOK_UP: &str = "\
- id: find
  name: Find the team's budget
  action: http:request
  input:
    path: /v1/budgets
    query:
      team: ${{ parameters.owner }}
    continueOnBadResponse: true
";

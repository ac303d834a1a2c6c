//! What an API is described by, in one shape for every language of such descriptions: operations in groups, types as
//! trees, and what is wrong with the text.
//!
//! Descriptions are safe HTML already. A tree holds what its own text says; what it refers to by name is among the
//! types, so that a description which refers to itself stays as small as it was written.

use std::sync::Arc;

use host_model::Diagnostic;
use serde::{Deserialize, Serialize};

/// What an API's definition says, as far as it can be read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiDefinition {
    /// What it is written in, with the version: `OpenAPI 3.1.0`. Empty when it is none of the languages that are read.
    pub format: String,
    /// For highlighting: `yaml`, `json`, `graphql`, `protobuf`, …
    pub language: String,
    pub title: String,
    pub version: String,
    /// Safe HTML.
    pub description: String,
    /// Small facts by name, such as the licence.
    pub facts: Vec<(String, String)>,
    pub servers: Vec<ApiServer>,
    pub security: Vec<ApiSecurity>,
    pub groups: Vec<ApiGroup>,
    pub types: Vec<ApiType>,
    /// What is wrong with the text, in the order of its lines.
    pub findings: Vec<Diagnostic>,
    /// Whether parts were left out because there is too much.
    pub truncated: bool,
}

impl ApiDefinition {
    /// How many operations there are.
    pub fn operation_count(&self) -> usize {
        self.groups.iter().map(|group| group.operations.len()).sum()
    }

    /// Whether there is anything to show besides the text.
    pub fn is_drawn(&self) -> bool {
        !self.groups.is_empty() || !self.types.is_empty() || !self.servers.is_empty() || !self.title.is_empty()
    }
}

/// Where the API is served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiServer {
    /// The name, where servers have one.
    pub name: String,
    pub url: String,
    /// What it speaks, where that is said: `kafka`, `https`.
    pub protocol: String,
    /// Safe HTML.
    pub description: String,
    /// The variables of the address: name, and the value that holds unless another is chosen.
    pub variables: Vec<(String, String)>,
}

/// A way in which callers show who they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiSecurity {
    pub name: String,
    /// `http bearer`, `apiKey in header X-Key`, `oauth2`.
    pub kind: String,
    /// Safe HTML.
    pub description: String,
    /// Rights that can be asked for: name and what it allows.
    pub scopes: Vec<(String, String)>,
}

/// Operations that belong together: a tag, a channel, a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiGroup {
    pub name: String,
    /// Safe HTML.
    pub description: String,
    pub operations: Vec<ApiOperation>,
}

/// Something that the API does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiOperation {
    /// Unique in the definition, and fit for an address: `get-orders-id`.
    pub id: String,
    /// `GET`, `SEND`, `QUERY`, `RPC`, …
    pub verb: String,
    /// A path, a channel's address, a field or a procedure.
    pub name: String,
    /// The name that programs know it by.
    pub operation_id: String,
    pub summary: String,
    /// Safe HTML.
    pub description: String,
    pub deprecated: bool,
    /// Short words about it, such as `client streams`.
    pub marks: Vec<String>,
    /// The ways to show who one is, each of which is enough; empty when it needs none or the definition does not say.
    pub security: Vec<String>,
    pub sections: Vec<ApiSection>,
    /// The names of the groups that it belongs to besides its own.
    pub other_groups: Vec<String>,
    /// The line of the text on which it begins.
    pub line: Option<u32>,
}

/// A part of an operation: its parameters, a body, an answer, a message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiSection {
    pub title: String,
    /// Beside the title: the media type, whether it is required.
    pub note: String,
    /// Safe HTML.
    pub description: String,
    /// What it is made of; for parameters one child for each.
    pub schema: Option<ApiSchema>,
    pub examples: Vec<ApiExample>,
}

/// An example.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiExample {
    pub name: String,
    pub language: String,
    pub text: String,
}

/// A named type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiType {
    /// Unique in the definition, and fit for an address.
    pub id: String,
    pub name: String,
    /// `object`, `enum`, `message`, `interface`, …
    pub kind: String,
    pub schema: ApiSchema,
    /// The line of the text on which it begins.
    pub line: Option<u32>,
}

/// A node of a type's tree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiSchema {
    /// The name of the property, argument or field; empty at the root.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether the name is a word of ours (`one of`) and not of the definition.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_label: bool,
    /// What it is: `string (date-time)`, `array of`. The name of what is referred to follows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub type_label: String,
    /// The name of the type that is referred to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Short words about it: `read only`, `nullable`, `field 3`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// Safe HTML.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What values must be like: `1–64 characters`, `≥ 0`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
    /// The values to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<ApiSchema>,
}

impl ApiSchema {
    /// The mark of properties whose name is a pattern for the names of properties.
    pub const NAME_IS_PATTERN: &str = "name is a pattern";
}

/// A definition with the text that it was read from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DefinitionDocument {
    pub definition: Arc<ApiDefinition>,
    pub text: Arc<str>,
}

/// What lists say of a definition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionSummary {
    pub format: String,
    pub operations: u64,
    pub types: u64,
    /// How many things are wrong with it.
    pub errors: u64,
}

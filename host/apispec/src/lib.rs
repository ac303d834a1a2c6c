//! Reads the definitions of APIs: OpenAPI 2 and 3, AsyncAPI 2 and 3, GraphQL's schema language and protocol buffers, all
//! into the one shape of [`host_api::ApiDefinition`].
//!
//! Whoever wrote a definition is hostile. Reading never fails as a whole: it gives what could be read and findings with
//! line and column. Everything is bounded: the text, the depth, the number of nodes, the Markdown that is rendered and
//! the findings. This crate does no input or output and follows no reference out of the text; it knows neither the
//! catalog nor a page.

mod asyncapi;
mod graphql;
mod groups;
mod jsonschema;
mod lexer;
mod openapi;
mod protobuf;
mod reader;
mod refs;
#[cfg(test)]
mod tests;
mod text;

use host_api::ApiDefinition;
use host_model::Diagnostic;
use host_model::diagnostic::Place;
use host_yaml::Limits;

use crate::reader::Reader;
use crate::refs::References;

/// The longest text that is drawn, in bytes. A longer one is shown as it is written.
pub const MAX_BYTES: usize = 8 << 20;

/// The languages of definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    OpenApi,
    AsyncApi,
    GraphQl,
    Protobuf,
    /// Anything else.
    Other,
}

/// Reads a definition. `spec_type` is the API's type in the catalog; what the text says of itself counts more.
pub fn read(spec_type: &str, text: &str) -> ApiDefinition {
    let language = language(spec_type, text);
    let mut definition =
        ApiDefinition { language: highlighting(language, spec_type, text).to_owned(), ..ApiDefinition::default() };
    if text.len() > MAX_BYTES {
        let message = format!("the definition is {} bytes long; at most {MAX_BYTES} are drawn", text.len());
        let finding = Diagnostic::warning("definition/too-large", message).at(place(1, 1));
        definition.findings.push(finding.hint("split the API, or look at the text itself"));
        definition.truncated = true;
        return definition;
    }
    match language {
        Language::OpenApi | Language::AsyncApi => read_document(language, text, &mut definition),
        Language::GraphQl => graphql::read(text, &mut definition),
        Language::Protobuf => protobuf::read(text, &mut definition),
        Language::Other => {}
    }
    definition.findings.sort_by_cached_key(|finding| finding.place.clone());
    definition
}

/// Reads what is written in YAML or JSON.
fn read_document(language: Language, text: &str, definition: &mut ApiDefinition) {
    let limits = Limits { bytes: MAX_BYTES, nodes: 500_000, ..Limits::default() };
    let root = match host_yaml::parse_one(text, &limits) {
        Ok(root) => root,
        Err(findings) => {
            definition.findings = findings.into_iter().map(in_text).take(reader::MAX_FINDINGS).collect();
            return;
        }
    };
    let references = References::new(&root);
    let mut reader = Reader::new(&references, definition);
    match language {
        Language::AsyncApi => asyncapi::read(&mut reader, &root),
        _ => openapi::read(&mut reader, &root),
    }
    reader.finish();
}

/// A finding of the YAML reader as one about a definition.
fn in_text(mut finding: Diagnostic) -> Diagnostic {
    finding.place.get_or_insert_with(|| place(1, 1));
    finding
}

fn place(line: u32, column: u32) -> Place {
    Place { file: None, line, column }
}

/// The language of a text.
fn language(spec_type: &str, text: &str) -> Language {
    match spec_type.to_lowercase().as_str() {
        "graphql" => Language::GraphQl,
        "grpc" | "protobuf" | "proto" => Language::Protobuf,
        "trpc" | "soap" | "wsdl" => Language::Other,
        spec_type => root_key(text).unwrap_or(match spec_type {
            "openapi" | "swagger" => Language::OpenApi,
            "asyncapi" => Language::AsyncApi,
            _ => Language::Other,
        }),
    }
}

/// What the text says of itself in a key at the left margin or near the beginning of a JSON object.
fn root_key(text: &str) -> Option<Language> {
    let known = |key: &str| match key {
        "openapi" | "swagger" => Some(Language::OpenApi),
        "asyncapi" => Some(Language::AsyncApi),
        _ => None,
    };
    let json = text.trim_start().starts_with('{');
    text.lines().take(2_000).find_map(|line| {
        let line = if json { line.trim_start_matches([' ', '\t', '{']) } else { line };
        let key = line.split_once(':')?.0.trim_end();
        known(key.trim_matches(['"', '\'']))
    })
}

/// What the text is highlighted as.
fn highlighting(language: Language, spec_type: &str, text: &str) -> &'static str {
    let first = text.trim_start().chars().next();
    match (language, first) {
        (Language::GraphQl, Some('{')) => "json",
        (Language::GraphQl, _) => "graphql",
        (Language::Protobuf, _) => "protobuf",
        (_, Some('{' | '[')) => "json",
        (Language::OpenApi | Language::AsyncApi, _) => "yaml",
        (Language::Other, Some('<')) => "xml",
        (Language::Other, _) if spec_type.eq_ignore_ascii_case("trpc") => "typescript",
        (Language::Other, _) => "",
    }
}

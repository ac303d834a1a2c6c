//! `/api/catalog/definition`: what APIs are described by.

use axum::Json;
use axum::response::{IntoResponse, Response};
use host_api::{ApiError, DefinitionDocument};
use host_model::EntityRef;
use http::{HeaderValue, header};
use serde_json::json;

use crate::request::{Call, Path};

type Triplet = Path<(String, String, String)>;

/// `GET /definition/{kind}/{namespace}/{name}`.
pub(crate) async fn get(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(
        async |call| call.portal.definition(&call.principal, &entity).await,
        |document| Json(&*document.definition).into_response(),
    )
    .await
}

/// `GET /definition/{kind}/{namespace}/{name}/raw`: the text as a file, which browsers save and never show.
pub(crate) async fn raw(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(
        async |call| call.portal.definition(&call.principal, &entity).await,
        |document| {
            let disposition = format!("attachment; filename=\"{}\"", file_name(&entity, &document));
            let disposition = HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment"));
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, document.text.to_string()).into_response()
        },
    )
    .await
}

/// `GET /definition-summaries`.
pub(crate) async fn summaries(call: Call) -> Response {
    call.answer(
        async |call| {
            let entities: Result<Vec<EntityRef>, _> =
                call.query.all("entity").iter().map(|entity| entity.parse()).collect();
            let entities = entities.map_err(|error| ApiError::input(format!("request/query/entity: {error}")))?;
            call.portal.definition_summaries(&call.principal, &entities).await
        },
        |items| Json(json!({ "items": items })),
    )
    .await
}

/// A name for the file, of harmless characters only.
fn file_name(entity: &EntityRef, document: &DefinitionDocument) -> String {
    let ending = match document.definition.language.as_str() {
        "yaml" => "yaml",
        "json" => "json",
        "graphql" => "graphql",
        "protobuf" => "proto",
        "typescript" => "ts",
        "xml" => "xml",
        _ => "txt",
    };
    let harmless = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    let name: String =
        entity.name().chars().map(|character| if harmless(character) { character } else { '-' }).collect();
    format!("{}.{ending}", name.trim_start_matches('.'))
}

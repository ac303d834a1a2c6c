//! `/api/views`: what plugins show, as data.

use axum::Json;
use axum::response::Response;
use host_api::{PanelActionInput, PanelKey};
use host_model::EntityRef;
use serde_json::json;

use crate::request::{Body, Call, Path};

/// `GET /api/views/{namespace}/{kind}/{name}`.
pub(crate) async fn list(Path((namespace, kind, name)): Path<(String, String, String)>, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(
        async |call| call.portal.panels(&call.principal, &entity).await,
        |items| Json(json!({ "items": items })),
    )
    .await
}

type PanelPath = Path<(String, String, String, String, String)>;

fn key(Path((namespace, kind, name, plugin, card)): PanelPath) -> PanelKey {
    PanelKey { entity: EntityRef::new(&kind, &namespace, &name), plugin, card }
}

/// `GET /api/views/{namespace}/{kind}/{name}/{plugin}/{card}`; the query is the card's state.
pub(crate) async fn view(path: PanelPath, call: Call) -> Response {
    let key = key(path);
    let state = call.query.pairs().to_vec();
    call.answer(async |call| call.portal.panel(&call.principal, &key, &state, "en").await, Json).await
}

/// `POST /api/views/{namespace}/{kind}/{name}/{plugin}/{card}/actions`.
pub(crate) async fn act(path: PanelPath, call: Call, Body(input): Body<PanelActionInput>) -> Response {
    let key = key(path);
    call.answer(async |call| call.portal.act(&call.principal, &key, input, "en").await, Json).await
}

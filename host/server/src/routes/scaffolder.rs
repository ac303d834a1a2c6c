//! `/api/scaffolder`, as Backstage's scaffolder backend has it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream};
use host_api::{ApiError, ApiErrorKind, ApiResult, CreateTask, DryRun, Portal, TaskEventsQuery, TaskListQuery};
use host_model::task::{TaskEvent, TaskEventKind, TaskStatus};
use host_model::{EntityRef, Principal};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::AppState;
use crate::request::{Body, Call, Path};

/// The most bytes of a dry run's body, which carries a template's files.
const DRY_RUN_BODY_LIMIT: usize = 10 * 1024 * 1024;
/// How long one wait for events lasts at most, in milliseconds.
const LONG_POLL_MS: u64 = 30_000;
/// How long one wait of an event stream lasts, in milliseconds; the stream itself goes on.
const STREAM_WAIT_MS: u64 = 15_000;

/// `GET /v2/templates/{namespace}/{kind}/{name}/parameter-schema`.
pub(crate) async fn parameter_schema(
    Path((namespace, kind, name)): Path<(String, String, String)>,
    call: Call,
) -> Response {
    let template = EntityRef::new(&kind, &namespace, &name);
    call.answer(async |call| call.portal.parameter_schema(&call.principal, &template).await, Json).await
}

/// `GET /v2/actions`.
pub(crate) async fn actions(call: Call) -> Response {
    call.answer(async |call| call.portal.actions(&call.principal).await, Json).await
}

/// `POST /v2/tasks`. Values that the template's schema refuses are answered in the shape of Backstage's validator.
pub(crate) async fn create_task(call: Call, Body(input): Body<Value>) -> Response {
    let created = async {
        if input.get("templateRef").and_then(Value::as_str).is_none() {
            return Err(ApiError::input("request/body must have required property 'templateRef'"));
        }
        let input: CreateTask =
            serde_json::from_value(input).map_err(|error| ApiError::input(format!("request/body: {error}")))?;
        call.portal.create_task(&call.principal, input).await
    }
    .await;
    match created {
        Ok(task) => (StatusCode::CREATED, Json(task)).into_response(),
        Err(error) if error.kind == ApiErrorKind::Input && !error.fields.is_empty() => {
            let errors: Vec<Value> =
                error.fields.iter().map(|field| validation_error(&field.field, &field.message)).collect();
            (StatusCode::BAD_REQUEST, Json(json!({ "errors": errors }))).into_response()
        }
        Err(error) => call.fail(error),
    }
}

fn validation_error(pointer: &str, message: &str) -> Value {
    let path: Vec<&str> = pointer.split('/').filter(|part| !part.is_empty()).collect();
    let property = path.iter().fold("instance".to_owned(), |property, part| format!("{property}.{part}"));
    json!({ "path": path, "property": property, "message": message, "stack": format!("{property} {message}") })
}

/// `GET /v2/tasks`.
pub(crate) async fn tasks(call: Call) -> Response {
    call.answer(
        async |call| {
            let query = &call.query;
            let status = query.all("status").iter().map(|word| status(word)).collect::<ApiResult<_>>()?;
            let request = TaskListQuery {
                created_by: query.all("createdBy"),
                status,
                template_ref: query.first("templateRef").map(str::to_owned),
                ascending: query.all("order").iter().any(|order| order.starts_with("asc:")),
                limit: query.number("limit")?,
                offset: query.number("offset")?,
            };
            call.portal.tasks(&call.principal, request).await
        },
        Json,
    )
    .await
}

fn status(word: &str) -> ApiResult<TaskStatus> {
    TaskStatus::from_word(word).ok_or_else(|| {
        ApiError::input(format!(
            "status {word:?} is not known; use open, processing, completed, failed, cancelled or skipped"
        ))
    })
}

/// `GET /v2/tasks/{id}`.
pub(crate) async fn task(Path(id): Path<String>, call: Call) -> Response {
    call.answer(async |call| call.portal.task(&call.principal, &id).await, Json).await
}

/// `POST /v2/tasks/{id}/cancel`.
pub(crate) async fn cancel(Path(id): Path<String>, call: Call) -> Response {
    call.answer(
        async |call| call.portal.cancel_task(&call.principal, &id).await,
        |()| Json(json!({ "status": "cancelled" })),
    )
    .await
}

/// `GET /v2/tasks/{id}/events`: waits for the next event when there is none yet.
pub(crate) async fn events(Path(task): Path<String>, call: Call) -> Response {
    call.answer(
        async |call| {
            let query = TaskEventsQuery { task, after: after(call.query.first("after"))?, wait_ms: LONG_POLL_MS };
            call.portal.task_events(&call.principal, query).await
        },
        |events| Json(events.iter().map(|event| json!(**event)).collect::<Vec<Value>>()),
    )
    .await
}

fn after(text: Option<&str>) -> ApiResult<Option<i64>> {
    text.map(|text| text.parse().map_err(|_| ApiError::input("request/query/after must be integer"))).transpose()
}

/// `GET /v2/tasks/{id}/eventstream`: server-sent events, resumed by `after` or `Last-Event-ID`.
pub(crate) async fn event_stream(
    Path(task): Path<String>,
    State(state): State<AppState>,
    headers: HeaderMap,
    call: Call,
) -> Response {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let after = match after(last.or(call.query.first("after"))) {
        Ok(after) => after,
        Err(error) => return call.fail(error),
    };
    if let Err(error) = call.portal.task(&call.principal, &task).await {
        return call.fail(error);
    }
    let reader = EventReader { portal: call.portal, principal: call.principal, task, after, ended: false };
    Sse::new(reader.into_stream(state.0.shutdown.clone())).keep_alive(KeepAlive::default()).into_response()
}

struct EventReader {
    portal: Arc<dyn Portal>,
    principal: Principal,
    task: String,
    after: Option<i64>,
    ended: bool,
}

impl EventReader {
    /// Reads batches until the task ends or shutdown begins; then the reader is told to come back.
    fn into_stream(self, shutdown: CancellationToken) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        let batches = stream::unfold((self, shutdown), |(mut reader, shutdown)| async move {
            if reader.ended {
                return None;
            }
            let batch = tokio::select! {
                batch = reader.next_batch() => batch,
                () = shutdown.cancelled() => {
                    reader.ended = true;
                    vec![Event::default().retry(Duration::from_secs(1)).comment("the portal is restarting")]
                }
            };
            Some((stream::iter(batch.into_iter().map(Ok)), (reader, shutdown)))
        });
        futures::StreamExt::flatten(batches)
    }

    async fn next_batch(&mut self) -> Vec<Event> {
        let query = TaskEventsQuery { task: self.task.clone(), after: self.after, wait_ms: STREAM_WAIT_MS };
        let Ok(events) = self.portal.task_events(&self.principal, query).await else {
            self.ended = true;
            return Vec::new();
        };
        self.after = events.last().map(|event| event.id).or(self.after);
        self.ended = events.iter().any(|event| event.kind == TaskEventKind::Completion);
        events.iter().map(|event| sse(event)).collect()
    }
}

fn sse(event: &TaskEvent) -> Event {
    let data = serde_json::to_string(event).unwrap_or_else(|_| "{}".to_owned());
    Event::default().event(event.kind.as_str()).id(event.id.to_string()).data(data)
}

/// `POST /v2/dry-run`.
pub(crate) async fn dry_run(call: Call, Body(input): Body<DryRun, DRY_RUN_BODY_LIMIT>) -> Response {
    call.answer(async |call| call.portal.dry_run(&call.principal, input).await, Json).await
}

//! Forms that work without scripts. Each is posted to its page's own address; here it is decoded, one operation of the
//! portal is called, and the answer is a redirect or the page with what is wrong.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use host_api::{
    ApiError, ApiErrorKind, ApiResult, CreateTask, FormState, LocationInput, PageContext, PanelActionInput, PanelKey,
    RegisterMode,
};
use host_model::EntityRef;
use host_model::plugin::FieldError;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value};

use super::{bookmarks, cookies, page, render, values};
use crate::AppState;
use crate::query::Query;
use crate::request::{BODY_LIMIT, principal_of_token, read_body};

/// Answers a posted form.
pub(crate) async fn handle(state: &AppState, context: PageContext, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let (again, form) = match read(request).await {
        Ok(read) => read,
        Err((error, request)) => return render(state, context, frontend_pages::failure(&error), request).await,
    };
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let done = match parts.as_slice() {
        ["settings"] => Ok(settings(&form)),
        ["catalog"] => bookmark(&context, &form),
        ["catalog", namespace, kind, name] => match form.first("do") {
            Some("star" | "unstar") => bookmark(&context, &form),
            _ => refresh(&context, &EntityRef::new(kind, namespace, name)).await,
        },
        ["catalog", namespace, kind, name, "panels", plugin, card] => {
            let key = PanelKey {
                entity: EntityRef::new(kind, namespace, name),
                plugin: (*plugin).to_owned(),
                card: (*card).to_owned(),
            };
            act(&context, &key, &form).await
        }
        ["create", "templates", namespace, name] => {
            let template = EntityRef::new("template", namespace, name);
            match create(&context, &template, &form).await {
                Err((error, values)) if error.kind == ApiErrorKind::Input => {
                    return with_errors(state, context, again, error, values).await;
                }
                done => done.map_err(|(error, _)| error),
            }
        }
        ["catalog-import"] => match import(&context, &form).await {
            Ok(Some(response)) => Ok(response),
            Ok(None) => return seen(state, context, again, sent(&form, "target")).await,
            Err(error) => return with_errors(state, context, again, error, sent(&form, "target")).await,
        },
        ["catalog", namespace, kind, name, "unregister"] => {
            let entity = EntityRef::new(kind, namespace, name);
            match unregister(state, &context, &entity, &form).await {
                Err(error) => return with_errors(state, context, again, error, sent(&form, "what")).await,
                Ok(response) => Ok(response),
            }
        }
        ["create", "tasks", id] => cancel(&context, id).await,
        _ => Err(ApiError::not_found(format!("there is no form at {path}"))),
    };
    match done {
        Ok(response) => response,
        Err(error) => render(state, context, frontend_pages::failure(&error), again).await,
    }
}

/// The form, and the same request as a `GET`, in case the page is shown again.
async fn read(request: Request) -> Result<(Request, Query), (ApiError, Request)> {
    let again = |uri: &http::Uri| {
        let mut again = Request::new(axum::body::Body::empty());
        *again.method_mut() = Method::GET;
        *again.uri_mut() = uri.clone();
        again
    };
    let uri = request.uri().clone();
    let form_type =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !form_type.starts_with("application/x-www-form-urlencoded") {
        let error = ApiError::input("forms are sent as application/x-www-form-urlencoded");
        return Err((error, again(&uri)));
    }
    let body = read_body(request.into_body(), BODY_LIMIT).await.map_err(|error| (error, again(&uri)))?;
    match std::str::from_utf8(&body) {
        Ok(text) => Ok((again(&uri), Query::parse(text))),
        Err(_) => Err((ApiError::input("the form is not UTF-8"), again(&uri))),
    }
}

/// Goes to another page of the portal, which shows the notice.
fn go(path: &str, notice: Option<&str>) -> Response {
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    if let Some(cookie) = notice.and_then(cookies::set_notice) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn settings(form: &Query) -> Response {
    let mut response = go(local_path(form.first("back").unwrap_or("/settings")), None);
    response.headers_mut().append(header::SET_COOKIE, cookies::set_theme(form.first("theme").unwrap_or_default()));
    response
}

/// A path of the portal, and nothing that a browser would take for another site.
fn local_path(path: &str) -> &str {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if local { path } else { "/" }
}

/// Stars and saved lists: what the form says is to be done, and about what.
fn bookmark(context: &PageContext, form: &Query) -> ApiResult<Response> {
    let field = |name: &str| form.first(name).unwrap_or_default();
    let mut kept = (*context.bookmarks).clone();
    let back = local_path(form.first("back").unwrap_or("/catalog"));
    let (cookie, notice) = match field("do") {
        word @ ("star" | "unstar") => {
            let entity = field("entity").parse::<EntityRef>().map_err(|error| ApiError::input(error.to_string()))?;
            bookmarks::set_star(&mut kept, entity, word == "star");
            (bookmarks::stars_cookie(&kept), None)
        }
        "save-view" => {
            if !bookmarks::save_view(&mut kept, field("name"), field("query")) {
                return Err(ApiError::input("A saved list needs a name, and an address of at most 500 characters."));
            }
            (bookmarks::views_cookie(&kept), Some("The list is saved in this browser."))
        }
        "forget-view" => {
            kept.views.retain(|view| view.name != field("name"));
            (bookmarks::views_cookie(&kept), Some("The saved list is gone."))
        }
        _ => return Err(ApiError::input("the form does not say what is to be done")),
    };
    let mut response = go(back, notice);
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn refresh(context: &PageContext, entity: &EntityRef) -> ApiResult<Response> {
    context.portal.refresh(&context.principal, entity).await?;
    Ok(go(&entity.page_path(), Some("Refresh asked for. Changes appear as soon as the sources are read.")))
}

async fn act(context: &PageContext, key: &PanelKey, form: &Query) -> ApiResult<Response> {
    let action = form.first("action").ok_or_else(|| ApiError::input("the form names no action"))?.to_owned();
    let input = match form.first("input") {
        Some(text) => serde_json::from_str(text)
            .map_err(|error| ApiError::input(format!("the action's input is not JSON: {error}")))?,
        None => Value::Object(answers(context, key, &action, form).await?),
    };
    let idempotency_key = form.first("idempotencyKey").map(str::to_owned);
    let input = PanelActionInput { action, input, idempotency_key };
    let receipt = context.portal.act(&context.principal, key, input, &context.locale).await?;
    let back = form.first("back").map_or_else(|| key.entity.page_path(), |back| local_path(back).to_owned());
    Ok(go(&back, Some(&receipt.message)))
}

/// The answers of a form that a plugin's view shows, read by the schema of the view.
async fn answers(context: &PageContext, key: &PanelKey, action: &str, form: &Query) -> ApiResult<Map<String, Value>> {
    let panel = context.portal.panel(&context.principal, key, &Vec::new(), &context.locale).await?;
    let schema = panel.view.iter().flat_map(|view| &view.blocks).find_map(|block| match block {
        host_model::view::Block::Form(form) if form.action == action => {
            serde_json::from_str::<Value>(&form.schema).ok()
        }
        _ => None,
    });
    Ok(schema.map(|schema| values::of_object(&schema, "", form.pairs())).unwrap_or_default())
}

async fn create(
    context: &PageContext,
    template: &EntityRef,
    form: &Query,
) -> Result<Response, (ApiError, Map<String, Value>)> {
    let schema =
        context.portal.parameter_schema(&context.principal, template).await.map_err(|error| (error, Map::new()))?;
    let values = values::of_parameters(&schema, form.pairs());
    let input = CreateTask { template_ref: template.to_string(), values: values.clone(), secrets: Map::new() };
    match context.portal.create_task(&context.principal, input).await {
        Ok(task) => Ok(go(&format!("/create/tasks/{}", task.id), None)),
        Err(error) => Err((error, values)),
    }
}

/// What a field of the form says, for the page that shows the form again.
fn sent(form: &Query, field: &str) -> Map<String, Value> {
    let value = form.first(field).unwrap_or_default().trim();
    Map::from_iter([(field.to_owned(), Value::from(value))])
}

/// Registers an address; none when it is only to be looked at, which the page does.
async fn import(context: &PageContext, form: &Query) -> ApiResult<Option<Response>> {
    let target = form.first("target").unwrap_or_default().trim().to_owned();
    if target.is_empty() {
        return Err(ApiError::input("an address is needed"));
    }
    if form.first("do") != Some("register") {
        return Ok(None);
    }
    let input = LocationInput { location_type: "url".to_owned(), target, presence: None };
    let result = context.portal.add_location(&context.principal, input, RegisterMode::Reject).await?;
    let page = format!("/catalog-import?location={}", result.location.id);
    Ok(Some(go(&page, Some("Registered. The catalog follows this address from now on."))))
}

/// Shows a page with what was sent to it.
async fn seen(state: &AppState, mut context: PageContext, again: Request, values: Map<String, Value>) -> Response {
    context.form = Some(Arc::new(FormState { values, ..FormState::default() }));
    page(state, context, again).await
}

/// Takes an entity, or all that its location led to, out of the catalog.
async fn unregister(state: &AppState, context: &PageContext, entity: &EntityRef, form: &Query) -> ApiResult<Response> {
    let principal = match form.first("token") {
        Some(token) => principal_of_token(token.trim(), &state.0.admin_token, &state.0.auth).map_err(|error| {
            let field = FieldError { field: "token".to_owned(), message: error.message.clone() };
            ApiError::fields(error.message, vec![field])
        })?,
        None => context.principal.clone(),
    };
    match (form.first("what"), form.first("location")) {
        (Some("location"), Some(id)) => {
            context.portal.delete_location(&principal, id).await?;
            Ok(go("/catalog", Some("The location is unregistered, and what came from it is gone.")))
        }
        _ => {
            let uid = form.first("uid").ok_or_else(|| ApiError::input("the form names no entity"))?;
            context.portal.delete_entity(&principal, uid).await?;
            Ok(go("/catalog", Some(&format!("{entity} is removed."))))
        }
    }
}

/// Shows the form again with what was in it and what is wrong.
async fn with_errors(
    state: &AppState,
    mut context: PageContext,
    again: Request,
    error: ApiError,
    values: Map<String, Value>,
) -> Response {
    let told_in_place = matches!(error.kind, ApiErrorKind::Input | ApiErrorKind::NotAllowed | ApiErrorKind::Conflict);
    if !told_in_place {
        return render(state, context, frontend_pages::failure(&error), again).await;
    }
    context.form = Some(Arc::new(FormState { values, message: error.message, errors: error.fields }));
    context.set_status(error.kind.status());
    page(state, context, again).await
}

async fn cancel(context: &PageContext, id: &str) -> ApiResult<Response> {
    context.portal.cancel_task(&context.principal, id).await?;
    Ok(go(&format!("/create/tasks/{id}"), Some("The task is being cancelled.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_never_leads_to_another_site() {
        for (path, expected) in [
            ("/catalog?kind=api", "/catalog?kind=api"),
            ("https://evil.example", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
        ] {
            assert_eq!(local_path(path), expected);
        }
    }
}

//! Mounts the pages: hands them the portal, sets the policy header, and answers their forms with a redirect or with the
//! page and its field errors.

mod bookmarks;
mod cookies;
mod forms;
mod values;

use std::sync::Arc;

use any_spawner::Executor;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use frontend_pages::Page;
use host_api::{ApiError, PageContext};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use leptos::nonce::{Nonce, use_nonce};
use leptos::prelude::Owner;

use crate::AppState;
use crate::query::Query;
use crate::request::principal_of;

/// Where a list of the catalog is had as a file, with the same query as the list.
const EXPORT: &str = "/catalog/export";

/// Answers a request for a page or a form of one.
pub(crate) async fn handle(state: AppState, request: Request) -> Response {
    let portal = match state.portal() {
        Ok(portal) => Arc::clone(portal),
        Err(error) => return starting(&state, &error),
    };
    let principal =
        principal_of(request.headers(), &state.0.admin_token, &state.0.auth).unwrap_or(host_model::Principal::Guest);
    let mut context = PageContext::new(portal, Arc::clone(&state.0.site), principal);
    fill(&mut context, &request);
    // A page is worth showing without it.
    let count = context.portal.count_problems(&context.principal).await.unwrap_or_default();
    context.problems = count.errors + count.warnings;
    match *request.method() {
        Method::GET if request.uri().path() == EXPORT => export(&state, context, request).await,
        Method::GET | Method::HEAD => page(&state, context, request).await,
        Method::POST => forms::handle(&state, context, request).await,
        _ => {
            let error = ApiError::not_found(format!("pages answer GET and POST, not {}", request.method()));
            render(&state, context, frontend_pages::failure(&error), request).await
        }
    }
}

/// Puts into the context what the request tells of its reader.
fn fill(context: &mut PageContext, request: &Request) {
    let headers = request.headers();
    context.locale = locale(headers);
    context.now = i64::try_from(
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_millis(),
    )
    .unwrap_or(i64::MAX);
    context.path_and_query = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
    context.timer = Arc::new(|duration| Box::pin(tokio::time::sleep(duration)));
    context.theme = cookies::theme(headers);
    context.notice = cookies::notice(headers);
    context.bookmarks = Arc::new(bookmarks::read(headers));
}

/// The first language that the reader asks for, when it has the form of a language tag.
fn locale(headers: &HeaderMap) -> String {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split([',', ';']).next())
        .map(str::trim)
        .filter(|tag| {
            !tag.is_empty() && tag.len() <= 35 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
        .unwrap_or("en")
        .to_owned()
}

async fn page(state: &AppState, context: PageContext, request: Request) -> Response {
    let query = Query::parse(request.uri().query().unwrap_or_default());
    let path = request.uri().path().to_owned();
    let page = frontend_pages::load(&context, &path, query.pairs()).await;
    render(state, context, page, request).await
}

/// Answers with a list of the catalog as a file.
async fn export(state: &AppState, context: PageContext, request: Request) -> Response {
    let query = Query::parse(request.uri().query().unwrap_or_default());
    match frontend_pages::export(&context, query.pairs()).await {
        Ok(file) => {
            let disposition = format!("attachment; filename=\"{}\"", file.name);
            let headers =
                [(header::CONTENT_TYPE, file.content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
            (headers, file.body).into_response()
        }
        Err(error) => render(state, context, frontend_pages::failure(&error), request).await,
    }
}

/// Draws a page and streams it: everything that is there at once, late panels as they come.
async fn render(state: &AppState, context: PageContext, page: Page, request: Request) -> Response {
    // Leptos runs the futures of a page on this executor; a second call finds it set and does nothing.
    let _ = Executor::init_tokio();
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::OK);
    let head_only = request.method() == Method::HEAD;
    let shown_notice = context.notice.is_some();
    let nonce = Arc::new(std::sync::OnceLock::<Nonce>::new());
    let app = {
        let context = context.clone();
        let nonce = Arc::clone(&nonce);
        move || {
            if let (Some(shared), Some(value)) = (Owner::current_shared_context(), use_nonce()) {
                // Only islands are hydrated: what the server draws outside of them is never drawn again.
                shared.set_is_hydrating(false);
                let _ = nonce.set(value);
            }
            leptos::prelude::provide_context(context.clone());
            frontend_pages::document(&context, &page)
        }
    };
    let mut response = leptos_axum::render_app_to_stream(app)(request).await;
    *response.status_mut() = status;
    let policy = nonce.get().map(ToString::to_string).unwrap_or_default();
    if let Some(policy) = state.0.content_policy.header(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    finish(&context, &mut response, shown_notice);
    if head_only {
        *response.body_mut() = axum::body::Body::empty();
    }
    response
}

fn finish(context: &PageContext, response: &mut Response, shown_notice: bool) {
    let (status, headers) = context.take_answer();
    if let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) {
        *response.status_mut() = status;
    }
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if shown_notice {
        response.headers_mut().append(header::SET_COOKIE, cookies::forget_notice());
    }
}

/// What people see while start-up has not come far enough: a page that asks again by itself.
fn starting(state: &AppState, error: &ApiError) -> Response {
    let title = escape(if state.0.site.title.is_empty() { "Callboard" } else { &state.0.site.title });
    let body = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"1\">\
         <title>{title} is starting</title></head><body><h1>{title} is starting</h1><p>{}</p></body></html>",
        escape(&error.message)
    );
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::RETRY_AFTER, "1")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

//! Routes that remember what they are, so that the API's description can be held against what is really mounted.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};

use crate::AppState;

/// Routes below a prefix.
pub(crate) struct Routes {
    prefix: &'static str,
    router: Router<AppState>,
    mounted: Vec<(&'static str, String)>,
}

impl Routes {
    /// No routes yet; paths of those to come begin with `prefix`.
    pub(crate) fn below(prefix: &'static str) -> Self {
        Self { prefix, router: Router::new(), mounted: Vec::new() }
    }

    /// Answers `GET`, and `HEAD` without a body.
    pub(crate) fn get<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on("get", MethodFilter::GET, path, handler)
    }

    /// Answers `POST`.
    pub(crate) fn post<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on("post", MethodFilter::POST, path, handler)
    }

    /// Answers `PUT`.
    pub(crate) fn put<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on("put", MethodFilter::PUT, path, handler)
    }

    /// Answers `DELETE`.
    pub(crate) fn delete<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on("delete", MethodFilter::DELETE, path, handler)
    }

    /// These and others, each with its own prefix.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.mounted.extend(other.mounted);
        self
    }

    /// The router.
    pub(crate) fn into_router(self) -> Router<AppState> {
        self.router
    }

    /// Every method, in lower case, with its path.
    #[cfg(test)]
    pub(crate) fn mounted(&self) -> &[(&'static str, String)] {
        &self.mounted
    }

    fn on<H: Handler<T, AppState>, T: 'static>(
        mut self,
        method: &'static str,
        filter: MethodFilter,
        path: &str,
        handler: H,
    ) -> Self {
        let path = format!("{}{path}", self.prefix);
        self.router = self.router.route(&path, on(filter, handler));
        self.mounted.push((method, path));
        self
    }
}

//! The portal's pages, rendered on the server.
//!
//! [`load`] decides from the path which page is meant and asks the portal for what it shows, so that the status is
//! known before anything is sent; [`document`] draws the page. Only plugin panels come later, out of order.
//!
//! Pages know nothing of HTTP, of the store or of a runtime: all they show comes from the portal's operations, and all
//! they can do is a form that is posted to their own address.

mod api_docs;
mod catalog;
mod copying;
mod create;
mod definition;
mod docs;
mod document;
mod entity;
mod failure;
mod graph;
mod home;
mod import;
mod inbox;
mod marks;
mod names;
mod page;
mod panels;
mod percent;
mod plugins;
mod problems;
mod query;
mod route;
mod search;
mod settings;
mod unregister;
mod yaml;

pub use catalog::{ExportedFile, export};
pub use document::document;
pub use failure::failure;
pub use page::Page;

use host_api::{ApiResult, PageContext};

use crate::query::Query;
use crate::route::Route;

/// The page at a path.
pub async fn load(context: &PageContext, path: &str, query: &[(String, String)]) -> Page {
    let query = Query::new(query);
    match Route::of(path) {
        Ok(route) => match page(context, route, &query).await {
            Ok(page) => page,
            Err(error) => failure(&error),
        },
        Err(error) => failure(&error),
    }
}

async fn page(context: &PageContext, route: Route, query: &Query<'_>) -> ApiResult<Page> {
    match route {
        Route::Home => home::load(context).await,
        Route::Catalog => catalog::load(context, query).await,
        Route::Entity(entity, tab) => entity::load(context, entity, tab, query).await,
        Route::Panel(key) => panels::load(context, key, query).await,
        Route::Gallery => create::gallery::load(context, query).await,
        Route::Template(template) => create::form::load(context, template, query).await,
        Route::Tasks => create::tasks::load(context, query).await,
        Route::Task(id) => create::task::load(context, id).await,
        Route::Actions => create::actions::load(context).await,
        Route::Search => search::load(context, query).await,
        Route::Plugins => plugins::load(context).await,
        Route::Plugin(name) => plugins::detail::load(context, &name).await,
        Route::Settings => Ok(settings::load(context)),
        Route::ApiDocs => api_docs::load(context, query).await,
        Route::Problems => inbox::load(context, query).await,
        Route::Import => import::load(context, query).await,
        Route::Unregister(entity) => unregister::load(context, entity).await,
        Route::Graph => graph::load(context, query).await,
        Route::Docs => docs::load(context, query).await,
        Route::DocsOf(entity) => docs::load_entity(context, entity).await,
    }
}

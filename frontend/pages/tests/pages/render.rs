//! Draws pages as the server does: into a stream, out of order.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use any_spawner::Executor;
use futures::StreamExt;
use host_api::{PageContext, SiteInfo};
use host_model::Principal;
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::prelude::*;

use crate::fake::Fake;

/// A page as its reader gets it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// What was there at first.
    pub(crate) first: String,
    /// Everything.
    pub(crate) html: String,
}

/// Milliseconds since 1970 at which all pages are read: 2026-01-01T00:00:00Z.
pub(crate) const NOW: i64 = 1_767_225_600_000;

/// The context of a request.
pub(crate) fn context(portal: Fake) -> PageContext {
    let site = SiteInfo {
        title: "Portal".into(),
        organization: "Acme".into(),
        assets: [("boot.js".to_owned(), "/assets/boot.js".to_owned())].into(),
        version: "0.1.0".into(),
    };
    let mut context = PageContext::new(Arc::new(portal), Arc::new(site), Principal::Guest);
    context.now = NOW;
    // Time stands still but for panels that say how long they take: they are ready when the timer has rung.
    context.timer = Arc::new(|moment: Duration| {
        assert_eq!(moment, Duration::from_millis(50));
        Box::pin(tokio::task::yield_now()) as Pin<Box<dyn Future<Output = ()> + Send>>
    });
    context
}

/// Reads a page of a portal.
pub(crate) async fn get(address: &str, portal: Fake) -> Answer {
    let context = context(portal);
    get_with(address, context).await
}

/// Reads a page in a context.
pub(crate) async fn get_with(address: &str, mut context: PageContext) -> Answer {
    // Every test asks for it; only the first gets it.
    _ = Executor::init_tokio();
    context.path_and_query = address.to_owned();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    let page = frontend_pages::load(&context, path, &pairs).await;
    let status = page.status;
    let shared = Arc::new(SsrSharedContext::new());
    shared.set_is_hydrating(false);
    let owner = Owner::new_root(Some(shared as Arc<dyn SharedContext + Send + Sync>));
    let mut stream = owner.with(|| frontend_pages::document(&context, &page).to_html_stream_out_of_order());
    let first = stream.next().await.unwrap_or_default();
    let mut html = first.clone();
    while let Some(part) = stream.next().await {
        html.push_str(&part);
    }
    drop(stream);
    owner.cleanup();
    Answer { status, first, html }
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

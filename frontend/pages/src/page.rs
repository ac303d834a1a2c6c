//! A page whose data is there.

use std::sync::Arc;

use leptos::prelude::*;

/// A page whose data is there.
#[derive(Clone)]
pub struct Page {
    pub status: u16,
    pub title: String,
    pub view: Arc<dyn Fn() -> AnyView + Send + Sync>,
    /// Readers without scripts see the page anew after so many seconds.
    pub refresh_seconds: Option<u32>,
    /// What the search field holds.
    pub search: String,
}

impl Page {
    /// A page that was found.
    pub(crate) fn new(title: impl Into<String>, view: impl Fn() -> AnyView + Send + Sync + 'static) -> Self {
        Self { status: 200, title: title.into(), view: Arc::new(view), refresh_seconds: None, search: String::new() }
    }

    /// With another status.
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

//! What a page needs to know of the request it answers, and what it can say of the answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use host_model::plugin::FieldError;
use host_model::{EntityRef, Principal};
use serde_json::{Map, Value};

use crate::{Portal, SiteInfo};

/// Waits for a while. The server brings the clock, since pages know none.
pub type Timer = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Handed to every page by the server.
#[derive(Clone)]
pub struct PageContext {
    pub portal: Arc<dyn Portal>,
    pub site: Arc<SiteInfo>,
    pub principal: Principal,
    /// A BCP 47 tag from the request.
    pub locale: String,
    /// Milliseconds since 1970-01-01T00:00:00Z at which the request came; relative times count from it.
    pub now: i64,
    /// A short message from the action before, shown once.
    pub notice: Option<String>,
    /// `light`, `dark`, or none to follow the system.
    pub theme: Option<String>,
    /// What the reader keeps in the browser.
    pub bookmarks: Arc<Bookmarks>,
    /// How many errors and warnings the catalog has, for the navigation.
    pub problems: u64,
    /// What was sent and refused, when the page shows a form again.
    pub form: Option<Arc<FormState>>,
    /// The path and query of the request.
    pub path_and_query: String,
    /// Bounds how long the first part of a page waits for panels. Unless it is set it does not wait at all.
    pub timer: Timer,
    answer: Arc<Mutex<Answer>>,
}

/// What a reader keeps in the browser, since the portal knows nobody until sign-in is configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bookmarks {
    /// Entities with a star, the latest first.
    pub stars: Vec<EntityRef>,
    /// Named lists of the catalog, in the order in which they were saved.
    pub views: Vec<SavedView>,
}

/// A list of the catalog under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    pub name: String,
    /// The query of `/catalog`, without the question mark.
    pub query: String,
}

impl Bookmarks {
    /// Whether an entity has a star.
    pub fn has_star(&self, entity: &EntityRef) -> bool {
        self.stars.contains(entity)
    }
}

/// A form that was sent and refused: what was in it, and what is wrong.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FormState {
    pub values: Map<String, Value>,
    /// What is wrong with the form as a whole.
    pub message: String,
    pub errors: Vec<FieldError>,
}

#[derive(Debug, Default)]
struct Answer {
    status: Option<u16>,
    headers: Vec<(String, String)>,
}

impl PageContext {
    /// A context for one request.
    pub fn new(portal: Arc<dyn Portal>, site: Arc<SiteInfo>, principal: Principal) -> Self {
        Self {
            portal,
            site,
            principal,
            locale: "en".to_owned(),
            now: 0,
            notice: None,
            theme: None,
            bookmarks: Arc::default(),
            problems: 0,
            form: None,
            path_and_query: "/".to_owned(),
            timer: Arc::new(|_| Box::pin(std::future::ready(()))),
            answer: Arc::default(),
        }
    }

    /// Sets the answer's status. It must be said before the first part of the page is sent.
    pub fn set_status(&self, status: u16) {
        if let Ok(mut answer) = self.answer.lock() {
            answer.status = Some(status);
        }
    }

    /// Adds a header to the answer. It must be said before the first part of the page is sent.
    pub fn add_header(&self, name: &str, value: &str) {
        if let Ok(mut answer) = self.answer.lock() {
            answer.headers.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The status and the headers that were set.
    pub fn take_answer(&self) -> (Option<u16>, Vec<(String, String)>) {
        self.answer
            .lock()
            .map(|mut answer| (answer.status.take(), std::mem::take(&mut answer.headers)))
            .unwrap_or_default()
    }
}

impl fmt::Debug for PageContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PageContext").field("principal", &self.principal).finish_non_exhaustive()
    }
}

//! A web server on loopback whose answers tests set, and which can be slow, broken or gone.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;

/// What a path answers.
#[derive(Debug, Clone)]
pub enum Page {
    /// This content, under an entity tag made from it.
    Content(Vec<u8>),
    /// This status and nothing else.
    Status(u16),
    /// Nothing, ever.
    Hangs,
    /// So many bytes of rubbish.
    Bytes(usize),
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    /// Whether it said which version it knows.
    pub is_conditional: bool,
}

#[derive(Default)]
struct Pages {
    pages: HashMap<String, Page>,
    asked: Vec<Asked>,
}

type Shared = Arc<Mutex<Pages>>;

/// A running server. It stops when this is dropped.
pub struct WebServer {
    address: SocketAddr,
    shared: Shared,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl WebServer {
    /// Starts a server without pages on a thread of its own. It answers when this returns.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Shared::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The address of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Sets what a path answers.
    pub fn set(&self, path: &str, page: Page) {
        self.pages().pages.insert(path.to_owned(), page);
    }

    /// Sets the content of a path.
    pub fn put(&self, path: &str, text: &str) {
        self.set(path, Page::Content(text.as_bytes().to_vec()));
    }

    /// The requests for a path so far.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.pages().asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }

    fn pages(&self) -> std::sync::MutexGuard<'_, Pages> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A server that failed has nothing more to say.
            let _ = thread.join();
        }
    }
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok().map(str::to_owned));
    let page = {
        let mut pages = shared.lock().unwrap_or_else(PoisonError::into_inner);
        pages.asked.push(Asked { path: path.clone(), is_conditional: known.is_some() });
        pages.pages.get(&path).cloned()
    };
    match page {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(Page::Status(status)) => {
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
        Some(Page::Hangs) => std::future::pending().await,
        Some(Page::Bytes(count)) => Body::from(vec![b'x'; count]).into_response(),
        Some(Page::Content(bytes)) => {
            let tag = format!("\"{}\"", tag(&bytes));
            if known.as_deref() == Some(tag.as_str()) {
                return StatusCode::NOT_MODIFIED.into_response();
            }
            ([(header::ETAG, tag)], bytes).into_response()
        }
    }
}

fn tag(bytes: &[u8]) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

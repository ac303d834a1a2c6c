//! Repositories over HTTP, through git's own server program, which is started for each request.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use tokio::io::AsyncWriteExt;
use tokio::sync::oneshot;

use super::{Repository, git};

/// A request that a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRequest {
    pub method: String,
    /// Path and query.
    pub address: String,
    pub authorization: Option<String>,
}

/// A running server with a folder of repositories. Both go when this is dropped.
#[derive(Debug)]
pub struct GitServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    folder: tempfile::TempDir,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    seen: Vec<SeenRequest>,
    /// The only `Authorization` that is let in.
    required: Option<String>,
    /// Whether the second version of the protocol is spoken.
    is_old: bool,
    /// What every request is answered with instead.
    failure: Option<u16>,
}

impl GitServer {
    /// Starts a server on a thread of its own. It answers when this returns.
    pub fn start() -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let folder = tempfile::Builder::new().prefix("callboard-git-").tempdir()?;
        let shared = Arc::new(Shared { folder, memory: Mutex::default() });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let state = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("git-server".into()).spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let router = axum::Router::new().fallback(answer).with_state(state);
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { shared, address, stop: Some(stop), thread: Some(thread) })
    }

    /// Its host with the port, as the configuration writes it.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes an empty repository, which is served as `NAME.git`.
    pub fn repository(&self, name: &str) -> anyhow::Result<Repository> {
        Repository::create(self.shared.folder.path(), name)
    }

    /// Lets in only who sends this `Authorization`.
    pub fn require(&self, authorization: &str) {
        self.shared.memory().required = Some(authorization.to_owned());
    }

    /// Speaks only the first version of the protocol from now on.
    pub fn be_old(&self) {
        self.shared.memory().is_old = true;
    }

    /// Answers everything with a status from now on, or as usual again.
    pub fn fail_with(&self, status: Option<u16>) {
        self.shared.memory().failure = status;
    }

    /// The requests since the last call.
    pub fn take_requests(&self) -> Vec<SeenRequest> {
        std::mem::take(&mut self.shared.memory().seen)
    }

    /// Writes a program that can be used in place of `ssh`: it ignores where it is told to connect to, and serves the
    /// repositories of this server, at `/NAME.git`. What it was called with is in the file that is given as well.
    pub fn fake_ssh(&self) -> anyhow::Result<(PathBuf, PathBuf)> {
        let root = self.shared.folder.path();
        let (program, log) = (root.join("bin").join("ssh"), root.join("ssh.log"));
        std::fs::create_dir_all(root.join("bin"))?;
        let script = format!(
            "#!/bin/sh\necho \"$@\" >> '{log}'\nfor last; do :; done\n\
             path=$(expr \"$last\" : \"git-upload-pack '/*\\(.*\\)'\")\n\
             GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null exec git upload-pack '{root}'/\"$path\"\n",
            log = log.display(),
            root = root.display(),
        );
        std::fs::write(&program, script)?;
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok((program, log))
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A server that has ended by itself does not listen any more.
            let _gone = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// The `Authorization` of a user and a password.
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

impl Shared {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let authorization = text(header::AUTHORIZATION);
    let is_old = {
        let mut memory = shared.memory();
        memory.seen.push(SeenRequest {
            method: request.method().to_string(),
            address: request.uri().to_string(),
            authorization: authorization.clone(),
        });
        if let Some(status) = memory.failure.and_then(|status| StatusCode::from_u16(status).ok()) {
            return status.into_response();
        }
        if memory.required.is_some() && memory.required != authorization {
            return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"git\"")]).into_response();
        }
        memory.is_old
    };
    let protocol = text(HeaderName::from_static("git-protocol")).filter(|_| !is_old);
    let answered = backend(shared.folder.path(), request, protocol).await;
    answered.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response())
}

/// Runs git's server program as a web server would.
async fn backend(root: &Path, request: Request, protocol: Option<String>) -> anyhow::Result<Response> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 64 << 20).await?;
    let mut command = tokio::process::Command::from(git(root));
    command.arg("http-backend").env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1");
    command.env("REQUEST_METHOD", parts.method.as_str()).env("PATH_INFO", parts.uri.path());
    command.env("QUERY_STRING", parts.uri.query().unwrap_or_default()).env("CONTENT_LENGTH", body.len().to_string());
    if let Some(kind) = parts.headers.get(header::CONTENT_TYPE) {
        command.env("CONTENT_TYPE", kind.to_str()?);
    }
    if let Some(protocol) = protocol {
        command.env("GIT_PROTOCOL", protocol);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // The program may have its answer before it has read everything.
        let _early = input.write_all(&body).await;
    }
    let output = child.wait_with_output().await?.stdout;
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(output.len());
    let (head, body) = output.split_at(end);
    let mut response = Response::new(Body::from(body.get(4..).unwrap_or_default().to_vec()));
    for line in String::from_utf8_lossy(head).lines() {
        match line.split_once(": ") {
            Some(("Status", status)) => *response.status_mut() = status.get(..3).unwrap_or_default().parse()?,
            Some((name, value)) => {
                response.headers_mut().insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
            }
            None => {}
        }
    }
    Ok(response)
}

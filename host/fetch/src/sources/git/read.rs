//! One read of a repository, from the question what its references are to the contents of files. It blocks, so it has a
//! thread of its own.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use gix_hash::ObjectId;
use gix_transport::Protocol;
use gix_transport::client::blocking_io::Transport;
use gix_transport::client::blocking_io::http::Transport as HttpTransport;
use gix_transport::client::git::{ConnectMode, blocking_io::Connection};
use tokio::runtime::Handle;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use url::Url;

use crate::address::{self, Reach};
use crate::sources::address::{Remote, RepoAddress, shown};
use crate::sources::budget::Slot;
use crate::sources::error::{ReadError, size};
use crate::sources::exchange::{Exchange, Question};
use crate::sources::forges;
use crate::sources::git::Known;
use crate::sources::git::refs::{self, Found};
use crate::sources::git::session::{Session, Stop, Wanted};
use crate::sources::git::ssh::{self, Login, Program, plain};
use crate::sources::git::store::{MAX_OBJECT, Snapshot, Store, write_pack};
use crate::sources::git::tree::{self, Match, WalkError};
use crate::sources::git::wire::Wire;
use crate::sources::pattern::Pattern;
use crate::sources::policy::host_and_port;
use crate::sources::version::fingerprint;
use crate::sources::{ReadFile, ReadLimits, Reading};

/// Most bytes of one pack.
const MAX_PACK: u64 = 512 << 20;
/// What a file holds whose content is kept elsewhere.
const LARGE_FILE: &[u8] = b"version https://git-lfs.github.com/spec/";

/// What one read is about.
pub(crate) struct Job {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) runtime: Handle,
    pub(crate) store: Store,
    pub(crate) ssh: Arc<[String]>,
    pub(crate) repository: RepoAddress,
    pub(crate) known: Option<String>,
    pub(crate) limits: ReadLimits,
    pub(crate) arrived: Instant,
    pub(crate) deadline: Instant,
    pub(crate) stop: Stop,
    pub(crate) failure: Arc<Mutex<Option<ReadError>>>,
}

/// The other side, once it was asked something.
#[derive(Default)]
struct Connected {
    session: Option<Session>,
    program: Option<Program>,
    _slot: Option<Slot>,
}

impl Job {
    /// Reads the files, unless they are as they were.
    pub(crate) fn run(self, mut state: OwnedMutexGuard<Known>) -> Result<Reading, ReadError> {
        let mut other = Connected::default();
        let Found { commit, reference, path } = self.find(&mut state, &mut other)?;
        let (known_commit, known_print) = match self.known.as_deref().and_then(|known| known.strip_prefix("git:")) {
            Some(known) => known.split_once(':').unwrap_or((known, "")),
            None => ("", ""),
        };
        if ObjectId::from_hex(known_commit.as_bytes()).is_ok_and(|known| known == commit) {
            return Ok(Reading::Unchanged);
        }
        let url = || shown(&self.repository.url);
        let invalid = || ReadError::invalid(url(), "its pattern cannot be understood", None);
        let pattern = Pattern::new(&path).ok_or_else(invalid)?;
        let (mut snapshot, matches) = self.matches(&state, &mut other, commit, &reference, &pattern)?;
        if matches.is_empty() {
            let reason = match pattern.exact() {
                Some(path) => format!("there is no file {path} in {reference}"),
                None => format!("no file in {reference} matches {path}"),
            };
            return Err(ReadError::not_found(url(), reason));
        }
        let print = fingerprint(matches.iter().flat_map(|file| [file.path.as_bytes(), file.content.as_bytes()]));
        if known_print == print {
            return Ok(Reading::Unchanged);
        }
        self.complete(&state, &mut other, &mut snapshot, &matches)?;
        let files = self.contents(&mut snapshot, &matches, &reference)?;
        Ok(Reading::Files { files, version: Some(format!("git:{commit}:{print}")) })
    }

    /// The commit that the address means.
    fn find(&self, state: &mut Known, other: &mut Connected) -> Result<Found, ReadError> {
        let locator = &self.repository.locator;
        if let Some(found) = refs::named_commit(locator) {
            return Ok(found);
        }
        let prefixes = refs::prefixes(locator);
        let key = prefixes.join(" ");
        // What somebody asked after this read began is as good as asking now.
        let fresh = state.listed.get(&key).filter(|(asked, _)| *asked >= self.arrived);
        let heads = match fresh {
            Some((_, heads)) => heads.clone(),
            None => {
                let asked = Instant::now();
                let heads = self.session(state, other)?.references(&prefixes);
                let heads = heads.map_err(|error| self.failed(other, &error, "did not list its references"))?;
                if state.listed.len() >= 64 {
                    state.listed.clear();
                }
                state.listed.insert(key, (asked, heads.clone()));
                heads
            }
        };
        refs::choose(locator, &heads).ok_or_else(|| {
            let splits = locator.splits();
            let reason = match &splits[..] {
                [] => "it has no branch or tag of this name".to_owned(),
                [(reference, _)] => format!("it has no branch or tag {reference}"),
                // Where a name with slashes ends and the path begins is known of names that exist only.
                [(reference, path), ..] => format!("it has no branch or tag that {reference}/{path} begins with"),
            };
            ReadError::not_found(shown(&self.repository.url), reason)
        })
    }

    /// What is kept of a commit, or what the server gives of it, and the files in it that are meant.
    fn matches(
        &self,
        state: &Known,
        other: &mut Connected,
        commit: ObjectId,
        reference: &str,
        pattern: &Pattern,
    ) -> Result<(Snapshot, Vec<Match>), ReadError> {
        let key = self.repository.remote.key();
        let url = || shown(&self.repository.url);
        for is_last in [false, true] {
            let mut snapshot = match self.store.open(&key, commit) {
                Some(snapshot) => snapshot,
                None => self.fetch(state, other, &key, commit)?,
            };
            match tree::matches(&mut snapshot, commit, pattern, self.limits.files) {
                Ok(matches) => return Ok((snapshot, matches)),
                Err(WalkError::Damaged(reason)) if is_last => {
                    return Err(ReadError::unavailable(url(), format!("{reference} is not whole: {}", plain(&reason))));
                }
                // Somebody deleted a part of it.
                Err(WalkError::Damaged(_)) => snapshot.discard(),
                Err(error @ WalkError::NotAFile(_)) => return Err(ReadError::not_found(url(), error.to_string())),
                Err(error @ WalkError::TooMuch(_)) => return Err(ReadError::too_large(url(), error.to_string())),
            }
        }
        Err(ReadError::unavailable(url(), "what is kept of the repository is not whole"))
    }

    /// Fetches a commit: without files where the server can, otherwise with all of them.
    fn fetch(&self, state: &Known, other: &mut Connected, key: &str, commit: ObjectId) -> Result<Snapshot, ReadError> {
        let session = self.session(state, other)?;
        let wanted = Wanted::Commit { id: commit, without_files: session.gives_single_objects() };
        let unfinished = self.store.begin(key, commit).map_err(|error| self.unwritable(&error))?;
        let fetched = session.fetch(wanted, |pack| write_pack(pack, unfinished.folder(), &self.stop));
        fetched.map_err(|error| self.failed(other, &error, "did not send the files"))?;
        self.store.finish(unfinished).map_err(|error| self.unwritable(&error))?;
        let gone = || self.unwritable(&io::ErrorKind::NotFound.into());
        self.store.open(key, commit).ok_or_else(gone)
    }

    /// Fetches the contents that are not there yet.
    fn complete(
        &self,
        state: &Known,
        other: &mut Connected,
        snapshot: &mut Snapshot,
        matches: &[Match],
    ) -> Result<(), ReadError> {
        let mut missing: Vec<ObjectId> =
            matches.iter().map(|file| file.content).filter(|content| !snapshot.has(*content)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let session = self.session(state, other)?;
        let fetched = session.fetch(Wanted::Contents(&missing), |pack| snapshot.add(pack, &self.stop));
        fetched.map_err(|error| self.failed(other, &error, "did not send the files"))
    }

    fn contents(
        &self,
        snapshot: &mut Snapshot,
        matches: &[Match],
        reference: &str,
    ) -> Result<Vec<ReadFile>, ReadError> {
        let mut files = Vec::with_capacity(matches.len());
        let mut total = 0_u64;
        for file in matches {
            let url = self.repository.view.address(reference, &file.path);
            let (_, bytes) = tree::object(snapshot, file.content)
                .map_err(|error| ReadError::unavailable(url.clone(), plain(&error.to_string())))?;
            if bytes.len() as u64 > self.limits.file_bytes {
                return Err(ReadError::too_large(url, format!("it has more than {}", size(self.limits.file_bytes))));
            }
            total += bytes.len() as u64;
            if total > self.limits.total_bytes {
                let reason = format!("its files have more than {} together", size(self.limits.total_bytes));
                return Err(ReadError::too_large(shown(&self.repository.url), reason));
            }
            if bytes.starts_with(LARGE_FILE) {
                return Err(ReadError::not_found(url, "its content is kept in large-file storage, which is not read"));
            }
            files.push(ReadFile { url, bytes });
        }
        Ok(files)
    }

    /// The conversation with the server, begun if it was not.
    fn session<'other>(&self, state: &Known, other: &'other mut Connected) -> Result<&'other mut Session, ReadError> {
        if other.session.is_none() {
            let transport: Box<dyn Transport> = match &self.repository.remote {
                Remote::Http(url) => self.over_http(url, state),
                Remote::Ssh { user, host, port, path } => {
                    let login = Login { command: &self.ssh, user: user.as_deref(), host, port: *port, path };
                    self.over_ssh(&login, other)?
                }
            };
            match Session::begin(transport) {
                Ok(session) => other.session = Some(session),
                Err(error) => return Err(self.failed(other, &error, "does not answer as a git server does")),
            }
        }
        let closed = || ReadError::unavailable(shown(&self.repository.url), "the connection is closed");
        other.session.as_mut().ok_or_else(closed)
    }

    fn over_http(&self, url: &Url, state: &Known) -> Box<dyn Transport> {
        let repository = &self.repository;
        let policy = &self.exchange.policy;
        let forge = repository.forge.as_deref();
        let mut question = Question::get(url.clone(), MAX_PACK, self.deadline);
        if let Some(forge) = forge {
            question.credentials = forges::git_credentials(policy, forge, url);
            let elsewhere = url.host() != repository.url.host();
            question.reach = elsewhere.then(|| policy.reach_of_forge(forge, url));
        }
        let wire = Wire {
            exchange: Arc::clone(&self.exchange),
            runtime: self.runtime.clone(),
            shown: repository.url.clone(),
            question,
            advertised: Arc::clone(&state.advertised),
            failure: Arc::clone(&self.failure),
            moved_to: None,
        };
        // The transport only uses the text; nothing in it is an option or a path.
        let address = gix_url::Url::try_from(url.as_str()).unwrap_or_default();
        Box::new(HttpTransport::new_http(wire, address, Protocol::V2, false))
    }

    fn over_ssh(&self, login: &Login<'_>, other: &mut Connected) -> Result<Box<dyn Transport>, ReadError> {
        let url = &self.repository.url;
        self.exchange.may_ask(url)?;
        self.check_network(login.host, login.port.unwrap_or(22))?;
        let patience = self.deadline.saturating_duration_since(Instant::now());
        let slot = self.runtime.block_on(self.exchange.budget.enter(&host_and_port(url), patience));
        other._slot =
            Some(slot.ok_or_else(|| ReadError::unavailable(shown(url), "its host had no turn left in time"))?);
        let started = ssh::start(login, &self.runtime, self.deadline, MAX_PACK);
        let (program, output, input) = started.map_err(|error| {
            let name = login.command.first().map_or("ssh", String::as_str);
            let reason = format!("the program {name} could not be started: {error}");
            ReadError::unavailable(shown(url), reason)
        })?;
        other.program = Some(program);
        let nowhere = None::<(String, Option<u16>)>;
        let connection = Connection::new(output, input, Protocol::V2, login.path, nowhere, ConnectMode::Process, false);
        Ok(Box::new(connection))
    }

    /// Refuses hosts that lead into a private network. A name that only `ssh` knows is its configuration's business.
    fn check_network(&self, host: &str, port: u16) -> Result<(), ReadError> {
        let url = &self.repository.url;
        let reach = self.exchange.policy.reach(url)?;
        if reach == Reach::LinkLocal {
            return Ok(());
        }
        let found = self
            .runtime
            .block_on(async { tokio::time::timeout_at(self.deadline, tokio::net::lookup_host((host, port))).await });
        let Ok(Ok(found)) = found else { return Ok(()) };
        let addresses: Vec<IpAddr> = found.map(|socket| socket.ip()).collect();
        match addresses.iter().find_map(|ip| address::check(*ip, reach).err()) {
            Some(refused) => Err(self.exchange.policy.refused_network(url, refused)),
            None => Ok(()),
        }
    }

    /// What to say of a conversation that failed.
    fn failed(&self, other: &mut Connected, error: &gix_error::Error, what: &str) -> ReadError {
        if let Some(failure) = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return failure;
        }
        let url = shown(&self.repository.url);
        let (host, path) = (host_and_port(&self.repository.url), self.repository.url.path());
        // The program has to end before it has said everything.
        other.session = None;
        if Instant::now() >= self.deadline {
            return self.unavailable(url, format!("{host} took too long"), path);
        }
        if let Some(program) = &mut other.program {
            if program.said_too_much() {
                return ReadError::too_large(url, format!("its host sent more than {}", size(MAX_PACK)));
            }
            if let Some(complaint) = program.complaint() {
                return ssh_failure(url, &host, &complaint)
                    .unwrap_or_else(|url| self.unavailable(url, format!("{host} over ssh: {complaint}"), path));
            }
        }
        let chain = chain(error);
        if chain.contains("not our ref") {
            return ReadError::not_found(url, "its server does not have this commit, or does not give it by name");
        }
        if chain.contains("allocation") || chain.contains("alloc") {
            return ReadError::too_large(
                url,
                format!("a file of the repository has more than {}", size(MAX_OBJECT as u64)),
            );
        }
        self.unavailable(url, format!("{host} {what}: {}", plain(&chain)), path)
    }

    fn unavailable(&self, url: String, reason: String, path: &str) -> ReadError {
        let host = host_and_port(&self.repository.url);
        let wait = self.exchange.budget.broken(&host, path, SystemTime::now());
        ReadError::Unavailable { url, reason, retry_after: Some(wait) }
    }

    fn unwritable(&self, error: &io::Error) -> ReadError {
        let reason = format!("the folder for kept repositories cannot be written: {error}");
        ReadError::unavailable(shown(&self.repository.url), reason)
    }
}

/// What the complaints of `ssh` and of git servers mean; the address again where they mean nothing special.
fn ssh_failure(url: String, host: &str, complaint: &str) -> Result<ReadError, String> {
    let has = |part: &str| complaint.to_ascii_lowercase().contains(part);
    let (reason, hint) = if has("host key verification failed") {
        (
            format!("the key of {host} is not known: {complaint}"),
            format!(
                "add it for the user that runs the portal: `ssh-keyscan {host} >> ~/.ssh/known_hosts`, and compare it"
            ),
        )
    } else if has("permission denied") || has("access denied") {
        (
            format!("{host} did not let us in: {complaint}"),
            "give the user that runs the portal a key that may read the repository, or set \
             `backend: { reading: { sshCommand: [ssh, -i, FILE] } }`"
                .to_owned(),
        )
    } else if has("does not appear to be a git repository") || has("repository not found") || has("does not exist") {
        return Ok(ReadError::not_found(url, format!("{host} over ssh: {complaint}")));
    } else {
        return Err(url);
    };
    Ok(ReadError::NotAllowed { url, reason, hint: Some(hint) })
}

/// An error and its causes, each once.
fn chain(error: &gix_error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.contains(&words) {
            let _ = write!(text, ": {words}");
        }
        source = cause.source();
    }
    text
}

//! Files in git repositories, over HTTP and SSH: only the one state that an address means, without history, submodules,
//! large-file storage, hooks or configuration, and nothing of it is ever checked out.
//!
//! Where the server can, only the names of files are fetched at first and then the contents that are wanted.

mod read;
mod refs;
mod session;
mod ssh;
mod store;
mod tree;
mod wire;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::sources::address::{RepoAddress, shown};
use crate::sources::error::ReadError;
use crate::sources::exchange::Exchange;
use crate::sources::git::read::Job;
use crate::sources::git::session::{Head, Stop};
use crate::sources::git::store::Store;
use crate::sources::git::wire::Advertised;
use crate::sources::{ReadLimits, Reading};

const MAX_REPOSITORIES: usize = 10_000;

/// Reads repositories, one read of each at a time.
#[derive(Debug)]
pub(crate) struct Git {
    store: Store,
    ssh: Arc<[String]>,
    known: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Known>>>>,
}

/// What is remembered of a repository while the portal runs.
#[derive(Debug, Default)]
pub(crate) struct Known {
    advertised: Arc<Mutex<Option<Advertised>>>,
    /// References by the prefix that was asked for, and when the question was asked.
    listed: HashMap<String, (Instant, Vec<Head>)>,
}

impl Git {
    pub(crate) fn new(folder: PathBuf, ssh: Vec<String>) -> Self {
        Self { store: Store::new(folder), ssh: ssh.into(), known: Mutex::default() }
    }

    /// Reads the files that an address means, unless they are as they were.
    pub(crate) async fn read(
        &self,
        exchange: &Arc<Exchange>,
        repository: &RepoAddress,
        known: Option<&str>,
        limits: &ReadLimits,
        deadline: Instant,
    ) -> Result<Reading, ReadError> {
        let arrived = Instant::now();
        let late = || ReadError::unavailable(shown(&repository.url), "other reads of the repository took too long");
        let state = timeout_at(deadline, self.known(repository.remote.key()).lock_owned()).await.map_err(|_| late())?;
        let stop = Stop::default();
        let watch = tokio::spawn({
            let stop = Arc::clone(&stop);
            async move {
                sleep_until(deadline).await;
                stop.store(true, Ordering::Relaxed);
            }
        });
        let job = Job {
            exchange: Arc::clone(exchange),
            runtime: Handle::current(),
            store: self.store.clone(),
            ssh: Arc::clone(&self.ssh),
            repository: repository.clone(),
            known: known.map(str::to_owned),
            limits: limits.clone(),
            arrived,
            deadline,
            stop,
            failure: Arc::default(),
        };
        let result = tokio::task::spawn_blocking(move || job.run(state)).await;
        watch.abort();
        result.unwrap_or_else(|_| {
            Err(ReadError::unavailable(shown(&repository.url), "what the server sent could not be understood"))
        })
    }

    fn known(&self, repository: String) -> Arc<tokio::sync::Mutex<Known>> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_REPOSITORIES {
            all.retain(|_, known| Arc::strong_count(known) > 1);
        }
        Arc::clone(all.entry(repository).or_default())
    }
}

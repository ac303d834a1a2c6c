//! What the server remembers: repositories that were asked for, requests that came, and faults that a test ordered.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;

use super::clock::Clock;
use super::data::Repository;
use super::shapes::Scene;

/// One request as it reached the server, whether or not it was answered well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    /// The method, in capitals.
    pub method: String,
    /// The path as it was sent, still percent-encoded, without the query.
    pub path: String,
    /// The query without its question mark; empty when there was none.
    pub query: String,
    /// The headers by lower-case name; several of one name are joined by a comma.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub body: String,
}

/// What the server does instead of answering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Status(StatusCode),
    Body { status: StatusCode, content_type: String, body: String },
    RateLimited,
}

#[derive(Debug, Default)]
pub(super) struct Memory {
    repositories: HashMap<String, Option<Repository>>,
    pub(super) requests: Vec<RecordedRequest>,
    pub(super) latency: Duration,
    pub(super) fault: Option<Fault>,
    /// How many more requests the fault is for; none means until it is taken back.
    pub(super) fault_count: Option<u32>,
    pub(super) used: u64,
    pub(super) registrations: Vec<Value>,
}

impl Memory {
    /// The fault that the next request meets, counted down.
    pub(super) fn next_fault(&mut self) -> Option<Fault> {
        let fault = self.fault.clone()?;
        if let Some(left) = &mut self.fault_count {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.fault = None;
                self.fault_count = None;
            }
        }
        Some(fault)
    }
}

/// The state behind every route.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) address: String,
    pub(super) clock: Clock,
    pub(super) token: Option<String>,
    memory: Mutex<Memory>,
}

impl Shared {
    pub(super) fn new(address: String, clock: Clock, token: Option<String>, latency: Duration) -> Self {
        Self { address, clock, token, memory: Mutex::new(Memory { latency, ..Memory::default() }) }
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn scene(&self) -> Scene<'_> {
        Scene { api: &self.address, clock: self.clock }
    }

    /// Hands the repository to `work`, made up at the first mention; none if it does not exist.
    pub(super) fn with_repository<T>(
        &self,
        owner: &str,
        name: &str,
        work: impl FnOnce(&mut Repository) -> T,
    ) -> Option<T> {
        let mut memory = self.memory();
        let repository = memory
            .repositories
            .entry(format!("{owner}/{name}").to_lowercase())
            .or_insert_with(|| Repository::invent(owner, name, self.clock.base()));
        repository.as_mut().map(work)
    }
}

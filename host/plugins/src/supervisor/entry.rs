//! One plugin file: what it turned out to be, what it has cost, and its row in the table.

use std::sync::Arc;

use host_model::plugin::{Grants, State, Status};

use super::Key;
use crate::life::decide::Decision;
use crate::life::loaded::{Loaded, Rejected, requested};
use crate::serve::account::FileAccount;
use crate::serve::log::LogBook;
use crate::table::Row;

/// A plugin's file. It keeps its account and log while it is there.
pub(super) struct Entry {
    pub(super) account: Arc<FileAccount>,
    pub(super) log: Arc<LogBook>,
    pub(super) sha256: String,
    pub(super) found: Found,
    /// The load whose outcome counts.
    pub(super) load: Option<u64>,
    told: Option<(State, Option<String>)>,
}

/// What a file turned out to be, as far as is known.
pub(super) enum Found {
    Nothing,
    Plugin(Arc<Loaded>),
    Rejected(Box<Rejected>),
}

impl Entry {
    pub(super) fn new(file: &str) -> Self {
        Self {
            account: Arc::default(),
            log: Arc::new(LogBook::of(file)),
            sha256: String::new(),
            found: Found::Nothing,
            load: None,
            told: None,
        }
    }

    pub(super) fn is_unreadable(&self) -> bool {
        matches!(&self.found, Found::Rejected(rejected) if rejected.reason.code == "unreadable")
    }

    /// The row of the table. A change of state is written to the log.
    pub(super) fn row(&mut self, (source, file): &Key, decision: Option<&Decision>) -> Row {
        let mut status = Status {
            id: None,
            version: None,
            title: file.clone(),
            summary: None,
            homepage: None,
            file: file.clone(),
            source: *source,
            sha256: self.sha256.clone(),
            state: State::Starting,
            reason: None,
            extension_points: Vec::new(),
            imports: Vec::new(),
            requested: Grants::default(),
            granted: Grants::default(),
            calls: 0,
            faults: 0,
            cpu_ms: 0,
            peak_memory_bytes: 0,
            recent_faults: Vec::new(),
        };
        let (shape, told) = match &self.found {
            Found::Nothing => (None, None),
            Found::Plugin(loaded) => (Some(&loaded.shape), Some(&loaded.told)),
            Found::Rejected(rejected) => (Some(&*rejected.shape), rejected.told.as_deref()),
        };
        if let Some(shape) = shape {
            status.extension_points.clone_from(&shape.extension_points);
            status.imports.clone_from(&shape.imports);
        }
        if let Some(told) = told {
            let description = told.description.clone();
            status.id = Some(description.id);
            status.version = Some(description.version);
            status.title = description.title;
            status.summary = Some(description.summary);
            status.homepage = description.homepage;
            status.requested = requested(told);
        }
        if let Found::Rejected(rejected) = &self.found {
            status.state = State::Failed;
            status.reason = Some(rejected.reason.clone());
        }
        if let Some(decision) = decision {
            status.state = decision.state;
            status.reason.clone_from(&decision.reason);
            status.granted = decision.granted.clone();
        }
        self.tell(&status);
        Row { status, account: Arc::clone(&self.account), log: Arc::clone(&self.log) }
    }

    fn tell(&mut self, status: &Status) {
        let now = (status.state, status.reason.as_ref().map(|reason| reason.message.clone()));
        if self.told.as_ref() == Some(&now) || status.state == State::Starting {
            return;
        }
        let (file, id) = (&*status.file, status.id.as_deref().unwrap_or_default());
        let version = status.version.as_deref().unwrap_or_default();
        let state = status.state.as_str();
        match &status.reason {
            Some(reason) if matches!(status.state, State::Failed | State::WaitingForConsent) => {
                tracing::warn!(file, id, version, state, code = reason.code, reason = reason.message, "plugin");
            }
            _ => tracing::info!(file, id, version, state, "plugin"),
        }
        self.told = Some(now);
    }
}

//! Looks at a plugin's file and tells everything that can be known of it without granting it anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use host_contract::{CompileCommand, Contract, Runtime, RuntimeError, RuntimeOptions};
use host_model::plugin::{
    ActionDeclaration, CardDeclaration, Description, ExtensionPoint, Grants, ProcessorDeclaration, Reason,
};
use host_runtime::sha256_hex;
use serde::Serialize;

use crate::life::consent::grant_lines;
use crate::life::folder;
use crate::life::loaded::{Loaded, Rejected};
use crate::life::loader::{ContractLoader, FileBytes, Loader};
use crate::serve::account::{FileAccount, TrialAccount};
use crate::serve::log::LogBook;

/// Looks at plugin files and tries them.
pub struct Inspector {
    loader: ContractLoader,
}

/// What is known of a plugin's file.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub file: PathBuf,
    pub sha256: String,
    pub bytes: u64,
    /// Why it is no plugin that could serve; none when it is one.
    pub problem: Option<Reason>,
    /// What is allowed and yet probably not meant.
    pub warnings: Vec<String>,
    /// The version of the contract that it was built for.
    pub contract_version: Option<String>,
    pub extension_points: Vec<ExtensionPoint>,
    pub imports: Vec<String>,
    pub exports: Vec<String>,
    pub description: Option<Description>,
    pub processor: Option<ProcessorDeclaration>,
    pub actions: Vec<ActionDeclaration>,
    pub cards: Vec<CardDeclaration>,
    /// What it would ask for.
    pub requested: Grants,
    /// The lines of configuration that would grant it; none when it asks for nothing.
    pub grant_lines: Option<String>,
    /// What it wrote while it was asked.
    pub log: Vec<String>,
}

impl Inspector {
    /// Starts a runtime of its own. With a folder for compiled code a file that is looked at again is not compiled again.
    ///
    /// # Errors
    /// When the runtime cannot be started.
    pub fn new(cache: Option<PathBuf>, compiler: Option<CompileCommand>) -> Result<Self, RuntimeError> {
        let runtime = Runtime::new(RuntimeOptions { cache, compiler, ..RuntimeOptions::default() })?;
        let contract = Contract::new(runtime.clone())?;
        Ok(Self { loader: ContractLoader { runtime, contract, descriptions: None } })
    }

    /// Everything that can be known of a file. What is wrong with it is part of the report.
    pub async fn inspect_file(&self, path: &Path) -> Report {
        let log = Arc::new(LogBook::of(&path.display().to_string()));
        let mut report = Report::of(path);
        let outcome = match self.read(path, &mut report).await {
            Ok(bytes) => self.load(&report, bytes, &log).await,
            Err(reason) => Err(Rejected::new(&reason.code, reason.message)),
        };
        match outcome {
            Ok(loaded) => report.fill(&loaded),
            Err(rejected) => report.fill_rejected(rejected),
        }
        report.log = log.lines();
        report
    }

    /// Loads a file for a trial.
    ///
    /// # Errors
    /// Why it is no plugin that could serve.
    pub(crate) async fn load_file(&self, path: &Path, log: &Arc<LogBook>) -> Result<Loaded, Reason> {
        let mut report = Report::of(path);
        let bytes = self.read(path, &mut report).await?;
        self.load(&report, bytes, log).await.map_err(|rejected| rejected.reason)
    }

    async fn read(&self, path: &Path, report: &mut Report) -> Result<Arc<[u8]>, Reason> {
        let path = path.to_owned();
        let read = tokio::task::spawn_blocking(move || folder::read(&path)).await;
        let (bytes, _) = read.unwrap_or_else(|error| {
            Err(Reason { code: "unreadable".into(), message: format!("the file cannot be read: {error}") })
        })?;
        report.bytes = bytes.len() as u64;
        report.sha256 = sha256_hex(&bytes);
        Ok(bytes)
    }

    async fn load(&self, report: &Report, bytes: Arc<[u8]>, log: &Arc<LogBook>) -> Result<Loaded, Rejected> {
        let account = Arc::new(TrialAccount(Arc::new(FileAccount::default())));
        let file = FileBytes { sha256: report.sha256.clone(), bytes, account, log: Arc::clone(log) as _ };
        self.loader.load(file).await
    }
}

impl Report {
    /// Whether the file is a plugin that could serve.
    pub fn is_good(&self) -> bool {
        self.problem.is_none()
    }

    fn of(path: &Path) -> Self {
        Self {
            file: path.to_owned(),
            sha256: String::new(),
            bytes: 0,
            problem: None,
            warnings: Vec::new(),
            contract_version: None,
            extension_points: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            description: None,
            processor: None,
            actions: Vec::new(),
            cards: Vec::new(),
            requested: Grants::default(),
            grant_lines: None,
            log: Vec::new(),
        }
    }

    fn fill(&mut self, loaded: &Loaded) {
        self.contract_version.clone_from(&loaded.shape.contract_version);
        self.extension_points.clone_from(&loaded.shape.extension_points);
        self.imports.clone_from(&loaded.shape.imports);
        self.exports.clone_from(&loaded.shape.exports);
        self.description = Some(loaded.told.description.clone());
        self.processor.clone_from(&loaded.told.processor);
        self.actions.clone_from(&loaded.told.actions);
        self.cards.clone_from(&loaded.told.cards);
        self.requested = loaded.requested.clone();
        if !self.requested.is_empty() {
            self.grant_lines = Some(grant_lines(loaded.id(), &self.requested));
        }
        if self.extension_points.is_empty() {
            let points: Vec<&str> = ExtensionPoint::ALL.into_iter().map(ExtensionPoint::as_str).collect();
            let text = format!("it offers no extension point and so does nothing; export one of {}", points.join(", "));
            self.warnings.push(text);
        }
        for upstream in loaded.told.description.upstreams.iter().filter(|upstream| upstream.routes.is_empty()) {
            self.warnings.push(format!("upstream {} has no routes, so no request can be made", upstream.name));
        }
    }

    fn fill_rejected(&mut self, rejected: Rejected) {
        let shape = *rejected.shape;
        self.contract_version = shape.contract_version;
        self.extension_points = shape.extension_points;
        self.imports = shape.imports;
        self.exports = shape.exports;
        self.description = rejected.told.map(|told| told.description);
        self.problem = Some(rejected.reason);
    }
}

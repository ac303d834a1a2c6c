//! Runs a template that nobody has published yet, and shows what would come of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use host_model::Principal;
use serde_json::{Value, json};

use crate::engine::{Engine, Journal, Position, Redactor, Run, RunError, TaskLog, make_empty};
use crate::template::Template;
use crate::workspace::{Enclosure, EntryKind, Limits, Tally, WorkspaceError, failed, list, make_parents};
use crate::{DryRunInput, DryRunOutcome, ScaffolderError};

/// What the folders of dry runs are called.
pub(crate) const PREFIX: &str = "dry-run-";
/// How long a dry run may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// What the files that are given and shown may come to.
const LIMITS: Limits = Limits { bytes: 20 * 1024 * 1024, entries: 2000 };

/// A folder that goes when the dry run ends, however it ends.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "the folder of a dry run could not be removed");
        }
    }
}

/// Removes what dry runs of a dead process left behind.
pub(crate) fn remove_left_overs(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        drop(Folder(entry.path()));
    }
}

/// Runs a template in a folder of its own.
pub(crate) async fn run(
    engine: &Engine,
    principal: &Principal,
    input: DryRunInput,
) -> Result<DryRunOutcome, ScaffolderError> {
    let template = Template::read(input.template)?;
    template.check_secrets(&input.secrets)?;
    let values = template.complete(input.values)?;
    for step in &template.steps {
        engine.find(step["action"].as_str().unwrap_or_default()).map_err(|error| refused(&error))?;
    }
    let id = format!("{PREFIX}{}", uuid::Uuid::new_v4());
    let folder = Folder(engine.workspaces().join(&id));
    let (files, workspace) = (folder.0.join("template"), folder.0.join("workspace"));
    let (from, to, contents) = (files.clone(), workspace.clone(), input.directory_contents);
    blocking(move || lay_out(&from, &to, &contents)).await?;

    let redactor = Redactor::new(&input.secrets);
    let log = TaskLog::in_memory(redactor.clone());
    let run = Run {
        spec: template.task_spec(values, principal, None),
        task_id: id,
        template_base: Some(files.to_string_lossy().into_owned()),
        principal: principal.clone(),
        secrets: input.secrets,
        redactor,
        workspace: workspace.clone(),
        limits: LIMITS,
        dry_run: true,
        log: log.clone(),
        journal: Journal(None),
        find: |action: &str| engine.find(action),
        position: Position::default(),
    };
    let outcome = tokio::time::timeout(TIMEOUT, run.run(|_| std::future::ready(Ok(()))))
        .await
        .map_err(|_| ScaffolderError::input(format!("the dry run took longer than {} seconds", TIMEOUT.as_secs())))?
        .map_err(|error| refused(&error))?;
    let directory_contents = blocking(move || contents_of(&workspace)).await?;
    Ok(DryRunOutcome {
        steps: template.steps.clone(),
        log: log.bodies().into_iter().map(|body| json!({ "body": body })).collect(),
        directory_contents,
        output: outcome.output,
        effects: outcome.effects,
    })
}

fn lay_out(files: &Path, workspace: &Path, contents: &[Value]) -> Result<(), ScaffolderError> {
    for folder in [files, workspace] {
        make_empty(folder).map_err(|error| {
            ScaffolderError::Unavailable(format!("the folder of the dry run cannot be made: {error}"))
        })?;
    }
    let enclosure = Enclosure::open("directoryContents", files).map_err(wrong)?;
    let mut tally = Tally::new(LIMITS);
    for (index, entry) in contents.iter().enumerate() {
        let field = |name: &str| {
            entry.get(name).and_then(Value::as_str).ok_or_else(|| {
                ScaffolderError::input(format!("directoryContents/{index} needs path and base64Content as text"))
            })
        };
        let path = enclosure.resolve(field("path")?).map_err(wrong)?;
        let bytes = STANDARD.decode(field("base64Content")?).map_err(|error| {
            ScaffolderError::input(format!("directoryContents/{index}/base64Content is no base64: {error}"))
        })?;
        tally.add(bytes.len() as u64).map_err(wrong)?;
        make_parents(&path).map_err(wrong)?;
        fs::write(&path, bytes).map_err(|source| wrong(failed("write", &path, source)))?;
    }
    Ok(())
}

fn contents_of(workspace: &Path) -> Result<Vec<Value>, ScaffolderError> {
    let mut contents = Vec::new();
    for entry in list(workspace, LIMITS.entries).map_err(wrong)? {
        if entry.kind != EntryKind::File {
            continue;
        }
        let path = workspace.join(&entry.path);
        let bytes = fs::read(&path).map_err(|source| wrong(failed("read", &path, source)))?;
        contents.push(json!({
            "path": entry.path,
            "executable": is_executable(&path),
            "base64Content": STANDARD.encode(bytes),
        }));
    }
    Ok(contents)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ScaffolderError> + Send + 'static,
) -> Result<T, ScaffolderError> {
    let failed = || ScaffolderError::Unavailable("the dry run failed internally".to_owned());
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(failed()))
}

fn refused(error: &RunError) -> ScaffolderError {
    if error.name == "NotFoundError" {
        return ScaffolderError::NotFound(error.message.clone());
    }
    ScaffolderError::input(error.message.clone())
}

fn wrong(error: WorkspaceError) -> ScaffolderError {
    ScaffolderError::input(error.to_string())
}

//! `fs:delete`, `fs:readdir` and `fs:rename`: files of the workspace.

use std::fs;
use std::path::Path;

use async_trait::async_trait;
use globset::{GlobBuilder, GlobMatcher};
use host_model::plugin::{ActionDeclaration, PluginError};
use host_ports::{Action, ActionContext, ActionResult, LogLevel};
use serde::Deserialize;
use serde_json::{Value, json};

use super::declare::{declare, field, nothing, texts};
use super::{blocking, other, read_input};
use crate::workspace::{Enclosure, EntryKind, Limits, failed, list, make_parents};

/// Deletes files and folders.
pub(super) struct Delete {
    declaration: ActionDeclaration,
    limits: Limits,
}

/// Renames files and folders.
pub(super) struct Rename {
    declaration: ActionDeclaration,
}

/// Lists files and folders.
pub(super) struct ReadDir {
    declaration: ActionDeclaration,
    limits: Limits,
}

#[derive(Deserialize)]
struct DeleteInput {
    files: Vec<String>,
}

#[derive(Deserialize)]
struct RenameInput {
    files: Vec<Renaming>,
}

#[derive(Deserialize)]
struct Renaming {
    from: String,
    to: String,
    #[serde(default)]
    overwrite: bool,
}

#[derive(Deserialize)]
struct ReadDirInput {
    paths: Vec<String>,
    #[serde(default)]
    recursive: bool,
}

/// A pattern of paths in which `*` does not go beyond a folder and `**` does.
pub(super) fn pattern(text: &str) -> Result<GlobMatcher, PluginError> {
    let text = text.strip_prefix("./").unwrap_or(text);
    GlobBuilder::new(text)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| other(format!("{text:?} is no pattern of paths: {}", error.kind())))
}

impl Delete {
    pub(super) fn new(limits: Limits) -> Self {
        let declaration = declare(
            "fs:delete",
            "Deletes files and folders of the workspace.",
            &[("files", true, texts("Paths and patterns such as docs/**."))],
            nothing(),
            &[(
                "Delete",
                "steps:\n  - action: fs:delete\n    input:\n      files:\n        - docs/**\n        - mkdocs.yml\n",
            )],
        );
        Self { declaration, limits }
    }
}

#[async_trait]
impl Action for Delete {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: DeleteInput = read_input(&context.input)?;
        let most = self.limits.entries;
        blocking(move |stop| {
            let workspace = Enclosure::workspace(&context.workspace)?;
            for file in &input.files {
                stop.check()?;
                let deleted = delete(&workspace, file, most)?;
                if deleted.is_empty() {
                    context.log.line(LogLevel::Warn, &format!("Nothing matches {file}, so nothing was deleted"));
                }
                for path in deleted {
                    context.log.line(LogLevel::Info, &format!("File {path} deleted successfully"));
                }
            }
            Ok(ActionResult::default())
        })
        .await
    }
}

fn delete(workspace: &Enclosure, file: &str, most: usize) -> Result<Vec<String>, PluginError> {
    let resolved = workspace.resolve(file)?;
    if resolved == workspace.root() {
        return Err(other("the whole workspace cannot be deleted; name what is in it, such as **"));
    }
    if let Ok(metadata) = resolved.symlink_metadata() {
        let result = if metadata.is_dir() { fs::remove_dir_all(&resolved) } else { fs::remove_file(&resolved) };
        result.map_err(|source| failed("delete", &resolved, source))?;
        return Ok(vec![workspace.relative(&resolved)]);
    }
    let matcher = pattern(file)?;
    let mut deleted = Vec::new();
    let entries = list(workspace.root(), most)?;
    for entry in entries.iter().filter(|entry| entry.kind != EntryKind::Folder && matcher.is_match(&entry.path)) {
        let path = workspace.root().join(&entry.path);
        fs::remove_file(&path).map_err(|source| failed("delete", &path, source))?;
        remove_empty_folders(workspace.root(), &path);
        deleted.push(entry.path.clone());
    }
    Ok(deleted)
}

/// A folder whose last file was deleted goes as well.
fn remove_empty_folders(root: &Path, file: &Path) {
    let mut folder = file.parent();
    while let Some(path) = folder.filter(|path| *path != root && path.starts_with(root)) {
        if fs::remove_dir(path).is_err() {
            return;
        }
        folder = path.parent();
    }
}

impl Rename {
    pub(super) fn new() -> Self {
        let renaming = json!({
            "type": "object",
            "properties": {
                "from": field("string", "What is to be renamed."),
                "to": field("string", "What it is to be called, or where it is to be."),
                "overwrite": field("boolean", "Replace what is there. Default: false.")
            },
            "required": ["from", "to"],
            "additionalProperties": false
        });
        let files = json!({"type": "array", "items": renaming, "description": "What is renamed, one after the other."});
        let declaration = declare(
            "fs:rename",
            "Renames or moves files and folders of the workspace.",
            &[("files", true, files)],
            nothing(),
            &[(
                "Rename",
                "steps:\n  - action: fs:rename\n    input:\n      files:\n        - from: gitignore\n          to: .gitignore\n",
            )],
        );
        Self { declaration }
    }
}

#[async_trait]
impl Action for Rename {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: RenameInput = read_input(&context.input)?;
        blocking(move |stop| {
            let workspace = Enclosure::workspace(&context.workspace)?;
            for renaming in &input.files {
                stop.check()?;
                rename(&workspace, renaming)?;
                let Renaming { from, to, .. } = renaming;
                context.log.line(LogLevel::Info, &format!("File {from} renamed to {to} successfully"));
            }
            Ok(ActionResult::default())
        })
        .await
    }
}

fn rename(workspace: &Enclosure, Renaming { from, to, overwrite }: &Renaming) -> Result<(), PluginError> {
    let (source, target) = (workspace.resolve(from)?, workspace.resolve(to)?);
    if source == workspace.root() || target == workspace.root() {
        return Err(other("the workspace itself cannot be renamed"));
    }
    if source.symlink_metadata().is_err() {
        return Err(other(format!("{from} cannot be renamed, because there is no such file or folder")));
    }
    if source == target {
        return Ok(());
    }
    if target.starts_with(&source) {
        return Err(other(format!("{from} cannot be moved into itself ({to})")));
    }
    if let Ok(metadata) = target.symlink_metadata() {
        if !overwrite {
            return Err(other(format!("{from} cannot be renamed to {to}, which exists; set overwrite to replace it")));
        }
        if metadata.is_dir() {
            if source.starts_with(&target) {
                return Err(other(format!("{to} cannot be replaced by {from}, which is in it")));
            }
            fs::remove_dir_all(&target).map_err(|source| failed("replace", &target, source))?;
        }
    }
    make_parents(&target)?;
    fs::rename(&source, &target).map_err(|error| failed("rename", &source, error))?;
    Ok(())
}

impl ReadDir {
    pub(super) fn new(limits: Limits) -> Self {
        let found = json!({"type": "array", "items": {
            "type": "object",
            "properties": {
                "name": field("string", "Its name."),
                "path": field("string", "Its path in the workspace."),
                "fullPath": field("string", "Its path on the machine.")
            },
            "required": ["name", "path", "fullPath"]
        }});
        let paths = json!({"type": "array", "items": {"type": "string", "minLength": 1}, "description": "The folders to list."});
        let declaration = declare(
            "fs:readdir",
            "Lists the files and folders in folders of the workspace.",
            &[
                ("paths", true, paths),
                ("recursive", false, json!({"type": "boolean", "default": false, "description": "Go into folders."})),
            ],
            json!({"type": "object", "properties": {"files": found.clone(), "folders": found}, "required": ["files", "folders"]}),
            &[(
                "List everything",
                "steps:\n  - id: list\n    action: fs:readdir\n    input:\n      paths: ['.']\n      recursive: true\n",
            )],
        );
        Self { declaration, limits }
    }
}

#[async_trait]
impl Action for ReadDir {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: ReadDirInput = read_input(&context.input)?;
        let most = self.limits.entries;
        blocking(move |stop| {
            let workspace = Enclosure::workspace(&context.workspace)?;
            let (mut files, mut folders): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
            for path in &input.paths {
                stop.check()?;
                let folder = workspace.resolve(path)?;
                if !folder.is_dir() {
                    return Err(other(format!("{path} cannot be listed, because there is no such folder")));
                }
                for entry in list(&folder, most)? {
                    if !input.recursive && entry.path.contains('/') {
                        continue;
                    }
                    let full = folder.join(&entry.path);
                    let name = entry.path.rsplit('/').next().unwrap_or_default();
                    let value =
                        json!({"name": name, "path": workspace.relative(&full), "fullPath": full.to_string_lossy()});
                    if entry.kind == EntryKind::Folder { folders.push(value) } else { files.push(value) }
                }
            }
            Ok(ActionResult { output: json!({"files": files, "folders": folders}), effects: Vec::new() })
        })
        .await
    }
}

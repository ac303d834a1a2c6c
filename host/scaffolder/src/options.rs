//! How tasks run.

use std::path::PathBuf;
use std::time::Duration;

/// How tasks run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaffolderOptions {
    /// The data folder; workspaces are made below `workspaces` in it.
    pub data_dir: PathBuf,
    /// How many tasks run at a time; 0: none.
    pub concurrent_tasks_limit: usize,
    /// How long a task may take.
    pub task_timeout: Duration,
    /// How long running steps may go on when the process is asked to end.
    pub shutdown_patience: Duration,
    /// Who commits, where an action makes commits and names nobody.
    pub default_author: Author,
    /// The message of commits that name none.
    pub default_commit_message: String,
    /// The most bytes that the files of a workspace may have together.
    pub workspace_bytes: u64,
    /// The most files and folders of a workspace.
    pub workspace_entries: usize,
}

/// The author of commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub name: String,
    pub email: String,
}

impl ScaffolderOptions {
    /// The defaults, with workspaces below a data folder.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            concurrent_tasks_limit: 10,
            task_timeout: Duration::from_secs(24 * 60 * 60),
            shutdown_patience: Duration::from_secs(10),
            default_author: Author { name: "Callboard".to_owned(), email: "callboard@localhost".to_owned() },
            default_commit_message: "Initial commit".to_owned(),
            workspace_bytes: 200 * 1024 * 1024,
            workspace_entries: 20_000,
        }
    }
}

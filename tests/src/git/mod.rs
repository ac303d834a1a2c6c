//! Git repositories as forges serve them: real ones, over HTTP through git's own server program and over SSH through a
//! stand-in for `ssh`, all on loopback and in a folder that goes away.

mod repository;
mod server;

pub use repository::{Entry, Repository};
pub use server::{GitServer, SeenRequest, basic};

use std::path::Path;
use std::process::Command;

/// The system's git, which reads no configuration but a repository's own.
fn git(home: &Path) -> Command {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", home);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command
}

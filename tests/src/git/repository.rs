//! A bare repository, filled without a work tree.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use super::git;

/// A bare repository on disk.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
    home: PathBuf,
}

/// What stands at a path of a commit.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'content> {
    File(&'content [u8]),
    /// A symbolic link to a path.
    Link(&'content str),
    /// A submodule at a commit.
    Submodule(&'content str),
}

impl Repository {
    pub(super) fn create(home: &Path, name: &str) -> anyhow::Result<Self> {
        let folder = home.join(format!("{name}.git"));
        std::fs::create_dir_all(&folder)?;
        let repository = Self { folder, home: home.to_owned() };
        repository.run(&["init", "--quiet", "--bare", "--initial-branch=main"])?;
        Ok(repository)
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes these files the whole content of a branch, in a commit after those before, and gives its name.
    pub fn commit(&self, branch: &str, files: &[(&str, &str)]) -> anyhow::Result<String> {
        let entries: Vec<_> = files.iter().map(|(path, text)| (*path, Entry::File(text.as_bytes()))).collect();
        self.commit_entries(branch, &entries)
    }

    /// The same for more than files.
    pub fn commit_entries(&self, branch: &str, entries: &[(&str, Entry<'_>)]) -> anyhow::Result<String> {
        let reference = format!("refs/heads/{branch}");
        let mut stream = Vec::new();
        writeln!(
            stream,
            "commit {reference}\ncommitter Tests <tests@callboard.example> 1750000000 +0000\ndata 4\ntest"
        )?;
        if self.run(&["rev-parse", "--quiet", "--verify", &reference]).is_ok() {
            writeln!(stream, "from {reference}^0")?;
        }
        writeln!(stream, "deleteall")?;
        for (path, entry) in entries {
            match entry {
                Entry::File(bytes) => put(&mut stream, "100644", path, bytes)?,
                Entry::Link(target) => put(&mut stream, "120000", path, target.as_bytes())?,
                Entry::Submodule(commit) => writeln!(stream, "M 160000 {commit} {path}")?,
            }
        }
        let mut command = self.command(&["fast-import", "--quiet", "--force"]);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().context("git is not installed")?;
        child.stdin.take().context("git has an input")?.write_all(&stream)?;
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "git fast-import: {}", String::from_utf8_lossy(&output.stderr));
        self.run(&["rev-parse", &reference])
    }

    /// Names a commit; with a message, through an object of its own.
    pub fn tag(&self, name: &str, commit: &str, message: Option<&str>) -> anyhow::Result<()> {
        let mut arguments = vec!["-c", "user.name=Tests", "-c", "user.email=tests@callboard.example", "tag"];
        if let Some(message) = message {
            arguments.extend(["-a", "-m", message]);
        }
        arguments.extend([name, commit]);
        self.run(&arguments).map(drop)
    }

    /// Removes a branch.
    pub fn delete_branch(&self, name: &str) -> anyhow::Result<()> {
        self.run(&["update-ref", "-d", &format!("refs/heads/{name}")]).map(drop)
    }

    /// Lets readers fetch parts of a commit, as the large forges do.
    pub fn allow_filters(&self) -> anyhow::Result<()> {
        self.run(&["config", "uploadpack.allowFilter", "true"]).map(drop)
    }

    fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(arguments).output().context("git is not installed")?;
        if !output.status.success() {
            bail!("git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = git(&self.home);
        command.arg("-C").arg(&self.folder).args(arguments);
        command
    }
}

fn put(stream: &mut Vec<u8>, mode: &str, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    writeln!(stream, "M {mode} inline {path}\ndata {}", bytes.len())?;
    stream.write_all(bytes)?;
    stream.write_all(b"\n")
}

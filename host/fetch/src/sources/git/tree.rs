//! The files of a commit that a pattern means.

use gix_hash::{Kind, ObjectId};
use gix_object::{CommitRefIter, TreeRefIter};

use crate::sources::git::store::Snapshot;
use crate::sources::pattern::Pattern;

const MAX_DEPTH: usize = 64;
/// Names that are looked at; more than any repository has.
const MAX_ENTRIES: usize = 2_000_000;

/// A file and the name of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) path: String,
    pub(crate) content: ObjectId,
}

/// Why the files could not be listed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WalkError {
    #[error("it is a {0}, which is not followed")]
    NotAFile(&'static str),
    #[error("the repository has more than {0}")]
    TooMuch(String),
    /// What is kept of the repository is not whole.
    #[error("{0}")]
    Damaged(String),
}

/// The files of a commit that a pattern means, by path.
pub(crate) fn matches(
    snapshot: &mut Snapshot,
    commit: ObjectId,
    pattern: &Pattern,
    most: usize,
) -> Result<Vec<Match>, WalkError> {
    let (kind, bytes) = object(snapshot, commit)?;
    if kind != gix_object::Kind::Commit {
        return Err(WalkError::NotAFile("reference to something else than a commit"));
    }
    let root = CommitRefIter::from_bytes(&bytes, Kind::Sha1).tree_id().map_err(damaged)?;
    let mut walk = Walk { snapshot, pattern, most, found: Vec::new(), looked_at: 0 };
    walk.folder(root, "", 0)?;
    let mut found = walk.found;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

struct Walk<'walk> {
    snapshot: &'walk mut Snapshot,
    pattern: &'walk Pattern,
    most: usize,
    found: Vec<Match>,
    looked_at: usize,
}

impl Walk<'_> {
    fn folder(&mut self, tree: ObjectId, path: &str, depth: usize) -> Result<(), WalkError> {
        if depth > MAX_DEPTH {
            return Err(WalkError::TooMuch(format!("{MAX_DEPTH} folders within one another")));
        }
        let (_, bytes) = object(self.snapshot, tree)?;
        for entry in TreeRefIter::from_bytes(&bytes, Kind::Sha1) {
            let entry = entry.map_err(damaged)?;
            self.looked_at += 1;
            if self.looked_at > MAX_ENTRIES {
                return Err(WalkError::TooMuch(format!("{MAX_ENTRIES} files")));
            }
            let Some(name) = std::str::from_utf8(entry.filename).ok().filter(|name| is_plain(name)) else { continue };
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            if entry.mode.is_tree() {
                if self.pattern.enters(&path) {
                    self.folder(entry.oid.to_owned(), &path, depth + 1)?;
                }
            } else if self.pattern.matches(&path) {
                self.file(entry.mode, path, entry.oid.to_owned())?;
            }
        }
        Ok(())
    }

    fn file(&mut self, mode: gix_object::tree::EntryMode, path: String, content: ObjectId) -> Result<(), WalkError> {
        if mode.is_blob() {
            if self.found.len() >= self.most {
                return Err(WalkError::TooMuch(format!("{} files that match", self.most)));
            }
            self.found.push(Match { path, content });
        } else if self.pattern.exact().is_some() {
            return Err(WalkError::NotAFile(if mode.is_link() { "symbolic link" } else { "submodule" }));
        }
        Ok(())
    }
}

/// Whether a name can be one of a file: a repository from elsewhere may hold any bytes.
fn is_plain(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\\']) && !name.chars().any(char::is_control)
}

pub(crate) fn object(snapshot: &mut Snapshot, id: ObjectId) -> Result<(gix_object::Kind, Vec<u8>), WalkError> {
    let found = snapshot.object(id).map_err(damaged)?;
    found.ok_or_else(|| WalkError::Damaged(format!("the object {id} is missing")))
}

fn damaged(error: impl std::fmt::Display) -> WalkError {
    WalkError::Damaged(error.to_string())
}

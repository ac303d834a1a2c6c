//! Repositories on disk: one folder for each state of a repository that was read, with the packs that came. All of it can
//! be deleted at any time and comes again.

use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gix_error::{Error, Result};
use gix_hash::{Kind, ObjectId};
use gix_pack::Bundle;
use gix_utils::progress::Discard;

use crate::sources::git::session::Stop;
use crate::sources::version::fingerprint;

/// Most bytes of all repositories together.
const MAX_TOTAL: u64 = 1 << 30;
/// Most bytes of one object, which has to be in memory.
pub(crate) const MAX_OBJECT: usize = 64 << 20;
/// What begins with this is not finished.
const UNFINISHED: &str = ".new-";

/// The folder of all repositories.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    root: PathBuf,
}

/// A state that is being written. It is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Unfinished {
    folder: tempfile::TempDir,
    place: PathBuf,
}

impl Unfinished {
    /// Where its first pack belongs.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// One state of one repository.
pub(crate) struct Snapshot {
    folder: PathBuf,
    packs: Vec<Bundle>,
    inflate: gix_zlib::Inflate,
}

impl Store {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn folder(&self, repository: &str, commit: ObjectId) -> PathBuf {
        self.root.join(fingerprint([repository.as_bytes()])).join(commit.to_string())
    }

    /// What is there of a state; none when it is not there or was damaged.
    pub(crate) fn open(&self, repository: &str, commit: ObjectId) -> Option<Snapshot> {
        let folder = self.folder(repository, commit);
        let packs = packs_in(&folder).ok().filter(|packs| !packs.is_empty())?;
        Some(Snapshot { folder, packs, inflate: gix_zlib::Inflate::default() })
    }

    /// A place for a new state, which takes its own when it is whole.
    pub(crate) fn begin(&self, repository: &str, commit: ObjectId) -> io::Result<Unfinished> {
        let place = self.folder(repository, commit);
        let parent = place.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent)?;
        let folder = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(parent)?;
        Ok(Unfinished { folder, place })
    }

    /// Puts a new state in its place, over what was there.
    pub(crate) fn finish(&self, unfinished: Unfinished) -> io::Result<()> {
        let Unfinished { folder, place } = unfinished;
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        fs::rename(folder.keep(), &place)?;
        self.prune(&place);
        Ok(())
    }

    /// Removes what is oldest until the rest is small enough. What is in use stays usable until it is let go.
    fn prune(&self, newest: &Path) {
        let mut states: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for repository in folders_in(&self.root) {
            for state in folders_in(&repository) {
                let changed = fs::metadata(&state).and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
                states.push((changed, size_of(&state), state));
            }
        }
        let mut total: u64 = states.iter().map(|(_, size, _)| size).sum();
        states.sort();
        for (changed, size, state) in states {
            let name = state.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let abandoned = name.starts_with(UNFINISHED) && changed.elapsed().is_ok_and(|age| age.as_secs() > 3_600);
            if state == newest || (total <= MAX_TOTAL && !abandoned) {
                continue;
            }
            if let Err(error) = fs::remove_dir_all(&state) {
                tracing::debug!(%error, "a kept repository could not be removed");
                continue;
            }
            total = total.saturating_sub(size);
        }
    }
}

impl Snapshot {
    /// Takes in another pack.
    pub(crate) fn add(&mut self, pack: &mut dyn BufRead, stop: &Stop) -> Result<()> {
        write_pack(pack, &self.folder, stop)?;
        self.packs = packs_in(&self.folder)?;
        Ok(())
    }

    /// Whether an object is there.
    pub(crate) fn has(&self, id: ObjectId) -> bool {
        self.packs.iter().any(|pack| pack.index.lookup(id).is_some())
    }

    /// An object and its kind; none when it is not there.
    pub(crate) fn object(&mut self, id: ObjectId) -> Result<Option<(gix_object::Kind, Vec<u8>)>> {
        let mut bytes = Vec::new();
        for pack in &self.packs {
            let found = pack.find(&id, &mut bytes, &mut self.inflate, &mut gix_pack::cache::Never)?;
            if let Some(kind) = found.map(|(data, _)| data.kind) {
                return Ok(Some((kind, bytes)));
            }
        }
        Ok(None)
    }

    /// Forgets a state that turned out to be damaged.
    pub(crate) fn discard(self) {
        // What cannot be removed now is replaced by the next read.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Writes a pack and its index. Every object is checked against its name on the way.
pub(crate) fn write_pack(pack: &mut dyn BufRead, folder: &Path, stop: &Stop) -> Result<()> {
    let options = gix_pack::bundle::write::Options {
        thread_limit: Some(1),
        alloc_limit_bytes: Some(MAX_OBJECT),
        ..Default::default()
    };
    let nothing_else = None::<gix_object::find::Never>;
    let written =
        Bundle::write_to_directory(pack, Some(folder), &mut Discard, stop, nothing_else, Kind::Sha1, options)?;
    if let Some(keep) = written.keep_path {
        fs::remove_file(keep).map_err(Error::from_error)?;
    }
    Ok(())
}

fn packs_in(folder: &Path) -> Result<Vec<Bundle>> {
    let mut packs = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::from_error)? {
        let path = entry.map_err(Error::from_error)?.path();
        if path.extension().is_some_and(|extension| extension == "idx") {
            let Bundle { pack, index } = Bundle::at(&path, Kind::Sha1)?;
            packs.push(Bundle { pack: pack.with_alloc_limit_bytes(Some(MAX_OBJECT)), index });
        }
    }
    Ok(packs)
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    entries.flatten().filter(is_folder).map(|entry| entry.path()).collect()
}

fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum()
}

//! Notices when files change.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// Watches folders and tells of files that changed in them.
pub(crate) struct Watch {
    watcher: Option<RecommendedWatcher>,
    watched: HashMap<PathBuf, bool>,
    /// Whether some folder could not be watched, so that listing has to do.
    pub(crate) is_partial: bool,
}

impl Watch {
    /// Calls back with the files that changed; the callback runs on a thread of its own and must be quick.
    pub(crate) fn new(wanted: bool, mut changed: impl FnMut(Vec<PathBuf>) + Send + 'static) -> Self {
        let watcher = wanted.then(|| {
            notify::recommended_watcher(move |event: Result<Event, notify::Error>| match event {
                Ok(event) if tells_of_change(event.kind) => changed(event.paths),
                Ok(_) => {}
                // Whatever was missed is found by listing, so nothing is said of single files.
                Err(_) => changed(Vec::new()),
            })
        });
        let watcher = match watcher {
            Some(Ok(watcher)) => Some(watcher),
            Some(Err(error)) => {
                tracing::warn!(%error, "files cannot be watched; they are listed from time to time instead");
                None
            }
            None => None,
        };
        Self { is_partial: watcher.is_none(), watcher, watched: HashMap::new() }
    }

    /// Watches these folders and no others; true includes all that lies below. For one that does not exist, the nearest
    /// folder above it is watched.
    pub(crate) fn set(&mut self, folders: &[(PathBuf, bool)]) {
        let Some(watcher) = &mut self.watcher else { return };
        let mut wanted: HashMap<PathBuf, bool> = HashMap::new();
        for (folder, below) in folders {
            let exists = folder.ancestors().find(|ancestor| ancestor.is_dir()).unwrap_or(Path::new("/"));
            *wanted.entry(exists.to_owned()).or_default() |= *below && exists == folder;
        }
        let covered = |folder: &Path| folder.ancestors().skip(1).any(|above| wanted.get(above) == Some(&true));
        let wanted: HashMap<PathBuf, bool> = wanted
            .iter()
            .filter(|(folder, _)| !covered(folder))
            .map(|(folder, below)| (folder.clone(), *below))
            .collect();
        self.watched.retain(|folder, below| {
            let keep = wanted.get(folder) == Some(below) && folder.is_dir();
            if !keep {
                // A folder that is gone is no longer watched anyhow.
                let _ = watcher.unwatch(folder);
            }
            keep
        });
        for (folder, below) in wanted {
            if self.watched.contains_key(&folder) {
                continue;
            }
            let mode = if below { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            match watcher.watch(&folder, mode) {
                Ok(()) => {
                    self.watched.insert(folder, below);
                }
                Err(error) => {
                    if !self.is_partial {
                        tracing::warn!(folder = %folder.display(), %error, "a folder cannot be watched; it is listed from time to time instead");
                    }
                    self.is_partial = true;
                }
            }
        }
    }
}

/// Reading a file is no change.
fn tells_of_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

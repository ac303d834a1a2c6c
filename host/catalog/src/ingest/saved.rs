//! The index as a file in the cache: written when the portal ends, so that the next start need not build it anew.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use host_store::{Store, StoreError, create_private};

use super::load::{Stored, complete, remembered};
use super::plugins::were_left_open;
use super::state::EngineState;
use crate::index::{Index, Mark};
use crate::shared::Shared;

/// The file in the cache.
const FILE: &str = "catalog.index";

/// The catalog as it was when the portal ended, if the store is as it was and the program is the same.
pub(crate) fn restore(store: &Store, cache: &Path) -> Option<(EngineState, Shared)> {
    let mark = mark(store).ok()?;
    let bytes = std::fs::read(cache.join(FILE)).ok()?;
    let (index, state) = std::thread::scope(|scope| {
        let state = scope.spawn(|| remembered(store).ok());
        let index = Index::read(&bytes, &mark, Arc::new(Stored(store.catalog())));
        (index, state.join().ok().flatten())
    });
    drop(bytes);
    let (mut shared, mut state) = (Shared { index: index?, ..Shared::default() }, state?);
    for (entity_ref, _) in shared.index.iter().filter(|(_, found)| were_left_open(&found.findings)) {
        if let Some(meta) = state.entities.get_mut(&**entity_ref) {
            meta.retry = true;
        }
    }
    complete(store, &mut shared, &mut state).ok()?;
    Some((state, shared))
}

/// Writes the index, unless it is there already.
pub(crate) fn save(store: &Store, shared: &Shared, cache: &Path) -> Result<(), SaveError> {
    let mark = mark(store)?;
    let path = cache.join(FILE);
    if has(&path, &mark) {
        return Ok(());
    }
    std::fs::create_dir_all(cache)?;
    let part = path.with_extension("part");
    // What an end in the middle left behind.
    let _ = std::fs::remove_file(&part);
    let written = create_private(&part).and_then(|mut file| shared.index.write(&mark, &mut file));
    let written = written.and_then(|()| std::fs::rename(&part, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(part);
    }
    Ok(written?)
}

/// Why the index could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaveError {
    #[error(transparent)]
    File(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn mark(store: &Store) -> Result<Mark, SaveError> {
    let program = std::fs::metadata(std::env::current_exe()?)?;
    let built = program.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let build = format!("{} {} {}", env!("CARGO_PKG_VERSION"), program.len(), built.as_nanos());
    Ok(Mark { build, generation: store.catalog().generation_blocking()? })
}

fn has(path: &Path, mark: &Mark) -> bool {
    let mut start = Vec::new();
    let wanted = mark.start();
    let read = File::open(path).and_then(|file| BufReader::new(file).take(wanted.len() as u64).read_to_end(&mut start));
    read.is_ok() && start == wanted
}

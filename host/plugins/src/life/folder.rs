//! The drop folder: what is in it, and when to look again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use host_model::plugin::Reason;
use host_runtime::MAX_COMPONENT_BYTES;
use notify::{RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::settle::Stamp;

/// Every plugin file of the folder with what tells whether it has changed.
///
/// # Errors
/// When the folder cannot be listed.
pub(crate) fn list(folder: &Path) -> io::Result<BTreeMap<String, Stamp>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_plugin_file(&name) {
            continue;
        }
        // What cannot be looked at, as a link to nowhere, is listed all the same: reading it will say why.
        let stamp =
            fs::metadata(entry.path()).map_or(Stamp { length: 0, modified: SystemTime::UNIX_EPOCH }, |metadata| {
                Stamp { length: metadata.len(), modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH) }
            });
        files.insert(name, stamp);
    }
    Ok(files)
}

/// Whether a file of this name is meant as a plugin. Files that are still being written by tools have other names.
pub(crate) fn is_plugin_file(name: &str) -> bool {
    !name.starts_with('.')
        && Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wasm"))
}

/// A file's bytes and its stamp at the time.
///
/// # Errors
/// Why it cannot be read, for its administrator.
pub(crate) fn read(path: &Path) -> Result<(Arc<[u8]>, Stamp), Reason> {
    let unreadable = |error: io::Error| Reason {
        code: "unreadable".into(),
        message: format!("the file cannot be read: {error}; check its permissions, or copy it again"),
    };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        let message = "not a file; put the plugin's .wasm file itself into the folder";
        return Err(Reason { code: "unreadable".into(), message: message.into() });
    }
    let stamp = Stamp { length: metadata.len(), modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH) };
    let too_large = |length: u64| Reason {
        code: "too-large".into(),
        message: format!("too large: {length} bytes, at most {MAX_COMPONENT_BYTES} are accepted"),
    };
    if metadata.len() > MAX_COMPONENT_BYTES as u64 {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_COMPONENT_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_COMPONENT_BYTES {
        return Err(too_large(bytes.len() as u64));
    }
    Ok((bytes.into(), stamp))
}

/// Tells of changes as soon as the system does. The folder is listed regularly as well, since many mounts are silent.
pub(crate) struct FolderWatch {
    pub(crate) changed: Arc<Notify>,
    _watcher: Option<notify::RecommendedWatcher>,
}

impl FolderWatch {
    pub(crate) fn start(folder: &Path) -> Self {
        let changed = Arc::new(Notify::new());
        let signal = Arc::clone(&changed);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading a file is an event too, which must not lead to reading it again.
            if !event.is_ok_and(|event| matches!(event.kind, notify::EventKind::Access(_))) {
                signal.notify_one();
            }
        })
        .and_then(|mut watcher| watcher.watch(folder, RecursiveMode::NonRecursive).map(|()| watcher));
        if let Err(error) = &watcher {
            tracing::warn!(%error, "the plugin folder cannot be watched; it is listed every two seconds");
        }
        Self { changed, _watcher: watcher.ok() }
    }
}

/// The drop folder of a data folder.
pub(crate) fn of(data: &Path) -> PathBuf {
    data.join("plugins")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("a.wasm", true)]
    #[case("A.WASM", true)]
    #[case(".a.wasm", false)]
    #[case("a.wasm.tmp", false)]
    #[case("a.wasm.part", false)]
    #[case("a.wat", false)]
    #[case("wasm", false)]
    fn which_files_are_meant(#[case] name: &str, #[case] expected: bool) {
        assert_eq!(is_plugin_file(name), expected);
    }

    #[test]
    fn what_cannot_be_read_is_listed_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("good.wasm"), b"1234").unwrap();
        fs::write(folder.path().join("notes.txt"), b"").unwrap();
        fs::create_dir(folder.path().join("folder.wasm")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/nowhere/at/all", folder.path().join("link.wasm")).unwrap();

        let listed = list(folder.path()).unwrap();
        assert_eq!(listed["good.wasm"].length, 4);
        assert!(listed.contains_key("folder.wasm") && !listed.contains_key("notes.txt"));
        assert_eq!(read(&folder.path().join("good.wasm")).unwrap().0.as_ref(), b"1234");
        for bad in listed.keys().filter(|name| *name != "good.wasm") {
            assert_eq!(read(&folder.path().join(bad)).unwrap_err().code, "unreadable", "{bad}");
        }
        let large = fs::File::create(folder.path().join("large.wasm")).unwrap();
        large.set_len(MAX_COMPONENT_BYTES as u64 + 1).unwrap();
        assert_eq!(read(&folder.path().join("large.wasm")).unwrap_err().code, "too-large");
    }
}

//! Compiled code on disk. What is in it was written by this program and by nobody else: the directory is the owner's
//! alone, and every file carries its hash, since code that was damaged would be run as it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

const MAGIC: &[u8; 16] = b"callboard-cwasm1";
const HASH: usize = 32;

/// Where compiled code is kept, by the hash of its source and of the engine.
pub(crate) struct Cache {
    directory: PathBuf,
    engine: String,
    max_bytes: u64,
}

/// Bytes that were in the cache and whose hash was right.
pub(crate) struct Trusted(Vec<u8>);

impl Trusted {
    /// Bytes that this process has just been given by its own compiler.
    pub(crate) fn from_compiler(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Cache {
    /// Opens the directory, making it if need be, and throws out what other engines have left.
    ///
    /// # Errors
    /// When it cannot be made, or belongs to somebody else.
    pub(crate) fn open(directory: &Path, engine: &str, max_bytes: u64) -> io::Result<Self> {
        make_private(directory)?;
        let cache = Self { directory: directory.to_owned(), engine: engine.to_owned(), max_bytes };
        cache.tidy();
        Ok(cache)
    }

    /// The code for a source, if it is there and sound.
    pub(crate) fn get(&self, sha256: &str) -> Option<Trusted> {
        let path = self.path(sha256);
        let mut file = File::open(&path).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        if let Some(code) = verify(bytes) {
            // The time of the last use, by which the oldest are found.
            let _ = file.set_modified(SystemTime::now());
            return Some(Trusted(code));
        }
        tracing::warn!(file = %path.display(), "compiled code is damaged; it is compiled anew");
        self.remove(sha256);
        None
    }

    /// Keeps code, so that it is either there as a whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn put(&self, sha256: &str, code: &Trusted) -> io::Result<()> {
        let path = self.path(sha256);
        let part = self.scratch(sha256, "cwasm");
        let written = (|| {
            let mut file = create_private(&part)?;
            file.write_all(MAGIC)?;
            file.write_all(&Sha256::digest(code.bytes()))?;
            file.write_all(code.bytes())?;
            file.sync_all()?;
            fs::rename(&part, &path)?;
            File::open(&self.directory)?.sync_all()
        })();
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        self.tidy();
        written
    }

    /// Forgets the code for a source.
    pub(crate) fn remove(&self, sha256: &str) {
        let _ = fs::remove_file(self.path(sha256));
    }

    /// A name for a file that is being written.
    pub(crate) fn scratch(&self, sha256: &str, extension: &str) -> PathBuf {
        self.directory.join(format!(".{sha256}.{extension}.part"))
    }

    fn path(&self, sha256: &str) -> PathBuf {
        self.directory.join(format!("{sha256}-{}.cwasm", self.engine))
    }

    /// Removes unfinished files, code of other engines, and the least recently used of what is too much.
    fn tidy(&self) {
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        let suffix = format!("-{}.cwasm", self.engine);
        let mut kept = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let stale = (name.starts_with('.') && name.ends_with(".part")) || name.ends_with(".cwasm");
            if name.ends_with(&suffix) {
                if let Ok(metadata) = entry.metadata() {
                    kept.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len(), entry.path()));
                }
            } else if stale {
                let _ = fs::remove_file(entry.path());
            }
        }
        kept.sort();
        let mut total: u64 = kept.iter().map(|(_, length, _)| length).sum();
        for (_, length, path) in kept {
            if total <= self.max_bytes {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total -= length;
            }
        }
    }
}

/// The code within a file of the cache, when its hash is right.
fn verify(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let start = MAGIC.len() + HASH;
    let (head, code) = bytes.split_at_checked(start)?;
    let sound = head.starts_with(MAGIC) && head[MAGIC.len()..] == Sha256::digest(code)[..];
    sound.then(|| bytes.split_off(start))
}

/// Makes a directory that only its owner can read.
#[cfg(unix)]
fn make_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};

    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let metadata = fs::metadata(directory)?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the directory belongs to another user"));
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make_private(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

/// Makes a file that only its owner can read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_put_and_nothing_that_was_damaged() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(&directory.path().join("cache"), "e1", 1 << 20).unwrap();
        assert!(cache.get("a").is_none());
        cache.put("a", &Trusted::from_compiler(b"code".to_vec())).unwrap();
        assert_eq!(cache.get("a").unwrap().bytes(), b"code");
        for damage in [b"".to_vec(), b"code".to_vec(), {
            let mut bytes = fs::read(cache.path("a")).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            bytes
        }] {
            fs::write(cache.path("a"), damage).unwrap();
            assert!(cache.get("a").is_none());
            assert!(!cache.path("a").exists());
        }
    }

    #[test]
    fn throws_out_other_engines_unfinished_files_and_the_oldest() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a-e0.cwasm", ".b.cwasm.part", "readme.txt"] {
            fs::write(directory.path().join(name), "x").unwrap();
        }
        let cache = Cache::open(directory.path(), "e1", 120).unwrap();
        for (name, seconds) in [("a", 1), ("b", 2), ("c", 3)] {
            cache.put(name, &Trusted::from_compiler(b"12".to_vec())).unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            File::options().write(true).open(cache.path(name)).and_then(|file| file.set_modified(time)).ok();
        }
        let mut names: Vec<_> = fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["b-e1.cwasm", "c-e1.cwasm", "readme.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn keeps_the_directory_to_its_owner() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Cache::open(directory.path(), "e1", 1).unwrap();
        assert_eq!(fs::metadata(directory.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

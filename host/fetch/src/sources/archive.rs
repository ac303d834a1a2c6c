//! Files in archives: fetched into a file without a name, looked through, and never unpacked.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::read::MultiGzDecoder;
use http::StatusCode;
use percent_encoding::utf8_percent_encode;
use tokio::time::{Instant, sleep_until};
use url::Url;

use crate::sources::address::{SPECIAL, shown};
use crate::sources::error::{ReadError, size};
use crate::sources::exchange::{Exchange, Question};
use crate::sources::pattern::Pattern;
use crate::sources::version::{Version, fingerprint};
use crate::sources::web;
use crate::sources::{ReadFile, ReadLimits, Reading};

/// Most bytes of an archive as it comes.
const MAX_ARCHIVE: u64 = 128 << 20;
/// Most bytes that are unpacked on the way to the files that are wanted.
const MAX_UNPACKED: u64 = 1 << 30;
const MAX_ENTRIES: usize = 200_000;
/// Longest name of a file that is written in a record of its own.
const MAX_NAME: u64 = 64 * 1024;

/// Why an archive could not be looked through.
#[derive(Debug, thiserror::Error)]
enum ArchiveError {
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("it cannot be read: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("{0}")]
    TooMuch(String),
    #[error("it holds a path that leads out of it: {0}")]
    LeadsOut(String),
}

/// Reads the files in an archive that a pattern means, unless they are as they were.
pub(crate) async fn read(
    exchange: &Exchange,
    folder: &Path,
    (url, path): (&Url, &str),
    known: Option<&str>,
    limits: &ReadLimits,
    deadline: Instant,
) -> Result<Reading, ReadError> {
    let invalid = || ReadError::invalid(shown(url), "its pattern cannot be understood", None);
    let pattern = Pattern::new(path).ok_or_else(invalid)?;
    let known = Version::parse(known);
    let mut question = Question::get(url.clone(), MAX_ARCHIVE, deadline);
    question.headers = known.as_ref().map(Version::conditions).unwrap_or_default();
    let reply = exchange.send(question).await?;
    match reply.status {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED if known.is_some() => return Ok(Reading::Unchanged),
        status => return Err(web::refused(exchange, url, status)),
    }
    let headers = reply.headers.clone();
    let unwritable =
        |error: io::Error| ReadError::unavailable(shown(url), format!("the cache folder cannot be written: {error}"));
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let mut file = tempfile::tempfile_in(folder).map_err(unwritable)?;
    exchange.save(reply, &mut file).await?.map_err(unwritable)?;

    let stop = Arc::new(AtomicBool::new(false));
    let watch = tokio::spawn({
        let stop = Arc::clone(&stop);
        async move {
            sleep_until(deadline).await;
            stop.store(true, Ordering::Relaxed);
        }
    });
    let look = Look { pattern, limits: limits.clone(), stop, found: BTreeMap::new(), total: 0 };
    let found = tokio::task::spawn_blocking(move || look.through(file)).await;
    watch.abort();
    let found = found.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::InvalidData).into()));
    let found = found.map_err(|error| failure(url, &error))?;
    if found.is_empty() {
        return Err(ReadError::not_found(shown(url), format!("no file in it matches {path}")));
    }
    let version =
        Version::new(&headers, fingerprint(found.iter().flat_map(|(path, bytes)| [path.as_bytes(), &bytes[..]])));
    if known.is_some_and(|known| known.hash == version.hash) {
        return Ok(Reading::Unchanged);
    }
    let file = |(path, bytes): (String, Vec<u8>)| ReadFile {
        url: format!("{url}!/{}", utf8_percent_encode(&path, SPECIAL)),
        bytes,
    };
    Ok(Reading::Files { files: found.into_iter().map(file).collect(), version: Some(version.text()) })
}

fn failure(url: &Url, error: &ArchiveError) -> ReadError {
    match error {
        ArchiveError::TooMuch(reason) => ReadError::too_large(shown(url), reason.clone()),
        ArchiveError::Io(cause) if cause.kind() == io::ErrorKind::FileTooLarge => {
            ReadError::too_large(shown(url), format!("it unpacks to more than {}", size(MAX_UNPACKED)))
        }
        ArchiveError::Io(cause) if cause.kind() == io::ErrorKind::TimedOut => {
            ReadError::unavailable(shown(url), "looking through it took too long")
        }
        other => ReadError::unavailable(shown(url), other.to_string()),
    }
}

/// The search for files.
struct Look {
    pattern: Pattern,
    limits: ReadLimits,
    stop: Arc<AtomicBool>,
    found: BTreeMap<String, Vec<u8>>,
    total: u64,
}

impl Look {
    fn through(mut self, mut file: File) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
        file.rewind()?;
        let mut start = [0; 4];
        let length = file.read(&mut start)?;
        file.rewind()?;
        match &start[..length] {
            [b'P', b'K', ..] => self.zip(file)?,
            [0x1f, 0x8b, ..] => self.tar(MultiGzDecoder::new(io::BufReader::new(file)))?,
            _ => self.tar(file)?,
        }
        Ok(self.found)
    }

    /// Names that are written in records of their own are read here, so that their length has a bound.
    fn tar(&mut self, packed: impl Read) -> Result<(), ArchiveError> {
        let mut archive =
            tar::Archive::new(Watched { inner: packed, stop: Arc::clone(&self.stop), left: MAX_UNPACKED });
        let mut long_name = None;
        for (index, entry) in archive.entries()?.raw(true).enumerate() {
            if index > MAX_ENTRIES {
                return Err(ArchiveError::TooMuch(format!("it has more than {MAX_ENTRIES} files")));
            }
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
                if entry.size() > MAX_NAME {
                    return Err(ArchiveError::TooMuch("it has a name that is longer than any file's".into()));
                }
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                let name = if kind.is_gnu_longname() { Some(bytes) } else { path_record(&bytes) };
                long_name = name.or(long_name);
                continue;
            }
            let name = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
            if !kind.is_file() && !kind.is_contiguous() {
                continue;
            }
            if let Some(path) = self.wanted(&name)? {
                self.take(path, &mut entry)?;
            }
        }
        Ok(())
    }

    fn zip(&mut self, mut file: File) -> Result<(), ArchiveError> {
        if entries(&mut file)? > MAX_ENTRIES {
            return Err(ArchiveError::TooMuch(format!("it has more than {MAX_ENTRIES} files")));
        }
        let mut archive = zip::ZipArchive::new(file)?;
        for index in 0..archive.len() {
            let name = archive.name_for_index(index).and_then(Result::ok).unwrap_or_default().into_owned();
            let Some(path) = self.wanted(name.as_bytes())? else { continue };
            let entry = archive.by_index(index)?;
            if entry.is_file() && !entry.is_symlink() {
                let mut watched = Watched { inner: entry, stop: Arc::clone(&self.stop), left: MAX_UNPACKED };
                self.take(path, &mut watched)?;
            }
        }
        Ok(())
    }

    /// The path of a file that is wanted.
    fn wanted(&self, name: &[u8]) -> Result<Option<String>, ArchiveError> {
        let Ok(name) = std::str::from_utf8(name) else { return Ok(None) };
        let name = name.trim_end_matches('\0');
        if name.starts_with('/') || name.split(['/', '\\']).any(|part| part == "..") {
            let name = name.chars().filter(|character| !character.is_control()).take(100).collect();
            return Err(ArchiveError::LeadsOut(name));
        }
        let path = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/");
        Ok(self.pattern.matches(&path).then_some(path))
    }

    fn take(&mut self, path: String, content: &mut impl Read) -> Result<(), ArchiveError> {
        if self.found.len() >= self.limits.files && !self.found.contains_key(&path) {
            return Err(ArchiveError::TooMuch(format!("it has more than {} files that match", self.limits.files)));
        }
        let mut bytes = Vec::new();
        content.take(self.limits.file_bytes + 1).read_to_end(&mut bytes)?;
        let length = bytes.len() as u64;
        if length > self.limits.file_bytes {
            return Err(ArchiveError::TooMuch(format!("{path} has more than {}", size(self.limits.file_bytes))));
        }
        self.total += length;
        if self.total > self.limits.total_bytes {
            let most = size(self.limits.total_bytes);
            return Err(ArchiveError::TooMuch(format!("its files have more than {most} together")));
        }
        self.found.insert(path, bytes);
        Ok(())
    }
}

/// The path in a record of extended attributes, whose lines are `LENGTH KEY=VALUE`.
fn path_record(bytes: &[u8]) -> Option<Vec<u8>> {
    bytes.split(|byte| *byte == b'\n').find_map(|line| {
        let space = line.iter().position(|byte| *byte == b' ')?;
        line[space + 1..].strip_prefix(b"path=").map(<[u8]>::to_vec)
    })
}

/// How many files a zip archive says that it has, before anything is made of it.
fn entries(file: &mut File) -> io::Result<usize> {
    const SIGNATURE: &[u8] = b"PK\x01\x02";
    let (mut count, mut matched) = (0, 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            file.rewind()?;
            return Ok(count);
        }
        for byte in &buffer[..length] {
            matched = if *byte == SIGNATURE[matched] { matched + 1 } else { usize::from(*byte == SIGNATURE[0]) };
            if matched == SIGNATURE.len() {
                (count, matched) = (count + 1, 0);
            }
        }
    }
}

/// Ends when it has given enough, or when time is over.
struct Watched<R> {
    inner: R,
    stop: Arc<AtomicBool>,
    left: u64,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let length = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(length as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(length)
    }
}

#[cfg(test)]
mod tests;

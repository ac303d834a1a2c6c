//! A reader of addresses that is made up.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use host_ports::{SourceError, SourceFailure, SourceFile, SourceLimits, SourceRead, SourceReader};

/// What an address does.
enum Page {
    Files(Vec<SourceFile>, String),
    Fails(SourceError),
    Hangs,
    Panics,
}

/// Answers what tests have put behind addresses.
#[derive(Default)]
pub(crate) struct FakeReader {
    pages: Mutex<HashMap<String, Page>>,
    requests: AtomicUsize,
    versions: AtomicUsize,
}

impl FakeReader {
    /// Puts one file behind an address, under a new version.
    pub(crate) fn put(&self, address: &str, text: impl AsRef<[u8]>) {
        self.put_files(address, &[(address, text.as_ref())]);
    }

    /// Puts files behind an address, under a new version.
    pub(crate) fn put_files(&self, address: &str, files: &[(&str, &[u8])]) {
        let version = format!("v{}", self.versions.fetch_add(1, Ordering::SeqCst));
        let file = |(url, bytes): &(&str, &[u8])| SourceFile { url: (*url).to_owned(), bytes: bytes.to_vec() };
        self.set(address, Page::Files(files.iter().map(file).collect(), version));
    }

    pub(crate) fn fail(&self, address: &str, message: &str) {
        self.set(address, Page::Fails(self.failure(message)));
    }

    pub(crate) fn failure(&self, message: &str) -> SourceError {
        SourceError::new(SourceFailure::Unavailable, message).hint("look at the server")
    }

    pub(crate) fn hang(&self, address: &str) {
        self.set(address, Page::Hangs);
    }

    pub(crate) fn panic(&self, address: &str) {
        self.set(address, Page::Panics);
    }

    pub(crate) fn remove(&self, address: &str) {
        self.pages.lock().unwrap().remove(address);
    }

    /// How often something was read.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn set(&self, address: &str, page: Page) {
        self.pages.lock().unwrap().insert(address.to_owned(), page);
    }
}

#[async_trait]
impl SourceReader for FakeReader {
    async fn read(&self, url: &str, known: Option<&str>, limits: &SourceLimits) -> Result<SourceRead, SourceError> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.check(url)?;
        let hangs = {
            let pages = self.pages.lock().unwrap();
            match pages.get(url) {
                None => return Err(SourceError::new(SourceFailure::NotFound, format!("{url} is not there"))),
                Some(Page::Fails(error)) => return Err(error.clone()),
                Some(Page::Files(_, version)) if known == Some(version) => return Ok(SourceRead::Unchanged),
                Some(Page::Files(files, version)) => {
                    if files.iter().any(|file| file.bytes.len() as u64 > limits.file_bytes) {
                        return Err(SourceError::new(SourceFailure::TooLarge, format!("{url} is too large")));
                    }
                    return Ok(SourceRead::Files { files: files.clone(), version: Some(version.clone()) });
                }
                Some(Page::Hangs) => true,
                Some(Page::Panics) => false,
            }
        };
        assert!(hangs, "this address breaks its reader");
        std::future::pending().await
    }

    fn resolve(&self, base: &str, target: &str) -> Result<String, SourceError> {
        let invalid = |_| SourceError::new(SourceFailure::Invalid, format!("{target} is no address"));
        let resolved = url::Url::parse(base).and_then(|base| base.join(target)).map_err(invalid)?.to_string();
        self.check(&resolved)?;
        Ok(resolved)
    }

    fn check(&self, url: &str) -> Result<(), SourceError> {
        let is_known = url.starts_with("https://") || url.starts_with("git@");
        if is_known && !url.starts_with("https://forbidden/") {
            return Ok(());
        }
        let hint = "add it to backend.reading.allow";
        Err(SourceError::new(SourceFailure::NotAllowed, format!("{url} may not be read")).hint(hint))
    }
}

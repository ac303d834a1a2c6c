//! Archives from a server on loopback, and archives that mean no good.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::Response;
use http_body_util::Full;
use rstest::rstest;

use super::*;
use crate::fetcher::Fetcher;
use crate::sources::{AllowedHost, Sources, SourcesConfig};
use crate::testing::Server;

const LIMITS: ReadLimits = ReadLimits { file_bytes: 1000, files: 3, total_bytes: 2000 };

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A tar archive. Names are written as they are, however odd.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if name.len() <= 100 && name.contains("..") {
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        } else {
            builder.append_data(&mut header, name.trim_start_matches('/'), *bytes).unwrap();
        }
    }
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    builder.append_link(&mut link, "d/link.yaml", "/etc/passwd").unwrap();
    builder.into_inner().unwrap()
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

struct Served {
    server: Server,
    sources: Sources,
    cache: tempfile::TempDir,
}

impl Served {
    async fn start(bytes: Vec<u8>) -> Self {
        let server = Server::start(move |_, request| {
            let is_known = request.headers().get("if-none-match").is_some_and(|known| known == "\"1\"");
            let (status, body) = if is_known { (304, Vec::new()) } else { (200, bytes.clone()) };
            let answer = Response::builder().status(status).header("etag", "\"1\"");
            answer.header("content-type", "application/octet-stream").body(Full::from(body)).unwrap()
        })
        .await;
        let cache = tempfile::tempdir().unwrap();
        let mut config = SourcesConfig::new(cache.path().to_owned());
        config.allow =
            vec![AllowedHost { host: server.address.to_string(), paths: None, allow_private_network: false }];
        Self { sources: Sources::new(Fetcher::default(), config), server, cache }
    }

    async fn read(&self, path: &str, known: Option<&str>) -> Result<Reading, ReadError> {
        let reading = self.sources.read(&format!("{}{path}", self.root()), known, &LIMITS).await;
        assert_eq!(std::fs::read_dir(self.cache.path()).unwrap().count(), 0, "nothing stays behind");
        reading
    }

    fn root(&self) -> String {
        format!("http://{}/catalog.tar.gz!/", self.server.address)
    }
}

#[rstest]
#[case::gzip(gzip(&tar(&[("d/a.yaml", b"a"), ("./d/b.yaml", b"b"), ("d/readme.md", b"no")])))]
#[case::unpacked_on_the_way(tar(&[("d/a.yaml", b"a"), ("d/b.yaml", b"b")]))]
#[case::zip(zip_of(&[("d/a.yaml", b"a"), ("d/b.yaml", b"b"), ("e.yaml", b"no")]))]
#[tokio::test]
async fn files_in_archives(#[case] bytes: Vec<u8>) {
    let served = Served::start(bytes).await;
    let Reading::Files { files, version } = served.read("d/*.yaml", None).await.unwrap() else { panic!("it is new") };
    let found: Vec<(String, &[u8])> = files.iter().map(|file| (file.url.clone(), &file.bytes[..])).collect();
    let expected = [("d/a.yaml", &b"a"[..]), ("d/b.yaml", &b"b"[..])];
    assert_eq!(found, expected.map(|(path, bytes)| (format!("{}{path}", served.root()), bytes)));
    assert_eq!(served.read("d/*.yaml", version.as_deref()).await.unwrap(), Reading::Unchanged);
    assert_eq!(served.server.seen().len(), 2);
    let error = served.read("x.yaml", None).await.unwrap_err();
    assert!(matches!(error, ReadError::NotFound { .. }), "{error:?}");
    let again = served.sources.read(&found[0].0, None, &LIMITS).await.unwrap();
    assert!(matches!(again, Reading::Files { files, .. } if files.len() == 1));
}

#[tokio::test]
async fn long_names_are_read() {
    let name = format!("{}/a.yaml", "d".repeat(200));
    let served = Served::start(gzip(&tar(&[(&name, b"a")]))).await;
    assert!(served.read("*/a.yaml", None).await.is_ok());
}

#[rstest]
#[case::upwards(gzip(&tar(&[("../../a.yaml", b"a")])), "leads out of it")]
#[case::upwards_in_zip(zip_of(&[("../a.yaml", b"a")]), "leads out of it")]
#[case::large_file(gzip(&tar(&[("a.yaml", &[b'a'; 1001])])), "more than 1000 bytes")]
#[case::large_in_zip(zip_of(&[("a.yaml", &[0; 1 << 20])]), "more than 1000 bytes")]
#[case::large_together(gzip(&tar(&[("a.yaml", &[0; 900]), ("b.yaml", &[0; 900]), ("c.yaml", &[0; 900])])), "together")]
#[case::many(gzip(&tar(&[("a.yaml", b""), ("b.yaml", b""), ("c.yaml", b""), ("d.yaml", b"")])), "more than 3 files")]
#[case::truncated(gzip(&tar(&[("z.yaml", b"a")]))[..40].to_vec(), "cannot be read")]
#[case::truncated_zip(zip_of(&[("a.yaml", b"a")])[..30].to_vec(), "cannot be read")]
#[case::rubbish(b"this is no archive, however long one looks at it".repeat(30), "cannot be read")]
#[tokio::test]
async fn archives_that_mean_no_good(#[case] bytes: Vec<u8>, #[case] reason: &str) {
    let served = Served::start(bytes).await;
    let error = served.read("**/*.yaml", None).await.unwrap_err();
    assert!(error.to_string().contains(reason), "{error:?}");
}

#[test]
fn what_unpacks_without_end_is_cut_off() {
    let stop = Arc::new(AtomicBool::new(false));
    let mut watched = Watched { inner: io::repeat(0), stop: Arc::clone(&stop), left: 1 << 20 };
    let error = io::copy(&mut watched, &mut io::sink()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    stop.store(true, Ordering::Relaxed);
    let mut watched = Watched { inner: io::repeat(0), stop, left: 1 << 20 };
    assert_eq!(watched.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[test]
fn a_name_without_end_is_refused() {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(MAX_NAME + 1);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.resize(bytes.len() + 200_000, b'a');
    let pattern = Pattern::new("*").unwrap();
    let stop = Arc::default();
    let mut look = Look { pattern, limits: LIMITS, stop, found: BTreeMap::new(), total: 0 };
    assert!(matches!(look.tar(&bytes[..]), Err(ArchiveError::TooMuch(_))));
}

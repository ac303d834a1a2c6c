//! Reads files, within bounds.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use host_model::Diagnostic;
use host_yaml::{Limits, parse_bytes};

use super::prepare::{Candidate, Context, Prepared, prepare_document};
use super::reach::{Allowed, Reach, Refusal};
use super::state::{Finding, Stamp, Target};
use crate::declared::Model;
use crate::validate::formats::is_kind;
use crate::validate::kinds::{self, KINDS, OURS};

/// A file that changed less than this before it was read may change again without its time telling.
const YOUNG: Duration = Duration::from_secs(2);

/// Most kinds that are not built in of which a file's outcome depends.
const MOST_KINDS: usize = 100;

/// What a file gave.
#[derive(Debug, Default)]
pub(crate) struct FileRead {
    /// The file first, then what its placeholders included.
    pub(crate) stamps: Vec<Stamp>,
    pub(crate) candidates: Vec<Candidate>,
    /// Documents that are no entities: their numbers, and which entities they were meant to be.
    pub(crate) broken: Vec<(usize, Option<String>)>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) targets: Vec<Target>,
    /// The kinds that its lines name, in lower case, as far as they are not built in.
    pub(crate) kinds: BTreeSet<String>,
}

/// Reads a regular file of at most `limit` bytes.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> Result<(Vec<u8>, Stamp), String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let too_long = || format!("it is longer than {limit} bytes");
    if metadata.len() > limit {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(too_long());
    }
    let (size, modified) = fingerprint(&metadata);
    let stamp = Stamp { path: path.to_owned(), size, modified, hash: crate::hash::of(&bytes) };
    Ok((bytes, stamp))
}

fn fingerprint(metadata: &Metadata) -> (u64, u64) {
    let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
    let is_young = SystemTime::now().duration_since(modified).is_ok_and(|age| age < YOUNG);
    let nanoseconds = modified.duration_since(UNIX_EPOCH).map_or(0, |age| u64::try_from(age.as_nanos()).unwrap_or(0));
    (metadata.len(), if is_young { 0 } else { nanoseconds })
}

/// Whether a file still is as it was, as far as its size and time can tell.
pub(crate) fn seems_unchanged(stamp: &Stamp) -> bool {
    let Ok(metadata) = std::fs::metadata(&stamp.path) else { return stamp.is_missing() };
    let modified = metadata.modified().unwrap_or(UNIX_EPOCH).duration_since(UNIX_EPOCH);
    let nanoseconds = modified.map_or(0, |age| u64::try_from(age.as_nanos()).unwrap_or(0));
    stamp.modified != 0 && stamp.size == metadata.len() && stamp.modified == nanoseconds
}

/// Whether a file that a folder's listing found is meant for the catalog: by its name, or by what its lines begin with.
/// The skeleton of a descriptor, whose name a template fills in, is not.
pub(crate) fn looks_like_descriptors(path: &Path, bytes: &[u8], model: &Model) -> bool {
    if is_skeleton(bytes) {
        return false;
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if matches!(name, "catalog-info.yaml" | "catalog-info.yml") {
        return true;
    }
    let is_known = |kind: &str| {
        KINDS.iter().any(|known| known.name == kind)
            || model.kind(kind).is_some_and(|known| known.kind.name == kind)
            || model.broken(kind).is_some()
    };
    bytes.split(|byte| *byte == b'\n').any(|line| {
        let ours = |version: String| version.contains("backstage.io/") || version == OURS;
        value_of(line, "apiVersion:").is_some_and(ours) || value_of(line, "kind:").is_some_and(|kind| is_known(&kind))
    })
}

/// The kinds that a file's lines name, in lower case, as far as they are not built in.
pub(crate) fn foreign_kinds(bytes: &[u8]) -> BTreeSet<String> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let kinds = lines.filter_map(|line| value_of(line, "kind:")).filter(|kind| is_kind(kind));
    kinds.map(|kind| kind.to_lowercase()).filter(|kind| kinds::kind(kind).is_none()).take(MOST_KINDS).collect()
}

/// What stands behind a key at the beginning of a line.
fn value_of(line: &[u8], key: &str) -> Option<String> {
    let value = line.strip_prefix(key.as_bytes())?;
    Some(String::from_utf8_lossy(value).trim().trim_matches(['"', '\'']).to_owned())
}

/// Whether the file leaves its entity's name or kind to a template: `name: ${{ values.name }}`.
fn is_skeleton(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').any(|line| {
        let line = String::from_utf8_lossy(line);
        let field = line.trim_start();
        let is_envelope = (line.starts_with("kind:")) || (field.starts_with("name:") && line.len() - field.len() <= 4);
        is_envelope
            && field
                .split_once(':')
                .is_some_and(|(_, value)| value.trim().trim_start_matches(['"', '\'']).starts_with("${{"))
    })
}

/// Opens a file that a location leads to.
pub(crate) fn open(path: &Path, allowed: &Allowed, limit: u64) -> Result<(Vec<u8>, Stamp), Box<Diagnostic>> {
    let shown = path.display();
    let unreadable =
        |error: String| Box::new(Diagnostic::error("location/unreadable", format!("{shown} cannot be read: {error}")));
    match allowed.resolve(path) {
        Ok(real) => {
            let (bytes, stamp) = read_bounded(&real, limit).map_err(unreadable)?;
            // The path as written: it is what people know, and what is watched.
            Ok((bytes, Stamp { path: path.to_owned(), ..stamp }))
        }
        Err(Refusal::Outside) => {
            let message = format!("{shown} lies outside the folders that may be read");
            let hint = "name it, or a folder above it, under catalog.locations";
            Err(Box::new(Diagnostic::error("location/outside", message).hint(hint)))
        }
        Err(Refusal::Unreadable(error)) => Err(unreadable(error)),
    }
}

/// Reads every document of a file. `base` is its path or address, and `label` what messages call it.
pub(crate) fn read_file(
    base: &str,
    label: &str,
    bytes: &[u8],
    reach: &mut dyn Reach,
    context: &Context<'_>,
) -> FileRead {
    let mut read = FileRead { kinds: foreign_kinds(bytes), ..FileRead::default() };
    let text: Arc<str> = String::from_utf8_lossy(bytes).into();
    let label: Arc<str> = label.into();
    for document in parse_bytes(bytes, &Limits::default()) {
        let index = document.index;
        match prepare_document(document, &text, base, &label, reach, context) {
            Prepared::Entity(candidate, targets) => {
                read.targets.extend(targets.found);
                let finding = |diagnostic| Finding::new(diagnostic, Some(candidate.entity_ref.clone()));
                read.findings.extend(targets.problems.into_iter().map(finding));
                read.candidates.push(*candidate);
            }
            Prepared::Broken(entity, findings) => {
                read.broken.push((index, entity));
                read.findings.extend(findings);
            }
        }
    }
    read
}

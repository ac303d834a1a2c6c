//! Checks files without a server: the same reader and the same rules of form as ingestion, and nothing is stored.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use host_model::address::short_form;
use host_model::{Diagnostic, Entity, Place, Severity};
use url::Url;

use crate::declared::{Model, is_declaration};
use crate::ingest::{
    Allowed, Context, Files, Target, base, clean, expand, looks_like_descriptors, open, read_file, unreadable_type,
};
use crate::{CatalogLimits, shared};

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// In the order of files and lines.
    pub diagnostics: Vec<Diagnostic>,
    /// How many files hold descriptors.
    pub files: usize,
    /// How many entities are in order.
    pub entities: usize,
}

/// A reference that something should have.
struct Wanted {
    target: String,
    place: Option<Place>,
    pointer: String,
}

/// Checks files, folders and patterns, and what their Location entities point to in the same folders. Every kind is
/// allowed, since the configuration decides that. References to what is not among the files are told as information.
///
/// What the files declare holds for all of them, in whatever order they come.
pub fn check(paths: &[PathBuf]) -> CheckReport {
    let (report, declared) = look(paths, &Model::default());
    if declared.is_empty() {
        return report;
    }
    let entities = declared.iter().map(|(entity_ref, entity)| (entity_ref.as_str(), entity));
    look(paths, &Model::new(entities, HashMap::new(), String::new())).0
}

/// Checks files against a model, and gives what they declare as well.
fn look(paths: &[PathBuf], model: &Model) -> (CheckReport, BTreeMap<String, Entity>) {
    let limits = CatalogLimits::default();
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    let targets: Vec<PathBuf> = paths.iter().map(|path| clean(&here.join(path))).collect();
    let folders: Vec<PathBuf> = targets.iter().map(|target| base(&target.display().to_string())).collect();
    let allowed = Allowed::new(folders.iter().map(PathBuf::as_path));
    // Messages name files as the caller named them: relative to where they are, unless a path was absolute.
    let absolute = paths.iter().any(|path| path.is_absolute());
    let label = |path: &Path| match path.strip_prefix(&here) {
        Ok(inner) if !absolute => inner.display().to_string(),
        _ => path.display().to_string(),
    };
    let mut report = CheckReport::default();
    let mut declared: BTreeMap<String, Entity> = BTreeMap::new();
    let mut open_targets: Vec<(String, bool, Option<Place>)> =
        targets.iter().rev().map(|target| (target.display().to_string(), false, None)).collect();
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut defined: HashMap<String, String> = HashMap::new();
    let mut wanted: Vec<Wanted> = Vec::new();
    while let Some((target, optional, place)) = open_targets.pop() {
        let expanded = expand(&target, optional, limits.files);
        report.diagnostics.extend(expanded.problem.map(|problem| match place.clone() {
            Some(place) => problem.at(place),
            None => problem.at(Place { file: Some(label(Path::new(&target))), line: 1, column: 1 }),
        }));
        for path in expanded.files {
            if !seen.insert(path.clone()) {
                continue;
            }
            let name = label(&path);
            let (bytes, stamp) = match open(&path, &allowed, limits.file_bytes) {
                Ok(opened) => opened,
                Err(diagnostic) => {
                    let place = place.clone().unwrap_or(Place { file: Some(name), line: 1, column: 1 });
                    report.diagnostics.push(diagnostic.at(place));
                    continue;
                }
            };
            if expanded.is_listing && !looks_like_descriptors(&path, &bytes, model) {
                continue;
            }
            report.files += 1;
            let location = format!("file:{}", path.display());
            let context = Context {
                location: &location,
                origin: &location,
                origin_type: "file",
                origin_target: &target,
                rules: None,
                model,
                limits: &limits,
                forges: &[],
                keeps_places: &|_| true,
            };
            let mut files = Files::new(&allowed, limits.include_bytes, stamp);
            let read = read_file(&path.display().to_string(), &name, &bytes, &mut files, &context);
            report.diagnostics.extend(read.findings.into_iter().map(|finding| finding.diagnostic));
            for candidate in read.candidates {
                report.entities += 1;
                report.diagnostics.extend(candidate.findings);
                let place = |pointer: &str| candidate.written.as_ref().map(|written| written.place(pointer, false));
                if let Some(first) = defined.get(&candidate.entity_ref) {
                    let message =
                        format!("{} is already defined in {first}; this one is ignored", candidate.entity_ref);
                    let mut diagnostic =
                        Diagnostic::warning("entity/conflict", message).hint("rename one of them, or remove it");
                    diagnostic.place = place("/metadata/name");
                    report.diagnostics.push(diagnostic);
                } else {
                    defined.insert(candidate.entity_ref.clone(), name.clone());
                    if is_declaration(&candidate.entity_ref) {
                        declared.insert(candidate.entity_ref.clone(), candidate.entity.clone());
                    }
                }
                wanted.extend(candidate.references.iter().map(|reference| Wanted {
                    target: reference.target.clone(),
                    place: place(&reference.pointer),
                    pointer: reference.pointer.clone(),
                }));
            }
            for target in read.targets {
                let place = Place { file: Some(name.clone()), line: target.line, column: target.column };
                if target.location_type == "file" {
                    open_targets.push((target.target, target.optional, Some(place)));
                } else {
                    report.diagnostics.extend(unread(&target).map(|found| found.at(place)));
                }
            }
        }
    }
    for wanted in wanted.into_iter().filter(|wanted| !defined.contains_key(&wanted.target)) {
        let message = format!("{} is not among the files that were checked", wanted.target);
        let mut diagnostic = Diagnostic::new(Severity::Info, "entity/unresolved", message).pointer(wanted.pointer);
        diagnostic.place = wanted.place;
        report.diagnostics.push(diagnostic);
    }
    for file in report.diagnostics.iter_mut().filter_map(|found| found.place.as_mut()?.file.as_mut()) {
        *file = label(Path::new(file.as_str()));
    }
    shared::order(&mut report.diagnostics);
    (report, declared)
}

/// What is wrong with a target that is no file of this machine, as far as that can be told without a network.
fn unread(target: &Target) -> Option<Diagnostic> {
    let address = &target.target;
    match target.location_type.as_str() {
        "url" if is_complete(address) => None,
        "url" => {
            let message = format!("{address} is no complete address");
            let hint = "give an address such as https://…, or a path with type: file";
            Some(Diagnostic::error("location/invalid", message).hint(hint))
        }
        other => Some(unreadable_type(other, address)),
    }
}

/// Whether an address says how and on which host it is read.
fn is_complete(address: &str) -> bool {
    let url = Url::parse(address.strip_prefix("git+").unwrap_or(address));
    let is_known = |url: Url| url.has_host() && matches!(url.scheme(), "http" | "https" | "ssh");
    short_form(address).is_some() || url.is_ok_and(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT: &str =
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a}\nspec: {type: service, ";

    fn location(spec: &str) -> String {
        format!("apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: a}}\nspec: {{{spec}}}\n")
    }

    #[test]
    fn everything_that_is_wrong_with_a_file_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        let references = "owner: 'group:', dependsOn: [foo]}\n";
        for (text, expected) in [
            (
                format!("{COMPONENT}lifecycle: '', {references}"),
                vec!["entity/format 4:34", "entity/reference 4:45", "entity/reference 4:67"],
            ),
            (
                format!("{COMPONENT}lifecycle: a, lifecycle: b, {references}"),
                vec!["yaml/duplicate-key 4:37", "entity/reference 4:58", "entity/reference 4:80"],
            ),
            (format!("{COMPONENT}lifecycle: [}}\n"), vec!["yaml/syntax 4:34"]),
            (location("type: http, target: x"), vec!["location/type 4:28"]),
            (location("type: url, target: not an address"), vec!["location/invalid 4:27"]),
            (location("type: url, target: 'ftp://a.example/b.yaml'"), vec!["location/invalid 4:27"]),
            (location("type: url, target: 'https://a.example/b.yaml'"), vec![]),
            (location("type: url, target: 'git@a.example:b/c.git/blob/main/d.yaml'"), vec![]),
        ] {
            std::fs::write(&path, &text).unwrap();
            let found = check(std::slice::from_ref(&path)).diagnostics.into_iter();
            let found = found.filter(|found| found.severity > Severity::Info).map(|found| {
                let place = found.place.unwrap();
                format!("{} {}:{}", found.code, place.line, place.column)
            });
            assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
        }
    }
}

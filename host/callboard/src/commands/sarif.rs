//! Findings as SARIF 2.1.0, in the form that code hosts want for pull requests: a described rule for each code, and for each
//! finding a place relative to the repository and a fingerprint that survives other lines' changes.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use host_model::{Diagnostic, Severity};
use serde_json::{Value, json};

use super::rules;
use crate::paths::plain;

/// Code hosts refuse more results of one run.
const MOST_RESULTS: usize = 25_000;

/// Where the addresses of results begin.
pub(super) struct Base {
    /// The working directory, to which findings' files are relative.
    here: PathBuf,
    /// The repository around it, or the working directory itself.
    root: PathBuf,
}

impl Base {
    /// The repository around a working directory.
    pub(super) fn of(here: &Path) -> Self {
        let root = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(here);
        Self { here: here.to_owned(), root: root.to_owned() }
    }

    /// The address of a file: relative to the root, or with a scheme where it lies outside.
    fn address(&self, file: &str) -> Value {
        let path = plain(&self.here.join(file));
        match path.strip_prefix(&self.root) {
            Ok(inner) => json!({ "uri": encoded(&inner.to_string_lossy()), "uriBaseId": "%SRCROOT%" }),
            Err(_) => json!({ "uri": format!("file://{}", encoded(&path.to_string_lossy())) }),
        }
    }
}

/// The document for one run. `usual` is the file that a finding without a place is shown at, since code hosts refuse
/// findings without one.
pub(super) fn document(findings: &[Diagnostic], base: &Base, usual: &str) -> Value {
    let mut worst_first: Vec<&Diagnostic> = findings.iter().collect();
    worst_first.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    worst_first.truncate(MOST_RESULTS);
    let mut levels: BTreeMap<&str, Severity> = BTreeMap::new();
    for finding in &worst_first {
        let level = levels.entry(&finding.code).or_insert(finding.severity);
        *level = (*level).max(finding.severity);
    }
    let indices: HashMap<&str, usize> = levels.keys().enumerate().map(|(index, code)| (*code, index)).collect();
    let mut prints = Fingerprints::default();
    let results: Vec<Value> = worst_first
        .iter()
        .map(|finding| {
            let mut result = result(finding, base, usual);
            result["ruleIndex"] = json!(indices[finding.code.as_str()]);
            result["partialFingerprints"] = json!({ "primaryLocationLineHash": prints.of(finding, base) });
            result
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "callboard",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": levels.iter().map(|(code, severity)| rule(code, *severity)).collect::<Vec<_>>()
            } },
            "automationDetails": { "id": "callboard-check/" },
            "originalUriBaseIds": { "%SRCROOT%": { "uri": format!("file://{}/", encoded(&base.root.to_string_lossy()).trim_end_matches('/')) } },
            "columnKind": "unicodeCodePoints",
            "results": results
        }]
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn rule(code: &str, severity: Severity) -> Value {
    let (short, help) = rules::describe(code);
    json!({
        "id": code,
        "name": name(code),
        "shortDescription": { "text": short },
        "fullDescription": { "text": short },
        "help": { "text": help, "markdown": help },
        "defaultConfiguration": { "level": level(severity) },
        "properties": { "tags": ["catalog"], "precision": "very-high", "problem.severity": match severity {
            Severity::Info => "recommendation",
            other => level(other),
        } }
    })
}

/// A code as a name: `entity/bad-name` is `EntityBadName`.
fn name(code: &str) -> String {
    let words = code.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

fn result(finding: &Diagnostic, base: &Base, usual: &str) -> Value {
    let text = match &finding.hint {
        Some(hint) => format!("{} Hint: {hint}", finding.message),
        None => finding.message.clone(),
    };
    let place = finding.place.as_ref();
    let file = place.and_then(|place| place.file.as_deref()).unwrap_or(usual);
    // Lines and columns begin with 1; what has none is about the whole file.
    let (line, column) = place.map_or((1, 1), |place| (place.line.max(1), place.column.max(1)));
    json!({
        "ruleId": finding.code,
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": base.address(file),
            "region": { "startLine": line, "startColumn": column }
        } }]
    })
}

/// A finding's fingerprint says what is wrong and on which words, not on which line, so that it stays the same when lines
/// are added above.
#[derive(Default)]
struct Fingerprints {
    texts: HashMap<String, Vec<String>>,
    seen: HashMap<u64, usize>,
}

impl Fingerprints {
    fn of(&mut self, finding: &Diagnostic, base: &Base) -> String {
        let mut line = String::new();
        if let Some(place) = &finding.place
            && let Some(file) = &place.file
        {
            let lines = self.texts.entry(file.clone()).or_insert_with(|| {
                let text = super::check::text_of(file).unwrap_or_default();
                text.lines().map(|line| line.trim().to_owned()).collect()
            });
            let index = usize::try_from(place.line).unwrap_or_default().saturating_sub(1);
            let line_there = lines.get(index).map(String::as_str).unwrap_or_default();
            // The address, since it is the same however the file was named.
            line = format!("{}\0{line_there}", base.address(file)["uri"]);
        }
        let pointer = finding.pointer.as_deref().unwrap_or_default();
        let print = hash(&format!("{}\0{line}\0{pointer}", finding.code));
        let number = self.seen.entry(print).or_default();
        *number += 1;
        format!("{print:016x}:{number}")
    }
}

/// FNV-1a: small, and the same in every build, which fingerprints have to be.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A path as a part of a URI.
fn encoded(path: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let byte = |byte: u8| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.replace('\\', "/").bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use host_model::Place;

    use super::*;

    fn at(file: &str, line: u32, column: u32) -> Place {
        Place { file: Some(file.to_owned()), line, column }
    }

    #[test]
    fn tells_rule_level_and_place() {
        let base = Base { here: "/repo/sub".into(), root: "/repo".into() };
        let findings = [
            Diagnostic::warning("entity/tag", "Bad tag.").at(at("a b/catalog-info.yaml", 3, 5)).hint("Use lower case."),
            Diagnostic::error("entity/name", "Bad name.").at(at("/elsewhere/x.yaml", 0, 0)),
            Diagnostic::error("file/unreadable", "Cannot be read."),
        ];
        let document = document(&findings, &base, "catalog");
        let run = &document["runs"][0];
        assert_eq!(run["originalUriBaseIds"]["%SRCROOT%"]["uri"], "file:///repo/");
        let results = run["results"].as_array().unwrap();
        let places: Vec<String> = results
            .iter()
            .map(|result| {
                let place = &result["locations"][0]["physicalLocation"];
                let rule =
                    &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
                assert_eq!(rule["id"], result["ruleId"]);
                for key in ["shortDescription", "fullDescription", "help"] {
                    assert!(!rule[key]["text"].as_str().unwrap().is_empty(), "{rule}");
                }
                let region = &place["region"];
                let uri = place["artifactLocation"]["uri"].as_str().unwrap();
                format!("{} {uri} {}:{}", result["level"].as_str().unwrap(), region["startLine"], region["startColumn"])
            })
            .collect();
        assert_eq!(
            places,
            ["error file:///elsewhere/x.yaml 1:1", "error sub/catalog 1:1", "warning sub/a%20b/catalog-info.yaml 3:5",]
        );
        assert_eq!(results[2]["message"]["text"], "Bad tag. Hint: Use lower case.");
    }

    #[test]
    fn fingerprints_stay_when_lines_move_and_differ_where_findings_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.yaml");
        let name = file.to_str().unwrap();
        let base = Base { here: folder.path().join("sub"), root: folder.path().to_owned() };
        let prints = |text: &str, places: &[(u32, &str)]| -> Vec<String> {
            std::fs::write(&file, text).unwrap();
            let mut prints = Fingerprints::default();
            let finding = |line: u32, code: &str| Diagnostic::error(code, "x").at(at(name, line, 1));
            places.iter().map(|(line, code)| prints.of(&finding(*line, code), &base)).collect()
        };
        let before = prints("a: 1\nb: 2\n", &[(1, "x/y"), (2, "x/y"), (2, "x/z"), (2, "x/y")]);
        let after = prints("# new\na: 1\n  b: 2\n", &[(2, "x/y"), (3, "x/y"), (3, "x/z"), (3, "x/y")]);
        assert_eq!(before, after);
        let different: std::collections::HashSet<&String> = before.iter().collect();
        assert_eq!(different.len(), 4, "{before:?}");
        let other = folder.path().join("./a.yaml");
        let finding = Diagnostic::error("x/y", "x").at(at(other.to_str().unwrap(), 2, 1));
        assert_eq!(Fingerprints::default().of(&finding, &base), before[0], "however the file is named");
    }

    #[test]
    fn codes_become_names() {
        assert_eq!(name("entity/bad-name"), "EntityBadName");
        assert_eq!(name("x//"), "X");
    }
}

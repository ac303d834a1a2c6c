//! Paths: in Backstage those of `file` locations are relative to the working directory of the backend, which is its package
//! in a checkout and the root in most images; those of `$file` and `$include` are relative to the file that says them, as
//! with us. All of them are written anew, relative to the new file.

use std::path::{Path, PathBuf};

use host_config::WrittenKey;
use serde_json::Value;

use super::report::{Report, Row, Verdict, is_within, without_index};
use super::{files, remove};
use crate::paths::{before_pattern, plain};

/// Where the backend of a Backstage checkout runs.
const BACKEND: &str = "packages/backend";

/// Rewrites every relative path, leaves out locations that we cannot read, and tells where the files lie.
pub(super) fn rewrite(
    value: &mut Value,
    keys: &[WrittenKey],
    out: &Path,
    report: &mut Report,
    found: &mut Vec<PathBuf>,
) {
    let mut missing = Vec::new();
    for key in keys {
        if let Some(target) = value.pointer_mut(&key.pointer) {
            directives(target, key, &key.pointer, out, report, &mut missing);
        }
    }
    for pointer in &missing {
        remove(value, pointer);
    }
    relative_rules(value, keys, report);
    included_locations(value, keys, report);
    let Some(Value::Array(locations)) = value.pointer_mut("/catalog/locations") else { return };
    for (index, location) in locations.iter_mut().enumerate().filter(|(_, location)| !location.is_null()) {
        let path = format!("catalog.locations[{index}]");
        let key = |name: &str| keys.iter().find(|key| key.path == format!("{path}{name}"));
        match location["type"].as_str() {
            Some("url") => {}
            None if files::depends_on_elsewhere(location) => {}
            Some("file") => {
                let (Some(target), Some(key)) = (location["target"].as_str(), key(".target")) else { continue };
                let before = target.to_owned();
                let (target, is_there) = file_target(target, &key.directory, out);
                let shown = target.shown.clone();
                let why = match is_there {
                    _ if shown == before => "nothing is there".to_owned(),
                    true => format!(
                        "{before} is now {shown}: here paths are relative to the file, in Backstage to {}",
                        target.base
                    ),
                    false => format!("{before} is now {shown}, relative to this file, but nothing is there"),
                };
                let todo = if is_there { "" } else { "correct the path if the files lie elsewhere" };
                if shown != before || !is_there {
                    report.change(key, Verdict::Changed, why, todo);
                }
                if !before.contains("${") && before_pattern(&target.path).exists() {
                    found.push(target.path);
                }
                location["target"] = Value::String(shown);
            }
            _ => {
                let (why, todo) = match location["type"].as_str() {
                    Some(other) => (
                        format!("locations of type {other} are not read"),
                        "name the files or folders by locations of type url, or use a provider under catalog.providers",
                    ),
                    None => {
                        ("it is no location: it has no type".to_owned(), "write it as a mapping with type and target")
                    }
                };
                *location = Value::Null;
                let key = keys.iter().find(|key| is_within(&key.path, &path));
                report
                    .replace(Row::at(path, Verdict::Unsupported, key.map(|key| key.place.clone())).why(why).todo(todo));
            }
        }
    }
}

/// Says of locations that stand in another file that they are read as that file has them.
fn included_locations(value: &Value, keys: &[WrittenKey], report: &mut Report) {
    let is_outer = |path: &str| matches!(without_index(path), "catalog" | "catalog.locations");
    for key in keys.iter().filter(|key| is_outer(&key.path)) {
        let included = value.pointer(&key.pointer).and_then(|value| value["$include"].as_str());
        let Some(file) = included else { continue };
        let before = report.rows.iter().find(|row| row.key == key.path && !row.why.is_empty());
        let before = before.map(|row| format!("{}; ", row.why)).unwrap_or_default();
        let why =
            format!("{before}the locations in {file} are read as they stand there, and paths mean files beside it");
        report.change(
            key,
            Verdict::Changed,
            why,
            "correct the paths of locations in that file that mean something else",
        );
    }
}

/// A target as it is written now.
struct Target {
    path: PathBuf,
    shown: String,
    /// What it was relative to, in words.
    base: String,
}

/// The first of the places that Backstage may mean at which something is, and whether there is one.
fn file_target(target: &str, directory: &Path, out: &Path) -> (Target, bool) {
    if target.contains("${") || Path::new(target).is_absolute() {
        let path = PathBuf::from(target);
        let is_there = before_pattern(&path).exists() || target.contains("${");
        return (Target { path, shown: target.to_owned(), base: String::new() }, is_there);
    }
    let package = directory.join(BACKEND);
    let bases =
        [(package.clone(), BACKEND.to_owned()), (directory.to_owned(), "the folder of the configuration".to_owned())];
    let candidate = |(base, words): (PathBuf, String)| {
        let path = plain(&base.join(target));
        Target { shown: relative(&path, out), path, base: words }
    };
    let mut candidates = bases.map(candidate).into_iter();
    let (first, second) = (candidates.next(), candidates.next());
    let is_there =
        |target: &Option<Target>| target.as_ref().is_some_and(|target| before_pattern(&target.path).exists());
    let choice = match (is_there(&first), is_there(&second), package.is_dir()) {
        (true, ..) => first,
        (false, true, _) => second,
        (false, false, true) => first,
        (false, false, false) => second,
    };
    let found = is_there(&choice);
    let fallback = || Target { path: plain(&directory.join(target)), shown: target.to_owned(), base: String::new() };
    (choice.unwrap_or_else(fallback), found)
}

/// Rewrites the paths of `$file` and `$include`, wherever they stand below a key, and collects those that lead nowhere.
fn directives(
    value: &mut Value,
    key: &WrittenKey,
    pointer: &str,
    out: &Path,
    report: &mut Report,
    missing: &mut Vec<String>,
) {
    if let Some((name, text)) =
        ["$file", "$include"].iter().find_map(|name| Some((*name, value.get(*name)?.as_str()?.to_owned())))
    {
        let (file, rest) = text.split_at(text.find('#').filter(|_| name == "$include").unwrap_or(text.len()));
        if file.contains("${") {
            return;
        }
        let path = plain(&key.directory.join(file));
        if !path.exists() {
            let todo = "write the key again when the file is there";
            report.change(
                key,
                Verdict::Changed,
                format!("it is left out: {name} names {text}, which is not there"),
                todo,
            );
            missing.push(pointer.to_owned());
            return;
        }
        let shown =
            if Path::new(file).is_absolute() { text.clone() } else { format!("{}{rest}", relative(&path, out)) };
        if shown != text {
            report.change(
                key,
                Verdict::Changed,
                format!("{name}: {text} is now {shown}, relative to the new file"),
                "",
            );
            value[name] = Value::String(shown);
        }
        return;
    }
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                directives(item, key, &format!("{pointer}/{index}"), out, report, missing);
            }
        }
        Value::Object(entries) => {
            for (name, item) in entries.iter_mut() {
                let name = name.replace('~', "~0").replace('/', "~1");
                directives(item, key, &format!("{pointer}/{name}"), out, report, missing);
            }
        }
        _ => {}
    }
}

/// A rule names files as the engine does, which is by their whole path: a relative one matches nothing.
fn relative_rules(value: &Value, keys: &[WrittenKey], report: &mut Report) {
    for key in keys.iter().filter(|key| key.path.starts_with("catalog.rules[") && key.path.ends_with("].exact")) {
        let of_files = key.pointer.rsplit_once('/').and_then(|(above, _)| value.pointer(above));
        let is_file = of_files.is_some_and(|location| location["type"].as_str() == Some("file"));
        let exact = value.pointer(&key.pointer).and_then(Value::as_str).unwrap_or_default();
        if is_file && !exact.contains("${") && !Path::new(exact).is_absolute() {
            let why = format!("{exact} is compared with whole paths here, and matches none");
            report.change(
                key,
                Verdict::Unsupported,
                why,
                "write the rule at the location itself: catalog.locations[].rules",
            );
        }
    }
}

/// A path as seen from a folder, with forward slashes; both absolute.
fn relative(path: &Path, folder: &Path) -> String {
    let folder = plain(folder);
    let (to, from): (Vec<_>, Vec<_>) = (path.components().collect(), folder.components().collect());
    let shared = to.iter().zip(&from).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let down = to[shared..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    match parts.first().map(String::as_str) {
        None => ".".to_owned(),
        Some("..") => parts.join("/"),
        Some(_) => format!("./{}", parts.join("/")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_new_file() {
        for (path, folder, expected) in [
            ("/a/b/c.yaml", "/a", "./b/c.yaml"),
            ("/a/b/c.yaml", "/a/b", "./c.yaml"),
            ("/a/c.yaml", "/a/x/y", "../../c.yaml"),
            ("/a", "/a", "."),
            ("/a/*/x.yaml", "/b", "../a/*/x.yaml"),
        ] {
            assert_eq!(relative(Path::new(path), Path::new(folder)), expected);
        }
    }

    #[test]
    fn the_place_is_taken_at_which_something_is() {
        let checkout = tempfile::tempdir().unwrap();
        let root = checkout.path();
        let make = |path: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        make("examples/all.yaml");
        make("packages/backend/own.yaml");
        make("own.yaml");
        for (target, expected, is_there) in [
            ("../../examples/all.yaml", "./examples/all.yaml", true),
            ("examples/all.yaml", "./examples/all.yaml", true),
            ("./own.yaml", "./packages/backend/own.yaml", true),
            ("../../examples/**/*.yaml", "./examples/**/*.yaml", true),
            ("../../none.yaml", "./none.yaml", false),
        ] {
            let (found, there) = file_target(target, root, root);
            assert_eq!((found.shown.as_str(), there), (expected, is_there), "{target}");
        }
        let (found, there) = file_target("${DIR}/a.yaml", root, root);
        assert_eq!((found.shown.as_str(), there), ("${DIR}/a.yaml", true));
    }
}

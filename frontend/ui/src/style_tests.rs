//! What must hold of all styles: each file belongs to a layer, is well formed, and uses only tokens that exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The style files of this crate, without comments.
fn files() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("styles"), root.join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "css") {
                let mut text = std::fs::read_to_string(&path).unwrap();
                while let Some(start) = text.find("/*") {
                    let end = text[start..].find("*/").expect("a comment ends") + start + 2;
                    text.replace_range(start..end, "");
                }
                files.push((path, text));
            }
        }
    }
    files
}

#[test]
fn every_rule_is_in_a_layer() {
    for (path, text) in files() {
        let mut depth = 0_i32;
        let mut outside = String::new();
        for character in text.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ if depth == 0 => outside.push(character),
                _ => {}
            }
            assert!(depth >= 0, "{path:?} closes more than it opens");
        }
        assert_eq!(depth, 0, "{path:?} leaves a block open");
        for rule in outside.split(['\n', ';']).map(str::trim).filter(|rule| !rule.is_empty()) {
            assert!(rule.starts_with("@layer "), "{path:?}: {rule:?} is in no layer");
        }
    }
}

#[test]
fn every_token_that_is_used_exists() {
    let files = files();
    let name = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
    let defined: BTreeSet<String> = files
        .iter()
        .flat_map(|(_, text)| text.split(['{', ';', '\n']))
        .filter_map(|part| part.trim().strip_prefix("--")?.split_once(':'))
        .map(|(token, _)| token.to_owned())
        .collect();
    for (path, text) in &files {
        for used in text.split("var(--").skip(1).map(name) {
            assert!(defined.contains(&used), "{path:?} uses --{used}, which is not defined");
        }
    }
}

#[test]
fn styles_load_nothing() {
    for (path, text) in files() {
        for forbidden in ["url(", "@import", "expression("] {
            assert!(!text.contains(forbidden), "{path:?} holds {forbidden}");
        }
    }
}

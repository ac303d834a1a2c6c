//! One style sheet out of many: the design system's files first, then those that stand beside a component.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

/// Reads every style sheet below `frontend` in the order of the cascade.
pub fn collect(frontend: &Path) -> Result<String> {
    let mut sheet = String::new();
    for path in in_order(frontend)? {
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        sheet.push_str(&shortened(&text));
    }
    Ok(sheet)
}

/// `ui/styles/*.css` by name, then `*/src/**/*.css` by path.
fn in_order(frontend: &Path) -> Result<Vec<PathBuf>> {
    let mut files = style_sheets(&frontend.join("ui/styles"), 1)?;
    let mut components = Vec::new();
    for entry in fs::read_dir(frontend).with_context(|| format!("listing {}", frontend.display()))? {
        let source = entry.with_context(|| format!("listing {}", frontend.display()))?.path().join("src");
        components.extend(style_sheets(&source, usize::MAX)?);
    }
    components.sort();
    files.extend(components);
    Ok(files)
}

fn style_sheets(folder: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).max_depth(depth).sort_by_file_name() {
        let entry = entry.with_context(|| format!("listing {}", folder.display()))?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|extension| extension == "css") {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Style rules without comments, blank lines and the space at either end of a line.
pub fn shortened(text: &str) -> String {
    without_comments(text).lines().map(str::trim).filter(|line| !line.is_empty()).fold(
        String::with_capacity(text.len()),
        |mut all, line| {
            all.push_str(line);
            all.push('\n');
            all
        },
    )
}

/// Puts a space in the place of each `/* … */`, but not inside quotes, where it is text.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut quote = None;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if quote.is_none() && rest.starts_with("/*") {
            kept.push(' ');
            rest = rest[2..].split_once("*/").map_or("", |(_, behind)| behind);
            continue;
        }
        let mut taken = character.len_utf8();
        match quote {
            None if matches!(character, '"' | '\'') => quote = Some(character),
            // A string cannot cross a line; a stray apostrophe must not swallow the rest of the file.
            Some(open) if character == open || character == '\n' => quote = None,
            Some(_) if character == '\\' => taken += rest[taken..].chars().next().map_or(0, char::len_utf8),
            _ => {}
        }
        kept.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_left_out() {
        let cases = [
            ("a { b: c; }\n", "a { b: c; }\n"),
            ("/* one */\n\na { /* two */ b: c; }\n", "a {   b: c; }\n"),
            ("a::before { content: \"/* kept */\"; }", "a::before { content: \"/* kept */\"; }\n"),
            ("a::before { content: '\\'/*'; } /* gone */", "a::before { content: '\\'/*'; }\n"),
            ("a{} /* never closed", "a{}\n"),
            ("a{}/**/b{}", "a{} b{}\n"),
            ("/* don't */ a{} /* won't */ b{}", "a{}   b{}\n"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(shortened(text), expected, "{text}");
        }
    }

    #[test]
    fn the_design_system_comes_before_the_components() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("pages/src/home/home.css", "home{}"),
            ("ui/src/badge.css", "badge{}"),
            ("ui/styles/20-layout.css", "layout{}"),
            ("ui/styles/10-tokens.css", "tokens{}"),
            ("ui/styles/notes.md", "not css"),
            ("islands/src/palette.css", "palette{}"),
        ];
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(collect(folder.path()).unwrap(), "tokens{}\nlayout{}\npalette{}\nhome{}\nbadge{}\n");
    }
}

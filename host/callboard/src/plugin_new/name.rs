//! Which names a new plugin can have.

use anyhow::bail;

/// The longest id.
const LONGEST: usize = 63;

/// Names that Rust or the project itself needs.
const TAKEN: [&str; 8] = ["alloc", "callboard-sdk", "core", "proc-macro", "sdk", "serde-json", "std", "test"];

/// Words of the language; a crate cannot be called so.
const WORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "union",
];

/// Checks that a name can be a plugin's id and a crate's name.
pub(super) fn check(name: &str) -> anyhow::Result<()> {
    if !has_form(name) {
        bail!(
            "{name:?} cannot be the name of a plugin: lower-case letters, digits and dashes are allowed, beginning \
             with a letter{}",
            suggestion(name)
        );
    }
    if name.len() > LONGEST {
        bail!("the name of a plugin has at most {LONGEST} characters; this one has {}", name.len());
    }
    if TAKEN.contains(&name) || WORDS.contains(&name) {
        bail!(
            "{name:?} means something to Rust or to the project itself\nhint: choose another name, such as {name}-plugin"
        );
    }
    Ok(())
}

/// Whether a name has a plugin id's letters.
fn has_form(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The name as it could be.
fn suggestion(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_matches('-').trim_start_matches(|c: char| !c.is_ascii_lowercase());
    if has_form(out) { format!("\nhint: {out}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_plugins_id_and_a_crates_name() {
        let longest = "a".repeat(63);
        for name in ["hello", "a", "team-budget2", "a--b", longest.as_str()] {
            assert!(check(name).is_ok(), "{name}");
        }
        let too_long = "a".repeat(64);
        for (name, says) in [
            ("", "cannot be the name"),
            ("Hello World", "hint: hello-world"),
            ("team_budget", "hint: team-budget"),
            ("2fast", "hint: fast"),
            ("-a", "hint: a"),
            ("größe", "hint: gr-e"),
            ("../escape", "hint: escape"),
            ("a/b", "hint: a-b"),
            ("fn", "hint: choose another name, such as fn-plugin"),
            ("callboard-sdk", "choose another"),
            (too_long.as_str(), "at most 63"),
        ] {
            let message = check(name).expect_err(name).to_string();
            assert!(message.contains(says), "{name}: {message}");
        }
    }
}

//! What the import did with each key, for people and for programs.

use std::path::{Path, PathBuf};

use host_config::WrittenKey;
use host_model::Place;
use serde::Serialize;
use serde_json::Value;

use crate::text::one_line;

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Taken,
    Changed,
    Unsupported,
    Unknown,
}

impl Verdict {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Taken, "Taken over as it is"),
        (Self::Changed, "Taken over with a change"),
        (Self::Unsupported, "Not supported yet"),
        (Self::Unknown, "Unknown"),
    ];
}

/// One key.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) why: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) todo: String,
}

impl Row {
    pub(super) fn new(key: &str, verdict: Verdict, written: &WrittenKey) -> Self {
        Self::at(key.to_owned(), verdict, Some(written.place.clone()))
    }

    pub(super) fn at(key: String, verdict: Verdict, place: Option<Place>) -> Self {
        Self { key, verdict, place, why: String::new(), todo: String::new() }
    }

    pub(super) fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    pub(super) fn todo(mut self, todo: impl Into<String>) -> Self {
        self.todo = todo.into();
        self
    }
}

/// A template that the file locations lead to.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Template {
    pub(super) entity_ref: String,
    pub(super) title: String,
    /// The actions of its steps that this portal does not have.
    pub(super) missing_actions: Vec<String>,
}

/// What was found in the files that the configuration leads to.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Files {
    pub(super) files: usize,
    pub(super) entities: usize,
    pub(super) findings: usize,
    /// What to look at again with `callboard check`.
    pub(super) paths: Vec<PathBuf>,
}

/// All of it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) rows: Vec<Row>,
    pub(super) files: Files,
    pub(super) templates: Vec<Template>,
    /// Keys whose secrets stand in the file itself.
    pub(super) secrets: Vec<String>,
    /// What keeps a portal from starting with what was written, as long as the environment is what it is.
    pub(super) errors: Vec<String>,
}

impl Report {
    pub(super) fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Says something of a key, in place of what was said of it and of what it holds.
    pub(super) fn replace(&mut self, row: Row) {
        self.rows.retain(|known| !is_within(&known.key, &row.key));
        self.rows.push(row);
    }

    /// Says of a key that it was changed, in place of what was said of it before. A key without effect stays one.
    pub(super) fn change(&mut self, key: &WrittenKey, verdict: Verdict, why: impl Into<String>, todo: &str) {
        if self.rows.iter().any(|row| row.verdict > verdict && is_within(&row.key, &key.path)) {
            return;
        }
        self.rows.retain(|row| row.key != key.path);
        self.rows.push(Row::new(&key.path, verdict, key).why(why).todo(todo));
    }

    /// In the order in which the keys are written, each once.
    pub(super) fn put_in_order(&mut self) {
        let place = |row: &Row| row.place.clone().map(|place| (place.file, place.line, place.column));
        self.rows.sort_by_key(place);
        self.rows.dedup_by(|one, other| one.key == other.key && one.verdict == other.verdict);
    }

    /// The keys that people are told were taken over: what a list's item holds is told as the item, unless more is said of
    /// a part of it.
    fn taken(&self) -> Vec<&str> {
        let said =
            |start: &str| self.rows.iter().any(|row| row.verdict != Verdict::Taken && row.key.starts_with(start));
        let mut taken: Vec<&str> = Vec::new();
        for row in self.rows.iter().filter(|row| row.verdict == Verdict::Taken) {
            let item = row.key.find(']').map_or(row.key.as_str(), |end| &row.key[..=end]);
            let shown = if said(item) { row.key.as_str() } else { item };
            if !taken.contains(&shown) {
                taken.push(shown);
            }
        }
        taken
    }

    pub(super) fn document(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    pub(super) fn text(&self, files: &[PathBuf], target: &Path) -> String {
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let mut lines = vec![one_line(&format!("{} → {}", names.join(" + "), target.display()))];
        for (verdict, heading) in Verdict::ALL {
            if verdict == Verdict::Taken {
                let taken = self.taken();
                lines.push(format!("\n{heading} ({})", taken.len()));
                lines.extend(taken.into_iter().map(|key| format!("  {}", one_line(key))));
                continue;
            }
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.verdict == verdict).collect();
            if rows.is_empty() {
                continue;
            }
            lines.push(format!("\n{heading} ({})", rows.len()));
            for row in rows {
                lines.push(format!("  {}", one_line(&format!("{}: {}", row.key, row.why))));
                if !row.todo.is_empty() {
                    lines.push(format!("      {}", one_line(&row.todo)));
                }
            }
        }
        if !self.secrets.is_empty() {
            lines.push(format!("\nSecrets that stand in the file itself ({})", self.secrets.len()));
            lines.extend(self.secrets.iter().map(|key| format!("  {}", one_line(key))));
            lines.push("      put each into the environment and write ${NAME} in its place".to_owned());
        }
        if !self.errors.is_empty() {
            lines.push(format!("\nErrors that remain unless the environment mends them ({})", self.errors.len()));
            lines.extend(self.errors.iter().map(|error| format!("  {}", one_line(error))));
        }
        lines.push(format!("\nTemplates ({})", self.templates.len()));
        for template in &self.templates {
            let missing = match template.missing_actions.as_slice() {
                [] => String::new(),
                missing => format!("; actions that do not exist here yet: {}", missing.join(", ")),
            };
            lines.push(format!("  {}", one_line(&format!("{} ({}){missing}", template.entity_ref, template.title))));
        }
        let Files { files, entities, findings, paths } = &self.files;
        lines.push(format!("\nCatalog files: {entities} entities in {files} files, {findings} finding(s)"));
        lines.push("\nNext".to_owned());
        lines.push(one_line(&format!("  callboard config check --config {}", for_a_shell(target))));
        if !paths.is_empty() {
            let paths: Vec<String> = paths.iter().map(|path| for_a_shell(path)).collect();
            lines.push(one_line(&format!("  callboard check {}", paths.join(" "))));
        }
        lines.push(one_line(&format!("  callboard serve --config {}", for_a_shell(target))));
        lines.join("\n")
    }
}

/// Whether a key is another one or stands below it.
pub(super) fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// How the report calls a key: a list of plain values is one key, but each location is told by itself.
pub(super) fn shown(path: &str) -> &str {
    let list = without_index(path);
    if list == "catalog.locations" { path } else { list }
}

/// A list of plain values is one key.
pub(super) fn without_index(path: &str) -> &str {
    let digits = path.strip_suffix(']').map(|rest| rest.trim_end_matches(|one: char| one.is_ascii_digit()));
    digits.and_then(|rest| rest.strip_suffix('[')).unwrap_or(path)
}

/// A path as a word of a command line.
fn for_a_shell(path: &Path) -> String {
    let text = path.display().to_string();
    if text.chars().all(|one| one.is_ascii_alphanumeric() || "-_./".contains(one)) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_paths_are_told_briefly() {
        let row = |key: &str, verdict| Row::at(key.to_owned(), verdict, None);
        let report = Report {
            rows: vec![
                row("app.title", Verdict::Taken),
                row("catalog.rules[0].allow", Verdict::Taken),
                row("catalog.rules[0].locations[0].type", Verdict::Taken),
                row("catalog.locations[0].type", Verdict::Taken),
                row("catalog.locations[0].target", Verdict::Changed),
            ],
            ..Report::default()
        };
        assert_eq!(report.taken(), ["app.title", "catalog.rules[0]", "catalog.locations[0].type"]);
        for (path, expected) in [("a.b[12]", "a.b"), ("a.b[0].c", "a.b[0].c"), ("a", "a"), ("a[]", "a")] {
            assert_eq!(without_index(path), expected);
        }
        for (path, expected) in [("a/b-c.yaml", "a/b-c.yaml"), ("a b", "'a b'"), ("it's/**", "'it'\\''s/**'")] {
            assert_eq!(for_a_shell(Path::new(path)), expected);
        }
    }
}

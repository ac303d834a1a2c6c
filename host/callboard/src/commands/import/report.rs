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
}

impl Report {
    pub(super) fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Says of a key that it was changed, in place of what was said of it before.
    pub(super) fn change(&mut self, key: &WrittenKey, verdict: Verdict, why: impl Into<String>, todo: &str) {
        self.rows.retain(|row| row.key != key.path);
        self.rows.push(Row::new(&key.path, verdict, key).why(why).todo(todo));
    }

    pub(super) fn document(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    pub(super) fn text(&self, files: &[PathBuf], target: &Path) -> String {
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let mut lines = vec![one_line(&format!("{} → {}", names.join(" + "), target.display()))];
        for (verdict, heading) in Verdict::ALL {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.verdict == verdict).collect();
            if rows.is_empty() {
                continue;
            }
            lines.push(format!("\n{heading} ({})", rows.len()));
            for row in rows {
                let why = if row.why.is_empty() { String::new() } else { format!(": {}", row.why) };
                lines.push(format!("  {}", one_line(&format!("{}{why}", row.key))));
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
        lines.push(one_line(&format!("  callboard config check --config {}", target.display())));
        if !paths.is_empty() {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            lines.push(one_line(&format!("  callboard check {}", paths.join(" "))));
        }
        lines.push(one_line(&format!("  callboard serve --config {}", target.display())));
        lines.join("\n")
    }
}

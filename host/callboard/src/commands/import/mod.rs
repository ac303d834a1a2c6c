//! `callboard import`: brings what another portal is configured with along.

mod files;
mod paths;
mod report;
mod sections;
mod templates;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use host_config::{KeyUse, LoadRequest, Written, WrittenKey, read_as_written};
use host_model::{Diagnostic, Severity};
use serde_json::Value;

use self::report::{Report, Row, Verdict, is_within};
use crate::cli::{ImportArguments, ImportCommand, TableFormat};
use crate::commands::{print, talk};

/// The name of what is written.
const FILE: &str = "callboard.yaml";
/// How often a file is looked at again after a value that does not fit has been left out.
const MOST_ROUNDS: usize = 50;

/// Reads the other portal's configuration and writes ours.
pub(crate) fn run(command: &ImportCommand) -> anyhow::Result<ExitCode> {
    let ImportCommand::Backstage(arguments) = command;
    if let Some(address) = arguments.files.iter().find(|file| file.to_string_lossy().contains("://")) {
        bail!("{} is an address; download it and name the file", address.display());
    }
    let here = std::env::current_dir().context("the working directory cannot be read")?;
    let out = here.join(&arguments.out);
    let target = out.join(FILE);
    if target.exists() && !arguments.force {
        bail!(
            "{} exists already; remove it, choose another folder with --out, or write over it with --force",
            target.display()
        );
    }
    let written = read_as_written(&arguments.files, &here);
    if let Some(problem) = written.diagnostics.iter().find(|problem| problem.severity == Severity::Error) {
        let place = problem.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        bail!("the configuration was not read: {place}{}", problem.message);
    }
    let mut import = Import::of(written, &out);
    std::fs::create_dir_all(&out).with_context(|| format!("the folder {} could not be made", out.display()))?;
    import.write(arguments, &target)?;
    import.leave_out_what_does_not_fit(arguments, &target)?;
    let (files, templates) = templates::look(&import.file_locations)?;
    import.report.files = files;
    import.report.templates = templates;
    match arguments.format {
        TableFormat::Human => print(&import.report.text(&arguments.files, &arguments.out.join(FILE))),
        TableFormat::Json => print(&format!("{:#}", import.report.document())),
    }
    talk(&format!("wrote {}", arguments.out.join(FILE).display()));
    Ok(ExitCode::SUCCESS)
}

/// A configuration on its way.
struct Import {
    value: Value,
    report: Report,
    /// What the `file` locations point to now.
    file_locations: Vec<PathBuf>,
}

impl Import {
    fn of(written: Written, out: &Path) -> Self {
        let Written { mut value, keys, .. } = written;
        let mut report = Report::default();
        for key in &keys {
            let row = match &key.key_use {
                KeyUse::Used if is_null(&value, &key.pointer) => continue,
                KeyUse::Used => Row::new(report::shown(&key.path), Verdict::Taken, key),
                KeyUse::Unused => {
                    report.rows.extend(sections::unused(key, value.pointer(&key.pointer)));
                    continue;
                }
                KeyUse::Unknown(near) => {
                    let row =
                        Row::new(&key.path, Verdict::Unknown, key).why("neither Backstage nor Callboard has this key");
                    match near {
                        Some(near) => row.todo(format!("if `{near}` was meant, correct it and import again")),
                        None => row.todo("if a plugin of your own reads it, write a plugin for Callboard that has it as its `config`"),
                    }
                }
            };
            report.rows.push(row);
        }
        for key in keys.iter().filter(|key| !is_kept(key)) {
            remove(&mut value, &key.pointer);
        }
        let mut file_locations = Vec::new();
        paths::rewrite(&mut value, &keys, out, &mut report, &mut file_locations);
        sections::adjust(&mut value, &keys, &mut report);
        prune(&mut value);
        report.put_in_order();
        Self { value, report, file_locations }
    }

    fn write(&self, arguments: &ImportArguments, target: &Path) -> anyhow::Result<()> {
        files::write(target, &self.text(arguments), self.report.has_secrets())
    }

    fn text(&self, arguments: &ImportArguments) -> String {
        let names: Vec<String> =
            arguments.files.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned())).collect();
        let names: String = names.join(", ").chars().map(|one| if one.is_control() { '?' } else { one }).collect();
        let value = without_gaps(&self.value);
        let body = if value.as_object().is_some_and(|all| all.is_empty()) {
            String::new()
        } else {
            host_yaml::to_yaml(&value)
        };
        format!(
            "# Made from {names} by `callboard import backstage`. Relative paths are relative to this file.\n\
             # Variables such as ${{TOKEN}} are read from the environment when the portal starts.\n{body}"
        )
    }

    /// What Backstage takes and we do not is left out, so that the portal starts with what was written.
    fn leave_out_what_does_not_fit(&mut self, arguments: &ImportArguments, target: &Path) -> anyhow::Result<()> {
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let environment = environment.filter(|(name, _)| !name.to_ascii_uppercase().starts_with("CALLBOARD_"));
        let directory = target.parent().unwrap_or(Path::new("/")).to_owned();
        let request = LoadRequest {
            files: vec![target.to_owned()],
            environment: environment.collect(),
            working_directory: directory,
            flags: Vec::new(),
        };
        for _ in 0..MOST_ROUNDS {
            let loaded = host_config::load(&request);
            let errors = || loaded.diagnostics.iter().filter(|found| found.severity == Severity::Error);
            let pointer = |found: &Diagnostic| Some(as_imported(&self.value, found.pointer.as_deref()?));
            let fault = errors()
                .filter_map(|found| Some((found, pointer(found)?)))
                .find(|(found, pointer)| self.value.pointer(pointer).is_some_and(|value| !is_excused(found, value)));
            let Some((found, pointer)) = fault else {
                self.report.errors = errors().map(|found| self.told(found)).collect();
                self.report.put_in_order();
                return Ok(());
            };
            let key = files::path_of(&pointer);
            let place = self.report.rows.iter().find(|row| is_within(&row.key, &key)).and_then(|row| row.place.clone());
            let mut row = Row::at(key, Verdict::Unsupported, place).why(self.told(found));
            row.todo = found
                .hint
                .clone()
                .unwrap_or_else(|| "write it by hand as `callboard config check` wants it".to_owned());
            self.report.replace(row);
            remove(&mut self.value, &pointer);
            prune(&mut self.value);
            self.write(arguments, target)?;
        }
        bail!(
            "{} still has errors; see them with `callboard config check --config {}`",
            target.display(),
            target.display()
        )
    }

    /// What is said of the file that was written, with the path that the imported file has in its place.
    fn told(&self, found: &Diagnostic) -> String {
        let written = found.pointer.as_deref().unwrap_or_default();
        if written.is_empty() {
            return found.message.clone();
        }
        let imported = files::path_of(&as_imported(&self.value, written));
        found.message.replacen(&files::path_of(written), &imported, 1)
    }
}

/// Whether a key is written although it may have no effect yet: what reads it one day should find it.
fn is_kept(key: &WrittenKey) -> bool {
    let top = key.path.split(['.', '[']).next().unwrap_or_default();
    match key.key_use {
        KeyUse::Used => true,
        KeyUse::Unused => ["catalog", "integrations", "scaffolder", "techdocs"].contains(&top),
        KeyUse::Unknown(_) => false,
    }
}

fn is_null(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).is_none_or(Value::is_null)
}

/// Whether a fault may be gone when the portal starts: the value, or the key that is missing in it, comes from elsewhere.
fn is_excused(found: &Diagnostic, value: &Value) -> bool {
    if found.code != "config/missing" {
        return files::depends_on_elsewhere(value);
    }
    // The message begins with the path of what is missing in the value.
    let missing = found.message.split('`').nth(1).and_then(|path| path.rsplit('.').next());
    missing.and_then(|key| value.get(key)).is_some_and(files::depends_on_elsewhere)
}

/// A pointer into what was written as one into what was imported, in whose lists what was left out has its gap.
fn as_imported(value: &Value, pointer: &str) -> String {
    let mut imported = String::new();
    for segment in pointer.split('/').skip(1) {
        let items = value.pointer(&imported).and_then(Value::as_array);
        let index = items.zip(segment.parse::<usize>().ok()).and_then(|(items, index)| {
            items.iter().enumerate().filter(|(_, item)| !item.is_null()).nth(index).map(|(index, _)| index.to_string())
        });
        imported = format!("{imported}/{}", index.as_deref().unwrap_or(segment));
    }
    imported
}

/// The value without the gaps that items which were left out have in its lists.
fn without_gaps(value: &Value) -> Value {
    match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), without_gaps(value))).collect(),
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).map(without_gaps).collect(),
        other => other.clone(),
    }
}

/// Removes a key of a mapping. An item of a list leaves a gap, so that the others keep their numbers.
fn remove(value: &mut Value, pointer: &str) {
    let Some((above, last)) = pointer.rsplit_once('/') else { return };
    match value.pointer_mut(above) {
        Some(Value::Object(entries)) => {
            entries.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Ok(index) = last.parse::<usize>()
                && let Some(item) = items.get_mut(index)
            {
                *item = Value::Null;
            }
        }
        _ => {}
    }
}

/// Takes away nulls, which say that nothing is said, and what is empty without them.
fn prune(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.values_mut().for_each(prune);
            entries.retain(|_, value| !value.is_null() && value.as_object().is_none_or(|inner| !inner.is_empty()));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

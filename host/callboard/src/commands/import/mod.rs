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
use host_model::Severity;
use serde_json::Value;

use self::report::{Report, Row, Verdict};
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
        bail!("the configuration was not read: {problem}");
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
                KeyUse::Used => Row::new(report::without_index(&key.path), Verdict::Taken, key),
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
        // From the end, so that what is removed moves nothing that is still to be removed.
        for key in keys.iter().rev().filter(|key| !is_kept(key)) {
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
        let body = if self.value.as_object().is_some_and(|all| all.is_empty()) {
            String::new()
        } else {
            host_yaml::to_yaml(&self.value)
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
            let errors = loaded.diagnostics.iter().filter(|found| found.severity == Severity::Error);
            let fault = errors.filter_map(|found| Some((found, found.pointer.clone()?))).find(|(_, pointer)| {
                self.value.pointer(pointer).is_some_and(|value| !files::depends_on_elsewhere(value))
            });
            let Some((found, pointer)) = fault else {
                self.report.put_in_order();
                return Ok(());
            };
            let key = files::path_of(&pointer);
            self.report.rows.retain(|row| row.key != key);
            let mut row = Row::at(key, Verdict::Unsupported, None).why(found.message.clone());
            row.todo = found
                .hint
                .clone()
                .unwrap_or_else(|| "write it by hand as `callboard config check` wants it".to_owned());
            self.report.rows.push(row);
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

/// Removes a key of a mapping, or an item of a list.
fn remove(value: &mut Value, pointer: &str) {
    let Some((above, last)) = pointer.rsplit_once('/') else { return };
    match value.pointer_mut(above) {
        Some(Value::Object(entries)) => {
            entries.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Ok(index) = last.parse::<usize>()
                && index < items.len()
            {
                items.remove(index);
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

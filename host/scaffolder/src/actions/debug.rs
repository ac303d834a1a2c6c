//! `debug:log` and `debug:wait`.

use std::fs;
use std::time::Duration;

use async_trait::async_trait;
use host_model::plugin::{ActionDeclaration, PluginError};
use host_ports::{Action, ActionContext, ActionResult, LogLevel};
use serde::Deserialize;
use serde_json::{Value, json};

use super::declare::{declare, field, nothing};
use super::{blocking, other, read_input};
use crate::workspace::{EntryKind, Limits, list};

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(600);
/// How much of each file is shown.
const MAX_SHOWN: usize = 16 * 1024;

/// Writes into the log.
pub(super) struct Log {
    declaration: ActionDeclaration,
    limits: Limits,
}

/// Waits.
pub(super) struct Wait {
    declaration: ActionDeclaration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogInput {
    message: Option<String>,
    list_workspace: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WaitInput {
    minutes: f64,
    seconds: f64,
    milliseconds: f64,
}

impl Log {
    pub(super) fn new(limits: Limits) -> Self {
        let list = json!({
            "anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["with-filenames", "with-contents"]}],
            "description": "List the files of the workspace; with-contents shows what is in them, too."
        });
        let declaration = declare(
            "debug:log",
            "Writes a message into the log, lists the files of the workspace, or both.",
            &[("message", false, field("string", "The message.")), ("listWorkspace", false, list)],
            nothing(),
            &[(
                "Say something and show what is there",
                "steps:\n  - id: show\n    name: Show what was made\n    action: debug:log\n    input:\n      message: ${{ parameters.name }} is ready\n      listWorkspace: true\n",
            )],
        );
        Self { declaration, limits }
    }
}

#[async_trait]
impl Action for Log {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: LogInput = read_input(&context.input)?;
        context.log.line(LogLevel::Info, &serde_json::to_string_pretty(&context.input).unwrap_or_default());
        if let Some(message) = &input.message {
            context.log.line(LogLevel::Info, message);
        }
        let with_contents = match input.list_workspace {
            None | Some(Value::Bool(false)) => return Ok(ActionResult::default()),
            Some(how) => how == "with-contents",
        };
        let (workspace, most) = (context.workspace.clone(), self.limits.entries);
        let listed = blocking(move |stop| {
            let mut lines = "Workspace:".to_owned();
            for entry in list(&workspace, most)?.into_iter().filter(|entry| entry.kind != EntryKind::Folder) {
                stop.check()?;
                lines.push_str(&format!("\n  - {}", entry.path));
                if with_contents && entry.kind == EntryKind::File {
                    lines.push_str(&format!(":\n\n{}\n", shown(&workspace.join(&entry.path))));
                }
            }
            Ok(lines)
        });
        context.log.line(LogLevel::Info, &listed.await?);
        Ok(ActionResult::default())
    }
}

fn shown(path: &std::path::Path) -> String {
    match fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) if text.chars().count() > MAX_SHOWN => {
            text.chars().take(MAX_SHOWN).collect::<String>() + "\n(shortened)"
        }
        Ok(Ok(text)) => text,
        Ok(Err(_)) => "(binary)".to_owned(),
        Err(error) => format!("(cannot be read: {error})"),
    }
}

impl Wait {
    pub(super) fn new() -> Self {
        let amount = |unit: &str| json!({"type": "number", "minimum": 0, "description": format!("How many {unit}.")});
        let declaration = declare(
            "debug:wait",
            "Waits, for ten minutes at most.",
            &[
                ("minutes", false, amount("minutes")),
                ("seconds", false, amount("seconds")),
                ("milliseconds", false, amount("milliseconds")),
            ],
            nothing(),
            &[("Wait a little", "steps:\n  - action: debug:wait\n    input:\n      seconds: 5\n")],
        );
        Self { declaration }
    }
}

#[async_trait]
impl Action for Wait {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: WaitInput = read_input(&context.input)?;
        let seconds = input.minutes * 60.0 + input.seconds + input.milliseconds / 1000.0;
        let pause = Duration::try_from_secs_f64(seconds).ok().filter(|pause| *pause <= LONGEST).ok_or_else(|| {
            other(format!("a step waits for ten minutes at most, and this one was to wait for {seconds} seconds"))
        })?;
        context.log.line(LogLevel::Info, &format!("Waiting for {seconds} seconds"));
        if !context.dry_run {
            tokio::time::sleep(pause).await;
        }
        Ok(ActionResult::default())
    }
}

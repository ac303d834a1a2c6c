//! `fetch:plain`, `fetch:template` and their variants for one file.

use async_trait::async_trait;
use host_model::plugin::{ActionDeclaration, PluginError};
use host_ports::{Action, ActionContext, ActionResult, LogLevel};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::declare::{declare, field, nothing, texts};
use super::files::pattern;
use super::skeleton::{Rules, Target, copy};
use super::source::Source;
use super::{blocking, other, read_input};
use crate::language::{Language, dictionary, to_template};
use crate::workspace::{Enclosure, Limits, Tally, failed, make_parents};

/// The extension that `templateFileExtension: true` means.
const DEFAULT_EXTENSION: &str = ".njk";

/// Copies a folder.
pub(super) struct Plain {
    declaration: ActionDeclaration,
    limits: Limits,
}

/// Copies a file.
pub(super) struct PlainFile {
    declaration: ActionDeclaration,
}

/// Copies a folder and fills in values.
pub(super) struct Template {
    declaration: ActionDeclaration,
    limits: Limits,
}

/// Copies a file and fills in values.
pub(super) struct TemplateFile {
    declaration: ActionDeclaration,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Input {
    url: String,
    target_path: Option<String>,
    values: Map<String, Value>,
    copy_without_render: Vec<String>,
    copy_without_templating: Vec<String>,
    cookiecutter_compat: bool,
    template_file_extension: Option<Value>,
    replace: bool,
    trim_blocks: bool,
    lstrip_blocks: bool,
}

const URL_OF_FOLDER: &str = "A folder beside the template, such as ./skeleton.";
const URL_OF_FILE: &str = "A file beside the template, such as ./skeleton/README.md.";

fn template_fields() -> Vec<(&'static str, bool, Value)> {
    vec![
        (
            "values",
            false,
            json!({"type": "object", "additionalProperties": {}, "description": "What ${{ values.x }} stands for."}),
        ),
        ("cookiecutterCompat", false, field("boolean", "Not supported; must be false.")),
        ("replace", false, field("boolean", "Replace files that exist instead of keeping them. Default: false.")),
        ("trimBlocks", false, field("boolean", "Remove the line break after a tag such as {% if %}.")),
        ("lstripBlocks", false, field("boolean", "Remove spaces before a tag such as {% if %}.")),
        ("token", false, field("string", "Not used for files of this machine.")),
    ]
}

impl Input {
    fn language(&self) -> Result<Language, PluginError> {
        if self.cookiecutter_compat {
            return Err(other(
                "cookiecutterCompat is not supported; write ${{ values.x }} instead of {{ cookiecutter.x }}",
            ));
        }
        Ok(Language::new(self.trim_blocks, self.lstrip_blocks))
    }

    fn rules(&self) -> Result<Rules, PluginError> {
        let extension = match &self.template_file_extension {
            None | Some(Value::Bool(false)) => None,
            Some(Value::String(text)) if text.is_empty() => None,
            Some(Value::String(text)) => Some(if text.starts_with('.') { text.clone() } else { format!(".{text}") }),
            Some(_) => Some(DEFAULT_EXTENSION.to_owned()),
        };
        let patterns = |texts: &[String]| texts.iter().map(|text| pattern(text)).collect::<Result<Vec<_>, _>>();
        let excluded = !self.copy_without_render.is_empty() || !self.copy_without_templating.is_empty();
        if extension.is_some() && excluded {
            return Err(other("templateFileExtension and copyWithoutTemplating cannot be used together"));
        }
        Ok(Rules {
            as_they_are: patterns(&self.copy_without_render)?,
            contents_as_they_are: patterns(&self.copy_without_templating)?,
            extension,
            replace: self.replace,
            language: self.language()?,
            context: dictionary([("values", to_template(&Value::Object(self.values.clone())))]),
        })
    }
}

impl Plain {
    pub(super) fn new(limits: Limits) -> Self {
        let declaration = declare(
            "fetch:plain",
            "Copies a folder into the workspace as it is.",
            &[
                ("url", true, field("string", URL_OF_FOLDER)),
                ("targetPath", false, field("string", "Where in the workspace it goes. Default: its root.")),
                ("token", false, field("string", "Not used for files of this machine.")),
            ],
            nothing(),
            &[(
                "Copy a folder",
                "steps:\n  - action: fetch:plain\n    input:\n      url: ./files\n      targetPath: ./assets\n",
            )],
        );
        Self { declaration, limits }
    }
}

#[async_trait]
impl Action for Plain {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: Input = read_input(&context.input)?;
        let rules = Rules { as_they_are: vec![pattern("**")?], replace: true, ..Input::default().rules()? };
        copy_folder(context, input, rules, self.limits, false).await
    }
}

impl Template {
    pub(super) fn new(limits: Limits) -> Self {
        let mut fields = vec![
            ("url", true, field("string", URL_OF_FOLDER)),
            ("targetPath", false, field("string", "Where in the workspace it goes. Default: its root.")),
            ("copyWithoutRender", false, texts("Patterns of files whose names and contents are copied as they are.")),
            ("copyWithoutTemplating", false, texts("Patterns of files whose contents are copied as they are.")),
            (
                "templateFileExtension",
                false,
                json!({"type": ["string", "boolean"], "description": "Fill in only files with this extension, and take it off; true means .njk."}),
            ),
        ];
        fields.extend(template_fields());
        let declaration = declare(
            "fetch:template",
            "Copies a skeleton into the workspace and fills in values, in names as well as in contents.",
            &fields,
            nothing(),
            &[(
                "Fill in a skeleton",
                "steps:\n  - id: fetch\n    action: fetch:template\n    input:\n      url: ./skeleton\n      copyWithoutTemplating:\n        - .github/**\n      values:\n        name: ${{ parameters.name }}\n",
            )],
        );
        Self { declaration, limits }
    }
}

#[async_trait]
impl Action for Template {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: Input = read_input(&context.input)?;
        let rules = input.rules()?;
        copy_folder(context, input, rules, self.limits, true).await
    }
}

async fn copy_folder(
    context: ActionContext,
    input: Input,
    rules: Rules,
    limits: Limits,
    is_template: bool,
) -> Result<ActionResult, PluginError> {
    blocking(move |stop| {
        let log = &context.log;
        log.line(LogLevel::Info, &format!("Fetching template content from {}", input.url));
        let source = Source::of(&context, &input.url)?;
        let from = source.folder(&input.url)?;
        let workspace = Enclosure::workspace(&context.workspace)?;
        let target_path = input.target_path.as_deref().unwrap_or(".");
        let folder = workspace.resolve(target_path)?;
        if is_template {
            log.line(LogLevel::Info, "Listing files and directories in template");
            let count = crate::workspace::list(&from, limits.entries)?.len();
            let values = Value::Object(input.values.clone());
            log.line(
                LogLevel::Info,
                &format!("Processing {count} template files/directories with input values {values}"),
            );
        }
        copy(&source, &from, &rules, &Target { workspace: &workspace, folder, limits, log, stop })?;
        if is_template {
            let shown = if target_path == "." { "the workspace" } else { target_path };
            log.line(LogLevel::Info, &format!("Template result written to {shown}"));
        }
        Ok(ActionResult::default())
    })
    .await
}

impl PlainFile {
    pub(super) fn new() -> Self {
        let declaration = declare(
            "fetch:plain:file",
            "Copies one file into the workspace as it is.",
            &[
                ("url", true, field("string", URL_OF_FILE)),
                ("targetPath", true, field("string", "What it is called in the workspace.")),
                ("token", false, field("string", "Not used for files of this machine.")),
            ],
            nothing(),
            &[(
                "Copy a file",
                "steps:\n  - action: fetch:plain:file\n    input:\n      url: ./LICENSE\n      targetPath: LICENSE\n",
            )],
        );
        Self { declaration }
    }
}

#[async_trait]
impl Action for PlainFile {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: Input = read_input(&context.input)?;
        copy_file(context, Input { replace: true, ..input }, None).await
    }
}

impl TemplateFile {
    pub(super) fn new() -> Self {
        let mut fields = vec![
            ("url", true, field("string", URL_OF_FILE)),
            ("targetPath", true, field("string", "What it is called in the workspace.")),
        ];
        fields.extend(template_fields());
        let declaration = declare(
            "fetch:template:file",
            "Copies one file into the workspace and fills in values.",
            &fields,
            nothing(),
            &[(
                "Fill in a file",
                "steps:\n  - action: fetch:template:file\n    input:\n      url: ./README.md\n      targetPath: README.md\n      values:\n        name: ${{ parameters.name }}\n",
            )],
        );
        Self { declaration }
    }
}

#[async_trait]
impl Action for TemplateFile {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: Input = read_input(&context.input)?;
        let rules = input.rules()?;
        copy_file(context, input, Some(rules)).await
    }
}

async fn copy_file(context: ActionContext, input: Input, rules: Option<Rules>) -> Result<ActionResult, PluginError> {
    /// One file may be this large.
    const MOST: Limits = Limits { bytes: 64 * 1024 * 1024, entries: 1 };

    blocking(move |_| {
        let from = Source::of(&context, &input.url)?.file(&input.url)?;
        let workspace = Enclosure::workspace(&context.workspace)?;
        let target_path = input.target_path.unwrap_or_default();
        let target = workspace.resolve(&target_path)?;
        if target.is_dir() {
            return Err(other(format!("{target_path:?} is a folder; targetPath names the file")));
        }
        if target.exists() && !input.replace {
            context
                .log
                .line(LogLevel::Info, &format!("File {target_path} already exists in workspace, not replacing."));
            return Ok(ActionResult::default());
        }
        let metadata = from.metadata().map_err(|source| failed("read", &from, source))?;
        Tally::new(MOST).add(metadata.len())?;
        make_parents(&target)?;
        context.log.line(LogLevel::Info, &format!("Writing file {target_path}"));
        match rules {
            None => {
                std::fs::copy(&from, &target).map_err(|source| failed("copy", &target, source))?;
            }
            Some(rules) => {
                let text = std::fs::read_to_string(&from).map_err(|source| failed("read", &from, source))?;
                let filled = rules
                    .language
                    .text(&text, &rules.context)
                    .map_err(|error| other(format!("{}: {error}", input.url)))?;
                std::fs::write(&target, filled).map_err(|source| failed("write", &target, source))?;
                std::fs::set_permissions(&target, metadata.permissions())
                    .map_err(|source| failed("write", &target, source))?;
            }
        }
        Ok(ActionResult::default())
    })
    .await
}

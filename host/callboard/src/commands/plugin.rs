//! `callboard plugin`: write, build, check and install plugins.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use host_model::Entity;
use host_model::plugin::ExtensionPoint;
use host_plugins::{DryRun, Inspector, Report};

use super::{FINDINGS, print, talk};
use crate::bundle::{self, Asset};
use crate::cli::PluginCommand;
use crate::plugin_new::{self, Kind, NewPlugin};
use crate::wiring;

/// The target that plugins are built for.
const TARGET: &str = "wasm32-wasip2";

/// Runs one of the verbs.
pub(crate) fn run(command: PluginCommand) -> anyhow::Result<ExitCode> {
    match command {
        PluginCommand::New { name, kind, path } => new(name, kind, path),
        PluginCommand::Build { path } => build(&path),
        PluginCommand::Check { file } => check(&file),
        PluginCommand::Inspect { file } => inspect(&file),
        PluginCommand::DryRun { file, entity, name, input, config } => {
            dry_run(&file, entity.as_deref(), name, &input, &config)
        }
        PluginCommand::Install { file, data } => install(&file, &data),
        PluginCommand::Remove { name, data } => remove(&name, &data),
        PluginCommand::List { data } => list(&data),
    }
}

fn new(name: String, kind: Kind, parent: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let request = NewPlugin { name, kind, parent };
    let written = plugin_new::generate(&request, &pairs(bundle::sdk()), &pairs(bundle::wit()))?;
    talk(&format!("wrote {} files to {}; next:", written.len(), request.folder().display()));
    for step in request.next_steps() {
        talk(&format!("  {step}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn pairs(assets: &'static [Asset]) -> Vec<(&'static str, &'static [u8])> {
    assets.iter().map(|asset| (asset.name, asset.bytes)).collect()
}

fn build(folder: &Path) -> anyhow::Result<ExitCode> {
    if !folder.join("Cargo.toml").is_file() {
        bail!("{} holds no Cargo.toml; name the folder of a plugin", folder.display());
    }
    let mut cargo = std::process::Command::new("cargo");
    cargo.args(["build", "--release", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    let output = cargo
        .current_dir(folder)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cargo could not be run; install Rust from https://rustup.rs")?;
    if !output.status.success() {
        bail!("the build failed; if the target is missing, add it: rustup target add {TARGET}");
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter_map(|message| {
            message["filenames"]
                .as_array()?
                .iter()
                .find_map(|name| name.as_str().filter(|name| name.ends_with(".wasm")).map(PathBuf::from))
        })
        .next_back()
        .context("the build made no .wasm file; the crate needs crate-type = [\"cdylib\"]")?;
    talk(&format!("built {}", built.display()));
    check(&built)
}

fn check(file: &Path) -> anyhow::Result<ExitCode> {
    let report = report(file)?;
    for warning in &report.warnings {
        talk(&format!("{}: warning: {warning}", file.display()));
    }
    match (&report.problem, &report.description) {
        (Some(problem), _) => {
            talk(&format!("{}: {}: {}", file.display(), problem.code, problem.message));
            Ok(ExitCode::from(FINDINGS))
        }
        (None, description) => {
            let (id, version) =
                description.as_ref().map_or(("?", "?"), |about| (about.id.as_str(), about.version.as_str()));
            print(&format!("{}: {id} {version} is a good plugin: {}", file.display(), points(&report)));
            tell_consent(&report);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn inspect(file: &Path) -> anyhow::Result<ExitCode> {
    let report = report(file)?;
    print(&serde_json::to_string_pretty(&report)?);
    tell_consent(&report);
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
}

/// Looks at a file as the portal would, compiled in a process of its own.
fn report(file: &Path) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let inspector = Inspector::new(None, wiring::compile_command())?;
    Ok(runtime.block_on(inspector.inspect_file(file)))
}

fn points(report: &Report) -> String {
    report.extension_points.iter().map(|point| point.as_str()).collect::<Vec<_>>().join(", ")
}

fn tell_consent(report: &Report) {
    if let Some(lines) = &report.grant_lines {
        talk("it serves once the configuration grants what it asks for:");
        talk(lines);
    }
}

fn dry_run(
    file: &Path,
    entity: Option<&Path>,
    name: Option<String>,
    input: &str,
    config: &str,
) -> anyhow::Result<ExitCode> {
    let config = serde_json::from_str(config).context("--config is no JSON")?;
    let input = serde_json::from_str(input).context("--input is no JSON")?;
    let points = report(file)?.extension_points;
    let workspace = std::env::temp_dir().join(format!("callboard-dry-run-{}", uuid::Uuid::new_v4().simple()));
    let what = match entity.map(read_entity).transpose()? {
        Some(entity) if points.contains(&ExtensionPoint::UiCard) => {
            DryRun::Render { card: name, entity, state: Vec::new() }
        }
        Some(entity) => DryRun::Process { entities: vec![entity], location: "file:dry-run".to_owned() },
        None if points.contains(&ExtensionPoint::ScaffolderAction) => {
            std::fs::create_dir_all(&workspace).context("no workspace could be made")?;
            DryRun::Run { action: name, input, workspace: workspace.clone() }
        }
        None => bail!("cards and processors are called with an entity: --entity catalog-info.yaml"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let inspector = Inspector::new(None, wiring::compile_command())?;
    let answer = runtime.block_on(inspector.dry_run(file, &config, what));
    // What an action left there was for this run only; a folder that stays is in the system's own place for them.
    let _ = std::fs::remove_dir_all(&workspace);
    let answer = answer.map_err(|reason| anyhow::anyhow!("{}: {}", file.display(), reason.message))?;
    for line in &answer.log {
        talk(line);
    }
    talk(&format!(
        "{} µs of processor time, {} bytes of memory",
        answer.report.cpu.as_micros(),
        answer.report.peak_memory
    ));
    match answer.result {
        Ok(value) => {
            print(&serde_json::to_string_pretty(&value)?);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            talk(&format!("{}: {error}", file.display()));
            Ok(ExitCode::from(FINDINGS))
        }
    }
}

fn read_entity(file: &Path) -> anyhow::Result<Entity> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let node = host_yaml::parse_one(&text, &host_yaml::Limits::default()).map_err(|found| {
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}: {}", file.display(), said.join("; "))
    })?;
    Entity::from_value(node.to_json())
        .with_context(|| format!("{} is no mapping, and so no descriptor", file.display()))
}

fn install(file: &Path, data: &Path) -> anyhow::Result<ExitCode> {
    let report = report(file)?;
    if let Some(problem) = &report.problem {
        bail!("{} was not installed: {}", file.display(), problem.message);
    }
    let target = host_plugins::install_file(file, data)?;
    talk(&format!("installed {}; a running portal has it within two seconds", target.display()));
    tell_consent(&report);
    Ok(ExitCode::SUCCESS)
}

fn remove(name: &str, data: &Path) -> anyhow::Result<ExitCode> {
    let file = if name.ends_with(".wasm") { name.to_owned() } else { format!("{name}.wasm") };
    host_plugins::remove_file(&file, data)?;
    talk(&format!("removed {file}"));
    Ok(ExitCode::SUCCESS)
}

fn list(data: &Path) -> anyhow::Result<ExitCode> {
    let folder = data.join("plugins");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    files.sort();
    for file in &files {
        let report = report(file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        print(&match (&report.problem, &report.description) {
            (None, Some(about)) => format!("{name}\t{}\t{}\t{}", about.id, about.version, points(&report)),
            (problem, _) => format!("{name}\t{}", problem.as_ref().map_or("", |problem| problem.message.as_str())),
        });
    }
    talk(&format!("{} plugin file(s) in {}; the first-party plugins are in the binary", files.len(), folder.display()));
    Ok(ExitCode::SUCCESS)
}

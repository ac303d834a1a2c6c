//! Looks into the files that the configuration leads to: are they in order, and which templates are among them?

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Context;
use host_model::Severity;
use serde_json::Value;

use super::report::{Files, Template};
use crate::catalogs::{Entity, Folder, Wanted};

/// The actions that a portal without further plugins has.
pub(crate) const ACTIONS: &[&str] = &[
    "catalog:fetch",
    "catalog:register",
    "catalog:write",
    "debug:log",
    "debug:wait",
    "fetch:plain",
    "fetch:plain:file",
    "fetch:template",
    "fetch:template:file",
    "fs:delete",
    "fs:readdir",
    "fs:rename",
    "http:backstage:request",
];

/// What is in the files below these paths.
pub(super) fn look(paths: &[PathBuf]) -> anyhow::Result<(Files, Vec<Template>)> {
    if paths.is_empty() {
        return Ok((Files::default(), Vec::new()));
    }
    let checked = host_catalog::check(paths);
    let findings = checked.diagnostics.iter().filter(|finding| finding.severity >= Severity::Warning).count();
    let files = Files { files: checked.files, entities: checked.entities, findings, paths: paths.to_vec() };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads could be started")?;
    let templates = runtime.block_on(async {
        let folder = Folder::open(paths).await?;
        let wanted = Wanted { filters: vec!["kind=template".to_owned()], ..Wanted::default() };
        let found = folder.list(&wanted);
        folder.close().await;
        found
    })?;
    Ok((files, templates.iter().map(template).collect()))
}

fn template(entity: &Entity) -> Template {
    let steps = entity.document.pointer("/spec/steps").and_then(Value::as_array);
    let actions: BTreeSet<&str> = steps.into_iter().flatten().filter_map(|step| step["action"].as_str()).collect();
    let missing = actions.into_iter().filter(|action| !ACTIONS.contains(action) && !action.contains("${{"));
    Template {
        entity_ref: entity.entity_ref.clone(),
        title: entity.title().to_owned(),
        missing_actions: missing.map(str::to_owned).collect(),
    }
}

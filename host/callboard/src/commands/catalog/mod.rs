//! `callboard catalog`: the catalog of a portal or of a folder, from the command line.

mod diff;
mod get;
mod graph;
mod impact;
mod ls;
mod pairs;
mod walk;

use std::process::ExitCode;

use anyhow::{Context, bail};
use host_model::EntityRef;

use super::FINDINGS;
use crate::catalogs::{Source, Wanted};
use crate::cli::CatalogCommand;

/// Runs one of the commands.
pub(crate) fn run(command: &CatalogCommand) -> anyhow::Result<ExitCode> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads could be started")?;
    runtime.block_on(async {
        let arguments = match command {
            CatalogCommand::Diff(arguments) => return diff::run(arguments).await,
            CatalogCommand::Ls(arguments) => &arguments.source,
            CatalogCommand::Get(arguments) => &arguments.source,
            CatalogCommand::Graph(arguments) => &arguments.source,
            CatalogCommand::Impact(arguments) => &arguments.source,
        };
        let source = Source::open(arguments).await?;
        let code = match command {
            CatalogCommand::Ls(arguments) => ls::run(arguments, &source).await,
            CatalogCommand::Get(arguments) => get::run(arguments, &source).await,
            CatalogCommand::Graph(arguments) => graph::run(arguments, &source).await,
            CatalogCommand::Impact(arguments) => impact::run(arguments, &source).await,
            CatalogCommand::Diff(_) => Ok(ExitCode::SUCCESS),
        };
        source.close().await;
        code
    })
}

/// The entity that a person names: a reference, or a name alone where it names one entity only. None when there is none,
/// which has then been said.
async fn find(source: &Source, text: &str) -> anyhow::Result<Option<String>> {
    if text.contains(':') {
        let entity_ref: EntityRef = EntityRef::parse_with(text, None, "default")
            .with_context(|| format!("{text} is no reference; write it like component:default/shop"))?;
        let entity_ref = entity_ref.to_string();
        let found = source.by_refs(std::slice::from_ref(&entity_ref), &["kind", "metadata"]).await?;
        if found.first().is_some_and(Option::is_some) {
            return Ok(Some(entity_ref));
        }
        super::talk(&format!("there is no {entity_ref} in {}", source.name()));
        return Ok(None);
    }
    let reference = EntityRef::parse_with(text, Some("component"), "default")
        .with_context(|| format!("{text} is no reference; write it like component:default/shop"))?;
    let filter = if text.contains('/') {
        format!("metadata.name={},metadata.namespace={}", reference.name(), reference.namespace())
    } else {
        format!("metadata.name={}", reference.name())
    };
    let wanted = Wanted { filters: vec![filter], fields: vec!["kind".to_owned(), "metadata".to_owned()], limit: None };
    let found = source.list(&wanted).await?;
    match found.as_slice() {
        [] => {
            super::talk(&format!("nothing is named {text} in {}", source.name()));
            Ok(None)
        }
        [one] => Ok(Some(one.entity_ref.clone())),
        several => {
            let names: Vec<&str> = several.iter().map(|entity| entity.entity_ref.as_str()).collect();
            bail!("{text} names several entities; choose one of {}", names.join(", "))
        }
    }
}

/// What a command ends with when the entity that it is about does not exist.
fn not_found() -> ExitCode {
    ExitCode::from(FINDINGS)
}

//! `callboard catalog get`.

use std::process::ExitCode;

use super::{find, not_found};
use crate::catalogs::Source;
use crate::cli::{EntityFormat, GetArguments};
use crate::commands::print;

/// Prints one entity as the catalog has it.
pub(super) async fn run(arguments: &GetArguments, source: &Source) -> anyhow::Result<ExitCode> {
    let Some(entity_ref) = find(source, &arguments.entity).await? else { return Ok(not_found()) };
    let found = source.by_refs(&[entity_ref], &[]).await?;
    let Some(entity) = found.into_iter().flatten().next() else { return Ok(not_found()) };
    match arguments.format {
        EntityFormat::Yaml => print(host_yaml::to_yaml(&entity.in_order()).trim_end()),
        EntityFormat::Json => print(&format!("{:#}", entity.in_order())),
    }
    Ok(ExitCode::SUCCESS)
}

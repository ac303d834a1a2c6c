//! `callboard catalog ls`.

use std::process::ExitCode;

use anyhow::bail;
use host_model::EntityRef;
use serde_json::Value;

use crate::catalogs::{Entity, Source, Wanted};
use crate::cli::{DataFormat, LsArguments};
use crate::commands::{print, talk};
use crate::text;

/// The columns that have names, with the field that each shows. Any other field goes by its own path.
const COLUMNS: &[(&str, &str)] = &[
    ("ref", ""),
    ("kind", "kind"),
    ("namespace", "metadata.namespace"),
    ("name", "metadata.name"),
    ("title", "metadata.title"),
    ("description", "metadata.description"),
    ("tags", "metadata.tags"),
    ("type", "spec.type"),
    ("owner", "spec.owner"),
    ("lifecycle", "spec.lifecycle"),
    ("system", "spec.system"),
    ("location", "metadata.annotations.backstage.io/managed-by-location"),
];

/// Lists entities.
pub(super) async fn run(arguments: &LsArguments, source: &Source) -> anyhow::Result<ExitCode> {
    let columns: Vec<Column> = arguments.columns.iter().map(|name| Column::new(name)).collect::<anyhow::Result<_>>()?;
    // One more than is shown tells whether there are more.
    let limit = arguments.limit.map(|limit| limit.saturating_add(1));
    let fields = match arguments.format {
        DataFormat::Human => fields(&columns),
        _ => Vec::new(),
    };
    let mut entities = source.list(&Wanted { filters: filters(arguments)?, fields, limit }).await?;
    let more = arguments.limit.is_some_and(|limit| entities.len() > limit);
    entities.truncate(arguments.limit.unwrap_or(usize::MAX));
    match arguments.format {
        DataFormat::Human => {
            let headings: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            let row = |entity: &Entity| columns.iter().map(|column| column.cell(entity)).collect();
            let rows: Vec<Vec<String>> = entities.iter().map(row).collect();
            print(&text::table(&headings, &rows));
        }
        DataFormat::Json => {
            let documents: Vec<Value> = entities.iter().map(Entity::in_order).collect();
            print(&format!("{:#}", Value::Array(documents)));
        }
        DataFormat::Yaml => {
            for entity in &entities {
                print(&format!("---\n{}", host_yaml::to_yaml(&entity.in_order()).trim_end()));
            }
        }
    }
    let and_more = if more { "; there are more, which --limit leaves out" } else { "" };
    talk(&format!("{} entities in {}{and_more}", entities.len(), source.name()));
    Ok(ExitCode::SUCCESS)
}

/// The filters with what the short flags ask for added to each.
fn filters(arguments: &LsArguments) -> anyhow::Result<Vec<String>> {
    let mut conditions: Vec<String> = Vec::new();
    let mut add = |key: &str, value: &str| {
        if value.contains(',') {
            bail!("{value:?} holds a comma, which divides conditions; name each by a flag of its own");
        }
        conditions.push(format!("{key}={value}"));
        Ok(())
    };
    for kind in &arguments.kinds {
        add("kind", kind)?;
    }
    for spec_type in &arguments.types {
        add("spec.type", spec_type)?;
    }
    for owner in &arguments.owners {
        let Ok(owner) = EntityRef::parse_with(owner, Some("group"), "default") else {
            bail!("{owner:?} is no reference; write it like group:default/crew, or crew")
        };
        add("relations.ownedBy", &owner.to_string())?;
    }
    let conditions = conditions.join(",");
    let with = |filter: &String| match (filter.is_empty(), conditions.is_empty()) {
        (_, true) => filter.clone(),
        (true, false) => conditions.clone(),
        (false, false) => format!("{filter},{conditions}"),
    };
    if arguments.filters.is_empty() {
        return Ok(Some(conditions.clone()).filter(|all| !all.is_empty()).into_iter().collect());
    }
    Ok(arguments.filters.iter().map(with).collect())
}

/// What the columns need.
fn fields(columns: &[Column]) -> Vec<String> {
    let mut fields: Vec<String> = ["kind", "metadata.name", "metadata.namespace"].map(str::to_owned).into();
    for column in columns {
        match column.name.as_str() {
            "title" => fields.extend(["metadata.title", "spec.profile.displayName"].map(str::to_owned)),
            "owner" => fields.extend(["spec.owner", "relations"].map(str::to_owned)),
            _ if !column.path.is_empty() => fields.push(column.field.clone()),
            _ => {}
        }
    }
    fields.sort();
    fields.dedup();
    fields
}

/// A column of the list.
struct Column {
    name: String,
    field: String,
    path: Vec<String>,
}

impl Column {
    fn new(name: &str) -> anyhow::Result<Self> {
        let known = COLUMNS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, field)| *field);
        let field = match known {
            Some(field) => field,
            None if name.contains('.') => name,
            None => {
                let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
                bail!(
                    "there is no column {name:?}; there are {}, and any field by its path, such as spec.system",
                    names.join(", ")
                )
            }
        };
        Ok(Self { name: name.to_owned(), field: field.to_owned(), path: path_of(field) })
    }

    fn cell(&self, entity: &Entity) -> String {
        let value = match self.name.as_str() {
            "ref" => return text::one_line(&entity.entity_ref),
            "owner" => return text::one_line(&entity.owner().unwrap_or_default()),
            "title" => return text::one_line(entity.title()),
            _ => self.path.iter().try_fold(&entity.document, |value, key| value.get(key)),
        };
        text::one_line(&value.map(words).unwrap_or_default())
    }
}

/// The keys of a path; keys of annotations and labels hold dots themselves.
fn path_of(field: &str) -> Vec<String> {
    for free in ["metadata.annotations.", "metadata.labels."] {
        if let Some(key) = field.strip_prefix(free) {
            return free.trim_end_matches('.').split('.').chain([key]).map(str::to_owned).collect();
        }
    }
    field.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

/// A value in a cell: lists as their items, other structures as JSON.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::*;
    use crate::cli::{Arguments, CatalogCommand, Command};

    fn arguments(words: &str) -> LsArguments {
        let words = ["callboard", "catalog", "ls"].into_iter().chain(words.split_whitespace());
        let Command::Catalog(CatalogCommand::Ls(arguments)) = Arguments::parse_from(words).command else {
            panic!("expected `catalog ls`")
        };
        arguments
    }

    #[test]
    fn short_flags_hold_besides_every_filter() {
        for (words, expected) in [
            ("", &[][..]),
            ("--filter kind=component", &["kind=component"]),
            ("--kind api --kind component", &["kind=api,kind=component"]),
            ("--filter a=1 --filter b=2 --type web", &["a=1,spec.type=web", "b=2,spec.type=web"]),
            ("--owner crew", &["relations.ownedBy=group:default/crew"]),
            ("--owner user:ops/Ann", &["relations.ownedBy=user:ops/ann"]),
        ] {
            assert_eq!(filters(&arguments(words)).unwrap(), expected, "{words}");
        }
        assert!(filters(&arguments("--kind a,b")).is_err());
        assert!(filters(&arguments("--owner group:")).is_err());
    }

    #[test]
    fn columns_show_fields_and_nothing_that_a_terminal_obeys() {
        let entity = Entity::new(json!({
            "kind": "Component",
            "metadata": {"name": "Shop", "annotations": {"a.b/c": "d"}, "tags": ["x", "y"], "description": "\u{1b}[31m"},
            "spec": {"owner": "crew", "deep": {"a": 1}},
            "relations": [{"type": "ownedBy", "targetRef": "group:default/crew"}],
        }))
        .unwrap();
        for (column, expected) in [
            ("ref", "component:default/shop"),
            ("title", "Shop"),
            ("owner", "group:default/crew"),
            ("tags", "x, y"),
            ("description", "?[31m"),
            ("metadata.annotations.a.b/c", "d"),
            ("spec.deep", "{\"a\":1}"),
            ("spec.deep.a", "1"),
            ("spec.none", ""),
        ] {
            assert_eq!(Column::new(column).unwrap().cell(&entity), expected, "{column}");
        }
        assert!(Column::new("colour").is_err());
    }
}

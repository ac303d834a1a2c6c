//! A list of the catalog as a file.

use host_api::{ApiError, ApiResult, PageContext};
use host_model::Entity;
use serde_json::Value;

use super::{ListState, among};
use crate::names::parsed;
use crate::query::Query;

/// How many entities are asked for at a time.
const STEP: usize = 1000;
/// The most entities of one file.
const MOST: usize = 100_000;
/// The heads of the table.
const HEADS: [&str; 10] =
    ["entityRef", "kind", "namespace", "name", "title", "owner", "type", "lifecycle", "system", "description"];

/// A file to save.
#[derive(Debug)]
pub struct ExportedFile {
    pub name: &'static str,
    pub content_type: &'static str,
    pub body: String,
}

/// The list that a query of the catalog's page means, as `format=csv` or `format=json`.
///
/// # Errors
/// When the format is another, or the catalog does not answer.
pub async fn export(context: &PageContext, query: &[(String, String)]) -> ApiResult<ExportedFile> {
    let query = Query::new(query);
    let state = ListState { page: 1, ..ListState::of(&query) };
    let among = among(context, &state).await?;
    let mut asked = state.entity_query(STEP, among.as_deref());
    let is_table = match query.first("format").as_deref() {
        Some("csv") => true,
        Some("json") => false,
        _ => return Err(ApiError::input("A list is had as format=csv or format=json.")),
    };
    let mut body = if is_table { line(HEADS.iter().copied()) } else { "[".to_owned() };
    let mut count = 0;
    loop {
        let page = context.portal.query_entities(&context.principal, asked.clone()).await?;
        if is_table {
            parsed(&page.items).iter().for_each(|entity| body.push_str(&row(entity)));
        } else {
            for item in &page.items {
                body.push_str(if body.len() > 1 { ",\n" } else { "\n" });
                body.push_str(&item.0);
            }
        }
        count += page.items.len();
        match page.page_info.next_cursor {
            Some(cursor) if count < MOST => {
                asked.cursor = Some(cursor);
                asked.offset = None;
            }
            _ => break,
        }
    }
    if is_table {
        return Ok(ExportedFile { name: "catalog.csv", content_type: "text/csv; charset=utf-8; header=present", body });
    }
    body.push_str("\n]\n");
    Ok(ExportedFile { name: "catalog.json", content_type: "application/json", body })
}

fn row(entity: &Entity) -> String {
    let of = |relation: &str, kind: &str| {
        let found = entity.related(relation).into_iter().filter(|other| kind.is_empty() || other.kind() == kind);
        found.map(|other| other.to_string()).collect::<Vec<_>>().join(" ")
    };
    let system =
        entity.pointer("/spec/system").and_then(Value::as_str).map_or_else(String::new, |_| of("partOf", "system"));
    let reference = entity.entity_ref().to_string();
    let owner = of("ownedBy", "");
    let title = if entity.title() == entity.name() { "" } else { entity.title() };
    line([
        reference.as_str(),
        entity.kind(),
        entity.namespace(),
        entity.name(),
        title,
        &owner,
        entity.spec_type().unwrap_or_default(),
        entity.lifecycle().unwrap_or_default(),
        &system,
        entity.description().unwrap_or_default(),
    ])
}

/// One line of a table. What a spreadsheet would take for a formula is written as text.
fn line<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = |value: &str| {
        let shield = if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        if shield.is_empty() && !value.contains(['"', ',', '\n', '\r']) {
            return value.to_owned();
        }
        format!("\"{shield}{}\"", value.replace('"', "\"\""))
    };
    let cells: Vec<String> = values.into_iter().map(quoted).collect();
    format!("{}\r\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_are_text() {
        assert_eq!(
            line(["a", "b,c", "say \"hi\"", "=1+1", "x\ny"]),
            "a,\"b,c\",\"say \"\"hi\"\"\",\"'=1+1\",\"x\ny\"\r\n"
        );
    }

    #[test]
    fn a_row_has_a_cell_for_each_head() {
        let entity = json!({
            "kind": "Component", "metadata": {"name": "shop", "title": "The shop"},
            "spec": {"type": "service", "lifecycle": "production", "system": "sales"},
            "relations": [
                {"type": "ownedBy", "targetRef": "group:default/a"}, {"type": "partOf", "targetRef": "system:default/sales"}
            ]
        });
        let row = row(&Entity::from_value(entity).unwrap());
        assert_eq!(
            row,
            "component:default/shop,Component,default,shop,The shop,group:default/a,service,production,system:default/sales,\r\n"
        );
        assert_eq!(row.split(',').count(), HEADS.len());
    }
}

//! The columns of the catalog's table, by kind.

use frontend_ui::{Badge, TableColumn, TagItem, TagList, with_query};
use host_model::{Entity, EntityRef};
use leptos::prelude::*;
use serde_json::Value;

use super::state::{ALL_KINDS, ListState};
use crate::names::{Names, entity_link, lifecycle_badge};

/// The most tags of one row.
const MAX_TAGS: usize = 2;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Name,
    Kind,
    System,
    Owner,
    Type,
    Lifecycle,
    Namespace,
    Description,
    Targets,
    Tags,
}

/// The columns for a list. A column that would say the same in every row is left out.
pub(crate) fn of(state: &ListState, entities: &[Entity]) -> Vec<Column> {
    use Column::{Description, Kind, Lifecycle, Name, Namespace, Owner, System, Tags, Targets, Type};
    let mut columns = match state.kind.as_str() {
        ALL_KINDS => vec![Name, Kind, Owner, Type, Description],
        "user" => vec![Name, Description, Tags],
        "system" | "domain" => vec![Name, Owner, Description, Tags],
        "group" | "template" => vec![Name, Type, Description, Tags],
        "location" => vec![Name, Type, Targets],
        _ => vec![Name, System, Owner, Type, Lifecycle, Description, Tags],
    };
    columns.retain(|column| match column {
        Type => state.spec_type.is_none(),
        Lifecycle => state.lifecycle.is_none(),
        Owner => state.owner.is_none(),
        Tags => entities.iter().any(|entity| !entity.tags().is_empty()),
        _ => true,
    });
    if entities.iter().any(|entity| entity.namespace() != "default") {
        columns.insert(1, Namespace);
    }
    columns
}

impl Column {
    /// Its title, and the word by which lists are sorted by it.
    fn words(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Name => ("Name", Some("name")),
            Self::Kind => ("Kind", Some("kind")),
            Self::System => ("System", Some("system")),
            Self::Owner => ("Owner", Some("owner")),
            Self::Type => ("Type", Some("type")),
            Self::Lifecycle => ("Lifecycle", Some("lifecycle")),
            Self::Namespace => ("Namespace", None),
            Self::Description => ("Description", None),
            Self::Targets => ("Targets", None),
            Self::Tags => ("Tags", None),
        }
    }

    /// Its head where the list cannot be sorted.
    pub(crate) fn plain_head(self) -> TableColumn {
        TableColumn::new(self.words().0)
    }

    /// Its head.
    pub(super) fn head(self, state: &ListState) -> TableColumn {
        let (title, sort) = self.words();
        match sort {
            Some(sort) => {
                let sorted = (state.sort == sort).then_some(state.order);
                TableColumn::new(title).sortable(state.sorted_by(sort), sorted)
            }
            None => TableColumn::new(title),
        }
    }

    /// What an entity has in it.
    pub(crate) fn cell(self, entity: &Entity, names: &Names) -> AnyView {
        match self {
            Self::Name => entity_link(entity),
            Self::Kind => entity.kind().to_owned().into_any(),
            Self::System => names.plain_links(&systems(entity)),
            Self::Owner => names.plain_links(&entity.related("ownedBy")),
            Self::Type => type_of(entity),
            Self::Lifecycle => lifecycle_badge(entity.lifecycle()).into_any(),
            Self::Namespace => entity.namespace().to_owned().into_any(),
            Self::Description => description(entity),
            Self::Targets => {
                let targets: Vec<_> =
                    targets(entity).into_iter().map(|target| view! { <li><code>{target}</code></li> }).collect();
                // A cell without a value stays empty, so that no bare label is left of it in a narrow table.
                (!targets.is_empty()).then(|| view! { <ul class="inline-list">{targets}</ul> }).into_any()
            }
            Self::Tags => tags(entity),
        }
    }
}

/// The type; Backstage's word where there is none.
fn type_of(entity: &Entity) -> AnyView {
    match entity.spec_type().filter(|spec_type| !spec_type.is_empty()) {
        Some(spec_type) => spec_type.to_owned().into_any(),
        None => view! { <span class="muted">"N/A"</span> }.into_any(),
    }
}

/// The systems that an entity is part of.
pub(super) fn systems(entity: &Entity) -> Vec<EntityRef> {
    entity.related("partOf").into_iter().filter(|part| part.kind() == "system").collect()
}

/// The first lines of the description.
fn description(entity: &Entity) -> AnyView {
    let description = entity.description().filter(|description| !description.is_empty());
    let description = description.map(|text| {
        view! { <span class="catalog-description" title=text.to_owned()>{text.to_owned()}</span> }
    });
    description.into_any()
}

/// The first tags of an entity, each a link to the others that have it.
fn tags(entity: &Entity) -> AnyView {
    let tags = entity.tags();
    if tags.is_empty() {
        return ().into_any();
    }
    let more = tags.len().saturating_sub(MAX_TAGS);
    let kind = entity.kind().to_lowercase();
    let items: Vec<TagItem> = tags
        .iter()
        .take(MAX_TAGS)
        .map(|&tag| TagItem::link(tag, with_query("/catalog", [("kind", kind.as_str()), ("tag", tag)])))
        .collect();
    let rest = tags.iter().skip(MAX_TAGS).copied().collect::<Vec<_>>().join(", ");
    view! {
        <span class="catalog-tags">
            <TagList tags=items/>
            {(more > 0).then(|| view! { <span title=rest><Badge>{format!("+{more}")}</Badge></span> })}
        </span>
    }
    .into_any()
}

/// What a location points to.
pub(crate) fn targets(entity: &Entity) -> Vec<String> {
    let one = entity.pointer("/spec/target").and_then(Value::as_str);
    let many =
        entity.pointer("/spec/targets").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_without_a_value_is_empty_but_for_the_type() {
        let entity = Entity::from_value(json!({"kind": "Component", "metadata": {"name": "a"}})).unwrap();
        let html = |column: Column| column.cell(&entity, &Names::default()).to_html();
        for column in
            [Column::System, Column::Owner, Column::Lifecycle, Column::Description, Column::Targets, Column::Tags]
        {
            let html = html(column);
            // Comments of the renderer are nothing to a style sheet.
            assert!(!html.contains("</"), "{column:?}: {html}");
        }
        assert!(html(Column::Type).contains("N/A"));
    }

    #[test]
    fn columns_follow_kind_and_filters() {
        let entity = |namespace: &str, tags: &[&str]| {
            Entity::from_value(
                json!({"kind": "Component", "metadata": {"name": "a", "namespace": namespace, "tags": tags}}),
            )
            .unwrap()
        };
        let plain = [entity("default", &[])];
        let columns = of(&ListState { spec_type: Some("service".into()), ..ListState::default() }, &plain);
        assert!(
            !columns.contains(&Column::Type)
                && !columns.contains(&Column::Tags)
                && !columns.contains(&Column::Namespace)
        );
        let columns = of(&ListState::default(), &[entity("shop", &["a"])]);
        assert!(
            columns.contains(&Column::Type) && columns.contains(&Column::Tags) && columns.contains(&Column::Namespace)
        );
        assert_eq!(
            of(&ListState { kind: "user".into(), ..ListState::default() }, &plain),
            [Column::Name, Column::Description]
        );
    }
}

//! What people call the entities that a page names, and the little that lists say of them.

use std::collections::{HashMap, HashSet};

use frontend_ui::{Badge, EntityLink, KindIcon, lifecycle_tone, short_name};
use host_api::{EntitiesByRefs, PageContext, RawEntity};
use host_model::{Entity, EntityRef};
use leptos::prelude::*;

/// The most entities whose names are looked up for one page.
const MOST: usize = 400;

/// The fields that lists need.
pub(crate) const LIST_FIELDS: [&str; 13] = [
    "kind",
    "metadata.name",
    "metadata.namespace",
    "metadata.title",
    "metadata.description",
    "metadata.tags",
    "spec.type",
    "spec.lifecycle",
    "spec.owner",
    "spec.system",
    "spec.profile",
    "spec.remotes",
    "relations",
];

/// [`LIST_FIELDS`] as a query takes them.
pub(crate) fn list_fields() -> Vec<String> {
    LIST_FIELDS.iter().map(|&field| field.to_owned()).collect()
}

/// Reads entities, leaving out what is none.
pub(crate) fn parsed<'a>(raw: impl IntoIterator<Item = &'a RawEntity>) -> Vec<Entity> {
    raw.into_iter().filter_map(RawEntity::parse).collect()
}

/// Entities by reference.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    known: HashMap<EntityRef, Entity>,
    /// Those that the catalog was asked for and does not have.
    missing: HashSet<EntityRef>,
}

impl Names {
    /// Looks up entities, those that come first if there are too many. The others stand for themselves, and so do all when
    /// the catalog does not answer.
    pub(crate) async fn of(context: &PageContext, references: impl IntoIterator<Item = EntityRef>) -> Self {
        let mut seen = HashSet::new();
        let wanted: Vec<EntityRef> =
            references.into_iter().filter(|reference| seen.insert(reference.clone())).take(MOST).collect();
        if wanted.is_empty() {
            return Self::default();
        }
        let query = EntitiesByRefs {
            entity_refs: wanted.iter().map(ToString::to_string).collect(),
            fields: list_fields(),
            ..EntitiesByRefs::default()
        };
        let found = context.portal.entities_by_refs(&context.principal, query).await.unwrap_or_default();
        let known = parsed(found.iter().flatten()).into_iter().map(|entity| (entity.entity_ref(), entity)).collect();
        let missing = wanted.into_iter().zip(&found).filter(|(_, found)| found.is_none());
        Self { known, missing: missing.map(|(reference, _)| reference).collect() }
    }

    /// The entity, when the catalog was asked for it and has it.
    pub(crate) fn get(&self, reference: &EntityRef) -> Option<&Entity> {
        self.known.get(reference)
    }

    /// Whether the catalog was asked for it and does not have it.
    pub(crate) fn is_missing(&self, reference: &EntityRef) -> bool {
        self.missing.contains(reference)
    }

    /// What people call it.
    pub(crate) fn title(&self, reference: &EntityRef) -> String {
        self.get(reference).map_or_else(|| short_name(reference), |entity| entity.title().to_owned())
    }

    /// A link with its title. What is not in the catalog has no page, and says so.
    pub(crate) fn link(&self, reference: &EntityRef) -> AnyView {
        if self.is_missing(reference) {
            let kind = reference.kind().to_owned();
            let title = format!("{reference} is not in the catalog");
            return view! {
                <span class="entity-link" data-missing="" title=title>
                    <KindIcon kind/>
                    <span class="entity-link-text">{short_name(reference)}</span>
                    <span class="visually-hidden">" (not in the catalog)"</span>
                </span>
            }
            .into_any();
        }
        view! { <EntityLink reference=reference.to_string() title=self.title(reference)/> }.into_any()
    }

    /// A link without the icon of its kind, for columns in which the kind is plain.
    pub(crate) fn plain_link(&self, reference: &EntityRef) -> AnyView {
        if self.is_missing(reference) {
            return self.link(reference);
        }
        view! { <EntityLink reference=reference.to_string() title=self.title(reference) plain=true/> }.into_any()
    }

    /// Links one after the other.
    pub(crate) fn links(&self, references: &[EntityRef]) -> AnyView {
        let links: Vec<_> = references.iter().map(|reference| view! { <li>{self.link(reference)}</li> }).collect();
        view! { <ul class="inline-list">{links}</ul> }.into_any()
    }

    /// Plain links one after the other.
    pub(crate) fn plain_links(&self, references: &[EntityRef]) -> AnyView {
        match references {
            [] => ().into_any(),
            [one] => self.plain_link(one),
            many => {
                let links: Vec<_> =
                    many.iter().map(|reference| view! { <li>{self.plain_link(reference)}</li> }).collect();
                view! { <ul class="inline-list">{links}</ul> }.into_any()
            }
        }
    }

    /// What people call each of them, by reference, as plugins' views want it.
    pub(crate) fn titles(&self) -> std::collections::BTreeMap<String, String> {
        self.known.iter().map(|(reference, entity)| (reference.to_string(), entity.title().to_owned())).collect()
    }
}

/// A link to an entity that is at hand.
pub(crate) fn entity_link(entity: &Entity) -> AnyView {
    view! { <EntityLink reference=entity.entity_ref().to_string() title=entity.title().to_owned()/> }.into_any()
}

/// A lifecycle as a badge; nothing when there is none.
pub(crate) fn lifecycle_badge(lifecycle: Option<&str>) -> Option<AnyView> {
    let lifecycle = lifecycle?.to_owned();
    Some(view! { <Badge tone=lifecycle_tone(&lifecycle)>{lifecycle}</Badge> }.into_any())
}

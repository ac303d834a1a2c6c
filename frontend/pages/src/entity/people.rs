//! What is told of groups and people besides: who belongs to them, directly and through groups below, and what they own
//! in all.

use std::collections::BTreeSet;

use frontend_ui::{Avatar, Card, EmptyStateView, Icon, SafeLink, format, with_query};
use futures::future::join_all;
use host_api::{EntitiesByRefs, FacetsQuery, PageContext};
use host_model::{Entity, EntityRef};
use leptos::prelude::*;
use serde_json::Value;

use super::EntityPage;
use crate::names::{Names, list_fields, parsed};

/// The most groups that count as below or above one.
const MAX_GROUPS: usize = 200;
/// The most members that are listed.
const MAX_MEMBERS: usize = 200;
/// The most kinds whose types are counted apart.
const MAX_KINDS: usize = 6;

/// What the overview of a group or a person shows besides.
pub(super) struct People {
    /// Whether groups below count as well (for a person: the groups that the person is in).
    aggregated: bool,
    /// Members with the group through which they belong, where that is another.
    members: Vec<(EntityRef, Option<EntityRef>)>,
    /// How many groups lie below, or, for a person, how many the person is in.
    groups: usize,
    /// Kind, type and how many are owned.
    owned: Vec<Owned>,
    owners: Vec<EntityRef>,
    pub(super) names: Names,
}

/// Owned entities of one kind and type.
struct Owned {
    kind: String,
    spec_type: Option<String>,
    count: u64,
}

/// Asks for everything; none for kinds that are neither group nor person.
pub(super) async fn load(context: &PageContext, entity: &Entity, aggregated: bool) -> Option<People> {
    let reference = entity.entity_ref();
    let (further, through) = match reference.kind() {
        "group" => ("parentOf", "hasMember"),
        "user" => ("memberOf", ""),
        _ => return None,
    };
    let mut groups: Vec<Entity> = Vec::new();
    if aggregated {
        groups = closure(context, entity.related(further), &reference).await;
    }
    let mut members: Vec<(EntityRef, Option<EntityRef>)> = Vec::new();
    if !through.is_empty() {
        let mut seen = BTreeSet::new();
        let direct = entity.related(through).into_iter().map(|member| (member, None));
        let indirect = groups.iter().flat_map(|group| {
            let from = group.entity_ref();
            group.related(through).into_iter().map(move |member| (member, Some(from.clone())))
        });
        members.extend(direct.chain(indirect).filter(|(member, _)| seen.insert(member.clone())));
    }
    let owners: Vec<EntityRef> =
        std::iter::once(reference.clone()).chain(groups.iter().map(Entity::entity_ref)).collect();
    let owned = owned(context, &owners).await;
    let shown = members.iter().take(MAX_MEMBERS).flat_map(|(member, via)| via.iter().chain([member]).cloned());
    let names = Names::of(context, shown.collect::<Vec<_>>()).await;
    Some(People { aggregated, members, groups: groups.len(), owned, owners, names })
}

/// The groups that are reached from some by going on in the same direction (down from a group, up from a person).
async fn closure(context: &PageContext, first: Vec<EntityRef>, from: &EntityRef) -> Vec<Entity> {
    let next = if from.kind() == "group" { "parentOf" } else { "childOf" };
    let mut seen: BTreeSet<EntityRef> = BTreeSet::from([from.clone()]);
    let mut found = Vec::new();
    let mut open: Vec<EntityRef> = first.into_iter().filter(|group| seen.insert(group.clone())).collect();
    while !open.is_empty() && found.len() < MAX_GROUPS {
        open.truncate(MAX_GROUPS - found.len());
        let query = EntitiesByRefs {
            entity_refs: open.iter().map(ToString::to_string).collect(),
            fields: list_fields(),
            ..EntitiesByRefs::default()
        };
        let answer = context.portal.entities_by_refs(&context.principal, query).await.unwrap_or_default();
        let groups = parsed(answer.iter().flatten());
        let further = groups.iter().flat_map(|group| group.related(next));
        open = further.filter(|group| seen.insert(group.clone())).collect();
        found.extend(groups);
    }
    found
}

/// How much of each kind and type some own together.
async fn owned(context: &PageContext, owners: &[EntityRef]) -> Vec<Owned> {
    let owners = owners.iter().map(|owner| format!("relations.ownedBy={owner}")).collect::<Vec<_>>().join(",");
    let ask = |facet: &str, filter: String| FacetsQuery {
        facets: vec![facet.to_owned()],
        filters: vec![filter],
        ..FacetsQuery::default()
    };
    let count = async |query: FacetsQuery| {
        let answer = context.portal.facets(&context.principal, query).await.unwrap_or_default();
        let mut values = answer.facets.into_values().next().unwrap_or_default();
        values.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.value.cmp(&right.value)));
        values
    };
    let kinds = count(ask("kind", owners.clone())).await;
    let types = kinds.iter().take(MAX_KINDS);
    let types = types.map(|kind| count(ask("spec.type", format!("kind={},{owners}", kind.value.to_lowercase()))));
    let types = join_all(types).await;
    let mut owned = Vec::new();
    for (position, kind) in kinds.into_iter().enumerate() {
        let types = types.get(position).map(Vec::as_slice).unwrap_or_default();
        let typed: u64 = types.iter().map(|value| value.count).sum();
        owned.extend(types.iter().map(|value| Owned {
            kind: kind.value.clone(),
            spec_type: Some(value.value.clone()),
            count: value.count,
        }));
        if typed < kind.count {
            owned.push(Owned { kind: kind.value, spec_type: None, count: kind.count - typed });
        }
    }
    owned
}

/// The cards.
pub(super) fn cards(page: &EntityPage, people: &People) -> AnyView {
    view! { {ownership(page, people)} {(page.is_kind("group")).then(|| members(page, people))} }.into_any()
}

/// The switch between what is direct and what is in all.
fn switch(page: &EntityPage, people: &People) -> AnyView {
    let path = page.reference.page_path();
    let (href, words) = if people.aggregated {
        (format!("{path}?relations=direct"), "Direct only")
    } else if page.is_kind("group") {
        (path, "With groups below")
    } else {
        (path, "With the person's groups")
    };
    view! { <a href=href>{words}</a> }.into_any()
}

fn ownership(page: &EntityPage, people: &People) -> AnyView {
    let total: u64 = people.owned.iter().map(|owned| owned.count).sum();
    if total == 0 {
        let text = if page.is_kind("group") {
            "Name the group as spec.owner of a component, an API or a system, and it is counted here."
        } else {
            "What this person or one of the person's groups owns is counted here."
        };
        return view! {
            <Card title="Ownership" icon=Icon::Component width="medium" actions=switch(page, people)>
                <EmptyStateView icon=Icon::Component title="Nothing is owned yet" text/>
            </Card>
        }
        .into_any();
    }
    let tiles: Vec<_> = people.owned.iter().map(|owned| tile(owned, &people.owners)).collect();
    let note = scope(page, people, &format::group_digits(total));
    view! {
        <Card title="Ownership" icon=Icon::Component note width="medium" actions=switch(page, people)>
            <ul class="ownership">{tiles}</ul>
        </Card>
    }
    .into_any()
}

/// What a number counts.
fn scope(page: &EntityPage, people: &People, count: &str) -> String {
    match (people.groups, page.is_kind("group")) {
        (0, _) => count.to_owned(),
        (groups, true) => format!("{count} with {} below", format::count(groups as u64, "group", "groups")),
        (groups, false) => format!("{count} with {}", format::count(groups as u64, "group", "groups")),
    }
}

/// A number with the list that it counts.
fn tile(owned: &Owned, owners: &[EntityRef]) -> AnyView {
    let kind = owned.kind.to_lowercase();
    // The list filters by one owner; for several together there is none to lead to.
    let href = match owners {
        [owner] => {
            let owner = owner.to_string();
            let mut query = vec![("kind", kind.as_str()), ("owner", owner.as_str())];
            query.extend(owned.spec_type.as_deref().map(|spec_type| ("type", spec_type)));
            Some(with_query("/catalog", query))
        }
        _ => None,
    };
    let name = owned.spec_type.clone().unwrap_or_else(|| owned.kind.clone());
    let count = format::group_digits(owned.count);
    let content = view! {
        <span class="ownership-count">{count}</span>
        <span class="ownership-name">{name}</span>
        <span class="ownership-kind">{owned.kind.clone()}</span>
    };
    match href {
        Some(href) => view! { <li><a class="ownership-tile" href=href>{content}</a></li> }.into_any(),
        None => view! { <li><span class="ownership-tile">{content}</span></li> }.into_any(),
    }
}

fn members(page: &EntityPage, people: &People) -> AnyView {
    if people.members.is_empty() {
        return view! {
            <Card title="Members" icon=Icon::User width="medium" actions=switch(page, people)>
                <EmptyStateView icon=Icon::User title="Nobody is a member" text="People name their groups in spec.memberOf; a group names its people in spec.members."/>
            </Card>
        }
        .into_any();
    }
    let rows: Vec<_> = people
        .members
        .iter()
        .take(MAX_MEMBERS)
        .map(|(person, via)| member(person, via.as_ref(), &people.names))
        .collect();
    let rest = people.members.len().saturating_sub(MAX_MEMBERS);
    let rest = (rest > 0).then(|| view! { <p class="related-empty">{format!("and {rest} more")}</p> });
    let note = scope(page, people, &format::group_digits(people.members.len() as u64));
    view! {
        <Card title="Members" icon=Icon::User note width="medium" flush=true actions=switch(page, people)>
            <ul class="entity-rows members">{rows}</ul>
            {rest}
        </Card>
    }
    .into_any()
}

fn member(person: &EntityRef, via: Option<&EntityRef>, names: &Names) -> AnyView {
    let entity = names.get(person);
    let email = entity.and_then(|entity| entity.pointer("/spec/profile/email")).and_then(Value::as_str);
    let email = email.map(|email| view! { <SafeLink url=format!("mailto:{email}") text=email.to_owned()/> });
    let via = via.map(|group| view! { <span class="muted small">"in "{names.plain_link(group)}</span> });
    view! {
        <li class="entity-row">
            <span class="entity-row-name"><Avatar name=names.title(person)/> {names.plain_link(person)}</span>
            <span class="entity-row-facts">{via}</span>
            <span class="entity-row-description">{email}</span>
        </li>
    }
    .into_any()
}

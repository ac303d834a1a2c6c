//! The head of an entity's page, and what must not be missed.

use frontend_ui::{
    Button, ButtonVariant, CalloutView, Crumb, Icon, KindBadge, KindIcon, LinkButton, Meta, PageHeader, Tab, Tabs,
    safe_url, with_query,
};
use host_model::{EntityRef, Severity, annotation};
use leptos::prelude::*;

use super::EntityPage;
use crate::catalog::star_button;
use crate::names::lifecycle_badge;
use crate::percent;
use crate::problems::{gravest, problem_callout};
use crate::route::EntityTab;

/// The most problems that are told on every tab.
const FEW: usize = 5;

/// Breadcrumbs, name, facts, buttons and tabs.
pub(super) fn draw(page: &EntityPage) -> AnyView {
    let entity = &page.entity;
    let kind = entity.kind().to_owned();
    let list = with_query("/catalog", [("kind", page.reference.kind())]);
    let crumbs = vec![Crumb::new("Catalog", "/catalog"), Crumb::new(kind.clone(), list)];
    let owners = entity.related("ownedBy");
    let systems: Vec<_> = entity.related("partOf").into_iter().filter(|part| part.kind() == "system").collect();
    let lifecycle = lifecycle_badge(entity.lifecycle());
    let meta = |label: &'static str, references: &[EntityRef]| {
        let links = (!references.is_empty()).then(|| page.names.links(references))?;
        Some(view! { <Meta label>{links}</Meta> })
    };
    let (owners, systems) = (meta("Owner", &owners), meta("System", &systems));
    let reference = page.reference.to_string();
    let spec_type = entity.spec_type().unwrap_or_default().to_owned();
    view! {
        <PageHeader
            title=entity.title().to_owned()
            crumbs
            description=entity.description().unwrap_or_default().to_owned()
            mark=view! { <KindIcon kind=kind.clone() large=true/> }.into_any()
            actions=actions(page)
            tabs=tabs(page)
        >
            <KindBadge kind=kind spec_type/>
            {lifecycle}
            {owners}
            {systems}
            <code class="entity-reference">{reference}</code>
        </PageHeader>
    }
    .into_any()
}

fn actions(page: &EntityPage) -> AnyView {
    let entity = &page.entity;
    let url = |key: &str| entity.annotation(key).and_then(safe_url).map(str::to_owned);
    let template = page.is_kind("template").then(|| {
        let href = percent::path(["create", "templates", page.reference.namespace(), page.reference.name()]);
        view! { <LinkButton href icon=Icon::Play variant=ButtonVariant::Primary>"Use template"</LinkButton> }
    });
    let edit = url(annotation::EDIT_URL).map(|href| view! { <LinkButton href icon=Icon::Edit>"Edit"</LinkButton> });
    let view_source =
        url(annotation::VIEW_URL).map(|href| view! { <LinkButton href icon=Icon::Code>"View source"</LinkButton> });
    let path = page.reference.page_path();
    let star = star_button(&page.reference, entity.title(), &page.bookmarks, &path, &path);
    view! {
        {star}
        {view_source}
        {edit}
        <form method="post" action=page.reference.page_path()>
            <Button icon=Icon::Refresh>"Refresh"</Button>
        </form>
        <LinkButton href=format!("{}/unregister", page.reference.page_path()) icon=Icon::Trash label="Unregister"/>
        {template}
    }
    .into_any()
}

fn tabs(page: &EntityPage) -> AnyView {
    let base = page.reference.page_path();
    let docs = has_docs(page).then(|| {
        let reference = &page.reference;
        Tab::new("Docs", percent::path(["docs", reference.namespace(), reference.kind(), reference.name()]), false)
    });
    let mut tabs: Vec<Tab> = page
        .tabs()
        .into_iter()
        .map(|tab| {
            let href = if tab.word().is_empty() { base.clone() } else { format!("{base}/{}", tab.word()) };
            let drawn = Tab::new(tab.label(), href, tab == page.tab);
            match tab {
                EntityTab::Problems => drawn.count(page.problem_count() as u64),
                EntityTab::Relations => drawn.count(page.entity.relations().len() as u64),
                _ => drawn,
            }
        })
        .collect();
    // Beside what the entity is, before what the catalog knows of it.
    tabs.splice(1..1, docs);
    view! { <Tabs label="Parts of this page" tabs/> }.into_any()
}

/// Whether somebody said where its documentation lies.
fn has_docs(page: &EntityPage) -> bool {
    [annotation::TECHDOCS_REF, annotation::TECHDOCS_ENTITY].iter().any(|key| page.entity.annotation(key).is_some())
}

/// Problems and orphanhood, on every tab but the one that lists them.
pub(super) fn warnings(page: &EntityPage) -> AnyView {
    let orphan = (page.entity.annotation(annotation::ORPHAN) == Some("true")).then(|| {
        view! {
            <CalloutView severity=Severity::Warning title="This entity is an orphan">
                <p>"No source leads to it any more. Register its descriptor again, or ask an administrator to remove it."</p>
            </CalloutView>
        }
    });
    let dangling: Vec<_> = page
        .entity
        .relations()
        .into_iter()
        .filter(|relation| page.names.is_missing(&relation.target_ref))
        .map(|relation| relation.target_ref)
        .collect();
    let dangling = (!dangling.is_empty() && page.tab == EntityTab::Overview).then(|| {
        let mut dangling = dangling;
        dangling.sort();
        dangling.dedup();
        let items: Vec<_> =
            dangling.iter().take(20).map(|reference| view! { <li><code>{reference.to_string()}</code></li> }).collect();
        view! {
            <CalloutView severity=Severity::Warning title="It refers to entities that are not in the catalog">
                <ul class="inline-list">{items}</ul>
            </CalloutView>
        }
    });
    let problems = match &page.problems {
        Err(error) => {
            let message = error.message.clone();
            Some(
                view! {
                    <CalloutView severity=Severity::Warning title="Problems could not be looked up"><p>{message}</p></CalloutView>
                }
                .into_any(),
            )
        }
        Ok(_) if page.tab == EntityTab::Problems => None,
        Ok(problems) if problems.len() > FEW => gravest(problems).map(|severity| {
            let href = format!("{}/problems", page.reference.page_path());
            let title = format!("{} problems", problems.len());
            view! {
                <CalloutView severity title>
                    <p><a href=href>"See what is wrong, where, and what to do"</a></p>
                </CalloutView>
            }
            .into_any()
        }),
        Ok(problems) => problem_callout(problems, &page.names, page.is_kind("location")),
    };
    view! { {problems}{orphan}{dangling} }.into_any()
}

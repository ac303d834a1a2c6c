//! Stars and saved lists: small forms that are posted to the page, so that they work without scripts.

use frontend_ui::{Button, ButtonVariant, Icon, IconView, LinkButton, safe_url};
use host_api::Bookmarks;
use host_model::{Entity, EntityRef, annotation};
use leptos::prelude::*;

use super::ListState;

/// A button that gives an entity a star or takes it away, and leads back to `back`.
pub(crate) fn star_button(entity: &EntityRef, title: &str, bookmarks: &Bookmarks, action: &str, back: &str) -> AnyView {
    let has_star = bookmarks.has_star(entity);
    let word = if has_star { "unstar" } else { "star" };
    let label = if has_star { format!("Take the star from {title}") } else { format!("Give {title} a star") };
    view! {
        <form method="post" action=action.to_owned() class="star" data-on=has_star.then_some("")>
            <input type="hidden" name="do" value=word/>
            <input type="hidden" name="entity" value=entity.to_string()/>
            <input type="hidden" name="back" value=back.to_owned()/>
            <Button icon=Icon::Star variant=ButtonVariant::Quiet small=true label/>
        </form>
    }
    .into_any()
}

/// What can be done with an entity from its row.
pub(super) fn row_actions(entity: &Entity, bookmarks: &Bookmarks, back: &str) -> AnyView {
    let title = entity.title();
    let link = |key: &str, icon: Icon, word: &str| {
        let href = entity.annotation(key).and_then(safe_url)?.to_owned();
        let label = format!("{word} {title}");
        Some(view! { <LinkButton href icon variant=ButtonVariant::Quiet small=true label/> })
    };
    view! {
        <span class="row-actions">
            {link(annotation::VIEW_URL, Icon::Code, "View the source of")}
            {link(annotation::EDIT_URL, Icon::Edit, "Edit")}
            {star_button(&entity.entity_ref(), title, bookmarks, "/catalog", back)}
        </span>
    }
    .into_any()
}

/// The list as a file.
pub(super) fn export_menu(state: &ListState) -> AnyView {
    view! {
        <LinkButton href=state.export_address("csv") icon=Icon::Download variant=ButtonVariant::Quiet>"CSV"</LinkButton>
        <LinkButton href=state.export_address("json") icon=Icon::Download variant=ButtonVariant::Quiet>"JSON"</LinkButton>
    }
    .into_any()
}

/// The saved lists, and a form that saves the present one.
pub(super) fn views(state: &ListState, bookmarks: &Bookmarks) -> AnyView {
    let present = state.query();
    let is_saved = bookmarks.views.iter().any(|view| view.query == present);
    let address = |query: &str| if query.is_empty() { "/catalog".to_owned() } else { format!("/catalog?{query}") };
    let saved: Vec<_> = bookmarks
        .views
        .iter()
        .map(|saved| {
            let current = (saved.query == present).then_some("page");
            let label = format!("Forget the list {}", saved.name);
            view! {
                <li class="saved-view" data-current=current.map(|_| "")>
                    <a href=address(&saved.query) aria-current=current>{saved.name.clone()}</a>
                    <form method="post" action="/catalog">
                        <input type="hidden" name="do" value="forget-view"/>
                        <input type="hidden" name="name" value=saved.name.clone()/>
                        <input type="hidden" name="back" value=state.address()/>
                        <Button icon=Icon::Close variant=ButtonVariant::Quiet small=true label/>
                    </form>
                </li>
            }
        })
        .collect();
    let save = (!is_saved && !present.is_empty()).then(|| {
        view! {
            <details class="save-view">
                <summary class="save-view-summary"><IconView icon=Icon::Plus/>"Save this list"</summary>
                <form class="save-view-form" method="post" action="/catalog">
                    <input type="hidden" name="do" value="save-view"/>
                    <input type="hidden" name="query" value=present/>
                    <input type="hidden" name="back" value=state.address()/>
                    <input class="input" name="name" required maxlength="60" placeholder="Name" aria-label="Name of the list" autocomplete="off"/>
                    <Button small=true>"Save"</Button>
                </form>
            </details>
        }
    });
    if saved.is_empty() && save.is_none() {
        return ().into_any();
    }
    let list = (!saved.is_empty()).then(|| view! { <ul class="saved-views-list">{saved}</ul> });
    view! { <nav class="saved-views" aria-label="Saved lists">{list} {save}</nav> }.into_any()
}

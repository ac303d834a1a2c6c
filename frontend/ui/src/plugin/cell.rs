//! Draws one typed value.

use host_model::view::{Cell, Person, Status};
use leptos::prelude::*;

use super::PanelContext;
use crate::{
    Badge, EntityLink, Icon, IconView, PersonView, RelativeTime, SafeLink, StatusView, TagItem, TagList, format,
};

/// A value as its kind demands.
pub(super) fn draw_cell(cell: Cell, context: &PanelContext) -> AnyView {
    match cell {
        Cell::Empty => ().into_any(),
        Cell::Text(text) => view! { <span class="preserve">{text}</span> }.into_any(),
        Cell::Link(link) => {
            let url = context.link(link.url);
            view! { <SafeLink url text=link.text/> }.into_any()
        }
        Cell::Entity(reference) => draw_entity(reference, context),
        Cell::Person(person) => draw_person(person),
        Cell::Status(status) => draw_status(status),
        Cell::Badge(text) => view! { <Badge>{text}</Badge> }.into_any(),
        Cell::Badges(texts) => view! { <TagList tags=texts.into_iter().map(TagItem::new).collect()/> }.into_any(),
        Cell::Time(time) => view! { <RelativeTime time now=context.now/> }.into_any(),
        Cell::Duration(length) => number(format::duration(length)),
        Cell::Bytes(size) => number(format::bytes(size)),
        Cell::Number(amount) => number(format::quantity(amount.value, amount.unit.as_deref())),
        Cell::Boolean(true) => {
            view! { <span class="boolean" data-tone="ok"><IconView icon=Icon::Check/>"Yes"</span> }.into_any()
        }
        Cell::Boolean(false) => {
            view! { <span class="boolean" data-tone="neutral"><IconView icon=Icon::Close/>"No"</span> }.into_any()
        }
        Cell::Code(text) => view! { <code class="cell-code">{text}</code> }.into_any(),
    }
}

/// A link to an entity under the name that people call it.
pub(super) fn draw_entity(reference: String, context: &PanelContext) -> AnyView {
    let title = context.titles.get(&reference).cloned().unwrap_or_default();
    view! { <EntityLink reference title/> }.into_any()
}

/// A level with its text.
pub(super) fn draw_status(status: Status) -> AnyView {
    let Status { level, text, detail } = status;
    view! { <StatusView level text detail=detail.unwrap_or_default()/> }.into_any()
}

fn number(text: String) -> AnyView {
    view! { <span class="number nowrap">{text}</span> }.into_any()
}

/// A person, linked to the catalog before any other address.
fn draw_person(person: Person) -> AnyView {
    let Person { name, entity, url } = person;
    match (entity, url) {
        (Some(reference), _) => {
            let link = view! { <EntityLink reference title=name.clone() plain=true/> }.into_any();
            view! { <PersonView name link/> }.into_any()
        }
        (None, Some(url)) => {
            let link = view! { <SafeLink url text=name.clone()/> }.into_any();
            view! { <PersonView name link/> }.into_any()
        }
        (None, None) => view! { <PersonView name/> }.into_any(),
    }
}

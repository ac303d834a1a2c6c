//! The form of a template. All its pages are one form, so that it works without scripts.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use frontend_ui::{
    Button, ButtonVariant, CalloutView, Choice, Crumb, Icon, KindIcon, LinkButton, Meta, PageHeader, format,
};
use futures::future::join_all;
use futures::join;
use host_api::{ApiError, ApiErrorKind, ApiResult, EntityListQuery, FormState, PageContext, ParameterSchema};
use host_model::{Entity, EntityRef, Severity};
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::fields::{Answers, draw as draw_field};
use super::schema::{Control, Field, Section, sections};
use crate::failure::no_such_entity;
use crate::names::{Names, list_fields, parsed};
use crate::query::Query;
use crate::{Page, percent};

/// The most entities that one field suggests.
const MAX_ENTITIES: usize = 500;
/// The most different lists of entities of one form.
const MAX_LISTS: usize = 8;
/// The most bytes of answers in the address.
const MAX_PREFILLED: usize = 16 * 1024;

/// What the page shows.
struct FormPage {
    template: Entity,
    schema: ParameterSchema,
    sections: Vec<Section>,
    entities: HashMap<Vec<String>, Vec<Choice>>,
    names: Names,
    /// The form as it was sent and refused.
    refused: Option<Arc<FormState>>,
    /// Answers to begin with.
    prefilled: Option<Map<String, Value>>,
}

/// The page.
pub(crate) async fn load(context: &PageContext, reference: EntityRef, query: &Query<'_>) -> ApiResult<Page> {
    let (portal, principal) = (&context.portal, &context.principal);
    let (raw, schema) =
        join!(portal.entity_by_name(principal, &reference), portal.parameter_schema(principal, &reference));
    let raw = match raw {
        Err(error) if error.kind == ApiErrorKind::NotFound => return Ok(no_such_entity(context, &reference).await),
        raw => raw?,
    };
    let template = raw.parse().ok_or_else(|| ApiError::internal("The stored entity cannot be read; see the log."))?;
    let schema = schema?;
    let sections = sections(&schema.steps);
    let mut wanted = BTreeSet::new();
    sections.iter().for_each(|section| collect_filters(&section.fields, &mut wanted));
    let owners = template.related("ownedBy");
    let (entities, names) = join!(
        join_all(wanted.into_iter().take(MAX_LISTS).map(|filters| choices(context, filters))),
        Names::of(context, owners)
    );
    // Backstage's links into forms carry answers in this way.
    let prefilled = query
        .whole("formData")
        .filter(|text| text.len() <= MAX_PREFILLED)
        .and_then(|text| serde_json::from_str(text).ok());
    let page = FormPage {
        template,
        sections,
        entities: entities.into_iter().collect(),
        names,
        refused: context.form.clone(),
        prefilled,
        schema,
    };
    let title = format!("{} · Create", page.title());
    let title = if page.refused.is_some() { format!("Error: {title}") } else { title };
    let page = Arc::new(page);
    Ok(Page::new(title, move || draw(&page)))
}

/// The lists of entities that fields ask for.
fn collect_filters(fields: &[Field], wanted: &mut BTreeSet<Vec<String>>) {
    for field in fields {
        match &field.control {
            Control::Entity { filters, .. } => {
                wanted.insert(filters.clone());
            }
            Control::Object(inner) => collect_filters(inner, wanted),
            _ => {}
        }
    }
}

/// The entities that match, to choose from. Without an answer of the catalog a reference can still be written.
async fn choices(context: &PageContext, filters: Vec<String>) -> (Vec<String>, Vec<Choice>) {
    let query = EntityListQuery {
        filters: filters.clone(),
        fields: list_fields(),
        limit: Some(MAX_ENTITIES),
        ..EntityListQuery::default()
    };
    let found = context.portal.entities(&context.principal, query).await.unwrap_or_default();
    let mut choices: Vec<Choice> = parsed(&found.items)
        .iter()
        .map(|entity| Choice::new(entity.entity_ref().to_string(), entity.title()))
        .collect();
    choices.sort_by_key(|choice| choice.label.to_lowercase());
    (filters, choices)
}

impl FormPage {
    fn title(&self) -> String {
        if self.schema.title.is_empty() { self.template.title().to_owned() } else { self.schema.title.clone() }
    }

    fn button(&self) -> String {
        let words = self
            .schema
            .presentation
            .as_ref()
            .and_then(|presentation| presentation.pointer("/buttonLabels/createButtonText"));
        words.and_then(Value::as_str).filter(|words| !words.trim().is_empty()).unwrap_or("Create").to_owned()
    }

    fn answers(&self) -> Answers<'_> {
        let values = self.refused.as_ref().map(|form| &form.values).or(self.prefilled.as_ref());
        let errors = self.refused.as_ref().map(|form| form.errors.as_slice()).unwrap_or_default();
        Answers { values, errors, entities: &self.entities }
    }
}

fn draw(page: &FormPage) -> AnyView {
    let reference = page.template.entity_ref();
    let action = percent::path(["create", "templates", reference.namespace(), reference.name()]);
    let owners = page.template.related("ownedBy");
    let owners = (!owners.is_empty()).then(|| page.names.links(&owners));
    let owners = owners.map(|owners| view! { <Meta label="Owner">{owners}</Meta> });
    let description =
        page.schema.description.clone().or_else(|| page.template.description().map(str::to_owned)).unwrap_or_default();
    let button = page.button();
    let answers = page.answers();
    let only = page.sections.len() == 1;
    let sections: Vec<_> =
        page.sections.iter().enumerate().map(|(index, section)| draw_section(index, only, section, &answers)).collect();
    let nothing = page.sections.iter().all(|section| section.fields.is_empty());
    view! {
        <PageHeader
            title=page.title()
            crumbs=vec![Crumb::new("Create", "/create")]
            description
            mark=view! { <KindIcon kind="template" large=true/> }.into_any()
            actions=view! { <LinkButton href=reference.page_path() icon=Icon::Template>"About this template"</LinkButton> }.into_any()
        >
            {owners}
        </PageHeader>
        <form class="template-form" method="post" action=action>
            {summary(page)}
            {nothing.then(|| view! { <p class="muted">"This template asks for nothing."</p> })}
            {sections}
            <div class="form-actions">
                <Button variant=ButtonVariant::Primary icon=Icon::Play>{button}</Button>
                <a href="/create">"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}

fn draw_section(index: usize, only: bool, section: &Section, answers: &Answers<'_>) -> AnyView {
    let fields: Vec<_> = section.fields.iter().map(|field| draw_field(field, answers)).collect();
    if fields.is_empty() {
        return ().into_any();
    }
    let title = match (section.title.is_empty(), only) {
        (false, true) => section.title.clone(),
        (false, false) => format!("{}. {}", index + 1, section.title),
        (true, true) => "Parameters".to_owned(),
        (true, false) => format!("Part {}", index + 1),
    };
    view! {
        <fieldset class="form-section">
            <legend class="form-section-title">{title}</legend>
            {(!section.description.is_empty()).then(|| view! { <p class="muted">{section.description.clone()}</p> })}
            {fields}
        </fieldset>
    }
    .into_any()
}

/// What is wrong with the whole form, with links to the fields.
fn summary(page: &FormPage) -> Option<AnyView> {
    let refused = page.refused.as_ref()?;
    let mut labels = Vec::new();
    page.sections.iter().for_each(|section| collect_labels(&section.fields, &mut labels));
    let items: Vec<_> = refused
        .errors
        .iter()
        .map(|error| {
            // The field itself, or the one that holds what is wrong.
            let field = labels
                .iter()
                .filter(|(pointer, _)| {
                    error.field == *pointer
                        || error.field.strip_prefix(pointer.as_str()).is_some_and(|rest| rest.starts_with('/'))
                })
                .max_by_key(|(pointer, _)| pointer.len());
            match field {
                Some((pointer, label)) => {
                    view! { <li><a href=format!("#{pointer}")>{label.clone()}</a>": "{error.message.clone()}</li> }
                        .into_any()
                }
                None if error.field.is_empty() => view! { <li>{error.message.clone()}</li> }.into_any(),
                None => view! { <li><code>{error.field.clone()}</code>": "{error.message.clone()}</li> }.into_any(),
            }
        })
        .collect();
    // With single errors the message repeats what their list says.
    let message = match (refused.message.as_str(), refused.errors.len()) {
        ("", 0) => "The form was not accepted".to_owned(),
        (message, 0) => message.to_owned(),
        (_, errors) => format!("{} to mend", format::count(errors as u64, "answer", "answers")),
    };
    Some(
        view! {
            <div class="form-summary" role="alert">
                <CalloutView severity=Severity::Error title=message>
                    {(!items.is_empty()).then(|| view! { <ul class="form-errors">{items}</ul> })}
                </CalloutView>
            </div>
        }
        .into_any(),
    )
}

fn collect_labels(fields: &[Field], labels: &mut Vec<(String, String)>) {
    for field in fields {
        labels.push((field.pointer.clone(), field.label.clone()));
        if let Control::Object(inner) = &field.control {
            collect_labels(inner, labels);
        }
    }
}

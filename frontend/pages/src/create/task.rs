//! A task: how far it is, what it says, and what came of it.

use std::sync::Arc;

use frontend_islands::TaskLog;
use frontend_ui::{
    Button, CalloutView, Card, Crumb, EntityLink, Icon, LinkButton, LogView, Meta, PageHeader, RelativeTime, SafeLink,
    StatusView, format,
};
use futures::join;
use host_api::{ApiResult, PageContext, TaskEventsQuery};
use host_model::task::{Task, TaskStatus};
use host_model::{EntityRef, Severity};
use leptos::prelude::*;
use serde_json::Value;

use super::progress::{Progress, Step, progress, template_of};
use super::tasks::{task_level, task_word};
use crate::marks::marked;
use crate::{Page, percent};

/// How often readers without scripts see the page anew while the task runs.
const REFRESH_SECONDS: u32 = 2;

/// The page.
pub(crate) async fn load(context: &PageContext, id: String) -> ApiResult<Page> {
    let query = TaskEventsQuery { task: id.clone(), after: None, wait_ms: 0 };
    let (portal, principal) = (&context.portal, &context.principal);
    let (task, events) = join!(portal.task(principal, &id), portal.task_events(principal, query));
    let (task, events) = (task?, events?);
    let progress = progress(&task, events.iter().map(Arc::as_ref));
    let now = context.now;
    let running = !task.status.is_final();
    let name = template_of(&task).map_or_else(|| format!("Task {id}"), |(_, title)| title);
    let mut page = Page::new(format!("{name} · Tasks"), move || draw(&task, &progress, &name, now));
    page.refresh_seconds = running.then_some(REFRESH_SECONDS);
    Ok(page)
}

fn draw(task: &Task, progress: &Progress, name: &str, now: i64) -> AnyView {
    let running = !task.status.is_final();
    let after = progress.last_event.map_or_else(|| "-1".to_owned(), |id| id.to_string());
    let crumbs = vec![Crumb::new("Create", "/create"), Crumb::new("Tasks", "/create/tasks")];
    let log = progress.log.clone();
    let meta = meta(task, progress, now);
    let steps = steps(progress, now);
    view! {
        <div data-live="head">
            <PageHeader title=name.to_owned() crumbs actions=actions(task)>{meta}</PageHeader>
            {outcome(task, progress)}
        </div>
        <div class="task" data-task=task.id.clone() data-after=after>
            {running.then(|| view! { <TaskLog/> })}
            <div data-live="steps">
                <Card title="Steps" icon=Icon::Play>{steps}</Card>
            </div>
            <Card title="Log" icon=Icon::Terminal>
                <LogView text=log label="Log of the task"/>
            </Card>
        </div>
    }
    .into_any()
}

fn actions(task: &Task) -> AnyView {
    let path = percent::path(["create", "tasks", task.id.as_str()]);
    if !task.status.is_final() {
        return view! { <form method="post" action=path><Button icon=Icon::Stop>"Cancel"</Button></form> }.into_any();
    }
    let again = template_of(task).and_then(|(reference, _)| reference.parse::<EntityRef>().ok()).map(|template| {
        let href = percent::path(["create", "templates", template.namespace(), template.name()]);
        view! { <LinkButton href icon=Icon::Refresh>"Start again"</LinkButton> }
    });
    again.into_any()
}

fn meta(task: &Task, progress: &Progress, now: i64) -> AnyView {
    let began = format::parse_rfc3339(&task.created_at);
    let lasted = began.zip(progress.ended).map(|(began, ended)| u64::try_from(ended - began).unwrap_or_default());
    let template = template_of(task).map(|(reference, title)| {
        view! { <Meta label="Template"><EntityLink reference title/></Meta> }
    });
    let by = task.created_by.clone().map(|by| match by.parse::<EntityRef>() {
        Ok(_) => view! { <Meta label="By"><EntityLink reference=by/></Meta> }.into_any(),
        Err(_) => view! { <Meta label="By">{by}</Meta> }.into_any(),
    });
    view! {
        <StatusView level=task_level(task.status) text=task_word(task.status)/>
        {template}
        {by}
        {began.map(|time| view! { <Meta label="Started"><RelativeTime time now/></Meta> })}
        {lasted.map(|time| view! { <Meta label="Took">{format::duration(time)}</Meta> })}
    }
    .into_any()
}

/// What came of the task: why it failed, or what it made.
fn outcome(task: &Task, progress: &Progress) -> Option<AnyView> {
    let failed = (task.status == TaskStatus::Failed || progress.error.is_some()).then(|| {
        let message = progress.error.clone().unwrap_or_else(|| "It told no reason; the log may say more.".to_owned());
        let step = progress.steps.iter().find(|step| step.status == TaskStatus::Failed);
        let title =
            step.map_or_else(|| "The task failed".to_owned(), |step| format!("The step “{}” failed", step.name));
        view! { <CalloutView severity=Severity::Error title><p class="preserve">{message}</p></CalloutView> }
    });
    let links = list(&progress.output, "links").iter().filter_map(output_link).collect::<Vec<_>>();
    let links = (!links.is_empty()).then(|| view! { <ul class="task-links">{links}</ul> });
    let texts: Vec<_> = list(&progress.output, "text").iter().filter_map(output_text).collect();
    let others = other_outputs(&progress.output);
    let output = (links.is_some() || !texts.is_empty() || others.is_some()).then(|| {
        view! { <Card title="Result" icon=Icon::CheckCircle><div class="stack">{links}{texts}{others}</div></Card> }
    });
    (failed.is_some() || output.is_some())
        .then(|| view! { <div class="stack task-outcome">{failed}{output}</div> }.into_any())
}

fn list<'a>(output: &'a Value, key: &str) -> &'a [Value] {
    output.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn output_link(link: &Value) -> Option<AnyView> {
    let text = |key: &str| link.get(key).and_then(Value::as_str).map(str::to_owned);
    let title = text("title").unwrap_or_default();
    if let Some(reference) = text("entityRef").filter(|reference| !reference.is_empty()) {
        return Some(view! { <li><EntityLink reference title/></li> }.into_any());
    }
    let url = text("url").filter(|url| !url.is_empty())?;
    Some(view! { <li><SafeLink url text=title icon=Icon::Link/></li> }.into_any())
}

fn output_text(output: &Value) -> Option<AnyView> {
    let text = |key: &str| output.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let content = text("content");
    let title = text("title");
    (!content.is_empty() || !title.is_empty()).then(|| {
        view! {
            <section class="task-text">
                {(!title.is_empty()).then(|| view! { <h3>{title}</h3> })}
                {marked(&content)}
            </section>
        }
        .into_any()
    })
}

/// Outputs that are neither links nor texts, such as `remoteUrl`.
fn other_outputs(output: &Value) -> Option<AnyView> {
    let items: Vec<_> = output
        .as_object()?
        .iter()
        .filter(|(key, value)| !matches!(key.as_str(), "links" | "text") && !value.is_null())
        .take(50)
        .map(|(key, value)| {
            let value = match value.as_str() {
                Some(text) => view! { <SafeLink url=text.to_owned()/> }.into_any(),
                None => view! { <code>{value.to_string()}</code> }.into_any(),
            };
            frontend_ui::Fact::new(key.clone(), value)
        })
        .collect();
    (!items.is_empty()).then(|| view! { <frontend_ui::KeyValues facts=items/> }.into_any())
}

fn steps(progress: &Progress, now: i64) -> AnyView {
    if progress.steps.is_empty() {
        return view! { <p class="muted">"This task has no steps."</p> }.into_any();
    }
    let items: Vec<_> = progress.steps.iter().map(|step| draw_step(step, now)).collect();
    view! { <ol class="task-steps">{items}</ol> }.into_any()
}

fn draw_step(step: &Step, now: i64) -> AnyView {
    let time = match (step.began, step.ended) {
        _ if step.status == TaskStatus::Skipped => String::new(),
        (Some(began), Some(ended)) => format::duration(u64::try_from(ended - began).unwrap_or_default()),
        (Some(began), None) if !step.status.is_final() => {
            format!("{} so far", format::duration(u64::try_from(now - began).unwrap_or_default()))
        }
        _ => String::new(),
    };
    let word = match step.status {
        TaskStatus::Open => "Waiting",
        status => task_word(status),
    };
    view! {
        <li class="task-step" data-status=step.status.as_str()>
            <StatusView level=task_level(step.status) text=word/>
            <span class="task-step-name">{step.name.clone()}</span>
            <code class="task-step-action">{step.action.clone()}</code>
            <span class="task-step-time number">{time}</span>
        </li>
    }
    .into_any()
}

//! The tasks that were started, the last one first.

use std::sync::Arc;

use frontend_ui::{
    Crumb, DataTable, EmptyStateView, EntityLink, Icon, LinkButton, PageHeader, Pagination, RelativeTime, StatusView,
    Tab, TableColumn, Tabs, format, with_query,
};
use host_api::{ApiResult, PageContext, TaskList, TaskListQuery};
use host_model::EntityRef;
use host_model::task::{Task, TaskStatus};
use host_model::view::Level;
use leptos::prelude::*;

use super::progress::template_of;
use crate::query::Query;
use crate::{Page, percent};

/// How many tasks a page shows.
const PAGE_SIZE: usize = 25;
/// The states by which tasks are filtered.
const FILTERS: [TaskStatus; 4] =
    [TaskStatus::Processing, TaskStatus::Completed, TaskStatus::Failed, TaskStatus::Cancelled];

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    let status = query.first("status").and_then(|word| TaskStatus::from_word(&word));
    let page = query.page();
    let request = TaskListQuery {
        status: status.into_iter().collect(),
        limit: Some(PAGE_SIZE),
        offset: Some((page - 1) * PAGE_SIZE),
        ..TaskListQuery::default()
    };
    let tasks = Arc::new(context.portal.tasks(&context.principal, request).await?);
    let now = context.now;
    Ok(Page::new("Tasks · Create", move || draw(&tasks, status, page, now)))
}

fn draw(list: &TaskList, status: Option<TaskStatus>, page: usize, now: i64) -> AnyView {
    let mut tabs = vec![Tab::new("All", "/create/tasks", status.is_none())];
    tabs.extend(FILTERS.iter().map(|&filter| {
        Tab::new(task_word(filter), with_query("/create/tasks", [("status", filter.as_str())]), status == Some(filter))
    }));
    let columns = ["Task", "Status", "By", "Started"].map(TableColumn::new).to_vec();
    let rows = list.tasks.iter().map(|task| row(task, now)).collect();
    let first = (page - 1) * PAGE_SIZE;
    let last = first + list.tasks.len();
    let address = |page: usize| {
        let page = page.to_string();
        let status = status.map(|status| ("status", status.as_str()));
        with_query("/create/tasks", status.into_iter().chain([("page", page.as_str())]))
    };
    let previous = if page > 1 { address(page - 1) } else { String::new() };
    let next = if (last as u64) < list.total_tasks { address(page + 1) } else { String::new() };
    let empty = view! {
        <EmptyStateView icon=Icon::Clock title="No tasks" text="Every template that is run leaves a task here, with its log.">
            <LinkButton href="/create">"Choose a template"</LinkButton>
        </EmptyStateView>
    }
    .into_any();
    view! {
        <PageHeader title="Tasks" crumbs=vec![Crumb::new("Create", "/create")] tabs=view! { <Tabs label="States" tabs/> }.into_any()/>
        <div class="stack">
            <section class="card" data-flush="" aria-label="Tasks">
                <div class="card-body"><DataTable caption="Tasks" columns rows empty/></div>
            </section>
            {(list.total_tasks > 0).then(|| view! { <Pagination first=first as u64 + 1 last=last as u64 total=list.total_tasks previous next/> })}
        </div>
    }
    .into_any()
}

fn row(task: &Task, now: i64) -> Vec<AnyView> {
    let href = percent::path(["create", "tasks", task.id.as_str()]);
    let title = template_of(task).map_or_else(|| task.id.clone(), |(_, title)| title);
    let by = match &task.created_by {
        Some(by) if by.parse::<EntityRef>().is_ok() => view! { <EntityLink reference=by.clone()/> }.into_any(),
        Some(by) => by.clone().into_any(),
        None => "guest".into_any(),
    };
    let began = format::parse_rfc3339(&task.created_at).map(|time| view! { <RelativeTime time now/> });
    vec![
        view! { <a href=href title=task.id.clone()>{title}</a> }.into_any(),
        view! { <StatusView level=task_level(task.status) text=task_word(task.status)/> }.into_any(),
        by,
        began.into_any(),
    ]
}

/// How well a task or a step is.
pub(crate) fn task_level(status: TaskStatus) -> Level {
    match status {
        TaskStatus::Open => Level::Pending,
        TaskStatus::Processing => Level::Running,
        TaskStatus::Completed => Level::Ok,
        TaskStatus::Failed => Level::Error,
        TaskStatus::Cancelled | TaskStatus::Skipped => Level::Muted,
    }
}

/// The word for a state.
pub(crate) fn task_word(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Open => "Waiting",
        TaskStatus::Processing => "Running",
        TaskStatus::Completed => "Completed",
        TaskStatus::Failed => "Failed",
        TaskStatus::Cancelled => "Cancelled",
        TaskStatus::Skipped => "Skipped",
    }
}

//! Templates and their tasks.

use std::sync::Arc;
use std::time::Duration;

use host_api::{
    ApiError, ApiErrorKind, ApiResult, CreateTask, DryRun, DryRunResult, ParameterSchema, ParameterStep,
    ScaffolderAction, TaskEventsQuery, TaskId, TaskList, TaskListQuery,
};
use host_model::plugin::ActionDeclaration;
use host_model::task::{Task, TaskEvent};
use host_model::{EntityRef, Principal};
use host_scaffolder::{DryRunInput, ScaffolderError, TaskInput};
use host_store::{TaskOrder, TaskQuery};
use serde_json::json;

use super::LocalPortal;

impl LocalPortal {
    pub(super) async fn template_form(
        &self,
        principal: &Principal,
        template: &EntityRef,
    ) -> ApiResult<ParameterSchema> {
        let form = self.features.scaffolder.parameter_schema(principal, template).await.map_err(scaffolder_error)?;
        let steps = form.pages.into_iter().map(|page| ParameterStep {
            title: page.title,
            description: page.description,
            schema: page.schema,
        });
        Ok(ParameterSchema {
            title: form.title,
            description: form.description,
            presentation: form.presentation,
            steps: steps.collect(),
        })
    }

    pub(super) fn list_actions(&self) -> Vec<ScaffolderAction> {
        self.features.scaffolder.actions().into_iter().map(action).collect()
    }

    pub(super) async fn start_task(&self, principal: &Principal, input: CreateTask) -> ApiResult<TaskId> {
        let template = EntityRef::parse_with(&input.template_ref, Some("template"), "default");
        let template = template.map_err(|error| ApiError::input(format!("templateRef: {error}")))?;
        let input = TaskInput { template, values: input.values, secrets: input.secrets };
        let id = self.features.scaffolder.create_task(principal, input).await.map_err(scaffolder_error)?;
        Ok(TaskId { id })
    }

    pub(super) async fn list_tasks(&self, principal: &Principal, query: TaskListQuery) -> ApiResult<TaskList> {
        let query = TaskQuery {
            created_by: query.created_by,
            status: query.status,
            template_ref: query.template_ref.into_iter().collect(),
            order: if query.ascending { vec![(TaskOrder::CreatedAt, true)] } else { Vec::new() },
            limit: query.limit,
            offset: query.offset.unwrap_or_default(),
        };
        let page = self.features.scaffolder.tasks(principal, query).await.map_err(scaffolder_error)?;
        Ok(TaskList { tasks: page.tasks, total_tasks: page.total })
    }

    pub(super) async fn one_task(&self, principal: &Principal, id: &str) -> ApiResult<Task> {
        self.features.scaffolder.task(principal, id).await.map_err(scaffolder_error)
    }

    pub(super) async fn events_of(
        &self,
        principal: &Principal,
        query: TaskEventsQuery,
    ) -> ApiResult<Vec<Arc<TaskEvent>>> {
        let wait = Duration::from_millis(query.wait_ms);
        self.features.scaffolder.events(principal, &query.task, query.after, wait).await.map_err(scaffolder_error)
    }

    pub(super) async fn stop_task(&self, principal: &Principal, id: &str) -> ApiResult<()> {
        self.features.scaffolder.cancel(principal, id).await.map_err(scaffolder_error)
    }

    pub(super) async fn try_template(&self, principal: &Principal, input: DryRun) -> ApiResult<DryRunResult> {
        let input = DryRunInput {
            template: input.template,
            values: input.values,
            secrets: input.secrets,
            directory_contents: input.directory_contents,
        };
        let outcome = self.features.scaffolder.dry_run(principal, input).await.map_err(scaffolder_error)?;
        Ok(DryRunResult {
            steps: outcome.steps,
            log: outcome.log,
            directory_contents: outcome.directory_contents,
            output: outcome.output,
            effects: outcome.effects,
        })
    }
}

fn action(declaration: ActionDeclaration) -> ScaffolderAction {
    let examples = declaration.examples.into_iter();
    ScaffolderAction {
        id: declaration.id,
        description: Some(declaration.summary).filter(|summary| !summary.is_empty()),
        examples: examples.map(|example| json!({ "description": example.summary, "example": example.steps })).collect(),
        schema: json!({ "input": declaration.input_schema, "output": declaration.output_schema }),
        plugin: declaration.plugin,
    }
}

fn scaffolder_error(error: ScaffolderError) -> ApiError {
    match error {
        ScaffolderError::InvalidInput { message, fields } => ApiError::fields(message, fields),
        ScaffolderError::NotFound(message) => ApiError::not_found(message),
        ScaffolderError::NotAllowed(message) => ApiError::not_allowed(message),
        ScaffolderError::Conflict(message) => ApiError::conflict(message),
        ScaffolderError::Unavailable(message) => ApiError::new(ApiErrorKind::ServiceUnavailable, message),
    }
}

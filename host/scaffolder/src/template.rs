//! Template entities, read into what can be shown and run.

use std::collections::BTreeSet;

use host_model::annotation::MANAGED_BY_LOCATION;
use host_model::plugin::FieldError;
use host_model::{Entity, EntityRef, Principal};
use serde_json::{Map, Value, json};

use crate::{FormPage, ScaffolderError, TemplateForm, schema};

/// The version of templates that is understood.
const API_VERSION: &str = "scaffolder.backstage.io/v1beta3";
/// The title of a page that has none, as Backstage gives it.
const DEFAULT_PAGE_TITLE: &str = "Please enter the following information";
/// How many steps a template may have.
const MAX_STEPS: usize = 500;

/// A template whose structure was checked.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) reference: EntityRef,
    entity: Entity,
    pages: Vec<FormPage>,
    /// With ids and names.
    pub(crate) steps: Vec<Value>,
    output: Value,
}

impl Template {
    /// Reads an entity.
    ///
    /// # Errors
    /// When it is no template, with the fields that are wrong.
    pub(crate) fn read(entity: Value) -> Result<Self, ScaffolderError> {
        let Some(entity) = Entity::from_value(entity) else {
            return Err(ScaffolderError::input("the template is no object"));
        };
        let reference = entity.entity_ref();
        if !entity.kind().eq_ignore_ascii_case("template") || entity.api_version() != API_VERSION {
            return Err(ScaffolderError::input(format!(
                "{reference} is no template that can be run: its kind is {:?} and its apiVersion {:?}, not \"Template\" and {API_VERSION:?}",
                entity.kind(),
                entity.api_version()
            )));
        }
        let mut faults = Vec::new();
        let pages = read_pages(&entity, &mut faults);
        let steps = read_steps(&entity, &mut faults);
        if !faults.is_empty() {
            let message = format!("{reference} cannot be run as it is written: {}", schema::in_one_line(&faults));
            return Err(ScaffolderError::InvalidInput { message, fields: faults });
        }
        let output = entity.pointer("/spec/output").cloned().unwrap_or_else(|| Value::Object(Map::new()));
        Ok(Self { reference, entity, pages, steps, output })
    }

    /// What the form shows.
    pub(crate) fn form(&self) -> TemplateForm {
        TemplateForm {
            title: self.entity.title().to_owned(),
            description: self.entity.description().map(str::to_owned),
            presentation: self.entity.pointer("/spec/presentation").cloned(),
            pages: self.pages.clone(),
        }
    }

    /// Completes values with the form's defaults and checks them against every page.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub(crate) fn complete(&self, values: Map<String, Value>) -> Result<Value, ScaffolderError> {
        let mut values = Value::Object(values);
        for page in &self.pages {
            schema::apply_defaults(&page.schema, &mut values);
        }
        let mut faults: Vec<FieldError> = Vec::new();
        for page in &self.pages {
            let found =
                schema::check(&page.schema, &values).map_err(|problem| self.broken_form(&page.title, &problem))?;
            for fault in found {
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
        if faults.is_empty() {
            return Ok(values);
        }
        let message = format!("the values do not fit the template's form: {}", schema::in_one_line(&faults));
        Err(ScaffolderError::InvalidInput { message, fields: faults })
    }

    /// Checks secrets against `spec.secrets.schema`.
    ///
    /// # Errors
    /// The secrets that are wrong, never with their values.
    pub(crate) fn check_secrets(&self, secrets: &Map<String, Value>) -> Result<(), ScaffolderError> {
        let Some(wanted) = self.entity.pointer("/spec/secrets/schema") else { return Ok(()) };
        let mut faults = schema::check(wanted, &Value::Object(secrets.clone()))
            .map_err(|problem| self.broken_form("secrets", &problem))?;
        faults.iter_mut().for_each(|fault| fault.field = format!("/secrets{}", fault.field));
        if faults.is_empty() {
            return Ok(());
        }
        let message = format!("the secrets do not fit the template: {}", schema::in_one_line(&faults));
        Err(ScaffolderError::InvalidInput { message, fields: faults })
    }

    /// Everything that a task needs to run without the catalog.
    pub(crate) fn task_spec(&self, parameters: Value, principal: &Principal, user_entity: Option<Value>) -> Value {
        let mut user = Map::new();
        if let Some(reference) = principal.user() {
            if let Some(entity) = user_entity {
                user.insert("entity".to_owned(), entity);
            }
            user.insert("ref".to_owned(), Value::String(reference.to_string()));
        }
        let mut info = Map::from_iter([("entityRef".to_owned(), Value::String(self.reference.to_string()))]);
        if let Some(base) = self.base_url() {
            info.insert("baseUrl".to_owned(), Value::String(base));
        }
        let metadata = self.entity.document().get("metadata").cloned().unwrap_or_default();
        info.insert("entity".to_owned(), json!({ "metadata": metadata }));
        json!({
            "apiVersion": API_VERSION,
            "steps": self.steps,
            "output": self.output,
            "parameters": parameters,
            "user": user,
            "templateInfo": info,
        })
    }

    /// Where the template was read from: what relative addresses of its steps start from.
    fn base_url(&self) -> Option<String> {
        let location = self.entity.annotation(MANAGED_BY_LOCATION)?;
        match location.split_once(':')? {
            ("file", path) => Some(format!("file://{path}")),
            (_, url) => Some(url.to_owned()),
        }
    }

    fn broken_form(&self, page: &str, problem: &str) -> ScaffolderError {
        ScaffolderError::input(format!(
            "the form of {} is broken, so that nothing can be entered ({page}): {problem}; its owner has to mend it",
            self.reference
        ))
    }
}

fn read_pages(entity: &Entity, faults: &mut Vec<FieldError>) -> Vec<FormPage> {
    let written: Vec<(String, &Value)> = match entity.pointer("/spec/parameters") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(pages)) => {
            pages.iter().enumerate().map(|(index, page)| (format!("/spec/parameters/{index}"), page)).collect()
        }
        Some(page) => vec![("/spec/parameters".to_owned(), page)],
    };
    let mut pages = Vec::with_capacity(written.len());
    for (field, page) in written {
        let Some(object) = page.as_object() else {
            faults.push(fault(field, "must be an object with the fields of one page"));
            continue;
        };
        let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
        pages.push(FormPage {
            title: text("title").unwrap_or_else(|| DEFAULT_PAGE_TITLE.to_owned()),
            description: text("description"),
            schema: page.clone(),
        });
    }
    pages
}

fn read_steps(entity: &Entity, faults: &mut Vec<FieldError>) -> Vec<Value> {
    let Some(written) = entity.pointer("/spec/steps").and_then(Value::as_array) else {
        faults.push(fault("/spec/steps".to_owned(), "is required: a list of steps"));
        return Vec::new();
    };
    if written.len() > MAX_STEPS {
        faults.push(fault("/spec/steps".to_owned(), &format!("must have at most {MAX_STEPS} steps")));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut steps = Vec::with_capacity(written.len());
    for (index, step) in written.iter().enumerate() {
        let field = |name: &str| format!("/spec/steps/{index}{name}");
        let Some(object) = step.as_object() else {
            faults.push(fault(field(""), "must be an object with an action"));
            continue;
        };
        let Some(action) = object.get("action").and_then(Value::as_str).filter(|action| !action.is_empty()) else {
            faults.push(fault(field("/action"), "is required: the id of an action"));
            continue;
        };
        let text = |key: &str, otherwise: String| match object.get(key) {
            None | Some(Value::Null) => Some(otherwise),
            Some(value) => value.as_str().filter(|text| !text.is_empty()).map(str::to_owned),
        };
        let (Some(id), Some(name)) = (text("id", format!("step-{}", index + 1)), text("name", action.to_owned()))
        else {
            faults.push(fault(field("/id"), "and name must be text"));
            continue;
        };
        if !seen.insert(id.clone()) {
            faults.push(fault(field("/id"), &format!("is used by two steps ({id})")));
        }
        if object.get("input").is_some_and(|input| !input.is_object() && !input.is_null()) {
            faults.push(fault(field("/input"), "must be an object"));
        }
        let mut complete =
            Map::from_iter([("id".to_owned(), Value::String(id)), ("name".to_owned(), Value::String(name))]);
        complete.extend(
            object.iter().filter(|(key, _)| *key != "id" && *key != "name").map(|(k, v)| (k.clone(), v.clone())),
        );
        steps.push(Value::Object(complete));
    }
    steps
}

fn fault(field: String, message: &str) -> FieldError {
    FieldError { field, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(spec: Value) -> Result<Template, ScaffolderError> {
        Template::read(json!({
            "apiVersion": API_VERSION, "kind": "Template",
            "metadata": {"name": "t", "title": "T", "annotations": {"backstage.io/managed-by-location": "file:/srv/t/template.yaml"}},
            "spec": spec
        }))
    }

    #[test]
    fn steps_get_ids_and_names_and_the_spec_knows_where_it_came_from() {
        let template = template(json!({
            "parameters": {"properties": {"name": {"default": "x"}}},
            "steps": [{"action": "debug:log"}, {"id": "b", "name": "B", "action": "fs:delete", "if": true}]
        }))
        .unwrap();
        let form = template.form();
        assert_eq!((form.title.as_str(), form.pages[0].title.as_str()), ("T", DEFAULT_PAGE_TITLE));
        let spec = template.task_spec(template.complete(Map::new()).unwrap(), &Principal::Guest, None);
        assert_eq!(spec["steps"][0], json!({"id": "step-1", "name": "debug:log", "action": "debug:log"}));
        assert_eq!(spec["parameters"], json!({"name": "x"}));
        assert_eq!(spec["user"], json!({}));
        assert_eq!(spec["templateInfo"]["baseUrl"], "file:///srv/t/template.yaml");
        assert_eq!(spec["templateInfo"]["entityRef"], "template:default/t");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        for (spec, expected) in [
            (json!({}), "/spec/steps is required: a list of steps"),
            (json!({"steps": [{"name": "x"}]}), "/spec/steps/0/action is required: the id of an action"),
            (json!({"steps": [{"action": "a", "id": 1}]}), "/spec/steps/0/id and name must be text"),
            (
                json!({"steps": [{"id": "a", "action": "a"}, {"id": "a", "action": "b"}]}),
                "/spec/steps/1/id is used by two steps (a)",
            ),
            (json!({"steps": [{"action": "a", "input": "x"}]}), "/spec/steps/0/input must be an object"),
            (
                json!({"parameters": ["x"], "steps": []}),
                "/spec/parameters/0 must be an object with the fields of one page",
            ),
        ] {
            let error = template(spec).unwrap_err().to_string();
            assert_eq!(error, format!("template:default/t cannot be run as it is written: {expected}"));
        }
        let other = Template::read(json!({"kind": "Component", "metadata": {"name": "c"}})).unwrap_err();
        assert!(other.to_string().contains("is no template that can be run"), "{other}");
    }

    #[test]
    fn a_broken_form_is_not_blamed_on_the_values() {
        let template = template(json!({"parameters": {"properties": {"a": {"type": "nope"}}}, "steps": []})).unwrap();
        let error = template.complete(Map::new()).unwrap_err().to_string();
        assert!(error.contains("its owner has to mend it"), "{error}");
    }
}

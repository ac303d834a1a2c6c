//! `catalog:fetch`, `catalog:register` and `catalog:write`.

use std::fs;
use std::sync::Arc;

use async_trait::async_trait;
use host_model::annotation::SOURCE_TEMPLATE;
use host_model::entity_ref::DEFAULT_NAMESPACE;
use host_model::plugin::{ActionDeclaration, PluginError};
use host_model::task::{Effect, EffectKind};
use host_model::{Entity, EntityRef};
use host_ports::{Action, ActionContext, ActionResult, CatalogReader, LocationRegistrar, LogLevel, RegisterLocation};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::declare::{declare, declare_with_schema, field, nothing, texts};
use super::{Services, blocking, other, read_input};
use crate::workspace::{Enclosure, failed, make_parents};

/// Reads entities.
pub(super) struct Fetch {
    declaration: ActionDeclaration,
    catalog: Arc<dyn CatalogReader>,
}

/// Registers a location.
pub(super) struct Register {
    declaration: ActionDeclaration,
    registrar: Arc<dyn LocationRegistrar>,
}

/// Writes a descriptor into the workspace.
pub(super) struct Write {
    declaration: ActionDeclaration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FetchInput {
    entity_ref: Option<String>,
    entity_refs: Option<Vec<String>>,
    #[serde(default)]
    optional: bool,
    default_kind: Option<String>,
    default_namespace: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegisterInput {
    catalog_info_url: Option<String>,
    repo_contents_url: Option<String>,
    catalog_info_path: Option<String>,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WriteInput {
    entity: Map<String, Value>,
    file_path: Option<String>,
}

impl Fetch {
    pub(super) fn new(services: &Services) -> Self {
        let declaration = declare(
            "catalog:fetch",
            "Reads one or more entities from the catalog.",
            &[
                ("entityRef", false, field("string", "The reference of the entity to read.")),
                ("entityRefs", false, texts("The references of the entities to read.")),
                ("optional", false, field("boolean", "Go on when there is no such entity. Default: false.")),
                ("defaultKind", false, field("string", "The kind of references that name none.")),
                ("defaultNamespace", false, field("string", "The namespace of references that name none.")),
            ],
            json!({"type": "object", "properties": {
                "entity": {"description": "The entity, with entityRef."},
                "entities": {"type": "array", "description": "The entities in order, with entityRefs."}
            }}),
            &[(
                "Read an entity",
                "steps:\n  - id: owner\n    action: catalog:fetch\n    input:\n      entityRef: ${{ parameters.owner }}\n",
            )],
        );
        Self { declaration, catalog: Arc::clone(&services.catalog) }
    }
}

#[async_trait]
impl Action for Fetch {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: FetchInput = read_input(&context.input)?;
        let (written, is_single) = match (&input.entity_ref, &input.entity_refs) {
            (Some(one), None) => (vec![one.clone()], true),
            (None, Some(many)) => (many.clone(), false),
            _ => return Err(other("give either entityRef or entityRefs")),
        };
        let namespace = input.default_namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
        let refs = written
            .iter()
            .map(|text| EntityRef::parse_with(text, input.default_kind.as_deref(), namespace))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| other(error.to_string()))?;
        let found = self.catalog.get(&context.principal, &refs).await.map_err(|error| other(error.to_string()))?;
        let mut entities = Vec::with_capacity(found.len());
        for (reference, entity) in refs.iter().zip(found) {
            match entity.map(|text| serde_json::from_str::<Value>(&text)) {
                Some(Ok(entity)) => entities.push(entity),
                Some(Err(error)) => return Err(other(format!("{reference} cannot be read: {error}"))),
                None if input.optional => entities.push(Value::Null),
                None => return Err(other(format!("the catalog has no entity {reference}"))),
            }
        }
        let output =
            if is_single { json!({"entity": entities.into_iter().next()}) } else { json!({"entities": entities}) };
        Ok(ActionResult { output, effects: Vec::new() })
    }
}

impl Register {
    pub(super) fn new(services: &Services) -> Self {
        let optional = field("boolean", "Go on when nothing can be read there yet. Default: false.");
        let input = json!({"anyOf": [
            {
                "type": "object",
                "properties": {
                    "catalogInfoUrl": field("string", "The address of a catalog descriptor."),
                    "optional": optional
                },
                "required": ["catalogInfoUrl"],
                "additionalProperties": false
            },
            {
                "type": "object",
                "properties": {
                    "repoContentsUrl": field("string", "The address of a repository's root folder."),
                    "catalogInfoPath": field("string", "Where the descriptor is in it. Default: /catalog-info.yaml."),
                    "optional": optional
                },
                "required": ["repoContentsUrl"],
                "additionalProperties": false
            }
        ]});
        let declaration = declare_with_schema(
            "catalog:register",
            "Registers a catalog descriptor, so that what it describes becomes part of the catalog.",
            input,
            json!({"type": "object", "properties": {
                "entityRef": field("string", "The first entity that was found."),
                "catalogInfoUrl": field("string", "The address that was registered.")
            }}),
            &[(
                "Register what was published",
                "steps:\n  - id: register\n    action: catalog:register\n    input:\n      repoContentsUrl: ${{ steps['publish'].output.repoContentsUrl }}\n      catalogInfoPath: /catalog-info.yaml\n",
            )],
        );
        Self { declaration, registrar: Arc::clone(&services.registrar) }
    }
}

#[async_trait]
impl Action for Register {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: RegisterInput = read_input(&context.input)?;
        let target = match (input.catalog_info_url, input.repo_contents_url) {
            (Some(url), _) => url,
            (None, Some(root)) => {
                let path = input.catalog_info_path.as_deref().unwrap_or("/catalog-info.yaml");
                format!("{}/{}", root.trim_end_matches('/'), path.trim_start_matches('/'))
            }
            (None, None) => return Err(other("give either catalogInfoUrl or repoContentsUrl")),
        };
        let effect = Effect { kind: EffectKind::Registered, target: target.clone(), url: Some(target.clone()) };
        if context.dry_run {
            context.log.line(LogLevel::Info, &format!("Would register {target} in the catalog"));
            let output = json!({"catalogInfoUrl": target});
            return Ok(ActionResult { output, effects: vec![effect] });
        }
        context.log.line(LogLevel::Info, &format!("Registering {target} in the catalog"));
        let request =
            RegisterLocation { location_type: "url".to_owned(), target: target.clone(), optional: input.optional };
        match self.registrar.register(&context.principal, &request).await {
            Ok(location) => {
                let preferred = location.entities.iter().find(|entity| entity.kind() == "component");
                let entity = preferred
                    .or_else(|| location.entities.iter().find(|entity| !entity.name().starts_with("generated-")));
                let mut output = json!({"catalogInfoUrl": target});
                if let Some(entity) = entity {
                    output["entityRef"] = json!(entity.to_string());
                }
                Ok(ActionResult { output, effects: vec![effect] })
            }
            Err(error) if input.optional => {
                context
                    .log
                    .line(LogLevel::Warn, &format!("{target} was not registered, which is optional here: {error}"));
                Ok(ActionResult { output: json!({"catalogInfoUrl": target}), effects: Vec::new() })
            }
            Err(error) => Err(other(format!("{target} was not registered: {error}"))),
        }
    }
}

impl Write {
    pub(super) fn new() -> Self {
        let declaration = declare(
            "catalog:write",
            "Writes a catalog descriptor into the workspace and notes in it which template made it.",
            &[
                ("entity", true, json!({"type": "object", "description": "The entity.", "additionalProperties": {}})),
                ("filePath", false, field("string", "Where to write it. Default: catalog-info.yaml.")),
            ],
            nothing(),
            &[(
                "Describe a component",
                "steps:\n  - action: catalog:write\n    input:\n      entity:\n        apiVersion: backstage.io/v1alpha1\n        kind: Component\n        metadata:\n          name: ${{ parameters.name }}\n        spec:\n          type: service\n          lifecycle: experimental\n          owner: ${{ parameters.owner }}\n",
            )],
        );
        Self { declaration }
    }
}

#[async_trait]
impl Action for Write {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let input: WriteInput = read_input(&context.input)?;
        let path = input.file_path.unwrap_or_else(|| "catalog-info.yaml".to_owned());
        let mut entity = Entity::new(input.entity);
        if let Some(template) = &context.template {
            entity.set_annotation(SOURCE_TEMPLATE, template.to_string());
        }
        context.log.line(LogLevel::Info, &format!("Writing {path}"));
        let text = host_yaml::to_yaml(&entity.into_value());
        let workspace = context.workspace.clone();
        blocking(move |_| {
            let target = Enclosure::workspace(&workspace)?.resolve(&path)?;
            make_parents(&target)?;
            fs::write(&target, text).map_err(|source| failed("write", &target, source))?;
            Ok(())
        })
        .await?;
        Ok(ActionResult::default())
    }
}

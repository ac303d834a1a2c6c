//! Entities from a list at an address: an export of another system, or the `entities` of another catalog.

use std::sync::Arc;

use async_trait::async_trait;
use host_model::{Entity, Severity};
use host_ports::{
    EntityProvider, Mutation, ProvidedEntity, ProviderConnection, ProviderError, ProviderSchedule, SourceFailure,
    SourceLimits, SourceRead, SourceReader,
};
use host_yaml::{Limits, parse_bytes};
use serde_json::Value;

use crate::InventoryConfig;

/// The name of the provider that reads an inventory.
pub(crate) fn inventory_name(config: &InventoryConfig) -> String {
    format!("inventory:{}", config.id)
}

/// Reads a list of entities: YAML documents, a JSON or YAML list, or a mapping that has the list under `items`.
pub(crate) struct Inventory {
    name: String,
    target: String,
    schedule: ProviderSchedule,
    reader: Arc<dyn SourceReader>,
}

impl Inventory {
    pub(crate) fn new(config: &InventoryConfig, reader: Arc<dyn SourceReader>) -> Self {
        let InventoryConfig { target, schedule, .. } = config;
        Self { name: inventory_name(config), target: target.clone(), schedule: schedule.clone(), reader }
    }
}

#[async_trait]
impl EntityProvider for Inventory {
    fn name(&self) -> &str {
        &self.name
    }

    fn schedule(&self) -> ProviderSchedule {
        self.schedule.clone()
    }

    async fn run(&self, connection: &dyn ProviderConnection, cursor: Option<&str>) -> Result<(), ProviderError> {
        // The address is part of the cursor: at another one, the same version means something else.
        let known = cursor.and_then(|cursor| cursor.strip_prefix(&self.target)?.strip_prefix('\n'));
        let limits = SourceLimits::default();
        let (files, version) = match self.reader.read(&self.target, known, &limits).await {
            Ok(SourceRead::Unchanged) => return Ok(()),
            Ok(SourceRead::Files { files, version }) => (files, version),
            Err(error) => {
                let hint = error.hint.map(|hint| format!(" (hint: {hint})")).unwrap_or_default();
                let message = format!("{}{hint}", error.message);
                return Err(match error.failure {
                    SourceFailure::Invalid | SourceFailure::TooLarge => ProviderError::Invalid(message),
                    _ => ProviderError::Unavailable(message),
                });
            }
        };
        let read = tokio::task::spawn_blocking(move || {
            let mut entities = Vec::new();
            for file in files {
                let found = entities_of(&file.url, &file.bytes)?;
                entities.extend(found.into_iter().map(|entity| provided(entity, &file.url)));
            }
            Ok(entities)
        });
        let failed = |error: tokio::task::JoinError| Err(ProviderError::Invalid(error.to_string()));
        let entities = read.await.unwrap_or_else(failed)?;
        let cursor = version.map(|version| format!("{}\n{version}", self.target));
        connection.apply(Mutation::Full(entities), cursor.as_deref()).await?;
        Ok(())
    }
}

/// An entity that is managed where the list lies, unless it says otherwise.
fn provided(mut entity: Entity, url: &str) -> ProvidedEntity {
    use host_model::annotation::{MANAGED_BY_LOCATION, MANAGED_BY_ORIGIN_LOCATION};
    for key in [MANAGED_BY_LOCATION, MANAGED_BY_ORIGIN_LOCATION] {
        if entity.annotation(key).is_none() {
            entity.set_annotation(key, format!("url:{url}"));
        }
    }
    ProvidedEntity { entity, location_key: Some(format!("url:{url}")) }
}

fn entities_of(url: &str, bytes: &[u8]) -> Result<Vec<Entity>, ProviderError> {
    let values = match serde_json::from_slice(bytes) {
        Ok(value) => vec![value],
        Err(_) => documents(url, bytes)?,
    };
    let mut entities = Vec::new();
    for value in values {
        let list = match value {
            Value::Array(list) => list,
            Value::Object(mut object) => match object.get_mut("items") {
                Some(Value::Array(items)) => std::mem::take(items),
                _ => vec![Value::Object(object)],
            },
            Value::Null => continue,
            other => vec![other],
        };
        for (number, value) in list.into_iter().enumerate() {
            let entity = Entity::from_value(value);
            let message = || ProviderError::Invalid(format!("item {} of {url} is no mapping", number + 1));
            entities.push(entity.ok_or_else(message)?);
        }
    }
    Ok(entities)
}

fn documents(url: &str, bytes: &[u8]) -> Result<Vec<Value>, ProviderError> {
    let mut values = Vec::new();
    for document in parse_bytes(bytes, &Limits::default()) {
        let document = document.in_file(url);
        let Some(node) = document.node else {
            let errors = document.diagnostics.into_iter();
            let error = errors.filter(|found| found.severity == Severity::Error).map(|error| error.to_string()).next();
            return Err(ProviderError::Invalid(error.unwrap_or_else(|| format!("{url} is no list of entities"))));
        };
        values.push(node.to_json());
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_in_many_forms() {
        let one = r#"{"kind":"User","metadata":{"name":"ada"}}"#;
        for text in [
            format!("[{one},{one}]"),
            format!("{{\"items\":[{one},{one}],\"totalItems\":2}}"),
            format!("{one}\n---\n{one}"),
            "- kind: User\n  metadata: {name: ada}\n- kind: User\n  metadata: {name: ada}\n".to_owned(),
            "kind: User\nmetadata: {name: ada}\n---\nkind: User\nmetadata: {name: ada}\n".to_owned(),
        ] {
            let entities = entities_of("https://x/list", text.as_bytes()).unwrap();
            assert_eq!(entities.len(), 2, "{text}");
            assert_eq!(entities[1].entity_ref().to_string(), "user:default/ada", "{text}");
        }
        assert_eq!(entities_of("https://x/list", b"[]").unwrap(), []);
        for (text, message) in [
            ("[1]", "item 1 of https://x/list is no mapping"),
            ("a: [", "https://x/list:1:"),
            ("<html>", "item 1 of https://x/list is no mapping"),
        ] {
            let error = entities_of("https://x/list", text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}

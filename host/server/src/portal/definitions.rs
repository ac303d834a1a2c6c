//! Definitions of APIs, read once for each text.
//!
//! Reading a large definition takes a while, so it is done beside the runtime, two at a time, and what came of it is
//! kept by the hash of the text. Lists do not wait long: what is not read in time is there for the next reader.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use host_api::{ApiDefinition, ApiError, ApiResult, DefinitionDocument, DefinitionSummary};
use host_model::{Entity, EntityRef, Principal, Severity};
use host_policy::Action;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::{OnceCell, Semaphore};

use super::{LocalPortal, may};

/// How many definitions are read at the same time.
const AT_ONCE: usize = 2;
/// The most bytes of text whose definitions are kept.
const KEPT_BYTES: usize = 16 << 20;
/// The most summaries that are kept.
const KEPT_SUMMARIES: usize = 20_000;
/// How long a list waits for definitions that nobody has read yet.
const LIST_PATIENCE: Duration = Duration::from_millis(400);
/// The most definitions that one list asks for.
const MOST_IN_LIST: usize = 100;

type Hash = [u8; 32];

/// Definitions that have been read.
pub(super) struct Definitions {
    kept: Mutex<Kept>,
    turns: Semaphore,
}

#[derive(Default)]
struct Kept {
    definitions: HashMap<Hash, Slot>,
    summaries: HashMap<Hash, DefinitionSummary>,
    bytes: usize,
    clock: u64,
}

struct Slot {
    definition: Arc<OnceCell<Arc<ApiDefinition>>>,
    bytes: usize,
    used: u64,
}

impl Default for Definitions {
    fn default() -> Self {
        Self { kept: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }
}

impl Definitions {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The definition that a text is. Several who ask for the same text wait for one reading.
    async fn read(&self, spec_type: &str, text: &Arc<str>) -> ApiResult<Arc<ApiDefinition>> {
        let hash = hash(spec_type, text);
        // A text that is too long is not read, so that nothing of it is kept.
        let bytes = if text.len() > host_apispec::MAX_BYTES { 0 } else { text.len() };
        let cell = self.kept().cell(hash, bytes);
        let read = async || {
            let failed = || ApiError::internal("the definition could not be read; the portal's log says why");
            let _turn = self.turns.acquire().await.map_err(|_| failed())?;
            let (spec_type, text) = (spec_type.to_owned(), Arc::clone(text));
            let reading = tokio::task::spawn_blocking(move || host_apispec::read(&spec_type, &text)).await;
            reading.map(Arc::new).map_err(|error| {
                tracing::error!(%error, "a definition could not be read");
                failed()
            })
        };
        let definition = Arc::clone(cell.get_or_try_init(read).await?);
        self.kept().summaries.entry(hash).or_insert_with(|| summary(&definition));
        Ok(definition)
    }
}

impl Kept {
    /// The place of a definition; makes room for it.
    fn cell(&mut self, hash: Hash, bytes: usize) -> Arc<OnceCell<Arc<ApiDefinition>>> {
        self.clock += 1;
        let clock = self.clock;
        if let Some(slot) = self.definitions.get_mut(&hash) {
            slot.used = clock;
            return Arc::clone(&slot.definition);
        }
        while self.bytes + bytes > KEPT_BYTES {
            let Some(oldest) = self.definitions.iter().min_by_key(|(_, slot)| slot.used).map(|(hash, _)| *hash) else {
                break;
            };
            self.bytes -= self.definitions.remove(&oldest).map_or(0, |slot| slot.bytes);
        }
        if self.summaries.len() >= KEPT_SUMMARIES {
            self.summaries.clear();
        }
        self.bytes += bytes;
        let definition = Arc::new(OnceCell::new());
        self.definitions.insert(hash, Slot { definition: Arc::clone(&definition), bytes, used: clock });
        definition
    }
}

fn hash(spec_type: &str, text: &str) -> Hash {
    Sha256::new().chain_update(spec_type).chain_update([0]).chain_update(text).finalize().into()
}

fn summary(definition: &ApiDefinition) -> DefinitionSummary {
    let errors = definition.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    DefinitionSummary {
        format: definition.format.clone(),
        operations: definition.operation_count() as u64,
        types: definition.types.len() as u64,
        errors: errors as u64,
    }
}

/// The text of an API's definition. One that was read as data is written as data.
fn text_of(entity: &Entity) -> Option<Arc<str>> {
    let definition = entity.pointer("/spec/definition").filter(|definition| !definition.is_null())?;
    Some(match definition {
        Value::String(text) => Arc::from(text.as_str()),
        value => Arc::from(serde_json::to_string_pretty(value).unwrap_or_default()),
    })
}

impl LocalPortal {
    pub(super) async fn definition_of(
        &self,
        principal: &Principal,
        entity: &EntityRef,
    ) -> ApiResult<DefinitionDocument> {
        let found = self.read_entity(principal, entity)?;
        let text = text_of(&found).ok_or_else(|| ApiError::not_found(format!("{entity} has no definition")))?;
        let definition = self.definitions.read(found.spec_type().unwrap_or_default(), &text).await?;
        Ok(DefinitionDocument { definition, text })
    }

    pub(super) async fn summaries_of(
        &self,
        principal: &Principal,
        entities: &[EntityRef],
    ) -> ApiResult<Vec<Option<DefinitionSummary>>> {
        may(principal, Action::ReadCatalog, "definitions")?;
        if entities.len() > MOST_IN_LIST {
            return Err(ApiError::input(format!("at most {MOST_IN_LIST} definitions can be asked for at once")));
        }
        let mut summaries = Vec::with_capacity(entities.len());
        let mut waiting = Vec::new();
        for (index, entity) in entities.iter().enumerate() {
            summaries.push(None);
            let Ok(found) = self.read_entity(principal, entity) else { continue };
            let Some(text) = text_of(&found) else { continue };
            let spec_type = found.spec_type().unwrap_or_default().to_owned();
            let known = self.definitions.kept().summaries.get(&hash(&spec_type, &text)).cloned();
            if known.is_some() {
                summaries[index] = known;
                continue;
            }
            let definitions = Arc::clone(&self.definitions);
            let reading = tokio::spawn(async move { definitions.read(&spec_type, &text).await });
            waiting.push((index, reading));
        }
        let latest = tokio::time::Instant::now() + LIST_PATIENCE;
        for (index, reading) in waiting {
            // What is late is read to its end all the same, for whoever comes next.
            if let Ok(Ok(Ok(definition))) = tokio::time::timeout_at(latest, reading).await {
                summaries[index] = Some(summary(&definition));
            }
        }
        Ok(summaries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_text_is_read_once_and_old_ones_make_room() {
        let definitions = Definitions::default();
        let text: Arc<str> = Arc::from("openapi: 3.0.0\npaths: {/a: {get: {responses: {}}}}");
        let first = definitions.read("openapi", &text).await.unwrap();
        let second = definitions.read("openapi", &text).await.unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(definitions.kept().summaries[&hash("openapi", &text)].operations, 1);
        for number in 0..3 {
            let large: Arc<str> = Arc::from(format!("{number}{}", " ".repeat(KEPT_BYTES / 2 - 1)));
            definitions.read("trpc", &large).await.unwrap();
        }
        assert!(definitions.kept().bytes <= KEPT_BYTES);
        let third = definitions.read("openapi", &text).await.unwrap();
        assert!(!Arc::ptr_eq(&first, &third), "it was kept beyond the bound");
    }
}

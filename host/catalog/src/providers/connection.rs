//! What a provider tells the catalog through.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use host_ports::{Applied, Mutation, ProviderConnection, ProviderError};

use super::run::Runner;
use super::{Providers, mutation};

/// Most entities that one mutation may give.
const MOST: usize = 200_000;

/// The connection of one run.
pub(super) struct Connection<'a> {
    pub(super) runner: &'a Runner,
    pub(super) name: &'a str,
    /// What the pages of this run have named so far.
    pub(super) seen: Mutex<BTreeSet<String>>,
}

#[async_trait]
impl ProviderConnection for Connection<'_> {
    async fn apply(&self, mutation: Mutation, cursor: Option<&str>) -> Result<Applied, ProviderError> {
        let given = match &mutation {
            Mutation::Full(entities) | Mutation::Page { entities, .. } => entities.len(),
            Mutation::Delta { added, removed } => added.len() + removed.len(),
        };
        if given > MOST {
            let message = format!("{given} entities are too many for one mutation; give at most {MOST} at a time");
            return Err(ProviderError::NotKept(message));
        }
        let providers: &Arc<Providers> = &self.runner.providers;
        let gate = Arc::clone(&providers.inner().entry(self.name.to_owned()).or_default().gate);
        let _held = gate.lock().await;
        let (outline, known_cursor) = {
            let mut inner = providers.inner();
            let known = inner.entry(self.name.to_owned()).or_default();
            (known.outline.clone(), known.cursor.clone())
        };
        let mut worked = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            mutation::work_out(&outline, mutation, &mut seen)
        };
        worked.change.cursor = cursor.filter(|cursor| Some(*cursor) != known_cursor.as_deref()).map(str::to_owned);
        let is_different = !worked.change.put.is_empty() || !worked.change.removed.is_empty();
        providers.keep(self.name, worked.change).await.map_err(|error| ProviderError::NotKept(error.to_string()))?;
        if let Some(known) = providers.inner().get_mut(self.name) {
            known.progress.took(worked.applied, worked.refused, worked.refusals);
        }
        if is_different {
            (self.runner.changed)();
        }
        Ok(worked.applied)
    }

    async fn refresh(&self, keys: &[String]) -> Result<(), ProviderError> {
        let addresses = keys.iter().filter_map(|key| key.strip_prefix("url:"));
        self.runner.remote.refetch(&addresses.map(Into::into).collect::<Vec<_>>());
        Ok(())
    }
}

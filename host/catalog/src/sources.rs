//! What comes from elsewhere: having it read again, waiting for it, and how its providers are doing.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use host_model::{EntityRef, Principal};
use host_policy::{Action, authorize};
use host_store::AuditEntry;
use tokio::time::Instant;

use crate::ingest::{Finding, root_source};
use crate::providers::ProviderStatus;
use crate::remote::Demand;
use crate::time::to_text;
use crate::{Catalog, ChangeError};

/// How long a person or a task waits for addresses that are read because of what they asked.
const ADDRESS_PATIENCE: Duration = Duration::from_secs(5);

impl Catalog {
    /// Reads an entity's source again, and that of everything that a Location leads to. For an administrator, deletions
    /// that are held back there are carried out.
    ///
    /// # Errors
    /// When there is no such entity or the principal may not.
    pub async fn refresh(&self, principal: &Principal, entity_ref: &EntityRef) -> Result<(), ChangeError> {
        let name = entity_ref.to_string();
        authorize(principal, Action::RefreshEntity, &name)?;
        let (mut again, mut approved) = (HashSet::new(), HashSet::new());
        let mut addresses: HashSet<Arc<str>> = HashSet::new();
        {
            let shared = self.reader.shared();
            let entry =
                shared.index.get(&name).ok_or_else(|| ChangeError::NotFound(format!("Entity {name} not found")))?;
            let root = *entry.source == *root_source(&entry.origin);
            let led = |origin: &str, parent: Option<&str>| (root && origin == &*entry.origin) || parent == Some(&name);
            let sources = shared.sources.iter().filter(|(_, source)| led(&source.origin, source.parent.as_deref()));
            for (location, source) in sources {
                again.insert(location.to_string());
                addresses.extend(source.addresses.iter().cloned());
            }
            again.insert(entry.source.to_string());
            if let Some(provider) = entry.source.strip_prefix("provider:").and_then(|name| name.rsplit_once('#')) {
                self.engine.providers.ask(provider.0);
            }
            let own = shared.sources.get(&entry.source);
            addresses.extend(own.iter().flat_map(|source| source.addresses.iter().cloned()));
            if root && authorize(principal, Action::ApproveDeletions, &name).is_ok() {
                approved.insert(entry.origin.to_string());
            }
        }
        // What it points to may never have been read.
        addresses.extend(self.engine.remote.wanted_by(|_, demand| demand.parents.contains(&name)));
        let entry = AuditEntry::new(principal, "entity.refresh", name);
        self.engine.store.audit_log().append(entry).await?;
        if !addresses.is_empty() {
            let asked: Vec<Arc<str>> = addresses.iter().cloned().collect();
            self.engine.remote.refetch(&asked);
            self.engine.remote.wait(|address, _| addresses.contains(address), ADDRESS_PATIENCE).await;
        }
        self.synchronise(again, approved).await
    }

    /// How each entity provider is doing.
    pub fn providers(&self) -> Vec<ProviderStatus> {
        self.engine.providers.statuses()
    }

    /// Lets an entity provider run at once. With `approve`, the removals that are held back are carried out first, and
    /// their number is given.
    ///
    /// # Errors
    /// When there is none of this name, the principal may not, or the store fails.
    pub async fn run_provider(&self, principal: &Principal, name: &str, approve: bool) -> Result<usize, ChangeError> {
        let action = if approve { Action::ApproveDeletions } else { Action::RefreshEntity };
        authorize(principal, action, name)?;
        let missing = || ChangeError::NotFound(format!("Found no entity provider {name}"));
        let removed = if approve {
            let removed = self.engine.providers.approve(principal, name).await.ok_or_else(missing)??;
            self.sync().await?;
            removed
        } else {
            0
        };
        if !self.engine.providers.ask(name) && !approve {
            return Err(missing());
        }
        Ok(removed)
    }

    /// Gives what lies behind the addresses of a location a while to come.
    pub(crate) async fn wait_for_addresses(&self, origin: &str) -> Result<(), ChangeError> {
        let fits = |_: &str, demand: &Demand| demand.origins.iter().any(|known| known == origin);
        let until = Instant::now() + ADDRESS_PATIENCE;
        loop {
            let wanted = self.engine.remote.wanted_by(fits).len();
            if wanted == 0 {
                return Ok(());
            }
            self.engine.remote.wait(fits, until.saturating_duration_since(Instant::now())).await;
            self.sync().await?;
            // What was read may have led to further addresses.
            if Instant::now() >= until || self.engine.remote.wanted_by(fits).len() == wanted {
                return Ok(());
            }
        }
    }

    /// Tells of addresses that were not read when they are tried again.
    pub(crate) fn with_next_tries(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        let tries = self.engine.remote.next_tries();
        for Finding { diagnostic, .. } in &mut findings {
            if let Some(at) = tries.get(&diagnostic.message) {
                let again = format!("it is tried again at {}", to_text(*at));
                diagnostic.hint =
                    Some(diagnostic.hint.as_ref().map_or(again.clone(), |hint| format!("{hint}; {again}")));
            }
        }
        findings
    }
}

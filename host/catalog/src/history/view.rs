//! The catalog as it was: an index of its own, built from what the store kept.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use host_model::Entity;
use host_store::{PastEntity, Store, StoreError};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::index::{Body, Input, Ready};
use crate::reader::Reader;
use crate::relations::Given;
use crate::shared::Shared;
use crate::{Catalog, ChangeError, hash};

/// How long a past catalog is kept for the next question about the same instant.
const KEPT: Duration = Duration::from_secs(60);

/// The past catalog that was asked for last. There is one at a time, since it takes as much memory as the present one.
#[derive(Default)]
pub(crate) struct PastViews(Mutex<Option<View>>);

struct View {
    instant: i64,
    shared: Arc<RwLock<Shared>>,
    used: Instant,
}

impl Catalog {
    /// The catalog as it was at an instant, in milliseconds since 1970: entities, and the relations between them. What led
    /// to entities, what is wrong with them and what others say of them is not kept. An entity of which the version of
    /// that time is no longer kept is left out.
    ///
    /// # Errors
    /// When the instant lies before the history, or the store fails.
    pub async fn as_of(&self, instant: i64) -> Result<Self, ChangeError> {
        if instant >= self.store().now() {
            return Ok(self.clone());
        }
        let since = self.history_since().await?;
        if instant < since {
            let message = format!(
                "the catalog is known since {}, not at {}; see catalog.history in the configuration",
                host_store::instant_text(since),
                host_store::instant_text(instant)
            );
            return Err(ChangeError::InvalidInput(message));
        }
        let mut slot = self.past_views().0.lock().await;
        if let Some(view) = slot.as_mut().filter(|view| view.instant == instant) {
            view.used = Instant::now();
            return Ok(self.with_reader(Reader(Arc::clone(&view.shared))));
        }
        // The one before goes first, so that there are never two.
        *slot = None;
        let store = self.store().clone();
        let built = tokio::task::spawn_blocking(move || build(&store, instant)).await;
        let shared = Arc::new(RwLock::new(built.unwrap_or(Err(StoreError::Internal))?));
        *slot = Some(View { instant, shared: Arc::clone(&shared), used: Instant::now() });
        drop(slot);
        self.forget_later();
        Ok(self.with_reader(Reader(shared)))
    }

    /// Lets the past catalog go once nobody has asked for it for a while.
    fn forget_later(&self) {
        let views = Arc::downgrade(self.past_views());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(KEPT).await;
                let Some(views) = views.upgrade() else { break };
                let mut slot = views.0.lock().await;
                if slot.as_ref().is_none_or(|view| view.used.elapsed() >= KEPT) {
                    *slot = None;
                    break;
                }
            }
        });
    }
}

fn build(store: &Store, instant: i64) -> Result<Shared, StoreError> {
    let (entities, missing) = store.history().as_of_blocking(instant)?;
    if missing > 0 {
        tracing::info!(missing, instant, "versions of some entities at that time are no longer kept");
    }
    let mut shared = Shared::default();
    for past in entities {
        shared.index.put(Ready::from(input(past)?));
    }
    shared.index.settle();
    Ok(shared)
}

fn input(past: PastEntity) -> Result<Input, StoreError> {
    let entity: Entity = serde_json::from_str(&past.body)?;
    let given: Vec<Given> = serde_json::from_str(&past.relations)?;
    Ok(Input {
        uid: hash::uid(&past.entity_ref),
        body: Body::new(entity.document()),
        entity_ref: past.entity_ref,
        source: past.source.into(),
        origin: past.origin.into(),
        parent: None,
        entity,
        given,
        findings: Vec::new(),
    })
}

/// Evaluates filters against one entity that is not in the catalog any more, or was another.
pub(crate) fn alone(entity_ref: &str, body: &str, relations: &str) -> Result<Shared, StoreError> {
    let past = PastEntity {
        entity_ref: entity_ref.to_owned(),
        source: String::new(),
        origin: String::new(),
        body: body.to_owned(),
        relations: relations.to_owned(),
    };
    let mut shared = Shared::default();
    shared.index.put(Ready::from(input(past)?));
    shared.index.settle();
    Ok(shared)
}

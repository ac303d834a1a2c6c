//! Where each field of an entity comes from: its source with file, line and column, the plugin that wrote it, or the
//! catalog itself; and when it last changed.
//!
//! Places are not kept: they are found by reading the source again when somebody asks, and if the source changed
//! meanwhile, the answer says so. What plugins answered is kept, and so are the earlier versions.

mod fields;
mod places;
mod reading;
mod times;

use std::path::PathBuf;
use std::sync::Arc;

use host_model::history::{Provenance, SourceState};
use host_model::{Entity, EntityRef};
use host_store::StoreError;

use reading::Reading;

use crate::ingest::{Allowed, Outcomes, base};
use crate::{Catalog, ChangeError};

/// The most versions that are looked at for when fields changed.
const MOST_VERSIONS: usize = 200;

impl Catalog {
    /// Where each field of an entity comes from.
    ///
    /// # Errors
    /// When there is no such entity, or the store fails.
    pub async fn provenance(&self, entity_ref: &EntityRef) -> Result<Provenance, ChangeError> {
        let name = entity_ref.to_string();
        let missing = || ChangeError::NotFound(format!("No such entity {entity_ref}"));
        let text = self.get(entity_ref).ok_or_else(missing)?;
        let record = self.store().catalog().entity(&name).await?.ok_or_else(missing)?;
        let versions = self.store().history().texts(&name, 0, MOST_VERSIONS).await?;
        let entity: Entity = serde_json::from_str(&text).map_err(StoreError::from)?;
        let (parent, givers) = self.relation_givers(&name);
        let made_by = match &parent {
            Some(parent) => self.maker(parent, &name).await?,
            None => None,
        };
        let catalog = self.clone();
        let model = Arc::clone(&self.reader().shared().model);
        let catalog_entity = entity_ref.clone();
        let found = tokio::task::spawn_blocking(move || {
            let folders = catalog.folders()?;
            let addresses = catalog.addresses_of(&record.source);
            let reading = Reading {
                config: catalog.config(),
                allowed: Allowed::new(folders.iter().map(PathBuf::as_path)),
                remote: &catalog.engine.remote,
                addresses: &addresses,
                model: &model,
            };
            let places = places::find(&record, &reading);
            let outcomes: Outcomes =
                record.outcomes.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            let times = times::Times::new(&versions);
            let told = fields::Told {
                entity: &entity,
                record: &record,
                places: &places,
                outcomes: &outcomes,
                made_by: made_by.as_deref(),
                givers: &givers,
                times: &times,
            };
            let (fields, truncated) = told.fields();
            let source_state = match &made_by {
                Some(_) => SourceState::None,
                None => places.state,
            };
            let (source, origin) = (record.source.clone(), record.origin.clone());
            let note = places.note.filter(|_| made_by.is_none());
            Ok::<_, ChangeError>(Provenance {
                entity_ref: catalog_entity,
                source,
                origin,
                source_state,
                note,
                fields,
                truncated,
            })
        });
        found.await.map_err(|_| StoreError::Internal)?
    }

    /// The plugin that made an entity of another, if one did.
    async fn maker(&self, parent: &str, name: &str) -> Result<Option<String>, ChangeError> {
        let Some(record) = self.store().catalog().entity(parent).await? else { return Ok(None) };
        let outcomes: Outcomes =
            record.outcomes.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let made = |(plugin, outcome): (&String, &crate::ingest::Remembered)| {
            outcome.made().iter().any(|entity| entity.entity_ref().to_string() == name).then(|| plugin.clone())
        };
        Ok(outcomes.iter().find_map(made))
    }

    /// The addresses that a source was read from.
    fn addresses_of(&self, source: &str) -> Arc<[Arc<str>]> {
        self.reader().shared().sources.get(source).map(|source| Arc::clone(&source.addresses)).unwrap_or_default()
    }

    /// The folders in which files may be read.
    fn folders(&self) -> Result<Vec<PathBuf>, ChangeError> {
        let configured = self.config().locations.iter().filter(|location| location.location_type == "file");
        let configured = configured.map(|location| base(&location.target));
        let registered = self.store().locations().list_blocking()?.into_iter();
        let registered = registered.filter(|record| record.location_type == "file").map(|record| base(&record.target));
        Ok(configured.chain(registered).chain(self.config().readable_folders.iter().cloned()).collect())
    }
}

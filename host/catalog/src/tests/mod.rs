//! The catalog as its users see it, on folders of its own.

mod changes;
pub(crate) mod fake;
mod kinds;
mod model;
mod naive;
mod placeholders;
mod plugins;
mod properties;
mod providers;
mod queries;
mod remote;
mod sources;
mod speed;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use host_jobs::Jobs;
use host_model::{Diagnostic, Entity, EntityRef};
use host_ports::{Extensions, NoExtensions};
use host_store::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::declared::Model;
use crate::index::{Body, Index, Input, Ready};
use crate::relations::stated;
use crate::{Catalog, CatalogConfig, ConfiguredLocation, Rule};

/// Puts an entity into an index, as if a file had it.
pub(crate) fn put(index: &mut Index, value: &Value) {
    let entity = Entity::from_value(value.clone()).unwrap();
    let entity_ref = entity.entity_ref().to_string();
    index.put(Ready::from(Input {
        uid: crate::hash::uid(&entity_ref),
        entity_ref,
        source: "file:/a".into(),
        origin: "file:/a".into(),
        parent: None,
        body: Body::new(entity.document()),
        given: stated(&entity, &Model::default()).0,
        entity,
        findings: Vec::new(),
    }));
}

/// A folder with files and a catalog that reads them. Nothing is watched; tests ask for each pass.
pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) config: CatalogConfig,
    pub(crate) extensions: Arc<dyn Extensions>,
    pub(crate) reader: Arc<fake::FakeReader>,
}

/// A catalog that runs, with what belongs to it.
pub(crate) struct Running {
    pub(crate) catalog: Catalog,
    pub(crate) store: Store,
    jobs: Jobs,
}

impl Running {
    pub(crate) async fn stop(self) {
        assert!(self.jobs.shut_down(Duration::from_secs(10)).await);
        self.store.close().await;
    }

    pub(crate) async fn sync(&self) {
        self.catalog.sync().await.unwrap();
    }

    pub(crate) fn entity(&self, entity_ref: &str) -> Option<Value> {
        let entity_ref: EntityRef = entity_ref.parse().unwrap();
        self.catalog.get(&entity_ref).map(|text| serde_json::from_str(&text).unwrap())
    }

    /// The references of all entities that are no generated locations.
    pub(crate) fn refs(&self) -> Vec<String> {
        let all = self.catalog.all_refs().into_iter().map(|entity_ref| entity_ref.to_string());
        all.filter(|entity_ref| !entity_ref.contains("/generated-")).collect()
    }

    /// The codes of everything that is found.
    pub(crate) fn all_codes(&self) -> Vec<String> {
        self.catalog.all_problems().into_iter().map(|finding| finding.diagnostic.code).collect()
    }

    pub(crate) fn diagnostics(&self, entity_ref: &str) -> Vec<Diagnostic> {
        let found = self.catalog.problems(&entity_ref.parse().unwrap());
        found.into_iter().map(|finding| finding.diagnostic).collect()
    }
}

impl Fixture {
    /// An empty folder whose `catalog` folder is the one location, every kind allowed.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("catalog")).unwrap();
        let mut fixture = Self {
            folder,
            config: CatalogConfig::default(),
            extensions: Arc::new(NoExtensions::default()),
            reader: Arc::default(),
        };
        fixture.config.watch = false;
        fixture.config.rules = vec![Rule::allow(&[
            "Component",
            "API",
            "Resource",
            "System",
            "Domain",
            "Group",
            "User",
            "Location",
            "Template",
        ])];
        fixture.config.locations = vec![fixture.location("catalog")];
        fixture
    }

    pub(crate) fn location(&self, target: &str) -> ConfiguredLocation {
        ConfiguredLocation {
            location_type: "file".into(),
            target: self.path(target).display().to_string(),
            rules: vec![],
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// The reference of the entity that stands for the location with this target.
    pub(crate) fn location_ref(&self, target: &str) -> String {
        let location = format!("file:{}", self.path(target).display());
        format!("location:default/{}", crate::hash::location_name(&location))
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, file: &str) {
        std::fs::remove_file(self.path(file)).unwrap();
    }

    pub(crate) async fn start(&self) -> Running {
        let store = Store::open(&self.path("data")).unwrap();
        let jobs = Jobs::new();
        let catalog = Catalog::start(
            self.config.clone(),
            store.clone(),
            Arc::clone(&self.extensions),
            Some(self.reader.clone()),
            &jobs,
        )
        .await
        .unwrap();
        catalog.ready().await;
        // A known catalog is ready before its files have been looked at.
        catalog.sync().await.unwrap();
        Running { catalog, store, jobs }
    }
}

/// The text of a component.
pub(crate) fn component(name: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\nspec:\n  type: service\n  lifecycle: production\n  owner: shop\n"
    )
}

/// Several documents as one file.
pub(crate) fn documents(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join("---\n")
}

/// Severity, code, place without its folder, and message.
pub(crate) fn lines(found: &[Diagnostic]) -> Vec<String> {
    let line = |diagnostic: &Diagnostic| {
        let place = diagnostic.place.as_ref().map_or_else(String::new, |place| {
            let file = place.file.as_deref().unwrap_or_default();
            let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned();
            format!("{name}:{}:{} ", place.line, place.column)
        });
        format!("{} {} {place}{}", diagnostic.severity.as_str(), diagnostic.code, diagnostic.message)
    };
    found.iter().map(line).collect()
}

//! A catalog made of files on the spot: the same engine as the portal's, with every kind allowed, no plugins and a
//! database that is thrown away.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use host_catalog::{Catalog, CatalogConfig, ConfiguredLocation, QueryRequest, Rule, Selection};
use host_jobs::Jobs;
use host_model::Severity;
use host_ports::NoExtensions;
use host_store::Store;
use tempfile::TempDir;

use super::{Entity, Wanted};
use crate::commands;
use crate::paths::before_pattern;

/// How many entities are taken at once.
const PAGE: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(10);
/// Files are read once, not watched and listed again.
const NEVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The entities of some files.
pub(crate) struct Folder {
    catalog: Catalog,
    store: Store,
    jobs: Jobs,
    paths: Vec<PathBuf>,
    // Dropped last.
    _data: TempDir,
}

impl Folder {
    pub(crate) async fn open(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut locations = Vec::new();
        for path in paths {
            if !before_pattern(path).exists() {
                bail!("{} does not exist", path.display());
            }
            let path = std::path::absolute(path).with_context(|| format!("{} is no path", path.display()))?;
            locations.push(ConfiguredLocation {
                location_type: "file".to_owned(),
                target: path.display().to_string(),
                rules: Vec::new(),
            });
        }
        let data =
            tempfile::Builder::new().prefix("callboard-").tempdir().context("no folder could be made to work in")?;
        let store = {
            let data = data.path().to_owned();
            tokio::task::spawn_blocking(move || Store::open(&data)).await.context("no database could be made")??
        };
        let config = CatalogConfig {
            locations,
            rules: vec![Rule::everything()],
            watch: false,
            list_every: NEVER,
            ..CatalogConfig::default()
        };
        let jobs = Jobs::new();
        let catalog = Catalog::start(config, store.clone(), Arc::new(NoExtensions::default()), None, &jobs).await?;
        catalog.ready().await;
        let folder = Self { catalog, store, jobs, paths: paths.to_vec(), _data: data };
        folder.tell_findings();
        Ok(folder)
    }

    /// What is wrong in the files is the business of `callboard check`, but missing entities should not be a riddle.
    fn tell_findings(&self) {
        let problems = self.catalog.all_problems();
        let errors = problems.iter().filter(|problem| problem.diagnostic.severity == Severity::Error).count();
        if errors > 0 {
            commands::talk(&format!("warning: {errors} error(s) in {}; see them with `callboard check`", self.name()));
        }
        if self.catalog.all_refs().iter().all(|entity_ref| is_of_the_location(entity_ref)) {
            commands::talk(&format!("warning: there are no entities in {}", self.name()));
        }
    }

    pub(crate) fn name(&self) -> String {
        let shown: Vec<String> = self.paths.iter().map(|path| Path::display(path).to_string()).collect();
        shown.join(", ")
    }

    pub(crate) fn list(&self, wanted: &Wanted) -> anyhow::Result<Vec<Entity>> {
        let most = wanted.limit.unwrap_or(usize::MAX);
        let mut request = QueryRequest {
            selection: Selection::from_filters(&wanted.filters)?,
            fields: wanted.fields.clone(),
            limit: Some(PAGE),
            ..QueryRequest::default()
        };
        let mut found = Vec::new();
        loop {
            let page = self.catalog.query_entities(&request)?;
            found.extend(page.items.iter().filter_map(|text| entity(text)));
            match page.next {
                Some(next) if found.len() < most => request.cursor = Some(next),
                _ => break,
            }
        }
        found.truncate(most);
        Ok(found)
    }

    pub(crate) fn by_refs(&self, refs: &[String], fields: &[&str]) -> anyhow::Result<Vec<Option<Entity>>> {
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        let found = self.catalog.by_refs(refs, &Selection::default(), &fields)?;
        Ok(found.into_iter().map(|text| text.and_then(|text| entity(&text))).collect())
    }

    pub(crate) async fn close(self) {
        self.jobs.shut_down(PATIENCE).await;
        self.store.close().await;
    }
}

fn entity(text: &str) -> Option<Entity> {
    Entity::new(serde_json::from_str(text).ok()?).filter(|entity| !is_of_the_location(&entity.entity_ref))
}

/// The engine makes a Location entity for each path that it is told, which nobody wrote.
pub(crate) fn is_of_the_location(entity_ref: &str) -> bool {
    entity_ref.starts_with("location:default/generated-")
}

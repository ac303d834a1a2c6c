//! Where the `catalog` commands take entities from: a portal that serves, or files of which a catalog is made on the spot.
//!
//! Both answer the same questions in the same grammar. What comes back was written by strangers: an entity is looked at
//! field by field, and nothing in it is trusted to be there.

mod folder;
mod server;

use anyhow::bail;
use serde_json::Value;

pub(crate) use folder::{Folder, is_of_the_location};
pub(crate) use server::Server;

use crate::cli::SourceArguments;

/// The portal that is asked when nothing is named: the one that `callboard serve` starts when nothing is said.
const USUAL_SERVER: &str = "http://127.0.0.1:7007";
/// The most entities that are taken from one source.
pub(crate) const MOST_ENTITIES: usize = 1_000_000;
/// How many references are asked for at once.
const BATCH: usize = 500;

/// A catalog to ask.
pub(crate) enum Source {
    Server(Server),
    Folder(Box<Folder>),
}

/// Which entities are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Filters in the grammar of the REST API; an entity is wanted when any of them holds.
    pub(crate) filters: Vec<String>,
    /// The fields that are needed; none means all.
    pub(crate) fields: Vec<String>,
    /// How many at most.
    pub(crate) limit: Option<usize>,
}

impl Source {
    /// Opens what the arguments name.
    pub(crate) async fn open(arguments: &SourceArguments) -> anyhow::Result<Self> {
        if !arguments.path.is_empty() {
            return Ok(Self::Folder(Box::new(Folder::open(&arguments.path).await?)));
        }
        let server = arguments.server.as_deref().unwrap_or(USUAL_SERVER);
        Ok(Self::Server(Server::new(server, arguments.token_file.as_deref())?))
    }

    /// Opens one side of a comparison: an address or a path.
    pub(crate) async fn open_side(side: &str, token_file: Option<&std::path::Path>) -> anyhow::Result<Self> {
        if side.starts_with("http://") || side.starts_with("https://") {
            return Ok(Self::Server(Server::new(side, token_file)?));
        }
        if side.contains("://") {
            bail!("{side} is neither a path nor the address of a portal, which begins with http:// or https://");
        }
        Ok(Self::Folder(Box::new(Folder::open(&[side.into()]).await?)))
    }

    /// The entities that are wanted, in the order of their references.
    pub(crate) async fn list(&self, wanted: &Wanted) -> anyhow::Result<Vec<Entity>> {
        let mut found = match self {
            Self::Server(server) => server.list(wanted).await?,
            Self::Folder(folder) => folder.list(wanted)?,
        };
        found.sort_by(|one, other| one.entity_ref.cmp(&other.entity_ref));
        Ok(found)
    }

    /// Entities by their references, in the same order; none where there is no such entity.
    pub(crate) async fn by_refs(&self, refs: &[String], fields: &[&str]) -> anyhow::Result<Vec<Option<Entity>>> {
        let mut all = Vec::with_capacity(refs.len());
        for batch in refs.chunks(BATCH) {
            let found = match self {
                Self::Server(server) => server.by_refs(batch, fields).await?,
                Self::Folder(folder) => folder.by_refs(batch, fields)?,
            };
            if found.len() != batch.len() {
                bail!("{} answered for {} entities when asked for {}", self.name(), found.len(), batch.len());
            }
            all.extend(found);
        }
        Ok(all)
    }

    /// How messages call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Server(server) => server.name(),
            Self::Folder(folder) => folder.name(),
        }
    }

    /// Leaves nothing behind.
    pub(crate) async fn close(self) {
        if let Self::Folder(folder) = self {
            folder.close().await;
        }
    }
}

/// An entity as it was given, or as much of it as was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Entity {
    /// In lower case: `component:default/shop`.
    pub(crate) entity_ref: String,
    pub(crate) document: Value,
}

impl Entity {
    /// None when the value has no kind or no name, and so is no entity.
    pub(crate) fn new(document: Value) -> Option<Self> {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (kind, name) = (text("/kind")?, text("/metadata/name")?);
        let entity_ref = reference(kind, text("/metadata/namespace").unwrap_or("default"), name);
        Some(Self { entity_ref, document })
    }

    /// The document in the order in which people write descriptors.
    pub(crate) fn in_order(&self) -> Value {
        let Value::Object(document) = &self.document else { return self.document.clone() };
        let first = ["apiVersion", "kind", "metadata", "spec", "relations"];
        let known = first.iter().filter_map(|key| document.get_key_value(*key));
        let others = document.iter().filter(|(key, _)| !first.contains(&key.as_str()));
        Value::Object(known.chain(others).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.document.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn title(&self) -> &str {
        let names = ["/metadata/title", "/spec/profile/displayName", "/metadata/name"];
        names.iter().find_map(|pointer| self.text(pointer)).unwrap_or_default()
    }

    /// Its relations: name and target, in order.
    pub(crate) fn relations(&self) -> Vec<(String, String)> {
        let relation = |value: &Value| {
            let text = |key: &str| value[key].as_str().map(str::to_owned);
            Some((text("type")?, text("targetRef")?.to_lowercase()))
        };
        let listed = self.document["relations"].as_array();
        let mut relations: Vec<_> = listed.into_iter().flatten().filter_map(relation).collect();
        relations.sort();
        relations.dedup();
        relations
    }

    /// Its owner: as the catalog resolved it, else as it is written.
    pub(crate) fn owner(&self) -> Option<String> {
        let related = self.relations().into_iter().find(|(name, _)| name == "ownedBy").map(|(_, target)| target);
        related.or_else(|| self.text("/spec/owner").map(str::to_owned))
    }
}

/// A full reference, as the catalog writes it.
pub(crate) fn reference(kind: &str, namespace: &str, name: &str) -> String {
    format!("{kind}:{namespace}/{name}").to_lowercase()
}

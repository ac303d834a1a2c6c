//! What lies at an address that nobody registered: descriptors that are there already, or one to begin with.

use std::collections::HashSet;
use std::sync::Arc;

use host_model::{Entity, Principal, annotation};
use serde_json::{Value, json};
use url::Url;

use crate::{Catalog, ChangeError};

/// What descriptors are called where nothing else is said.
const FILE_NAME: &str = "catalog-info.yaml";
/// Where forges begin the part of an address that names a branch and a file.
const INSIDE: [&str; 5] = ["-", "blob", "tree", "raw", "edit"];

/// Forges that everybody knows, whose names begin the annotation of a project.
const FORGES: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.org", "dev.azure.com"];

/// What lies at an address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Analysis {
    /// Entities that are described there.
    pub existing: Vec<Described>,
    /// A descriptor to begin with, when there is none and the address names something.
    pub suggested: Option<Value>,
}

/// An entity that is described at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The entity as JSON text.
    pub entity: Arc<str>,
    pub location_type: String,
    pub target: String,
    /// Whether its file is a registered location.
    pub is_registered: bool,
}

impl Catalog {
    /// Looks at an address: at the file that it names, or at all descriptors of the repository. What cannot be read counts
    /// as empty.
    ///
    /// # Errors
    /// When it is no address, the principal may not register locations, or the store fails.
    pub async fn analyze(
        &self,
        principal: &Principal,
        target: &str,
        file_name: Option<&str>,
    ) -> Result<Analysis, ChangeError> {
        let target = target.trim();
        let url = Url::parse(target).ok().filter(|url| url.host_str().is_some());
        let url = url.ok_or_else(|| ChangeError::InvalidInput("The given location.target is not a URL".to_owned()))?;
        let descriptors = descriptors(target, &url, file_name.unwrap_or(FILE_NAME));
        let entities = match self.preview(principal, "url", &descriptors).await {
            Ok(preview) => preview.entities,
            Err(ChangeError::InvalidInput(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let registered: HashSet<String> = self.locations().await?.into_iter().map(|known| known.target).collect();
        // The first is the Location that would stand for the address itself.
        let existing: Vec<Described> = entities
            .into_iter()
            .skip(1)
            .map(|entity| {
                let (location_type, target) = source_of(&entity).unwrap_or_default();
                Described { is_registered: registered.contains(&target), entity, location_type, target }
            })
            .collect();
        // Without a path there is nothing that a descriptor could be called after.
        let is_new = existing.is_empty() && !repository(&url).is_empty();
        let suggested = is_new.then(|| suggestion(&url));
        Ok(Analysis { existing, suggested })
    }
}

/// The address of a file, or that of all files with a name in the repository that an address belongs to.
fn descriptors(target: &str, url: &Url, file_name: &str) -> String {
    let path = url.path().to_lowercase();
    if path.ends_with(".yaml") || path.ends_with(".yml") || path.contains('*') {
        return target.to_owned();
    }
    let mut root = url.clone();
    root.set_query(None);
    root.set_fragment(None);
    root.set_path(&repository(url).join("/"));
    format!("{}/blob/HEAD/**/{file_name}", root.as_str().trim_end_matches('/'))
}

/// The parts of a path that name a repository.
fn repository(url: &Url) -> Vec<&str> {
    let parts = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty());
    parts.enumerate().take_while(|(at, part)| *at < 2 || !INSIDE.contains(part)).map(|(_, part)| part).collect()
}

fn source_of(entity: &str) -> Option<(String, String)> {
    let entity: Entity = serde_json::from_str(entity).ok()?;
    let (location_type, target) = entity.annotation(annotation::MANAGED_BY_LOCATION)?.split_once(':')?;
    Some((location_type.to_owned(), target.to_owned()))
}

/// A descriptor that is called as the repository is, with the annotation by which plugins find one of a known forge.
fn suggestion(url: &Url) -> Value {
    let path = repository(url).join("/");
    let path = path.trim_end_matches(".git");
    let mut metadata = json!({ "name": path.rsplit('/').next().unwrap_or_default() });
    if let Some(forge) = url.host_str().filter(|host| FORGES.contains(host)).filter(|_| path.contains('/')) {
        metadata["annotations"] = json!({ format!("{forge}/project-slug"): path });
    }
    json!({
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": metadata,
        "spec": { "type": "other", "lifecycle": "unknown" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_repository_of_an_address() {
        for (target, expected, name) in [
            ("https://github.com/acme/shop", "https://github.com/acme/shop/blob/HEAD/**/catalog-info.yaml", "shop"),
            ("https://github.com/acme/shop/", "https://github.com/acme/shop/blob/HEAD/**/catalog-info.yaml", "shop"),
            (
                "https://github.com/acme/shop/tree/main/docs?x=1#y",
                "https://github.com/acme/shop/blob/HEAD/**/catalog-info.yaml",
                "shop",
            ),
            (
                "https://gitlab.com/a/b/c.git/-/tree/main",
                "https://gitlab.com/a/b/c.git/blob/HEAD/**/catalog-info.yaml",
                "c",
            ),
            ("https://github.com/acme/shop/blob/main/x.YAML", "https://github.com/acme/shop/blob/main/x.YAML", "shop"),
            ("http://127.0.0.1:9/x", "http://127.0.0.1:9/x/blob/HEAD/**/catalog-info.yaml", "x"),
            ("http://127.0.0.1:9", "http://127.0.0.1:9/blob/HEAD/**/catalog-info.yaml", ""),
        ] {
            let url = Url::parse(target).unwrap();
            assert_eq!(descriptors(target, &url, FILE_NAME), expected);
            assert_eq!(suggestion(&url)["metadata"]["name"], name, "{target}");
            let slug = suggestion(&url).pointer("/metadata/annotations/github.com~1project-slug").cloned();
            assert_eq!(slug.is_some_and(|slug| slug == "acme/shop"), target.contains("github.com"));
        }
    }
}

//! What a location would bring, before it is registered.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use host_model::{Diagnostic, Entity, Place, Principal};
use host_policy::{Action, authorize};
use host_ports::{SourceError, SourceFailure, SourceFile, SourceLimits, SourceRead, SourceReader};
use serde_json::json;

use crate::declared::Model;
use crate::ingest::{Context, FileRead, Finding, Reach, looks_like_descriptors, prepare, read_file, unread};
use crate::rules::Rules;
use crate::{Catalog, ChangeError, hash};

/// Most addresses that a preview reads.
const MOST_ADDRESSES: usize = 200;
/// Most entities that a preview shows.
const MOST_ENTITIES: usize = 5000;

/// What a location would bring.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preview {
    /// Whether it is registered already.
    pub existed: bool,
    /// The entities as JSON text, without `uid` and `etag`: the Location entity that would stand for it first, then what
    /// it leads to in the order in which it is found.
    pub entities: Vec<Arc<str>>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

impl Catalog {
    /// Reads a location of type `url`, and all that it leads to, without keeping anything.
    ///
    /// # Errors
    /// When the principal may not register locations, or the location is none that may be registered. What cannot be
    /// read, or holds what is wrong, is a finding and no error.
    pub async fn preview(
        &self,
        principal: &Principal,
        location_type: &str,
        target: &str,
    ) -> Result<Preview, ChangeError> {
        authorize(principal, Action::RegisterLocation, target)?;
        self.check_registrable(location_type, target)?;
        let target = target.trim();
        let known = self.engine.store.locations().list().await?;
        let existed = known.iter().any(|known| known.location_type == "url" && known.target == target);
        let mut previewing = Previewing {
            catalog: self,
            target,
            model: Arc::clone(&self.reader.shared().model),
            pages: HashMap::new(),
            seen: HashSet::new(),
            refs: HashSet::new(),
            preview: Preview { existed, ..Preview::default() },
        };
        previewing.run().await;
        Ok(previewing.preview)
    }
}

/// An address to look at, with who points to it, where that is written, how deep that is, and whether it may be missing.
struct Open {
    address: String,
    parent: Option<String>,
    from: Option<Place>,
    depth: usize,
    optional: bool,
}

struct Previewing<'a> {
    catalog: &'a Catalog,
    target: &'a str,
    /// What descriptors declare now; what the location itself would declare is not part of it.
    model: Arc<Model>,
    /// What was read: an address and its files, or why it was not.
    pages: HashMap<String, Result<Arc<[SourceFile]>, SourceError>>,
    seen: HashSet<String>,
    refs: HashSet<String>,
    preview: Preview,
}

impl Previewing<'_> {
    async fn run(&mut self) {
        self.own_entity();
        let first = Open { address: self.target.to_owned(), parent: None, from: None, depth: 0, optional: false };
        let mut open = vec![first];
        while let Some(next) = open.pop() {
            if !self.seen.insert(next.address.clone()) {
                continue;
            }
            if let Err(diagnostic) = self.bounds(&next) {
                self.tell(*diagnostic, &next);
                continue;
            }
            let files = match self.page(&next.address).await {
                Ok(files) => files,
                Err(error) if next.optional && error.failure == SourceFailure::NotFound => continue,
                Err(error) => {
                    self.tell(unread(&error, false), &next);
                    continue;
                }
            };
            let mut further = Vec::new();
            for file in files.iter() {
                further.extend(self.file(file, files.len(), &next).await);
            }
            // The last one in is the next one out.
            open.extend(further.into_iter().rev());
        }
    }

    /// The Location entity that would stand for the location.
    fn own_entity(&mut self) {
        let location = format!("url:{}", self.target);
        let document = json!({
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Location",
            "metadata": {"name": hash::location_name(&location)},
            "spec": {"type": "url", "target": self.target},
        });
        let object = document.as_object().cloned().unwrap_or_default();
        let context = self.context(&location, &location, None);
        if let Ok(candidate) = prepare(object, 0, None, None, &context, false) {
            self.show(&candidate.entity);
        }
    }

    fn bounds(&self, next: &Open) -> Result<(), Box<Diagnostic>> {
        let (limits, address) = (&self.catalog.engine.config.limits, &next.address);
        let error = |code: &str, message: String| Err(Box::new(Diagnostic::error(code, message)));
        if next.depth > limits.location_depth {
            let most = limits.location_depth;
            return error(
                "location/depth",
                format!("{address} is not read: more than {most} Location entities lead to it"),
            );
        }
        if self.pages.len() >= MOST_ADDRESSES || self.preview.entities.len() >= MOST_ENTITIES {
            return error("location/too-many", format!("{address} is not shown: there is too much for a preview"));
        }
        Ok(())
    }

    /// Reads the entities of a file, once for each time that it names a file that has not been read yet.
    async fn file(&mut self, file: &SourceFile, files: usize, next: &Open) -> Vec<Open> {
        let own = if files == 1 { &next.address } else { &file.url };
        if files > 1 && !next.address.contains(['*', '?']) {
            let is_descriptor = looks_like_descriptors(&PathBuf::from(&file.url), &file.bytes, &self.model);
            if !is_descriptor {
                return Vec::new();
            }
        }
        let location = format!("url:{own}");
        let read = loop {
            let (read, missing) = self.read(file, &location);
            let Some(missing) = missing.filter(|_| self.pages.len() < MOST_ADDRESSES) else { break read };
            let _ = self.page(&missing).await;
        };
        self.preview.findings.extend(read.findings);
        for candidate in &read.candidates {
            if self.refs.insert(candidate.entity_ref.clone()) {
                self.show(&candidate.entity);
                let finding = |warning: &Diagnostic| Finding::new(warning.clone(), Some(candidate.entity_ref.clone()));
                self.preview.findings.extend(candidate.findings.iter().map(finding));
            } else {
                let message = format!("{} is defined more than once; the first one counts", candidate.entity_ref);
                let diagnostic = Diagnostic::warning("entity/conflict", message);
                let diagnostic = Diagnostic { place: candidate.place.clone(), ..diagnostic };
                self.preview.findings.push(Finding::new(diagnostic, Some(candidate.entity_ref.clone())));
            }
        }
        let open = |target: crate::ingest::Target| Open {
            address: target.target,
            parent: Some(target.parent),
            from: Some(Place { file: Some(file.url.clone()), line: target.line, column: target.column }),
            depth: next.depth + 1,
            optional: target.optional,
        };
        read.targets.into_iter().map(open).collect()
    }

    /// What a file gives, and a file that it includes and that has not been read yet.
    fn read(&self, file: &SourceFile, location: &str) -> (FileRead, Option<String>) {
        let origin = format!("url:{}", self.target);
        let engine = &self.catalog.engine;
        let rules = Rules::new(&engine.config.rules);
        let none = Rules::default();
        let context = self.context(location, &origin, Some((&rules, &none)));
        let mut reach = Pages { reader: engine.remote.reader().ok(), pages: &self.pages, missing: None };
        let read = read_file(&file.url, &file.url, &file.bytes, &mut reach, &context);
        (read, reach.missing)
    }

    fn context<'c>(&'c self, location: &'c str, origin: &'c str, rules: Option<(&'c Rules, &'c Rules)>) -> Context<'c> {
        Context {
            location,
            origin,
            origin_type: "url",
            origin_target: self.target,
            rules,
            model: &self.model,
            limits: &self.catalog.engine.config.limits,
            forges: &self.catalog.engine.config.forges,
            keeps_places: &|_| false,
        }
    }

    /// The files behind an address; each is read once.
    async fn page(&mut self, address: &str) -> Result<Arc<[SourceFile]>, SourceError> {
        if let Some(page) = self.pages.get(address) {
            return page.clone();
        }
        let config = &self.catalog.engine.config.limits;
        let limits = SourceLimits { file_bytes: config.file_bytes, files: config.files, ..SourceLimits::default() };
        let page = match self.catalog.engine.remote.reader() {
            Ok(reader) => reader.read(address, None, &limits).await.map(|read| match read {
                SourceRead::Files { files, .. } => files.into(),
                SourceRead::Unchanged => Arc::default(),
            }),
            Err(error) => Err(error),
        };
        self.pages.insert(address.to_owned(), page.clone());
        page
    }

    fn show(&mut self, entity: &Entity) {
        self.preview.entities.extend(serde_json::to_string(entity).ok().map(Arc::from));
    }

    fn tell(&mut self, diagnostic: Diagnostic, next: &Open) {
        let diagnostic = Diagnostic { place: next.from.clone(), ..diagnostic };
        self.preview.findings.push(Finding::new(diagnostic, next.parent.clone()));
    }
}

/// What has been read for a preview.
struct Pages<'a> {
    reader: Option<&'a Arc<dyn SourceReader>>,
    pages: &'a HashMap<String, Result<Arc<[SourceFile]>, SourceError>>,
    /// Something that is wanted and has not been read.
    missing: Option<String>,
}

impl Reach for Pages<'_> {
    fn resolve(&self, base: &str, target: &str) -> Result<String, SourceError> {
        match self.reader {
            Some(reader) => reader.resolve(base, target),
            None => Err(SourceError::new(SourceFailure::NotAllowed, "this catalog reads no addresses")),
        }
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, SourceError> {
        match self.pages.get(name) {
            Some(Ok(files)) => match &files[..] {
                [file] => Ok(file.bytes.clone()),
                files => {
                    let message = format!("{name} means {} files rather than one", files.len());
                    Err(SourceError::new(SourceFailure::Invalid, message))
                }
            },
            Some(Err(error)) => Err(error.clone()),
            None => {
                self.missing.get_or_insert_with(|| name.to_owned());
                Err(SourceError::new(SourceFailure::Unavailable, format!("{name} is not read for a preview")))
            }
        }
    }
}

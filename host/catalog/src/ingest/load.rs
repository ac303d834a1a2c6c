//! From the store's rows to a catalog in memory, at the start and after a pass that failed half way.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use host_model::Diagnostic;
use host_store::{CatalogRecords, EntityRecord, SourceRecord, Store, StoreError};

use super::declarations;
use super::plugins;
use super::state::{EngineState, Meta, SourceState};
use super::write::{meta, settle, views};
use crate::index::{Bodies, Body, Index, Input, Ready};
use crate::relations::Given;
use crate::shared::Shared;
use crate::status;

/// How many rows are taken apart together.
const BATCH: usize = 512;
/// Most bytes of entities' texts that are kept in memory; the others are put together when they are asked for.
const MOST_TEXT: usize = 96 << 20;
/// How many texts are given up before readers may look again.
const STEP: usize = 5_000;

/// The texts in the store.
pub(super) struct Stored(pub(super) CatalogRecords);

impl Bodies for Stored {
    fn body(&self, entity_ref: &str) -> Option<Arc<str>> {
        self.0.body_blocking(entity_ref).unwrap_or_else(|error| {
            tracing::error!(%error, entity_ref, "the text of an entity could not be read");
            None
        })
    }
}

/// Reads everything that the store has, and puts it into an empty index. True when there was something.
pub(crate) fn load(store: &Store) -> Result<(EngineState, Shared, bool), StoreError> {
    let mut state = EngineState { sources: sources(store)?, ..EngineState::default() };
    let index = Index::over(Arc::new(Stored(store.catalog())));
    let mut shared = Shared { index, ..Shared::default() };
    let parents = Parents::new(&state);
    let (rows, batches) = sync_channel(2);
    // The workers' own, so that the reader ends when they do.
    let batches = Arc::new(Mutex::new(batches));
    let (done, ready) = sync_channel(2);
    let mut entities = HashMap::new();
    let read = std::thread::scope(|scope| {
        let reading = scope.spawn(|| read(&store.catalog(), rows));
        for _ in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8) {
            let (batches, done, parents) = (Arc::clone(&batches), done.clone(), &parents);
            scope.spawn(move || take_apart(&batches, parents, done));
        }
        drop((batches, done));
        let put = ready.into_iter().try_for_each(|part: Result<Part, StoreError>| {
            for (entity_ref, meta, ready) in part? {
                entities.insert(entity_ref, meta);
                shared.index.put(ready);
            }
            Ok(())
        });
        put.and(reading.join().unwrap_or(Err(StoreError::Internal)))
    });
    read?;
    let any = !entities.is_empty();
    drop(parents);
    state.entities = entities;
    complete(store, &mut shared, &mut state)?;
    shared.index.shrink();
    Ok((state, shared, any))
}

/// What the engine remembers of entities, when the index is there already.
pub(super) fn remembered(store: &Store) -> Result<EngineState, StoreError> {
    let mut state = EngineState { sources: sources(store)?, ..EngineState::default() };
    let mut known: HashSet<Arc<str>> = HashSet::new();
    let mut share = |text: String| match known.get(text.as_str()) {
        Some(text) => Arc::clone(text),
        None => {
            let text: Arc<str> = text.into();
            known.insert(Arc::clone(&text));
            text
        }
    };
    store.catalog().each_origin_blocking(|record| {
        let (source, origin) = (share(record.source), share(record.origin));
        let meta = Meta { source, origin, hash: record.raw_hash, signature: record.signature, retry: false };
        state.entities.insert(record.entity_ref, meta);
    })?;
    Ok(state)
}

/// Brings together what was read: what readers see of the sources, and what is said of entities.
pub(super) fn complete(store: &Store, shared: &mut Shared, state: &mut EngineState) -> Result<(), StoreError> {
    shared.sources = views(state);
    settle(shared, state);
    status::load(shared, &store.statuses().list_blocking()?);
    if let Some(model) = declarations::changed(state, shared) {
        shared.model = Arc::new(model);
    }
    Ok(())
}

fn sources(store: &Store) -> Result<HashMap<Arc<str>, SourceState>, StoreError> {
    let source = |record: SourceRecord| {
        // A state that cannot be read is as good as none: the source is read again.
        let read: SourceState = serde_json::from_str(&record.state).unwrap_or_default();
        (record.location.into(), SourceState { origin: record.origin, ..read })
    };
    Ok(store.catalog().sources_blocking()?.into_iter().map(source).collect())
}

type Part = Vec<(String, Meta, Ready)>;

/// What led to entities.
struct Parents<'a> {
    /// By source and entity: what a processor made it from.
    emitted: HashMap<(&'a str, &'a str), &'a str>,
    state: &'a EngineState,
}

impl<'a> Parents<'a> {
    fn new(state: &'a EngineState) -> Self {
        let claims = state.sources.iter();
        let claims = claims.flat_map(|(location, source)| source.claims.iter().map(move |claim| (location, claim)));
        let emitted = claims
            .filter_map(|(location, claim)| Some(((&**location, claim.entity_ref.as_str()), claim.parent.as_deref()?)));
        Self { emitted: emitted.collect(), state }
    }

    fn of(&self, record: &EntityRecord) -> Option<String> {
        let emitted = self.emitted.get(&(record.source.as_str(), record.entity_ref.as_str()));
        let led = || self.state.sources.get(record.source.as_str()).and_then(|source| source.parent.clone());
        emitted.map(|parent| (*parent).to_owned()).or_else(led)
    }
}

fn read(catalog: &CatalogRecords, rows: SyncSender<Vec<EntityRecord>>) -> Result<(), StoreError> {
    let mut batch = Vec::with_capacity(BATCH);
    catalog.each_entity_blocking(|record| {
        batch.push(record);
        if batch.len() == BATCH {
            rows.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).map_err(|_| StoreError::Internal)?;
        }
        Ok(())
    })?;
    // Nobody takes it only when what came before could not be read.
    let _ = rows.send(batch);
    Ok(())
}

fn take_apart(
    batches: &Mutex<Receiver<Vec<EntityRecord>>>,
    parents: &Parents<'_>,
    done: SyncSender<Result<Part, StoreError>>,
) {
    let next = || batches.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
    while let Some(batch) = next() {
        let part = batch.into_iter().map(|record| one(record, parents)).collect();
        if done.send(part).is_err() {
            return;
        }
    }
}

fn one(record: EntityRecord, parents: &Parents<'_>) -> Result<(String, Meta, Ready), StoreError> {
    let corrupt = || StoreError::Corrupt(format!("the entity {} is no JSON", record.entity_ref));
    let entity = serde_json::from_str::<host_model::Entity>(&record.body).map_err(|_| corrupt())?;
    let given: Vec<Given> = serde_json::from_str(&record.relations)?;
    let findings: Vec<Diagnostic> = serde_json::from_str(&record.diagnostics)?;
    let meta = meta(&record, plugins::were_left_open(&findings));
    let ready = Ready::from(Input {
        parent: parents.of(&record),
        body: Body::stored(record.body).ok_or_else(|| StoreError::Corrupt(record.entity_ref.clone()))?,
        entity_ref: record.entity_ref.clone(),
        uid: record.uid,
        source: Arc::clone(&meta.source),
        origin: Arc::clone(&meta.origin),
        entity,
        given,
        findings,
    });
    Ok((record.entity_ref, meta, ready))
}

/// Puts texts together before anybody asks for them, as long as there is room.
pub(crate) fn prepare_texts(store: &Store, shared: &RwLock<Shared>) {
    let visit = |entity_ref: &str, body: Arc<str>| {
        let shared = shared.read().unwrap_or_else(PoisonError::into_inner);
        if shared.index.kept() > MOST_TEXT {
            return ControlFlow::Break(());
        }
        shared.index.prepare(entity_ref, body);
        ControlFlow::Continue(())
    };
    if let Err(error) = store.catalog().each_body_blocking(visit) {
        tracing::warn!(%error, "the texts of entities could not be prepared; they are read when they are asked for");
    }
}

/// Gives up texts when too many are kept; those from the number on go first. Gives the number to go on with.
pub(crate) fn bound_texts(shared: &RwLock<Shared>, mut from: u32) -> u32 {
    if shared.read().unwrap_or_else(PoisonError::into_inner).index.kept() <= MOST_TEXT {
        return from;
    }
    loop {
        let mut shared = shared.write().unwrap_or_else(PoisonError::into_inner);
        let next = shared.index.forget(from, STEP);
        match next {
            Some(next) if shared.index.kept() > MOST_TEXT / 4 * 3 => from = next,
            next => return next.unwrap_or(0),
        }
    }
}

//! What guests can call. Nothing here traps: what goes wrong is a value of the contract.

use std::sync::Arc;

use host_model::EntityRef;
use host_ports::CatalogQuery;
use host_runtime::{LineLevel, Runtime, RuntimeError, State};
use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi_http::WasiHttp;
use wasmtime_wasi_http::p2::bindings::{LinkOptions, http};

use super::bindings::Everything;
use super::bindings::callboard::plugin::{catalog, config, kv, log, types, view};
use super::error::{from_catalog, from_key_value, invalid};
use crate::services::HostData;

/// The most bytes of a key, and of a prefix of keys.
const MAX_KEY: usize = 512;
/// The most keys of one answer.
const MAX_KEYS: u32 = 1_000;
/// The most entities of one answer.
const MAX_ENTITIES: u32 = 500;
/// The most references of one question.
const MAX_REFS: usize = 1_000;
/// The most filters and fields of a query, and bytes of each.
const MAX_TERMS: usize = 100;
const MAX_TERM: usize = 2_000;

/// Everything that a plugin of this version can import.
///
/// # Errors
/// When two interfaces claim the same name.
pub(super) fn linker(runtime: &Runtime) -> Result<Linker<State<HostData>>, RuntimeError> {
    let mut linker = Linker::new(runtime.engine());
    let linked = (|| {
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        http::outgoing_handler::add_to_linker::<_, WasiHttp>(&mut linker, HostData::http)?;
        http::types::add_to_linker::<_, WasiHttp>(&mut linker, &LinkOptions::default().into(), HostData::http)?;
        Everything::add_to_linker::<_, HasSelf<HostData>>(&mut linker, State::data_mut)
    })();
    linked.map_err(|error: wasmtime::Error| RuntimeError::Engine(format!("{error:#}")))?;
    Ok(linker)
}

impl types::Host for HostData {}
impl view::Host for HostData {}

impl log::Host for HostData {
    fn write(&mut self, level: log::Level, message: String) {
        let level = match level {
            log::Level::Debug => LineLevel::Debug,
            log::Level::Info => LineLevel::Info,
            log::Level::Warn => LineLevel::Warn,
            log::Level::Error => LineLevel::Error,
        };
        self.tally.host_call();
        self.lines.write(level, &message);
    }
}

impl config::Host for HostData {
    fn get(&mut self) -> String {
        self.tally.host_call();
        self.services.config.as_ref().to_owned()
    }
}

impl kv::Host for HostData {
    async fn get(&mut self, key: String) -> Result<Option<Vec<u8>>, kv::KvError> {
        self.tally.host_call();
        check_key(&key)?;
        self.services.kv.get(&key).await.map_err(from_key_value)
    }

    async fn set(&mut self, key: String, value: Vec<u8>, time_to_live: Option<u32>) -> Result<(), kv::KvError> {
        self.tally.host_call();
        check_key(&key)?;
        self.services.kv.set(&key, value, time_to_live).await.map_err(from_key_value)
    }

    async fn remove(&mut self, key: String) -> Result<(), kv::KvError> {
        self.tally.host_call();
        check_key(&key)?;
        self.services.kv.remove(&key).await.map_err(from_key_value)
    }

    async fn keys(&mut self, prefix: String, after: Option<String>, limit: u32) -> Result<Vec<String>, kv::KvError> {
        self.tally.host_call();
        if prefix.len() > MAX_KEY || after.as_ref().is_some_and(|after| after.len() > MAX_KEY) {
            return Err(kv::KvError::InvalidKey(format!("prefixes and keys have at most {MAX_KEY} bytes")));
        }
        let limit = limit.min(MAX_KEYS);
        self.services.kv.keys(&prefix, after.as_deref(), limit).await.map_err(from_key_value)
    }
}

fn check_key(key: &str) -> Result<(), kv::KvError> {
    match key.len() {
        0 => Err(kv::KvError::InvalidKey("the key is empty".to_owned())),
        1..=MAX_KEY => Ok(()),
        length => Err(kv::KvError::InvalidKey(format!("the key has {length} bytes, at most {MAX_KEY} are allowed"))),
    }
}

impl catalog::Host for HostData {
    async fn get(&mut self, refs: Vec<String>) -> Result<Vec<Option<String>>, types::Error> {
        self.tally.host_call();
        if refs.len() > MAX_REFS {
            return Err(invalid(format!("{} references at once, at most {MAX_REFS} are allowed", refs.len())));
        }
        let refs: Vec<EntityRef> = refs
            .iter()
            .map(|text| text.parse())
            .collect::<Result<_, _>>()
            .map_err(|error: host_model::EntityRefError| invalid(error.to_string()))?;
        let found = self.services.catalog.get(&self.services.principal, &refs).await.map_err(from_catalog)?;
        Ok(found.into_iter().map(|entity| entity.as_deref().map(str::to_owned)).collect())
    }

    async fn query(&mut self, query: catalog::EntityQuery) -> Result<catalog::Page, types::Error> {
        self.tally.host_call();
        let terms = [&query.filters, &query.fields];
        if terms.iter().any(|terms| terms.len() > MAX_TERMS || terms.iter().any(|term| term.len() > MAX_TERM)) {
            let message = format!("at most {MAX_TERMS} filters and fields of at most {MAX_TERM} bytes are allowed");
            return Err(invalid(message));
        }
        let query = CatalogQuery {
            filters: query.filters,
            fields: query.fields,
            limit: query.limit.min(MAX_ENTITIES) as usize,
            cursor: query.cursor,
        };
        let page = self.services.catalog.query(&self.services.principal, &query).await.map_err(from_catalog)?;
        let entities = page.items.iter().map(|entity: &Arc<str>| entity.as_ref().to_owned()).collect();
        Ok(catalog::Page { entities, total: page.total, next: page.next })
    }
}

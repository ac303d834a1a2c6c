//! Plugins put together from the contract's own WIT and a few instructions, and what the host makes of them.

mod calls;
mod fixture;
mod http;
mod preparing;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use host_model::{EntityRef, Principal};
use host_ports::{
    CallServices, CatalogError, CatalogPage, CatalogQuery, CatalogReader, KeyValueError, KeyValueStore, LogLevel,
    LogSink, UpstreamClient, UpstreamError, UpstreamRequest, UpstreamResponse,
};

use crate::{CARD_LIMITS, Call, Contract, DESCRIBE_LIMITS, Plugin, Runtime, RuntimeOptions, Trial};

/// A host that remembers what it was asked, and answers little.
#[derive(Default)]
struct Fake {
    lines: Mutex<Vec<String>>,
    requests: Mutex<Vec<UpstreamRequest>>,
    answers: Mutex<Vec<Result<UpstreamResponse, UpstreamError>>>,
}

impl LogSink for Fake {
    fn line(&self, _: LogLevel, message: &str) {
        self.lines.lock().unwrap().push(message.to_owned());
    }
}

#[async_trait]
impl KeyValueStore for Fake {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        Ok(Some(key.as_bytes().to_vec()))
    }

    async fn set(&self, _: &str, _: Vec<u8>, _: Option<u32>) -> Result<(), KeyValueError> {
        Err(KeyValueError::QuotaExceeded(7))
    }

    async fn remove(&self, _: &str) -> Result<(), KeyValueError> {
        Ok(())
    }

    async fn keys(&self, _: &str, _: Option<&str>, limit: u32) -> Result<Vec<String>, KeyValueError> {
        Ok(vec![limit.to_string()])
    }
}

#[async_trait]
impl CatalogReader for Fake {
    async fn get(&self, _: &Principal, refs: &[EntityRef]) -> Result<Vec<Option<Arc<str>>>, CatalogError> {
        Ok(refs.iter().map(|entity| Some(entity.to_string().into())).collect())
    }

    async fn query(&self, _: &Principal, query: &CatalogQuery) -> Result<CatalogPage, CatalogError> {
        Ok(CatalogPage { items: vec![], total: query.limit as u64, next: None })
    }
}

#[async_trait]
impl UpstreamClient for Fake {
    async fn send(&self, request: UpstreamRequest) -> Result<UpstreamResponse, UpstreamError> {
        self.requests.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop().unwrap_or_else(|| Err(UpstreamError::Denied("no grant".to_owned())))
    }
}

fn services(fake: &Arc<Fake>) -> CallServices {
    CallServices {
        principal: Principal::Guest,
        log: fake.clone(),
        config: r#"{"a":1}"#.into(),
        kv: fake.clone(),
        catalog: fake.clone(),
        upstreams: fake.clone(),
        workspace: None,
    }
}

fn call(fake: &Arc<Fake>) -> Call {
    Call { limits: CARD_LIMITS, account: Arc::new(()), services: services(fake) }
}

fn trial(fake: &Arc<Fake>) -> Trial {
    Trial { limits: DESCRIBE_LIMITS, account: Arc::new(()), log: fake.clone() }
}

fn contract() -> (Runtime, Contract) {
    let runtime = Runtime::new(RuntimeOptions { threads: 1, ..RuntimeOptions::default() }).unwrap();
    (runtime.clone(), Contract::new(runtime).unwrap())
}

async fn plugin(wasm: Vec<u8>) -> Plugin {
    let (runtime, contract) = contract();
    contract.prepare(&runtime.load(wasm.into()).await.unwrap()).unwrap()
}

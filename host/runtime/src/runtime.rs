//! The runtime as a whole: what is shared by all components and all calls.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use wasmtime::component::{Instance, Linker};
use wasmtime::{Engine, Store};

use crate::cache::{Cache, Trusted, create_private};
use crate::call::{Job, host_fault, not_run};
use crate::compile::{compile_here, compile_in_child};
use crate::engine::{Ticker, WARM_SLOTS, build_for_running};
use crate::fault::message;
use crate::meter::{Meter, Tally};
use crate::state::{Prepared, State};
use crate::warm::{Sweep, WarmPool};
use crate::{
    CallFailure, CallReport, CallSetup, CompileError, Component, LoadError, Outcome, RuntimeOptions, inspect_header,
    sha256_hex,
};

/// How often waiting instances are looked at.
const SWEEP: Duration = Duration::from_secs(10);

/// Runs components. Cloning it is cheap; all clones are the same runtime.
#[derive(Clone)]
pub struct Runtime(Arc<Inner>);

struct Inner {
    engine: Engine,
    pooled: bool,
    ticker: Ticker,
    cache: Option<Cache>,
    options: RuntimeOptions,
    instances: Arc<Semaphore>,
    warm_slots: Arc<Semaphore>,
    compiling: tokio::sync::Mutex<()>,
    sweeps: Arc<Mutex<Vec<Weak<dyn Sweep>>>>,
    /// Taken when the runtime ends, since it must not wait for its threads where that is forbidden.
    threads: Option<tokio::runtime::Runtime>,
}

/// Why there is no runtime.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error("the WebAssembly engine cannot be started: {0}")]
    Engine(String),
    #[error("the threads for plugins cannot be started: {0}")]
    Threads(std::io::Error),
    #[error("the cache of compiled code at {path} cannot be used: {error}")]
    Cache { path: String, error: std::io::Error },
}

impl Runtime {
    /// Starts the engine and the threads on which guests run.
    ///
    /// # Errors
    /// When the machine does not give them.
    pub fn new(mut options: RuntimeOptions) -> Result<Self, RuntimeError> {
        options.instances = options.instances.clamp(1, 1_000);
        let (engine, pooled) = build_for_running(&options).map_err(|error| RuntimeError::Engine(message(&error)))?;
        let cache = match &options.cache {
            None => None,
            Some(path) => Some(
                Cache::open(path, &compatibility(&engine), options.cache_bytes)
                    .map_err(|error| RuntimeError::Cache { path: path.display().to_string(), error })?,
            ),
        };
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let workers = if options.threads == 0 { cores.saturating_sub(1).max(1) } else { options.threads };
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            // For files of workspaces and for compiled code.
            .max_blocking_threads(32)
            .thread_name("plugin")
            .enable_all()
            .build()
            .map_err(RuntimeError::Threads)?;
        let ticker = Ticker::start(&engine).map_err(RuntimeError::Threads)?;
        let sweeps = Arc::default();
        threads.spawn(sweep(Arc::downgrade(&sweeps)));
        Ok(Self(Arc::new(Inner {
            pooled,
            ticker,
            cache,
            instances: Arc::new(Semaphore::new(options.instances as usize)),
            warm_slots: Arc::new(Semaphore::new(WARM_SLOTS as usize)),
            compiling: tokio::sync::Mutex::new(()),
            sweeps,
            threads: Some(threads),
            engine,
            options,
        })))
    }

    /// The engine, for linkers.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Whether instances come from a pool, or each is made on demand.
    pub fn is_pooled(&self) -> bool {
        self.0.pooled
    }

    /// Makes a component of a file's bytes: looks at them, takes compiled code from the cache or compiles, and reads the
    /// component's type. One compilation runs at a time.
    ///
    /// # Errors
    /// Why the bytes are no component that can run here.
    pub async fn load(&self, wasm: Arc<[u8]>) -> Result<Component, LoadError> {
        let runtime = self.clone();
        let task = self.threads().spawn(async move { runtime.0.load(wasm).await });
        AbortOnDrop(task).await.unwrap_or_else(|error| Err(LoadError::Host(error.to_string())))
    }

    /// Links a component.
    ///
    /// # Errors
    /// The engine's words on what is missing or does not fit.
    pub fn prepare<D: Send + 'static>(
        &self,
        linker: &Linker<State<D>>,
        component: &Component,
    ) -> Result<Arc<Prepared<D>>, String> {
        let pre = linker.instantiate_pre(component.inner()).map_err(|error| message(&error))?;
        let options = &self.0.options;
        let warm = WarmPool::new(options.warm_instances, options.warm_calls, Arc::clone(&self.0.warm_slots));
        let prepared = Arc::new(Prepared { pre, warm });
        let sweep: Weak<dyn Sweep> = Arc::<Prepared<D>>::downgrade(&prepared);
        self.0.sweeps.lock().unwrap_or_else(PoisonError::into_inner).push(sweep);
        Ok(prepared)
    }

    /// Makes one call on a thread for plugins. The body is given the instance and calls it; the processor time that it
    /// uses itself, for instance to check what the guest gave, counts as the guest's. The data for host functions is made
    /// with a [`Tally`], on which they note what they do. Dropping the future ends the call at its next pause, which is
    /// a tick away at most.
    pub async fn call<D, R>(
        &self,
        prepared: &Arc<Prepared<D>>,
        mut setup: CallSetup,
        data: impl FnOnce(Tally) -> D,
        body: impl for<'a> FnOnce(&'a mut Store<State<D>>, &'a Instance) -> BoxFuture<'a, Result<R, CallFailure>>
        + Send
        + 'static,
    ) -> Outcome<R>
    where
        D: Send + 'static,
        R: Send + 'static,
    {
        let started = Instant::now();
        setup.limits.memory = setup.limits.memory.min(self.0.options.max_memory);
        let waited = tokio::time::timeout(setup.limits.wall, Arc::clone(&self.0.instances).acquire_owned()).await;
        let Ok(Ok(permit)) = waited else {
            let message = "too many plugin calls are running; none ended in time";
            return not_run(&*setup.account, started.elapsed(), message);
        };
        let meter = Arc::new(Meter::new(setup.limits.processor));
        let job = Job {
            prepared: Arc::clone(prepared),
            data: data(Tally::new(Arc::clone(&meter))),
            meter,
            setup,
            body: Box::new(body),
            running: self.0.ticker.run(),
        };
        let task = self.threads().spawn(async move {
            let outcome = Box::pin(job.run()).await;
            drop(permit);
            outcome
        });
        match AbortOnDrop(task).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(%error, "a plugin call broke the host's own code");
                let report = CallReport { wall: started.elapsed(), ..CallReport::default() };
                Outcome { result: Err(host_fault()), report }
            }
        }
    }

    fn threads(&self) -> &tokio::runtime::Handle {
        self.0.threads()
    }
}

impl Inner {
    fn threads(&self) -> &tokio::runtime::Handle {
        self.threads.as_ref().expect("the threads are taken when the runtime is dropped").handle()
    }

    async fn load(self: &Arc<Self>, wasm: Arc<[u8]>) -> Result<Component, LoadError> {
        inspect_header(&wasm)?;
        let bytes = Arc::clone(&wasm);
        let sha256 = self.blocking(move |_| sha256_hex(&bytes)).await?;
        if let Some(component) = self.load_cached(&sha256).await? {
            return Ok(component);
        }
        let _one_at_a_time = self.compiling.lock().await;
        // Another load of the same bytes may have compiled them while this one waited.
        if let Some(component) = self.load_cached(&sha256).await? {
            return Ok(component);
        }
        tracing::debug!(sha256, bytes = wasm.len(), "compiling a component");
        let code = Trusted::from_compiler(self.compile(wasm, &sha256).await?);
        self.blocking(move |inner| {
            if let Some(cache) = &inner.cache
                && let Err(error) = cache.put(&sha256, &code)
            {
                tracing::warn!(%error, "compiled code cannot be kept; it is compiled again at the next start");
            }
            let component = deserialize(&inner.engine, &code).map_err(|error| LoadError::Unfit(message(&error)))?;
            Ok(Component::new(component, &sha256))
        })
        .await?
    }

    async fn load_cached(self: &Arc<Self>, sha256: &str) -> Result<Option<Component>, LoadError> {
        if self.cache.is_none() {
            return Ok(None);
        }
        let sha256 = sha256.to_owned();
        self.blocking(move |inner| {
            let cache = inner.cache.as_ref()?;
            let code = cache.get(&sha256)?;
            match deserialize(&inner.engine, &code) {
                Ok(component) => Some(Component::new(component, &sha256)),
                Err(error) => {
                    tracing::warn!(sha256, error = %message(&error), "compiled code is refused; it is compiled anew");
                    cache.remove(&sha256);
                    None
                }
            }
        })
        .await
    }

    async fn compile(self: &Arc<Self>, wasm: Arc<[u8]>, sha256: &str) -> Result<Vec<u8>, LoadError> {
        let (Some(cache), Some(command)) = (&self.cache, &self.options.compiler) else {
            return Ok(self.blocking(move |inner| compile_here(&inner.options, &wasm)).await??);
        };
        let scratch = Scratch([cache.scratch(sha256, "wasm"), cache.scratch(sha256, "out")]);
        let [input, output] = scratch.0.clone();
        let host = |error: std::io::Error| CompileError::Host(format!("a file for the compiler: {error}"));
        self.blocking(move |_| create_private(&input).and_then(|mut file| std::io::Write::write_all(&mut file, &wasm)))
            .await?
            .map_err(host)?;
        compile_in_child(command, &scratch.0[0], &scratch.0[1], self.options.compile_time).await?;
        let code = self.blocking(move |_| std::fs::read(output)).await?.map_err(host)?;
        drop(scratch);
        Ok(code)
    }

    /// Runs something that reads files or computes for long where it holds up nobody.
    async fn blocking<R: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> R + Send + 'static,
    ) -> Result<R, LoadError> {
        let inner = Arc::clone(self);
        self.threads()
            .spawn_blocking(move || work(&inner))
            .await
            .map_err(|error| LoadError::Host(format!("the work broke off: {error}")))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

/// Files that are removed whatever happens.
struct Scratch([std::path::PathBuf; 2]);

impl Drop for Scratch {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl<D: Send + 'static> Sweep for Prepared<D> {
    fn sweep(&self, now: Instant) {
        self.warm.sweep(now);
    }
}

/// Looks after waiting instances until the runtime is gone.
async fn sweep(sweeps: Weak<Mutex<Vec<Weak<dyn Sweep>>>>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let Some(sweeps) = sweeps.upgrade() else { return };
        let mut living = Vec::new();
        sweeps.lock().unwrap_or_else(PoisonError::into_inner).retain(|weak| {
            let sweep = weak.upgrade();
            living.extend(sweep.clone());
            sweep.is_some()
        });
        let now = Instant::now();
        living.iter().for_each(|sweep| sweep.sweep(now));
    }
}

/// Makes a component of machine code.
///
/// The engine runs what it is given as it is, and checks only that it was compiled for itself; so the bytes must be our
/// own. [`Trusted`] holds that: it comes from this program's compiler, or from the cache, which is a directory of the
/// owner alone whose files carry their hash. Nothing that a person dropped or an upstream sent ever gets here.
#[expect(unsafe_code, reason = "the only place where compiled code is loaded; see the comment on the function")]
pub(crate) fn deserialize(engine: &Engine, code: &Trusted) -> wasmtime::Result<wasmtime::component::Component> {
    // SAFETY: `Trusted` bytes were written by this program's own compiler and are unchanged since.
    unsafe { wasmtime::component::Component::deserialize(engine, code.bytes()) }
}

/// A name for everything that compiled code depends on.
pub(crate) fn compatibility(engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A task that ends when nobody waits for it any more.
struct AbortOnDrop<R>(JoinHandle<R>);

impl<R> Future for AbortOnDrop<R> {
    type Output = Result<R, tokio::task::JoinError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context)
    }
}

impl<R> Drop for AbortOnDrop<R> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

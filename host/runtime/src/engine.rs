//! The one place where the engine is configured, and the clock that interrupts its guests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

use crate::RuntimeOptions;

/// How often guests are interrupted, to let others run and to look at their budget.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Warm instances that may wait for work at once, of all components together.
pub(crate) const WARM_SLOTS: u32 = 32;
/// Core instances, memories and tables that one component instance may need; a Python component has 17 core instances.
const CORE_INSTANCES_EACH: u32 = 32;

/// What an engine is for. All of them can load what any of them compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Compile,
    RunPooled,
    RunOnDemand,
}

/// An engine for a purpose.
///
/// # Errors
/// When the machine cannot give what the configuration asks for, above all the address space of the pool.
pub(crate) fn build(options: &RuntimeOptions, purpose: Purpose) -> wasmtime::Result<Engine> {
    Engine::new(&config(options, purpose))
}

fn config(options: &RuntimeOptions, purpose: Purpose) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        // Off: the async ABI of components costs half of a short call, and its host side is still experimental.
        .concurrency_support(false)
        .max_wasm_stack(options.stack)
        .memory_init_cow(true)
        // Places in messages would be those of the guest's machine code; nobody reads them.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .native_unwind_info(false);
    if purpose == Purpose::RunPooled {
        let instances = options.instances + WARM_SLOTS;
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(instances)
            .total_core_instances(instances * CORE_INSTANCES_EACH)
            .total_memories(instances * 2)
            .total_tables(instances * 4)
            .total_stacks(instances)
            .max_component_instance_size(8 << 20)
            .max_core_instance_size(8 << 20)
            .max_memory_size(options.max_memory)
            .table_elements(100_000)
            .max_tables_per_module(4)
            // What stays in memory when an instance ends, so that the next one need not ask the kernel for it.
            .linear_memory_keep_resident(256 << 10)
            .table_keep_resident(64 << 10)
            .max_unused_warm_slots(16);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

/// An engine that runs guests: pooled where that is wanted and possible. Tells whether it is.
///
/// # Errors
/// When no engine can be had at all.
pub(crate) fn build_for_running(options: &RuntimeOptions) -> wasmtime::Result<(Engine, bool)> {
    if options.pooling {
        match build(options, Purpose::RunPooled) {
            Ok(engine) => return Ok((engine, true)),
            Err(error) => tracing::warn!(
                error = %format!("{error:#}"),
                "the address space for plugin instances cannot be reserved; each is made on demand, which is slower"
            ),
        }
    }
    build(options, Purpose::RunOnDemand).map(|engine| (engine, false))
}

/// Advances the engine's epoch from a thread of its own while there are calls.
pub(crate) struct Ticker {
    running: Arc<AtomicUsize>,
    thread: Thread,
}

/// A call is running as long as this lives.
pub(crate) struct Running(Arc<AtomicUsize>);

impl Ticker {
    /// Starts the thread; it ends when the engine is gone.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let running = Arc::new(AtomicUsize::new(0));
        let engine = engine.weak();
        let seen = Arc::clone(&running);
        let thread = thread::Builder::new().name("plugin-ticker".to_owned()).spawn(move || {
            loop {
                if seen.load(Ordering::Acquire) == 0 {
                    thread::park_timeout(Duration::from_secs(1));
                } else {
                    thread::sleep(TICK);
                }
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        })?;
        Ok(Self { running, thread: thread.thread().clone() })
    }

    /// Keeps the clock going while the result lives.
    pub(crate) fn run(&self) -> Running {
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread.unpark();
        }
        Running(Arc::clone(&self.running))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

//! What belongs to one instance: its empty WASI, its limits, and whatever the host functions need.

use std::path::Path;
use std::sync::Arc;

use wasmtime::component::{Instance, InstancePre, ResourceTable};
use wasmtime::{Engine, Store, Trap, UpdateDeadline};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use crate::limiter::Limiter;
use crate::meter::Meter;
use crate::stdio::Outlet;
use crate::warm::WarmPool;
use crate::{CallFailure, CallLimits, Lines};

/// Where a call's workspace appears to the guest.
const WORKSPACE: &str = "/workspace";
/// The most random bytes that a guest gets at once.
const MAX_RANDOM_BYTES: u64 = 1 << 20;
/// The most memory that an instance may hold while it waits for the next call.
const MAX_WARM_MEMORY: usize = 32 << 20;

/// The data of a store. `D` is what the host functions of one call need.
pub struct State<D> {
    wasi: WasiCtx,
    table: ResourceTable,
    limiter: Limiter,
    meter: Arc<Meter>,
    outlet: Outlet,
    data: Option<D>,
}

/// A linked component, and the warm instances of it.
pub struct Prepared<D: 'static> {
    pub(crate) pre: InstancePre<State<D>>,
    pub(crate) warm: WarmPool<D>,
}

impl<D> Prepared<D> {
    /// The linked component, in which indices of exports can be looked up.
    pub fn pre(&self) -> &InstancePre<State<D>> {
        &self.pre
    }

    /// How many warm instances wait for work.
    pub fn warm_instances(&self) -> usize {
        self.warm.len()
    }
}

/// The parts of a call that a store needs.
pub(crate) struct Scope {
    pub(crate) limits: CallLimits,
    pub(crate) meter: Arc<Meter>,
    pub(crate) lines: Arc<Lines>,
    pub(crate) outlet: Outlet,
}

impl<D: Send + 'static> State<D> {
    /// The data of the present call.
    ///
    /// # Panics
    /// Never: host functions run within calls only, and every call brings its data.
    pub fn data_mut(&mut self) -> &mut D {
        self.parts().0
    }

    /// The data of the present call and the table of resources.
    ///
    /// # Panics
    /// Never, as for `data_mut`.
    pub fn parts(&mut self) -> (&mut D, &mut ResourceTable) {
        (self.data.as_mut().expect("host functions run within calls, which bring their data"), &mut self.table)
    }

    pub(crate) fn outlet(&self) -> Outlet {
        self.outlet.clone()
    }
}

impl<D: Send> WasiView for State<D> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// A store for a new instance.
///
/// # Errors
/// When the workspace cannot be opened.
pub(crate) fn new_store<D: Send + 'static>(
    engine: &Engine,
    scope: &Scope,
    workspace: Option<&Path>,
    data: D,
) -> Result<Store<State<D>>, CallFailure> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .max_random_size(MAX_RANDOM_BYTES)
        .stdout(scope.outlet.stream(false))
        .stderr(scope.outlet.stream(true));
    if let Some(path) = workspace {
        wasi.preopened_dir(path, WORKSPACE, FsPerms::ReadWrite).map_err(|error| {
            CallFailure::Host(format!("its workspace {} cannot be opened: {error}", path.display()))
        })?;
    }
    let mut table = ResourceTable::new();
    table.set_max_capacity(scope.limits.handles);
    let state = State {
        wasi: wasi.build(),
        table,
        limiter: Limiter::new(scope.limits, Arc::clone(&scope.meter)),
        meter: Arc::clone(&scope.meter),
        outlet: scope.outlet.clone(),
        data: Some(data),
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.epoch_deadline_callback(|store| {
        if store.data().meter.check_budget() {
            return Err(Trap::Interrupt.into());
        }
        // Tokio's own yield lets timers and sockets of this thread run before the guest goes on.
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
    bound(&mut store, &scope.limits);
    scope.outlet.open(Arc::clone(&scope.lines), Arc::clone(&scope.meter));
    Ok(store)
}

/// Makes the store of a warm instance ready for another call.
pub(crate) fn renew_store<D: Send + 'static>(store: &mut Store<State<D>>, scope: &Scope, data: D) {
    let state = store.data_mut();
    state.limiter.renew(scope.limits, Arc::clone(&scope.meter));
    state.meter = Arc::clone(&scope.meter);
    state.data = Some(data);
    scope.outlet.open(Arc::clone(&scope.lines), Arc::clone(&scope.meter));
    bound(store, &scope.limits);
}

/// Lets go of everything that belongs to the call which has ended. Tells whether the instance is small enough to wait
/// for another.
pub(crate) fn retire_store<D: Send + 'static>(store: &mut Store<State<D>>) -> bool {
    let state = store.data_mut();
    state.outlet.close();
    state.data = None;
    state.limiter.memory() <= MAX_WARM_MEMORY
}

fn bound<D>(store: &mut Store<State<D>>, limits: &CallLimits) {
    store.set_hostcall_fuel(limits.output);
    store.set_max_component_handles(limits.handles);
    store.set_epoch_deadline(1);
}

/// A store with its instance.
pub(crate) struct Live<D: 'static> {
    pub(crate) store: Store<State<D>>,
    pub(crate) instance: Instance,
}

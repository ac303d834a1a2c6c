//! One call, from the wait for an instance to the report.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use host_model::plugin::FaultCode;
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::engine::Running;
use crate::meter::Meter;
use crate::state::{Live, Prepared, Scope, State, new_store, renew_store, retire_store};
use crate::stdio::Outlet;
use crate::warm::WarmPool;
use crate::{Account, CallFailure, CallLimits, CallReport, Ending, Fault, Lines, fault};

/// How a call is to be made.
#[derive(Clone)]
pub struct CallSetup {
    pub limits: CallLimits,
    /// Is charged exactly once.
    pub account: Arc<dyn Account>,
    /// Where standard output and standard error go.
    pub lines: Arc<Lines>,
    /// A directory to mount at `/workspace`; such a call never uses a warm instance.
    pub workspace: Option<PathBuf>,
    pub reuse: Reuse,
}

/// Whether an instance may be used again. What a guest remembers in one is seen by the next call on it, so that only
/// calls without a person behind them may share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    Fresh,
    Warm,
}

/// What came of a call.
#[derive(Debug, Clone)]
pub struct Outcome<R> {
    pub result: Result<R, Fault>,
    pub report: CallReport,
}

/// The work of a call inside its instance.
pub(crate) type Body<D, R> = Box<
    dyn for<'a> FnOnce(&'a mut Store<State<D>>, &'a Instance) -> BoxFuture<'a, Result<R, CallFailure>> + Send + 'static,
>;

/// A call that is ready to run.
pub(crate) struct Job<D: 'static, R> {
    pub(crate) prepared: Arc<Prepared<D>>,
    pub(crate) setup: CallSetup,
    pub(crate) data: D,
    pub(crate) meter: Arc<Meter>,
    pub(crate) body: Body<D, R>,
    pub(crate) running: Running,
}

impl<D: Send + 'static, R: Send + 'static> Job<D, R> {
    pub(crate) async fn run(self) -> Outcome<R> {
        let Self { prepared, setup, data, meter, body, running } = self;
        let limits = setup.limits;
        let mut charge = Charge {
            account: setup.account,
            meter: Arc::clone(&meter),
            started: Instant::now(),
            fresh: true,
            outlet: None,
            settled: false,
        };
        let taken = match setup.reuse {
            Reuse::Warm if setup.workspace.is_none() => prepared.warm.take(),
            _ => None,
        };
        charge.fresh = taken.is_none();
        let outlet = taken.as_ref().map_or_else(Outlet::default, |(live, _)| live.store.data().outlet());
        charge.outlet = Some(outlet.clone());
        let scope = Scope { limits, meter: Arc::clone(&meter), lines: setup.lines, outlet };
        let keep = setup.reuse == Reuse::Warm && setup.workspace.is_none();
        let work = async move {
            let (mut live, lease) = match taken {
                Some((mut live, lease)) => {
                    renew_store(&mut live.store, &scope, data);
                    (live, lease)
                }
                None => {
                    let mut store = new_store(prepared.pre.engine(), &scope, setup.workspace.as_deref(), data)?;
                    let instance = prepared.pre.instantiate_async(&mut store).await?;
                    (Live { store, instance }, WarmPool::<D>::lease_new())
                }
            };
            let answer = body(&mut live.store, &live.instance).await?;
            if keep && retire_store(&mut live.store) {
                prepared.warm.give_back(live, lease);
            }
            Ok(answer)
        };
        let ended = tokio::time::timeout(limits.wall, Arc::clone(&meter).measure(work)).await;
        drop(running);
        charge.close_outlet();
        let result = match ended {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(failure)) => Err(fault::classify(failure, &meter, &limits)),
            Err(_) if meter.budget_exceeded() => Err(fault::budget(&limits)),
            Err(_) => Err(fault::deadline(&limits)),
        };
        let report = charge.settle(result.as_ref().err());
        Outcome { result, report }
    }
}

/// Sees to it that a call is charged once, whatever becomes of it.
struct Charge {
    account: Arc<dyn Account>,
    meter: Arc<Meter>,
    started: Instant,
    fresh: bool,
    outlet: Option<Outlet>,
    settled: bool,
}

impl Charge {
    fn report(&self) -> CallReport {
        self.meter.report(self.started.elapsed(), self.fresh)
    }

    fn close_outlet(&mut self) {
        if let Some(outlet) = self.outlet.take() {
            outlet.close();
        }
    }

    fn settle(&mut self, fault: Option<&Fault>) -> CallReport {
        let report = self.report();
        self.settled = true;
        self.account.charge(&report, fault.map_or(Ending::Answered, Ending::Faulted));
        report
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.close_outlet();
        if self.settled {
            return;
        }
        if std::thread::panicking() {
            self.account.charge(&self.report(), Ending::Faulted(&host_fault()));
        } else {
            self.account.charge(&self.report(), Ending::Cancelled);
        }
    }
}

/// The fault of a call in which the host's own code broke.
pub(crate) fn host_fault() -> Fault {
    Fault::new(FaultCode::Host, "the portal's own code failed while it served this call; the log says where")
}

/// The outcome of a call that never ran.
pub(crate) fn not_run<R>(account: &dyn Account, waited: Duration, message: &str) -> Outcome<R> {
    let fault = Fault::new(FaultCode::Host, message);
    let report = CallReport { wall: waited, ..CallReport::default() };
    account.charge(&report, Ending::Faulted(&fault));
    Outcome { result: Err(fault), report }
}

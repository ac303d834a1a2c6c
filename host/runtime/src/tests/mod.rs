//! Components in WebAssembly's text format that misbehave in every way, and what is said of each.

mod faults;
mod loading;
mod sandbox;
mod warm;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use host_model::plugin::FaultCode;
use wasmtime::component::{ComponentNamedList, Lift, Linker};

use crate::{
    Account, CallLimits, CallReport, CallSetup, Component, Ending, LineLevel, LineSink, Lines, Outcome, Prepared,
    Reuse, Runtime, RuntimeOptions, State, Tally,
};

/// A guest with one function for each way to misbehave.
const GUEST: &str = r#"
(component
  (import "wait" (func $wait))
  (core module $module
    (import "host" "wait" (func $wait))
    (memory (export "memory") 1)
    (global $count (mut i32) (i32.const 0))
    (func (export "answer") (result i32) (i32.const 42))
    (func (export "count") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.get $count))
    (func (export "spin") (loop $again (br $again)))
    (func (export "trap") unreachable)
    (func $recurse (export "recurse") (call $recurse))
    (func (export "hog")
      (loop $again
        (if (i32.eq (memory.grow (i32.const 64)) (i32.const -1)) (then unreachable))
        (br $again)))
    (func (export "polite-hog") (result i32)
      (loop $again
        (br_if $again (i32.ne (memory.grow (i32.const 64)) (i32.const -1))))
      (memory.size))
    (func (export "flood") (result i32)
      (drop (memory.grow (i32.const 1700)))
      (i32.store (i32.const 0) (i32.const 16))
      (i32.store (i32.const 4) (i32.const 100000000))
      (i32.const 0))
    (func (export "garbage") (result i32)
      (i32.store (i32.const 0) (i32.const 16))
      (i32.store (i32.const 4) (i32.const 1))
      (i32.store8 (i32.const 16) (i32.const 0xff))
      (i32.const 0))
    (func (export "wait") (call $wait)))
  (core func $wait-lowered (canon lower (func $wait)))
  (core instance $host (export "wait" (func $wait-lowered)))
  (core instance $instance (instantiate $module (with "host" (instance $host))))
  (func (export "answer") (result u32) (canon lift (core func $instance "answer")))
  (func (export "count") (result u32) (canon lift (core func $instance "count")))
  (func (export "spin") (canon lift (core func $instance "spin")))
  (func (export "trap") (canon lift (core func $instance "trap")))
  (func (export "recurse") (canon lift (core func $instance "recurse")))
  (func (export "hog") (canon lift (core func $instance "hog")))
  (func (export "polite-hog") (result u32) (canon lift (core func $instance "polite-hog")))
  (func (export "flood") (result string)
    (canon lift (core func $instance "flood") (memory (core memory $instance "memory"))))
  (func (export "garbage") (result string)
    (canon lift (core func $instance "garbage") (memory (core memory $instance "memory"))))
  (func (export "wait") (canon lift (core func $instance "wait"))))
"#;

/// The bytes of a component in text format.
fn assemble(text: &str) -> Arc<[u8]> {
    wat::parse_str(text).unwrap().into()
}

/// The guest that misbehaves.
fn guest() -> Arc<[u8]> {
    assemble(GUEST)
}

/// A runtime with one thread that compiles in this process.
fn runtime() -> Runtime {
    Runtime::new(RuntimeOptions { threads: 1, ..RuntimeOptions::default() }).unwrap()
}

/// Limits within which every test ends soon.
fn limits() -> CallLimits {
    CallLimits {
        processor: Duration::from_millis(100),
        wall: Duration::from_secs(30),
        memory: 8 << 20,
        output: 1 << 20,
        ..CallLimits::default()
    }
}

/// Links a component to a host whose `wait` never ends.
async fn prepare(runtime: &Runtime, wasm: Arc<[u8]>) -> Arc<Prepared<()>> {
    let component: Component = runtime.load(wasm).await.unwrap();
    let mut linker = Linker::<State<()>>::new(runtime.engine());
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    linker
        .root()
        .func_wrap_async("wait", |_, ()| Box::new(async { std::future::pending::<wasmtime::Result<()>>().await }))
        .unwrap();
    runtime.prepare(&linker, &component).unwrap()
}

/// Charges are written down, as are lines.
#[derive(Default)]
struct Book {
    charges: Mutex<Vec<Option<FaultCode>>>,
    cancelled: Mutex<usize>,
    lines: Mutex<Vec<String>>,
}

impl Account for Book {
    fn charge(&self, _: &CallReport, ending: Ending<'_>) {
        match ending {
            Ending::Answered => self.charges.lock().unwrap().push(None),
            Ending::Faulted(fault) => self.charges.lock().unwrap().push(Some(fault.code)),
            Ending::Cancelled => *self.cancelled.lock().unwrap() += 1,
        }
    }
}

impl LineSink for Book {
    fn line(&self, _: LineLevel, text: &str) {
        self.lines.lock().unwrap().push(text.to_owned());
    }
}

fn setup(book: &Arc<Book>, limits: CallLimits, reuse: Reuse) -> CallSetup {
    CallSetup { limits, account: book.clone(), lines: Arc::new(Lines::new(book.clone())), workspace: None, reuse }
}

/// Calls a function without arguments.
async fn call<R>(
    runtime: &Runtime,
    prepared: &Arc<Prepared<()>>,
    setup: CallSetup,
    function: &'static str,
) -> Outcome<R>
where
    R: Send + Sync + 'static + ComponentNamedList + Lift,
{
    runtime
        .call(
            prepared,
            setup,
            |_: Tally| (),
            move |store, instance| {
                Box::pin(async move {
                    let function = instance.get_typed_func::<(), R>(&mut *store, function)?;
                    Ok(function.call_async(&mut *store, ()).await?)
                })
            },
        )
        .await
}

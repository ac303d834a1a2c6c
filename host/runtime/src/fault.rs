//! How calls break, in words and codes that pages can explain.

use host_model::plugin::FaultCode;
use wasmtime::{PoolConcurrencyLimitError, Trap};
use wasmtime_wasi::I32Exit;

use crate::CallLimits;
use crate::meter::Meter;

/// The text by which the engine tells that the guest handed over too much; the type itself is private to it.
const OUTPUT_EXHAUSTED: &str = "fuel allocated for hostcalls has been exhausted";
/// The text by which the engine tells that there are too many instances, memories or tables.
const COUNT_EXCEEDED: &str = "resource limit exceeded";

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    pub code: FaultCode,
    /// What happened, in a sentence that ends without a full stop.
    pub message: String,
}

impl Fault {
    /// A fault with a code and a message.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// What can go wrong inside the body of a call.
#[derive(Debug)]
pub enum CallFailure {
    /// The guest stopped, or the engine stopped it.
    Wasm(wasmtime::Error),
    /// The guest's answer breaks the contract; the text says how.
    BadData(String),
    /// The host could not do its part.
    Host(String),
}

impl From<wasmtime::Error> for CallFailure {
    fn from(error: wasmtime::Error) -> Self {
        Self::Wasm(error)
    }
}

/// The fault that a failure stands for.
pub(crate) fn classify(failure: CallFailure, meter: &Meter, limits: &CallLimits) -> Fault {
    let error = match failure {
        CallFailure::BadData(message) => return Fault::new(FaultCode::BadData, message),
        CallFailure::Host(message) => return Fault::new(FaultCode::Host, message),
        CallFailure::Wasm(error) => error,
    };
    // With the guest's backtrace, for those who write plugins.
    tracing::debug!(error = ?error, "a plugin call failed");
    if meter.budget_exceeded() {
        return budget(limits);
    }
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Fault::new(FaultCode::Trap, with_last_words(format!("it called exit({})", exit.0), meter));
    }
    let trap = error.downcast_ref::<Trap>().copied();
    match trap {
        Some(Trap::StackOverflow) => {
            return Fault::new(FaultCode::StackOverflow, "its call stack overflowed: it may call itself without end");
        }
        Some(Trap::Interrupt) => return budget(limits),
        _ => {}
    }
    if meter.memory_refused() {
        return memory_fault(limits);
    }
    if meter.table_refused() {
        let message = format!("it asked for more than its {} table elements", limits.table_elements);
        return Fault::new(FaultCode::Memory, message);
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return Fault::new(FaultCode::Host, "there is no room for another instance now; try again");
    }
    let text = message(&error);
    if text.contains(COUNT_EXCEEDED) {
        let message = format!("it needs more than {} instances, memories or tables", limits.instances);
        return Fault::new(FaultCode::Memory, message);
    }
    if text.contains(OUTPUT_EXHAUSTED) {
        let message = format!("it handed over more than the {} that are allowed at once", bytes(limits.output));
        return Fault::new(FaultCode::Output, message);
    }
    if let Some(trap) = trap {
        let text = trap.to_string();
        let text = text.strip_prefix("wasm trap: ").unwrap_or(&text);
        // Most languages keep a stack of their own at the lower end of memory and run off it there.
        let hint =
            if trap == Trap::MemoryOutOfBounds { ", which a stack overflow within its memory looks like" } else { "" };
        return Fault::new(FaultCode::Trap, with_last_words(format!("it stopped with a trap: {text}{hint}"), meter));
    }
    // What is left are answers that the engine itself could not read: invalid UTF-8, pointers out of bounds, types
    // that differ from the interface.
    Fault::new(FaultCode::BadData, format!("what it does breaks the component model: {text}"))
}

/// The fault of a call that has used up its processor budget.
pub(crate) fn budget(limits: &CallLimits) -> Fault {
    let message = format!("it used up its processor time of {} ms", limits.processor.as_millis());
    Fault::new(FaultCode::ProcessorBudget, message)
}

/// The fault of a call that has passed its deadline.
pub(crate) fn deadline(limits: &CallLimits) -> Fault {
    Fault::new(FaultCode::Deadline, format!("it did not answer within {} ms", limits.wall.as_millis()))
}

/// The fault of a call that wanted too much memory.
fn memory_fault(limits: &CallLimits) -> Fault {
    Fault::new(FaultCode::Memory, format!("it asked for more than its {} of memory", bytes(limits.memory)))
}

/// An error and its causes in one line, without the engine's backtrace, which is context around the cause.
pub(crate) fn message(error: &wasmtime::Error) -> String {
    let mut parts: Vec<String> = error.chain().map(ToString::to_string).collect();
    if parts.len() > 1 {
        parts.retain(|part| !part.starts_with("error while executing"));
    }
    parts.join(": ")
}

/// Adds what the guest last wrote to standard error, where languages put the reason of a panic.
fn with_last_words(message: String, meter: &Meter) -> String {
    match meter.last_words() {
        Some(words) => format!("{message} ({words})"),
        None => message,
    }
}

/// A size for people.
pub(crate) fn bytes(count: usize) -> String {
    match count {
        0..1_024 => format!("{count} bytes"),
        1_024..1_048_576 => format!("{} KiB", count >> 10),
        _ => format!("{} MiB", count >> 20),
    }
}

//! Counts and bounds what instances of one store allocate.

use std::sync::Arc;

use wasmtime::ResourceLimiter;

use crate::CallLimits;
use crate::meter::Meter;

/// The limits of a store, over all of its memories and tables together.
pub(crate) struct Limiter {
    limits: CallLimits,
    meter: Arc<Meter>,
    memory: usize,
    elements: usize,
    /// The last step that was allowed, to be taken back when the engine then could not make it.
    last_memory: usize,
    last_elements: usize,
}

impl Limiter {
    pub(crate) fn new(limits: CallLimits, meter: Arc<Meter>) -> Self {
        Self { limits, meter, memory: 0, elements: 0, last_memory: 0, last_elements: 0 }
    }

    /// Bytes of all memories.
    pub(crate) fn memory(&self) -> usize {
        self.memory
    }

    /// Begins another call on the same store.
    pub(crate) fn renew(&mut self, limits: CallLimits, meter: Arc<Meter>) {
        self.limits = limits;
        self.meter = meter;
        self.meter.saw_memory(self.memory);
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let step = desired.saturating_sub(current);
        let total = self.memory.saturating_add(step);
        if total > self.limits.memory || maximum.is_some_and(|maximum| desired > maximum) {
            self.meter.refuse_memory();
            return Ok(false);
        }
        self.memory = total;
        self.last_memory = step;
        self.meter.saw_memory(total);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        tracing::debug!(error = %error, "a plugin's memory could not grow");
        self.meter.refuse_memory();
        self.memory = self.memory.saturating_sub(std::mem::take(&mut self.last_memory));
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let step = desired.saturating_sub(current);
        let total = self.elements.saturating_add(step);
        if total > self.limits.table_elements {
            self.meter.refuse_table();
            return Ok(false);
        }
        self.elements = total;
        self.last_elements = step;
        Ok(true)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        tracing::debug!(error = %error, "a plugin's table could not grow");
        self.meter.refuse_table();
        self.elements = self.elements.saturating_sub(std::mem::take(&mut self.last_elements));
        Ok(())
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn tables(&self) -> usize {
        self.limits.instances
    }

    fn memories(&self) -> usize {
        self.limits.instances
    }
}

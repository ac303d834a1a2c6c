//! What calls may use by default, by what they are for.

use std::time::Duration;

use host_runtime::CallLimits;

const MIB: usize = 1 << 20;

/// For `describe` and the declarations: 250 ms of processor time within 2 s, 64 MiB.
pub const DESCRIBE_LIMITS: CallLimits = limits(250, 2, 64, 1);
/// For `process`: 1 s of processor time within 10 s, 128 MiB.
pub const PROCESSOR_LIMITS: CallLimits = limits(1_000, 10, 128, 16);
/// For `run`: 30 s of processor time within 10 min, 256 MiB.
pub const RUN_LIMITS: CallLimits = limits(30_000, 600, 256, 16);
/// For `render` and `act`: 250 ms of processor time within 5 s, 64 MiB.
pub const CARD_LIMITS: CallLimits = limits(250, 5, 64, 4);

const fn limits(processor_ms: u64, wall_seconds: u64, memory_mib: usize, output_mib: usize) -> CallLimits {
    CallLimits {
        processor: Duration::from_millis(processor_ms),
        wall: Duration::from_secs(wall_seconds),
        memory: memory_mib * MIB,
        table_elements: 100_000,
        instances: 64,
        output: output_mib * MIB,
        handles: 1_000,
    }
}

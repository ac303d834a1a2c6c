//! How the runtime as a whole is set up.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Settings of a runtime. The defaults suit a small server.
#[derive(Debug, Clone)]
pub struct RuntimeOptions {
    /// Where compiled code is kept; none keeps none.
    pub cache: Option<PathBuf>,
    /// How to compile in a process of its own; none compiles in this one, which is for tests.
    pub compiler: Option<CompileCommand>,
    /// How long one compilation may take.
    pub compile_time: Duration,
    /// Bytes of compiled code to keep at most; the least recently used goes first.
    pub cache_bytes: u64,
    /// Threads for plugin calls; 0 means one fewer than the cores, at least one.
    pub threads: usize,
    /// Instances that may exist at once; further calls wait.
    pub instances: u32,
    /// Bytes of one linear memory at most. No call can be given more.
    pub max_memory: usize,
    /// Bytes of stack of the guest.
    pub stack: usize,
    /// Reserve the address space of all instances beforehand, which makes new instances quick. Where that fails, the
    /// runtime goes on without and says so.
    pub pooling: bool,
    /// Calls after which a warm instance is replaced.
    pub warm_calls: u32,
    /// Warm instances to keep for each component.
    pub warm_instances: usize,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        Self {
            cache: None,
            compiler: None,
            compile_time: Duration::from_secs(120),
            cache_bytes: 1 << 30,
            threads: 0,
            instances: 128,
            max_memory: 256 << 20,
            stack: 512 << 10,
            pooling: true,
            warm_calls: 100,
            warm_instances: 2,
        }
    }
}

/// The program that compiles: it is given the path of a component and the path to write to as two further arguments,
/// and is expected to call [`crate::compile_child_main`].
#[derive(Debug, Clone)]
pub struct CompileCommand {
    pub program: PathBuf,
    pub args: Vec<OsString>,
}

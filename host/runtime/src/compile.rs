//! From WebAssembly to machine code, in a process that may run out of time or memory without harm to the portal.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::engine::{self, Purpose};
use crate::fault::message;
use crate::header::MAX_COMPONENT_BYTES;
use crate::{CompileCommand, RuntimeOptions, inspect_header};

/// Address space of the compiling process. A large component of an interpreted language needs some 400 MB.
#[cfg(unix)]
const MAX_ADDRESS_SPACE: u64 = 8 << 30;
/// Processor seconds of the compiling process, in case that the portal is no longer there to end it.
#[cfg(unix)]
const MAX_PROCESSOR_SECONDS: u64 = 600;
/// The most bytes of a compiler's message that are kept.
const MAX_MESSAGE: usize = 2_000;

/// Why a component did not become machine code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// The compiler says that the bytes are wrong.
    #[error("not a valid component: {0}; build it anew")]
    Invalid(String),
    #[error("compiling it took longer than {} s", .0.as_secs())]
    Timeout(Duration),
    #[error("the compiler broke down on it ({0}); it may need more memory than there is")]
    Crashed(String),
    #[error("it cannot be compiled here: {0}")]
    Host(String),
}

impl CompileError {
    /// A short stable code for the plugin's status.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid-component",
            Self::Timeout(_) => "compile-timeout",
            Self::Crashed(_) => "compile-crashed",
            Self::Host(_) => "host",
        }
    }
}

/// The work of the compiling process: reads a component and writes machine code. The caller ends with status 0 when it
/// went well, and otherwise writes the error to standard error and ends with status 1.
///
/// # Errors
/// When the input is no component, or a file cannot be read or written.
pub fn compile_child_main(input: &Path, output: &Path) -> Result<(), CompileError> {
    bound_this_process();
    let host = |what: &str, path: &Path, error: std::io::Error| {
        CompileError::Host(format!("{what} {}: {error}", path.display()))
    };
    let length = fs::metadata(input).map_err(|error| host("read", input, error))?.len();
    if length > MAX_COMPONENT_BYTES as u64 {
        return Err(CompileError::Invalid(format!("it has {length} bytes")));
    }
    let wasm = fs::read(input).map_err(|error| host("read", input, error))?;
    let code = compile_here(&RuntimeOptions::default(), &wasm)?;
    fs::write(output, code).map_err(|error| host("write", output, error))
}

/// Takes address space, processor time and priority from this process.
#[cfg(unix)]
fn bound_this_process() {
    use rustix::process::{Resource, Rlimit, getrlimit, nice, setrlimit};

    for (resource, wanted) in [(Resource::As, MAX_ADDRESS_SPACE), (Resource::Cpu, MAX_PROCESSOR_SECONDS)] {
        let Rlimit { maximum, .. } = getrlimit(resource);
        let wanted = maximum.map_or(wanted, |maximum| maximum.min(wanted));
        // A machine that does not know a limit compiles without it; the portal still ends what takes too long.
        let _ = setrlimit(resource, Rlimit { current: Some(wanted), maximum: Some(wanted) });
    }
    let _ = nice(10);
}

#[cfg(not(unix))]
fn bound_this_process() {}

/// Compiles in this process.
pub(crate) fn compile_here(options: &RuntimeOptions, wasm: &[u8]) -> Result<Vec<u8>, CompileError> {
    inspect_header(wasm).map_err(|error| CompileError::Invalid(error.to_string()))?;
    let engine = engine::build(options, Purpose::Compile)
        .map_err(|error| CompileError::Host(format!("no compiler: {}", message(&error))))?;
    engine.precompile_component(wasm).map_err(|error| CompileError::Invalid(message(&error)))
}

/// Compiles one file to another in a child process.
pub(crate) async fn compile_in_child(
    command: &CompileCommand,
    input: &Path,
    output: &Path,
    time: Duration,
) -> Result<(), CompileError> {
    let child = Command::new(&command.program)
        .args(&command.args)
        .arg(input)
        .arg(output)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| CompileError::Host(format!("start {}: {error}", command.program.display())))?;
    let ended = tokio::time::timeout(time, child.wait_with_output()).await;
    let finished = match ended {
        Err(_) => return Err(CompileError::Timeout(time)),
        Ok(Err(error)) => return Err(CompileError::Host(format!("wait for the compiler: {error}"))),
        Ok(Ok(finished)) => finished,
    };
    if finished.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&finished.stderr);
    let said = said.trim();
    let said = &said[..said.floor_char_boundary(MAX_MESSAGE)];
    Err(match finished.status.code() {
        Some(1) => understand(said),
        _ => CompileError::Crashed(finished.status.to_string()),
    })
}

/// The error that the child wrote out as a sentence.
fn understand(said: &str) -> CompileError {
    let said = said.strip_prefix("error: ").unwrap_or(said);
    if let Some(reason) = said.strip_prefix("it cannot be compiled here: ") {
        return CompileError::Host(reason.to_owned());
    }
    let reason = said.strip_prefix("not a valid component: ").unwrap_or(said);
    CompileError::Invalid(reason.strip_suffix("; build it anew").unwrap_or(reason).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_way_from_the_child() {
        for error in [CompileError::Invalid("at byte 7".to_owned()), CompileError::Host("read x".to_owned())] {
            assert_eq!(understand(&error.to_string()), error);
            assert_eq!(understand(&format!("error: {error}")), error);
        }
    }
}

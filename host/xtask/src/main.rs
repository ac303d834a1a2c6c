//! `cargo xtask`: sets up, builds, runs, tests and measures Callboard. Everything is in the library, for its tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main()
}

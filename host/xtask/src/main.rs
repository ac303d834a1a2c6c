//! task runner
fn main() {}

//! What a plugin can do to its host, by name.

use std::hint::black_box;
use std::time::Duration;

use callboard_sdk::{Error, http, log};

/// Does it, and says what came of it. An unknown deed is no deed: it says `ok`.
pub(crate) fn perform(deed: &str) -> Result<String, Error> {
    match deed {
        "loop" => while black_box(true) {},
        "trap" => std::process::abort(),
        "panic" => panic_with_message(),
        "hog" => return Ok(hog()),
        "recurse" => return Ok(format!("came back with {}", recurse(0, black_box(u64::MAX)))),
        "recurse-with-memory" => return Ok(format!("came back with {}", recurse_with_memory(1))),
        "sleep" => std::thread::sleep(Duration::from_secs(3)),
        "log-flood" => log_flood(),
        "print" => print(),
        "http" => return http::get("http://forbidden/secret").send().map(|answer| answer.text()),
        "http-address" => return http::get("http://127.0.0.1:7007/healthz").send().map(|answer| answer.text()),
        "environment" => return Ok(environment()),
        "files" => return Ok(files()),
        _ => {}
    }
    Ok("ok".to_owned())
}

/// Many megabytes of text: a hundred are more than a card has memory for, twenty are only too many to give back.
pub(crate) fn text(megabytes: usize) -> String {
    "callboard ".repeat(megabytes * 100_000)
}

#[expect(clippy::panic, reason = "this is what the plugin is for")]
fn panic_with_message() {
    panic!("the torturer's own words")
}

/// Takes memory until there is no more, and touches it, so that it is really there.
fn hog() -> String {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        taken.push(black_box(vec![1; 1 << 20]));
        if taken.len() > 1 << 16 {
            return format!("took {} MB", taken.len());
        }
    }
}

/// Uses up the stack of the machine: nothing of its frames is in the plugin's own memory.
#[inline(never)]
fn recurse(depth: u64, end: u64) -> u64 {
    if depth == end { depth } else { recurse(depth + 1, end).wrapping_mul(31) ^ depth }
}

/// Uses up the stack that is in the plugin's own memory, and leaves that memory at its lower end.
#[expect(unconditional_recursion, reason = "this is what the plugin is for")]
fn recurse_with_memory(depth: u64) -> u64 {
    let block = black_box([depth; 64]);
    recurse_with_memory(depth + 1) + block[usize::from(black_box(7_u8))]
}

fn log_flood() {
    let line = "flood ".repeat(1_000);
    for number in 0..10_000 {
        log::info!("{number} {line}");
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the host makes lines of it")]
fn print() {
    println!("said to standard output");
    eprintln!("said to standard error");
}

fn environment() -> String {
    let variables = std::env::vars_os().count();
    let arguments = std::env::args_os().count();
    format!("{variables} variables, {arguments} arguments")
}

fn files() -> String {
    let tried = ["/", ".", "/etc/passwd", "/workspace", "../.."];
    let found = tried.iter().filter(|path| std::fs::metadata(path).is_ok()).count();
    let written = std::fs::write("/torture", "here").is_ok();
    format!("{found} paths found, written: {written}")
}

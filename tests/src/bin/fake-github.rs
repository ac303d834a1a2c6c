//! Serves the GitHub-shaped fake and the example company's internal API until it is stopped.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use callboard_tests::github::{FakeGithub, Options};
use clap::Parser;
use jiff::Timestamp;

/// Answers on loopback in the shapes of GitHub's REST API, with made-up runs for every repository.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Write the base URL as the first line of standard output
    #[arg(long)]
    print_address: bool,
    /// Accept only this token
    #[arg(long, value_name = "TOKEN")]
    require_token: Option<String>,
    /// Let every answer take this many milliseconds
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    latency: u64,
    /// Stop when standard input ends, so that the server cannot outlive whoever started it
    #[arg(long)]
    until_input_ends: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let server = FakeGithub::start(Options {
        listen: arguments.listen,
        base_time: Timestamp::now(),
        clock_moves: true,
        require_token: arguments.require_token,
        latency: Duration::from_millis(arguments.latency),
        ..Options::default()
    })
    .with_context(|| format!("could not listen on {}", arguments.listen))?;
    if arguments.print_address {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", server.url())?;
        out.flush()?;
    }
    if arguments.until_input_ends {
        let mut rest = [0; 256];
        while io::stdin().lock().read(&mut rest)? > 0 {}
        return Ok(());
    }
    loop {
        std::thread::park();
    }
}

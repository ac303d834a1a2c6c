//! Every command of the README is run by a test: this table says by which, and a command that is not in it fails here.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use callboard_tests::{artifacts, http_client};

/// A command of the README, and where it is run. The last column is a file of this repository that says the words.
const COMMANDS: &[(&str, &str, &[&str])] = &[
    ("cargo xtask run", "tests/integration/readme.rs", &["\"run\", \"--profile\""]),
    ("cargo xtask test", ".ci/run", &["cargo xtask test"]),
    ("cargo xtask dist", "tests/integration/readme.rs", &["\"dist\", \"--profile\""]),
    ("callboard config check", "tests/integration/config.rs", &["\"config\", \"check\""]),
    ("callboard check catalog", "tests/integration/check.rs", &["\"catalog\""]),
    ("callboard serve", "tests/integration/health.rs", &["TestPortal"]),
    (
        "callboard plugin new hello --kind ui-card",
        "tests/integration/plugin_new.rs",
        &["\"new\", \"hello\", \"--kind\", \"ui-card\""],
    ),
    ("callboard plugin build hello", "tests/integration/plugin_new.rs", &["\"plugin\", \"build\", \"hello\""]),
    (
        "callboard plugin install hello/target/wasm32-wasip2/release/hello.wasm",
        "tests/integration/plugin_new.rs",
        &["\"plugin\", \"install\""],
    ),
];

/// `cargo xtask` in the checkout, without what its own test command has told this test.
fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.arg("xtask").args(arguments).current_dir(artifacts::checkout());
    let ours =
        ["CALLBOARD_", "CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "NEXTEST", "GITHUB_API_URL", "ACME_API_URL"];
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| ours.iter().any(|start| name.starts_with(start))) {
            command.env_remove(&name);
        }
    }
    command
}

/// A port that is free now.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[tokio::test]
async fn xtask_run_serves_the_example_company() {
    let data = tempfile::tempdir().unwrap();
    let address = free_address();
    let serve = ["--listen", &address, "--data", data.path().to_str().unwrap()];
    let mut child = xtask(&[&["run", "--profile", "dev", "--"][..], &serve].concat())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let ready = format!("the portal is ready: http://{address}");
    for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
        let is_ready = line.contains(&ready);
        said.push(line);
        if is_ready {
            break;
        }
    }
    let said = said.join("\n");
    assert!(said.contains(&ready), "{said}");
    assert!(said.contains("the example's GitHub is a made-up one on http://127.0.0.1:"), "{said}");
    let url = format!("http://{address}/catalog/default/component/storefront-web");
    let page = http_client().get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("storefront"), "no page of the example");

    let pid = i32::try_from(child.id()).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), rustix::process::Signal::TERM).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{status}");
}

#[test]
fn xtask_dist_makes_one_binary_that_runs_from_anywhere() {
    let output = xtask(&["dist", "--profile", "dev"]).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let binary = artifacts::checkout().join("target").join("dist-dev").join("callboard");
    assert!(said.contains(binary.to_str().unwrap()), "{said}");
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("callboard");
    std::fs::copy(&binary, &copy).unwrap();
    let version = Command::new(&copy).arg("--version").current_dir(elsewhere.path()).env_clear().output().unwrap();
    assert!(version.status.success());
    assert!(String::from_utf8_lossy(&version.stdout).starts_with("callboard "));
    // Site and plugins are inside: what a new project is written from needs nothing else.
    let new = Command::new(&copy)
        .args(["plugin", "new", "hello", "--kind", "ui-card"])
        .current_dir(elsewhere.path())
        .env_clear()
        .status()
        .unwrap();
    assert!(new.success() && Path::new(&elsewhere.path().join("hello/sdk/wit")).is_dir());
}

/// The lines of the README's `sh` blocks, comments left out.
fn commands() -> Vec<String> {
    let readme = std::fs::read_to_string(artifacts::checkout().join("README.md")).unwrap();
    let mut commands = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            "" => {}
            line if inside && !line.starts_with('#') => commands.push(line.to_owned()),
            _ => {}
        }
    }
    commands
}

#[test]
fn every_command_is_run_by_a_test() {
    let commands = commands();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in &commands {
        let row = COMMANDS.iter().find(|(known, ..)| known == command);
        let Some((_, file, words)) = row else {
            panic!("`{command}` is in the README and no test runs it; write one and add it to this table")
        };
        let text = std::fs::read_to_string(artifacts::checkout().join(file)).unwrap();
        for word in *words {
            assert!(text.contains(word), "{file} does not say {word}, so nothing runs `{command}`");
        }
    }
    for (command, ..) in COMMANDS {
        assert!(
            commands.iter().any(|other| other == command),
            "`{command}` is not in the README any more; remove its row"
        );
    }
}

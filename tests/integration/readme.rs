//! Every command of the README is run by a test: this table says by which, and a command that is not in it fails here.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use callboard_tests::portal::run_command;
use callboard_tests::{artifacts, eventually, http_client};

use crate::support::{between, component};

/// A command of the README, and the test that runs it: its file, its name, and what the call says there.
struct Row(&'static str, &'static str, &'static str, &'static str);

const COMMANDS: &[Row] = &[
    Row("cargo xtask run", HERE, "xtask_run_serves_the_example_company", "xtask(&[&[\"run\""),
    Row("cargo xtask test", HERE, "xtask_test_runs_a_stage_and_the_pipeline_all", "xtask(&[\"test\""),
    Row("cargo xtask dist", HERE, "xtask_dist_makes_one_binary_that_runs_from_anywhere", "xtask(&[\"dist\""),
    Row("cargo xtask build", HERE, "xtask_build_says_where_the_binary_is", "xtask(&[\"build\""),
    Row("cargo xtask bench", HERE, "xtask_bench_prints_figures", "xtask(&[\"bench\""),
    Row("callboard config check", HERE, "a_new_portal_is_checked_and_served", "run(&[\"config\", \"check\"])"),
    Row("callboard check catalog", HERE, "a_new_portal_is_checked_and_served", "run(&[\"check\", \"catalog\"])"),
    Row("callboard check", HERE, "a_new_portal_is_checked_and_served", "run(&[\"check\","),
    Row(
        "callboard import backstage app-config.yaml app-config.production.yaml",
        "import_backstage.rs",
        "several_files_merge_and_the_portal_serves_with_the_result",
        "import(&folder, &[\"app-config.yaml\", \"app-config.production.yaml\"])",
    ),
    Row(
        "callboard catalog ls --kind component --owner crew --path catalog",
        CATALOG,
        README,
        "\"ls --kind component --owner crew --path catalog\"",
    ),
    Row("callboard catalog get component:shop --format json", CATALOG, README, "\"get component:shop --format json\""),
    Row(
        "callboard catalog graph component:shop --depth 2 --format mermaid",
        CATALOG,
        README,
        "\"graph component:shop --depth 2 --format mermaid\"",
    ),
    Row("callboard catalog impact resource:db", CATALOG, README, "\"impact resource:db\""),
    Row(
        "callboard catalog diff catalog http://127.0.0.1:7007",
        CATALOG,
        README,
        "\"diff catalog http://127.0.0.1:7007\"",
    ),
    Row("callboard serve", HERE, "a_new_portal_is_checked_and_served", ".arg(\"serve\")"),
    Row("callboard backup FILE", "durability.rs", "a_copy_made_while_serving_serves", "[\"backup\", copy"),
    Row(
        "callboard plugin new hello --kind ui-card",
        NEW,
        NEW_PLUGIN,
        "&[\"plugin\", \"new\", \"hello\", \"--kind\", \"ui-card\"]",
    ),
    Row("callboard plugin build hello", NEW, NEW_PLUGIN, "&[\"plugin\", \"build\", \"hello\"]"),
    Row(
        "callboard plugin install hello/target/wasm32-wasip2/release/hello.wasm",
        NEW,
        NEW_PLUGIN,
        "&[\"plugin\", \"install\", &component,",
    ),
    Row(
        "callboard plugin inspect",
        "plugin_life.rs",
        "the_command_line_installs_lists_and_removes",
        "run(&[\"plugin\", \"inspect\", file])",
    ),
];

const HERE: &str = "readme.rs";
const CATALOG: &str = "catalog_command.rs";
const README: &str = "the_commands_of_the_readme_answer";
const NEW: &str = "plugin_new.rs";
const NEW_PLUGIN: &str = "a_new_plugin_is_written_built_dropped_and_seen";

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

fn terminate(child: &Child) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
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

    terminate(&child);
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

#[test]
fn xtask_build_says_where_the_binary_is() {
    let output = xtask(&["build", "--profile", "dev"]).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let path = said.lines().find_map(|line| line.split_once("built ")).map(|(_, path)| Path::new(path.trim()));
    assert!(path.is_some_and(Path::is_file), "{said}");
}

#[test]
fn xtask_bench_prints_figures() {
    let output = xtask(&["bench", "--profile", "dev", "start"]).stdin(Stdio::null()).output().unwrap();
    let (table, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("start ")).collect();
    assert!(rows.len() >= 4 && rows.iter().any(|row| row.contains("start to ready")), "{table}");
    for row in rows {
        assert!(row.split_whitespace().any(|word| word.parse::<f64>().is_ok()), "{row} has no figure");
    }
    assert!(said.contains("its figures are none"), "a slow binary is called so: {said}");
}

#[test]
fn xtask_test_runs_a_stage_and_the_pipeline_all() {
    let output = xtask(&["test", "--only", "tidy"]).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // All stages within one of them would not end.
    let pipeline = std::fs::read_to_string(artifacts::checkout().join(".ci/run")).unwrap();
    assert!(pipeline.lines().any(|line| line.contains("exec cargo xtask test <")), "{pipeline}");
}

#[tokio::test]
async fn a_new_portal_is_checked_and_served() {
    let folder = tempfile::tempdir().unwrap();
    let readme = readme();
    let config = between(&readme, "```yaml\n# callboard.yaml\n", "```").unwrap();
    std::fs::write(folder.path().join("callboard.yaml"), config).unwrap();
    let catalog = folder.path().join("catalog/shop");
    std::fs::create_dir_all(&catalog).unwrap();
    std::fs::write(catalog.join("catalog-info.yaml"), component("shop", &[])).unwrap();
    let run = |arguments: &[&str]| run_command(folder.path(), &[], arguments).unwrap();

    let checked = run(&["config", "check"]);
    assert!(checked.code == Some(0) && checked.out.contains("portal.acme.example"), "{checked:?}");
    let checked = run(&["check", "catalog"]);
    assert!(checked.code == Some(0) && checked.err.contains("1 entities in 1 files"), "{checked:?}");

    let address = free_address();
    let mut child = Command::new(artifacts::binary().unwrap())
        .arg("serve")
        .env("CALLBOARD_BACKEND__LISTEN", &address)
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let url = format!("http://{address}/api/catalog/entities/by-name/component/default/shop");
    eventually("the entity", async || {
        http_client().get(&url).send().await.ok().filter(|answer| answer.status() == 200)
    })
    .await;
    assert!(folder.path().join("data/callboard.db").is_file());
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

fn readme() -> String {
    std::fs::read_to_string(artifacts::checkout().join("README.md")).unwrap()
}

/// The lines of the README's `sh` blocks without comments, and what its prose names as a command of ours.
fn commands() -> Vec<String> {
    let readme = readme();
    let (mut commands, mut prose, mut block) = (Vec::new(), String::new(), None);
    for line in readme.lines().map(str::trim) {
        match (line.strip_prefix("```"), block) {
            (Some(_), Some(_)) => block = None,
            (Some(language), None) => block = Some(language),
            (None, Some("sh")) if !line.is_empty() && !line.starts_with('#') => commands.push(line.to_owned()),
            (None, Some(_)) => {}
            (None, None) => prose.push_str(&format!("{line} ")),
        }
    }
    let named = prose.split('`').skip(1).step_by(2);
    let ours = |text: &&str| ["cargo xtask ", "callboard "].iter().any(|start| text.starts_with(start));
    commands.extend(named.filter(ours).map(str::to_owned));
    commands
}

/// The attributes and the body of a test.
fn test_of<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let (before, rest) = text.split_once(&format!("fn {name}() {{\n"))?;
    let attributes = before.rsplit("\n\n").next()?;
    let (body, _) = rest.split_once("\n}\n")?;
    Some((attributes, body))
}

#[test]
fn every_command_is_run_by_a_test() {
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in &commands {
        assert!(
            COMMANDS.iter().any(|row| row.0 == command),
            "`{command}` is in the README and no test runs it; write one and add it to this table"
        );
    }
    for Row(command, file, name, call) in COMMANDS {
        assert!(commands.iter().any(|other| other == command), "`{command}` is not in the README any more");
        let path = artifacts::checkout().join("tests/integration").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let Some((attributes, body)) = test_of(&text, name) else { panic!("{file} has no test {name}") };
        let runs = attributes.contains("#[test]") || attributes.contains("#[tokio::test");
        assert!(runs && !attributes.contains("ignore"), "{name} in {file} is no test that runs: {attributes}");
        assert!(body.contains(call), "{name} in {file} does not say {call}, so nothing runs `{command}`");
    }
}

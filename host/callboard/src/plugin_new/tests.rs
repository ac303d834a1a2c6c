use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;

/// A folder outside the checkout that goes with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("callboard-plugin-new-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn request(folder: &Folder, name: &str, kind: Kind) -> NewPlugin {
    NewPlugin { name: name.to_owned(), kind, parent: Some(folder.0.clone()) }
}

/// The files of a folder of the checkout, with paths relative to it.
fn table(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the checkout") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).expect("a path below the root");
                out.push((name.to_str().expect("text").to_owned(), fs::read(&path).expect("a file")));
            }
        }
    }
    out
}

fn borrowed(table: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    table.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
}

fn generate_for_real(request: &NewPlugin) {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut sdk = table(&checkout.join("sdk/rust"));
    sdk.retain(|(path, _)| !path.starts_with("wit/"));
    generate(request, &borrowed(&sdk), &borrowed(&table(&checkout.join("wit/next")))).expect("a project");
}

#[test]
fn writes_project_sdk_and_contract() {
    let folder = Folder::new("writes");
    let request = request(&folder, "team-budget", Kind::UiCard);
    let sdk: &[(&str, &[u8])] = &[("Cargo.toml", b"sdk"), ("src/lib.rs", b"lib")];
    let written = generate(&request, sdk, &[("view.wit", b"wit")]).expect("a project");
    let root = folder.0.join("team-budget");
    let names: Vec<_> =
        written.iter().map(|path| path.strip_prefix(&root).expect("below").to_str().expect("text")).collect();
    assert_eq!(
        names,
        ["Cargo.toml", ".gitignore", "README.md", "src/lib.rs", "sdk/Cargo.toml", "sdk/src/lib.rs", "sdk/wit/view.wit",]
    );
    for path in &written {
        let text = fs::read_to_string(path).expect("text");
        let left = ["name", "type", "title", "component", "about"]
            .iter()
            .any(|mark| text.contains(&format!("{{{{{mark}}}}}")));
        assert!(!left, "{} has a mark that nobody filled in", path.display());
    }
    let source = fs::read_to_string(root.join("src/lib.rs")).expect("text");
    assert!(source.contains("struct TeamBudgetPlugin;") && source.contains("\"Team budget\""), "{source}");
    assert_eq!(request.next_steps()[2], "callboard plugin check target/wasm32-wasip2/release/team_budget.wasm");

    let here = NewPlugin { parent: None, ..request.clone() };
    assert_eq!(here.next_steps()[3], "cp target/wasm32-wasip2/release/team_budget.wasm ../data/plugins/");

    let again = generate(&request, sdk, &[]).expect_err("it is there already").to_string();
    assert!(again.contains("is not empty"), "{again}");
}

#[test]
fn leaves_alone_what_is_there() {
    let folder = Folder::new("refuses");
    fs::write(folder.0.join("taken"), "mine").expect("a file");
    let taken = generate(&request(&folder, "taken", Kind::UiCard), &[], &[]).expect_err("a file").to_string();
    assert!(taken.contains("is a file"), "{taken}");
    assert_eq!(fs::read_to_string(folder.0.join("taken")).expect("text"), "mine");

    fs::create_dir(folder.0.join("empty")).expect("a folder");
    assert!(generate(&request(&folder, "empty", Kind::UiCard), &[], &[]).is_ok());

    for path in ["../outside", "/outside"] {
        let outside: &[(&str, &[u8])] = &[(path, b"x")];
        assert!(generate(&request(&folder, "escape", Kind::UiCard), outside, &[]).is_err());
        let _ = fs::remove_dir_all(folder.0.join("escape"));
    }
    assert!(generate(&request(&folder, "Bad Name", Kind::UiCard), &[], &[]).is_err());
    assert!(!folder.0.join("Bad Name").exists());
}

/// Runs Cargo in a project. What it needs was downloaded when the checkout was built; where not, the registry has it.
fn build(folder: &Path, target: &Path, arguments: &[&str]) {
    let run = |offline: &[&str]| {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).args(offline).current_dir(folder).env("CARGO_TARGET_DIR", target);
        // What the checkout's own build says of itself is none of the project's business.
        let mixed_up =
            |name: &str| ["CARGO_PKG", "CARGO_MANIFEST", "RUSTFLAGS"].iter().any(|part| name.starts_with(part));
        for (name, _) in std::env::vars_os().filter(|(name, _)| mixed_up(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command.output().expect("cargo")
    };
    let mut output = run(&["--offline"]);
    if !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("offline") {
        output = run(&[]);
    }
    assert!(output.status.success(), "{}: {}", folder.display(), String::from_utf8_lossy(&output.stderr));
}

/// Every kind of project builds to a component and passes its own tests, outside the checkout.
#[test]
fn projects_build_and_pass_their_tests() {
    let folder = Folder::new("builds");
    for (name, kind) in
        [("a-card", Kind::UiCard), ("a-processor", Kind::CatalogProcessor), ("an-action", Kind::ScaffolderAction)]
    {
        let request = request(&folder, name, kind);
        generate_for_real(&request);
        // Everything that is built goes where the next project finds it.
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugin-new");
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or(target, |folder| PathBuf::from(folder).join("plugin-new"));
        let cargo = |arguments: &[&str]| build(&request.folder(), &target, arguments);
        cargo(&["build", "--release", "--target", "wasm32-wasip2"]);
        cargo(&["test"]);
        let component = target.join(request.component().trim_start_matches("target/"));
        let bytes = fs::read(&component).expect("the component");
        // The layer field of a component's header.
        assert_eq!(bytes.get(..8), Some(&b"\0asm\x0d\0\x01\0"[..]), "{name} is a component");
    }
}

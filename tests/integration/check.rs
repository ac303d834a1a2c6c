//! `callboard check`: findings for people, as JSON and as SARIF, and exit codes.

use callboard_tests::portal::{Run, run_command};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{component, documents, group};

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn check(folder: &TempDir, arguments: &[&str]) -> Run {
    run_command(folder.path(), &[], &[&["check"], arguments].concat()).unwrap()
}

fn broken() -> TempDir {
    let bad = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: bad\nspec:\n  type: service\n  lifecycle: \
               production\n  owner: [a]\n";
    let unreadable = "kind: Component\nmetadata: {name: x\nspec: 1\n";
    let texts = [component("a", &[]), bad.to_owned(), unreadable.to_owned(), component("b", &[])];
    folder(&[("catalog/info.yaml", &documents(&texts)), ("catalog/good/more.yaml", &component("c", &[]))])
}

#[test]
fn clean_files_exit_with_0() {
    let folder = folder(&[("a.yaml", &documents(&[component("a", &[]), group("crew")]))]);
    let run = check(&folder, &["a.yaml"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.trim().is_empty(), "data is for findings: {}", run.out);
    assert!(run.err.contains("2 entities in 1 file"), "{}", run.err);
}

#[test]
fn findings_exit_with_1_and_show_the_line() {
    let folder = broken();
    let run = check(&folder, &["catalog"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.out.contains("info.yaml"), "{}", run.out);
    assert!(run.out.contains("owner: [a]"), "the line itself is shown: {}", run.out);
    assert!(!run.out.contains('\u{1b}'), "no colours in a pipe");
    assert!(run.err.contains("3 entities"), "{}", run.err);
}

#[test]
fn json_and_sarif_carry_places() {
    let folder = broken();
    let run = check(&folder, &["catalog", "--format", "json"]);
    assert_eq!(run.code, Some(1));
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&report["files"], &report["entities"]), (&2.into(), &3.into()));
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.len() >= 2, "{report:#}");
    let owner = findings.iter().find(|finding| finding["message"].as_str().unwrap().contains("owner")).unwrap();
    let first = component("a", &[]).lines().count() + 1;
    assert_eq!(owner["place"]["line"], first + 8, "{owner}");
    assert!(owner["place"]["file"].as_str().unwrap().ends_with("catalog/info.yaml"), "{owner}");

    let run = check(&folder, &["catalog", "--format", "sarif"]);
    assert_eq!(run.code, Some(1));
    let log: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    let rules: Vec<&Value> =
        log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    for result in results {
        assert!(rules.contains(&&result["ruleId"]), "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].as_str().unwrap().starts_with("catalog/"), "{result}");
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1, "{result}");
    }
}

#[test]
fn sarif_is_what_code_hosts_take() {
    let repository = broken();
    std::fs::create_dir(repository.path().join(".git")).unwrap();
    let run =
        run_command(&repository.path().join("catalog"), &[], &["check", ".", "../none*.yaml", "--format", "sarif"])
            .unwrap();
    assert_eq!(run.code, Some(1), "{run:?}");
    let log: Value = serde_json::from_str(&run.out).unwrap();
    let run = &log["runs"][0];
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        for key in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[key]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
    }
    let mut prints = std::collections::HashSet::new();
    for result in run["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains(".."), "{uri} is not relative to the repository");
        assert!(
            place["region"]["startLine"].as_u64().unwrap() >= 1
                && place["region"]["startColumn"].as_u64().unwrap() >= 1
        );
        assert!(
            prints.insert(result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().to_owned()),
            "{result}"
        );
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    assert!(prints.len() >= 3, "{prints:?}");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
}

#[test]
fn every_kind_of_bad_file_has_a_finding_and_spoils_no_other() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", ")));
    }
    let folder = folder(&[
        ("bomb.yaml", &bomb),
        ("twice.yaml", &component("twice", &[]).replace("  name: twice", "  name: twice\n  name: again")),
        ("deep.yaml", &"[".repeat(100_000)),
        ("escape.yaml", "kind: Component\nmetadata: { name: \"x\" }\nspec: \u{1b}[2J\u{1b}]0;owned\u{7}\n"),
        ("line.yaml", &format!("kind: [{}", "x, ".repeat(200_000))),
        ("empty.yaml", ""),
        ("good.yaml", &component("good", &[])),
    ]);
    std::fs::write(folder.path().join("latin.yaml"), b"kind: Component\nmetadata: { name: caf\xe9 }\n").unwrap();
    let large = std::fs::File::create(folder.path().join("large.yaml")).unwrap();
    large.set_len(100 << 20).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("loop.yaml", folder.path().join("loop.yaml")).unwrap();
    #[cfg(unix)]
    assert!(std::process::Command::new("mkfifo").arg(folder.path().join("pipe.yaml")).status().unwrap().success());

    for (file, said) in [
        ("bomb.yaml", "bomb.yaml"),
        ("twice.yaml", "name"),
        ("deep.yaml", "deep"),
        ("escape.yaml", "escape.yaml"),
        ("line.yaml", "line.yaml"),
        ("latin.yaml", "UTF-8"),
        ("large.yaml", "large"),
        ("loop.yaml", "loop.yaml"),
        ("pipe.yaml", "pipe.yaml"),
    ] {
        let run = check(&folder, &[file]);
        assert_eq!(run.code, Some(if file == "loop.yaml" { 2 } else { 1 }), "{file}: {run:?}");
        assert!(run.out.contains(said) || run.err.contains(said), "{file}: {run:?}");
        assert!(!run.out.contains(['\u{1b}', '\u{7}']) && run.out.len() < 20_000, "{file}: {} bytes", run.out.len());
        assert!(!run.err.contains("panicked"), "{file}: {run:?}");
    }
    let all = check(&folder, &[".", "--format", "json"]);
    let report: Value = serde_json::from_str(&all.out).unwrap();
    assert_eq!((all.code, &report["entities"]), (Some(1), &1.into()), "{}", all.err);
    let empty = check(&folder, &["empty.yaml"]);
    assert!(empty.code == Some(0) && empty.err.contains("0 entities"), "{empty:?}");
}

#[test]
fn what_could_not_run_exits_with_2() {
    let folder = broken();
    let run = check(&folder, &["nowhere"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("nowhere"), "{}", run.err);
    let run = check(&folder, &["catalog", "--format", "xml"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    let run = check(&folder, &[]);
    assert_eq!(run.code, Some(2), "{run:?}");
}

/// Nothing can be written to a device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn findings_that_cannot_be_written_are_no_success() {
    let folder = folder(&[("a.yaml", &component("a", &[]))]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(callboard_tests::artifacts::binary().unwrap());
    command.args(["check", "a.yaml", "--format", "sarif"]).current_dir(folder.path()).stdout(full);
    let run = command.output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.code() == Some(2) && said.contains("the standard output cannot be written"), "{said}");
}

#[test]
fn the_example_company_has_no_errors() {
    let example = callboard_tests::artifacts::checkout().join("examples").join("acme");
    let folder = tempfile::tempdir().unwrap();
    let run = check(&folder, &[example.to_str().unwrap(), "--format", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let errors: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "error").collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(report["entities"].as_u64().unwrap() >= 60, "{}", report["entities"]);
}

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

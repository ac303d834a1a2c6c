//! `callboard config check`, and what `serve` says of a configuration that is wrong.

use callboard_tests::TestPortal;
use callboard_tests::portal::{Run, run_command};

fn check(text: &str, variables: &[(&str, &str)]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("callboard.yaml"), text).unwrap();
    run_command(folder.path(), variables, &["config", "check"]).unwrap()
}

#[test]
fn the_merged_result_is_printed_with_secrets_masked() {
    let text = "app: { title: Acme }\nupstreams:\n  api:\n    target: https://api.example.com\n    headers:\n      Authorization: \
                \"Bearer ${API_TOKEN}\"\nintegrations:\n  github: [{ host: github.com, token: hunter2-token }]\n";
    let run = check(text, &[("API_TOKEN", "very-secret"), ("CALLBOARD_BACKEND__LISTEN", "127.0.0.1:9999")]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("title: Acme") && run.out.contains("https://api.example.com"), "{}", run.out);
    assert!(run.out.contains("9999"), "the environment is merged in: {}", run.out);
    for secret in ["very-secret", "hunter2-token"] {
        assert!(!run.out.contains(secret) && !run.err.contains(secret), "{secret} is shown: {run:?}");
    }
}

#[test]
fn an_unknown_key_is_an_error_that_names_the_nearest() {
    let run = check("catalog:\n  locatons: []\n", &[]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.err.contains("locatons") && run.err.contains("locations"), "{}", run.err);
    assert!(run.err.contains("callboard.yaml:2:3"), "with its place: {}", run.err);
}

#[test]
fn a_key_of_backstage_that_we_do_not_use_is_a_warning() {
    let run = check("kubernetes: { clusterLocatorMethods: [] }\n", &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.err.contains("kubernetes") && run.err.contains("warning"), "{}", run.err);
}

#[test]
fn wrong_values_are_all_named_at_once() {
    let run = check(
        "backend: { listen: nowhere-at-all:x }\nupstreams: { a: { target: not a url } }\ncatalog: { locations: [7] }\n",
        &[],
    );
    assert_eq!(run.code, Some(1), "{run:?}");
    for part in ["listen", "upstreams", "locations"] {
        assert!(run.err.contains(part), "{part} is not named: {}", run.err);
    }
}

#[test]
fn a_missing_file_and_broken_yaml_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_command(folder.path(), &[], &["config", "check", "--config", "nowhere.yaml"]).unwrap();
    assert!(matches!(run.code, Some(1 | 2)) && run.err.contains("nowhere.yaml"), "{run:?}");
    let run = check("app: [\n", &[]);
    assert!(run.code == Some(1) && run.err.contains("callboard.yaml:"), "{run:?}");
}

#[test]
fn the_example_is_valid() {
    let example = callboard_tests::artifacts::checkout().join("examples/acme/callboard.yaml");
    let folder = tempfile::tempdir().unwrap();
    let run = run_command(folder.path(), &[], &["config", "check", "--config", example.to_str().unwrap()]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!run.err.contains("warning:"), "{}", run.err);
}

#[test]
fn serve_refuses_a_configuration_with_errors() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("callboard.yaml"), "catalgo: {}\n").unwrap();
    let run = run_command(folder.path(), &[], &["serve", "--listen", "127.0.0.1:0"]).unwrap();
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("catalgo") && run.err.contains("catalog"), "{}", run.err);
    assert!(!folder.path().join("data").exists(), "nothing was made");
}

#[test]
fn serve_beyond_this_machine_needs_to_be_meant() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_command(folder.path(), &[], &["serve", "--listen", "0.0.0.0:0"]).unwrap();
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("auth.allowGuests"), "{}", run.err);
}

#[tokio::test]
async fn a_host_name_is_an_address_to_listen_on() {
    for (flag, config) in [
        (Some("localhost:0"), ""),
        (None, "backend: { listen: { host: localhost, port: 0 } }"),
        (None, "backend: { listen: \"localhost:0\" }"),
    ] {
        let portal = TestPortal::builder().listen(flag).config(config).start().await;
        assert!(portal.address().ip().is_loopback() && portal.address().port() != 0, "{}", portal.address());
        assert_eq!(portal.get("/readyz").await.status, 200);
    }
    let folder = tempfile::tempdir().unwrap();
    for (listen, words) in
        [("nowhere.invalid:80", "nowhere.invalid"), ("http://a", "localhost:7007"), ("a:99999", "localhost:7007")]
    {
        let run = run_command(folder.path(), &[], &["serve", "--listen", listen]).unwrap();
        assert!(run.code == Some(2) && run.err.contains("--listen") && run.err.contains(words), "{run:?}");
    }
}

#[tokio::test]
async fn the_title_reaches_the_pages() {
    let portal =
        TestPortal::builder().config("app: { title: The Board }\norganization: { name: Acme & Söhne }").start().await;
    let page = portal.page("/").await;
    assert!(page.contains("The Board"), "no title");
    assert!(page.contains("Acme &amp; Söhne"), "no organisation");
}

#[test]
fn version_and_help_are_data() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_command(folder.path(), &[], &["--version"]).unwrap();
    assert!(run.code == Some(0) && run.out.starts_with("callboard "), "{run:?}");
    let run = run_command(folder.path(), &[], &["--help"]).unwrap();
    assert!(run.code == Some(0) && run.out.contains("serve") && run.out.contains("check"), "{run:?}");
}

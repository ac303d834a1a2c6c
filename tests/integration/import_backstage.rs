//! `callboard import backstage`: configurations as people have them become ones that the portal takes.

use callboard_tests::TestPortal;
use callboard_tests::portal::{Run, run_command};
use serde_json::Value;
use tempfile::TempDir;

/// What `create-app` leaves behind, a little lived in.
const APP_CONFIG: &str = "\
app:
  title: Scaffolded Backstage App
  baseUrl: http://localhost:3000
  support: { url: 'https://github.com/backstage/backstage/issues', items: [] }
organization:
  name: My Company
backend:
  baseUrl: http://localhost:7007
  listen: { port: 7007 }
  csp:
    connect-src: [\"'self'\", 'http:', 'https:']
  cors: { origin: 'http://localhost:3000', methods: [GET, HEAD, PATCH, POST, PUT, DELETE], credentials: true }
  database: { client: better-sqlite3, connection: ':memory:' }
  reading: { allow: [{ host: example.com }, { host: '*.mozilla.org' }] }
integrations:
  github:
    - host: github.com
      token: ${GITHUB_TOKEN}
  bitbucketCloud: [{ username: ann, appPassword: hunter2-literal }]
  awsS3: [{ accountId: '1' }]
proxy:
  endpoints: { /pagerduty: { target: 'https://api.pagerduty.com', headers: { Authorization: 'Token token=${PAGERDUTY_TOKEN}' } } }
techdocs:
  builder: local
  publisher: { type: local }
auth:
  environment: development
  providers: { guest: {} }
scaffolder:
  defaultAuthor: { name: Robot, email: robot@example.com }
catalog:
  import: { entityFilename: catalog-info.yaml }
  rules: [{ allow: [Component, System, API, Resource, Location] }]
  providers:
    github: { all: { organization: acme, schedule: { frequency: { minutes: 30 } } } }
  locations:
    - { type: file, target: ../../examples/entities.yaml }
    - { type: file, target: ../../examples/template/template.yaml, rules: [{ allow: [Template] }] }
    - { type: file, target: ../../examples/none.yaml }
    - { type: url, target: 'https://github.com/acme/software/blob/main/all.yaml' }
    - { type: github-discovery, target: 'https://github.com/acme' }
kubernetes: { serviceLocatorMethod: { type: multiTenant }, clusterLocatorMethods: [] }
permission: { enabled: true }
acmeSpecial: { level: 11 }
";

const PRODUCTION: &str = "\
app: { baseUrl: 'https://portal.acme.example' }
backend:
  baseUrl: https://portal.acme.example
  listen: ':7007'
  cors: null
  database: { client: pg, connection: { password: '${POSTGRES_PASSWORD}' } }
auth: { providers: { github: { production: { clientSecret: { $env: AUTH_SECRET } } } } }
organization: { name: { $include: names.yaml#company } }
";

const TEMPLATE: &str = "\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: new-thing, title: New thing }
spec:
  type: service
  steps:
    - { id: fetch, action: 'fetch:template', input: { url: ./skeleton } }
    - { id: publish, action: 'publish:github', input: {} }
";

const ENTITIES: &str = "\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: example-website }
spec: { type: website, lifecycle: experimental, owner: guests }
";

fn checkout() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("app-config.yaml", APP_CONFIG),
        ("app-config.production.yaml", PRODUCTION),
        ("names.yaml", "company: Acme\n"),
        ("packages/backend/package.json", "{}"),
        ("examples/entities.yaml", ENTITIES),
        ("examples/template/template.yaml", TEMPLATE),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn import(folder: &TempDir, arguments: &[&str]) -> Run {
    let variables = [("GITHUB_TOKEN", "very-secret-value"), ("POSTGRES_PASSWORD", "very-secret-value")];
    let run = run_command(folder.path(), &variables, &[&["import", "backstage"], arguments].concat()).unwrap();
    assert!(!run.out.contains("very-secret-value") && !run.err.contains("very-secret-value"), "{run:?}");
    assert!(!run.err.contains("panicked"), "{run:?}");
    run
}

/// The report's row for a key.
fn row<'a>(report: &'a Value, key: &str) -> &'a Value {
    let rows = report["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["key"] == key);
    assert!(row.is_some(), "nothing is said of {key}: {report:#}");
    row.unwrap()
}

#[test]
fn every_key_is_accounted_for_and_what_is_written_is_accepted() {
    let folder = checkout();
    let run = import(&folder, &["app-config.yaml", "--out", "portal", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let report: Value = serde_json::from_str(&run.out).unwrap();
    for (key, verdict) in [
        ("app.title", "taken"),
        ("app.baseUrl", "changed"),
        ("app.support", "unsupported"),
        ("organization.name", "taken"),
        ("backend.baseUrl", "taken"),
        ("backend.listen.port", "taken"),
        ("backend.cors", "changed"),
        ("backend.database", "unsupported"),
        ("backend.reading.allow[0].host", "taken"),
        ("integrations.github[0].token", "taken"),
        ("integrations.bitbucketCloud[0].appPassword", "taken"),
        ("integrations.awsS3", "unsupported"),
        ("proxy", "unsupported"),
        ("techdocs", "unsupported"),
        ("auth.providers.guest", "unsupported"),
        ("catalog.providers.github", "unsupported"),
        ("catalog.rules[0].allow", "taken"),
        ("scaffolder.defaultAuthor.name", "taken"),
        ("catalog.locations[0].target", "changed"),
        ("catalog.locations[2].target", "changed"),
        ("catalog.locations[3].target", "taken"),
        ("catalog.locations[4]", "unsupported"),
        ("kubernetes", "unsupported"),
        ("acmeSpecial", "unknown"),
    ] {
        let row = row(&report, key);
        assert_eq!(row["verdict"], verdict, "{row}");
        if verdict != "taken" {
            assert!(row["why"].as_str().is_some_and(|why| !why.is_empty()), "{row}");
        }
    }
    let template = &report["templates"][0];
    assert_eq!(template["entityRef"], "template:default/new-thing");
    assert_eq!(template["missingActions"], serde_json::json!(["publish:github"]));
    assert_eq!(report["files"]["entities"], 2, "{report:#}");

    let written = std::fs::read_to_string(folder.path().join("portal/callboard.yaml")).unwrap();
    assert!(written.contains("${GITHUB_TOKEN}") && !written.contains("very-secret-value"), "{written}");
    for text in [
        "target: \"../examples/entities.yaml\"",
        "title: Scaffolded Backstage App",
        "organization: acme",
        "baseUrl: http://localhost:7007",
    ] {
        assert!(written.contains(text), "{text} in {written}");
    }
    for text in ["github-discovery", "kubernetes", "acmeSpecial", "database", "localhost:3000"] {
        assert!(!written.contains(text), "{text} in {written}");
    }
    let checked = run_command(&folder.path().join("portal"), &[("GITHUB_TOKEN", "x")], &["config", "check"]).unwrap();
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(checked.err.contains("0 error(s)"), "{checked:?}");
    let checked =
        run_command(folder.path(), &[], &["check", "examples/entities.yaml", "examples/template/template.yaml"])
            .unwrap();
    assert_eq!(checked.code, Some(0), "{checked:?}");
    // Literal secrets are named, never shown, and the file that holds them is its owner's.
    assert!(!run.out.contains("hunter2-literal"), "{run:?}");
    #[cfg(unix)]
    if written.contains("hunter2-literal") {
        let file = std::fs::metadata(folder.path().join("portal/callboard.yaml")).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777, 0o600);
        assert!(report["secrets"].to_string().contains("bitbucketCloud"), "{report:#}");
    }
}

#[tokio::test]
async fn several_files_merge_and_the_portal_serves_with_the_result() {
    let folder = checkout();
    let run = import(&folder, &["app-config.yaml", "app-config.production.yaml"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for words in [
        "Taken over as it is (",
        "Taken over with a change (",
        "Not supported yet (",
        "Unknown (1)",
        "../../examples/entities.yaml is now ./examples/entities.yaml",
        "template:default/new-thing (New thing); actions that do not exist here yet: publish:github",
        "callboard config check --config",
    ] {
        assert!(run.out.contains(words), "{words} in {}", run.out);
    }
    let written = std::fs::read_to_string(folder.path().join("callboard.yaml")).unwrap();
    assert!(written.contains("baseUrl: https://portal.acme.example") && !written.contains("cors"), "{written}");
    assert!(
        written.contains("$include: ./names.yaml#company") || written.contains("$include: \"./names.yaml#company\""),
        "{written}"
    );

    let portal = TestPortal::builder().config_file(folder.path().join("callboard.yaml")).start().await;
    assert!(portal.entity("component:default/example-website").await.is_some());
    assert!(portal.entity("template:default/new-thing").await.is_some());

    // It is not written over unless that is meant.
    let again = import(&folder, &["app-config.yaml"]);
    assert!(again.code == Some(2) && again.err.contains("--force"), "{again:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("callboard.yaml")).unwrap(), written);
    assert_eq!(import(&folder, &["app-config.yaml", "--force"]).code, Some(0));
}

#[test]
fn values_that_do_not_fit_are_left_out_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "app: [nonsense]\nbackend: { listen: 'a:b:c:d', baseUrl: 'not an address' }\ncatalog:\n  rules: 7\n  locations: [7, { type: file }]\n  \
                readonly: 'maybe'\nintegrations: { github: [{ token: x }] }\nscaffolder: { concurrentTasksLimit: -5 }\n";
    std::fs::write(folder.path().join("app-config.yaml"), text).unwrap();
    let run = import(&folder, &["app-config.yaml", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(row(&report, "catalog.readonly")["verdict"], "unsupported");
    let checked = run_command(folder.path(), &[], &["config", "check"]).unwrap();
    assert_eq!(checked.code, Some(0), "{checked:?}");
}

#[test]
fn every_location_is_accounted_for_under_the_number_that_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [
        ("one.yaml", "{ type: url, target: 'https://github.com/acme/one/blob/main/a.yaml' }\n"),
        (
            "app-config.yaml",
            "x: &x { type: url }\n\
             integrations:\n  github: [{ token: '${GITHUB_TOKEN}' }, { host: ghe.example, apps: [{ $include: one.yaml }] }]\n  \
             awsS3: [{ secretAccessKey: hunter2-literal, accessKeyId: '${KEY}' }]\n\
             catalog:\n  locations:\n    - ./plain.yaml\n    - { type: { $env: T }, target: a }\n    - $include: one.yaml\n    \
             - { <<: *x, target: b }\n    - { type: url, target: 7 }\n    - { type: file, target: '${DIR}/x.yaml' }\n    \
             - { type: url, target: 'https://git.acme.example/a.yaml' }\n    - { type: file }\n    - { type: file, target: ./none.yaml, rules: 7 }\n",
        ),
    ];
    for (name, text) in texts {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let run = import(&folder, &["app-config.yaml", "--out", "portal", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let report: Value = serde_json::from_str(&run.out).unwrap();
    for (key, verdict) in [
        ("catalog.locations[0]", "unsupported"),
        ("catalog.locations[1].target", "taken"),
        ("catalog.locations[2]", "changed"),
        ("catalog.locations[3]", "unsupported"),
        ("catalog.locations[6].target", "unsupported"),
        ("catalog.locations[7]", "unsupported"),
        ("catalog.locations[8].target", "changed"),
        ("catalog.locations[8].rules", "unsupported"),
        ("integrations.github[0].host", "changed"),
        ("integrations.github[1].apps", "unsupported"),
    ] {
        assert_eq!(row(&report, key)["verdict"], verdict, "{report:#}");
    }
    let why = row(&report, "catalog.locations[7]")["why"].as_str().unwrap();
    assert!(why.contains("`catalog.locations[7].target` is missing"), "{why}");
    let taken =
        |key: &str| report["rows"].as_array().unwrap().iter().any(|row| row["key"] == key && row["verdict"] == "taken");
    assert!(!taken("catalog.locations[7].type") && !taken("catalog.locations"), "{report:#}");
    assert_eq!(report["secrets"], serde_json::json!(["integrations.awsS3[0].secretAccessKey"]));
    assert_eq!(report["files"]["paths"], serde_json::json!([]), "what the environment decides is no path yet");
    let target = folder.path().join("portal/callboard.yaml");
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&target).unwrap().permissions()) & 0o777,
        0o600
    );
    let written = std::fs::read_to_string(&target).unwrap();
    for (text, times) in [("../one.yaml", 2), ("host: github.com", 1), ("$env: T", 1), ("null", 0), ("plain.yaml", 0)] {
        assert_eq!(written.matches(text).count(), times, "{text} in {written}");
    }
    // Nothing is excused by a variable beside the key that is missing.
    let missing = "integrations: { gitlab: [{ token: '${GITHUB_TOKEN}' }, { host: '${NOWHERE}' }] }\n";
    let unnamed = "catalog: { locations: [{ type: url, target: 'https://github.com/acme/one/blob/main/a.yaml' }] }\n";
    for (file, text, said) in [
        ("missing.yaml", missing, ["integrations.gitlab[0]: ", "Errors that remain"]),
        ("unnamed.yaml", unnamed, ["integrations.github: github.com is added", "with a change"]),
    ] {
        std::fs::write(folder.path().join(file), text).unwrap();
        let run = import(&folder, &[file, "--force"]);
        for words in said {
            assert!(run.out.contains(words), "{words} in {}", run.out);
        }
    }
}

#[test]
fn what_cannot_be_read_is_said_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("broken.yaml"), "app: [\n").unwrap();
    std::fs::write(folder.path().join("list.yaml"), "- a\n").unwrap();
    std::fs::write(folder.path().join("binary.yaml"), b"\xff\xfe\x00a").unwrap();
    std::fs::write(folder.path().join("bomb.yaml"), bomb()).unwrap();
    for (file, said) in [
        ("absent.yaml", "absent.yaml"),
        (".", "cannot be read"),
        ("broken.yaml", "broken.yaml:"),
        ("list.yaml", "a mapping"),
        ("binary.yaml", "binary.yaml"),
        ("bomb.yaml", "bomb.yaml"),
        ("https://example.com/app-config.yaml", "download"),
    ] {
        let run = import(&folder, &[file]);
        assert!(run.code == Some(2) && run.err.contains(said) && run.out.is_empty(), "{file}: {run:?}");
        assert_eq!(run.err.matches("error:").count(), 1, "{run:?}");
        assert!(!folder.path().join("callboard.yaml").exists(), "{file}");
    }
    std::fs::write(folder.path().join("empty.yaml"), "").unwrap();
    assert_eq!(import(&folder, &["empty.yaml"]).code, Some(0));
}

/// Aliases of aliases, which stand for more than a machine holds.
fn bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let list = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    text
}

#[tokio::test]
async fn the_actions_that_the_import_counts_on_exist() {
    let portal = TestPortal::builder().start().await;
    let actions = portal.get_json("/api/scaffolder/v2/actions").await;
    let ids: Vec<&str> = actions.as_array().unwrap().iter().map(|action| action["id"].as_str().unwrap()).collect();
    let folder = tempfile::tempdir().unwrap();
    let steps: String = ids.iter().map(|id| format!("    - {{ action: '{id}' }}\n")).collect();
    let template = format!(
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {{ name: all }}\nspec:\n  type: x\n  steps:\n{steps}    - {{ action: none:such }}\n"
    );
    std::fs::write(folder.path().join("all.yaml"), template).unwrap();
    std::fs::write(
        folder.path().join("app-config.yaml"),
        "catalog: { locations: [{ type: file, target: ./all.yaml }] }\n",
    )
    .unwrap();
    let run = import(&folder, &["app-config.yaml", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["templates"][0]["missingActions"], serde_json::json!(["none:such"]), "{ids:?}");
}

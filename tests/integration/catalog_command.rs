//! `callboard catalog`: the same questions to a portal and to a folder, for people and for programs.

use std::process::{Command, Stdio};

use callboard_tests::portal::{Run, run_command};
use callboard_tests::{TestPortal, artifacts};
use serde_json::{Value, json};

/// A shop that depends on a store's API and its database, all of one crew.
const FILES: &[(&str, &str)] = &[
    (
        "catalog/store.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: store\n  title: The Store\n  tags: [go]\n  annotations: { \
         pagerduty.com/service-id: P123 }\nspec: { type: service, lifecycle: production, owner: crew, system: shop, providesApis: [store], \
         dependsOn: ['resource:db'] }\n---\napiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: { name: store }\nspec: { type: openapi, \
         lifecycle: production, owner: crew, definition: x }\n---\napiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: { name: db }\nspec: { \
         type: database, owner: keepers }\n---\napiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: { name: shop }\nspec: { owner: crew }\n",
    ),
    (
        "catalog/web.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: web }\nspec: { type: website, lifecycle: production, owner: crew, \
         system: shop, consumesApis: [store] }\n---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: { name: crew, annotations: { opsgenie.com/schedule: crew } }\nspec: { type: team, \
         children: [] }\n",
    ),
];

const REFS: [&str; 6] = [
    "api:default/store",
    "component:default/store",
    "component:default/web",
    "group:default/crew",
    "resource:default/db",
    "system:default/shop",
];

async fn portal() -> TestPortal {
    let builder = FILES.iter().fold(TestPortal::builder(), |builder, (path, text)| builder.file(path, *text));
    builder.start().await
}

/// The arguments that ask the portal, and those that ask its folder.
fn sources(portal: &TestPortal) -> [Vec<String>; 2] {
    let catalog = portal.catalog().display().to_string();
    [vec!["--server".to_owned(), portal.url()], vec!["--path".to_owned(), catalog]]
}

fn run(portal: &TestPortal, words: &str, source: &[String]) -> Run {
    let arguments: Vec<&str> =
        std::iter::once("catalog").chain(words.split_whitespace()).chain(source.iter().map(String::as_str)).collect();
    let run = run_command(portal.folder(), &[], &arguments).unwrap();
    assert!(!run.err.contains("panicked") && !run.out.contains('\u{1b}'), "{words}: {run:?}");
    run
}

fn json_of(run: &Run) -> Value {
    let read = serde_json::from_str(&run.out);
    assert!(read.is_ok(), "{run:?}");
    read.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_are_listed_and_read_alike_from_a_portal_and_from_its_files() {
    let portal = portal().await;
    for source in sources(&portal) {
        let listed = run(&portal, "ls --filter kind=component --columns ref,owner,tags,metadata.title", &source);
        assert_eq!(listed.code, Some(0), "{listed:?}");
        let lines: Vec<Vec<&str>> = listed.out.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["REF", "OWNER", "TAGS", "METADATA.TITLE"]);
        assert_eq!(lines[1], ["component:default/store", "group:default/crew", "go", "The", "Store"]);
        assert_eq!(lines[2], ["component:default/web", "group:default/crew"]);

        for (words, expected) in [
            ("--owner crew --kind component --kind api", &REFS[..3]),
            ("--type database", &REFS[4..5]),
            ("--filter kind=system --filter kind=group", &["group:default/crew", "system:default/shop"]),
            ("--kind none", &[]),
        ] {
            let listed = run(&portal, &format!("ls --format json {words}"), &source);
            let documents = json_of(&listed);
            let refs: Vec<String> = documents.as_array().unwrap().iter().map(reference).collect();
            assert_eq!(
                (refs, listed.code),
                (expected.iter().map(|text| (*text).to_owned()).collect(), Some(0)),
                "{words}"
            );
        }
        let limited = run(&portal, "ls --limit 2", &source);
        assert!(limited.out.lines().count() == 3 && limited.err.contains("more"), "{limited:?}");

        for name in ["component:default/store", "component:Store", "resource:db", "db"] {
            let got = run(&portal, &format!("get {name} --format json"), &source);
            assert_eq!(got.code, Some(0), "{name}: {got:?}");
            assert!(json_of(&got)["relations"].is_array(), "{name}");
        }
        let yaml = run(&portal, "get web", &source);
        assert!(yaml.out.contains("kind: Component\n") && yaml.out.contains("  name: web\n"), "{yaml:?}");
        for (words, code, said) in [
            ("get component:none", 1, "component:default/none"),
            ("get none", 1, "none"),
            ("get store", 2, "api:default/store, component:default/store"),
            ("get component:", 2, "component:"),
            ("ls --columns colour", 2, "spec.system"),
            ("ls --filter =x", 2, "filter"),
        ] {
            let run = run(&portal, words, &source);
            assert!(run.code == Some(code) && run.err.contains(said) && run.out.is_empty(), "{words}: {run:?}");
        }
    }
}

fn reference(document: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_lowercase();
    format!(
        "{}:{}/{}",
        text(&document["kind"]),
        text(&document["metadata"]["namespace"]),
        text(&document["metadata"]["name"])
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_and_dependents_are_drawn() {
    let portal = portal().await;
    for source in sources(&portal) {
        let tree = run(
            &portal,
            "graph component:store --relation dependsOn --relation providesApi --relation apiConsumedBy --depth 2",
            &source,
        );
        assert_eq!(
            tree.out,
            "component:default/store (The Store)\n├─ dependsOn resource:default/db\n└─ providesApi api:default/store\n   └─ \
             apiConsumedBy component:default/web\n",
            "{tree:?}"
        );
        let graph = json_of(&run(&portal, "graph db --depth 1 --format json", &source));
        let edge =
            json!({"source": "component:default/store", "relation": "dependsOn", "target": "resource:default/db"});
        assert!(graph["edges"].as_array().unwrap().contains(&edge), "{graph}");
        let missing = graph["nodes"].as_array().unwrap().iter().find(|node| node["exists"] == json!(false)).unwrap();
        assert_eq!(missing["entityRef"], "group:default/keepers");
        let dot = run(&portal, "graph db --format dot", &source);
        assert!(
            dot.out.starts_with("digraph")
                && dot.out.contains("\"component:default/store\" -> \"resource:default/db\""),
            "{dot:?}"
        );
        let mermaid = run(&portal, "graph db --format mermaid", &source);
        assert!(mermaid.out.starts_with("graph LR\n") && mermaid.out.contains("-->|\"dependsOn\"|"), "{mermaid:?}");

        let impact = json_of(&run(&portal, "impact resource:db --format json", &source));
        let dependents: Vec<(&str, u64)> = impact["dependents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|dependent| (dependent["entityRef"].as_str().unwrap(), dependent["distance"].as_u64().unwrap()))
            .collect();
        assert_eq!(dependents, [(REFS[1], 1), (REFS[0], 2), (REFS[2], 3)]);
        assert_eq!(impact["dependents"][0]["onCall"], json!({"pagerduty.com/service-id": "P123"}));
        assert_eq!(impact["dependents"][1]["onCall"], json!({"opsgenie.com/schedule": "crew"}), "its owner's");
        assert_eq!(impact["owners"], json!({"group:default/crew": [REFS[1], REFS[0], REFS[2]]}));
        let human = run(&portal, "impact db", &source);
        let way = "resource:default/db → dependencyOf component:default/store → providesApi api:default/store → apiConsumedBy \
                   component:default/web";
        assert!(human.code == Some(0) && human.out.contains(way) && human.out.contains("P123"), "{human:?}");
        let parts = json_of(&run(&portal, "impact system:shop --depth 1 --format json", &source));
        assert_eq!(parts["dependents"].as_array().unwrap().len(), 2, "{parts}");
        let nothing = run(&portal, "impact component:web", &source);
        assert!(nothing.code == Some(0) && nothing.out.is_empty() && nothing.err.contains("nothing"), "{nothing:?}");
    }
}

/// A squad that supports a component which it calls by a relation of its own.
const SQUAD: &str = "\
apiVersion: callboard.dev/v1alpha1
kind: Kind
metadata: { name: squad }
spec:
  group: acme.example
  names: { kind: Squad }
  versions:
    - name: v1
      relationFields: [{ selector: { path: spec.supports }, relation: supports, defaultKind: Component }]
      schema: { jsonSchema: {} }
---
apiVersion: callboard.dev/v1alpha1
kind: RelationPair
metadata: { name: supports }
spec: { forward: { type: supports }, reverse: { type: supportedBy } }
---
apiVersion: acme.example/v1
kind: Squad
metadata: { name: red }
spec: { supports: [web] }
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: web }
spec: { type: website, lifecycle: production, owner: crew }
";

#[test]
fn a_declared_relation_is_one_relation() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("a/all.yaml", SQUAD);
    write("b/all.yaml", &SQUAD.replace("supports: [web]", "supports: []"));
    let run = |words: &[&str]| run_command(folder.path(), &[], &[&["catalog"], words].concat()).unwrap();
    let tree = run(&["graph", "squad:red", "--relation", "supports", "--relation", "supportedBy", "--path", "a"]);
    assert_eq!(tree.out, "squad:default/red\n└─ supports component:default/web\n", "{tree:?}");
    let graph = run(&[
        "graph",
        "web",
        "--relation",
        "supports",
        "--relation",
        "supportedBy",
        "--format",
        "json",
        "--path",
        "a",
    ]);
    let edge = json!({"source": "squad:default/red", "relation": "supports", "target": "component:default/web"});
    assert_eq!(json_of(&graph)["edges"], json!([edge]), "{graph:?}");
    let difference = run(&["diff", "a", "b"]);
    assert!(difference.out.contains("supports") && !difference.out.contains("supportedBy"), "{difference:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_compared_with_a_portal_and_with_another_folder() {
    let portal = portal().await;
    let catalog = portal.catalog().display().to_string();
    let same = run(&portal, &format!("diff {catalog} {}", portal.url()), &[]);
    assert_eq!((same.code, same.out.as_str()), (Some(0), ""), "{same:?}");
    std::fs::write(portal.folder().join("more.yaml"), FILES[0].1.replace("name: db", "name: more")).unwrap();
    let of_one_kind = run(&portal, &format!("diff more.yaml {} --filter kind=resource", portal.url()), &[]);
    assert_eq!((of_one_kind.code, of_one_kind.out.lines().count()), (Some(1), 5), "{of_one_kind:?}");

    let other = portal.folder().join("other");
    std::fs::create_dir(&other).unwrap();
    for (path, text) in FILES {
        let name = path.trim_start_matches("catalog/");
        let text = text.replace(
            "lifecycle: production, owner: crew, system: shop, consumesApis: [store]",
            "lifecycle: experimental, owner: keepers, system: shop",
        );
        std::fs::write(
            other.join(name),
            text.replace("kind: Group\nmetadata: { name: crew,", "kind: Group\nmetadata: { name: keepers,"),
        )
        .unwrap();
    }
    let different = run(&portal, "diff catalog other", &[]);
    assert_eq!(different.code, Some(1), "{different:?}");
    for line in [
        "+ group:default/keepers",
        "- group:default/crew",
        "~ component:default/web",
        "    ~ spec.lifecycle: \"production\" → \"experimental\"",
        "    ~ spec.owner: \"crew\" → \"keepers\"",
        "    - spec.consumesApis: [\"store\"]",
        "- component:default/web consumesApi api:default/store",
        "+ component:default/web ownedBy group:default/keepers",
    ] {
        assert!(different.out.lines().any(|found| found == line), "{line} in {}", different.out);
    }
    let document = json_of(&run(&portal, "diff catalog other --format json", &[]));
    assert_eq!(document["entities"]["added"], json!(["group:default/keepers"]));
    assert_eq!(document["entities"]["changed"][0]["fields"][0]["path"], "spec.consumesApis");
    for (words, said) in [
        (format!("diff {catalog} nowhere"), "nowhere"),
        (format!("diff {catalog} ftp://x"), "ftp://x"),
        (format!("diff {catalog} http://127.0.0.1:1"), "http://127.0.0.1:1"),
    ] {
        let run = run(&portal, &words, &[]);
        assert!(run.code == Some(2) && run.err.contains(said), "{words}: {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_readme_answer() {
    let shop = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: shop }\nspec: { type: service, lifecycle: production, owner: \
                crew, dependsOn: ['resource:db'] }\n---\napiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: { name: db }\nspec: { type: \
                database, owner: crew }\n";
    let portal = TestPortal::builder().catalog_file("shop.yaml", shop).start().await;
    for (words, code, said) in [
        ("ls --kind component --owner crew --path catalog", 0, "component:default/shop"),
        ("get component:shop --format json", 0, "\"Component\""),
        ("graph component:shop --depth 2 --format mermaid", 0, "dependsOn"),
        ("impact resource:db", 0, "component:default/shop"),
        ("diff catalog http://127.0.0.1:7007", 0, ""),
    ] {
        // The portal of the test has a port of its own.
        let server = ["--server".to_owned(), portal.url()];
        let asks_the_portal = !words.contains("--path") && !words.starts_with("diff");
        let source = if asks_the_portal { &server[..] } else { &[] };
        let run = run(&portal, &words.replace("http://127.0.0.1:7007", &portal.url()), source);
        assert!(run.code == Some(code) && run.out.contains(said), "{words}: {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_no_portal_and_bad_arguments_are_said() {
    let portal = portal().await;
    let token = portal.folder().join("token");
    std::fs::write(&token, "not a token\n").unwrap();
    for (words, said) in [
        (format!("ls --server {}/nowhere", portal.url()), "404"),
        ("ls --server http://127.0.0.1:1".to_owned(), "127.0.0.1:1"),
        ("ls --server portal".to_owned(), "portal"),
        ("ls --server http://me:hunter2@127.0.0.1:1".to_owned(), "--token-file"),
        (format!("ls --server {} --path catalog", portal.url()), "--path"),
        (format!("ls --server {} --token-file {}", portal.url(), token.display()), "token"),
        (format!("ls --server {} --token-file none", portal.url()), "none"),
        ("ls --path nowhere".to_owned(), "nowhere"),
        ("graph".to_owned(), "REF"),
    ] {
        let run = run(&portal, &words, &[]);
        assert!(run.code == Some(2) && run.err.contains(said) && run.out.is_empty(), "{words}: {run:?}");
        assert!(!run.err.contains("hunter2"), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_wrote_commands_no_terminal_and_a_closed_pipe_ends_quietly() {
    let evil = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: evil, title: \"a\\e[2J\\x07\\u202Eb\\\"]\" }\nspec: { type: \
                service, lifecycle: x, owner: crew }\n";
    let many: String = (0..400)
        .map(|number| format!("---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{ name: c{number} }}\nspec: {{ type: service, lifecycle: x, owner: crew }}\n"))
        .collect();
    let portal = TestPortal::builder().catalog_file("a.yaml", &format!("{evil}{many}")).start().await;
    for words in ["ls", "graph evil", "graph evil --format dot", "graph evil --format mermaid", "impact evil"] {
        for source in sources(&portal) {
            let run = run(&portal, words, &source);
            assert_eq!(run.code, Some(0), "{words}: {run:?}");
            assert!(!run.out.contains(['\u{7}', '\u{202e}']), "{words}: {run:?}");
        }
    }
    for words in ["ls --path catalog --format yaml", "ls --path catalog"] {
        let mut child = Command::new(artifacts::binary().unwrap())
            .arg("catalog")
            .args(words.split_whitespace())
            .current_dir(portal.folder())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.code().is_some() && !said.contains("panicked"), "{words}: {said}");
    }
}

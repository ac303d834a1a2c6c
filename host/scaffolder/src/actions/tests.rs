use std::fs;
use std::path::Path;
use std::sync::Mutex;

use host_model::Principal;
use host_ports::{ActionContext, ActionResult, LogLevel, LogSink};
use serde_json::json;

use super::*;
use crate::testing::{FakeCatalog, FakeRegistrar};

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl LogSink for Lines {
    fn line(&self, _: LogLevel, message: &str) {
        self.0.lock().unwrap().push(message.to_owned());
    }
}

struct Bench {
    folder: tempfile::TempDir,
    lines: Arc<Lines>,
    registrar: Arc<FakeRegistrar>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["workspace", "template", "elsewhere"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("template/template.yaml"), "kind: Template\n").unwrap();
        fs::write(folder.path().join("elsewhere/secret"), "hidden").unwrap();
        Self { folder, lines: Arc::default(), registrar: Arc::default() }
    }

    fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.folder.path().join("workspace").join(path)).ok()
    }

    fn workspace(&self) -> Vec<String> {
        let all = crate::workspace::list(&self.folder.path().join("workspace"), 1000).unwrap();
        all.into_iter()
            .filter(|entry| entry.kind != crate::workspace::EntryKind::Folder)
            .map(|entry| entry.path)
            .collect()
    }

    async fn run(&self, action: &str, input: Value) -> Result<ActionResult, String> {
        let services = Services {
            catalog: Arc::new(FakeCatalog::with([json!({"kind": "Component", "metadata": {"name": "shop"}})])),
            registrar: Arc::clone(&self.registrar) as Arc<dyn LocationRegistrar>,
            limits: Limits { bytes: 100_000, entries: 200 },
        };
        let actions = built_in(&services);
        let action = actions.iter().find(|known| known.declaration().id == action).unwrap();
        let faults = crate::schema::check(&action.declaration().input_schema, &input).unwrap();
        if !faults.is_empty() {
            return Err(crate::schema::in_one_line(&faults));
        }
        let context = ActionContext {
            input,
            task_id: "t".to_owned(),
            step_id: "s".to_owned(),
            template: Some("template:default/t".parse().unwrap()),
            template_base: Some(format!("file://{}", self.folder.path().join("template/template.yaml").display())),
            principal: Principal::Guest,
            workspace: self.folder.path().join("workspace"),
            dry_run: false,
            log: Arc::clone(&self.lines) as Arc<dyn LogSink>,
        };
        action.run(context).await.map_err(|error| error.to_string())
    }
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn declarations_are_complete_and_their_examples_are_yaml() {
    let services = Services {
        catalog: Arc::new(FakeCatalog::default()),
        registrar: Arc::new(FakeRegistrar::default()),
        limits: Limits { bytes: 1, entries: 1 },
    };
    let ids: Vec<String> = built_in(&services).iter().map(|action| action.declaration().id.clone()).collect();
    let expected = [
        "catalog:fetch",
        "catalog:register",
        "catalog:write",
        "debug:log",
        "debug:wait",
        "fetch:plain",
        "fetch:plain:file",
        "fetch:template",
        "fetch:template:file",
        "fs:delete",
        "fs:readdir",
        "fs:rename",
    ];
    assert_eq!(ids, expected);
    for action in built_in(&services) {
        let declaration = action.declaration();
        crate::schema::compile(&declaration.input_schema).unwrap();
        crate::schema::compile(&declaration.output_schema).unwrap();
        for example in &declaration.examples {
            let node = host_yaml::parse_one(&example.steps, &host_yaml::Limits::default()).unwrap();
            let step = &node.to_json()["steps"][0];
            assert_eq!(step["action"], declaration.id.as_str());
        }
    }
}

#[tokio::test]
async fn a_skeleton_is_filled_in() {
    let bench = Bench::new();
    bench.write(
        "template/skeleton/${{ values.name }}/README.md",
        "# ${{ values.name }}\n{% if values.list %}l${{ values.list | length }}{% endif %}\n",
    );
    bench.write("template/skeleton/.github/ci.yml", "run: ${{ github.ref }}\n");
    bench.write("template/skeleton/raw/${{ values.name }}.txt", "${{ kept }}");
    bench.write("template/skeleton/{% if values.no %}absent{% endif %}/x", "x");
    bench.write("template/skeleton/image.png", b"\x89PNG\0${{ values.name }}");
    bench.write("template/skeleton/latin.txt", b"caf\xe9 ${{ values.name }}");
    bench.write("template/skeleton/run.sh", "echo ${{ values.name }}\n");
    make_executable(&bench.folder.path().join("template/skeleton/run.sh"));
    bench.write("workspace/out/run.sh", "mine");
    let input = json!({
        "url": "./skeleton", "targetPath": "out", "values": {"name": "shop", "list": [1, 2]},
        "copyWithoutTemplating": [".github/**", "raw"]
    });
    bench.run("fetch:template", input.clone()).await.unwrap();
    assert_eq!(
        bench.workspace(),
        [
            "out/.github/ci.yml",
            "out/image.png",
            "out/latin.txt",
            "out/raw/shop.txt",
            "out/run.sh",
            "out/shop/README.md"
        ]
    );
    assert_eq!(bench.read("out/shop/README.md").unwrap(), "# shop\nl2\n");
    assert_eq!(bench.read("out/.github/ci.yml").unwrap(), "run: ${{ github.ref }}\n");
    assert_eq!(bench.read("out/raw/shop.txt").unwrap(), "${{ kept }}");
    assert_eq!(bench.read("out/run.sh").unwrap(), "mine");
    let image = fs::read(bench.folder.path().join("workspace/out/image.png")).unwrap();
    assert_eq!(image, b"\x89PNG\0${{ values.name }}");

    let mut replacing = input;
    replacing["replace"] = json!(true);
    bench.run("fetch:template", replacing).await.unwrap();
    assert_eq!(bench.read("out/run.sh").unwrap(), "echo shop\n");
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(bench.folder.path().join("workspace/out/run.sh")).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111);
}

#[tokio::test]
async fn only_files_with_the_extension_are_filled_in() {
    for (extension, suffix) in [(json!(true), ".njk"), (json!(".tpl"), ".tpl")] {
        let bench = Bench::new();
        bench.write(&format!("template/skeleton/a.md{suffix}"), "${{ values.x }}");
        bench.write("template/skeleton/${{ values.x }}.md", "${{ values.x }}");
        let input = json!({"url": "./skeleton", "values": {"x": "1"}, "templateFileExtension": extension});
        bench.run("fetch:template", input).await.unwrap();
        assert_eq!(bench.workspace(), ["1.md", "a.md"]);
        assert_eq!(bench.read("a.md").unwrap(), "1");
        assert_eq!(bench.read("1.md").unwrap(), "${{ values.x }}");
    }
}

#[tokio::test]
async fn files_beyond_the_template_are_refused() {
    let bench = Bench::new();
    bench.write("template/skeleton/a", "a");
    bench.write("template/broken/bad.md", "one\n${{ values.name | shout }}\n");
    bench.write("template/names/${{ values.up }}", "x");
    let root = bench.folder.path();
    std::os::unix::fs::symlink(root.join("elsewhere"), root.join("template/link")).unwrap();
    fs::create_dir(root.join("template/linked")).unwrap();
    std::os::unix::fs::symlink(root.join("elsewhere/secret"), root.join("template/linked/secret")).unwrap();
    fs::create_dir(root.join("template/inner")).unwrap();
    std::os::unix::fs::symlink("../skeleton/a", root.join("template/inner/alias")).unwrap();
    std::os::unix::fs::symlink(root.join("elsewhere"), root.join("workspace/out")).unwrap();
    let absolute = root.join("elsewhere").display().to_string();
    for (action, input, expected) in [
        ("fetch:template", json!({"url": "../elsewhere"}), "leads out of the template's folder"),
        ("fetch:plain", json!({"url": "skeleton/../../elsewhere"}), "leads out of the template's folder"),
        ("fetch:plain", json!({"url": absolute}), "leads out of the template's folder"),
        ("fetch:plain", json!({"url": format!("file://{absolute}")}), "leads out of the template's folder"),
        ("fetch:plain", json!({"url": "./link"}), "goes through a symbolic link that leads out"),
        ("fetch:plain", json!({"url": "./linked"}), "is a link that leads out of the template's folder"),
        ("fetch:plain:file", json!({"url": "./link/secret", "targetPath": "x"}), "goes through a symbolic link"),
        ("fetch:plain", json!({"url": "https://example.com/x"}), "is an address elsewhere"),
        ("fetch:plain", json!({"url": "./nothing"}), "there is no folder ./nothing beside the template"),
        ("fetch:plain:file", json!({"url": "./skeleton", "targetPath": "x"}), "./skeleton is no file"),
        ("fetch:plain", json!({"url": "./skeleton", "targetPath": "../x"}), "leads out of the workspace"),
        ("fetch:plain", json!({"url": "./skeleton", "targetPath": "out"}), "goes through a symbolic link"),
        ("fetch:template", json!({"url": "./names", "values": {"up": "../../x"}}), "leads out of the workspace"),
        ("fetch:template", json!({"url": "./broken"}), "bad.md, line 2: filter shout is unknown"),
        ("fetch:template", json!({"url": "./skeleton", "copyWithoutRender": ["["]}), "is no pattern of paths"),
        ("fetch:template", json!({"url": "./skeleton", "cookiecutterCompat": true}), "is not supported"),
        ("fetch:template", json!({}), "/url is required"),
    ] {
        let error = bench.run(action, input.clone()).await.unwrap_err();
        assert!(error.contains(expected), "{action} {input}: {error}");
        assert!(!error.contains("hidden"));
    }
    assert_eq!(fs::read_dir(root.join("elsewhere")).unwrap().count(), 1);
    bench.run("fetch:plain", json!({"url": "./inner"})).await.unwrap();
    assert_eq!(bench.read("alias").unwrap(), "a");
}

#[tokio::test]
async fn what_is_too_much_is_refused() {
    let bench = Bench::new();
    for index in 0..300 {
        bench.write(&format!("template/many/{index}"), "");
    }
    bench.write("template/large/file", vec![b'x'; 200_000]);
    for (url, expected) in [("./many", "more than 200 files"), ("./large", "more than 100000 bytes")] {
        let error = bench.run("fetch:plain", json!({"url": url})).await.unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn files_of_the_workspace_are_deleted_renamed_and_listed() {
    let bench = Bench::new();
    for path in ["a.txt", "b.md", "docs/index.md", "docs/deep/x.md", "keep/.hidden"] {
        bench.write(&format!("workspace/{path}"), path);
    }
    bench.run("fs:delete", json!({"files": ["docs/**", "*.txt", "nothing/*"]})).await.unwrap();
    assert_eq!(bench.workspace(), ["b.md", "keep/.hidden"]);
    assert!(!bench.folder.path().join("workspace/docs").exists());
    assert!(
        bench.lines.0.lock().unwrap().iter().any(|line| line == "Nothing matches nothing/*, so nothing was deleted")
    );

    bench
        .run("fs:rename", json!({"files": [{"from": "b.md", "to": "new/c.md"}, {"from": "keep", "to": "kept"}]}))
        .await
        .unwrap();
    assert_eq!(bench.workspace(), ["kept/.hidden", "new/c.md"]);

    let listed = bench.run("fs:readdir", json!({"paths": ["."], "recursive": true})).await.unwrap().output;
    let paths = |key: &str| {
        listed[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["path"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(paths("files"), ["kept/.hidden", "new/c.md"]);
    assert_eq!(paths("folders"), ["kept", "new"]);

    for (action, input, expected) in [
        ("fs:delete", json!({"files": ["../elsewhere/*"]}), "leads out of the workspace"),
        ("fs:delete", json!({"files": ["."]}), "the whole workspace cannot be deleted"),
        ("fs:delete", json!({"files": "x"}), "/files must be a list"),
        ("fs:rename", json!({"files": [{"from": "nope", "to": "x"}]}), "there is no such file"),
        ("fs:rename", json!({"files": [{"from": "kept", "to": "new/c.md"}]}), "which exists; set overwrite"),
        ("fs:rename", json!({"files": [{"from": "kept", "to": "kept/in"}]}), "into itself"),
        ("fs:rename", json!({"files": [{"from": "kept", "to": "../x"}]}), "leads out of the workspace"),
        ("fs:rename", json!({"files": [{"from": "kept"}]}), "/files/0/to is required"),
        ("fs:readdir", json!({"paths": ["nope"]}), "there is no such folder"),
    ] {
        let error = bench.run(action, input.clone()).await.unwrap_err();
        assert!(error.contains(expected), "{action} {input}: {error}");
    }
    assert_eq!(bench.workspace(), ["kept/.hidden", "new/c.md"]);
}

#[tokio::test]
async fn the_catalog_is_read_written_and_told() {
    let bench = Bench::new();
    let entity =
        json!({"apiVersion": "v1", "kind": "Component", "metadata": {"name": "yes"}, "spec": {"owner": "a: b"}});
    bench.run("catalog:write", json!({"entity": entity})).await.unwrap();
    let written =
        host_yaml::parse_one(&bench.read("catalog-info.yaml").unwrap(), &host_yaml::Limits::default()).unwrap();
    let mut expected = entity;
    expected["metadata"]["annotations"] = json!({"backstage.io/source-template": "template:default/t"});
    assert_eq!(written.to_json(), expected);
    let error = bench.run("catalog:write", json!({"entity": {}, "filePath": "../x.yaml"})).await.unwrap_err();
    assert!(error.contains("leads out of the workspace"), "{error}");

    let fetched = bench.run("catalog:fetch", json!({"entityRef": "shop", "defaultKind": "component"})).await.unwrap();
    assert_eq!(fetched.output["entity"]["metadata"]["name"], "shop");
    let missing = json!({"entityRefs": ["component:default/shop", "component:default/none"]});
    let error = bench.run("catalog:fetch", missing.clone()).await.unwrap_err();
    assert_eq!(error, "the catalog has no entity component:default/none");
    let mut optional = missing;
    optional["optional"] = json!(true);
    assert_eq!(bench.run("catalog:fetch", optional).await.unwrap().output["entities"][1], Value::Null);
    assert!(bench.run("catalog:fetch", json!({})).await.is_err());

    let input = json!({"repoContentsUrl": "https://git.example/a/b/", "catalogInfoPath": "/catalog-info.yaml"});
    let registered = bench.run("catalog:register", input).await.unwrap();
    assert_eq!(
        registered.output,
        json!({"catalogInfoUrl": "https://git.example/a/b/catalog-info.yaml", "entityRef": "component:default/made"})
    );
    assert_eq!(registered.effects.len(), 1);
    *bench.registrar.refuses.lock().unwrap() = true;
    let error = bench.run("catalog:register", json!({"catalogInfoUrl": "https://x/y"})).await.unwrap_err();
    assert_eq!(error, "https://x/y was not registered: nothing is there");
    let optional =
        bench.run("catalog:register", json!({"catalogInfoUrl": "https://x/y", "optional": true})).await.unwrap();
    assert!(optional.effects.is_empty());
    assert!(bench.lines.0.lock().unwrap().last().unwrap().contains("which is optional here: nothing is there"));
    let error = bench.run("catalog:register", json!({})).await.unwrap_err();
    assert_eq!(error, "needs one of catalogInfoUrl, repoContentsUrl");
}

#[tokio::test(start_paused = true)]
async fn logs_and_waits_are_bounded() {
    let bench = Bench::new();
    bench.write("workspace/a.txt", "text");
    bench.run("debug:log", json!({"message": "hi", "listWorkspace": "with-contents"})).await.unwrap();
    assert_eq!(bench.lines.0.lock().unwrap()[1..], ["hi", "Workspace:\n  - a.txt:\n\ntext\n"]);
    bench.run("debug:wait", json!({"minutes": 9.5, "milliseconds": 10})).await.unwrap();
    let error = bench.run("debug:wait", json!({"minutes": 11})).await.unwrap_err();
    assert!(error.contains("ten minutes at most"), "{error}");
    assert_eq!(bench.run("debug:wait", json!({"seconds": -1})).await.unwrap_err(), "/seconds must be at least 0");
}

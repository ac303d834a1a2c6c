//! A template of every kind of step, with the events that Backstage gives for it.

use std::fs;

use super::*;

fn demo(base: &Path) -> Value {
    let entity = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "${{ parameters.name }}"},
        "spec": {"type": "service", "lifecycle": "experimental", "owner": "${{ parameters.owner }}"}
    });
    template(
        "demo",
        base,
        json!({
            "parameters": [{"title": "Basics", "required": ["name", "owner"], "properties": {
                "name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                "owner": {"type": "string"},
                "withReadme": {"type": "boolean", "default": true}
            }}],
            "steps": [
                {"id": "fetch", "name": "Fetch base", "action": "fetch:template", "input": {"url": "./content", "values": {
                    "name": "${{ parameters.name }}", "owner": "${{ parameters.owner }}", "upper": "${{ parameters.name | upper }}"
                }}},
                {"id": "log", "name": "Log", "action": "debug:log", "input": {
                    "message": "Hello ${{ parameters.name }} owned by ${{ parameters.owner | parseEntityRef | pick('name') }}",
                    "listWorkspace": true
                }},
                {"id": "readme", "name": "Rename readme", "if": "${{ parameters.withReadme }}", "action": "fs:rename",
                 "input": {"files": [{"from": "README.tmpl.md", "to": "README.md"}]}},
                {"id": "skipped", "name": "Never runs", "if": "${{ parameters.name == 'never' }}", "action": "debug:log",
                 "input": {"message": "never"}},
                {"id": "each", "name": "Each", "each": ["one", "two"], "action": "debug:log",
                 "input": {"message": "item ${{ each.key }}=${{ each.value }}"}},
                {"id": "del", "name": "Delete", "action": "fs:delete", "input": {"files": ["src/obsolete.txt"]}},
                {"id": "write", "name": "Write catalog-info", "action": "catalog:write", "input": {"entity": entity}},
                {"id": "list", "name": "List", "action": "fs:readdir", "input": {"paths": ["."], "recursive": true}}
            ],
            "output": {
                "links": [{"title": "Example", "url": "https://example.com/${{ parameters.name }}"}],
                "text": [
                    {"title": "Files", "content": "${{ steps.list.output.files | length }} files, id ${{ parameters.name }}\n"},
                    {"title": "Never", "if": "${{ parameters.name == 'never' }}", "content": "x"}
                ],
                "count": "${{ steps.list.output.files | length }}"
            }
        }),
    )
}

#[tokio::test]
async fn the_events_are_those_of_backstage() {
    let base = tempfile::tempdir().unwrap();
    fs::create_dir_all(base.path().join("content/src")).unwrap();
    let readme = "# ${{ values.name }}\n{% if values.upper == \"DEMO\" %}\nupper {{ raw }}\n{% endif %}\n";
    fs::write(base.path().join("content/README.tmpl.md"), readme).unwrap();
    fs::write(base.path().join("content/src/${{ values.name }}.js"), "log(\"${{ values.upper }}\");\n").unwrap();
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(base.path().join("content/src/${{ values.name }}.js"), readable).unwrap();
    fs::write(base.path().join("content/src/obsolete.txt"), "obsolete\n").unwrap();
    let portal = Portal::start(vec![demo(base.path())], Vec::new()).await;
    let (id, events) = portal.run("demo", json!({"name": "demo", "owner": "group:default/team-1"})).await;

    let steps: Vec<(String, String, String)> = events
        .iter()
        .filter(|event| event.body.get("status").is_some())
        .map(|event| {
            let text = |key: &str| event.body[key].as_str().unwrap().to_owned();
            (text("message"), text("stepId"), text("status"))
        })
        .collect();
    let expected = [
        ("Beginning step Fetch base", "fetch", "processing"),
        ("Finished step Fetch base", "fetch", "completed"),
        ("Beginning step Log", "log", "processing"),
        ("Finished step Log", "log", "completed"),
        ("Beginning step Rename readme", "readme", "processing"),
        ("Finished step Rename readme", "readme", "completed"),
        ("Beginning step Never runs", "skipped", "processing"),
        ("Skipping step skipped because its if condition was false", "skipped", "skipped"),
        ("Beginning step Each", "each", "processing"),
        ("Finished step Each", "each", "completed"),
        ("Beginning step Delete", "del", "processing"),
        ("Finished step Delete", "del", "completed"),
        ("Beginning step Write catalog-info", "write", "processing"),
        ("Finished step Write catalog-info", "write", "completed"),
        ("Beginning step List", "list", "processing"),
        ("Finished step List", "list", "completed"),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect();
    assert_eq!(steps, expected);

    let said = messages(&events);
    assert_eq!(said[0], "Starting up task with 8 steps");
    assert_eq!(events[0].body, json!({"message": "Starting up task with 8 steps"}));
    for line in [
        "Processing 4 template files/directories with input values {\"name\":\"demo\",\"owner\":\"group:default/team-1\",\"upper\":\"DEMO\"}",
        "Writing file src/demo.js to template output path with mode 33188.",
        "{\n  \"message\": \"Hello demo owned by team-1\",\n  \"listWorkspace\": true\n}",
        "Hello demo owned by team-1",
        "Workspace:\n  - README.tmpl.md\n  - src/demo.js\n  - src/obsolete.txt",
        "File README.tmpl.md renamed to README.md successfully",
        "Running step each: {\"key\":\"0\",\"value\":\"one\"}",
        "item 0=one",
        "Running step each: {\"key\":\"1\",\"value\":\"two\"}",
        "item 1=two",
        "File src/obsolete.txt deleted successfully",
        "Writing catalog-info.yaml",
    ] {
        assert!(said.iter().any(|message| message == line), "{line:?} is not in {said:#?}");
    }
    let last = events.last().unwrap();
    assert_eq!(
        last.body,
        json!({
            "message": "Run completed with status: completed",
            "output": {
                "links": [{"title": "Example", "url": "https://example.com/demo"}],
                "text": [{"title": "Files", "content": "3 files, id demo\n"}],
                "count": 3
            }
        })
    );
    assert!(events.windows(2).all(|pair| pair[0].id < pair[1].id));
    assert_eq!(portal.status(&id).await, "completed");
    assert_eq!(portal.read(&id, "README.md").unwrap(), "# demo\n\nupper {{ raw }}\n\n");
    assert_eq!(portal.read(&id, "src/demo.js").unwrap(), "log(\"DEMO\");\n");
    assert!(
        portal.read(&id, "catalog-info.yaml").unwrap().contains("backstage.io/source-template: template:default/demo")
    );

    let task = portal.scaffolder.task(&Principal::Guest, &id).await.unwrap();
    assert_eq!(task.spec["parameters"]["withReadme"], true);
    assert_eq!(task.spec["steps"][0]["input"]["values"]["upper"], "${{ parameters.name | upper }}");
}

#[tokio::test]
async fn values_that_do_not_fit_are_told_by_field() {
    let portal = Portal::start(vec![demo(Path::new("/nowhere"))], Vec::new()).await;
    let error = portal.create("demo", json!({"name": "BAD NAME"})).await.unwrap_err();
    let ScaffolderError::InvalidInput { fields, .. } = error else { panic!("{error}") };
    let mut told: Vec<String> = fields.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
    told.sort();
    assert_eq!(told, ["/name does not match the pattern ^[a-z0-9-]+$", "/owner is required"]);

    let error = portal.create("nope", json!({})).await.unwrap_err();
    assert_eq!(error, ScaffolderError::NotFound("Template template:default/nope not found".to_owned()));
    let error = portal.scaffolder.task(&Principal::Guest, "nope").await.unwrap_err();
    assert_eq!(error, ScaffolderError::NotFound("No task with id 'nope' found".to_owned()));
    assert_eq!(portal.scaffolder.tasks(&Principal::Guest, Default::default()).await.unwrap().total, 0);
    let plugin = Principal::Plugin { id: "p".to_owned() };
    let input =
        TaskInput { template: "template:default/demo".parse().unwrap(), values: Map::new(), secrets: Map::new() };
    assert!(matches!(portal.scaffolder.create_task(&plugin, input).await, Err(ScaffolderError::NotAllowed(_))));

    let form =
        portal.scaffolder.parameter_schema(&Principal::Guest, &"template:default/demo".parse().unwrap()).await.unwrap();
    assert_eq!((form.title.as_str(), form.pages.len(), form.pages[0].title.as_str()), ("demo", 1, "Basics"));
}

#[tokio::test]
async fn a_dry_run_shows_what_would_come() {
    use crate::testing::FakeAction;

    let called = FakeAction::boxed("git:push", |_| async { panic!("a dry run called an action that cannot do it") });
    let portal = Portal::start(Vec::new(), vec![called]).await;
    let dry_run = |steps: Value, contents: Value| {
        let input = crate::DryRunInput {
            template: json!({
                "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"},
                "spec": {"type": "x", "parameters": [], "steps": steps, "output": {"text": [{"title": "x", "content": "${{ parameters.name }}"}]}}
            }),
            values: object(json!({"name": "demo"})),
            secrets: object(json!({"token": "hunter2"})),
            directory_contents: contents.as_array().cloned().unwrap(),
        };
        let scaffolder = portal.scaffolder.clone();
        async move { scaffolder.dry_run(&Principal::Guest, input).await }
    };
    let file = json!([{"path": "a.txt", "base64Content": "SGVsbG8gJHt7IHZhbHVlcy5uYW1lIH19Cg=="}]);
    let outcome = dry_run(
        json!([
            {"id": "a", "name": "A", "action": "fetch:template", "input": {"url": ".", "values": {"name": "${{ parameters.name }}"}}},
            {"id": "l", "action": "debug:log", "input": {"message": "hi ${{ secrets.token }}"}},
            {"id": "p", "action": "git:push"},
            {"id": "r", "action": "catalog:register", "input": {"catalogInfoUrl": "https://x/${{ steps.p.output.id }}"}}
        ]),
        file,
    )
    .await
    .unwrap();
    assert_eq!(
        outcome.directory_contents,
        [json!({"path": "a.txt", "executable": false, "base64Content": "SGVsbG8gZGVtbwo="})]
    );
    assert_eq!(outcome.output, json!({"text": [{"title": "x", "content": "demo"}]}));
    assert_eq!(outcome.steps[1]["name"], "debug:log");
    assert_eq!(outcome.log[0], json!({"body": {"message": "Starting up task with 4 steps"}}));
    assert!(outcome.log.contains(&json!({"body": {"message": "hi ***", "stepId": "l"}})), "{:#?}", outcome.log);
    assert!(!json!(outcome.log).to_string().contains("hunter2"));
    assert_eq!(outcome.effects[0].target, "https://x/<id>");
    assert!(portal.registrar.registered.lock().unwrap().is_empty());
    assert_eq!(fs::read_dir(portal.data.path().join("workspaces")).unwrap().count(), 0);

    let error = dry_run(json!([{"id": "a", "action": "fs:rname"}]), json!([])).await.unwrap_err();
    let expected = "Template action with ID 'fs:rname' is not registered; the nearest one is 'fs:rename'";
    assert_eq!(error, ScaffolderError::NotFound(expected.to_owned()));
    let error = dry_run(json!([]), json!([{"path": "../x", "base64Content": ""}])).await.unwrap_err();
    assert!(error.to_string().contains("leads out of directoryContents"), "{error}");
    let error = dry_run(json!([]), json!([{"path": "x", "base64Content": "?"}])).await.unwrap_err();
    assert!(error.to_string().contains("is no base64"), "{error}");
}

//! Locations at addresses, on a reader that is made up.

use host_model::Principal;
use host_ports::{LocationRegistrar, RegisterLocation};
use serde_json::Value;

use super::{Fixture, Running, component, lines};
use crate::{ConfiguredLocation, Forge, ForgeKind, Rule, RuleLocation};

const MAIN: &str = "https://git.example.com/shop/repo/blob/main/catalog-info.yaml";

fn address(target: &str) -> ConfiguredLocation {
    ConfiguredLocation { location_type: "url".into(), target: target.into(), rules: vec![] }
}

fn pointing(name: &str, targets: &[&str]) -> String {
    let targets: String = targets.iter().map(|target| format!("    - {target}\n")).collect();
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: {name}\nspec:\n  targets:\n{targets}"
    )
}

fn location_ref(target: &str) -> String {
    format!("location:default/{}", crate::hash::location_name(&format!("url:{target}")))
}

impl Running {
    /// Has an address read again and what came of it looked at.
    async fn reread(&self, target: &str) {
        self.catalog.refresh(&Principal::Guest, &location_ref(target).parse().unwrap()).await.unwrap();
    }

    /// Waits until nothing is about to be read for the first time.
    async fn settle(&self) {
        loop {
            self.sync().await;
            let wanted = self.catalog.engine.remote.wanted_by(|_, _| true).len();
            self.catalog.engine.remote.wait(|_, _| true, std::time::Duration::from_secs(10)).await;
            self.sync().await;
            if self.catalog.engine.remote.wanted_by(|_, _| true).len() == wanted {
                return;
            }
        }
    }

    fn annotation(&self, entity_ref: &str, key: &str) -> Value {
        self.entity(entity_ref).unwrap()["metadata"]["annotations"][key].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_read_with_what_they_point_to_and_include() {
    let mut fixture = Fixture::new();
    fixture.config.locations = vec![address(MAIN)];
    fixture.config.forges = vec![Forge { host: "git.example.com".into(), kind: ForgeKind::Github, base_url: None }];
    let beside = |name: &str| MAIN.replace("catalog-info.yaml", name);
    fixture.reader.put(MAIN, pointing("all", &["./a.yaml", "./b.yaml", "./all.yaml", "./catalog-info.yaml"]));
    fixture.reader.put(&beside("a.yaml"), component("a"));
    fixture.reader.put(
        &beside("b.yaml"),
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: b\nspec:\n  type: openapi\n  lifecycle: production\n  owner: shop\n  definition:\n    $text: ./spec.txt\n",
    );
    fixture.reader.put(&beside("spec.txt"), "openapi: 3.0.0\n");
    let running = fixture.start().await;
    running.settle().await;
    assert_eq!(running.refs(), ["api:default/b", "component:default/a", "location:default/all"]);
    assert_eq!(running.entity("api:default/b").unwrap()["spec"]["definition"], "openapi: 3.0.0\n");
    for (key, value) in [
        ("backstage.io/managed-by-location", format!("url:{}", beside("a.yaml"))),
        ("backstage.io/managed-by-origin-location", format!("url:{MAIN}")),
        ("backstage.io/view-url", beside("a.yaml")),
        ("backstage.io/edit-url", beside("a.yaml").replace("/blob/", "/edit/")),
        ("backstage.io/source-location", format!("url:{}", beside("").replace("/blob/", "/tree/"))),
    ] {
        assert_eq!(running.annotation("component:default/a", key), value.as_str());
    }
    let found = running.diagnostics(&location_ref(MAIN));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, format!("{} is not there", beside("all.yaml")));
    assert_eq!(found[0].place.as_ref().unwrap().to_string(), format!("{MAIN}:9:7"));
    assert!(found[0].hint.as_ref().unwrap().contains("it is tried again at 20"), "{found:?}");
    // Nothing changed: requests, but no write and no event.
    let (written, mut events) = (running.store.changes(), running.catalog.events());
    running.sync().await;
    assert_eq!(running.store.changes(), written);
    // What is included is part of the source.
    fixture.reader.put(&beside("spec.txt"), "openapi: 3.1.0\n");
    running.catalog.refresh(&Principal::Guest, &"api:default/b".parse().unwrap()).await.unwrap();
    assert_eq!(running.entity("api:default/b").unwrap()["spec"]["definition"], "openapi: 3.1.0\n");
    assert_eq!(events.try_recv().unwrap().changed.len(), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_outlives_failures_and_restarts() {
    let mut fixture = Fixture::new();
    fixture.config.locations = vec![address("https://x/a.yaml")];
    fixture.reader.put("https://x/a.yaml", component("a"));
    let running = fixture.start().await;
    running.settle().await;
    assert_eq!(running.refs(), ["component:default/a"]);
    fixture.reader.fail("https://x/a.yaml", "https://x/a.yaml answered 500");
    running.reread("https://x/a.yaml").await;
    assert_eq!(running.refs(), ["component:default/a"]);
    let found = lines(&running.diagnostics(&location_ref("https://x/a.yaml")));
    assert_eq!(found, ["error location/unavailable https://x/a.yaml answered 500"]);
    let location = running.entity(&location_ref("https://x/a.yaml")).unwrap();
    assert_eq!(location["status"]["items"][0]["level"], "error");
    running.stop().await;
    let running = fixture.start().await;
    running.settle().await;
    assert_eq!(running.refs(), ["component:default/a"]);
    // Not even new rules need the address to answer.
    running.stop().await;
    fixture.config.rules = vec![Rule::allow(&["Location"])];
    let running = fixture.start().await;
    running.settle().await;
    assert!(running.all_codes().contains(&"entity/rule".to_owned()), "{:?}", running.all_codes());
    running.stop().await;
    fixture.config.rules = vec![Rule::allow(&["Component"])];
    fixture.reader.put("https://x/a.yaml", component("b"));
    let running = fixture.start().await;
    running.reread("https://x/a.yaml").await;
    assert_eq!(running.refs(), ["component:default/b"]);
    assert_eq!(running.all_codes(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_does_not_wait_for_an_address_that_hangs() {
    let mut fixture = Fixture::new();
    fixture.write("catalog/here.yaml", &component("here"));
    fixture.config.locations.push(address("https://hang/a.yaml"));
    fixture.reader.hang("https://hang/a.yaml");
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["component:default/here"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn optional_addresses_may_be_missing_and_patterns_may_change() {
    let mut fixture = Fixture::new();
    let pattern = "https://x/**/catalog-info.yaml";
    fixture.config.locations = vec![address("https://x/all.yaml")];
    fixture.reader.put(
        "https://x/all.yaml",
        pointing("all", &[&format!("\"{pattern}\""), "https://x/b.yaml"])
            .replace("spec:\n", "spec:\n  presence: optional\n"),
    );
    let (one, two) = ("https://x/1/catalog-info.yaml", "https://x/2/catalog-info.yaml");
    let (first, second) = (component("one"), component("two"));
    fixture.reader.put_files(pattern, &[(one, first.as_bytes()), (two, second.as_bytes())]);
    fixture.reader.put("https://x/b.yaml", component("b"));
    let running = fixture.start().await;
    running.settle().await;
    assert_eq!(
        running.refs(),
        ["component:default/b", "component:default/one", "component:default/two", "location:default/all"]
    );
    assert_eq!(running.annotation("component:default/one", "backstage.io/managed-by-location"), format!("url:{one}"));
    fixture.reader.put_files(pattern, &[(two, second.as_bytes())]);
    fixture.reader.remove("https://x/b.yaml");
    running.catalog.refresh(&Principal::Guest, &"location:default/all".parse().unwrap()).await.unwrap();
    assert_eq!(running.refs(), ["component:default/two", "location:default/all"]);
    assert_eq!(running.all_codes(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_patterns_and_refusals_hold_for_addresses() {
    let mut fixture = Fixture::new();
    let group = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: shop\nspec:\n  type: team\n  children: []\n";
    let place = RuleLocation { pattern: Some("https://git.example.com/ORG/**".into()), ..RuleLocation::default() };
    fixture.config.rules =
        vec![Rule::allow(&["Component", "Location"]), Rule { locations: vec![place], ..Rule::allow(&["Group"]) }];
    let addresses = [
        "https://git.example.com/org/people/groups.yaml",
        "https://git.example.com/other/groups.yaml",
        "https://forbidden/a.yaml",
        "https://x/points.yaml",
        "https://x/text.yaml",
        "https://x/large.yaml",
        "https://x/bomb.yaml",
    ];
    fixture.config.locations = addresses.map(address).to_vec();
    fixture.config.limits.file_bytes = 100_000;
    fixture.reader.put(addresses[0], group);
    fixture.reader.put(addresses[1], group.replace("shop", "ops"));
    fixture.reader.put(addresses[3], pointing("points", &["/etc/passwd"]).replace("spec:\n", "spec:\n  type: file\n"));
    fixture.reader.put(addresses[4], b"kind: Component\nmetadata: { name: \xff }\n");
    fixture.reader.put(addresses[5], "x".repeat(100_001));
    let bomb: String =
        (1..20).map(|level| format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(9))).collect();
    fixture.reader.put(addresses[6], format!("a0: &a0 [x]\n{bomb}"));
    let running = fixture.start().await;
    running.settle().await;
    assert_eq!(running.refs(), ["group:default/shop", "location:default/points"]);
    let code = |at: usize| running.diagnostics(&location_ref(addresses[at])).first().map(|found| found.code.clone());
    assert_eq!(code(0), None);
    assert_eq!(code(1).as_deref(), Some("entity/rule"));
    assert_eq!(code(2).as_deref(), Some("location/not-allowed"));
    assert_eq!(code(3).as_deref(), Some("location/missing"), "a path is one on the same server");
    assert_eq!(code(4).as_deref(), Some("yaml/encoding"));
    assert_eq!(code(5).as_deref(), Some("location/too-large"));
    assert!(code(6).is_some_and(|code| code.starts_with("yaml/")), "{:?}", code(6));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_addresses_are_bounded() {
    let mut fixture = Fixture::new();
    fixture.config.limits.addresses = 20;
    fixture.config.locations = vec![address("https://x/all.yaml")];
    let targets: Vec<String> = (0..30).map(|number| format!("./{number}.yaml")).collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    fixture.reader.put("https://x/all.yaml", pointing("all", &targets));
    for number in 0..30 {
        fixture.reader.put(&format!("https://x/{number}.yaml"), component(&format!("c{number}")));
    }
    let running = fixture.start().await;
    running.settle().await;
    assert_eq!(running.refs().len(), 20);
    assert_eq!(running.all_codes().iter().filter(|code| *code == "location/too-many").count(), 11);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_registered_previewed_and_taken_back() {
    let mut fixture = Fixture::new();
    fixture.config.locations.clear();
    let target = "https://x/all.yaml";
    fixture.reader.put(target, pointing("all", &["./a.yaml", "./none.yaml"]));
    fixture.reader.put("https://x/a.yaml", component("a"));
    let running = fixture.start().await;
    let guest = &Principal::Guest;
    let preview = running.catalog.preview(guest, "url", target).await.unwrap();
    let names: Vec<String> = preview
        .entities
        .iter()
        .map(|text| serde_json::from_str::<Value>(text).unwrap()["metadata"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names[1..], ["all", "a"]);
    assert!(names[0].starts_with("generated-") && !preview.existed);
    assert_eq!(preview.findings.len(), 1, "{:?}", preview.findings);
    assert_eq!(preview.findings[0].diagnostic.place.as_ref().unwrap().to_string(), format!("{target}:8:7"));
    let misspelt = "https://x/misspelt.yaml";
    fixture.reader.put(misspelt, component("b").replace("  name: b", "  name: b\n  descripton: B"));
    let preview = running.catalog.preview(guest, "url", misspelt).await.unwrap();
    let warnings: Vec<_> =
        preview.findings.iter().map(|found| (&*found.diagnostic.code, found.entity.as_deref())).collect();
    assert_eq!(warnings, [("entity/misspelt-key", Some("component:default/b"))]);
    assert_eq!(running.refs(), Vec::<String>::new());
    let request = RegisterLocation { location_type: "url".into(), target: target.into(), optional: false };
    let registered = running.catalog.register(guest, &request).await.unwrap();
    assert_eq!(registered.entities.len(), 2, "{:?}", registered.entities);
    assert!(running.catalog.preview(guest, "url", target).await.unwrap().existed);
    running.catalog.remove_location(&Principal::Administrator, &registered.id).await.unwrap();
    assert_eq!(running.refs(), Vec::<String>::new());
    assert_eq!(running.store.addresses().list_blocking().unwrap(), []);
    let nothing = RegisterLocation { target: "https://x/none.yaml".into(), ..request };
    let error = running.catalog.register(guest, &nothing).await.unwrap_err().to_string();
    assert!(error.contains("https://x/none.yaml is not there"), "{error}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_may_include_and_name_addresses() {
    let fixture = Fixture::new();
    fixture.write("catalog/all.yaml", &pointing("all", &["https://x/a.yaml"]));
    fixture.write(
        "catalog/api.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: b\nspec:\n  type: openapi\n  lifecycle: production\n  owner: shop\n  definition:\n    $text: https://x/spec.txt\n",
    );
    fixture.reader.put("https://x/a.yaml", component("a"));
    fixture.reader.put("https://x/spec.txt", "one");
    let running = fixture.start().await;
    running.settle().await;
    assert_eq!(running.refs(), ["api:default/b", "component:default/a", "location:default/all"]);
    let written = running.store.changes();
    running.sync().await;
    assert_eq!(running.store.changes(), written);
    // The last good text stays when the address fails, and that is told.
    fixture.reader.fail("https://x/spec.txt", "https://x/spec.txt answered 502");
    running.catalog.refresh(&Principal::Guest, &"api:default/b".parse().unwrap()).await.unwrap();
    assert_eq!(running.entity("api:default/b").unwrap()["spec"]["definition"], "one");
    assert_eq!(running.all_codes(), ["location/unavailable"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_from_an_address_names_no_file_of_this_machine() {
    let mut fixture = Fixture::new();
    fixture.write("catalog/a.yaml", &component("a"));
    fixture.write("catalog/secret.txt", "hunter2");
    let api = |name: &str, target: &std::path::Path| {
        let target = target.display();
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: {name}\nspec:\n  type: openapi\n  lifecycle: production\n  owner: shop\n  definition:\n    $text: {target}\n",
        )
    };
    // The form that git writes for SSH has no scheme, and is an address all the same.
    for (address_, name) in [("git@git.example.com:shop/repo/blob/main/b.yaml", "b"), (MAIN, "c")] {
        fixture.config.locations.push(address(address_));
        fixture.reader.put(address_, api(name, &fixture.path("catalog/secret.txt")));
    }
    let running = fixture.start().await;
    running.settle().await;
    assert_eq!(running.refs(), ["component:default/a"]);
    assert_eq!(running.all_codes(), ["placeholder/unreadable", "placeholder/unreadable"]);
    running.stop().await;
}

//! Kinds that are declared as data: named in the configuration, followed while the portal runs, shown like all others.

use callboard_tests::TestPortal;

const KIND: &str = "apiVersion: callboard.dev/v1alpha1\nkind: Kind\nmetadata: { name: squad }\nspec:\n  group: acme.example\n  names: { kind: Squad }\n  versions:\n    - name: v1\n      relationFields:\n        - { selector: { path: spec.supports }, relation: supports, defaultKind: Component }\n      schema:\n        jsonSchema: { properties: { spec: { required: [chapter], properties: { chapter: { type: string } } } } }\n";
const PAIR: &str = "---\napiVersion: callboard.dev/v1alpha1\nkind: RelationPair\nmetadata: { name: supports }\nspec: { forward: { type: supports }, reverse: { type: supportedBy } }\n";
const SQUAD: &str =
    "apiVersion: acme.example/v1\nkind: Squad\nmetadata: { name: red }\nspec: { chapter: web, supports: [shop] }\n";

const CONFIG: &str = "catalog:\n  kinds: [model/*.yaml]\n  locations: [{ type: file, target: catalog }]\n  rules: [{ allow: [Component, Squad] }]\n";

#[tokio::test]
async fn a_kind_of_the_configuration_is_served_and_followed() {
    let portal = TestPortal::builder()
        .config(CONFIG)
        .file("model/squad.yaml", format!("{KIND}{PAIR}").into_bytes())
        .catalog_file("red.yaml", SQUAD)
        .start()
        .await;
    let squad = portal.entity("squad:default/red").await.unwrap();
    assert_eq!(squad["relations"][0]["targetRef"], "component:default/shop", "{squad:#}");
    let facets = portal.get_json("/api/catalog/entity-facets?facet=kind").await;
    assert!(facets["facets"]["kind"].as_array().unwrap().iter().any(|facet| facet["value"] == "Squad"), "{facets:#}");
    let page = portal.page("/catalog/default/squad/red").await;
    assert!(page.contains("red"), "the page shows it");

    // Changed while the portal runs: what does not fit keeps its last good version and says why.
    let changed = KIND.replace("type: string", "type: integer");
    std::fs::write(portal.folder().join("model/squad.yaml"), format!("{changed}{PAIR}")).unwrap();
    let squad =
        portal.entity_when("squad:default/red", "an error", |squad| squad["status"]["items"][0].is_object()).await;
    let message = squad["status"]["items"][0]["message"].as_str().unwrap();
    assert!(message.contains("red.yaml:4:18") && message.contains("spec.chapter must be a whole number"), "{message}");
    assert_eq!(squad["spec"]["chapter"], "web");
}

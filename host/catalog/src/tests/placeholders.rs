//! `$openapi` and `$asyncapi`: descriptions with what they refer to.

use rstest::rstest;
use serde_json::{Value, json};

use super::{Fixture, lines};

fn api(key: &str, file: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: a\nspec:\n  type: openapi\n  lifecycle: production\n  owner: shop\n  definition:\n    {key}: {file}\n"
    )
}

/// What becomes of files when the API's definition is `./main.yaml`: the definition, or the findings.
async fn bundled(files: &[(&str, &str)]) -> Result<String, Vec<String>> {
    let fixture = Fixture::new();
    fixture.write("outside.yaml", "secret: 1\n");
    fixture.write("catalog/catalog-info.yaml", &api("$openapi", "./spec/main.yaml"));
    for (file, text) in files {
        fixture.write(&format!("catalog/spec/{file}"), text);
    }
    let running = fixture.start().await;
    let entity = running.entity("api:default/a");
    let found = lines(&running.diagnostics(&fixture.location_ref("catalog")));
    running.stop().await;
    match entity {
        Some(entity) => Ok(entity["spec"]["definition"].as_str().unwrap().to_owned()),
        None => Err(found),
    }
}

fn read(text: &str) -> Value {
    host_yaml::parse_one(text, &host_yaml::Limits::default()).unwrap().to_json()
}

#[rstest]
#[case::nothing_to_follow(&[("main.yaml", "openapi: 3.0.0 # as it is\ncomponents: {a: {$ref: '#/components/b'}}\n")], json!({"openapi": "3.0.0", "components": {"a": {"$ref": "#/components/b"}}}))]
#[case::whole_file(&[("main.yaml", "a: {$ref: ./deep/x.yaml}\n"), ("deep/x.yaml", "type: object\n")], json!({"a": {"type": "object"}}))]
#[case::part_of_a_file(&[("main.yaml", "a: {$ref: 'x.yaml#/defs/p~1q'}\n"), ("x.yaml", "defs: {p/q: [1, 2]}\n")], json!({"a": [1, 2]}))]
#[case::json(&[("main.yaml", "a: {$ref: x.json}\n"), ("x.json", "{\"b\": true}")], json!({"a": {"b": true}}))]
#[case::from_file_to_file(&[("main.yaml", "a: {$ref: d/x.yaml}\n"), ("d/x.yaml", "b: {$ref: ../y.yaml}\n"), ("y.yaml", "c: 1\n")], json!({"a": {"b": {"c": 1}}}))]
#[case::twice(&[("main.yaml", "a: {$ref: x.yaml}\nb: {$ref: x.yaml}\n"), ("x.yaml", "c: 1\n")], json!({"a": {"c": 1}, "b": {"$ref": "#/a"}}))]
#[case::within_the_other_file(&[("main.yaml", "a: {$ref: 'x.yaml#/one'}\n"), ("x.yaml", "one: {b: {$ref: '#/two'}}\ntwo: {c: 1}\n")], json!({"a": {"b": {"c": 1}}}))]
#[case::itself(&[("main.yaml", "a: {$ref: x.yaml}\n"), ("x.yaml", "next: {$ref: x.yaml}\n")], json!({"a": {"next": {"$ref": "#/a"}}}))]
#[case::a_circle(&[("main.yaml", "a/b: {$ref: x.yaml}\n"), ("x.yaml", "y: {$ref: y.yaml}\n"), ("y.yaml", "x: {$ref: x.yaml}\n")], json!({"a/b": {"y": {"x": {"$ref": "#/a~1b"}}}}))]
#[case::back_to_the_first(&[("main.yaml", "a: {$ref: x.yaml}\nb: {c: 1}\n"), ("x.yaml", "d: {$ref: 'main.yaml#/b'}\n")], json!({"a": {"d": {"$ref": "#/b"}}, "b": {"c": 1}}))]
#[case::with_words_beside(&[("main.yaml", "a: {$ref: x.yaml, description: mine}\n"), ("x.yaml", "description: theirs\nc: 1\n")], json!({"a": {"description": "mine", "c": 1}}))]
#[case::a_property_of_that_name(&[("main.yaml", "properties: {$ref: {type: string}}\nx: {$ref: x.yaml}\n"), ("x.yaml", "1\n")], json!({"properties": {"$ref": {"type": "string"}}, "x": 1}))]
#[tokio::test(flavor = "multi_thread")]
async fn references_are_followed(#[case] files: &[(&str, &str)], #[case] expected: Value) {
    let text = bundled(files).await.unwrap();
    assert_eq!(read(&text), expected, "{text}");
    if files.len() == 1 {
        assert_eq!(text, files[0].1, "what needs nothing is left as it is");
    }
}

#[rstest]
#[case::gone(&[("main.yaml", "a:\n  b: {$ref: ./gone.yaml}\n")], "placeholder/unreadable main.yaml:2:13 $openapi: ", "gone.yaml cannot be read")]
#[case::outside(&[("main.yaml", "a: {$ref: ../../outside.yaml}\n")], "placeholder/outside main.yaml:1:11 $openapi: ", "lies outside")]
#[case::absolute(&[("main.yaml", "a: {$ref: /etc/passwd}\n")], "placeholder/outside main.yaml:1:11 $openapi: ", "lies outside")]
#[case::address(&[("main.yaml", "a: {$ref: 'https://evil.example/x.yaml'}\n")], "placeholder/unreadable main.yaml:1:11 ", "https://evil.example/x.yaml")]
#[case::no_such_part(&[("main.yaml", "a: {$ref: 'x.yaml#/b'}\n"), ("x.yaml", "c: 1\n")], "placeholder/unreadable main.yaml:1:11 ", "there is no /b in ")]
#[case::an_anchor(&[("main.yaml", "a: {$ref: 'x.yaml#b'}\n"), ("x.yaml", "c: 1\n")], "placeholder/unreadable main.yaml:1:11 ", "must be a path")]
#[case::not_yaml(&[("main.yaml", "a: {$ref: x.yaml}\n"), ("x.yaml", "c: [1\n")], "yaml/syntax x.yaml:1:4 ", "[")]
#[case::two_documents(&[("main.yaml", "a: 1\n---\nb: 1\n")], "yaml/several-documents main.yaml:2:1 ", "")]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_followed_is_told_where_it_is_written(
    #[case] files: &[(&str, &str)],
    #[case] begins: &str,
    #[case] part: &str,
) {
    let found = bundled(files).await.unwrap_err();
    assert!(found[0].starts_with(&format!("error {begins}")), "{found:#?}");
    assert!(found[0].contains(part), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bundles_are_bounded() {
    let mut files = vec![("main.yaml".to_owned(), "a: {$ref: 0.yaml}\n".to_owned())];
    files.extend((0..300).map(|number| (format!("{number}.yaml"), format!("a: {{$ref: {}.yaml}}\n", number + 1))));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let found = bundled(&files).await.unwrap_err();
    assert!(found[0].contains("nested too deep"), "{found:#?}");

    let many: String = (0..300).map(|number| format!("k{number}: {{$ref: {number}.yaml}}\n")).collect();
    let mut wide = vec![("main.yaml", many.as_str())];
    wide.extend(files.iter().skip(1).map(|(name, _)| (*name, "a: 1\n")));
    let found = bundled(&wide).await.unwrap_err();
    assert!(found[0].contains("more than 200 files"), "{found:#?}");

    // Each part of a long file holds all the parts below it.
    let nested: String = (0..60).map(|level| format!("{}n:\n", " ".repeat(level))).collect();
    let long = format!("{nested}{}text: {}\n", " ".repeat(60), "x".repeat(1 << 20));
    let all: String = (0..60).map(|level| format!("k{level}: {{$ref: 'x.yaml#{}'}}\n", "/n".repeat(level))).collect();
    let found = bundled(&[("main.yaml", &all), ("x.yaml", &long)]).await.unwrap_err();
    assert!(found[0].contains("longer than 8388608 bytes"), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_description_refers_to_is_part_of_its_source() {
    let fixture = Fixture::new();
    fixture.write("catalog/catalog-info.yaml", &api("$asyncapi", "./main.yaml"));
    fixture.write("catalog/main.yaml", "a: {$ref: x.yaml}\n");
    fixture.write("catalog/x.yaml", "b: 1\n");
    let running = fixture.start().await;
    let definition = || read(running.entity("api:default/a").unwrap()["spec"]["definition"].as_str().unwrap());
    assert_eq!(definition(), json!({"a": {"b": 1}}));
    fixture.write("catalog/x.yaml", "b: 2, changed\n");
    running.sync().await;
    assert_eq!(definition(), json!({"a": {"b": "2, changed"}}));
    running.stop().await;
}

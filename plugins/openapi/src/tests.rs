use callboard_sdk::Severity;
use callboard_sdk::processor::Outcome;

use crate::examine;

const SOUND: &str = r#"openapi: 3.0.3
info:
  title: Basket
  version: 1.4.0
servers:
  - url: https://basket.example.com
  - url: https://basket.test.example.com/{stage}
paths:
  /baskets/{id}:
    parameters:
      - $ref: '#/components/parameters/Id'
    get:
      operationId: getBasket
      security:
        - token: []
      responses:
        '200':
          description: The basket.
          content:
            application/json:
              schema: { $ref: '#/components/schemas/Basket' }
              example: { $ref: '#/this/is/data' }
        default: { $ref: '#/components/responses/Error~1Any' }
    delete:
      operationId: deleteBasket
      responses: { '204': { description: Gone. } }
components:
  parameters:
    Id: { name: id, in: path, required: true, schema: { type: string } }
  responses:
    Error/Any: { description: An error. }
  securitySchemes:
    token: { type: http, scheme: bearer }
  schemas:
    Basket:
      type: object
      properties:
        example: { $ref: 'other.yaml#/Thing' }
        self: { $ref: '#/components/schemas/Basket' }
        default: { type: string }
"#;

/// Codes with line and column.
fn found(definition: &str) -> Vec<String> {
    let place = |diagnostic: &callboard_sdk::Diagnostic| {
        assert_eq!(diagnostic.pointer.as_deref(), Some("/spec/definition"));
        let position = diagnostic.position.map_or((0, 0), |position| (position.line, position.column));
        format!("{} {}:{}", diagnostic.code.trim_start_matches("openapi/"), position.0, position.1)
    };
    examine(definition).diagnostics.iter().map(place).collect()
}

fn annotations(outcome: &Outcome) -> Vec<(&str, &str)> {
    let pairs = outcome.changes.iter();
    pairs
        .map(|(pointer, value)| {
            let name = pointer.strip_prefix("/metadata/annotations/openapi.callboard.dev~1").expect("our own keys");
            (name, value.as_ref().and_then(|value| value.as_str()).expect("text"))
        })
        .collect()
}

#[test]
fn a_sound_definition_has_no_findings_and_is_summarised() {
    assert_eq!(found(SOUND), Vec::<String>::new());
    assert_eq!(
        annotations(&examine(SOUND)),
        [
            ("spec-version", "3.0.3"),
            ("operations", "2"),
            ("version", "1.4.0"),
            ("servers", "https://basket.example.com,https://basket.test.example.com/{stage}"),
        ]
    );
}

#[test]
fn json_has_places_too() {
    let json = "{\n\t\"openapi\": \"3.1.0\",\n\t\"info\": { \"title\": \"A\", \"version\": \"1\" },\n\t\"paths\": {\n\t\t\
                \"/a\": { \"get\": { \"responses\": { \"200\": { \"x\": 1 } } },\n\t\t\t\"fetch\": {} }\n\t}\n}\n";
    assert_eq!(found(json), ["no-description 5:35", "unknown-method 6:4"]);
}

/// One change to the sound definition, and what is found then.
#[test]
fn every_fault_is_found_at_its_place() {
    let mut wrong = String::new();
    for (from, to, expected) in [
        ("openapi: 3.0.3\n", "openapi: 3.0\n", &["bad-openapi 1:10"][..]),
        ("openapi: 3.0.3\n", "openapi: '4.0.0'\n", &["unknown-openapi 1:10"]),
        ("openapi: 3.0.3\n", "swagger: '2.0'\n", &["swagger-2 1:1"]),
        ("openapi: 3.0.3\n", "", &["no-openapi 1:1"]),
        ("  title: Basket\n", "", &["no-title 2:1"]),
        ("  title: Basket\n", "  title: ' '\n", &["no-title 3:10"]),
        ("  version: 1.4.0\n", "  version: 1.4\n", &["wrong-type 4:12"]),
        ("info:\n  title: Basket\n  version: 1.4.0\n", "info: [1]\n", &["wrong-type 2:7"]),
        ("info:\n  title: Basket\n  version: 1.4.0\n", "", &["no-info 1:1"]),
        ("  - url: https://basket.example.com\n", "  - description: x\n", &["no-server-url 6:5"]),
        ("paths:\n", "x-paths:\n", &["no-paths 1:1"]),
        ("  /baskets/{id}:\n", "  baskets/{id}:\n", &["path-slash 9:3"]),
        ("    get:\n", "    fetch:\n", &["unknown-method 12:5"]),
        ("    get:\n", "    GET:\n", &["unknown-method 12:5"]),
        ("operationId: deleteBasket", "operationId: getBasket", &["duplicate-operation-id 25:20"]),
        ("        - token: []\n", "        - tokn: []\n", &["unknown-security-scheme 15:11"]),
        ("          description: The basket.\n", "", &["no-description 17:9"]),
        ("'200':", "'20':", &["bad-status 17:9"]),
        ("'204': { description: Gone. }", "", &["no-responses 26:7"]),
        ("      responses: { '204': { description: Gone. } }\n", "", &["no-responses 24:5"]),
        (
            "/baskets/{id}:",
            "/baskets/{key}:",
            &["unused-path-parameter 11:9", "undeclared-path-parameter 12:5", "undeclared-path-parameter 24:5"],
        ),
        ("in: path, required: true,", "in: path,", &["path-parameter-not-required 11:9"]),
        ("in: path, required: true,", "in: body,", &["bad-parameter 11:9"]),
        ("      - $ref: '#/components/parameters/Id'\n", "      - $ref: 'parameters.yaml#/Id'\n", &[]),
        (
            "schemas/Basket' }\n              example",
            "schemas/Baskt' }\n              example",
            &["unresolved-reference 21:31"],
        ),
        ("Error~1Any", "Error/Any", &["unresolved-reference 23:26"]),
        ("    delete:\n", "    get:\n", &["duplicate-key 24:5"]),
        ("components:\n", "  /baskets/{key}: {}\ncomponents:\n", &["same-path 27:3"]),
        ("components:\n  parameters:", "components:\n   - parameters:", &["syntax 29:5"]),
    ] {
        assert!(SOUND.contains(from), "{from}");
        let found = found(&SOUND.replacen(from, to, 1));
        if found != expected {
            wrong.push_str(&format!("{from:?} → {to:?}\n   gives {found:?}\n    not {expected:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn later_versions_demand_less() {
    let of =
        |version: &str, rest: &str| found(&format!("openapi: {version}\ninfo: {{title: a, version: '1'}}\n{rest}\n"));
    assert_eq!(of("3.0.0", "components: {}"), ["no-paths 1:1"]);
    assert_eq!(of("3.1.0", "components: {}"), Vec::<String>::new());
    assert_eq!(of("3.1.0", "x-a: 1"), ["no-paths 1:1"]);
    assert_eq!(of("3.0.0", "paths: {/a: {get: {}}}"), ["no-responses 3:14"]);
    assert_eq!(of("3.1.0", "paths: {/a: {get: {}}}"), Vec::<String>::new());
    assert_eq!(of("3.1.0", "paths: {/a: {query: {}}}"), ["unknown-method 3:14"]);
    assert_eq!(of("3.2.0", "paths: {/a: {query: {}}}"), Vec::<String>::new());
    let schema = "components: {schemas: {A: {$id: 'https://a', $ref: '#/x'}, B: {$ref: '#anchor'}}}";
    assert_eq!(of("3.1.0", schema), Vec::<String>::new());
}

#[test]
fn swagger_is_summarised_all_the_same() {
    let swagger = "swagger: '2.0'\ninfo: {title: a, version: 7}\npaths: {/a: {get: {}, post: {}, parameters: []}}\n";
    let outcome = examine(swagger);
    assert_eq!(outcome.diagnostics[0].severity, Severity::Warning);
    assert_eq!(annotations(&outcome), [("spec-version", "2.0"), ("operations", "2"), ("version", "7")]);
}

#[test]
fn merged_keys_count() {
    let text = "openapi: 3.1.0\ninfo: {title: a, version: '1'}\nx-common: &common\n  get: {responses: {'200': {}}}\n\
                paths:\n  /a:\n    <<: *common\n    post: {}\n";
    let outcome = examine(text);
    assert_eq!(annotations(&outcome)[1], ("operations", "2"));
    assert_eq!(found(text), ["no-description 4:21"]);
}

#[test]
fn nothing_that_is_written_brings_it_down() {
    let head = "openapi: 3.1.0\ninfo: {title: a, version: '1'}\n";
    let laughs: String = (1..40).map(|n| format!("x{n}: &x{n} [*x{0}, *x{0}, *x{0}]\n", n - 1)).collect();
    let loud = "/a: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7}\n  ";
    let many =
        format!("{head}paths:\n  {}", (0..20).map(|n| loud.replacen("/a", &format!("/a{n}"), 1)).collect::<String>());
    for (text, expected) in [
        (String::new(), Some("empty 1:1")),
        ("# nothing\n".into(), Some("empty 1:1")),
        ("just text".into(), Some("not-an-object 1:1")),
        ("[]".into(), Some("not-an-object 1:1")),
        ("a: &a [*a]".into(), Some("syntax 1:8")),
        ("a: *b\nopenapi: 3.1.0".into(), None),
        ("{".into(), None),
        ("\u{0}\u{1}".into(), None),
        ("? [a]\n: b".into(), Some("syntax 1:3")),
        ("[".repeat(100_000), None),
        ("a:\n".to_owned() + &(1..200).map(|n| " ".repeat(n) + "a:\n").collect::<String>(), None),
        (format!("{head}x0: &x0 [1]\n{laughs}paths: *x39\n"), Some("wrong-type")),
        (format!("{head}paths: {{}}\n---\na: 1\n"), Some("several-documents 4:1")),
        (many, Some("more")),
        ("x".repeat(5 * 1024 * 1024), Some("too-large 1:1")),
        (format!("{head}paths: {{}}\nx: [{}]", "1,".repeat(400_000)), Some("too-large")),
        (format!("{head}paths: 3\ncomponents: x\nservers: {{}}\n"), Some("wrong-type")),
        (
            format!("{head}paths: {{/a: {{get: {{parameters: [1, {{}}], responses: 3, security: {{}}}}}}}}\n"),
            Some("wrong-type"),
        ),
        (
            format!("{head}components: {{schemas: {{A: {{$ref: '#/components/schemas/A'}}}}}}\n"),
            Some("unresolved-reference"),
        ),
    ] {
        let found = found(&text);
        assert!(found.len() <= 51);
        let Some(expected) = expected else { continue };
        let shown: String = text.chars().take(80).collect();
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{shown}: {found:?}");
    }
}

/// Thousands of definitions that are almost sound: with characters cut out, doubled and exchanged.
#[test]
fn almost_sound_definitions_are_survived() {
    let characters: Vec<char> = SOUND.chars().collect();
    let signs: Vec<char> = "{}[]:,-&*!|>'\"#%@`?\n\t \u{0}é~<".chars().collect();
    let mut state = 42_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % below
    };
    for _ in 0..3_000 {
        let mut text = characters.clone();
        for _ in 0..=random(4) {
            let at = random(text.len());
            match random(4) {
                0 => text[at] = signs[random(signs.len())],
                1 => text.insert(at, signs[random(signs.len())]),
                2 => {
                    let end = (at + random(40)).min(text.len());
                    text.drain(at..end);
                }
                _ => {
                    let end = (at + random(40)).min(text.len());
                    let piece = text[at..end].to_vec();
                    let to = random(text.len());
                    text.splice(to..to, piece);
                }
            }
        }
        let text: String = text.into_iter().collect();
        for diagnostic in examine(&text).diagnostics {
            let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
            let position = diagnostic.position.expect("every finding has a place");
            assert!(position.line >= 1 && position.column >= 1 && position.line <= lines + 1, "{diagnostic:?}");
        }
    }
}

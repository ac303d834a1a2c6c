//! What is read of whole definitions, and that no text whatever does harm.

use std::fmt::Write as _;

use host_api::{ApiDefinition, ApiSchema};
use proptest::prelude::*;

use crate::read;

/// An outline of a definition: operations with their sections, and types with their trees.
fn outline(definition: &ApiDefinition) -> String {
    let mut text = String::new();
    for group in &definition.groups {
        writeln!(text, "# {}", group.name).unwrap();
        for operation in &group.operations {
            let gone = if operation.deprecated { " (deprecated)" } else { "" };
            writeln!(text, "{} {}{gone} {}", operation.verb, operation.name, operation.marks.join(", ")).unwrap();
            for section in &operation.sections {
                writeln!(text, "  {} [{}] {} examples", section.title, section.note, section.examples.len()).unwrap();
                if let Some(schema) = &section.schema {
                    tree(&mut text, schema, 2);
                }
            }
        }
    }
    for found in &definition.types {
        writeln!(text, "= {} {}", found.kind, found.name).unwrap();
        tree(&mut text, &found.schema, 1);
    }
    for finding in &definition.findings {
        writeln!(text, "! {finding}").unwrap();
    }
    text
}

fn tree(text: &mut String, schema: &ApiSchema, depth: usize) {
    let reference = schema.reference.as_deref().map(|name| format!("@{name}")).unwrap_or_default();
    let mut parts = vec![schema.name.clone(), schema.type_label.clone(), reference];
    parts.extend(schema.required.then(|| "required".to_owned()));
    parts.extend(schema.marks.iter().chain(&schema.constraints).cloned());
    parts.extend((!schema.choices.is_empty()).then(|| schema.choices.join("|")));
    parts.extend(schema.default.as_ref().map(|value| format!("default={value}")));
    parts.retain(|part| !part.is_empty());
    writeln!(text, "{}- {}", "  ".repeat(depth), parts.join(" ")).unwrap();
    schema.children.iter().for_each(|child| tree(text, child, depth + 1));
}

#[track_caller]
fn reads(spec_type: &str, text: &str, expected: &str) {
    let found = outline(&read(spec_type, text));
    let trimmed =
        |text: &str| text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    assert_eq!(trimmed(&found), trimmed(expected), "\n{found}");
}

#[test]
fn openapi_3() {
    let text = r##"
openapi: 3.1.0
info: {title: Orders, version: 2}
tags: [{name: orders, description: What was ordered.}]
security: [{key: []}]
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
    get:
      tags: [orders]
      parameters: [{$ref: '#/components/parameters/Limit'}]
      responses:
        "200": {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Order'}, example: {id: 1}}}}
        default: {$ref: '#/components/responses/Gone'}
    post:
      deprecated: true
      requestBody: {required: true, content: {application/json: {schema: {allOf: [{$ref: '#/components/schemas/Order'}]}}}}
      responses: {}
components:
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
  responses:
    Gone: {description: Gone.}
  schemas:
    Order:
      type: object
      required: [id]
      properties:
        id: {type: string, minLength: 1, maxLength: 64}
        lines: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Line'}}
        parent: {$ref: '#/components/schemas/Order'}
        state: {enum: [open, closed]}
        extra: {type: [object, 'null'], additionalProperties: {type: string}}
        lost: {$ref: '#/components/schemas/Lost'}
    Line: {oneOf: [{type: string}, {$ref: '#/components/schemas/Order'}]}
"##;
    let expected = "
# orders
GET /orders/{id}
  Path parameters [] 0 examples
    -
      - id string (uuid) required
  Query parameters [] 0 examples
    -
      - limit integer ≥ 1 ≤ 100 default=20
  Response 200 [application/json] 1 examples
    - @Order
  Any other response [] 0 examples
# Operations
POST /orders/{id} (deprecated)
  Path parameters [] 0 examples
    -
      - id string (uuid) required
  Request body [application/json · required] 0 examples
    - @Order
= object Order
  - object
    - id string required 1–64 characters
    - lines array of @Line at least 1 item
    - parent @Order
    - state choice open|closed
    - extra object or null
      - any other name string
    - lost #/components/schemas/Lost
=  Line
  -
    - one of
      - string
      - @Order
! 35:15: error: #/components/schemas/Lost points to nothing in this document
";
    reads("openapi", text, expected);
}

#[test]
fn swagger_2() {
    let text = r##"{"swagger": "2.0", "info": {"title": "Pets", "version": "1"}, "host": "pets.example", "basePath": "/v1",
 "schemes": ["https"], "consumes": ["application/json"], "produces": ["application/json"],
 "paths": {"/pets": {"post": {"operationId": "add", "parameters": [
   {"in": "body", "name": "pet", "schema": {"$ref": "#/definitions/Pet"}},
   {"in": "header", "name": "X-Trace", "type": "string", "required": true}],
   "responses": {"201": {"description": "", "schema": {"$ref": "#/definitions/Pet"}, "headers": {"Location": {"type": "string"}}}}}}},
 "definitions": {"Pet": {"type": "object", "properties": {"name": {"type": "string", "readOnly": true}}}}}"##;
    let expected = "
# Operations
POST /pets
  Headers [] 0 examples
    -
      - X-Trace string required
  Request body [application/json] 0 examples
    - @Pet
  Response 201 [application/json] 0 examples
    - @Pet
  Response 201: headers [] 0 examples
    -
      - Location string
= object Pet
  - object
    - name string read only
";
    reads("openapi", text, expected);
    let read = read("", text);
    assert_eq!((read.format.as_str(), read.servers[0].url.as_str()), ("OpenAPI 2.0", "https://pets.example/v1"));
}

#[test]
fn asyncapi_2_and_3() {
    let text = r##"
asyncapi: 2.6.0
info: {title: Events, version: 1.0.0}
servers: {main: {url: kafka.example:9092, protocol: kafka}}
channels:
  orders/{region}:
    parameters: {region: {schema: {type: string}}}
    subscribe:
      message: {oneOf: [{$ref: '#/components/messages/Placed'}, {name: Gone, payload: {type: object}}]}
components:
  messages:
    Placed: {contentType: application/json, payload: {$ref: '#/components/schemas/Order'}, headers: {type: object, properties: {trace: {type: string}}}}
  schemas:
    Order: {type: object, properties: {id: {type: string}}}
"##;
    let expected = "
# orders/{region}
SUBSCRIBE orders/{region}
  Parameters of the channel [] 0 examples
    -
      - region string required
  Message Placed [application/json] 0 examples
    - @Order
  Message Placed: headers [] 0 examples
    - object
      - trace string
  Message Gone [] 0 examples
    - object
= object Order
  - object
    - id string
";
    reads("asyncapi", text, expected);
    let text = r##"
asyncapi: 3.0.0
info: {title: Events, version: 1.0.0}
channels:
  placed: {address: orders.placed, messages: {Placed: {payload: {type: object, properties: {id: {type: string}}}}}}
  quiet: {messages: {Hush: {payload: {type: string}}}}
operations:
  sendPlaced: {action: send, channel: {$ref: '#/channels/placed'}, messages: [{$ref: '#/channels/placed/messages/Placed'}]}
  lost: {action: receive, channel: {$ref: '#/channels/none'}}
"##;
    let expected = "
# orders.placed
SEND orders.placed
  Message Placed [] 0 examples
    - object
      - id string
# quiet
CHANNEL quiet
  Message Hush [] 0 examples
    - string
! 9:9: error: the operation lost names no channel of this document
";
    reads("asyncapi", text, expected);
}

#[test]
fn graphql() {
    let text = r#"
"""The shop."""
schema { query: Root mutation: Mutation }
type Root implements Node & Other {
  "One order."
  order(id: ID!, "How many." first: Int = 20): [Order!]! @deprecated(reason: "Use orders")
}
interface Node { id: ID! }
type Order implements Node { id: ID!, state: State, parent: Order }
extend type Order { note: String @cost(value: 2) }
enum State { OPEN CLOSED @deprecated }
union Thing = | Order | Root
input Filter { states: [State!] = [OPEN], must: Int! }
scalar DateTime @specifiedBy(url: "https://example.com")
directive @cost(value: Int!) repeatable on FIELD_DEFINITION | OBJECT
type Broken { a b }
type Fine { a: Int }
"#;
    let expected = "
# Queries
QUERY order (deprecated) deprecated: Use orders
  Arguments [] 0 examples
    -
      - id ID required not null
      - first Int default=20
  Returns [] 0 examples
    - list of non-null @Order not null
= interface Node
  -
    - id ID not null
= object Order
  -
    - implements
      - @Node
    - id ID not null
    - state @State
    - parent @Order
    - note String @cost(value: 2)
= enum State
  -
    - OPEN
    - CLOSED
= union Thing
  -
    - one of
      - @Order
      - Root
= input Filter
  -
    - states list of non-null @State default=[OPEN]
    - must Int required not null
= scalar DateTime
  - @specifiedBy(url: \"https://example.com\")
= directive @cost
  - repeatable on FIELD_DEFINITION on OBJECT
    - arguments
      - value Int required not null
= object Fine
  -
    - a Int
! 16:17: error: `b` stands here; expected `:`
";
    reads("graphql", text, &expected.replace("      - Root\n", "      - @Root\n"));
}

#[test]
fn protocol_buffers() {
    let text = r#"
syntax = "proto3";
// The stock.
package acme.v1;
import public "google/protobuf/timestamp.proto";
option (a.b) = { c: "d" };
// Knows.
service Stock {
  // Watches.
  rpc Watch(stream acme.v1.Ask) returns (stream Ask.Inner) { option deprecated = true; }
  rpc Get(Ask) returns (google.protobuf.Empty);
}
message Ask {
  reserved 4 to max; reserved "x";
  message Inner { string a = 1; }
  // First.
  repeated Inner inner = 1 [deprecated = true];
  map<string, Inner> by_name = 2;
  oneof which { int32 left = 5; .acme.v1.Kind right = 6 [(x) = "y"]; } // after
  optional google.protobuf.Timestamp at = 7; // When.
  enum Kind { UNKNOWN = 0; NEGATIVE = -1; }
  Kind kind = 8;
}
enum Kind { NONE = 0; }
message Broken { string = 1; }
message Fine {}
"#;
    let expected = "
# Stock
RPC Watch (deprecated) both stream
  Request [] 0 examples
    - stream of @Ask
  Response [] 0 examples
    - stream of @Ask.Inner
RPC Get
  Request [] 0 examples
    - @Ask
  Response [] 0 examples
    - google.protobuf.Empty
= message Ask
  -
    - inner repeated @Ask.Inner field 1
    - by_name map from string to @Ask.Inner field 2
    - one of (which)
      - left int32 field 5
      - right @Kind field 6 (x) = \"y\"
    - at google.protobuf.Timestamp optional field 7
    - kind @Ask.Kind field 8
= message Ask.Inner
  -
    - a string field 1
= enum Ask.Kind
  -
    - UNKNOWN = 0
    - NEGATIVE = -1
= enum Kind
  -
    - NONE = 0
= message Broken
  -
= message Fine
  -
! 25:25: error: `=` stands here; expected the name of the field
";
    reads("grpc", text, expected);
    let definition = read("grpc", text);
    assert_eq!(definition.description, "<p>The stock.</p>");
    assert_eq!(definition.types[0].schema.children[3].description, "<p>When.</p>");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (spec_type, text, place) in [
        ("openapi", "openapi: 3.0.0\npaths: [", Some((2, 8))),
        ("openapi", "- a\n- b", Some((1, 1))),
        ("asyncapi", "just text", Some((1, 1))),
        ("graphql", "type A {\n  a: [Int\n}", Some((3, 1))),
        ("grpc", "message A {", Some((1, 12))),
        ("trpc", "export type X = {", None),
        ("mcp", "", None),
    ] {
        let found = read(spec_type, text).findings.first().and_then(|finding| finding.place.clone());
        let found = found.map(|place| (place.line, place.column));
        assert_eq!(found.map(|(line, _)| line), place.map(|(line, _)| line), "{spec_type} {text} {found:?}");
    }
}

#[test]
fn the_languages_are_told_apart() {
    for (spec_type, text, format, language) in [
        ("", "openapi: 3.0.3", "OpenAPI 3.0.3", "yaml"),
        ("openapi", "asyncapi: 3.0.0", "AsyncAPI 3.0.0", "yaml"),
        ("x", "{\"a\": 1,\n \"swagger\": \"2.0\"}", "OpenAPI 2.0", "json"),
        ("grpc", "syntax = 'proto2';", "Protocol buffers (proto2)", "protobuf"),
        ("GraphQL", "type A", "GraphQL", "graphql"),
        ("trpc", "openapi: 3.0.0", "", "typescript"),
        ("wsdl", "<a/>", "", "xml"),
    ] {
        let found = read(spec_type, text);
        assert_eq!((found.format.as_str(), found.language.as_str()), (format, language), "{spec_type} {text}");
    }
}

#[test]
fn what_is_deep_long_or_circular_is_bounded() {
    let deep = format!("openapi: 3.0.0\ncomponents: {{schemas: {{A: {}}}}}", "{items: ".repeat(90) + &"}".repeat(90));
    let circle = "openapi: 3.0.0\nx: {a: {$ref: '#/x/b'}, b: {properties: {c: {$ref: '#/x/a'}}}}\ncomponents: {schemas: {A: {$ref: '#/x/a'}}}";
    let many = {
        let mut text = "openapi: 3.0.0\ncomponents:\n  schemas:\n".to_owned();
        for at in 0..30_000 {
            writeln!(
                text,
                "    T{at}: {{properties: {{a: {{type: string}}, b: {{$ref: '#/components/schemas/T{at}'}}}}}}"
            )
            .unwrap();
        }
        text
    };
    let shared = {
        let calls: String = (0..20).map(|at| format!("c{at}: {{$ref: '#/x/c'}}, ")).collect();
        let addresses: String = (0..20).map(|at| format!("a{at}: {{get: {{}}, put: {{}}, post: {{}}}}, ")).collect();
        let mut text =
            format!("openapi: 3.0.0\nx: {{c: {{{addresses}}}, i: {{get: {{callbacks: {{{calls}}}}}}}}}\npaths:\n");
        (0..5_000).for_each(|at| writeln!(text, "  /{at}: {{$ref: '#/x/i'}}").unwrap());
        text
    };
    for (spec_type, text, truncated) in [
        ("openapi", shared.as_str(), true),
        ("openapi", deep.as_str(), false),
        ("openapi", circle, false),
        ("openapi", many.as_str(), true),
        ("graphql", &format!("type A {{ a: {}Int", "[".repeat(200_000)), false),
        ("graphql", &format!("type A {{ {}", "a(".repeat(200_000)), false),
        ("graphql", &"{".repeat(500_000), false),
        ("grpc", &"message A { ".repeat(50_000), false),
        ("grpc", &"/*".repeat(100_000), false),
        ("grpc", &"[".repeat(600_000), false),
    ] {
        let found = read(spec_type, text);
        assert_eq!(found.truncated, truncated, "{}", &text[..40]);
        assert!(found.findings.len() <= 102);
        let operations = found.groups.iter().flat_map(|group| &group.operations);
        assert!(operations.map(|operation| operation.sections.len()).sum::<usize>() <= 50_000);
    }
}

#[test]
fn the_examples_are_read_without_a_complaint() {
    for (spec_type, text, operations) in [
        ("openapi", include_str!("../../../examples/acme/systems/orders/order-service/openapi.yaml"), 6),
        ("asyncapi", include_str!("../../../examples/acme/systems/orders/order-service/asyncapi.yaml"), 4),
        ("grpc", include_str!("../../../examples/acme/systems/depots/stock-service/stock.proto"), 4),
        ("graphql", include_str!("../../../examples/acme/systems/storefront/storefront-gateway/schema.graphql"), 12),
        ("openapi", include_str!("../../../examples/acme/systems/routing/slot-service/openapi.json"), 4),
    ] {
        let found = read(spec_type, text);
        assert_eq!(found.findings, [], "{}", found.title);
        assert_eq!(found.operation_count(), operations, "{} {}", found.format, found.title);
    }
}

#[test]
fn schemas_say_all_that_they_mean() {
    let schemas = r##"openapi: 3.1.0
info: {title: Shapes}
components:
  schemas:
    Line: {$anchor: line, type: string}
    Lines: {type: [array, string, "null"], items: {$ref: '#line'}}
    Rows: {type: array, items: {type: [array, "null"], items: {type: string}}}
    Pair: {type: [array, "null"], prefixItems: [{type: string}], items: false}
    Old: {type: [array, "null"], items: [{type: string}]}
    Nothing: {type: array, items: false}
    Beside:
      properties:
        named: {$ref: '#/components/schemas/Line', default: a, readOnly: true, maxLength: 1}
        placed: {$ref: '#/components/schemas/Beside/properties/named', description: Placed., writeOnly: true}
        only: {allOf: [{$ref: '#line', maxLength: 3}], default: b}
      patternProperties: {^x-: {type: string, readOnly: true}}
      dependentRequired: {named: [placed, only]}
      if: {required: [named]}
      then: {properties: {more: {type: string}}}
      else: false
"##;
    let expected = "
= string Line
  - string
= array of Lines
  - array of @Line or string nullable
= array of array of string Rows
  - array of array of string each nullable
= array Pair
  - array nullable no further items
    - in this order
      - string
= array Old
  - array nullable
    - in this order
      - string
= array Nothing
  - array no items
= object Beside
  - object named requires placed, only
    - named @Line read only at most 1 character default=a
    - placed @Line read only write only at most 1 character default=a
    - only @Line at most 3 characters default=b
    - ^x- string name is a pattern read only
    - if
      - anything requires named
    - then
      - object
        - more string
    - else
      - nothing
";
    reads("openapi", schemas, expected);
}

#[test]
fn operations_say_all_that_they_mean() {
    let text = r##"openapi: 3.1.0
info: {title: Pets}
paths:
  /pets:
    summary: Animals.
    description: All of them.
    servers: [{url: https://pets.example}]
    get:
      tags: [pets, store, pets]
      parameters: [{name: kind, in: query, schema: {type: string}, examples: {cat: {value: cat}, dog: {value: dog}}}]
      responses:
        "200":
          content: {application/json: {schema: {type: string}}, text/plain: {schema: {type: string}}, text/html: {schema: {type: string}}}
          links: {next: {operationId: getPets, parameters: {after: $response.body#/last}}}
    post:
      summary: Adds one.
      servers: [{url: https://write.example}]
      requestBody: {content: {a/b: {schema: {type: string}}, c/d: {schema: {type: string}}}}
      callbacks: {added: {'{$request.body#/url}': {put: {summary: Tells., requestBody: {content: {a/b: {schema: {type: integer}}}}}}}}
"##;
    let expected = "
# pets
GET /pets
  Query parameters [] 0 examples
    -
      - kind string
  Response 200 [application/json, text/plain, text/html] 0 examples
    - string
  Response 200: links [] 0 examples
    -
      - next leads to getPets after = $response.body#/last
  Servers of its own [] 0 examples
    -
      - https://pets.example
# store
# Operations
POST /pets
  Request body [a/b, c/d · optional] 0 examples
    - string
  Servers of its own [] 0 examples
    -
      - https://write.example
  Calls back added [PUT {$request.body#/url}] 0 examples
  added: Request body [a/b · optional] 0 examples
    - integer
";
    reads("openapi", text, expected);
    let found = read("openapi", text);
    let [get, post] = [0, 2].map(|group| &found.groups[group].operations[0]);
    assert_eq!((get.summary.as_str(), get.description.as_str()), ("Animals.", "<p>All of them.</p>"));
    assert_eq!((post.summary.as_str(), get.other_groups.as_slice()), ("Adds one.", &["store".to_owned()][..]));
    let kind = &get.sections[0].schema.as_ref().unwrap().children[0];
    assert_eq!((kind.example.as_deref(), post.sections[2].description.as_str()), (Some("cat"), "<p>Tells.</p>"));
}

#[test]
fn traits_stand_in_for_what_is_not_said() {
    let text = r##"
asyncapi: 2.6.0
info: {title: Events}
defaultContentType: application/json
channels:
  orders:
    publish:
      bindings: {kafka: {}}
      traits: [{$ref: '#/components/operationTraits/sends'}]
      message:
        payload: {type: string}
        headers: {properties: {trace: {type: string}}}
        traits:
          - {name: Early, contentType: text/plain, headers: {properties: {trace: {type: integer}, span: {type: integer}}}}
          - {name: Late}
    subscribe: {message: {payload: {type: string}}}
components:
  operationTraits: {sends: {operationId: sendOrder, summary: Sends., bindings: {amqp: {}, kafka: {}}}}
"##;
    let expected = "
# orders
PUBLISH orders kafka, amqp
  Message Late [text/plain] 0 examples
    - string
  Message Late: headers [] 0 examples
    - object
      - trace string
      - span integer
SUBSCRIBE orders
  Message [application/json] 0 examples
    - string
";
    reads("asyncapi", text, expected);
    let operation = &read("asyncapi", text).groups[0].operations[0];
    assert_eq!((operation.operation_id.as_str(), operation.summary.as_str()), ("sendOrder", "Sends."));
}

#[test]
fn graphql_schemas_name_where_they_start() {
    let types = r#"type MyQuery {
  a: [String!]!
  "B."
  b(of: Int): [[Int!]]
}
type Mutation { c: Int }
"#;
    let drawn = "
# Queries
QUERY a
  Returns [] 0 examples
    - list of non-null String not null
QUERY b
  Arguments [] 0 examples
    -
      - of Int
  Returns [] 0 examples
    - list of list of non-null Int
";
    let started = format!("{types}schema {{ query: MyQuery }}");
    reads("graphql", &started, &format!("{drawn}= object Mutation\n  -\n    - c Int\n"));
    let mutations = "# Mutations\nMUTATION c\n  Returns [] 0 examples\n    - Int\n";
    reads("graphql", &format!("{types}extend schema {{ query: MyQuery }}"), &format!("{drawn}{mutations}"));
    let lines = read("graphql", &started).groups[0].operations.iter().map(|found| found.line).collect::<Vec<_>>();
    assert_eq!(lines, [Some(2), Some(4)]);
}

#[test]
fn protocol_buffers_are_found_by_parts_of_the_package() {
    let text = r#"
package acme.stock.v2;
service Stock { option deprecated = true; rpc Get(v2.Line) returns (stock.v2.Line); }
message Line { option deprecated = true; .acme.stock.v2.Kind kind = 1; v1.Line old = 2; .v2.Line far = 3; }
enum Kind { option deprecated = true; NONE = 0; }
"#;
    let expected = "
# Stock
RPC Get (deprecated)
  Request [] 0 examples
    - @Line
  Response [] 0 examples
    - @Line
= message Line
  -
    - kind @Kind field 1
    - old v1.Line field 2
    - far .v2.Line field 3
= enum Kind
  -
    - NONE = 0
";
    reads("grpc", text, expected);
    assert!(read("grpc", text).types.iter().all(|found| found.schema.deprecated));
}

/// Pieces of which texts are made that nearly are definitions.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "openapi: 3.1.0\n",
            "swagger: '2.0'\n",
            "asyncapi: 2.0.0\n",
            "paths:\n",
            "  /a:\n",
            "    get:\n",
            "channels:\n",
            "components:\n",
            "  schemas:\n",
            "    A:\n",
            "      $ref: '#/components/schemas/A'\n",
            "      type: array\n",
            "      items: {$ref: '#/paths/~1a/get'}\n",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "type ",
            "input ",
            "enum ",
            "message ",
            "service ",
            "rpc ",
            "returns ",
            "oneof ",
            "map<",
            ">",
            "stream ",
            "A ",
            "a: ",
            "= 1;",
            "\"",
            "\"\"\"",
            "'",
            "/*",
            "*/",
            "//",
            "#",
            "\n",
            "é",
            "\u{feff}",
            "@",
            "&",
            "|",
            "!",
            ",",
            ".",
            "...",
            "-1",
            "extend ",
            "union ",
            "implements ",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_does_harm(text in pieces(), spec_type in proptest::sample::select(vec!["openapi", "asyncapi", "graphql", "grpc", "trpc", ""])) {
        let found = read(spec_type, &text);
        for finding in &found.findings {
            prop_assert!(finding.place.is_some());
        }
        let ids: Vec<&str> = found.types.iter().map(|found| found.id.as_str()).collect();
        let unique: std::collections::HashSet<&&str> = ids.iter().collect();
        prop_assert_eq!(unique.len(), ids.len());
    }
}

//! What reading gives: values, places, and diagnostics that name line, column and reason.

use std::fmt::Write as _;

use host_model::diagnostic::Severity;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{Document, Limits, Node, parse_bytes, parse_documents};

fn read(text: &str) -> Vec<Document> {
    parse_documents(text, &Limits::default())
}

fn values(text: &str) -> Vec<Option<Value>> {
    read(text).iter().map(|document| document.node.as_ref().map(Node::to_json)).collect()
}

/// The only diagnostic of a text: its code, line, column and message.
fn finding(text: &str) -> (String, u32, u32, String) {
    let documents = read(text);
    let diagnostics: Vec<_> = documents.iter().flat_map(|document| &document.diagnostics).collect();
    assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
    let place = diagnostics[0].place.clone().expect("every diagnostic has a place");
    (diagnostics[0].code.clone(), place.line, place.column, diagnostics[0].message.clone())
}

#[test]
fn one_broken_document_of_ten_costs_only_itself() {
    let mut text = String::new();
    for index in 0..10 {
        let name = if index == 4 { "name: \"broken" } else { "name: fine" };
        let _ = write!(text, "---\nkind: Component\nmetadata:\n  {name}\n  number: {index}\n");
    }
    let documents = read(&text);
    assert_eq!(documents.len(), 10);
    assert_eq!(documents.iter().filter(|document| document.node.is_some()).count(), 9);
    let broken = &documents[4];
    assert_eq!((broken.index, broken.line), (4, 21));
    assert_eq!(broken.diagnostics.len(), 1);
    let place = broken.diagnostics[0].place.as_ref().expect("the place is known");
    assert_eq!((place.line, place.column), (24, 9));
    assert!(broken.diagnostics[0].message.starts_with("a quote is opened here and not closed"));
    let partial = broken.partial.as_ref().expect("the part before the error is kept");
    assert_eq!(partial.get("kind").and_then(Node::as_str), Some("Component"));
    assert_eq!(&text[documents[9].bytes.clone()], "---\nkind: Component\nmetadata:\n  name: fine\n  number: 9\n");
}

#[rstest]
#[case::tab("a:\n\tb: 1\n", "yaml/syntax", (2, 1), "a tab")]
#[case::tab_in_a_deeper_indent("a:\n  b: 1\n\tc: 2\n", "yaml/syntax", (3, 1), "a tab")]
#[case::tab_after_spaces("a:\n  b:\n  \tc: 2\n", "yaml/syntax", (3, 3), "a tab")]
#[case::second_colon("a: b: c\n", "yaml/syntax", (1, 5), "a second `: `")]
#[case::at_sign("a: @b\n", "yaml/syntax", (1, 4), "cannot begin with `@`")]
#[case::backtick("a: `b`\n", "yaml/syntax", (1, 4), "cannot begin with ``` ")]
#[case::no_colon("a: 1\nb\nc: 2\n", "yaml/syntax", (2, 1), "followed by `: `")]
#[case::bracket("a: [1, 2\nb: 3\n", "yaml/syntax", (2, 2), "never closed")]
#[case::only_bracket("a: [1, 2\n", "yaml/syntax", (1, 4), "`[` is opened")]
#[case::only_quote("a: 'b\n", "yaml/syntax", (1, 4), "never closed")]
#[case::wrong_bracket("a: [1, 2}\n", "yaml/syntax", (1, 4), "`[` is closed by a `}`")]
#[case::escape("a: \"\\d\"\n", "yaml/syntax", (1, 4), "backslash")]
#[case::after_quote("a: 'it's'\n", "yaml/syntax", (1, 8), "after the closing quote")]
#[case::dedent("a:\n    b: 1\n  c: 2\n", "yaml/syntax", (3, 3), "")]
#[case::duplicate("a: 1\nb: 2\na: 3\n", "yaml/duplicate-key", (3, 1), "first at line 1, column 1")]
#[case::same_key_as_text("1: a\n'1': b\n", "yaml/duplicate-key", (2, 1), "`1` is written twice")]
#[case::alias("a: *b\n", "yaml/unknown-anchor", (1, 4), "`*b` repeats an anchor")]
#[case::glob("a: *.yaml\n", "yaml/unknown-anchor", (1, 4), "`*.yaml`")]
#[case::endless("a: &a [*a]\n", "yaml/endless-alias", (1, 8), "without end")]
#[case::template("a: {{ b }}\n", "yaml/key", (1, 5), "a key must be text")]
#[case::tag("a: !vault x\n", "yaml/tag", (1, 4), "`!vault`")]
#[case::list_tag("a: !list [x]\n", "yaml/tag", (1, 4), "`!list`")]
#[case::infinity("a: .inf\n", "yaml/number", (1, 4), "no form in JSON")]
#[case::characters_not_bytes("ü: @\n", "yaml/syntax", (1, 4), "")]
#[case::windows_lines("a: 1\r\nb: @\r\n", "yaml/syntax", (2, 4), "")]
#[case::byte_order_mark("\u{feff}a: @\n", "yaml/syntax", (1, 4), "")]
#[case::control("a: \u{1}\n", "yaml/syntax", (1, 4), "U+0001")]
fn says_what_and_where(#[case] text: &str, #[case] code: &str, #[case] place: (u32, u32), #[case] part: &str) {
    let (found, line, column, message) = finding(text);
    assert_eq!((found.as_str(), (line, column)), (code, place), "{message}");
    assert!(message.contains(part), "{message}");
}

#[rstest]
#[case("", &[])]
#[case("# only a comment\n", &[])]
#[case("---\n---\n# nothing\n...\n", &[])]
#[case("a: 1\n---\n", &[json!({"a": 1})])]
#[case("\u{feff}a: 1\r\n", &[json!({"a": 1})])]
#[case("%YAML 1.2\n---\na: yes\n", &[json!({"a": "yes"})])]
#[case("a: &x {b: [1, '2']}\nc: *x\n", &[json!({"a": {"b": [1, "2"]}, "c": {"b": [1, "2"]}})])]
#[case("&k key: *k\n", &[json!({"key": "key"})])]
#[case("a: !!str 1\nb: !!int '2'\nc: ! 3\nd: !!float 4\n", &[json!({"a": "1", "b": 2, "c": "3", "d": 4})])]
#[case("a: |\n  x\n  y\nb: >-\n  x\n  y\n", &[json!({"a": "x\ny\n", "b": "x y"})])]
#[case("8080: a\ntrue: b\n~: c\n1.50: d\n", &[json!({"8080": "a", "true": "b", "": "c", "1.5": "d"})])]
#[case("a:\nb: ~\nc: ''\n", &[json!({"a": null, "b": null, "c": ""})])]
#[case("{\"json\": [1, {\"a\": null}]}", &[json!({"json": [1, {"a": null}]})])]
#[case("a: '~'\n", &[json!({"a": "~"})])]
#[case("- &e\n- *e\n- ~\n", &[json!([null, null, null])])]
fn reads(#[case] text: &str, #[case] expected: &[Value]) {
    let expected: Vec<_> = expected.iter().cloned().map(Some).collect();
    assert_eq!(values(text), expected);
}

#[test]
fn a_bad_byte_costs_one_document() {
    let documents = parse_bytes(b"a: 1\n---\nb: 1\nc: \xc3\xbc\xff\n---\nd: 1\n", &Limits::default());
    assert_eq!(documents.iter().map(|document| document.node.is_some()).collect::<Vec<_>>(), [true, false, true]);
    let diagnostic = &documents[1].diagnostics[0];
    let place = diagnostic.place.as_ref().expect("the place is known");
    assert_eq!((diagnostic.code.as_str(), place.line, place.column), ("yaml/encoding", 4, 5));
    assert!(diagnostic.message.contains("0xFF"));
    assert_eq!(documents[1].line, 2);
}

#[test]
fn utf_16_is_named() {
    let documents = parse_bytes(b"\xff\xfea\0:\0", &Limits::default());
    assert!(documents[0].diagnostics[0].message.contains("UTF-16"));
}

#[test]
fn names_the_file() {
    let documents = read("a: @");
    let document = documents.into_iter().next().expect("there is one document").in_file("catalog-info.yaml");
    assert!(document.diagnostics[0].to_string().starts_with("catalog-info.yaml:1:4: error: "));
}

#[test]
fn laughs_end() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(text, "a{level}: &a{level} [{items}]");
    }
    assert_eq!(finding(&text).0, "yaml/too-large");
}

#[test]
fn nested_anchors_are_not_all_kept() {
    let limits = Limits { alias_nodes: 100, ..Limits::default() };
    let mut text: String = (0..50).map(|level| format!("&a{level} [")).collect();
    text.push_str(&"x,".repeat(50));
    text.push_str(&"]".repeat(50));
    assert!(parse_documents(&text, &limits)[0].node.is_some());
    let documents = parse_documents(&format!("[{text}, *a0]"), &limits);
    assert_eq!(documents[0].diagnostics[0].code, "yaml/too-large");
}

#[rstest]
#[case::flow(format!("{}x{}", "[".repeat(101), "]".repeat(101)), false)]
#[case::flow_within(format!("{}x{}", "[".repeat(100), "]".repeat(100)), true)]
#[case::block((0..101).fold(String::new(), |mut text, level| { let _ = writeln!(text, "{}a:", " ".repeat(level)); text }), false)]
#[case::never_closed("[".repeat(100_000), false)]
#[case::dashes("- ".repeat(100_000), false)]
#[case::by_alias(format!("- &a {}x{}\n- {}*a{}\n", "[".repeat(60), "]".repeat(60), "[".repeat(60), "]".repeat(60)), false)]
fn depth_is_bounded(#[case] text: String, #[case] readable: bool) {
    let documents = read(&text);
    assert_eq!(documents[0].node.is_some(), readable);
    if !readable {
        assert_eq!(documents[0].diagnostics[0].code, "yaml/too-deep");
    }
}

#[test]
fn sizes_are_bounded() {
    let limits = Limits { bytes: 10, documents: 2, nodes: 3, ..Limits::default() };
    let codes = |text: &str| -> Vec<_> {
        let documents = parse_documents(text, &limits);
        documents.into_iter().map(|document| document.diagnostics.first().map(|first| first.code.clone())).collect()
    };
    assert_eq!(codes("01234567890"), [Some("yaml/too-large".to_owned())]);
    assert_eq!(codes("[1,2]"), [None]);
    assert_eq!(codes("[1,2,3]"), [Some("yaml/too-large".to_owned())]);
    assert_eq!(parse_documents("a\n---\nb\n---\nc\n---\nd\n", &Limits { bytes: 100, ..limits.clone() }).len(), 3);
}

#[test]
fn findings_are_bounded() {
    let text: String = (0..1000).map(|index| format!("k{index}: *x\n")).collect();
    assert_eq!(read(&text)[0].diagnostics.len(), 100);
}

#[test]
fn many_keys_are_quick_and_duplicates_found() {
    let mut text: String = (0..50_000).map(|index| format!("key{index}: {index}\n")).collect();
    text.push_str("key49999: again\n");
    let (code, line, ..) = finding(&text);
    assert_eq!((code.as_str(), line), ("yaml/duplicate-key", 50_001));
}

proptest! {
    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&parse_bytes(&bytes, &Limits::default()))?;
    }

    #[test]
    fn never_panics_on_text_like_yaml(text in "([-?:,\\[\\]{}#&*!|>'\"%@`a0 \n\t.~<\r]|---\n|\\.\\.\\.\n|: |- |  ){0,80}") {
        check(&parse_documents(&text, &Limits::default()))?;
    }
}

fn check(documents: &[Document]) -> Result<(), TestCaseError> {
    for document in documents {
        let failed = document.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        prop_assert_eq!(document.node.is_none(), failed);
        prop_assert!(document.diagnostics.iter().all(|diagnostic| diagnostic.place.is_some()));
    }
    Ok(())
}

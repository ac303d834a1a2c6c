//! Text that is meant to do harm, and text that is broken: reading it ends with diagnostics, within the limits.

use std::fmt::Write as _;

use host_model::diagnostic::Severity;
use proptest::prelude::*;
use rstest::rstest;

use crate::node::Value;
use crate::{Document, Limits, Node, parse_bytes};

/// Limits that a short text can reach.
fn narrow() -> Limits {
    Limits { bytes: 4000, documents: 5, depth: 12, nodes: 200, alias_nodes: 60, alias_bytes: 200 }
}

/// The number of values and keys, the deepest nesting, and the bytes of text of a tree.
fn measure(node: &Node) -> (usize, usize, usize) {
    let children: Vec<(usize, usize, usize)> = match &node.value {
        Value::Sequence(items) => items.iter().map(measure).collect(),
        Value::Mapping(entries) => {
            let entry = |(nodes, depth, bytes): (usize, usize, usize), key: usize| (nodes + 1, depth, bytes + key);
            entries.iter().map(|(key, node)| entry(measure(node), key.text.len())).collect()
        }
        Value::String(text) => return (1, 0, text.len()),
        _ => return (1, 0, 0),
    };
    let sum = |part: fn(&(usize, usize, usize)) -> usize| children.iter().map(part).sum::<usize>();
    (1 + sum(|child| child.0), 1 + children.iter().map(|child| child.1).max().unwrap_or(0), sum(|child| child.2))
}

/// What holds of every outcome.
fn check(bytes: &[u8], limits: &Limits) -> Result<Vec<Document>, TestCaseError> {
    let documents = parse_bytes(bytes, limits);
    prop_assert!(documents.len() <= limits.documents + 1);
    for document in &documents {
        let failed = document.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        prop_assert_eq!(document.node.is_none(), failed);
        prop_assert!(document.diagnostics.len() <= 100);
        for diagnostic in &document.diagnostics {
            prop_assert!(diagnostic.place.as_ref().is_some_and(|place| place.line > 0 && place.column > 0));
            prop_assert!(diagnostic.message.len() < 2000, "{}", diagnostic.message);
        }
        for node in [&document.node, &document.partial].into_iter().flatten() {
            let (nodes, depth, text) = measure(node);
            prop_assert!(nodes <= limits.nodes + limits.alias_nodes, "{} values", nodes);
            prop_assert!(depth <= limits.depth, "{} deep", depth);
            prop_assert!(text <= bytes.len() * 2 + limits.alias_bytes, "{} bytes of text from {}", text, bytes.len());
            // What is kept can be used as it is.
            let _ = node.to_json();
        }
    }
    Ok(documents)
}

/// A text made of pieces that fit together now and then.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&str; 44] = [
        "a: ",
        "b: ",
        "- ",
        "? ",
        ": ",
        "\n",
        "\n  ",
        "\n    ",
        "\n\t",
        "\t",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "&b ",
        "*a",
        "*b",
        "*c",
        "<<: ",
        "<<: *a\n",
        "'",
        "\"",
        "|\n",
        ">-\n",
        "|9\n",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "!!str ",
        "!x ",
        "!!binary ",
        "# c\n",
        "1",
        "0x",
        ".inf",
        "~",
        "a: a\n",
        "a: b\n",
        "\u{feff}",
        "\u{85}",
        "\u{2028}",
        "ä",
    ];
    let piece = prop_oneof![
        12 => prop::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
        1 => (1..40_usize).prop_map(|length| vec![b'k'; length]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn reading_ends_within_the_limits(bytes in pieces()) {
        check(&bytes, &narrow())?;
        check(&bytes, &Limits::default())?;
    }

    #[test]
    fn bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes, &narrow())?;
    }

    #[test]
    fn anchors_do_not_multiply(levels in 1..14_usize, width in 1..14_usize, merge in any::<bool>()) {
        let mut text = "k0: &a0 {x: 1}\n".to_owned();
        for level in 1..levels {
            let before = format!("*a{}", level - 1);
            let _ = match merge {
                true => writeln!(text, "k{level}: &a{level} {{<<: [{}]}}", vec![before; width].join(", ")),
                false => writeln!(text, "k{level}: &a{level} [{}]", vec![before; width].join(", ")),
            };
        }
        let mut documents = check(text.as_bytes(), &narrow())?;
        // What `$yaml` does with it afterwards makes it no larger.
        if let Some(mut node) = documents.pop().and_then(|document| document.node) {
            let before = measure(&node).0;
            node.apply_merge_keys();
            prop_assert!(measure(&node).0 <= before);
        }
    }
}

#[rstest]
#[case::a_key_of_a_megabyte(format!("{}: 1\n", "k".repeat(1 << 20)))]
#[case::a_quoted_key_of_a_megabyte(format!("? \"{}\"\n: 1\n", "k".repeat(1 << 20)))]
#[case::a_key_that_is_a_mapping("? {a: 1}\n: 2\n".to_owned())]
#[case::keys_twice_a_thousand_times("a: 1\n".repeat(1000))]
#[case::quotes("\"".repeat(10_001))]
#[case::tags("!a ".repeat(10_000))]
#[case::anchors("&a ".repeat(10_000))]
#[case::question_marks("? ".repeat(10_000))]
#[case::colons(": ".repeat(10_000))]
#[case::comments_and_tabs("\t#\n".repeat(10_000))]
#[case::directives("%TAG ! tag:a,2000:\n".repeat(10_000))]
#[case::brackets_and_braces("[{".repeat(10_000))]
#[case::block_scalars("a: |\n".repeat(10_000))]
#[case::escapes(format!("a: \"{}\"", "\\u0041\\x41\\n".repeat(10_000)))]
#[case::markers("---\n".repeat(10_000))]
#[case::invalid_ends("a: \u{fffd}\u{0}".to_owned())]
fn hostile_text_ends(#[case] text: String) {
    check(text.as_bytes(), &narrow()).unwrap();
    check(text.as_bytes(), &Limits::default()).unwrap();
    let mut broken = text.into_bytes();
    broken.push(0xff);
    check(&broken, &Limits::default()).unwrap();
}

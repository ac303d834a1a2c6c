//! Short texts with the marks that people write in a sentence: `**strong**` and code between backticks. Paragraphs are
//! divided by empty lines. Everything else stays as it is written.

use leptos::prelude::*;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    Strong(&'a str),
    Code(&'a str),
}

/// Draws a text with its marks.
pub(crate) fn marked(text: &str) -> AnyView {
    let paragraphs: Vec<_> = text
        .split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| {
            let pieces: Vec<AnyView> = pieces(paragraph)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Plain(text) => text.to_owned().into_any(),
                    Piece::Strong(text) => view! { <strong>{text.to_owned()}</strong> }.into_any(),
                    Piece::Code(text) => view! { <code>{text.to_owned()}</code> }.into_any(),
                })
                .collect();
            view! { <p class="preserve">{pieces}</p> }
        })
        .collect();
    view! { <div class="prose">{paragraphs}</div> }.into_any()
}

/// Splits at marks that are opened and closed.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let next = ["`", "**"].into_iter().filter_map(|mark| {
            let open = rest.find(mark)?;
            let inner = &rest[open + mark.len()..];
            let close = inner.find(mark).filter(|&close| close > 0)?;
            Some((open, mark, &inner[..close], &inner[close + mark.len()..]))
        });
        let Some((open, mark, inner, after)) = next.min_by_key(|(open, ..)| *open) else {
            pieces.push(Piece::Plain(rest));
            break;
        };
        if open > 0 {
            pieces.push(Piece::Plain(&rest[..open]));
        }
        pieces.push(if mark == "`" { Piece::Code(inner) } else { Piece::Strong(inner) });
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::Piece::{Code, Plain, Strong};
    use super::*;

    #[test]
    fn marks_count_when_they_are_closed() {
        for (text, expected) in [
            ("**a** b `c` d", vec![Strong("a"), Plain(" b "), Code("c"), Plain(" d")]),
            ("`**a**`", vec![Code("**a**")]),
            ("2 ** 3", vec![Plain("2 ** 3")]),
            ("``", vec![Plain("``")]),
            ("**é**", vec![Strong("é")]),
            ("", vec![]),
        ] {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }
}

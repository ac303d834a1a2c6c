//! The parser's errors in words for people who do not know YAML's grammar.

use granit_parser::{ErrorKind, Marker};

use crate::limits::Limits;

/// A parser's error as a diagnostic says it.
pub(crate) struct Explanation {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The line to look at, from 1.
    pub(crate) line: u32,
    /// The column to look at, from 1, where it is not the one at which the parser gave up.
    pub(crate) column: Option<u32>,
}

/// Explains an error that was found at `marker` in `text`.
pub(crate) fn explain(
    kind: &ErrorKind,
    text: &str,
    marker: &Marker,
    lines_before: u32,
    limits: &Limits,
) -> Explanation {
    let line = to_u32(marker.line());
    if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        let message = format!("lists and mappings are nested more than {} deep here", limits.depth);
        return Explanation { code: "yaml/too-deep", message, hint: None, line, column: None };
    }
    if *kind == ErrorKind::InvalidQuotedScalarIndent
        && let Some((opened, column)) = opening_quote(text, marker)
    {
        let rest_is_empty = text.lines().skip(marker.line().saturating_sub(1)).all(|line| line.trim().is_empty());
        let message = match line - opened {
            _ if rest_is_empty => format!("a quote is opened here and never closed ({kind})"),
            1 => {
                format!("a quote is opened here and not closed before the next line, which is not part of it ({kind})")
            }
            _ => format!(
                "a quote is opened here and not closed before line {}, which is not part of it ({kind})",
                lines_before.saturating_add(line)
            ),
        };
        let hint = Some("close the quote, or indent the lines that continue the text".to_owned());
        return Explanation { code: "yaml/syntax", message, hint, line: opened, column: Some(column) };
    }
    let source = text.lines().nth(marker.line().saturating_sub(1)).unwrap_or_default();
    let (sentence, hint) = sentence(kind, source);
    let tab = if is_about_tab(kind) { tab_at(text, line) } else { None };
    let (line, column) = tab.map_or((line, None), |(line, column)| (line, Some(column)));
    let detail = kind.to_string();
    let message = if detail.is_empty() || sentence == detail { sentence } else { format!("{sentence} ({detail})") };
    Explanation { code: "yaml/syntax", message, hint: hint.map(str::to_owned), line, column }
}

/// The line and column of the tab that the parser met on a line, or in the indentation of the next one, at which it
/// may not have arrived when it gives up.
fn tab_at(text: &str, line: u32) -> Option<(u32, u32)> {
    let lines = || (line..).zip(text.lines().skip(line.saturating_sub(1) as usize));
    let in_indent = |(number, source): (u32, &str)| {
        let indent = &source[..source.len() - source.trim_start_matches([' ', '\t']).len()];
        indent.find('\t').map(|tab| (number, column_of(source, tab)))
    };
    let anywhere = |(number, source): (u32, &str)| Some((number, column_of(source, source.find('\t')?)));
    lines().take(2).find_map(in_indent).or_else(|| lines().next().and_then(anywhere))
}

fn is_about_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    )
}

/// The nearest quote before a place that may open a text: its line and column.
fn opening_quote(text: &str, marker: &Marker) -> Option<(u32, u32)> {
    let before: Vec<&str> = text.lines().take(marker.line().saturating_sub(1)).collect();
    before.iter().enumerate().rev().find_map(|(index, line)| {
        let opens = |(at, _): &(usize, &str)| {
            line[..*at].chars().next_back().is_none_or(|previous| " \t[{,".contains(previous))
        };
        let (at, _) = line.rmatch_indices(['"', '\'']).find(opens)?;
        Some((to_u32(index + 1), column_of(line, at)))
    })
}

fn column_of(line: &str, byte: usize) -> u32 {
    to_u32(line[..byte].chars().count() + 1)
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn sentence(kind: &ErrorKind, line: &str) -> (String, Option<&'static str>) {
    let indent_hint = "indent the keys of one mapping, and the dashes of one list, by the same number of spaces";
    let (sentence, hint): (&str, &str) = match kind {
        kind if is_about_tab(kind) => ("a tab stands where only spaces may", "replace the tab with spaces"),
        ErrorKind::InvalidColonPlacement => (
            "a `:` cannot stand here; perhaps a `[` or `{` above is never closed",
            "close the bracket, or put the value that begins with it in quotes",
        ),
        ErrorKind::MappingValueNotAllowed => (
            "a second `: ` on a line that already has a key, or a key indented further than its neighbours",
            "put quotes round a value that contains `: `, or align the key with the ones above it",
        ),
        ErrorKind::MappingKeyNotAllowed => ("a key cannot stand here", indent_hint),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "this line should be a key followed by `: `",
            "add the `:` and a space after the key, or indent the line if it continues the value above",
        ),
        ErrorKind::ExpectedBlockMappingKey => ("the line does not fit into the mapping that it stands in", indent_hint),
        ErrorKind::ExpectedBlockSequenceEntry => ("the line does not fit into the list that it stands in", indent_hint),
        ErrorKind::BlockSequenceEntryNotAllowed => {
            ("a list entry cannot begin here", "put the `- ` on a line of its own, below the key")
        }
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidBlockScalarIndent => ("the line is indented wrongly", indent_hint),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            ("a quote is opened and never closed", "close the quote; inside '…' a quote is written twice ('')")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "there is text after the closing quote",
            "quote the whole value; inside '…' a quote is written twice (''), inside \"…\" as \\\"",
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => (
            "inside \"…\" a backslash begins an escape, and this one does not exist",
            "write the backslash twice, or use '…', in which it means itself",
        ),
        ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate => ("half a character is written as an escape", "write the character itself"),
        ErrorKind::UnclosedFlowCollection { open } => return (format!("a `{open}` is opened and never closed"), None),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("a `{open}` is closed by a `{close}`"), None);
        }
        ErrorKind::MisplacedFlowCollectionEnd => ("a bracket is closed that was not opened", ""),
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            ("the document ends inside `[…]` or `{…}`", "close the bracket")
        }
        ErrorKind::ExpectedFlowMappingSeparator => ("a `,` or `}` is missing inside `{…}`", ""),
        ErrorKind::ExpectedFlowSequenceSeparator => ("a `,` or `]` is missing inside `[…]`", ""),
        ErrorKind::BlockEntryInFlowCollection => {
            ("a list with `- ` cannot stand inside `[…]` or `{…}`", "separate the items with commas")
        }
        ErrorKind::UnexpectedCharacter { character } => return unexpected(*character),
        ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            ("a value cannot begin with `-` and a bracket or comma", "put the value in quotes")
        }
        ErrorKind::MissingAnchorOrAliasName => (
            "a value that begins with `&` or `*` defines or repeats an anchor, and its name is missing",
            "put the value in quotes if text is meant",
        ),
        ErrorKind::CommentInterceptedScalar => {
            ("a comment interrupts a text of several lines", "put the text in quotes, or move the comment above it")
        }
        ErrorKind::CommentNotSeparated => ("a `#` stands directly after a value", "put a space before the `#`"),
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::ZeroBlockScalarIndent => {
            ("a text block begins wrongly", "begin its text on the line after `|` or `>`")
        }
        ErrorKind::InvalidDocumentEnd => ("there is text after `...`, which ends a document", ""),
        ErrorKind::InvalidMappingValueWhitespace | ErrorKind::InvalidBlockEntryWhitespace => {
            ("only spaces may follow here", "replace the tab with a space")
        }
        ErrorKind::BomInsideDocument => (
            "an invisible byte-order mark stands inside the text",
            "delete the character; files that were joined have one each",
        ),
        ErrorKind::UndeclaredTagHandle
        | ErrorKind::InvalidTagTerminator
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::ExpectedTagBang => (
            "a value that begins with `!` is a tag, and this one is not valid",
            "put the value in quotes if text is meant",
        ),
        ErrorKind::ExpectedNodeContent => ("a value is missing here", "give the value, or put it in quotes"),
        _ if line.trim_start().starts_with('%') => {
            ("a line that begins with `%` is a directive, and this one is not valid", "put the text in quotes")
        }
        other => return (other.to_string(), None),
    };
    (sentence.to_owned(), (!hint.is_empty()).then_some(hint))
}

fn unexpected(character: char) -> (String, Option<&'static str>) {
    if character.is_control() {
        let message = format!("the control character U+{:04X} cannot stand in YAML", u32::from(character));
        return (message, Some("delete it, or write it as an escape inside \"…\""));
    }
    (format!("a value cannot begin with `{character}`"), Some("put the value in quotes"))
}

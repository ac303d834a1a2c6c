//! Puts what only nunjucks knows into words that minijinja knows. Lines stay where they are.

use super::operands::{self, end_of_string, is_word};

/// A line, from 1, and what is wrong there.
pub(super) type Wrong = (usize, String);

/// Rewrites the tags of a text and leaves everything else as it is.
pub(super) fn rewrite(source: &str) -> Result<String, Wrong> {
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source;
    // Where the loops that are open want to know how long their bodies are.
    let mut loops: Vec<usize> = Vec::new();
    while let Some((before, kind, after)) = next_tag(rest) {
        out.push_str(before);
        let line = source[..source.len() - after.len()].matches('\n').count() + 1;
        match kind {
            Tag::Comment => {
                let end = after.find("#}").map_or(after.len(), |at| at + 2);
                out.push_str("{#");
                out.push_str(&after[..end]);
                rest = &after[end..];
            }
            Tag::Value => {
                let Some(end) = end_of(after, "}}") else {
                    return Err((line, "syntax error: `${{` has no `}}`".to_owned()));
                };
                let (before, inner, behind) = dashes(&after[..end]);
                out.push_str("${{");
                out.push_str(before);
                out.push_str(&rewrite_expression(inner).map_err(|wrong| shift(wrong, line))?);
                out.push_str(behind);
                out.push_str("}}");
                rest = &after[end + 2..];
            }
            Tag::Block => {
                let Some(end) = end_of(after, "%}") else {
                    return Err((line, "syntax error: `{%` has no `%}`".to_owned()));
                };
                let inner = &after[..end];
                rest = &after[end + 2..];
                out.push_str("{%");
                let block = rewrite_block(inner).map_err(|wrong| shift(wrong, line))?;
                match first_word(inner) {
                    Some("for") => loops.push(out.len() + block.find(CHARGE).map_or(0, |at| at + CHARGE.len())),
                    Some("endfor") => charge(loops.pop(), &mut out),
                    _ => {}
                }
                out.push_str(&block);
                out.push_str("%}");
                if let Some(word @ ("raw" | "verbatim")) = first_word(inner) {
                    rest = copy_raw(word, rest, &mut out);
                }
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The expression of a text that is one `${{ }}` and nothing else.
pub(super) fn single_expression(source: &str) -> Option<&str> {
    let inner = source.strip_prefix("${{")?;
    let end = end_of(inner, "}}")?;
    if end + 2 != inner.len() {
        return None;
    }
    Some(dashes(&inner[..end]).1)
}

/// Rewrites an expression.
pub(super) fn rewrite_expression(source: &str) -> Result<String, Wrong> {
    operands::expression(source)
}

fn rewrite_block(inner: &str) -> Result<String, Wrong> {
    let (before, inner, behind) = dashes(inner);
    let rewritten = operands::tag(inner)?;
    let word = first_word(&rewritten).unwrap_or_default();
    let after = &rewritten[rewritten.find(word).unwrap_or_default() + word.len()..];
    let replaced = match word {
        "elseif" => format!(" elif{after}"),
        "verbatim" => format!(" raw{after}"),
        "endverbatim" => format!(" endraw{after}"),
        "for" => for_loop(after).unwrap_or_else(|| rewritten.clone()),
        _ => rewritten,
    };
    Ok(format!("{before}{replaced}{behind}"))
}

/// Comes before the length of a loop's body.
const CHARGE: &str = "|__charged(";

/// `for key, value in object` walks over pairs; every loop is charged for what its body may write.
fn for_loop(after: &str) -> Option<String> {
    let at = after.find(" in ").or_else(|| after.find(" in\n"))?;
    let (names, expression) = (&after[..at], &after[at + 3..]);
    if !names.contains(',') {
        return Some(format!(" for{names} in ({expression}){CHARGE}) "));
    }
    let names = names.replace(['(', ')', '[', ']'], "");
    Some(format!(" for ({names}) in ({expression})|__pairs{CHARGE}) "))
}

fn charge(at: Option<usize>, out: &mut String) {
    if let Some(at) = at.filter(|at| out[..*at].ends_with(CHARGE)) {
        let bytes = out.len() - at;
        out.insert_str(at, &bytes.to_string());
    }
}

/// The signs at both ends of a tag that take away the space around it.
fn dashes(inner: &str) -> (&str, &str, &str) {
    let start = inner.len() - inner.strip_prefix(['-', '+']).unwrap_or(inner).len();
    let (before, inner) = inner.split_at(start);
    let end = inner.strip_suffix(['-', '+']).unwrap_or(inner).len();
    let (inner, behind) = inner.split_at(end);
    (before, inner, behind)
}

fn copy_raw<'source>(word: &str, rest: &'source str, out: &mut String) -> &'source str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("{%") {
        let inside = &rest[from + at + 2..];
        let name = first_word(inside);
        if name.is_some_and(|name| name.strip_prefix("end") == Some(word)) {
            let Some(end) = inside.find("%}") else { break };
            out.push_str(&rest[..from + at]);
            out.push_str("{%");
            out.push_str(&inside[..end].replace("verbatim", "raw"));
            out.push_str("%}");
            return &inside[end + 2..];
        }
        from += at + 2;
    }
    out.push_str(rest);
    ""
}

#[derive(Clone, Copy)]
enum Tag {
    Value,
    Block,
    Comment,
}

fn next_tag(source: &str) -> Option<(&str, Tag, &str)> {
    [("${{", Tag::Value), ("{%", Tag::Block), ("{#", Tag::Comment)]
        .into_iter()
        .filter_map(|(start, tag)| source.find(start).map(|at| (at, start, tag)))
        .min_by_key(|(at, _, _)| *at)
        .map(|(at, start, tag)| (&source[..at], tag, &source[at + start.len()..]))
}

/// Where a tag ends: its end stands outside of strings and brackets.
fn end_of(inner: &str, end: &str) -> Option<usize> {
    let mut at = 0;
    let mut depth = 0_usize;
    while at < inner.len() {
        let rest = &inner[at..];
        if depth == 0 && rest.starts_with(end) {
            return Some(at);
        }
        match rest.as_bytes()[0] {
            b'"' | b'\'' => at += end_of_string(rest),
            byte => {
                match byte {
                    b'{' | b'(' | b'[' => depth += 1,
                    b'}' | b')' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
    }
    None
}

fn first_word(inner: &str) -> Option<&str> {
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner).trim_start();
    let end = inner.bytes().position(|byte| !is_word(byte)).unwrap_or(inner.len());
    (end > 0).then(|| &inner[..end])
}

fn shift((line, message): Wrong, by: usize) -> Wrong {
    (line + by - 1, message)
}

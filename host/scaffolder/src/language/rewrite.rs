//! Puts what only nunjucks knows into words that minijinja knows. Lines stay where they are.

/// A line, from 1, and what is wrong there.
pub(super) type Wrong = (usize, String);

/// Rewrites the tags of a text and leaves everything else as it is.
pub(super) fn rewrite(source: &str) -> Result<String, Wrong> {
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source;
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
                out.push_str("${{");
                out.push_str(&rewrite_expression(&after[..end]).map_err(|wrong| shift(wrong, line))?);
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
                out.push_str(&rewrite_block(inner).map_err(|wrong| shift(wrong, line))?);
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
    let inner = &inner[..end];
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    Some(inner.strip_suffix(['-', '+']).unwrap_or(inner))
}

/// Rewrites an expression: `===`, `!==`, `null` and `.length`.
pub(super) fn rewrite_expression(source: &str) -> Result<String, Wrong> {
    let mut out = String::with_capacity(source.len() + 8);
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let line = || source[..at].matches('\n').count() + 1;
        let first = rest.as_bytes()[0];
        if first == b'"' || first == b'\'' {
            let end = end_of_string(rest);
            out.push_str(&rest[..end]);
            at += end;
        } else if rest.starts_with("===") || rest.starts_with("!==") {
            out.push_str(&rest[..2]);
            at += 3;
        } else if rest.starts_with("&&") || rest.starts_with("||") {
            let (written, meant) = if first == b'&' { ("&&", "and") } else { ("||", "or") };
            return Err((line(), format!("syntax error: write `{meant}` instead of `{written}`")));
        } else if rest.starts_with("r/") && !ends_in_word(&out) {
            let message = "regular expressions (r/…/) are not supported; use replace with a text".to_owned();
            return Err((line(), message));
        } else if is_word_start(first) {
            let end = rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len());
            word(&rest[..end], &rest[end..], &mut out);
            at += end;
        } else {
            let end = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..end]);
            at += end;
        }
    }
    Ok(out)
}

fn word(word: &str, after: &str, out: &mut String) {
    let is_member = out.trim_end().ends_with('.');
    match word {
        "length" if is_member && !after.trim_start().starts_with('(') => {
            out.truncate(out.trim_end().len() - 1);
            out.push_str("|__length");
        }
        "null" if !is_member => out.push_str("none"),
        _ => out.push_str(word),
    }
}

fn rewrite_block(inner: &str) -> Result<String, Wrong> {
    let (inner, suffix) = match inner.strip_suffix(['-', '+']) {
        Some(shorter) => (shorter, &inner[shorter.len()..]),
        None => (inner, ""),
    };
    let rewritten = rewrite_expression(inner)?;
    let Some(word) = first_word(&rewritten) else { return Ok(rewritten + suffix) };
    let start = rewritten.find(word).unwrap_or_default();
    let (before, after) = (&rewritten[..start], &rewritten[start + word.len()..]);
    let replaced = match word {
        "elseif" => format!("{before}elif{after}"),
        "verbatim" => format!("{before}raw{after}"),
        "endverbatim" => format!("{before}endraw{after}"),
        "for" => match pairs(after) {
            Some(pairs) => format!("{before}for{pairs}"),
            None => rewritten,
        },
        _ => rewritten,
    };
    Ok(replaced + suffix)
}

/// `for key, value in object` walks over pairs.
fn pairs(after: &str) -> Option<String> {
    let at = after.find(" in ")?;
    let (names, expression) = (after[..at].trim(), &after[at + 4..]);
    if !names.contains(',') {
        return None;
    }
    let names = names.trim_matches(['(', ')', '[', ']']);
    Some(format!(" ({names}) in ({expression})|__pairs "))
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

fn end_of_string(rest: &str) -> usize {
    let quote = rest.as_bytes()[0];
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn first_word(inner: &str) -> Option<&str> {
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner).trim_start();
    let end = inner.bytes().position(|byte| !is_word(byte)).unwrap_or(inner.len());
    (end > 0).then(|| &inner[..end])
}

fn ends_in_word(out: &str) -> bool {
    out.bytes().last().is_some_and(|byte| is_word(byte) || byte == b'.')
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn shift((line, message): Wrong, by: usize) -> Wrong {
    (line + by - 1, message)
}

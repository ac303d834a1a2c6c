//! Rewrites expressions: `===`, `!==`, `null`, `.length`, and `+` and `~` with the precedence that nunjucks gives them.

use super::operators::{ADD, CONCAT};
use super::rewrite::Wrong;

/// Words that end an operand.
const SEPARATORS: &[&str] = &["and", "or", "not", "in", "if", "else"];

/// What is known of one level of brackets: where the operands of `~` and of `+` begin in the output.
#[derive(Clone, Copy)]
struct Level {
    concat: usize,
    is_concat: bool,
    add: usize,
    is_add: bool,
}

struct Rewriting {
    out: String,
    levels: Vec<Level>,
}

/// Rewrites an expression.
pub(super) fn expression(source: &str) -> Result<String, Wrong> {
    rewrite(source, false)
}

/// Rewrites what stands in a tag such as `{% if … %}`, whose first word is its name.
pub(super) fn tag(source: &str) -> Result<String, Wrong> {
    rewrite(source, true)
}

fn rewrite(source: &str, mut has_name: bool) -> Result<String, Wrong> {
    let mut state = Rewriting { out: String::with_capacity(source.len() + 16), levels: vec![Level::at(0)] };
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let line = || source[..at].matches('\n').count() + 1;
        let first = rest.as_bytes()[0];
        let width = if first == b'"' || first == b'\'' {
            let end = end_of_string(rest);
            state.out.push_str(&rest[..end]);
            end
        } else if rest.starts_with("===") || rest.starts_with("!==") {
            state.separator(&rest[..2]);
            3
        } else if rest.starts_with("&&") || rest.starts_with("||") {
            let (written, meant) = if first == b'&' { ("&&", "and") } else { ("||", "or") };
            return Err((line(), format!("syntax error: write `{meant}` instead of `{written}`")));
        } else if rest.starts_with("r/") && !state.ends_in_word() {
            let message = "regular expressions (r/…/) are not supported; use replace with a text".to_owned();
            return Err((line(), message));
        } else if is_word_start(first) {
            let end = rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len());
            state.word(&rest[..end], &rest[end..], has_name);
            has_name = false;
            end
        } else {
            let end = rest.chars().next().map_or(1, char::len_utf8);
            state.sign(&rest[..end]);
            end
        };
        at += width;
    }
    while state.levels.len() > 1 {
        state.close();
        state.levels.pop();
    }
    state.close();
    Ok(state.out)
}

impl Level {
    fn at(start: usize) -> Self {
        Self { concat: start, is_concat: false, add: start, is_add: false }
    }
}

impl Rewriting {
    fn sign(&mut self, sign: &str) {
        match sign {
            "(" | "[" | "{" => {
                self.out.push_str(sign);
                self.levels.push(Level::at(self.out.len()));
            }
            ")" | "]" | "}" => {
                self.close();
                if self.levels.len() > 1 {
                    self.levels.pop();
                }
                self.out.push_str(sign);
            }
            "," | ":" | "=" | "<" | ">" | "!" => self.separator(sign),
            "+" if self.follows_operand() => {
                if let Some(level) = self.levels.last_mut() {
                    level.is_add = true;
                }
                self.out.push(',');
            }
            // A plus before an operand changes nothing, and minijinja has none.
            "+" => {}
            "~" => {
                self.close_add();
                self.out.push(',');
                let end = self.out.len();
                if let Some(level) = self.levels.last_mut() {
                    level.is_concat = true;
                    level.add = end;
                }
            }
            other => self.out.push_str(other),
        }
    }

    fn word(&mut self, word: &str, after: &str, is_name: bool) {
        let is_member = self.out.trim_end().ends_with('.');
        match word {
            "length" if is_member && !after.trim_start().starts_with('(') => {
                self.out.truncate(self.out.trim_end().len() - 1);
                self.out.push_str("|__length");
            }
            "null" if !is_member => self.out.push_str("none"),
            _ if is_name || (SEPARATORS.contains(&word) && !is_member) => self.separator(word),
            _ => self.out.push_str(word),
        }
    }

    fn separator(&mut self, text: &str) {
        self.close();
        self.out.push_str(text);
        let end = self.out.len();
        if let Some(level) = self.levels.last_mut() {
            *level = Level::at(end);
        }
    }

    /// Whether a sign here joins two operands.
    fn follows_operand(&self) -> bool {
        let start = self.levels.last().map_or(0, |level| level.add);
        let before = self.out[start..].trim_end();
        !before.is_empty() && !before.ends_with(['*', '/', '%', '-', '+', ','])
    }

    fn close(&mut self) {
        self.close_add();
        if let Some(Level { concat, is_concat: true, .. }) = self.levels.last().copied() {
            self.wrap(concat, CONCAT);
        }
    }

    fn close_add(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            let (start, is_add) = (level.add, level.is_add);
            level.is_add = false;
            if is_add {
                self.wrap(start, ADD);
            }
        }
    }

    fn wrap(&mut self, start: usize, function: &str) {
        let end = self.out.trim_end().len();
        self.out.insert(end, ')');
        self.out.insert_str(start, &format!(" {function}("));
    }

    fn ends_in_word(&self) -> bool {
        self.out.bytes().last().is_some_and(|byte| is_word(byte) || byte == b'.')
    }
}

pub(super) fn end_of_string(rest: &str) -> usize {
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

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

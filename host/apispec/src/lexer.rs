//! Words, numbers, texts and signs of languages that look like C: GraphQL's schema language and protocol buffers.

use host_model::Diagnostic;

/// The most tokens of one text; what comes after them is left out.
const MAX_TOKENS: usize = 400_000;
/// The most bytes of a comment that are kept.
const MAX_COMMENT: usize = 4_000;

/// How a language writes what does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `#` to the end of the line, texts between three quotes, and commas are blanks.
    GraphQl,
    /// `//` and `/* */`, texts between single quotes too.
    Protobuf,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number,
    Text,
    Sign,
    End,
}

/// A token.
#[derive(Debug, Clone)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    /// As it is written; texts without their quotes.
    pub(crate) text: &'a str,
    /// Whether a text stood between three quotes.
    pub(crate) is_block: bool,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// Where it begins and ends in the whole.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The comment right above it.
    pub(crate) comment: String,
    /// The comment behind it on the same line.
    pub(crate) remark: String,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    line_start: usize,
    style: Style,
    /// The comment that was read last, and the line on which it ended.
    comment: String,
    comment_end: u32,
}

/// Cuts a text into tokens, the last of which is the end. What cannot be read is a finding, and the rest is left out.
pub(crate) fn tokens(text: &str, style: Style) -> (Vec<Token<'_>>, Option<Box<Diagnostic>>) {
    let mut lexer = Lexer { text, at: 0, line: 1, line_start: 0, style, comment: String::new(), comment_end: 0 };
    if text.starts_with('\u{feff}') {
        lexer.at = 3;
        lexer.line_start = 3;
    }
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let finding = loop {
        if let Err(finding) = lexer.skip_blanks(&mut tokens) {
            break Some(finding);
        }
        if lexer.at >= text.len() {
            break None;
        }
        if tokens.len() >= MAX_TOKENS {
            break Some(lexer.finding("the text is too long; the rest is left out"));
        }
        match lexer.next() {
            Ok(token) => tokens.push(token),
            Err(finding) => break Some(finding),
        }
    };
    let end = lexer.token(Kind::End, text.len(), text.len(), "");
    tokens.push(end);
    (tokens, finding)
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn finding(&self, message: impl Into<String>) -> Box<Diagnostic> {
        syntax(message, self.line, self.column(self.at))
    }

    /// The column of a place in the present line, from 1, in characters.
    fn column(&self, at: usize) -> u32 {
        // Lines longer than this are nobody's to count.
        let line = &self.text[self.line_start.min(at)..at];
        let count = if line.len() > 10_000 { line.len() } else { line.chars().count() };
        u32::try_from(count).unwrap_or(u32::MAX - 1) + 1
    }

    fn token(&mut self, kind: Kind, start: usize, end: usize, text: &'a str) -> Token<'a> {
        // A comment belongs to what begins on the next line.
        let comment = std::mem::take(&mut self.comment);
        let comment = if self.comment_end + 1 >= self.line { comment } else { String::new() };
        Token {
            kind,
            text,
            is_block: false,
            line: self.line,
            column: self.column(start),
            start,
            end,
            comment,
            remark: String::new(),
        }
    }

    /// Goes to a place, counting lines.
    fn go(&mut self, to: usize) {
        let skipped = &self.text[self.at..to];
        if let Some(last) = skipped.rfind('\n') {
            let lines = skipped.bytes().filter(|&byte| byte == b'\n').count();
            self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            self.line_start = self.at + last + 1;
        }
        self.at = to;
    }

    fn skip_blanks(&mut self, before: &mut [Token<'a>]) -> Syntax<()> {
        loop {
            let rest = self.rest();
            let blank = |c: char| c.is_whitespace() || c == '\u{feff}' || (c == ',' && self.style == Style::GraphQl);
            let blanks = rest.len() - rest.trim_start_matches(blank).len();
            if blanks > 0 {
                self.go(self.at + blanks);
                continue;
            }
            let line_comment = if self.style == Style::GraphQl { "#" } else { "//" };
            if rest.starts_with(line_comment) {
                let end = rest.find('\n').unwrap_or(rest.len());
                let comment = rest[..end].trim_start_matches(['/', '#']).trim();
                self.remember(comment, before);
                self.go(self.at + end);
            } else if self.style == Style::Protobuf && rest.starts_with("/*") {
                let Some(end) = rest[2..].find("*/") else {
                    return Err(self.finding("this comment is never closed"));
                };
                let comment = rest[2..end + 2].lines().map(|line| line.trim().trim_start_matches('*').trim());
                let comment = comment.collect::<Vec<_>>().join("\n");
                self.remember(comment.trim(), before);
                self.go(self.at + end + 4);
                self.comment_end = self.line;
            } else {
                return Ok(());
            }
        }
    }

    /// Keeps a comment for what it belongs to.
    fn remember(&mut self, comment: &str, before: &mut [Token<'a>]) {
        if let Some(last) = before.last_mut()
            && last.line == self.line
            && self.comment.is_empty()
        {
            if last.remark.len() < MAX_COMMENT {
                last.remark.push_str(comment);
            }
            return;
        }
        if self.comment_end + 1 < self.line {
            self.comment.clear();
        }
        if !self.comment.is_empty() {
            self.comment.push('\n');
        }
        if self.comment.len() + comment.len() < MAX_COMMENT {
            self.comment.push_str(comment);
        }
        self.comment_end = self.line;
    }

    fn next(&mut self) -> Syntax<Token<'a>> {
        let rest = self.rest();
        let start = self.at;
        let first = rest.chars().next().unwrap_or(' ');
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if first.is_ascii_alphabetic() || first == '_' {
            let end = start + rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            return Ok(self.advance(Kind::Word, start, end, &self.text[start..end]));
        }
        let second_is_digit = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if first.is_ascii_digit() || (first == '-' && second_is_digit) {
            let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+');
            let end = start + 1 + rest[1..].find(|c| !part(c)).unwrap_or(rest.len() - 1);
            return Ok(self.advance(Kind::Number, start, end, &self.text[start..end]));
        }
        if self.style == Style::GraphQl && rest.starts_with("\"\"\"") {
            return self.block();
        }
        if first == '"' || (first == '\'' && self.style == Style::Protobuf) {
            return self.quoted(first);
        }
        let end = start + if rest.starts_with("...") { 3 } else { first.len_utf8() };
        Ok(self.advance(Kind::Sign, start, end, &self.text[start..end]))
    }

    fn advance(&mut self, kind: Kind, start: usize, end: usize, text: &'a str) -> Token<'a> {
        let token = self.token(kind, start, end, text);
        self.go(end);
        token
    }

    /// A text between three quotes.
    fn block(&mut self) -> Syntax<Token<'a>> {
        let start = self.at;
        let inner = start + 3;
        let mut search = inner;
        loop {
            let Some(found) = self.text[search..].find("\"\"\"") else {
                return Err(self.finding("this text is never closed"));
            };
            let end = search + found;
            if self.text[..end].ends_with('\\') && end > inner {
                search = end + 3;
                continue;
            }
            let token = self.advance(Kind::Text, start, end + 3, &self.text[inner..end]);
            return Ok(Token { is_block: true, ..token });
        }
    }

    fn quoted(&mut self, quote: char) -> Syntax<Token<'a>> {
        let start = self.at;
        let mut escaped = false;
        for (offset, character) in self.rest().char_indices().skip(1) {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '\n' => break,
                _ if character == quote => {
                    let end = start + offset + 1;
                    return Ok(self.advance(Kind::Text, start, end, &self.text[start + 1..end - 1]));
                }
                _ => {}
            }
        }
        Err(self.finding("this text is not closed on its line"))
    }
}

/// What stands where something else should.
pub(crate) type Syntax<T> = Result<T, Box<Diagnostic>>;

/// A finding about how something is written.
pub(crate) fn syntax(message: impl Into<String>, line: u32, column: u32) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("definition/syntax", message).at(crate::place(line, column)))
}

/// A reader's place among tokens.
pub(crate) struct Cursor<'t, 'a> {
    source: &'a str,
    tokens: &'t [Token<'a>],
    at: usize,
}

impl<'t, 'a> Cursor<'t, 'a> {
    /// At the beginning. There is at least the token of the end.
    pub(crate) fn new(source: &'a str, tokens: &'t [Token<'a>]) -> Self {
        Self { source, tokens, at: 0 }
    }

    /// The token here.
    pub(crate) fn peek(&self) -> &'t Token<'a> {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    /// The token after the one here.
    pub(crate) fn peek_second(&self) -> &'t Token<'a> {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)]
    }

    /// The token here, which is left behind.
    pub(crate) fn take(&mut self) -> &'t Token<'a> {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    /// The token that was left behind last.
    pub(crate) fn previous(&self) -> &'t Token<'a> {
        &self.tokens[self.at.saturating_sub(1)]
    }

    pub(crate) fn is_end(&self) -> bool {
        self.peek().kind == Kind::End
    }

    /// Whether a sign or a word stands here.
    pub(crate) fn is(&self, text: &str) -> bool {
        let token = self.peek();
        matches!(token.kind, Kind::Sign | Kind::Word) && token.text == text
    }

    /// Leaves a sign or a word behind, if it stands here.
    pub(crate) fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        if found {
            self.take();
        }
        found
    }

    /// A sign or a word that must stand here.
    pub(crate) fn expect(&mut self, text: &str) -> Syntax<()> {
        if self.eat(text) { Ok(()) } else { Err(self.unexpected(&format!("`{text}`"))) }
    }

    /// A word that must stand here.
    pub(crate) fn word(&mut self, what: &str) -> Syntax<&'t Token<'a>> {
        if self.peek().kind == Kind::Word { Ok(self.take()) } else { Err(self.unexpected(what)) }
    }

    /// Says what stands here in the place of something else.
    pub(crate) fn unexpected(&self, expected: &str) -> Box<Diagnostic> {
        let token = self.peek();
        let found = match token.kind {
            Kind::End => "the text ends".to_owned(),
            Kind::Text => "a text stands here".to_owned(),
            _ => format!("`{}` stands here", crate::text::shortened(token.text, 40)),
        };
        syntax(format!("{found}; expected {expected}"), token.line, token.column)
    }

    /// Goes on with what begins at the left margin.
    pub(crate) fn recover(&mut self, begins: impl Fn(&Token<'a>) -> bool) {
        while !self.is_end() {
            self.take();
            if self.peek().column == 1 && begins(self.peek()) {
                return;
            }
        }
    }

    /// Leaves behind what is between a bracket, which stands here, and the one that closes it; gives it as written.
    pub(crate) fn balanced(&mut self) -> &'a str {
        let start = self.peek().start;
        let mut open = 0_usize;
        loop {
            let token = self.take();
            match token.text {
                "{" | "[" | "(" if token.kind == Kind::Sign => open += 1,
                "}" | "]" | ")" if token.kind == Kind::Sign => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 || token.kind == Kind::End {
                return &self.source[start..token.end.max(start)];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_belong_to_what_they_stand_by() {
        let text = "// far\n\n// one\n// two\na = 1; // after\n/* block\n * more */ b";
        let (tokens, finding) = tokens(text, Style::Protobuf);
        assert!(finding.is_none());
        let found: Vec<_> =
            tokens.iter().map(|token| (token.text, token.line, &*token.comment, &*token.remark)).collect();
        let expected = [
            ("a", 5, "one\ntwo", ""),
            ("=", 5, "", ""),
            ("1", 5, "", ""),
            (";", 5, "", "after"),
            ("b", 7, "block\nmore", ""),
            ("", 7, "", ""),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn texts_are_closed_or_told() {
        for (text, style, fails) in [
            ("\"a\\\"b\"", Style::GraphQl, false),
            ("\"\"\"a \\\"\"\" b\"\"\"", Style::GraphQl, false),
            ("\"a\n\"", Style::GraphQl, true),
            ("\"\"\"a", Style::GraphQl, true),
            ("/* a", Style::Protobuf, true),
            ("'a'", Style::Protobuf, false),
            ("'a'", Style::GraphQl, false),
        ] {
            assert_eq!(tokens(text, style).1.is_some(), fails, "{text}");
        }
    }
}

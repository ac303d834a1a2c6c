//! Reads the colours that programs write into their output, and drops every other control sequence.

/// A run of text with the same look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    /// Class names, such as `ansi-red ansi-bold`; empty for plain text.
    pub class: String,
}

const COLORS: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/// The look that sequences have set so far. It lasts beyond the end of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Style {
    color: Option<&'static str>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

impl Style {
    /// Splits one line into runs and remembers the look at its end.
    pub fn runs(&mut self, line: &str) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut characters = line.chars().peekable();
        while let Some(character) = characters.next() {
            if character == '\u{1b}' {
                match characters.next() {
                    Some('[') => {
                        let mut parameters = String::new();
                        let last = characters.by_ref().find(|&next| {
                            parameters.push(next);
                            ('@'..='~').contains(&next)
                        });
                        if last == Some('m') {
                            parameters.pop();
                            self.apply(&parameters);
                        }
                    }
                    // A title or a link of the terminal, up to BEL or ESC \.
                    Some(']') => {
                        let end = characters.by_ref().find(|&next| next == '\u{7}' || next == '\u{1b}');
                        if end == Some('\u{1b}') {
                            characters.next();
                        }
                    }
                    _ => {}
                }
                continue;
            }
            if character.is_control() && character != '\t' {
                continue;
            }
            let class = self.class();
            match runs.last_mut() {
                Some(run) if run.class == class => run.text.push(character),
                _ => runs.push(Run { text: character.to_string(), class }),
            }
        }
        runs
    }

    /// Applies the parameters of one sequence, such as `1;31`.
    fn apply(&mut self, parameters: &str) {
        let mut codes = parameters.split([';', ':']).map(|code| code.parse::<u16>().unwrap_or_default());
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                4 => self.underlined = true,
                22 => (self.bold, self.dim) = (false, false),
                24 => self.underlined = false,
                30..=37 => self.color = Some(COLORS[usize::from(code - 30)]),
                90..=97 => self.color = Some(COLORS[usize::from(code - 90)]),
                39 => self.color = None,
                // A colour of a larger palette has parameters of its own, which are no codes.
                38 | 48 => match codes.next() {
                    Some(5) => _ = codes.next(),
                    Some(2) => _ = codes.by_ref().take(3).count(),
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn class(&self) -> String {
        let color = self.color.map(|color| format!("ansi-{color}"));
        let flags = [(self.bold, "ansi-bold"), (self.dim, "ansi-dim"), (self.underlined, "ansi-underlined")];
        let flags = flags.into_iter().filter(|(set, _)| *set).map(|(_, class)| class.to_owned());
        color.into_iter().chain(flags).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_colours_and_drops_the_rest() {
        let run = |text: &str, class: &str| Run { text: text.into(), class: class.into() };
        for (line, expected) in [
            ("plain", vec![run("plain", "")]),
            ("\u{1b}[31mred\u{1b}[0m end", vec![run("red", "ansi-red"), run(" end", "")]),
            ("\u{1b}[1;92mok\u{1b}[22m!", vec![run("ok", "ansi-green ansi-bold"), run("!", "ansi-green")]),
            ("\u{1b}[38;5;1mx\u{1b}[38;2;1;31;4my", vec![run("xy", "")]),
            ("\u{1b}[2K\u{1b}[1Gx\r", vec![run("x", "")]),
            ("\u{1b}]8;;javascript:x\u{7}link\u{1b}]8;;\u{1b}\\.", vec![run("link.", "")]),
            ("\u{1b}[31", vec![]),
            ("a\u{1b}", vec![run("a", "")]),
            ("\u{1b}[m\u{1b}[;mx", vec![run("x", "")]),
        ] {
            assert_eq!(Style::default().runs(line), expected, "{line:?}");
        }
    }

    #[test]
    fn the_look_lasts_beyond_a_line() {
        let mut style = Style::default();
        style.runs("\u{1b}[34mfirst");
        assert_eq!(style.runs("second")[0].class, "ansi-blue");
    }
}

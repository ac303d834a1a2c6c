//! Text for terminals. What entities and files say was written by strangers, and a terminal obeys control characters.

/// A text on one line without anything that a terminal would obey or that would turn the order of letters around.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|one| if one == '\n' || one == '\t' { ' ' } else { harmless(one) }).collect()
}

/// The same, but lines and tabs stay. Every character keeps its length in bytes, so that places in the text stay valid.
pub(crate) fn lines(text: &str) -> String {
    text.chars().map(|one| if matches!(one, '\n' | '\t' | '\r') { one } else { harmless(one) }).collect()
}

fn harmless(one: char) -> char {
    match one {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        one if !one.is_control() => one,
        one if one.len_utf8() == 1 => '?',
        _ => '\u{b7}',
    }
}

/// Rows under headings, each column as wide as its widest cell.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut lines = Vec::with_capacity(rows.len() + 1);
    let headings: Vec<String> = headings.iter().map(|heading| heading.to_uppercase()).collect();
    for row in std::iter::once(&headings).chain(rows) {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        lines.push(cells.collect::<Vec<_>>().join("  ").trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_given_nothing_to_obey() {
        let evil = "a\u{1b}[2J\u{9b}31m\u{202e}b\r\nc\td\u{7}é";
        assert_eq!(one_line(evil), "a?[2J\u{b7}31m\u{fffd}b? c d?é");
        let kept = lines(evil);
        assert_eq!(kept, "a?[2J\u{b7}31m\u{fffd}b\r\nc\td?é");
        assert_eq!(kept.len(), evil.len());
    }

    #[test]
    fn columns_stand_below_one_another() {
        let rows = [["component:default/a", "", "x"], ["é", "crew", ""]].map(|row| row.map(str::to_owned).to_vec());
        let expected = "REF                  OWNER  T\ncomponent:default/a         x\né                    crew";
        assert_eq!(table(&["ref", "owner", "t"], &rows), expected);
    }
}

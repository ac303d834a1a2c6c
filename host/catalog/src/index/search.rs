//! A quick search over what people know entities by, for the palette and the search page.

use std::cmp::Reverse;
use std::io;
use std::sync::Arc;

use host_model::Entity;
use memchr::memmem::Finder;
use serde_json::Value;

use super::snapshot::{In, Out};
use super::{Id, Index};

/// Longest text that is looked for; the rest is cut off.
const LONGEST_TERM: usize = 200;
/// Most words that are looked for.
const MOST_WORDS: usize = 8;
/// Longest description that is searched.
const LONGEST_DESCRIPTION: usize = 1000;

/// An entity that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub entity_ref: Arc<str>,
    /// The kind as written.
    pub kind: String,
    /// What people call it.
    pub title: String,
    pub description: Option<String>,
    /// `spec.type`.
    pub spec_type: Option<String>,
    /// `spec.owner` as written.
    pub owner: Option<String>,
    /// The higher the better.
    pub score: u32,
}

/// What an entity is found by, in lower case: name, title, labels (tags, owner, type and reference) and description.
#[derive(Debug)]
pub(super) struct Words {
    text: Box<str>,
    /// Where name, title and labels end.
    ends: [u32; 3],
    is_location: bool,
}

impl Words {
    pub(super) fn new(entity: &Entity, entity_ref: &str) -> Self {
        let (name, title) = (entity.name().to_lowercase(), entity.title().to_lowercase());
        let mut labels = entity_ref.to_owned();
        let owner = entity.pointer("/spec/owner").and_then(Value::as_str);
        for label in entity.tags().into_iter().chain(owner).chain(entity.spec_type()) {
            labels.push(' ');
            labels.push_str(label);
        }
        let title = if title == name { String::new() } else { title };
        let description: String = entity.description().unwrap_or_default().chars().take(LONGEST_DESCRIPTION).collect();
        let mut text = String::new();
        let mut ends = [0; 3];
        for (end, part) in ends.iter_mut().zip([&name, &title, &labels.to_lowercase()]) {
            text.push_str(part);
            *end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            // No word goes over the end of its part.
            text.push('\n');
        }
        text.push_str(&description.to_lowercase());
        Self { text: text.into(), ends, is_location: entity.kind().eq_ignore_ascii_case("location") }
    }

    pub(super) fn write(&self, out: &mut Out<'_>) -> io::Result<()> {
        self.ends.iter().try_for_each(|end| out.number(*end))?;
        out.byte(u8::from(self.is_location))?;
        out.text(&self.text)
    }

    pub(super) fn read(from: &mut In<'_>) -> Option<Self> {
        let ends = [from.number()?, from.number()?, from.number()?];
        let (is_location, text) = (from.byte()? == 1, from.text()?);
        let fits = |end: &u32| text.as_bytes().get(*end as usize) == Some(&b'\n');
        (ends.is_sorted() && ends.iter().all(fits)).then(|| Self { text: text.into(), ends, is_location })
    }

    /// Name, title, labels and description.
    fn parts(&self) -> [&str; 4] {
        let [name, title, labels] = self.ends.map(|end| end as usize);
        let text = &*self.text;
        [&text[..name], &text[name + 1..title], &text[title + 1..labels], &text[labels + 1..]]
    }

    /// How well one word fits, or 0.
    fn score(&self, word: &Finder<'_>) -> u32 {
        if word.find(self.text.as_bytes()).is_none() {
            return 0;
        }
        let Ok(word) = std::str::from_utf8(word.needle()) else { return 0 };
        let named = |text: &str| {
            if text == word {
                100
            } else if text.starts_with(word) {
                80
            } else if starts_a_word(text, word) {
                60
            } else if text.contains(word) {
                40
            } else {
                0
            }
        };
        let [name, title, labels, _] = self.parts();
        let best = named(name).max(named(title));
        if best > 0 {
            best
        } else if starts_a_word(labels, word) {
            30
        } else if labels.contains(word) {
            20
        } else {
            10
        }
    }
}

fn starts_a_word(text: &str, word: &str) -> bool {
    text.match_indices(word)
        .any(|(at, _)| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric()))
}

impl Index {
    /// The entities that fit a text best: every word of it must occur. Any text is allowed; no text fits everything.
    pub(crate) fn search(&self, term: &str, limit: usize) -> (Vec<Hit>, usize) {
        let term: String = term.chars().take(LONGEST_TERM).collect::<String>().to_lowercase();
        let whole = term.trim();
        let words: Vec<&str> = whole.split_whitespace().take(MOST_WORDS).collect();
        if words.is_empty() {
            let all = self.ordered.iter().take(limit).filter_map(|&id| self.hit(id, 0));
            return (all.collect(), self.ordered.len());
        }
        let (words, whole): (Vec<Finder<'_>>, _) = (words.iter().map(Finder::new).collect(), Finder::new(whole));
        let mut found: Vec<(Reverse<u32>, u32, Id)> = Vec::new();
        for (rank, &id) in (0..).zip(&self.ordered) {
            let Some(entry) = self.entry(id) else { continue };
            let mut score = 0;
            if words.iter().all(|word| {
                let one = entry.words.score(word);
                score += one;
                one > 0
            }) {
                score /= u32::try_from(words.len()).unwrap_or(1);
                if words.len() > 1 {
                    score = score.max(entry.words.score(&whole));
                }
                // Generated locations are rarely what people look for.
                let score = if entry.words.is_location { score / 2 } else { score };
                found.push((Reverse(score), rank, id));
            }
        }
        let total = found.len();
        if total > limit {
            found.select_nth_unstable(limit);
            found.truncate(limit);
        }
        found.sort_unstable();
        (found.into_iter().filter_map(|(score, _, id)| self.hit(id, score.0)).collect(), total)
    }

    fn hit(&self, id: Id, score: u32) -> Option<Hit> {
        let entry = self.entry(id)?;
        let entity: Entity = serde_json::from_str(entry.text()).ok()?;
        Some(Hit {
            entity_ref: Arc::clone(self.reference(id)),
            kind: entity.kind().to_owned(),
            title: entity.title().to_owned(),
            description: entity.description().map(str::to_owned),
            spec_type: entity.spec_type().map(str::to_owned),
            owner: entity.pointer("/spec/owner").and_then(Value::as_str).map(str::to_owned),
            score,
        })
    }
}

//! A quick search over what people know entities by, for the palette and the search page.

use std::cmp::Reverse;
use std::sync::Arc;

use host_model::Entity;
use serde_json::Value;

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

/// What an entity is found by, in lower case.
#[derive(Debug)]
pub(super) struct Words {
    name: Box<str>,
    title: Box<str>,
    /// Tags, owner, type and reference.
    labels: Box<str>,
    description: Box<str>,
    is_location: bool,
}

impl Words {
    pub(super) fn new(entity: &Entity, entity_ref: &str) -> Self {
        let mut labels = entity_ref.to_owned();
        let owner = entity.pointer("/spec/owner").and_then(Value::as_str);
        for label in entity.tags().into_iter().chain(owner).chain(entity.spec_type()) {
            labels.push(' ');
            labels.push_str(label);
        }
        let description: String = entity.description().unwrap_or_default().chars().take(LONGEST_DESCRIPTION).collect();
        let (name, title) = (entity.name().to_lowercase(), entity.title().to_lowercase());
        Self {
            title: if title == name { "".into() } else { title.into() },
            name: name.into(),
            labels: labels.to_lowercase().into(),
            description: description.to_lowercase().into(),
            is_location: entity.kind().eq_ignore_ascii_case("location"),
        }
    }

    /// How well one word fits, or 0.
    fn score(&self, word: &str) -> u32 {
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
        let best = named(&self.name).max(named(&self.title));
        if best > 0 {
            best
        } else if starts_a_word(&self.labels, word) {
            30
        } else if self.labels.contains(word) {
            20
        } else if self.description.contains(word) {
            10
        } else {
            0
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
                    score = score.max(entry.words.score(whole));
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

//! The changes of the catalog for those who follow it: each with a token to go on from, also after a restart.

use std::time::Duration;

use host_store::{ChangeEntry, ChangeRecord, Happened};

use crate::history::alone;
use crate::{Catalog, ChangeError, Selection};

/// How many changes are read at a time; each may be of some hundred entities.
const CHANGES: usize = 20;
/// How many versions are walked back for what an entity was before a change.
const MOST_WALKED: usize = 1_000;

/// A place in the stream: so many entities of a change have been told, and everything before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    change: i64,
    told: usize,
}

/// What a reader gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub items: Vec<NewsItem>,
    /// The token to go on with.
    pub next: String,
    /// Why the reader's token is not known any more; then it must read everything again, and goes on from `next`.
    pub reset: Option<String>,
}

/// One entity of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsItem {
    pub happened: Happened,
    pub entity_ref: String,
    /// The version that the change made, when it made one.
    pub version: Option<u64>,
    /// What the entity has now; none when it is gone.
    pub etag: Option<String>,
    /// Milliseconds since 1970.
    pub at: i64,
    /// False when it matched before, or may have by its relations, and does not any more.
    pub matches: bool,
    pub token: String,
}

impl Catalog {
    /// What changed since a token, about `limit` entities at most; waits a while when nothing did. Without a token, only
    /// where the present is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn news(
        &self,
        since: Option<&str>,
        selection: &Selection,
        wait: Duration,
        limit: usize,
    ) -> Result<News, ChangeError> {
        let mut visible = self.gate().visible();
        let changes = self.store().catalog_changes();
        let stream = changes.stream().await?;
        let token = |place: Place| format!("{stream}.{}.{}", place.change, place.told);
        let newest = *visible.borrow_and_update();
        // A whole change has been told when the place is before the next.
        let present = Place { change: newest + 1, told: 0 };
        let Some(since) = since else {
            return Ok(News { items: Vec::new(), next: token(present), reset: None });
        };
        let reset = |reason: &str| Ok(News { items: Vec::new(), next: token(present), reset: Some(reason.to_owned()) });
        let Some((of, mut place)) = read_token(since) else {
            return reset("the token cannot be read");
        };
        if of != stream {
            return reset("the token is that of another catalog");
        }
        if place.change > newest + 1 {
            return reset("the token is of a change that this catalog does not have");
        }
        let oldest = changes.oldest().await?;
        if place.change < oldest.unwrap_or(newest + 1) && oldest != Some(1) {
            return reset("the changes since then are no longer kept");
        }
        let waited = tokio::time::sleep(wait);
        tokio::pin!(waited);
        loop {
            let newest = *visible.borrow_and_update();
            let (items, next) = self.read(&stream, place, newest, selection, limit).await?;
            let is_moving = next != place;
            place = next;
            if !items.is_empty() {
                return Ok(News { items, next: token(place), reset: None });
            }
            if is_moving {
                // All of it was left out by the selection.
                continue;
            }
            tokio::select! {
                changed = visible.changed() => if changed.is_err() {
                    return Ok(News { items, next: token(place), reset: None });
                },
                () = &mut waited => return Ok(News { items, next: token(place), reset: None }),
            }
        }
    }

    /// Reads on from a place, as far as readers see.
    async fn read(
        &self,
        stream: &str,
        from: Place,
        newest: i64,
        selection: &Selection,
        limit: usize,
    ) -> Result<(Vec<NewsItem>, Place), ChangeError> {
        if from.change > newest {
            return Ok((Vec::new(), from));
        }
        let records = self.store().catalog_changes().between(from.change, newest, CHANGES).await?;
        let mut place = from;
        let mut items = Vec::new();
        for ChangeRecord { id, at, entries } in records {
            let skip = if id == from.change { from.told } else { 0 };
            let told = entries.len();
            let wanted: Vec<(usize, ChangeEntry)> =
                entries.into_iter().enumerate().skip(skip).take(limit.saturating_sub(items.len())).collect();
            let last = wanted.last().map_or(told, |(at, _)| at + 1);
            for (item, number) in self.items(wanted, at, selection).await? {
                let place = Place { change: id, told: number + 1 };
                items.push(NewsItem { token: format!("{stream}.{}.{}", place.change, place.told), ..item });
            }
            place = if last == told { Place { change: id + 1, told: 0 } } else { Place { change: id, told: last } };
            if items.len() >= limit || last < told {
                break;
            }
        }
        Ok((items, place))
    }

    /// The entities that a reader wants, with their number in the change.
    async fn items(
        &self,
        entries: Vec<(usize, ChangeEntry)>,
        at: i64,
        selection: &Selection,
    ) -> Result<Vec<(NewsItem, usize)>, ChangeError> {
        let now: Vec<(Option<String>, bool)> = {
            let shared = self.reader().shared();
            let bits = (!selection.is_everything()).then(|| selection.evaluate(&shared.index));
            let look = |(_, entry): &(usize, ChangeEntry)| match shared.index.find(&entry.entity_ref) {
                Some((id, found)) => {
                    (Some(found.etag().to_owned()), bits.as_ref().is_none_or(|bits| bits.contains(id)))
                }
                None => (None, bits.is_none()),
            };
            entries.iter().map(look).collect()
        };
        // What others stated of an entity before a change is not kept: who asks by relations rather hears too much.
        let is_relational = selection.key_that(&|key| key.starts_with("relations.")).is_some();
        let mut items = Vec::new();
        for ((number, entry), (etag, matches)) in entries.into_iter().zip(now) {
            let had_one = matches!(entry.happened, Happened::Changed | Happened::Removed);
            let may_have = is_relational && (had_one || entry.happened == Happened::Derived);
            let counts = matches || may_have || had_one && self.matched_before(&entry, selection).await?;
            if !counts {
                continue;
            }
            // What is gone counts as matching when it did until then.
            let matches = matches || entry.happened == Happened::Removed;
            let etag = etag.filter(|_| entry.happened != Happened::Removed);
            let ChangeEntry { happened, version, entity_ref } = entry;
            items.push((NewsItem { happened, entity_ref, version, etag, at, matches, token: String::new() }, number));
        }
        Ok(items)
    }

    /// Whether an entity matched before a change, as far as that version is still kept.
    async fn matched_before(&self, entry: &ChangeEntry, selection: &Selection) -> Result<bool, ChangeError> {
        let Some(before) = entry.version.and_then(|version| version.checked_sub(1)).filter(|before| *before > 0) else {
            return Ok(false);
        };
        let texts = self.store().history().texts(&entry.entity_ref, before, MOST_WALKED).await?;
        let Some(text) = texts.into_iter().find(|text| text.record.version == before) else { return Ok(false) };
        let Some(body) = text.body else { return Ok(false) };
        let shared = alone(&entry.entity_ref, &body, &text.relations)?;
        let bits = selection.evaluate(&shared.index);
        Ok(shared.index.find(&entry.entity_ref).is_some_and(|(id, _)| bits.contains(id)))
    }
}

fn read_token(token: &str) -> Option<(&str, Place)> {
    let mut parts = token.trim().split('.');
    let (stream, change, told) = (parts.next()?, parts.next()?, parts.next()?);
    let change: i64 = change.parse().ok().filter(|change| *change >= 0)?;
    let place = Place { change, told: told.parse().ok()? };
    parts.next().is_none().then_some((stream, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_to_the_letter() {
        let place = |change, told| Some(("abc", Place { change, told }));
        for (token, expected) in [
            ("abc.5.0", place(5, 0)),
            (" abc.5.7 ", place(5, 7)),
            ("abc.5", None),
            ("abc.-5.0", None),
            ("abc.5.0.1", None),
            ("7", None),
            ("", None),
            ("abc.99999999999999999999.0", None),
        ] {
            assert_eq!(read_token(token), expected, "{token}");
        }
    }
}

//! What `status` holds of every entity: the catalog's own findings, and what others say until it expires.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use host_store::StatusRecord;
use serde_json::{Value, json};

/// What one source says of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// `{"items": […]}`.
    pub status: Value,
    /// Milliseconds since 1970.
    pub set_at: i64,
    /// The audit name of who said it.
    pub set_by: String,
    /// Milliseconds since 1970; none when it does not expire.
    pub expires_at: Option<i64>,
}

/// Everything that is said.
#[derive(Debug, Default)]
pub(crate) struct StatusBook {
    /// The catalog's own findings, as JSON.
    own: HashMap<String, Arc<str>>,
    /// By entity and source.
    said: HashMap<String, BTreeMap<String, Said>>,
    count: usize,
}

impl StatusBook {
    /// How many sources say something of some entity, added up.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// What others say of an entity.
    pub(crate) fn said(&self, entity_ref: &str) -> impl Iterator<Item = (&String, &Said)> {
        self.said.get(entity_ref).into_iter().flatten()
    }

    /// Sets the catalog's own findings about an entity.
    pub(crate) fn set_own(&mut self, entity_ref: &str, status: Option<Arc<str>>) {
        match status {
            Some(status) => self.own.insert(entity_ref.to_owned(), status),
            None => self.own.remove(entity_ref),
        };
    }

    /// Takes down what a source says of an entity.
    pub(crate) fn put(&mut self, entity_ref: &str, source: &str, said: Said) {
        let before = self.said.entry(entity_ref.to_owned()).or_default().insert(source.to_owned(), said);
        self.count += usize::from(before.is_none());
    }

    /// Takes back what a source says of an entity.
    pub(crate) fn take_back(&mut self, entity_ref: &str, source: &str) {
        let Some(said) = self.said.get_mut(entity_ref) else { return };
        self.count -= usize::from(said.remove(source).is_some());
        if said.is_empty() {
            self.said.remove(entity_ref);
        }
    }

    /// Forgets an entity that is gone.
    pub(crate) fn forget(&mut self, entity_ref: &str) {
        self.own.remove(entity_ref);
        self.count -= self.said.remove(entity_ref).map_or(0, |said| said.len());
    }

    /// When the next of what is said expires.
    pub(crate) fn next_expiry(&self) -> Option<i64> {
        self.said.values().flat_map(BTreeMap::values).filter_map(|said| said.expires_at).min()
    }

    /// What has expired: entity and source.
    pub(crate) fn expired(&self, now: i64) -> Vec<(String, String)> {
        let is_over = |said: &Said| said.expires_at.is_some_and(|at| at <= now);
        let of = |(entity_ref, sources): (&String, &BTreeMap<String, Said>)| {
            let over = sources.iter().filter(|(_, said)| is_over(said));
            over.map(|(source, _)| (entity_ref.clone(), source.clone())).collect::<Vec<_>>()
        };
        self.said.iter().flat_map(of).collect()
    }

    /// The `status` of an entity as JSON: the catalog's findings first, then what others say, each with its source.
    pub(crate) fn compose(&self, entity_ref: &str) -> Option<Arc<str>> {
        let own = self.own.get(entity_ref);
        if !self.said.contains_key(entity_ref) {
            return own.cloned();
        }
        let own: Value = own.and_then(|own| serde_json::from_str(own).ok()).unwrap_or_else(|| json!({ "items": [] }));
        let mut items = own["items"].as_array().cloned().unwrap_or_default();
        for (source, said) in self.said(entity_ref) {
            for item in said.status["items"].as_array().into_iter().flatten() {
                let mut item = item.clone();
                item["source"] = Value::String(source.clone());
                items.push(item);
            }
        }
        if items.is_empty() { None } else { Some(json!({ "items": items }).to_string().into()) }
    }
}

impl From<&StatusRecord> for Said {
    fn from(record: &StatusRecord) -> Self {
        Self {
            status: serde_json::from_str(&record.status).unwrap_or_else(|_| json!({ "items": [] })),
            set_at: record.set_at,
            set_by: record.set_by.clone(),
            expires_at: record.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(message: &str, expires_at: Option<i64>) -> Said {
        let status = json!({ "items": [{ "type": "t", "level": "info", "message": message }] });
        Said { status, set_at: 0, set_by: "administrator".into(), expires_at }
    }

    #[test]
    fn findings_and_what_others_say_stand_side_by_side() {
        let mut book = StatusBook::default();
        book.set_own("a", Some(r#"{"items":[{"type":"own"}]}"#.into()));
        book.put("a", "ci", said("red", Some(5)));
        book.put("a", "ci", said("green", Some(9)));
        book.put("a", "audit", said("late", None));
        let status: Value = serde_json::from_str(&book.compose("a").unwrap()).unwrap();
        let told: Vec<_> =
            status["items"].as_array().unwrap().iter().map(|item| (&item["source"], &item["message"])).collect();
        assert_eq!(
            told,
            [(&Value::Null, &Value::Null), (&json!("audit"), &json!("late")), (&json!("ci"), &json!("green"))]
        );
        assert_eq!((book.count(), book.next_expiry(), book.expired(8), book.expired(9).len()), (2, Some(9), vec![], 1));
        book.take_back("a", "ci");
        book.take_back("a", "ci");
        book.take_back("a", "audit");
        assert_eq!((&*book.compose("a").unwrap(), book.count()), (r#"{"items":[{"type":"own"}]}"#, 0));
        book.put("a", "ci", said("red", None));
        book.forget("a");
        assert_eq!((book.compose("a"), book.count()), (None, 0));
    }
}

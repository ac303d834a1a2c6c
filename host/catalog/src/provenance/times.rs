//! When the value of a field last changed, as far as earlier versions are kept.

use host_store::{Came, VersionText};
use serde_json::Value;

/// The versions of an entity, the newest first, as far back as nothing is missing.
pub(super) struct Times(Vec<Version>);

struct Version {
    number: u64,
    since: Option<i64>,
    /// Whether nothing came before it.
    is_first: bool,
    body: Value,
}

impl Times {
    pub(super) fn new(texts: &[VersionText]) -> Self {
        let mut versions = Vec::new();
        for text in texts {
            let Some(body) = text.body.as_deref().and_then(|body| serde_json::from_str(body).ok()) else { break };
            versions.push(Version {
                number: text.record.version,
                since: text.record.since,
                is_first: matches!(text.record.came, Came::Created | Came::Returned),
                body,
            });
        }
        Self(versions)
    }

    /// The version that brought the present value at a pointer, and when; nothing where that is no longer kept.
    pub(super) fn of(&self, pointer: &str) -> (Option<u64>, Option<i64>) {
        let Some(present) = self.0.first() else { return (None, None) };
        let value = present.body.pointer(pointer);
        let mut brought = present;
        for version in &self.0[1..] {
            if version.body.pointer(pointer) != value {
                return (Some(brought.number), brought.since);
            }
            brought = version;
        }
        if brought.is_first { (Some(brought.number), brought.since) } else { (None, None) }
    }
}

#[cfg(test)]
mod tests {
    use host_store::VersionRecord;

    use super::*;

    fn text(version: u64, came: Came, body: Option<&str>) -> VersionText {
        let record = VersionRecord {
            version,
            came,
            since: Some(i64::try_from(version).unwrap() * 10),
            until: None,
            source: String::new(),
            origin: String::new(),
            cause: None,
            etag: None,
        };
        VersionText { record, body: body.map(str::to_owned), relations: "[]".into() }
    }

    #[test]
    fn a_value_is_as_old_as_the_version_that_brought_it() {
        let all = [
            text(4, Came::Changed, Some(r#"{"a":1,"b":2,"c":3}"#)),
            text(3, Came::Changed, Some(r#"{"a":1,"b":2}"#)),
            text(2, Came::Changed, Some(r#"{"a":1,"b":1}"#)),
            text(1, Came::Created, Some(r#"{"a":1}"#)),
        ];
        let times = Times::new(&all);
        for (pointer, expected) in [("/a", 1), ("/b", 3), ("/c", 4)] {
            assert_eq!(times.of(pointer), (Some(expected), Some(i64::try_from(expected).unwrap() * 10)), "{pointer}");
        }
        assert_eq!(Times::new(&all[..3]).of("/a"), (None, None));
        let returned = [text(3, Came::Returned, Some(r#"{"a":1}"#)), text(2, Came::Removed, None)];
        assert_eq!(Times::new(&returned).of("/a"), (Some(3), Some(30)));
        assert_eq!(Times::new(&[]).of("/a"), (None, None));
    }
}

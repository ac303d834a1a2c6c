//! Which commit an address means.

use gix_hash::ObjectId;

use crate::sources::address::{Locator, is_commit};
use crate::sources::git::session::Head;

/// The commit that an address means, with the reference and the path that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) commit: ObjectId,
    pub(crate) reference: String,
    pub(crate) path: String,
}

/// What the server is asked for: the beginnings of whole names.
pub(crate) fn prefixes(locator: &Locator) -> Vec<String> {
    let first = locator.splits().into_iter().next().map(|(reference, _)| reference).unwrap_or_default();
    match first.as_str() {
        "HEAD" => vec![first],
        // Whole names, also where a slash was not written as part of the reference.
        _ if first == "refs" || first.starts_with("refs/") => vec![first],
        _ => vec![format!("refs/heads/{first}"), format!("refs/tags/{first}")],
    }
}

/// The commit, if the address names it itself.
pub(crate) fn named_commit(locator: &Locator) -> Option<Found> {
    let (reference, path) = locator.splits().into_iter().next()?;
    let commit = is_commit(&reference).then(|| ObjectId::from_hex(reference.as_bytes()).ok()).flatten()?;
    Some(Found { commit, reference, path })
}

/// The reference that an address means. Of two that fit, the longer one is meant; a branch comes before a tag.
pub(crate) fn choose(locator: &Locator, heads: &[Head]) -> Option<Found> {
    let splits = locator.splits();
    for space in ["refs/heads/", "refs/tags/", ""] {
        for (reference, path) in splits.iter().rev() {
            let is_meant = |head: &&Head| head.name.strip_prefix(space) == Some(reference);
            if space.is_empty() && reference != "HEAD" && !reference.starts_with("refs/") {
                continue;
            }
            if let Some(head) = heads.iter().find(is_meant) {
                return Some(Found { commit: head.object, reference: reference.clone(), path: path.clone() });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn heads() -> Vec<Head> {
        let names =
            ["HEAD", "refs/heads/main", "refs/heads/feature/x", "refs/heads/v1", "refs/tags/v1", "refs/tags/a/b"];
        let object = |index: usize| ObjectId::from_hex(format!("{index:040x}").as_bytes()).unwrap();
        names.iter().enumerate().map(|(index, name)| Head { name: (*name).to_owned(), object: object(index) }).collect()
    }

    #[rstest]
    #[case(&["main", "a", "b.yaml"], Some((1, "main", "a/b.yaml")))]
    #[case(&["feature", "x", "b.yaml"], Some((2, "feature/x", "b.yaml")))]
    #[case(&["v1", "b.yaml"], Some((3, "v1", "b.yaml")))]
    #[case(&["a", "b", "c"], Some((5, "a/b", "c")))]
    #[case(&["HEAD", "c"], Some((0, "HEAD", "c")))]
    #[case(&["refs", "tags", "v1", "c"], Some((4, "refs/tags/v1", "c")))]
    #[case(&["feature", "y", "b.yaml"], None)]
    #[case(&["mai", "b.yaml"], None)]
    fn references(#[case] names: &[&str], #[case] expected: Option<(usize, &str, &str)>) {
        let locator = Locator::Joined(names.iter().map(|name| (*name).to_owned()).collect());
        let found = choose(&locator, &heads());
        let expected = expected.map(|(index, reference, path)| Found {
            commit: heads()[index].object,
            reference: reference.to_owned(),
            path: path.to_owned(),
        });
        assert_eq!(found, expected);
        if expected.is_some() {
            let wanted = prefixes(&locator);
            let name = heads().into_iter().find(|head| Some(head.object) == found.as_ref().map(|found| found.commit));
            assert!(wanted.iter().any(|prefix| name.as_ref().unwrap().name.starts_with(prefix)), "{wanted:?}");
        }
    }

    #[test]
    fn a_commit_needs_no_listing() {
        let name = "0123456789abcdef0123456789abcdef01234567";
        let found = named_commit(&Locator::Joined(vec![name.into(), "a".into(), "b".into()])).unwrap();
        assert_eq!((found.commit.to_string().as_str(), found.path.as_str()), (name, "a/b"));
        assert_eq!(named_commit(&Locator::Joined(vec!["main".into(), "a".into()])), None);
    }
}

//! Relations between entities and the pairs in which they come.

use serde::{Deserialize, Serialize};

use crate::EntityRef;

/// A relation as it is seen from the entity that holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relation {
    /// Its name, such as `ownedBy`.
    #[serde(rename = "type")]
    pub name: String,
    pub target_ref: EntityRef,
}

/// The pairs that the catalog model defines: each name and its opposite.
pub const PAIRS: [(&str, &str); 7] = [
    ("ownedBy", "ownerOf"),
    ("providesApi", "apiProvidedBy"),
    ("consumesApi", "apiConsumedBy"),
    ("dependsOn", "dependencyOf"),
    ("parentOf", "childOf"),
    ("memberOf", "hasMember"),
    ("partOf", "hasPart"),
];

/// The name of the same relation seen from the other end, when the pair is known.
pub fn opposite(name: &str) -> Option<&'static str> {
    PAIRS.iter().find_map(|&(forward, backward)| {
        if name == forward {
            Some(backward)
        } else if name == backward {
            Some(forward)
        } else {
            None
        }
    })
}

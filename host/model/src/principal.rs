//! Who asks.

use serde::{Deserialize, Serialize};

use crate::EntityRef;

/// On whose behalf something is done. There is no "nobody": who is unknown is a guest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Principal {
    /// A person who has not signed in.
    Guest,
    /// A person, by catalog entity.
    User { entity: EntityRef },
    /// The holder of the administrator's token.
    Administrator,
    /// A plugin that acts of its own accord.
    Plugin { id: String },
    /// Callboard itself: ingestion, schedules, start-up.
    System,
}

impl Principal {
    /// The person's catalog entity, when there is one.
    pub fn user(&self) -> Option<&EntityRef> {
        match self {
            Self::User { entity } => Some(entity),
            _ => None,
        }
    }

    /// The name used in logs and in the audit log: an entity reference or `guest`, `administrator`, `plugin:ID`, `system`.
    pub fn audit_name(&self) -> String {
        match self {
            Self::Guest => "guest".to_owned(),
            Self::User { entity } => entity.to_string(),
            Self::Administrator => "administrator".to_owned(),
            Self::Plugin { id } => format!("plugin:{id}"),
            Self::System => "system".to_owned(),
        }
    }
}

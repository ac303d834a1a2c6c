//! Who may do what.
//!
//! One function decides; everything that changes something asks it first. It knows principals and the names of actions,
//! and neither how something is done nor where it is kept.

use host_model::Principal;

/// Something that a principal may want to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See entities, locations, docs and search results.
    ReadCatalog,
    /// Let the catalog read a further location.
    RegisterLocation,
    /// Remove a registered location with everything that it brought.
    RemoveLocation,
    /// Have an entity read again.
    RefreshEntity,
    /// Remove an entity.
    DeleteEntity,
    /// Say from outside how an entity is doing, or take that back.
    SetStatus,
    /// Carry out removals that the deletion guard holds back.
    ApproveDeletions,
    /// Start a template task.
    RunTemplate,
    /// See template tasks and their logs.
    ReadTasks,
    /// Stop a task, or let it go on.
    ControlTask,
    /// Carry out an action that a card offers.
    ActOnCard,
    /// See which plugins there are and how they are doing.
    ReadPlugins,
    /// Install, remove, enable or configure plugins.
    AdministerPlugins,
    /// See who changed what.
    ReadAuditLog,
}

impl Action {
    /// What it is called in messages: "you may not ...".
    pub fn words(self) -> &'static str {
        match self {
            Self::ReadCatalog => "read the catalog",
            Self::RegisterLocation => "register locations",
            Self::RemoveLocation => "remove locations",
            Self::RefreshEntity => "refresh entities",
            Self::DeleteEntity => "delete entities",
            Self::SetStatus => "set the status of entities",
            Self::ApproveDeletions => "approve deletions",
            Self::RunTemplate => "run templates",
            Self::ReadTasks => "read tasks",
            Self::ControlTask => "cancel or retry tasks",
            Self::ActOnCard => "use the actions of cards",
            Self::ReadPlugins => "see plugins",
            Self::AdministerPlugins => "administer plugins",
            Self::ReadAuditLog => "read the audit log",
        }
    }

    fn needs_administrator(self) -> bool {
        matches!(
            self,
            Self::RemoveLocation
                | Self::DeleteEntity
                | Self::SetStatus
                | Self::ApproveDeletions
                | Self::AdministerPlugins
                | Self::ReadAuditLog
        )
    }
}

/// A principal may not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{principal} may not {} ({resource}); send the administrator's token from DATA/admin-token as a bearer token", .action.words())]
pub struct Denied {
    /// The principal's audit name.
    pub principal: String,
    pub action: Action,
    /// What it was to be done to.
    pub resource: String,
}

/// Decides whether a principal may do something to a resource, named as in the audit log.
///
/// # Errors
/// When it may not.
pub fn authorize(principal: &Principal, action: Action, resource: &str) -> Result<(), Denied> {
    let allowed = match principal {
        Principal::Administrator | Principal::System => true,
        Principal::Guest | Principal::User { .. } => !action.needs_administrator(),
        // Plugins act of their own accord only by reading; whatever else they do, they do for a person.
        Principal::Plugin { .. } => matches!(action, Action::ReadCatalog),
    };
    if allowed {
        Ok(())
    } else {
        Err(Denied { principal: principal.audit_name(), action, resource: resource.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_read_and_run_and_administrators_delete() {
        let guest = Principal::Guest;
        let plugin = Principal::Plugin { id: "p".into() };
        for (principal, action, allowed) in [
            (&guest, Action::ReadCatalog, true),
            (&guest, Action::RunTemplate, true),
            (&guest, Action::RegisterLocation, true),
            (&guest, Action::DeleteEntity, false),
            (&guest, Action::SetStatus, false),
            (&guest, Action::RemoveLocation, false),
            (&guest, Action::AdministerPlugins, false),
            (&Principal::Administrator, Action::DeleteEntity, true),
            (&Principal::System, Action::ApproveDeletions, true),
            (&plugin, Action::ReadCatalog, true),
            (&plugin, Action::RunTemplate, false),
        ] {
            assert_eq!(authorize(principal, action, "x").is_ok(), allowed, "{principal:?} {action:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let denied = authorize(&Principal::Guest, Action::DeleteEntity, "component:default/a").unwrap_err();
        assert_eq!(
            denied.to_string(),
            "guest may not delete entities (component:default/a); send the administrator's token from DATA/admin-token as a bearer token"
        );
    }
}

//! What a location would bring, before it is registered.

use std::sync::Arc;

use host_model::Principal;
use host_policy::{Action, authorize};

use crate::ingest::Finding;
use crate::{Catalog, ChangeError};

/// What a location would bring.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preview {
    /// Whether it is registered already.
    pub existed: bool,
    /// The entities as JSON text, without `uid` and `etag`: the Location entity that would stand for it first, then what
    /// it leads to in the order in which it is found.
    pub entities: Vec<Arc<str>>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

impl Catalog {
    /// Reads a location of type `url`, and all that it leads to, without keeping anything.
    ///
    /// # Errors
    /// When the principal may not register locations, or the location is none that may be registered. What cannot be
    /// read, or holds what is wrong, is a finding and no error.
    pub async fn preview(
        &self,
        principal: &Principal,
        location_type: &str,
        target: &str,
    ) -> Result<Preview, ChangeError> {
        authorize(principal, Action::RegisterLocation, target)?;
        self.check_registrable(location_type, target)?;
        Err(ChangeError::InvalidInput(format!("{target} cannot be read: addresses are not read yet")))
    }
}

//! What every route can reach.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use host_api::{ApiError, ApiResult, Portal, SiteInfo};
use host_auth::Auth;
use tokio_util::sync::CancellationToken;

use crate::security::ContentPolicy;
use crate::{AllowedHosts, Assets, Cors, Readiness};

/// What the server is told by the configuration.
#[derive(Clone)]
pub struct ServerOptions {
    pub site: SiteInfo,
    pub hosts: AllowedHosts,
    pub cors: Cors,
    /// `backend.csp`.
    pub content_policy: BTreeMap<String, Vec<String>>,
    /// The administrator's token; requests that bear it are the administrator's.
    pub admin_token: String,
    /// Makes and checks the tokens of people.
    pub auth: Arc<Auth>,
}

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct AppState(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// Set once start-up has come far enough; the socket answers before.
    portal: OnceLock<Arc<dyn Portal>>,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) assets: Assets,
    pub(crate) site: Arc<SiteInfo>,
    pub(crate) hosts: AllowedHosts,
    pub(crate) cors: Cors,
    pub(crate) content_policy: ContentPolicy,
    pub(crate) admin_token: String,
    pub(crate) auth: Arc<Auth>,
    /// Cancelled when shutdown begins, so that streams end and tell their readers to come back.
    pub(crate) shutdown: CancellationToken,
    pub(crate) metrics: Box<dyn Fn() -> String + Send + Sync>,
}

impl AppState {
    /// The state of a server that has no portal yet.
    pub fn new(
        options: ServerOptions,
        assets: Assets,
        readiness: Arc<Readiness>,
        shutdown: CancellationToken,
        metrics: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        let mut site = options.site;
        site.assets = assets.addresses();
        Self(Arc::new(Inner {
            portal: OnceLock::new(),
            readiness,
            assets,
            site: Arc::new(site),
            hosts: options.hosts,
            cors: options.cors,
            content_policy: ContentPolicy::new(&options.content_policy),
            admin_token: options.admin_token,
            auth: options.auth,
            shutdown,
            metrics: Box::new(metrics),
        }))
    }

    /// From now on requests are answered.
    pub fn set_portal(&self, portal: Arc<dyn Portal>) {
        if self.0.portal.set(portal).is_err() {
            tracing::warn!("the portal was set twice; the first one stays");
        }
    }

    /// The portal.
    ///
    /// # Errors
    /// While start-up has not come far enough.
    pub(crate) fn portal(&self) -> ApiResult<&Arc<dyn Portal>> {
        self.0.portal.get().ok_or_else(|| {
            ApiError::unavailable(format!(
                "Callboard is starting; waiting for: {}",
                self.0.readiness.pending().join(", ")
            ))
        })
    }
}

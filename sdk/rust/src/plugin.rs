//! Who a plugin is and what it asks for.

use serde_json::Value;

use crate::raw::plugin as raw;

/// What every plugin says of itself.
pub trait Plugin: 'static {
    /// Called once for each new file, without any capability; the answer must be the same every time.
    fn describe() -> Description;
}

/// Who a plugin is and what it asks for. Without upstreams and written paths it serves at once; otherwise the
/// administrator is asked first.
#[derive(Debug, Clone, PartialEq)]
pub struct Description(raw::Description);

impl Description {
    /// A plugin with an id (lower-case letters, digits and dashes), a semantic version and a title for people.
    pub fn new(id: impl Into<String>, version: impl Into<String>, title: impl Into<String>) -> Self {
        Self(raw::Description {
            id: id.into(),
            version: version.into(),
            title: title.into(),
            summary: String::new(),
            homepage: None,
            upstreams: Vec::new(),
            config_schema: None,
        })
    }

    /// One sentence: what it does for whom.
    #[must_use]
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.0.summary = summary.into();
        self
    }

    /// Where to read more: an `https:` address.
    #[must_use]
    pub fn homepage(mut self, homepage: impl Into<String>) -> Self {
        self.0.homepage = Some(homepage.into());
        self
    }

    /// Asks for an HTTP service.
    #[must_use]
    pub fn upstream(mut self, upstream: Upstream) -> Self {
        self.0.upstreams.push(upstream.0);
        self
    }

    /// The JSON Schema of the plugin's own configuration; [`config::get`](crate::config::get) reads it.
    #[must_use]
    pub fn config_schema(mut self, schema: &Value) -> Self {
        self.0.config_schema = Some(schema.to_string());
        self
    }

    pub(crate) fn into_raw(self) -> raw::Description {
        self.0
    }
}

/// An HTTP service that a plugin wants to call as `http://NAME/…`. The administrator binds the name to an address, a
/// credential and limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Upstream(raw::Upstream);

impl Upstream {
    /// A service by the name used in URLs, and what it is called for, in words that help the administrator to decide.
    pub fn new(name: impl Into<String>, purpose: impl Into<String>) -> Self {
        Self(raw::Upstream { name: name.into(), purpose: purpose.into(), routes: Vec::new() })
    }

    /// A request that will be made: a method, and a path whose segments are literal, `*` (one segment) or, at the end,
    /// `**` (any number).
    #[must_use]
    pub fn route(mut self, method: impl Into<String>, path: impl Into<String>) -> Self {
        self.0.routes.push(raw::Route { method: method.into(), path: path.into() });
        self
    }
}

//! What the administrator says of plugins and of the services that they may call.

use std::collections::BTreeMap;
use std::time::Duration;

use host_fetch::{BindingError, UpstreamBinding};
use host_model::Secret;
use serde_json::Value;

/// Everything that the configuration says of plugins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PluginsConfig {
    /// By plugin id.
    pub plugins: BTreeMap<String, PluginSettings>,
    /// By the name of the binding.
    pub upstreams: BTreeMap<String, BindingSettings>,
}

/// What the configuration says of one plugin.
#[derive(Clone, PartialEq)]
pub struct PluginSettings {
    /// Whether it is to run.
    pub enabled: bool,
    /// Names of upstreams as the plugin says them (`github`, `eu.github`) with the names of their bindings.
    pub upstreams: BTreeMap<String, String>,
    /// Paths of entities that it may write.
    pub write: Vec<String>,
    /// Its own configuration.
    pub config: Value,
}

impl Default for PluginSettings {
    fn default() -> Self {
        Self { enabled: true, upstreams: BTreeMap::new(), write: Vec::new(), config: Value::Object(Default::default()) }
    }
}

/// A plugin's configuration may hold what it should not, so it is not printed.
impl std::fmt::Debug for PluginSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PluginSettings")
            .field("enabled", &self.enabled)
            .field("upstreams", &self.upstreams)
            .field("write", &self.write)
            .finish_non_exhaustive()
    }
}

/// An HTTP service under `upstreams:` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingSettings {
    /// The base URL of all requests.
    pub target: String,
    /// Headers added to every request.
    pub headers: Vec<(String, Secret<String>)>,
    /// Whether private, loopback and link-local addresses may be connected to.
    pub allow_private_network: bool,
    /// From the first connection to the last byte; none takes the default.
    pub timeout: Option<Duration>,
    /// The most bytes of one answer; none takes the default.
    pub max_response_bytes: Option<u64>,
}

impl BindingSettings {
    /// A binding to a base URL with the defaults.
    pub fn to(target: &str) -> Self {
        Self {
            target: target.to_owned(),
            headers: Vec::new(),
            allow_private_network: false,
            timeout: None,
            max_response_bytes: None,
        }
    }

    pub(crate) fn binding(&self) -> Result<UpstreamBinding, BindingError> {
        let mut binding = UpstreamBinding::new(&self.target)?;
        for (name, value) in &self.headers {
            binding = binding.with_header(name, value.expose())?;
        }
        binding.allow_private_network = self.allow_private_network;
        if let Some(timeout) = self.timeout {
            binding.timeout = timeout;
        }
        if let Some(bytes) = self.max_response_bytes {
            binding.max_response_bytes = bytes;
        }
        Ok(binding)
    }
}

/// The bindings that can be used, and what is wrong with the others.
pub(crate) struct Bindings {
    pub(crate) usable: BTreeMap<String, UpstreamBinding>,
    pub(crate) broken: BTreeMap<String, BindingError>,
}

impl Bindings {
    pub(crate) fn read(settings: &BTreeMap<String, BindingSettings>) -> Self {
        let mut bindings = Self { usable: BTreeMap::new(), broken: BTreeMap::new() };
        for (name, settings) in settings {
            match settings.binding() {
                Ok(binding) => drop(bindings.usable.insert(name.clone(), binding)),
                Err(error) => drop(bindings.broken.insert(name.clone(), error)),
            }
        }
        bindings
    }
}

//! Plugins that serve: their calls, what these may reach and cost, and the ports through which features see them.

pub(crate) mod account;
pub(crate) mod adapters;
pub(crate) mod breaker;
pub(crate) mod catalog;
pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod registry;
pub(crate) mod running;
pub(crate) mod upstreams;
pub(crate) mod values;

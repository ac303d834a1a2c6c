//! What all serving plugins add together, replaced as a whole whenever something changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use host_ports::{Action, CardRenderer, LogLevel, LogSink, Processor};
use host_runtime::sha256_hex;

use super::adapters::{PluginAction, PluginCard, PluginProcessor};
use super::live::Live;

/// The extensions of all serving plugins.
#[derive(Default)]
pub(crate) struct Registry {
    pub(crate) live: BTreeMap<String, Arc<Live>>,
    pub(crate) processors: Vec<Arc<dyn Processor>>,
    pub(crate) actions: Vec<Arc<dyn Action>>,
    pub(crate) cards: Vec<Arc<dyn CardRenderer>>,
}

impl Registry {
    /// The extensions of these plugins, by id. Of two actions with one identifier the first plugin's is taken.
    pub(crate) fn of(live: BTreeMap<String, Arc<Live>>) -> Self {
        let mut registry = Self::default();
        let mut actions: BTreeMap<String, Arc<dyn Action>> = BTreeMap::new();
        for plugin in live.values() {
            let told = &plugin.loaded.told;
            if let Some(declaration) = &told.processor {
                registry.processors.push(Arc::new(PluginProcessor {
                    live: Arc::clone(plugin),
                    version: version_of(plugin),
                    declaration: declaration.clone(),
                }));
            }
            for declaration in &told.cards {
                let (live, declaration) = (Arc::clone(plugin), declaration.clone());
                registry.cards.push(Arc::new(PluginCard { live, declaration }));
            }
            for declaration in &told.actions {
                if let Some(other) = actions.get(&declaration.id) {
                    let owner = other.declaration().plugin.as_deref().unwrap_or("another");
                    let text =
                        format!("its action {} is not used: the plugin {owner} has one of that name", declaration.id);
                    plugin.log.line(LogLevel::Warn, &text);
                    continue;
                }
                let action = PluginAction { live: Arc::clone(plugin), declaration: declaration.clone() };
                actions.insert(declaration.id.clone(), Arc::new(action));
            }
        }
        registry.actions = actions.into_values().collect();
        registry.live = live;
        registry
    }
}

/// Changes with the plugin's code and with its configuration: either may change what it makes of an entity.
fn version_of(plugin: &Live) -> String {
    let mut version = sha256_hex([plugin.loaded.sha256.as_bytes(), plugin.config.as_bytes()].concat().as_slice());
    version.truncate(24);
    version
}

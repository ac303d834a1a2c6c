//! Puts the features together. What they are told is translated here from the configuration, so that no feature knows
//! the file's format.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use host_api::SiteInfo;
use host_auth::Auth;
use host_catalog::{
    AllowedKind, Catalog, CatalogConfig, ConfiguredLocation, Forge, ForgeKind, InventoryConfig, Orphans, Rule,
    RuleLocation,
};
use host_config::{Config, LocationKind, OrphanStrategy};
use host_contract::CompileCommand;
use host_fetch::Fetcher;
use host_jobs::Jobs;
use host_model::Secret;
use host_plugins::{BindingSettings, BuiltIn, PluginHost, PluginHostOptions, PluginSettings, PluginsConfig};
use host_ports::{CatalogReader, Extensions, LocationRegistrar, ProviderSchedule};
use host_scaffolder::{Author, Scaffolder, ScaffolderOptions};
use host_server::{AllowedHosts, Cors, Features, LocalPortal, ServerOptions};
use host_store::{HistoryLimits, Store, keep_private};

use crate::{bundle, sources};

/// The file of the administrator's token in the data folder.
const ADMIN_TOKEN: &str = "admin-token";
/// The file of the keys that tokens are signed with.
const AUTH_KEYS: &str = "auth-keys.json";

/// A running portal without its server.
pub(crate) struct Portal {
    pub(crate) local: Arc<LocalPortal>,
    catalog: Catalog,
    plugins: PluginHost,
    jobs: Jobs,
    store: Store,
}

impl Portal {
    /// Starts all features on an open store.
    pub(crate) async fn start(config: &Config, data: &Path, store: Store) -> anyhow::Result<Self> {
        let (jobs, fetcher) = (Jobs::new(), Fetcher::default());
        let plugins = PluginHost::start(PluginHostOptions {
            data: data.to_owned(),
            built_in: bundle::plugins().iter().map(|asset| BuiltIn { file: asset.name, wasm: asset.bytes }).collect(),
            config: plugins_config(config),
            compiler: compile_command(),
            store: store.clone(),
            fetcher: fetcher.clone(),
        })?;
        let extensions: Arc<dyn Extensions> = Arc::new(plugins.clone());
        let catalog = Catalog::start(
            catalog_config(config, data),
            store.clone(),
            Arc::clone(&extensions),
            Some(sources::reader(config, data, fetcher)),
            &jobs,
        )
        .await?;
        let reader: Arc<dyn CatalogReader> = Arc::new(catalog.clone());
        let registrar: Arc<dyn LocationRegistrar> = Arc::new(catalog.clone());
        plugins.set_catalog(Arc::clone(&reader));
        let scaffolder = Scaffolder::start(
            scaffolder_options(config, data),
            store.clone(),
            reader,
            registrar,
            Arc::clone(&extensions),
            &jobs,
        )
        .await?;
        let features = Features {
            catalog: catalog.clone(),
            scaffolder,
            plugins: plugins.clone(),
            extensions,
            store: store.clone(),
        };
        Ok(Self { local: Arc::new(LocalPortal::new(features)), catalog, plugins, jobs, store })
    }

    /// Ends when every configured location has been read once, or at once when the database holds them already.
    pub(crate) fn catalog_read(&self) -> impl Future<Output = ()> + Send + use<> {
        let catalog = self.catalog.clone();
        async move { catalog.ready().await }
    }

    /// Ends when every plugin file has reached a final state, or after ten seconds.
    pub(crate) fn plugins_settled(&self) -> impl Future<Output = ()> + Send + use<> {
        let (plugins, catalog) = (self.plugins.clone(), self.catalog.clone());
        async move {
            plugins.settled().await;
            catalog.extensions_settled();
        }
    }

    /// Ends what runs, with patience for calls and steps.
    pub(crate) async fn stop(&self, patience: Duration) {
        let (ended, ()) = tokio::join!(self.jobs.shut_down(patience), self.plugins.shutdown());
        if !ended {
            tracing::warn!("some background work did not end in time");
        }
    }

    /// Leaves the database as one file, and beside it what makes the next start quick.
    pub(crate) async fn close(&self) {
        self.catalog.save().await;
        self.store.close().await;
        if let Err(error) = self.store.checkpoint().await {
            tracing::warn!(%error, "the write-ahead log was not merged; that happens at the next start");
        }
    }
}

/// The administrator's token: the one in the data folder, or a new one.
pub(crate) fn admin_token(data: &Path) -> anyhow::Result<String> {
    let path = data.join(ADMIN_TOKEN);
    match std::fs::read_to_string(&path) {
        Ok(token) if !token.trim().is_empty() => {
            keep_private(&path).with_context(|| format!("{} cannot be kept from others", path.display()))?;
            return Ok(token.trim().to_owned());
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
    let token: String =
        [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].iter().map(|part| part.simple().to_string()).collect();
    let written = keep_private(&path).and_then(|()| std::fs::write(&path, format!("{token}\n")));
    written.with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(token)
}

/// Makes and checks tokens, with keys of this data folder. The issuer is where the portal says that it is reached.
pub(crate) fn auth(config: &Config, data: &Path, listen: SocketAddr) -> Arc<Auth> {
    let base = config.backend.base_url.as_ref().map_or_else(|| format!("http://{listen}"), ToString::to_string);
    let clock = host_store::system_clock();
    let seconds = move || u64::try_from(clock() / 1000).unwrap_or_default();
    Arc::new(Auth::open(&data.join(AUTH_KEYS), &base, Arc::new(seconds)))
}

/// Plugins are compiled by this same program in a process of its own, so that a compiler that takes too much takes
/// nothing with it.
pub(crate) fn compile_command() -> Option<CompileCommand> {
    let program = std::env::current_exe().ok()?;
    Some(CompileCommand { program, args: vec!["compile-plugin".into()] })
}

/// What the server is told.
pub(crate) fn server_options(
    config: &Config,
    listen: SocketAddr,
    admin_token: String,
    auth: Arc<Auth>,
) -> ServerOptions {
    let own: Vec<String> =
        [&config.app.base_url, &config.backend.base_url].into_iter().flatten().map(ToString::to_string).collect();
    let cors = config.backend.cors.clone().unwrap_or_default();
    ServerOptions {
        site: SiteInfo {
            title: config.app.title.clone(),
            organization: config.organization.name.clone().unwrap_or_default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..SiteInfo::default()
        },
        hosts: AllowedHosts::new(listen, own.iter().map(String::as_str)),
        cors: Cors { origins: cors.origin, methods: cors.methods, credentials: cors.credentials, own },
        // `false` in the configuration takes a directive away, and so does an empty list here.
        content_policy: config
            .backend
            .csp
            .iter()
            .map(|(name, values)| (name.clone(), values.clone().unwrap_or_default()))
            .collect(),
        admin_token,
        auth,
    }
}

fn plugins_config(config: &Config) -> PluginsConfig {
    let plugins = config.plugins.iter().map(|(id, plugin)| {
        let settings = PluginSettings {
            enabled: plugin.enabled,
            upstreams: plugin.upstreams.clone(),
            write: plugin.grants.write.clone(),
            config: plugin.config.clone(),
        };
        (id.clone(), settings)
    });
    let upstreams = config.upstreams.iter().map(|(name, upstream)| {
        let binding = BindingSettings {
            target: upstream.target.to_string(),
            headers: upstream
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), Secret::new(value.expose().clone())))
                .collect(),
            allow_private_network: upstream.allow_private_network,
            timeout: Some(upstream.timeout),
            max_response_bytes: Some(upstream.max_response_bytes),
        };
        (name.clone(), binding)
    });
    PluginsConfig { plugins: plugins.collect(), upstreams: upstreams.collect() }
}

fn scaffolder_options(config: &Config, data: &Path) -> ScaffolderOptions {
    let settings = &config.scaffolder;
    ScaffolderOptions {
        concurrent_tasks_limit: settings.concurrent_tasks_limit,
        task_timeout: settings.task_timeout,
        default_author: Author {
            name: settings.default_author_name.clone(),
            email: settings.default_author_email.clone(),
        },
        default_commit_message: settings.default_commit_message.clone(),
        ..ScaffolderOptions::new(data)
    }
}

fn catalog_config(config: &Config, data: &Path) -> CatalogConfig {
    let settings = &config.catalog;
    let mut rules: Vec<Rule> = settings.rules.iter().map(rule).collect();
    if rules.is_empty() {
        rules = Rule::defaults();
    }
    let locations = settings.locations.iter().map(|location| ConfiguredLocation {
        location_type: match location.kind {
            LocationKind::File => "file".to_owned(),
            LocationKind::Url => "url".to_owned(),
        },
        target: location.target.clone(),
        rules: if location.allow.is_empty() {
            Vec::new()
        } else {
            vec![Rule { allow: kinds(&location.allow), locations: Vec::new() }]
        },
    });
    // What the configuration names may declare kinds, whatever the rules say of others.
    let declarations = settings.kinds.iter().map(|target| ConfiguredLocation {
        location_type: "file".to_owned(),
        target: target.clone(),
        rules: vec![Rule::allow(&["Kind", "RelationPair"])],
    });
    CatalogConfig {
        locations: declarations.chain(locations).collect(),
        rules,
        read_only: settings.readonly,
        refresh_known_locations: settings.refresh_known_locations,
        cache: Some(data.join("cache")),
        // Template tasks may register what they made.
        readable_folders: vec![data.join("workspaces")],
        history: HistoryLimits {
            keep_for: settings.history.keep_for,
            keep_versions: settings.history.keep_versions,
            ..HistoryLimits::default()
        },
        address_interval: settings.processing_interval,
        forges: forges(config),
        inventories: settings.inventories.iter().map(inventory).collect(),
        keep_orphan_providers: settings.orphan_provider_strategy == OrphanStrategy::Keep,
        orphans: match settings.orphan_strategy {
            OrphanStrategy::Keep => Orphans::Keep,
            OrphanStrategy::Delete => Orphans::Delete { after: settings.orphan_grace_period },
        },
        ..CatalogConfig::default()
    }
}

fn inventory(inventory: &host_config::Inventory) -> InventoryConfig {
    let host_config::Inventory { id, target, schedule } = inventory;
    let schedule = ProviderSchedule {
        frequency: schedule.frequency,
        initial_delay: schedule.initial_delay,
        timeout: schedule.timeout,
    };
    InventoryConfig { id: id.clone(), target: target.clone(), schedule }
}

/// The forges of the configuration, and those that everybody knows.
fn forges(config: &Config) -> Vec<Forge> {
    let forge = |kind, host: &str, base_url: Option<String>| Forge { host: host.to_owned(), kind, base_url };
    let integrations = &config.integrations;
    let configured = [
        (ForgeKind::Github, &integrations.github),
        (ForgeKind::Gitlab, &integrations.gitlab),
        (ForgeKind::Gitea, &integrations.gitea),
        (ForgeKind::BitbucketCloud, &integrations.bitbucket_cloud),
        (ForgeKind::BitbucketServer, &integrations.bitbucket_server),
        (ForgeKind::Azure, &integrations.azure),
        (ForgeKind::Gerrit, &integrations.gerrit),
        (ForgeKind::Other, &integrations.git),
    ];
    let configured = configured.into_iter().flat_map(|(kind, all)| {
        all.iter().map(move |one| forge(kind, &one.host, one.base_url.as_ref().map(ToString::to_string)))
    });
    let known = [
        (ForgeKind::Github, "github.com"),
        (ForgeKind::Gitlab, "gitlab.com"),
        (ForgeKind::BitbucketCloud, "bitbucket.org"),
        (ForgeKind::Azure, "dev.azure.com"),
        (ForgeKind::Gitea, "gitea.com"),
    ];
    configured.chain(known.map(|(kind, host)| forge(kind, host, None))).collect()
}

fn rule(rule: &host_config::Rule) -> Rule {
    let locations = rule.locations.iter().flatten().map(|location| RuleLocation {
        location_type: location.kind.clone(),
        exact: location.exact.clone(),
        pattern: location.pattern.clone(),
    });
    Rule { allow: kinds(&rule.allow), locations: locations.collect() }
}

fn kinds(allow: &[host_config::KindMatcher]) -> Vec<AllowedKind> {
    allow.iter().map(|kind| AllowedKind { kind: kind.kind.clone(), spec_type: kind.spec_type.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_made_once_and_for_its_owner_only() {
        let data = tempfile::tempdir().unwrap();
        let token = admin_token(data.path()).unwrap();
        assert_eq!(token.len(), 64);
        assert_eq!(admin_token(data.path()).unwrap(), token);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(
                &std::fs::metadata(data.path().join(ADMIN_TOKEN)).unwrap().permissions(),
            );
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}

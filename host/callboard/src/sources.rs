//! The reader of addresses as the features see it: what is configured, translated for `host_fetch`, and its answers
//! translated for the port.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use host_config::{Config, Integration};
use host_fetch::{
    AllowedHost, Credential, Fetcher, ForgeKind, ForgeSettings, ReadError, ReadLimits, Reading, Sources, SourcesConfig,
};
use host_model::Secret;
use host_ports::{SourceError, SourceFailure, SourceFile, SourceLimits, SourceRead, SourceReader};

/// The reader of every address that the configuration allows. What it keeps between reads lies below the data folder.
pub(crate) fn reader(config: &Config, data: &Path, fetcher: Fetcher) -> Arc<dyn SourceReader> {
    Arc::new(Reader(Sources::new(fetcher, settings(config, data))))
}

struct Reader(Sources);

#[async_trait]
impl SourceReader for Reader {
    async fn read(&self, url: &str, known: Option<&str>, limits: &SourceLimits) -> Result<SourceRead, SourceError> {
        let SourceLimits { file_bytes, files, total_bytes } = *limits;
        match self.0.read(url, known, &ReadLimits { file_bytes, files, total_bytes }).await {
            Ok(Reading::Unchanged) => Ok(SourceRead::Unchanged),
            Ok(Reading::Files { files, version }) => {
                let files = files.into_iter().map(|file| SourceFile { url: file.url, bytes: file.bytes }).collect();
                Ok(SourceRead::Files { files, version })
            }
            Err(error) => Err(failure(&error)),
        }
    }

    fn resolve(&self, base: &str, target: &str) -> Result<String, SourceError> {
        self.0.resolve(base, target).map_err(|error| failure(&error))
    }

    fn check(&self, url: &str) -> Result<(), SourceError> {
        self.0.check(url).map_err(|error| failure(&error))
    }
}

fn failure(error: &ReadError) -> SourceError {
    SourceError {
        failure: match error {
            ReadError::Invalid { .. } => SourceFailure::Invalid,
            ReadError::NotAllowed { .. } => SourceFailure::NotAllowed,
            ReadError::NotFound { .. } => SourceFailure::NotFound,
            ReadError::TooLarge { .. } => SourceFailure::TooLarge,
            ReadError::Unavailable { .. } => SourceFailure::Unavailable,
        },
        message: error.to_string(),
        hint: error.hint().map(str::to_owned),
        retry_after: error.retry_after(),
    }
}

fn settings(config: &Config, data: &Path) -> SourcesConfig {
    let reading = &config.backend.reading;
    let of = &config.integrations;
    let forges = [
        (ForgeKind::GitHub, &of.github),
        (ForgeKind::GitLab, &of.gitlab),
        (ForgeKind::Gitea, &of.gitea),
        (ForgeKind::BitbucketCloud, &of.bitbucket_cloud),
        (ForgeKind::BitbucketServer, &of.bitbucket_server),
        (ForgeKind::Azure, &of.azure),
        (ForgeKind::Gerrit, &of.gerrit),
        (ForgeKind::Git, &of.git),
    ];
    let allow = reading.allow.iter().map(|entry| AllowedHost {
        host: entry.host.clone(),
        paths: entry.paths.clone(),
        allow_private_network: entry.allow_private_network,
    });
    SourcesConfig {
        forges: forges.into_iter().flat_map(|(kind, all)| all.iter().map(move |one| forge(kind, one))).collect(),
        allow: allow.collect(),
        timeout: reading.timeout,
        ssh: reading.ssh_command.clone(),
        ..SourcesConfig::new(data.join("cache").join("sources"))
    }
}

fn forge(kind: ForgeKind, integration: &Integration) -> ForgeSettings {
    let copy = |secret: &Secret<String>| Secret::new(secret.expose().clone());
    let credential = match (&integration.username, &integration.password, &integration.token) {
        (Some(user), Some(password), _) | (Some(user), None, Some(password)) => {
            Credential::Password { user: user.clone(), password: copy(password) }
        }
        (_, _, Some(token)) | (None, Some(token), None) => Credential::Token(copy(token)),
        (_, None, None) => Credential::None,
    };
    ForgeSettings {
        kind,
        host: integration.host.clone(),
        api: integration.api_base_url.clone(),
        base: integration.base_url.clone(),
        clone: integration.clone_url.clone(),
        credential,
        allow_private_network: integration.allow_private_network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_configured_may_be_read_and_refusals_keep_their_advice() {
        let mut config = Config::default();
        config.integrations.github = vec![Integration {
            host: "github.com".into(),
            token: Some(Secret::new("hush".into())),
            username: None,
            password: None,
            api_base_url: None,
            base_url: None,
            clone_url: None,
            allow_private_network: false,
        }];
        let reader = reader(&config, Path::new("data"), Fetcher::default());
        assert_eq!(reader.check("https://github.com/acme/shop/blob/main/catalog-info.yaml"), Ok(()));
        let refused = reader.check("https://example.com/catalog-info.yaml").unwrap_err();
        assert_eq!(refused.failure, SourceFailure::NotAllowed);
        assert!(refused.hint.unwrap().contains("host: 'example.com'"));
        let base = "https://github.com/acme/shop/blob/main/catalog-info.yaml";
        assert_eq!(reader.resolve(base, "../x.yaml").unwrap_err().failure, SourceFailure::Invalid);
    }
}

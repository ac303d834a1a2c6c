//! What a test's portal begins with.

use std::ffi::OsString;
use std::path::PathBuf;

use super::process::Launch;
use super::{TestPortal, code_cache, fail};
use crate::{artifacts, http_client};

/// The configuration that every test has, unless it brings one: all kinds, one folder.
const CONFIG: &str = "\
catalog:
  rules:
    - allow: [Component, API, Resource, System, Domain, Group, User, Location, Template]
  locations:
    - type: file
      target: ./catalog/*.yaml
";

/// A portal that is about to be started.
#[derive(Debug, Clone)]
pub struct Builder {
    configs: Vec<Config>,
    files: Vec<(PathBuf, Vec<u8>)>,
    environment: Vec<(String, OsString)>,
    listen: Option<&'static str>,
    arguments: Vec<OsString>,
    shares_code: bool,
}

#[derive(Debug, Clone)]
enum Config {
    Text(String),
    File(PathBuf),
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            configs: vec![Config::Text(CONFIG.to_owned())],
            files: Vec::new(),
            environment: Vec::new(),
            listen: Some("127.0.0.1:0"),
            arguments: Vec::new(),
            shares_code: true,
        }
    }
}

impl Builder {
    /// Adds a configuration file, which is merged over those before it. Paths in it are relative to [`TestPortal::folder`].
    #[must_use]
    pub fn config(mut self, yaml: &str) -> Self {
        self.configs.push(Config::Text(yaml.to_owned()));
        self
    }

    /// Uses this configuration file instead of the tests' own, where it lies.
    #[must_use]
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.configs = vec![Config::File(path.into())];
        self
    }

    /// Serves the example company. Its GitHub and its internal API are at these addresses.
    #[must_use]
    pub fn example(self, github: &str, acme: &str) -> Self {
        self.config_file(artifacts::checkout().join("examples").join("acme").join("callboard.yaml"))
            .variable("GITHUB_API_URL", github)
            .variable("ACME_API_URL", acme)
    }

    /// Adds a file of the catalog.
    #[must_use]
    pub fn catalog_file(self, name: &str, text: &str) -> Self {
        self.file(&format!("catalog/{name}"), text.as_bytes())
    }

    /// Adds a file, by its path below [`TestPortal::folder`].
    #[must_use]
    pub fn file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.into(), bytes.into()));
        self
    }

    /// Puts a plugin into the drop folder before the start: a first-party one or one of the tests'.
    #[must_use]
    pub fn plugin(self, name: &str) -> Self {
        match artifacts::plugin_bytes(name) {
            Ok(bytes) => self.plugin_bytes(&format!("{name}.wasm"), bytes),
            Err(error) => fail(&format!("{error:#}")),
        }
    }

    /// Puts a file into the drop folder before the start.
    #[must_use]
    pub fn plugin_bytes(self, file: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.file(&format!("data/plugins/{file}"), bytes)
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Listens where this flag says, or, without a flag, where the configuration does. The port must be 0.
    #[must_use]
    pub fn listen(mut self, flag: Option<&'static str>) -> Self {
        self.listen = flag;
        self
    }

    /// Adds an argument to `serve`.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Compiles every plugin anew, where tests otherwise share compiled code.
    #[must_use]
    pub fn compile_everything(mut self) -> Self {
        self.shares_code = false;
        self
    }

    /// Writes the files, without starting anything.
    pub fn prepare(self) -> TestPortal {
        match self.try_prepare() {
            Ok(portal) => portal,
            Err(error) => fail(&format!("the test could not be set up: {error:#}")),
        }
    }

    /// Starts the portal and waits until it is ready.
    pub async fn start(self) -> TestPortal {
        let mut portal = self.prepare();
        portal.launch().await;
        portal
    }

    fn try_prepare(self) -> anyhow::Result<TestPortal> {
        let folder = tempfile::Builder::new().prefix("callboard-test-").tempdir()?;
        let data = folder.path().join("data");
        for folder in [folder.path().join("catalog"), data.join("plugins")] {
            std::fs::create_dir_all(folder)?;
        }
        for (path, bytes) in &self.files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
            std::fs::write(path, bytes)?;
        }
        let mut configs = Vec::new();
        for (index, config) in self.configs.into_iter().enumerate() {
            configs.push(match config {
                Config::File(path) => path,
                Config::Text(text) => {
                    let path = folder.path().join(format!("callboard-{index}.yaml"));
                    std::fs::write(&path, text)?;
                    path
                }
            });
        }
        if self.shares_code {
            code_cache::bring(&data);
        }
        let launch = Launch {
            binary: artifacts::binary()?,
            data,
            configs,
            environment: self.environment,
            listen: self.listen,
            arguments: self.arguments,
            working_directory: folder.path().to_owned(),
        };
        Ok(TestPortal {
            folder,
            launch,
            process: None,
            client: http_client(),
            past_lines: Vec::new(),
            shares_code: self.shares_code,
        })
    }
}

//! Where things are: the checkout, cargo's target folder and ours, and the members of the workspace.
//!
//! Cargo's outputs are found through `cargo metadata`, because `CARGO_TARGET_DIR` may point anywhere. What this
//! program makes itself is always below the checkout's own `target/`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{MetadataCommand, Package, TargetKind};

use crate::cargo::Profile;

/// The package that holds integration tests, browser tests, benchmarks and the fake upstream.
pub const TESTS: &str = "callboard-tests";

/// One checkout and its workspace.
#[derive(Debug)]
pub struct Checkout {
    /// The folder of the root manifest.
    pub root: PathBuf,
    /// Where cargo puts what it builds.
    pub cargo_target: PathBuf,
    /// The members of the workspace.
    pub packages: Vec<Package>,
}

impl Checkout {
    /// Finds the checkout that this program belongs to, and reads its workspace.
    pub fn open() -> Result<Self> {
        // Cargo sets the variable when it runs us; a program that is started by hand remembers where it was compiled.
        let own = std::env::var_os("CARGO_MANIFEST_DIR")
            .map(PathBuf::from)
            .filter(|folder| folder.ends_with("host/xtask"))
            .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let root = own.ancestors().nth(2).context("the task runner has to be in host/xtask of a checkout")?;
        Self::at(root)
    }

    /// Reads the workspace whose root manifest is in `root`.
    pub fn at(root: &Path) -> Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .current_dir(root)
            .no_deps()
            .exec()
            .with_context(|| format!("reading the workspace of {}", root.display()))?;
        Ok(Self {
            root: metadata.workspace_root.into_std_path_buf(),
            cargo_target: metadata.target_directory.into_std_path_buf(),
            packages: metadata.packages,
        })
    }

    /// A folder below the checkout's own `target/`.
    pub fn own_target(&self, name: &str) -> PathBuf {
        self.root.join("target").join(name)
    }

    /// What the binary embeds: `site/` and `plugins/`.
    pub fn bundle(&self) -> PathBuf {
        self.own_target("bundle")
    }

    /// The plugins that only tests and benchmarks load.
    pub fn fixture_plugins(&self) -> PathBuf {
        self.own_target("bundle-tests").join("plugins")
    }

    /// Where cargo leaves a binary of the host side.
    pub fn binary(&self, profile: Profile, name: &str) -> PathBuf {
        self.cargo_target.join(profile.folder()).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// The packages whose manifest is in a folder directly below `folder`, by name.
    pub fn packages_below(&self, folder: &str) -> Vec<&Package> {
        let parent = self.root.join(folder);
        let mut packages: Vec<_> = self
            .packages
            .iter()
            .filter(|package| {
                package.manifest_path.as_std_path().ancestors().nth(2).is_some_and(|above| above == parent)
            })
            .collect();
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        packages
    }

    /// The member of this name.
    pub fn package(&self, name: &str) -> Result<&Package> {
        self.packages
            .iter()
            .find(|package| package.name.as_str() == name)
            .with_context(|| format!("the workspace has no package `{name}`"))
    }

    /// The names of a package's test targets.
    pub fn test_targets(&self, package: &str) -> Result<Vec<String>> {
        let package = self.package(package)?;
        Ok(package
            .targets
            .iter()
            .filter(|target| target.kind.contains(&TargetKind::Test))
            .map(|target| target.name.clone())
            .collect())
    }

    /// Fails with a sentence when a package has no binary of this name.
    pub fn require_binary(&self, package: &str, binary: &str) -> Result<()> {
        let known = self.package(package)?;
        if known.targets.iter().any(|target| target.name == binary && target.kind.contains(&TargetKind::Bin)) {
            return Ok(());
        }
        bail!(
            "package `{package}` has no binary `{binary}`; add `src/bin/{binary}.rs` or a `[[bin]]` of that name to {}",
            known.manifest_path
        )
    }

    /// What tests and benchmarks find in their environment.
    pub fn test_environment(&self, profile: Profile) -> Vec<(&'static str, OsString)> {
        vec![
            ("CALLBOARD_BIN", self.binary(profile, "callboard").into()),
            ("CALLBOARD_BUNDLE", self.bundle().into()),
            ("CALLBOARD_TEST_PLUGINS", self.fixture_plugins().into()),
        ]
    }
}

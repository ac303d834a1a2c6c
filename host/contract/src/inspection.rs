//! What a component's own type tells: what it exports, what it imports, and for which version it was built.

use std::collections::BTreeSet;

use host_model::plugin::ExtensionPoint;

use crate::{PACKAGE, VERSION};

/// What a plugin's component is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The version of the contract that it was built for; none when it exports and imports nothing of it.
    pub contract_version: Option<String>,
    /// The extension points that it exports.
    pub extension_points: Vec<ExtensionPoint>,
    /// Everything that it imports, by full name.
    pub imports: Vec<String>,
    /// Everything that it exports, by full name.
    pub exports: Vec<String>,
}

/// Why a component cannot be used as a plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    #[error(
        "not a Callboard plugin: it does not export {PACKAGE}/plugin{}; build it with the SDK, or against the worlds of \
         {PACKAGE}@{VERSION}",
        list(exports)
    )]
    NotAPlugin { exports: Vec<String> },
    #[error(
        "built for {PACKAGE} {found}, this portal offers {VERSION}; rebuild the plugin with the SDK of this portal \
         (`callboard plugin new` writes it), or use a portal that offers {found}"
    )]
    OtherVersion { found: String },
    #[error("built against several versions of {PACKAGE}: {}; this portal offers {VERSION}", .found.join(", "))]
    MixedVersions { found: Vec<String> },
    #[error(
        "it needs {import}, which this portal does not offer; plugins may use WASI 0.2, wasi:http/outgoing-handler and \
         the interfaces of {PACKAGE}@{VERSION}"
    )]
    MissingImport { import: String },
    #[error("it does not fit {PACKAGE}@{VERSION}: {message}; rebuild it against this version")]
    Mismatch { message: String },
}

impl PrepareError {
    /// A short stable code for the plugin's status.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAPlugin { .. } => "not-a-plugin",
            Self::OtherVersion { .. } | Self::MixedVersions { .. } => "incompatible-version",
            Self::MissingImport { .. } => "missing-import",
            Self::Mismatch { .. } => "contract-mismatch",
        }
    }
}

impl Inspection {
    /// Reads the names of a component's imports and exports.
    pub(crate) fn new(imports: &[String], exports: &[String]) -> Self {
        let extension_points = ExtensionPoint::ALL
            .into_iter()
            .filter(|point| exports.iter().any(|name| interface(name).is_some_and(|found| found.0 == point.as_str())))
            .collect();
        Self {
            contract_version: versions(exports).into_iter().next().or_else(|| versions(imports).into_iter().next()),
            extension_points,
            imports: imports.to_vec(),
            exports: exports.to_vec(),
        }
    }

    /// Whether the host can try to link it.
    ///
    /// # Errors
    /// When it is no plugin, or one of another version.
    pub(crate) fn check(&self) -> Result<(), PrepareError> {
        if !self.exports.iter().any(|name| interface(name).is_some_and(|found| found.0 == "plugin")) {
            return Err(PrepareError::NotAPlugin { exports: self.exports.clone() });
        }
        let found: BTreeSet<String> = versions(&self.exports).into_iter().chain(versions(&self.imports)).collect();
        let mut found: Vec<String> = found.into_iter().collect();
        match found.as_slice() {
            [only] if only == VERSION => Ok(()),
            [_] => Err(PrepareError::OtherVersion { found: found.remove(0) }),
            _ => Err(PrepareError::MixedVersions { found }),
        }
    }
}

/// The interface and version of a name such as `callboard:plugin/ui-card@0.9.0`, when it is of this contract.
fn interface(name: &str) -> Option<(&str, &str)> {
    let rest = name.strip_prefix(PACKAGE)?.strip_prefix('/')?;
    Some(rest.split_once('@').unwrap_or((rest, "no version")))
}

fn versions(names: &[String]) -> BTreeSet<String> {
    names.iter().filter_map(|name| interface(name)).map(|(_, version)| version.to_owned()).collect()
}

/// Names for a message: at most five of them.
fn list(names: &[String]) -> String {
    match names {
        [] => ", nor anything else".to_owned(),
        names if names.len() <= 5 => format!(" but {}", names.join(", ")),
        names => format!(" but {} and {} more", names[..5].join(", "), names.len() - 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| name.replace('^', VERSION)).collect()
    }

    #[test]
    fn tells_versions_and_extension_points_from_names() {
        for (imports, exports, points, message) in [
            (
                &["callboard:plugin/log@^", "wasi:io/poll@0.2.6"][..],
                &["callboard:plugin/plugin@^", "callboard:plugin/ui-card@^", "init"][..],
                &[ExtensionPoint::UiCard][..],
                None,
            ),
            (&[], &["callboard:plugin/plugin@^"], &[], None),
            (
                &[],
                &["callboard:plugin/plugin@0.9.0-next.7", "callboard:plugin/catalog-processor@0.9.0-next.7"],
                &[ExtensionPoint::CatalogProcessor],
                Some("built for callboard:plugin 0.9.0-next.7, this portal offers 0.9.0-next."),
            ),
            (
                &["callboard:plugin/log@0.8.0"],
                &["callboard:plugin/plugin@^"],
                &[],
                Some("built against several versions of callboard:plugin: 0.8.0, 0.9.0-next."),
            ),
            (
                &[],
                &["wasi:cli/run@0.2.0"],
                &[],
                Some("it does not export callboard:plugin/plugin but wasi:cli/run@0.2.0; build it"),
            ),
            (&[], &[], &[], Some("nor anything else")),
        ] {
            let inspection = Inspection::new(&names(imports), &names(exports));
            assert_eq!(inspection.extension_points, points);
            match (inspection.check(), message) {
                (Ok(()), None) => {}
                (Err(error), Some(part)) => assert!(error.to_string().contains(part), "{error}"),
                (result, _) => panic!("{exports:?}: {result:?}"),
            }
        }
    }
}

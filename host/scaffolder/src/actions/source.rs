//! Where the files of a template are: beside the template, and nowhere else.

use std::path::{Path, PathBuf};

use host_model::plugin::PluginError;
use host_ports::ActionContext;

use super::other;
use crate::workspace::Enclosure;

/// The folder that a template's own files lie in.
pub(super) struct Source {
    enclosure: Enclosure,
}

impl Source {
    /// The folder of the template that a step belongs to.
    pub(super) fn of(context: &ActionContext, url: &str) -> Result<Self, PluginError> {
        if is_address(url) && !url.starts_with("file:") {
            return Err(other(format!(
                "{url} is an address elsewhere; skeletons are read from folders beside the template, such as ./skeleton"
            )));
        }
        let base = context.template_base.as_deref().unwrap_or_default();
        let path = base.strip_prefix("file://").unwrap_or(base);
        if path.is_empty() || is_address(path) {
            let place = if base.is_empty() { "no file".to_owned() } else { base.to_owned() };
            return Err(other(format!(
                "{url} is relative to the template, which was read from {place}; skeletons are read only for templates that are files on this machine"
            )));
        }
        let path = Path::new(path);
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        Ok(Self { enclosure: Enclosure::open("the template's folder", folder)? })
    }

    /// A folder of skeleton files.
    pub(super) fn folder(&self, url: &str) -> Result<PathBuf, PluginError> {
        let path = self.path(url)?;
        if path.is_dir() { Ok(path) } else { Err(missing(url, "folder", path.exists())) }
    }

    /// One file.
    pub(super) fn file(&self, url: &str) -> Result<PathBuf, PluginError> {
        let path = self.path(url)?;
        if path.is_file() { Ok(path) } else { Err(missing(url, "file", path.exists())) }
    }

    /// What a file of the skeleton really is; a link may not lead out of the template's folder.
    pub(super) fn follow(&self, path: &Path) -> Result<PathBuf, PluginError> {
        let real = path.canonicalize().map_err(|error| {
            other(format!("{} is a link that leads nowhere: {error}", self.enclosure.relative(path)))
        })?;
        if real.starts_with(self.enclosure.root()) {
            return Ok(real);
        }
        Err(other(format!("{} is a link that leads out of the template's folder", self.enclosure.relative(path))))
    }

    fn path(&self, url: &str) -> Result<PathBuf, PluginError> {
        let relative = match url.strip_prefix("file:") {
            Some(absolute) => {
                let absolute = Path::new(absolute.strip_prefix("//").unwrap_or(absolute));
                match absolute.strip_prefix(self.enclosure.root()) {
                    Ok(inside) => inside.to_string_lossy().into_owned(),
                    Err(_) => return Err(other(format!("{url} leads out of the template's folder"))),
                }
            }
            None => url.to_owned(),
        };
        Ok(self.enclosure.resolve(&relative)?)
    }
}

fn is_address(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

fn missing(url: &str, kind: &str, exists: bool) -> PluginError {
    if exists {
        other(format!("{url} is no {kind}"))
    } else {
        other(format!("there is no {kind} {url} beside the template"))
    }
}

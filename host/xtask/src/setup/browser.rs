//! Chromium and its driver, for the browser tests.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::process::{find_program, output_of, run};

const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const INSTALL: &str = "apt-get install chromium chromium-driver";

/// A browser and the program that drives it.
#[derive(Debug, PartialEq, Eq)]
pub struct Browser {
    pub browser: PathBuf,
    pub driver: PathBuf,
}

/// Finds the browser and its driver, and installs the distribution's where that is possible.
///
/// `CHROMIUM` and `CHROMEDRIVER` in the environment name other ones.
pub fn browser() -> Result<Browser> {
    if let Ok(found) = find() {
        return Ok(found);
    }
    let Some(manager) = package_manager() else { return find() };
    run("refreshing the package lists", &mut apt(manager, &["update"]))?;
    run("installing the browser for tests", &mut apt(manager, &["install", "-y", "chromium", "chromium-driver"]))?;
    find()
}

fn find() -> Result<Browser> {
    let browser = named("CHROMIUM").or_else(|| BROWSERS.iter().find_map(|name| find_program(name)));
    let driver = named("CHROMEDRIVER").or_else(|| find_program("chromedriver"));
    judge(browser, driver)
}

fn judge(browser: Option<PathBuf>, driver: Option<PathBuf>) -> Result<Browser> {
    let missing = match (browser, driver) {
        (Some(browser), Some(driver)) => return Ok(Browser { browser, driver }),
        (None, Some(_)) => "Chromium is",
        (Some(_), None) => "Chromium's driver (`chromedriver`) is",
        (None, None) => "Chromium and its driver (`chromedriver`) are",
    };
    bail!(
        "{missing} missing, and the browser tests need both; on Debian type `{INSTALL}` as root, elsewhere install them \
         so that `chromium` and `chromedriver` are in PATH, or name them in CHROMIUM and CHROMEDRIVER; to run the other \
         tests, type `cargo xtask test --only unit` (or fmt, tidy, lint, integration)"
    )
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

/// The words that start the package manager with the rights that it needs.
fn package_manager() -> Option<&'static [&'static str]> {
    let debian = Path::new("/etc/debian_version").exists() && find_program("apt-get").is_some();
    if !debian {
        None
    } else if output_of("id", &["-u"]).as_deref() == Some("0") {
        Some(&[])
    } else if output_of("sudo", &["-n", "true"]).is_some() {
        Some(&["sudo", "-n"])
    } else {
        None
    }
}

fn apt(manager: &[&str], arguments: &[&str]) -> Command {
    // `env` takes the variable through `sudo` too.
    let words: Vec<_> =
        manager.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).chain(arguments).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(std::process::Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_what_to_type() {
        let some = || Some(PathBuf::from("/somewhere"));
        let cases = [(None, some(), "Chromium is missing"), (some(), None, "driver"), (None, None, "are missing")];
        for (browser, driver, expected) in cases {
            let message = judge(browser, driver).unwrap_err().to_string();
            assert!(message.contains(expected) && message.contains(INSTALL), "{message}");
        }
        assert!(judge(some(), some()).is_ok());
    }
}

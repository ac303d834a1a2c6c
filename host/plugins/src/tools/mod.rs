//! What the command line does with plugin files, without a server.

mod dry_run;
mod inspect;
mod install;

pub use dry_run::{DryRun, DryRunAnswer};
pub use inspect::{Inspector, Report};
pub use install::{InstallError, install_file, remove_file};

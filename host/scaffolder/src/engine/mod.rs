//! Runs tasks: one step after the other, with everything that happens in the store before anybody is told of it.

mod dispatch;
mod end;
mod journal;
mod live;
mod log;
mod redact;
mod run;
mod steps;

pub(crate) use dispatch::{Engine, make_empty, spawn};
pub(crate) use end::End;
pub(crate) use journal::Journal;
pub(crate) use live::Live;
pub(crate) use log::TaskLog;
pub(crate) use redact::Redactor;
pub(crate) use run::{Position, Run, RunError};

//! From files to entities: one way, and never failing as a whole.
//!
//! A pass lists every location, reads what changed, processes what is new, and writes the difference. Passing over
//! sources that did not change writes nothing.

mod addresses;
mod bundle;
mod claims;
mod declarations;
mod flow;
mod include;
mod load;
mod orphans;
mod pass;
mod place;
mod plugins;
mod prepare;
mod provided;
mod reach;
mod read;
mod roots;
mod saved;
mod state;
mod targets;
mod told;
mod visit;
mod walk;
mod write;

pub(crate) use addresses::unread;
pub(crate) use claims::is_too_many;
pub(crate) use load::{bound_texts, load, prepare_texts};
pub(crate) use pass::{Engine, Outcome, Request, root_source};
pub(crate) use place::Written;
pub(crate) use plugins::{Outcomes, Remembered};
pub(crate) use prepare::{Context, clean, prepare};
pub(crate) use reach::{Allowed, Files, Reach};
pub(crate) use read::{FileRead, looks_like_descriptors, open, read_file};
pub(crate) use roots::{base, expand};
pub(crate) use saved::{restore, save};
pub use state::Finding;
pub(crate) use state::{EngineState, Stamp, Target};
pub(crate) use walk::unreadable_type;
pub(crate) use write::delete;

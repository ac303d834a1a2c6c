//! Islands: the few parts of a page that run in the browser.
//!
//! Everything here improves markup that works without it: a link, a form, a page. An island knows only the browser and
//! the portal's public API; it holds no feature's rules. Most of them draw nothing but an invisible anchor and take
//! care of the element around it, so that their markup stays with the pages and the browser's module stays small.

mod anchor;
mod browser;
mod copy;
mod filters;
mod graph;
mod palette;
mod task_log;
mod theme;

pub use copy::*;
pub use filters::*;
pub use graph::*;
pub use palette::*;
pub use task_log::*;
pub use theme::*;

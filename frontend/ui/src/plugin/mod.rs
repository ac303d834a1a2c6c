//! Draws what plugins show. A view is data: nothing of it reaches the page but as escaped text, as checked addresses,
//! or as HTML that the server rendered and cleaned.

mod action;
mod block;
mod cell;
mod context;
mod error;
mod panel;
mod sort;
mod view;

pub use context::PanelContext;
pub use error::*;
pub use panel::*;
pub use view::*;

//! The design system: components that the server draws, and the styles beside them.
//!
//! Components take plain values and give markup. They know no feature, no request and no browser: whatever moves is an
//! island elsewhere, wrapped around or placed into what is drawn here. Markup has no `style` attributes and no
//! handlers; how something looks is told by classes and data attributes, and each component's rules stand in the file
//! of the same name beside it, in the cascade layers that `styles/00-layers.css` lists.

mod ansi;
mod avatar;
mod badge;
mod button;
mod callout;
mod card;
mod chart;
mod code_block;
mod disclosure;
mod empty_state;
mod entity_link;
mod error_page;
mod field;
mod filters;
mod flash;
pub mod format;
mod graph;
mod graph_layout;
mod highlight;
mod icon;
mod icons;
mod key_values;
mod log_view;
mod page_header;
mod pagination;
mod plugin;
mod progress;
mod safe;
mod scale;
mod schema_form;
mod shell;
mod skeleton;
mod source_view;
mod stats;
mod status;
#[cfg(test)]
mod style_tests;
mod table;
mod tabs;
mod tags;
#[cfg(test)]
mod tests;
mod time;
mod timeline;
pub mod tone;
mod tree;

pub use ansi::{Run as AnsiRun, Style as AnsiStyle};
pub use avatar::*;
pub use badge::*;
pub use button::*;
pub use callout::*;
pub use card::*;
pub use chart::*;
pub use code_block::*;
pub use disclosure::*;
pub use empty_state::*;
pub use entity_link::*;
pub use error_page::*;
pub use field::*;
pub use filters::*;
pub use flash::*;
pub use graph::*;
pub use highlight::highlight;
pub use icon::*;
pub use icons::Icon;
pub use key_values::*;
pub use log_view::*;
pub use page_header::*;
pub use pagination::*;
pub use plugin::*;
pub use progress::*;
pub use safe::{SafeHtml, encode_component, escape_text, is_external, safe_url, with_query};
pub use schema_form::*;
pub use shell::*;
pub use skeleton::*;
pub use source_view::*;
pub use stats::*;
pub use status::*;
pub use table::*;
pub use tabs::*;
pub use tags::*;
pub use time::*;
pub use timeline::*;
pub use tone::Tone;
pub use tree::*;

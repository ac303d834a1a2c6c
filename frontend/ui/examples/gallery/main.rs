//! Writes one HTML page with every component in realistic states, to be looked at in a browser:
//! `cargo run -p frontend-ui --example gallery -- gallery.html [light|dark]`.

pub mod page;
pub mod parts;
pub mod plugin;

use std::path::{Path, PathBuf};

use leptos::prelude::*;
use leptos::tachys::view::RenderHtml;

/// The instant at which the gallery is seen: 20 Nov 2026, 13:00 UTC.
pub(crate) const NOW: i64 = 1_795_179_600_000;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "gallery.html".to_owned());
    let theme = arguments.next().map(|theme| format!(" data-theme=\"{theme}\"")).unwrap_or_default();
    let owner = Owner::new();
    let body = owner.with(|| view! { <page::Gallery/> }.to_html());
    let style = styles()?;
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"{theme}><head><meta charset=\"utf-8\"><title>Callboard’s components</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{style}</style></head>\
         <body>{body}</body></html>"
    );
    std::fs::write(&path, html)
}

/// All styles, in the order in which the site's build joins them.
fn styles() -> std::io::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("styles"), &mut files)?;
    files.sort();
    let mut beside = Vec::new();
    collect(&root.join("src"), &mut beside)?;
    beside.sort();
    files.extend(beside);
    files.iter().map(std::fs::read_to_string).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "css") {
            files.push(path);
        }
    }
    Ok(())
}

//! The text of a definition, with what is wrong beside its lines.

use std::collections::BTreeMap;

use frontend_ui::{Icon, LinkButton, SourceView};
use host_api::DefinitionDocument;
use host_model::{EntityRef, Severity};
use leptos::prelude::*;

use crate::copying::copy_button;

/// The most bytes that are shown.
const MOST: usize = 384 * 1024;

/// The part.
pub(super) fn draw(document: &DefinitionDocument, entity: &EntityRef) -> AnyView {
    let (text, cut) = beginning(&document.text);
    let mut marks: BTreeMap<u32, Severity> = BTreeMap::new();
    for finding in &document.definition.findings {
        if let Some(place) = &finding.place {
            let mark = marks.entry(place.line).or_insert(finding.severity);
            *mark = (*mark).max(finding.severity);
        }
    }
    let download = format!(
        "/api/catalog/definition/{}/raw",
        crate::percent::path([entity.kind(), entity.namespace(), entity.name()]).trim_start_matches('/')
    );
    let language = document.definition.language.clone();
    view! {
        <div class="stack" id="definition-text">
            <div class="row" data-align="end">
                {copy_button("#definition-text code", "Copy")}
                <LinkButton href=download icon=Icon::Download small=true>"Download"</LinkButton>
            </div>
            {cut.then(|| view! { <p class="muted small">"Only the beginning is shown; the download is whole."</p> })}
            <SourceView text=text.to_owned() language title=entity.name().to_owned() marks/>
        </div>
    }
    .into_any()
}

/// The beginning of a long text, and whether there is more.
fn beginning(text: &str) -> (&str, bool) {
    if text.len() <= MOST {
        return (text, false);
    }
    let end = (0..=MOST).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    (&text[..end], true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_definitions_are_cut_between_characters() {
        let text = "é".repeat(MOST);
        let (beginning, cut) = beginning(&text);
        assert!(cut && beginning.len() <= MOST);
    }
}

//! A file with numbered lines, each of which has an address, and marks on lines that something is said about.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use host_model::Severity;
use leptos::prelude::*;

use crate::Tone;
use crate::highlight::safe_lines;

/// A file as it is written. The address of line 12 is `#L12`; copying takes the text without the numbers.
///
/// ```ignore
/// view! { <SourceView title="openapi.yaml" language="yaml" text marks=BTreeMap::from([(12, Severity::Error)])/> }
/// ```
#[component]
pub fn SourceView(
    #[prop(into)] text: String,
    #[prop(optional, into)] title: String,
    #[prop(optional, into)] language: String,
    /// Lines that something is said about, from 1.
    #[prop(optional)]
    marks: BTreeMap<u32, Severity>,
) -> AnyView {
    let mut html = String::with_capacity(text.len() * 2);
    for (index, line) in safe_lines(&language, text.trim_end_matches('\n')).into_iter().enumerate() {
        let number = index + 1;
        let mark = u32::try_from(number).ok().and_then(|number| marks.get(&number));
        let tone =
            mark.map(|severity| format!(" data-tone=\"{}\"", Tone::from(*severity).as_str())).unwrap_or_default();
        // Writing to a text cannot fail.
        let _ = write!(html, "<span class=\"source-line\" id=\"L{number}\"{tone}>{line}\n</span>");
    }
    let label = if title.is_empty() { "Source".to_owned() } else { title.clone() };
    view! {
        <figure class="code source">
            <figcaption class="code-title"><span>{title}</span><span class="code-language">{language}</span></figcaption>
            <pre class="source-text" tabindex="0" role="region" aria-label=label><code inner_html=html></code></pre>
        </figure>
    }
    .into_any()
}

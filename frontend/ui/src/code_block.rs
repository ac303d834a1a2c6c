//! Code: in the fixed-width face, scrollable, highlighted when the server has done so.

use leptos::prelude::*;

use crate::SafeHtml;

/// A piece of code. `highlighted` takes the place of `text` when it is given.
///
/// ```ignore
/// view! { <CodeBlock title="catalog-info.yaml" language="yaml" text=source/> }
/// ```
#[component]
pub fn CodeBlock(
    #[prop(into)] text: String,
    #[prop(optional, into)] title: String,
    #[prop(optional, into)] language: String,
    #[prop(default = None)] highlighted: Option<SafeHtml>,
) -> AnyView {
    let label = match (title.is_empty(), language.is_empty()) {
        (false, _) => title.clone(),
        (true, false) => format!("{language} code"),
        (true, true) => "Code".to_owned(),
    };
    let heading = (!title.is_empty() || !language.is_empty()).then(|| {
        view! {
            <figcaption class="code-title">
                <span>{title}</span>
                <span class="code-language">{language.clone()}</span>
            </figcaption>
        }
    });
    let code = match highlighted {
        Some(html) => view! { <code inner_html=html.as_str().to_owned()></code> }.into_any(),
        None if language == "diff" => view! { <code>{diff_lines(&text)}</code> }.into_any(),
        None => view! { <code>{text}</code> }.into_any(),
    };
    view! {
        <figure class="code">
            {heading}
            <pre class="code-text" tabindex="0" role="region" aria-label=label>{code}</pre>
        </figure>
    }
    .into_any()
}

/// The lines of a diff, each with what it is. The sign at its beginning says the same as the colour.
fn diff_lines(text: &str) -> Vec<AnyView> {
    text.lines()
        .map(|line| {
            let class = match line.as_bytes().first() {
                Some(b'+') => "diff-added",
                Some(b'-') => "diff-removed",
                Some(b'@') => "diff-place",
                _ => "diff-same",
            };
            view! { <span class=class>{line.to_owned()}</span> }.into_any()
        })
        .collect()
}

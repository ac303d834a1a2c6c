//! Logs: numbered lines in the fixed-width face, with the colours that programs write.

use leptos::prelude::*;

use crate::ansi::Style;

/// The most lines that are drawn; the last ones are kept.
const MAX_LINES: usize = 5_000;

/// The lines of a log.
///
/// ```ignore
/// view! { <LogView text=output first_line=1 label="Output of the step Publish"/> }
/// ```
#[component]
pub fn LogView(
    #[prop(into)] text: String,
    #[prop(default = 1)] first_line: u32,
    /// Whether the beginning was left out.
    #[prop(optional)]
    truncated: bool,
    #[prop(default = "Log".to_owned(), into)] label: String,
) -> AnyView {
    let mut style = Style::default();
    let total = text.lines().count();
    let left_out = total.saturating_sub(MAX_LINES);
    let lines: Vec<_> = text
        .lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let runs = style.runs(line);
            (index >= left_out).then(|| {
                let number = u64::from(first_line) + index as u64;
                log_line(number, runs.into_iter().map(|run| (run.text, run.class)).collect())
            })
        })
        .collect();
    let empty = lines.is_empty();
    view! {
        <div class="log" tabindex="0" role="log" aria-label=label aria-live="off">
            {(truncated || left_out > 0).then(|| view! { <p class="log-note">"Earlier lines are left out."</p> })}
            {empty.then(|| view! { <p class="log-note">"No output yet."</p> })}
            <ol class="log-lines">{lines}</ol>
        </div>
    }
    .into_any()
}

/// One line with its number; runs are text and class.
pub fn log_line(number: u64, runs: Vec<(String, String)>) -> AnyView {
    let runs: Vec<_> = runs
        .into_iter()
        .map(
            |(text, class)| {
                if class.is_empty() { text.into_any() } else { view! { <span class=class>{text}</span> }.into_any() }
            },
        )
        .collect();
    view! { <li class="log-line" data-line=number.to_string()><span class="log-text">{runs}</span></li> }.into_any()
}

//! The search palette: the catalog at the reader's fingertips, from any page. Without it the search field of the bar is
//! a form that leads to the page of results.

mod places;
mod results;

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html::{Dialog, Input, Ul};
use leptos::prelude::*;
use leptos::reactive::send_wrapper_ext::SendOption;
use wasm_bindgen::JsCast;
use web_sys::{AbortController, Element, Event, HtmlInputElement};

use crate::browser::{document, encode, go, listen};
use places::{places, recent, remember_this_page};
use results::search;

/// How long the reader's fingers must rest before the portal is asked, in milliseconds.
const REST_MS: u64 = 120;
/// The field of the bar that opens the palette.
const OPENER: &str = "[data-palette-opener]";

/// Something that the reader may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) title: String,
    /// What it is: a kind of entity, or `Recent`.
    pub(crate) note: String,
    /// The kind of entity in lower case, for its hue.
    pub(crate) kind: String,
    pub(crate) address: String,
}

/// What the palette shows now.
#[derive(Clone, Copy)]
struct State {
    term: RwSignal<String>,
    entries: RwSignal<Vec<Entry>>,
    active: RwSignal<usize>,
    message: RwSignal<String>,
    /// The request that is under way. The server drops it on any of its threads, which it may do as long as it is empty.
    asking: StoredValue<SendOption<AbortController>>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

/// The search palette. Ctrl-K opens it, and so does a click on the search field of the bar, or writing into it.
#[island]
pub fn SearchPalette() -> impl IntoView {
    let state = State {
        term: RwSignal::new(String::new()),
        entries: RwSignal::new(Vec::new()),
        active: RwSignal::new(0),
        message: RwSignal::new(String::new()),
        asking: StoredValue::new(SendOption::new_local(None)),
        timer: StoredValue::new(None),
    };
    let dialog = NodeRef::<Dialog>::new();
    let input = NodeRef::<Input>::new();
    let list = NodeRef::<Ul>::new();

    Effect::new(move |_| {
        if dialog.get().is_some() {
            remember_this_page();
            listen_for_openers(move |term| state.open(dialog, input, term));
        }
    });
    Effect::new(move |_| {
        let active = state.active.get();
        let option = list.get().and_then(|list| list.children().item(u32::try_from(active).ok()?));
        if let Some(option) = option {
            scroll_to(&option);
        }
    });

    let options = move || {
        let active = state.active.get();
        let entries = state.entries.get();
        entries
            .into_iter()
            .enumerate()
            .map(|(index, entry)| option(state, index, entry, index == active))
            .collect_view()
    };
    let active_id = move || (!state.entries.with(Vec::is_empty)).then(|| option_id(state.active.get()));
    view! {
        <dialog
            class="palette"
            aria-label="Search"
            node_ref=dialog
            on:click=move |event: MouseEvent| close_by_backdrop(&event, dialog)
        >
            <div class="palette-field">
                <input
                    class="palette-input"
                    type="text"
                    role="combobox"
                    aria-label="Search the catalog"
                    aria-autocomplete="list"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-activedescendant=active_id
                    placeholder="Search components, APIs, people, templates…"
                    autocomplete="off"
                    spellcheck="false"
                    node_ref=input
                    on:input=move |event| state.write(event_target_value(&event))
                    on:keydown=move |event| state.key(&event)
                />
                <kbd>"Esc"</kbd>
            </div>
            <ul class="palette-list" id="palette-list" role="listbox" aria-label="Results" node_ref=list>{options}</ul>
            <p class="palette-message" role="status">{move || state.message.get()}</p>
        </dialog>
    }
}

fn option_id(index: usize) -> String {
    format!("palette-option-{index}")
}

fn option(state: State, index: usize, entry: Entry, active: bool) -> impl IntoView {
    let Entry { title, note, kind, address } = entry;
    view! {
        <li
            class="palette-option"
            id=option_id(index)
            role="option"
            aria-selected=active.to_string()
            on:mousemove=move |_| {
                if state.active.get_untracked() != index {
                    state.active.set(index);
                }
            }
        >
            <a class="palette-link" href=address tabindex="-1">
                <span class="palette-mark" data-kind=kind></span>
                <span class="palette-title">{title}</span>
                <span class="palette-note">{note}</span>
            </a>
        </li>
    }
}

impl State {
    /// Opens the palette with what is in the field of the bar.
    fn open(self, dialog: NodeRef<Dialog>, input: NodeRef<Input>, term: String) {
        let (Some(dialog), Some(input)) = (dialog.get_untracked(), input.get_untracked()) else { return };
        if !dialog.open() && dialog.show_modal().is_err() {
            return;
        }
        input.set_value(&term);
        input.select();
        self.write(term);
    }

    /// Takes a new term, and asks the portal when the reader's fingers rest.
    fn write(self, term: String) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
        self.call_off();
        let trimmed = term.trim().to_owned();
        self.term.set(trimmed.clone());
        self.active.set(0);
        self.message.set(String::new());
        self.entries.set(if trimmed.is_empty() {
            recent().into_iter().chain(places("")).collect()
        } else {
            self.local(&trimmed)
        });
        if !trimmed.is_empty() {
            let timer = set_timeout_with_handle(move || self.ask(trimmed), std::time::Duration::from_millis(REST_MS));
            self.timer.set_value(timer.ok());
        }
    }

    /// What is found without asking: results that were there before, places of the portal, and the page of results.
    fn local(self, term: &str) -> Vec<Entry> {
        let wanted = term.to_lowercase();
        let mut entries = self.entries.get_untracked();
        entries.retain(|entry| !entry.kind.is_empty() && entry.title.to_lowercase().contains(&wanted));
        entries.extend(places(&wanted));
        entries.push(everything(term));
        entries
    }

    fn ask(self, term: String) {
        let controller = AbortController::new().ok();
        let signal = controller.as_ref().map(AbortController::signal);
        self.asking.set_value(SendOption::new_local(controller));
        wasm_bindgen_futures::spawn_local(async move {
            let found = search(&term, signal.as_ref()).await;
            if self.term.try_get_untracked().as_deref() != Some(term.as_str()) {
                return;
            }
            let Some(found) = found else {
                self.message.set("The search does not answer. Press Enter to try the page of results.".to_owned());
                return;
            };
            self.message.set(match found.len() {
                0 => format!("Nothing in the catalog matches “{term}”."),
                1 => "1 result".to_owned(),
                many => format!("{many} results"),
            });
            let wanted = term.to_lowercase();
            let entries = found.into_iter().chain(places(&wanted)).chain([everything(&term)]).collect();
            self.entries.set(entries);
            self.active.set(0);
        });
    }

    /// Calls off the request that is under way; its answer would be too late.
    fn call_off(self) {
        if let Some(Some(controller)) = self.asking.try_update_value(|asking| Option::take(asking)) {
            controller.abort();
        }
    }

    fn key(self, event: &KeyboardEvent) {
        let count = self.entries.with_untracked(Vec::len);
        let active = self.active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => self.active.set((active + 1) % count),
            "ArrowUp" if count > 0 => self.active.set((active + count - 1) % count),
            "Enter" => {
                let address =
                    self.entries.with_untracked(|entries| entries.get(active).map(|entry| entry.address.clone()));
                if let Some(address) = address {
                    go(&address);
                }
            }
            _ => return,
        }
        event.prevent_default();
    }
}

/// The page of results.
fn everything(term: &str) -> Entry {
    Entry {
        title: format!("Search for “{term}”"),
        note: "All results".to_owned(),
        kind: String::new(),
        address: format!("/search?q={}", encode(term)),
    }
}

/// Opens on Ctrl-K or ⌘-K, on a click on the field of the bar, and on writing into it.
fn listen_for_openers(open: impl Fn(String) + Copy + 'static) {
    let Some(document) = document() else { return };
    let content = || -> String {
        let opener = crate::browser::document().and_then(|document| document.query_selector(OPENER).ok()?);
        opener.map(|opener| opener.unchecked_into::<HtmlInputElement>().value()).unwrap_or_default()
    };
    listen(&document, "keydown", move |event: KeyboardEvent| {
        if (event.ctrl_key() || event.meta_key())
            && !event.alt_key()
            && !event.shift_key()
            && event.key().eq_ignore_ascii_case("k")
        {
            event.prevent_default();
            open(content());
        }
    });
    let Some(opener) = document.query_selector(OPENER).ok().flatten() else { return };
    for event in ["click", "input"] {
        listen(&opener, event, move |_: Event| open(content()));
    }
}

/// A click beside the palette closes it.
fn close_by_backdrop(event: &MouseEvent, dialog: NodeRef<Dialog>) {
    let Some(dialog) = dialog.get_untracked() else { return };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if target.as_ref() == Some(dialog.unchecked_ref()) {
        dialog.close();
    }
}

/// Brings an option into sight, and nothing more.
fn scroll_to(option: &Element) {
    let Some(list) = option.parent_element() else { return };
    let (option, view) = (option.get_bounding_client_rect(), list.get_bounding_client_rect());
    if option.top() < view.top() {
        list.set_scroll_top(list.scroll_top() - (view.top() - option.top()) as i32);
    } else if option.bottom() > view.bottom() {
        list.set_scroll_top(list.scroll_top() + (option.bottom() - view.bottom()) as i32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_draws_may_end_on_another_thread() {
        // A page that is streamed goes from one of the server's threads to the next.
        let owner = Owner::new();
        let page = owner.with(|| SearchPalette().into_any());
        let drawn = std::thread::spawn(move || {
            let drawn = page.to_html();
            owner.unset_with_forced_cleanup();
            drawn
        });
        assert!(drawn.join().unwrap().contains("role=\"combobox\""));
    }
}

//! Follows a running task: writes the lines of its log as they come, and brings the rest of the page up to date.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use web_sys::{DomParser, Element, EventSource, MessageEvent, SupportedType};

use crate::anchor::anchor;
use crate::browser::{document, listen, property, read, text, text_property, window};

/// The most lines that the log keeps.
const MAX_LINES: u32 = 5_000;

/// Follows the task of the page. The element around it has `data-task` and, in `data-after`, the id of the last event
/// that the server has drawn; its log is the list `.log-lines`. Elements with `data-live` are taken from the page
/// again whenever a step begins or ends.
#[island]
pub fn TaskLog() -> impl IntoView {
    anchor("[data-task]", follow)
}

fn follow(place: Element) {
    let task = place.get_attribute("data-task").unwrap_or_default();
    let after = place.get_attribute("data-after").unwrap_or_default();
    let address = format!("/api/scaffolder/v2/tasks/{task}/eventstream?after={after}");
    let Ok(stream) = EventSource::new(&address) else { return };
    let last = Rc::new(Cell::new(after.parse::<i64>().unwrap_or(-1)));
    let page = Rc::new(Refresh::default());
    for kind in ["log", "completion", "cancelled", "recovered"] {
        let source = stream.clone();
        let (place, last, page) = (place.clone(), Rc::clone(&last), Rc::clone(&page));
        listen(&stream, kind, move |event: MessageEvent| {
            let id = event.last_event_id().parse().unwrap_or(i64::MAX);
            if id <= last.get() {
                return;
            }
            last.set(id);
            let body = event.data().as_string().and_then(|data| js_sys::JSON::parse(&data).ok());
            let body = body.map_or(JsValue::UNDEFINED, |event| property(&event, "body"));
            append(&place, &text_property(&body, "message"));
            if kind != "log" || property(&body, "status").is_string() {
                Rc::clone(&page).ask();
            }
            if kind == "completion" {
                source.close();
            }
        });
    }
}

/// Writes the lines of a message at the end of the log, and stays at the end when the reader is there.
fn append(place: &Element, message: &str) {
    let lines = place.query_selector(".log-lines").ok().flatten();
    let (Some(list), Some(document)) = (lines, document()) else { return };
    let region = list.parent_element();
    let at_end = region
        .as_ref()
        .is_some_and(|region| region.scroll_top() + region.client_height() + 24 >= region.scroll_height());
    if let Some(note) = region.as_ref().and_then(|region| region.query_selector(".log-note").ok().flatten()) {
        note.remove();
    }
    let mut number = list
        .last_element_child()
        .and_then(|line| line.get_attribute("data-line")?.parse::<u64>().ok())
        .unwrap_or_default();
    for line in message.lines() {
        let (Ok(item), Ok(span)) = (document.create_element("li"), document.create_element("span")) else { return };
        number += 1;
        span.set_class_name("log-text");
        span.set_text_content(Some(&without_colours(line)));
        item.set_class_name("log-line");
        let _ = item.set_attribute("data-line", &number.to_string());
        let _ = item.append_child(&span);
        let _ = list.append_child(&item);
    }
    while list.child_element_count() > MAX_LINES {
        let Some(first) = list.first_element_child() else { break };
        first.remove();
    }
    if let Some(region) = region.filter(|_| at_end) {
        region.set_scroll_top(region.scroll_height());
    }
}

/// A line without the control sequences by which programs colour it.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' && characters.peek() == Some(&'[') {
            characters.next();
            // The sequence ends with its first letter or sign beyond the digits.
            while characters.next().is_some_and(|next| !matches!(next, '@'..='~')) {}
        } else if character == '\t' || !character.is_control() {
            plain.push(character);
        }
    }
    plain
}

/// Brings the live parts of the page up to date, one reading at a time.
#[derive(Default)]
struct Refresh {
    running: Cell<bool>,
    asked_again: Cell<bool>,
    parser: RefCell<Option<DomParser>>,
}

impl Refresh {
    fn ask(self: Rc<Self>) {
        if self.running.replace(true) {
            self.asked_again.set(true);
            return;
        }
        wasm_bindgen_futures::spawn_local(async move {
            loop {
                self.asked_again.set(false);
                self.run().await;
                if !self.asked_again.get() {
                    break;
                }
            }
            self.running.set(false);
        });
    }

    async fn run(&self) -> Option<()> {
        let address = window()?.location().href().ok()?;
        let html = text(&read(&address, None).await?).await?;
        let parser = self.parser.borrow_mut().take().or_else(|| DomParser::new().ok())?;
        let fresh = parser.parse_from_string(&html, SupportedType::TextHtml).ok()?;
        *self.parser.borrow_mut() = Some(parser);
        let live = document()?.query_selector_all("[data-live]").ok()?;
        for index in 0..live.length() {
            let old: Element = live.item(index)?.unchecked_into();
            let name = old.get_attribute("data-live").unwrap_or_default();
            let new = fresh.query_selector(&format!("[data-live=\"{name}\"]")).ok().flatten();
            if let Some(new) = new {
                let _ = old.replace_with_with_node_1(&new);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_control_characters_are_left_out() {
        for (line, plain) in [
            ("plain", "plain"),
            ("\u{1b}[32minfo\u{1b}[39m: done", "info: done"),
            ("\u{1b}[1;31mred", "red"),
            ("cut \u{1b}[3", "cut "),
            ("bell\u{7} tab\t", "bell tab\t"),
            ("\u{1b}x", "x"),
        ] {
            assert_eq!(without_colours(line), plain);
        }
    }
}

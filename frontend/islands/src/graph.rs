//! Moves around in a drawn graph: it begins at the node that it is about, and is dragged like a map. Without it the
//! frame scrolls.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use web_sys::{Element, Event, MouseEvent};

use crate::anchor::anchor;
use crate::browser::{document, listen};

/// From so many pixels on, a press is a drag and no click.
const SLACK: i32 = 4;

/// Takes care of the `.graph` in the element around it.
#[island]
pub fn GraphHelper() -> impl IntoView {
    anchor("[data-graph]", |place| {
        if let Some(graph) = place.query_selector(".graph").ok().flatten() {
            center(&graph);
            drag(graph);
        }
    })
}

/// Brings the current node into the middle.
fn center(graph: &Element) {
    let Some(node) = graph.query_selector("[aria-current]").ok().flatten() else { return };
    let (node, frame) = (node.get_bounding_client_rect(), graph.get_bounding_client_rect());
    let offset = |at: f64, size: f64, start: f64, room: f64| (at + size / 2.0 - start - room / 2.0) as i32;
    graph.set_scroll_left(graph.scroll_left() + offset(node.left(), node.width(), frame.left(), frame.width()));
    graph.set_scroll_top(graph.scroll_top() + offset(node.top(), node.height(), frame.top(), frame.height()));
}

fn drag(graph: Element) {
    // Where the press began, and where the frame stood then.
    let from = Rc::new(Cell::new(None::<(i32, i32, i32, i32)>));
    let moved = Rc::new(Cell::new(false));
    {
        let (from, moved, frame) = (Rc::clone(&from), Rc::clone(&moved), graph.clone());
        listen(&graph, "mousedown", move |event: MouseEvent| {
            moved.set(false);
            if event.button() == 0 {
                from.set(Some((event.client_x(), event.client_y(), frame.scroll_left(), frame.scroll_top())));
            }
        });
    }
    {
        let moved = Rc::clone(&moved);
        // A link under the pointer is no target of a drag.
        listen(&graph, "click", move |event: Event| {
            if moved.get() {
                event.prevent_default();
            }
        });
    }
    listen(&graph, "dragstart", |event: Event| event.prevent_default());
    let Some(document) = document() else { return };
    {
        let from = Rc::clone(&from);
        listen(&document, "mouseup", move |_: Event| from.set(None));
    }
    listen(&document, "mousemove", move |event: MouseEvent| {
        let Some((x, y, left, top)) = from.get() else { return };
        let (dx, dy) = (event.client_x() - x, event.client_y() - y);
        if moved.get() || dx.abs() > SLACK || dy.abs() > SLACK {
            moved.set(true);
            graph.set_scroll_left(left - dx);
            graph.set_scroll_top(top - dy);
        }
    });
}

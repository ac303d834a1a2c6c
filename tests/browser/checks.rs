//! What must hold on every page, whatever it shows.

use serde_json::Value;

use crate::browser::Browser;

/// Gives a sentence for everything that is wrong with the page in front of the reader.
const ACCESSIBILITY: &str = r##"
const wrong = [];
const shown = (element) => element.checkVisibility ? element.checkVisibility() : element.offsetParent !== null;
const about = (element) => element.outerHTML.slice(0, 160);
const words = (ids) => (ids || '').split(/\s+/).filter(Boolean).map((id) => document.getElementById(id)?.textContent || '').join(' ').trim();
const own = (element) => element.getAttribute('aria-label') || words(element.getAttribute('aria-labelledby')) || element.getAttribute('title') || '';

if (!document.documentElement.lang) wrong.push('the document says no language');
if (!document.title.trim()) wrong.push('the document has no title');
const headings = [...document.querySelectorAll('h1')].filter(shown);
if (headings.length !== 1) wrong.push(`${headings.length} headings of level 1`);
for (const landmark of ['main', 'nav', 'header']) {
  if (!document.querySelector(landmark)) wrong.push(`no ${landmark}`);
}
if (!document.querySelector('a[href="#content"]')) wrong.push('no link that skips to the content');

for (const field of document.querySelectorAll('input, select, textarea')) {
  if (field.type === 'hidden' || ['submit', 'button'].includes(field.type)) continue;
  const label = [...(field.labels || [])].map((label) => label.textContent).join(' ').trim();
  if (!label && !own(field).trim()) wrong.push(`a field without a label: ${about(field)}`);
}
for (const control of document.querySelectorAll('a[href], button, summary, [role=button], [role=option]')) {
  const drawn = [...control.querySelectorAll('svg title, img[alt]')].map((part) => part.textContent || part.alt).join(' ');
  const name = control.textContent.trim() || own(control).trim() || drawn.trim();
  if (!name) wrong.push(`a control without a name: ${about(control)}`);
}
for (const image of document.querySelectorAll('img:not([alt])')) wrong.push(`a picture without words: ${about(image)}`);
for (const table of document.querySelectorAll('table')) {
  if (!table.querySelector('th')) wrong.push(`a table without heads: ${about(table)}`);
}
const seen = new Set();
for (const element of document.querySelectorAll('[id]')) {
  if (seen.has(element.id)) wrong.push(`the id ${element.id} is there twice`);
  seen.add(element.id);
}
for (const attribute of ['aria-describedby', 'aria-labelledby', 'for', 'popovertarget']) {
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    for (const id of element.getAttribute(attribute).split(/\s+/).filter(Boolean)) {
      if (!seen.has(id)) wrong.push(`${attribute} names ${id}, which is not there: ${about(element)}`);
    }
  }
}
for (const element of document.querySelectorAll('[tabindex]')) {
  if (element.tabIndex > 0) wrong.push(`a tabindex above 0: ${about(element)}`);
}
return wrong;
"##;

/// How far the page is wider than the window, and which elements are the cause.
const OVERFLOW: &str = r##"
const root = document.scrollingElement;
if (root.scrollWidth <= window.innerWidth) return [];
const clipped = (element) => {
  for (let parent = element.parentElement; parent && parent !== root; parent = parent.parentElement) {
    if (getComputedStyle(parent).overflowX !== 'visible') return true;
  }
  return false;
};
const wide = [...document.querySelectorAll('main *, header *')].filter(
  (element) => element.getBoundingClientRect().right > window.innerWidth + 1 && !clipped(element));
return [`${root.scrollWidth} pixels in a window of ${window.innerWidth}`, ...wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 120))];
"##;

/// What the element with the focus looks like.
const FOCUS: &str = r##"
const element = document.activeElement;
if (!element || element === document.body) return null;
const style = getComputedStyle(element);
const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
const around = element.parentElement ? getComputedStyle(element.parentElement) : style;
const framed = around.outlineStyle !== 'none' && parseFloat(around.outlineWidth) > 0;
return { html: element.outerHTML.slice(0, 120), visible: outlined || framed || style.boxShadow !== 'none' || around.boxShadow !== 'none' };
"##;

fn sentences(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.map(|sentence| sentence.as_str().map_or_else(|| sentence.to_string(), str::to_owned)).collect()
}

/// The page can be used by ear and by keyboard, as far as a script can tell.
pub(crate) async fn accessibility(browser: &Browser, place: &str) {
    let wrong = sentences(&browser.script(ACCESSIBILITY).await);
    assert!(wrong.is_empty(), "{place}: {wrong:#?}");
}

/// The page is not wider than the window.
pub(crate) async fn no_overflow(browser: &Browser, place: &str) {
    let wrong = sentences(&browser.script(OVERFLOW).await);
    assert!(wrong.is_empty(), "{place}: {wrong:#?}");
}

/// Wherever the tabulator leads, the reader sees where they are.
pub(crate) async fn visible_focus(browser: &Browser, place: &str, steps: usize) {
    let mut reached = 0;
    for _ in 0..steps {
        browser.press(thirtyfour::Key::Tab.value().to_string()).await;
        let focus = browser.script(FOCUS).await;
        if focus.is_null() {
            continue;
        }
        reached += 1;
        assert_eq!(focus["visible"], true, "{place}: the focus is not seen on {}", focus["html"]);
    }
    assert!(reached >= steps / 2, "{place}: the tabulator reached {reached} places of {steps}");
}

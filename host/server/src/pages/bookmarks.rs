//! The cookies in which a reader's stars and saved lists are kept. They hold names and addresses of the portal only, and
//! are read as anything that comes from outside: bounded, and what makes no sense is left out.

use host_api::{Bookmarks, SavedView};
use host_model::EntityRef;
use http::{HeaderMap, HeaderValue};

use super::cookies::cookie;

const STARS: &str = "callboard-stars";
const VIEWS: &str = "callboard-views";
/// Browsers keep cookies of up to 4096 bytes; names and attributes need some of it.
const MAX_COOKIE: usize = 3600;
/// The most stars. Older ones go.
const MAX_STARS: usize = 60;
/// The most saved lists. Older ones go.
const MAX_VIEWS: usize = 12;
/// The longest name of a saved list, in characters.
const MAX_NAME: usize = 60;
/// The longest address of a saved list, in bytes.
const MAX_QUERY: usize = 500;

/// What the reader's browser keeps.
pub(crate) fn read(headers: &HeaderMap) -> Bookmarks {
    let stars = cookie(headers, STARS).unwrap_or_default().split('|');
    let mut found: Vec<EntityRef> = Vec::new();
    for star in stars.filter_map(|star| star.parse().ok()).take(MAX_STARS) {
        if !found.contains(&star) {
            found.push(star);
        }
    }
    let views = cookie(headers, VIEWS).unwrap_or_default();
    let views = form_urlencoded::parse(views.as_bytes()).filter_map(|(name, query)| view(&name, &query));
    Bookmarks { stars: found, views: views.take(MAX_VIEWS).collect() }
}

/// A saved list, if its name can be shown.
fn view(name: &str, query: &str) -> Option<SavedView> {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    let query = query.trim_start_matches('?');
    let is_plain = query.len() <= MAX_QUERY && query.bytes().all(|byte| byte.is_ascii_graphic());
    (!name.is_empty() && is_plain).then(|| SavedView { name, query: query.to_owned() })
}

/// Sets or takes away a star.
pub(crate) fn set_star(bookmarks: &mut Bookmarks, entity: EntityRef, has_star: bool) {
    bookmarks.stars.retain(|star| *star != entity);
    if has_star {
        bookmarks.stars.insert(0, entity);
        bookmarks.stars.truncate(MAX_STARS);
    }
}

/// Saves a list under a name, in the place of the one that had it; false when the name or the address cannot be kept.
pub(crate) fn save_view(bookmarks: &mut Bookmarks, name: &str, query: &str) -> bool {
    let Some(view) = view(name, query) else { return false };
    bookmarks.views.retain(|known| known.name != view.name);
    bookmarks.views.push(view);
    let surplus = bookmarks.views.len().saturating_sub(MAX_VIEWS);
    bookmarks.views.drain(..surplus);
    true
}

/// The cookie for the stars.
pub(crate) fn stars_cookie(bookmarks: &Bookmarks) -> Option<HeaderValue> {
    let mut text = String::new();
    for star in &bookmarks.stars {
        let star = star.to_string();
        if text.len() + star.len() >= MAX_COOKIE {
            break;
        }
        if !text.is_empty() {
            text.push('|');
        }
        text.push_str(&star);
    }
    kept(STARS, &text)
}

/// The cookie for the saved lists; the oldest are dropped where there is no room.
pub(crate) fn views_cookie(bookmarks: &Bookmarks) -> Option<HeaderValue> {
    let written = |views: &[SavedView]| {
        let pairs = views.iter().map(|view| (&view.name, &view.query));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    };
    let mut views = bookmarks.views.as_slice();
    let mut text = written(views);
    while text.len() > MAX_COOKIE && !views.is_empty() {
        views = &views[1..];
        text = written(views);
    }
    kept(VIEWS, &text)
}

fn kept(name: &str, value: &str) -> Option<HeaderValue> {
    let seconds = if value.is_empty() { 0 } else { 31_536_000 };
    HeaderValue::try_from(format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax")).ok()
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    fn back(cookies: &[Option<HeaderValue>]) -> Bookmarks {
        let pair = |cookie: &Option<HeaderValue>| {
            let text = cookie.as_ref().unwrap().to_str().unwrap();
            (header::COOKIE, HeaderValue::try_from(text.split(';').next().unwrap()).unwrap())
        };
        read(&cookies.iter().map(pair).collect())
    }

    #[test]
    fn what_is_kept_comes_back() {
        let mut bookmarks = Bookmarks::default();
        let star = |name: &str| EntityRef::new("component", "default", name);
        for name in ["a", "b", "a"] {
            set_star(&mut bookmarks, star(name), true);
        }
        set_star(&mut bookmarks, star("c"), true);
        set_star(&mut bookmarks, star("c"), false);
        assert!(save_view(&mut bookmarks, " Täglich & mehr ", "kind=api&owner=group%3Adefault%2Fa"));
        assert!(!save_view(&mut bookmarks, "  ", "kind=api") && !save_view(&mut bookmarks, "x", "a b"));
        assert_eq!(bookmarks.stars, [star("a"), star("b")]);
        assert_eq!(back(&[stars_cookie(&bookmarks), views_cookie(&bookmarks)]), bookmarks);
    }

    #[test]
    fn cookies_stay_within_what_browsers_keep() {
        let mut bookmarks = Bookmarks::default();
        for number in 0..200 {
            set_star(
                &mut bookmarks,
                EntityRef::new("component", "default", &format!("{number}{}", "x".repeat(50))),
                true,
            );
            assert!(save_view(&mut bookmarks, &format!("view {number}"), &"a".repeat(MAX_QUERY)));
        }
        for cookie in [stars_cookie(&bookmarks), views_cookie(&bookmarks)] {
            assert!(cookie.unwrap().len() < 4000);
        }
        assert_eq!(back(&[stars_cookie(&bookmarks)]).stars[0], bookmarks.stars[0]);
        assert_eq!(back(&[views_cookie(&bookmarks)]).views.last(), bookmarks.views.last());
    }

    #[test]
    fn nonsense_is_left_out() {
        let headers = [(header::COOKIE, HeaderValue::from_static("callboard-stars=|:::|component:default/a|x y"))];
        assert_eq!(read(&headers.into_iter().collect()).stars, [EntityRef::new("component", "default", "a")]);
    }
}

//! Cookies of the pages: the theme, and a notice that is shown once.

use http::{HeaderMap, HeaderValue, header};

const THEME: &str = "callboard-theme";
const NOTICE: &str = "callboard-notice";
/// The longest notice; longer ones are cut.
const MAX_NOTICE: usize = 300;

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The theme that the reader chose.
pub(crate) fn theme(headers: &HeaderMap) -> Option<String> {
    cookie(headers, THEME).filter(|theme| matches!(*theme, "light" | "dark")).map(str::to_owned)
}

/// Remembers a theme for a year; anything but `light` and `dark` goes back to the system's.
pub(crate) fn set_theme(theme: &str) -> HeaderValue {
    match theme {
        "light" => HeaderValue::from_static("callboard-theme=light; Path=/; Max-Age=31536000; SameSite=Lax"),
        "dark" => HeaderValue::from_static("callboard-theme=dark; Path=/; Max-Age=31536000; SameSite=Lax"),
        _ => HeaderValue::from_static("callboard-theme=; Path=/; Max-Age=0; SameSite=Lax"),
    }
}

/// The notice of the action before.
pub(crate) fn notice(headers: &HeaderMap) -> Option<String> {
    let encoded = cookie(headers, NOTICE)?;
    let (text, _) = form_urlencoded::parse(encoded.as_bytes()).next()?;
    (!text.is_empty()).then(|| text.chars().filter(|c| !c.is_control()).take(MAX_NOTICE).collect())
}

/// Shows a notice on the next page.
pub(crate) fn set_notice(text: &str) -> Option<HeaderValue> {
    let text: String = text.chars().take(MAX_NOTICE).collect();
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    HeaderValue::try_from(format!("{NOTICE}={encoded}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax")).ok()
}

/// The notice was shown.
pub(crate) fn forget_notice() -> HeaderValue {
    HeaderValue::from_static("callboard-notice=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_survives_the_redirect() {
        let set = set_notice("Re-run of \"CI\" was asked for; 100% ok\n").unwrap();
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(format!("a=b; {pair}")).unwrap())]);
        assert_eq!(notice(&headers).as_deref(), Some("Re-run of \"CI\" was asked for; 100% ok"));
    }

    #[test]
    fn only_known_themes_count() {
        let with = |value: &'static str| HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(value))]);
        assert_eq!(theme(&with("callboard-theme=dark")).as_deref(), Some("dark"));
        assert_eq!(theme(&with("callboard-theme=\"><script>")), None);
    }
}

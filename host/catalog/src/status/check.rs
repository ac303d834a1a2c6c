//! What may be said of an entity from outside.

use serde_json::Value;

use crate::ChangeError;

/// The most items of one status.
const MOST_ITEMS: usize = 20;
/// The longest status, in bytes of JSON.
const LONGEST: usize = 16 * 1024;
/// The longest name of a source.
const LONGEST_SOURCE: usize = 100;
/// The longest time to live: 30 days, in seconds.
const LONGEST_TTL: u64 = 30 * 24 * 60 * 60;
/// What only the catalog itself says.
const OWN_TYPE: &str = "backstage.io/catalog-processing";

/// Checks a source's name, what it says and for how long.
pub(super) fn check(source: &str, status: &Value, ttl: Option<u64>) -> Result<(), ChangeError> {
    let wrong = |message: String| Err(ChangeError::InvalidInput(message));
    if source.trim().is_empty() || source.chars().count() > LONGEST_SOURCE || source.chars().any(char::is_control) {
        return wrong(format!("source must name who says it, in 1 to {LONGEST_SOURCE} characters"));
    }
    if ttl.is_some_and(|ttl| !(1..=LONGEST_TTL).contains(&ttl)) {
        return wrong(format!("ttl must be from 1 to {LONGEST_TTL} seconds; without it, a status does not expire"));
    }
    let Some(object) = status.as_object() else {
        return wrong("status must be a mapping with `items`".to_owned());
    };
    if let Some(key) = object.keys().find(|key| *key != "items") {
        return wrong(format!("status has the key {key:?}; expected only `items`"));
    }
    let Some(items) = object.get("items").and_then(Value::as_array) else {
        return wrong("status.items must be a list".to_owned());
    };
    if items.len() > MOST_ITEMS {
        return wrong(format!("status.items has {} items; at most {MOST_ITEMS} are kept", items.len()));
    }
    let length = status.to_string().len();
    if length > LONGEST {
        return wrong(format!("status is {length} bytes long; at most {LONGEST} are kept"));
    }
    for (at, item) in items.iter().enumerate() {
        check_item(item).or_else(|message| wrong(format!("status.items[{at}]{message}")))?;
    }
    Ok(())
}

fn check_item(item: &Value) -> Result<(), String> {
    if !item.is_object() {
        return Err(" must be a mapping with `type`, `level` and `message`".to_owned());
    }
    match item["type"].as_str() {
        None | Some("") => return Err(".type must be a text that is not empty".to_owned()),
        Some(OWN_TYPE) => return Err(format!(".type is {OWN_TYPE:?}, which only the catalog itself says")),
        Some(_) => {}
    }
    if !matches!(item["level"].as_str(), Some("info" | "warning" | "error")) {
        return Err(".level must be info, warning or error".to_owned());
    }
    if item["message"].as_str().is_none_or(str::is_empty) {
        return Err(".message must be a text that is not empty".to_owned());
    }
    match &item["error"] {
        Value::Null | Value::Object(_) => Ok(()),
        _ => Err(".error must be a mapping".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        let item = json!({"type": "a", "level": "error", "message": "m", "more": 1});
        let with = |key: &str, value: Value| {
            let mut item = item.clone();
            item[key] = value;
            json!({ "items": [item] })
        };
        for (source, status, ttl, expected) in [
            ("ci", json!({"items": [item]}), Some(60), None),
            ("ci", json!({"items": []}), None, None),
            (" ", json!({"items": []}), None, Some("source")),
            ("a\nb", json!({"items": []}), None, Some("source")),
            ("ci", json!({"items": []}), Some(0), Some("ttl")),
            ("ci", json!({"items": []}), Some(u64::MAX), Some("ttl")),
            ("ci", json!([]), None, Some("mapping")),
            ("ci", json!({"items": 1}), None, Some("list")),
            ("ci", json!({"items": [], "x": 1}), None, Some("\"x\"")),
            ("ci", json!({"items": [1]}), None, Some("items[0] must")),
            ("ci", with("type", json!("")), None, Some("items[0].type")),
            ("ci", with("type", json!(OWN_TYPE)), None, Some("only the catalog")),
            ("ci", with("level", json!("fatal")), None, Some(".level")),
            ("ci", with("message", json!(7)), None, Some(".message")),
            ("ci", with("error", json!("x")), None, Some(".error")),
            ("ci", with("message", json!("x".repeat(LONGEST))), None, Some("bytes")),
            ("ci", json!({"items": vec![item.clone(); 21]}), None, Some("at most 20")),
        ] {
            let told = check(source, &status, ttl).err().map(|error| error.to_string());
            match expected {
                Some(expected) => assert!(told.as_deref().is_some_and(|told| told.contains(expected)), "{told:?}"),
                None => assert_eq!(told, None),
            }
        }
    }
}

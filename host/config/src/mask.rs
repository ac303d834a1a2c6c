//! The merged result as it may be shown.

use serde_json::Value;

use crate::item::{Item, Kind};
use crate::nearest::simplify;

const MASK: &str = "***";

/// Parts of names whose values are secret wherever they stand.
const SECRET_NAMES: [&str; 12] = [
    "token",
    "secret",
    "password",
    "passphrase",
    "privatekey",
    "apikey",
    "accesskey",
    "signingkey",
    "credential",
    "authorization",
    "cookie",
    "cert",
];

/// The value with every secret replaced.
pub(crate) fn masked(item: &Item) -> Value {
    mask(item, false, false)
}

/// Whether a key's name says that its value is secret.
pub fn is_secret_name(name: &str) -> bool {
    let name = simplify(name);
    SECRET_NAMES.iter().any(|part| name.contains(part)) || name == "key"
}

fn mask(item: &Item, secret: bool, in_headers: bool) -> Value {
    let secret = secret || item.secret;
    match &item.kind {
        Kind::List(items) => items.iter().map(|item| mask(item, secret, in_headers)).collect(),
        Kind::Map(entries) => {
            let entries = entries.iter().map(|entry| {
                let name = simplify(&entry.key);
                let is_secret_header = in_headers && name.contains("key");
                let secret = secret || is_secret_header || is_secret_name(&entry.key);
                (entry.key.clone(), mask(&entry.item, secret, name == "headers"))
            });
            Value::Object(entries.collect())
        }
        Kind::Null => Value::Null,
        // `true` and `false` are too few to be secret, and `allowGuests` and the like are worth seeing.
        Kind::Bool(value) => (*value).into(),
        Kind::Number(_) | Kind::String(_) if secret => MASK.into(),
        Kind::Number(number) => number.clone().into(),
        Kind::String(text) => without_password(text).into(),
    }
}

/// An address without the user and password in it.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{MASK}{}", &rest[at..]),
        None => text.to_owned(),
    }
}

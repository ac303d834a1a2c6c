//! What is particular about some keys: why one has no effect, and which values mean something else here.

use host_config::WrittenKey;
use serde_json::Value;

use super::report::{Report, Row, Verdict};
use super::{files, remove};

/// Why keys have no effect, and what to do instead; the first that a key begins with holds.
const REASONS: &[(&str, &str, &str)] = &[
    ("app.support", "the pages have no support button", "nothing"),
    (
        "app.extensions",
        "pages are extended by plugins, not by extensions of a React application",
        "see `callboard plugin new`",
    ),
    ("app", "it belongs to Backstage's own pages", "nothing"),
    (
        "auth.providers.guest",
        "guests come in without a provider",
        "nothing on this machine; beyond it set auth.allowGuests: true if that is meant",
    ),
    (
        "auth",
        "people do not sign in yet: whoever reaches the portal is a guest of it",
        "put a proxy that signs people in before the portal, and set auth.allowGuests: true if it listens beyond this machine",
    ),
    (
        "backend.database",
        "the database is SQLite in the data folder",
        "nothing; --data names the folder and `callboard backup` copies the database",
    ),
    ("backend.cache", "what is cached lies in memory and in the data folder", "nothing"),
    (
        "backend.auth",
        "there are no services that would sign in to one another",
        "use the administrator's token in the data folder for administration",
    ),
    ("backend.https", "the portal speaks plain HTTP", "end TLS in a reverse proxy; examples/deploy has one"),
    ("backend", "it belongs to Backstage's own backend", "nothing"),
    (
        "catalog.providers",
        "there is no such provider yet; it is kept for the day when there is",
        "register what it would find as locations of type url meanwhile",
    ),
    ("catalog.import", "entities are registered, not imported by pull requests", "nothing"),
    ("catalog", "it steers parts of Backstage's engine that are not here", "nothing"),
    ("integrations.github", "apps and the like are not used with GitHub yet", "give the host a token"),
    ("integrations.gitlab", "it has no use here", "nothing"),
    (
        "integrations",
        "this kind of host is not read from yet; it is kept for the day when it is",
        "use git or archives from a host that is, or a copy in a folder",
    ),
    ("scaffolder", "it steers a part of Backstage's templates that is not here", "nothing"),
    ("techdocs", "documentation is not built or shown yet; it is kept for the day when it is", "nothing"),
    (
        "proxy",
        "plugins reach services through `upstreams`, which have credentials and limits of their own",
        "write one upstream for each target and bind it to the plugin that wants it",
    ),
    ("permission", "there are no permissions by rule yet", "keep the portal among those who may see everything"),
    ("search", "search is built in and needs nothing", "nothing"),
    ("lunr", "search is built in and needs nothing", "nothing"),
    (
        "dynamicPlugins",
        "plugins of Backstage do not run here; a plugin is a WebAssembly component",
        "see whether a first-party plugin does it, or begin one with `callboard plugin new`",
    ),
];

/// Keys of which each part is told by itself.
const IN_PARTS: &[&str] = &["auth.providers", "catalog.providers"];

/// The rows of a key that Backstage has and that has no effect here.
pub(super) fn unused(key: &WrittenKey, value: Option<&Value>) -> Vec<Row> {
    let parts =
        value.and_then(Value::as_object).filter(|parts| IN_PARTS.contains(&key.path.as_str()) && !parts.is_empty());
    match parts {
        Some(parts) => parts.keys().map(|part| row(key, format!("{}.{part}", key.path))).collect(),
        None => vec![row(key, key.path.clone())],
    }
}

fn row(key: &WrittenKey, path: String) -> Row {
    let begins =
        |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    let (why, todo) = match REASONS.iter().find(|(start, ..)| begins(start)) {
        Some((_, why, todo)) => (*why, *todo),
        None => (
            "it belongs to a plugin of Backstage",
            "see whether a first-party plugin does it, or begin one with `callboard plugin new`",
        ),
    };
    Row::new(&path, Verdict::Unsupported, key).why(why).todo(todo)
}

/// Changes values that would mean something else here, and notes secrets.
pub(super) fn adjust(value: &mut Value, keys: &[WrittenKey], report: &mut Report) {
    one_address(value, keys, report);
    own_origin(value, keys, report);
    for key in keys.iter().filter(|key| key.is_secret) {
        if value
            .pointer(&key.pointer)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty() && !text.contains("${"))
        {
            report.secrets.push(key.path.clone());
        }
    }
    let listens_everywhere = |value: &Value| {
        let host = value.pointer("/backend/listen/host").or_else(|| value.pointer("/backend/listen"));
        host.and_then(Value::as_str)
            .is_some_and(|host| host.starts_with("0.0.0.0") || host.starts_with("::") || host.starts_with("[::]"))
    };
    if listens_everywhere(value)
        && value.pointer("/auth/allowGuests").is_none()
        && let Some(key) =
            ["backend.listen.host", "backend.listen"].iter().find_map(|path| keys.iter().find(|key| key.path == *path))
    {
        let todo = "set auth.allowGuests: true if everybody who reaches the portal may use it, or listen on 127.0.0.1";
        report.change(
            key,
            Verdict::Changed,
            "the portal is reached from other machines, where everybody is a guest",
            todo,
        );
    }
}

/// Pages and API have one address here; in development, Backstage's pages have another.
fn one_address(value: &mut Value, keys: &[WrittenKey], report: &mut Report) {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let (Some(app), Some(backend)) = (text("/app/baseUrl"), text("/backend/baseUrl")) else { return };
    if app == backend || !files::is_loopback_address(&app) {
        return;
    }
    let Some(key) = keys.iter().find(|key| key.path == "app.baseUrl") else { return };
    if let Some(base_url) = value.pointer_mut("/app/baseUrl") {
        let why = format!("{app} is now {backend}: pages and API have one address here");
        *base_url = Value::String(backend);
        report.change(key, Verdict::Changed, why, "");
    }
}

/// With one address, the pages need no permission to call the API.
fn own_origin(value: &mut Value, keys: &[WrittenKey], report: &mut Report) {
    let origin = value.pointer("/backend/cors/origin").and_then(Value::as_str);
    if !origin.is_some_and(files::is_loopback_address) {
        return;
    }
    remove(value, "/backend/cors");
    let of_cors = |path: &str| path.starts_with("backend.cors.");
    report.rows.retain(|row| !of_cors(&row.key));
    if let Some(key) = keys.iter().find(|key| of_cors(&key.path)) {
        let row =
            Row::new("backend.cors", Verdict::Changed, key).why("it is left out: pages and API have one address here");
        report.rows.push(row.todo("write it again if other pages call the API"));
    }
}

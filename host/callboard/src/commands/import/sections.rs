//! What is particular about some keys: why one has no effect, and which values mean something else here.

use host_config::{WrittenKey, is_secret_name};
use serde_json::{Value, json};

use super::report::{Report, Row, Verdict, is_within};
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

/// The host that an entry for GitHub means when it names none.
const GITHUB: &str = "github.com";

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
    let (why, todo) = match REASONS.iter().find(|(start, ..)| is_within(&path, start)) {
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
    usual_host(value, keys, report);
    hosts_of_locations(value, keys, report);
    for key in keys {
        if let Some(value) = value.pointer(&key.pointer) {
            secrets(value, key.path.clone(), key.is_secret, report);
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

/// Notes the secrets that stand in a value, which has a path.
fn secrets(value: &Value, path: String, is_secret: bool, report: &mut Report) {
    match value {
        Value::String(text) if is_secret && !text.is_empty() && !text.contains("${") => report.secrets.push(path),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                secrets(item, format!("{path}[{index}]"), is_secret, report);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries.iter().filter(|(key, _)| !files::is_directive(key)) {
                secrets(value, format!("{path}.{key}"), is_secret || is_secret_name(key), report);
            }
        }
        _ => {}
    }
}

/// In Backstage, an entry for GitHub without a host means github.com.
fn usual_host(value: &mut Value, keys: &[WrittenKey], report: &mut Report) {
    let Some(Value::Array(entries)) = value.pointer_mut("/integrations/github") else { return };
    for (index, entry) in entries.iter_mut().enumerate() {
        let Some(entry) = entry.as_object_mut().filter(|entry| !entry.keys().any(|key| files::is_directive(key)))
        else {
            continue;
        };
        if entry.get("host").is_none_or(Value::is_null) {
            entry.insert("host".to_owned(), GITHUB.into());
            let path = format!("integrations.github[{index}]");
            let place = keys.iter().find(|key| is_within(&key.path, &path)).map(|key| key.place.clone());
            let row = Row::at(format!("{path}.host"), Verdict::Changed, place);
            report.replace(row.why(format!("it is {GITHUB} now, which Backstage takes without a word")));
        }
    }
}

/// Addresses are read only from hosts that the configuration names; Backstage reads public ones of GitHub anyway.
fn hosts_of_locations(value: &mut Value, keys: &[WrittenKey], report: &mut Report) {
    let listed = value.pointer("/catalog/locations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut unnamed: Vec<(String, String)> = Vec::new();
    for (index, location) in listed.iter().enumerate().filter(|(_, location)| location["type"] == "url") {
        let host = location["target"].as_str().and_then(host_of).filter(|host| !is_named(value, host));
        unnamed.extend(host.map(|host| (format!("catalog.locations[{index}].target"), host)));
    }
    for (path, host) in unnamed {
        let place = keys.iter().find(|key| key.path == path).map(|key| key.place.clone());
        if host != GITHUB {
            let row = Row::at(path, Verdict::Unsupported, place).why(format!("nothing may be read from {host} yet"));
            let todo =
                format!("add `- host: {host}` to backend.reading.allow, or to the kind of integrations that it is");
            report.replace(row.todo(todo));
            continue;
        }
        if add_host(value) {
            let row = Row::at("integrations.github".to_owned(), Verdict::Changed, place);
            report.rows.push(row.why(format!("{GITHUB} is added: locations are read from hosts that are named only")));
        }
    }
}

/// Adds github.com to the hosts of GitHub; false when it is there already, or when they stand in another file.
fn add_host(value: &mut Value) -> bool {
    if is_named(value, GITHUB) {
        return false;
    }
    let Some(all) = value.as_object_mut() else { return false };
    let integrations = all.entry("integrations").or_insert_with(|| json!({}));
    let Some(integrations) = integrations.as_object_mut() else { return false };
    let hosts = integrations.entry("github").or_insert_with(|| json!([]));
    let Some(hosts) = hosts.as_array_mut() else { return false };
    hosts.push(json!({ "host": GITHUB }));
    true
}

/// The host of an address, in lower case and with its port.
fn host_of(address: &str) -> Option<String> {
    let rest = address.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    (!host.is_empty() && !host.contains("${")).then_some(host)
}

/// Whether the configuration names a host to read from, or may do so in what is known only when the portal starts.
fn is_named(value: &Value, host: &str) -> bool {
    let is_elsewhere =
        |value: &Value| value.as_object().is_some_and(|value| value.keys().any(|key| files::is_directive(key)));
    let integrations = value.get("integrations");
    let kinds = integrations.and_then(Value::as_object).into_iter().flat_map(|all| all.values());
    let lists: Vec<&Value> = kinds.chain(value.pointer("/backend/reading/allow")).collect();
    if lists.iter().copied().chain(integrations).any(is_elsewhere) {
        return true;
    }
    lists.into_iter().filter_map(Value::as_array).flatten().any(|entry| {
        let named = entry["host"].as_str().unwrap_or_default().to_ascii_lowercase();
        let is_covered = || named.strip_prefix('*').is_some_and(|end| end.starts_with('.') && host.ends_with(end));
        is_elsewhere(entry) || files::depends_on_elsewhere(&entry["host"]) || named == host || is_covered()
    })
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

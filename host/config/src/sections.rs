//! From the merged result to [`Config`], section by section.

use std::collections::BTreeMap;

use host_model::diagnostic::Severity;

use crate::decode::Field;
use crate::nearest::{list, nearest};
use crate::reading;
use crate::types::{
    App, Auth, Backend, Catalog, CatalogHistory, CatalogLocation, Config, Cors, Grants, Inventory, KindMatcher, Listen,
    LocationKind, Organization, OrphanStrategy, Plugin, Rule, RuleLocation, Scaffolder, Schedule, Upstream,
};

/// Decodes everything; what does not fit is reported and takes its default.
pub(crate) fn config(root: &Field<'_>) -> Config {
    let mut config = Config {
        app: root.section("app").map(|field| app(&field)).unwrap_or_default(),
        organization: root.section("organization").map(|field| organization(&field)).unwrap_or_default(),
        backend: root.section("backend").map(|field| backend(&field)).unwrap_or_default(),
        catalog: root.section("catalog").map(|field| catalog(&field)).unwrap_or_default(),
        scaffolder: root.section("scaffolder").map(|field| scaffolder(&field)).unwrap_or_default(),
        auth: root.section("auth").map(|field| auth(&field)).unwrap_or_default(),
        integrations: root.section("integrations").map(|field| reading::integrations(&field)).unwrap_or_default(),
        ..Config::default()
    };
    for (name, field) in root.entries("upstreams") {
        if let Some(upstream) = upstream(&field) {
            config.upstreams.insert(name.to_owned(), upstream);
        }
    }
    let defined: Vec<&str> = root.entries("upstreams").into_iter().map(|(name, _)| name).collect();
    for (id, field) in root.entries("plugins") {
        if field.expect_map("a mapping") {
            config.plugins.insert(id.to_owned(), plugin(&field, &defined));
        }
    }
    config
}

fn app(field: &Field<'_>) -> App {
    let title = field.get("title").and_then(|title| title.text()).unwrap_or_else(|| App::default().title);
    App { title, base_url: field.get("baseUrl").and_then(|url| url.url()) }
}

fn organization(field: &Field<'_>) -> Organization {
    Organization { name: field.get("name").and_then(|name| name.text()) }
}

fn backend(field: &Field<'_>) -> Backend {
    let mut csp = BTreeMap::new();
    for (directive, sources) in field.entries("csp") {
        let value = if sources.is_false() { None } else { Some(sources.texts(false)) };
        let is_directive =
            !directive.is_empty() && directive.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let breaks_out = value.iter().flatten().any(|source| source.contains([';', ',', '\r', '\n']));
        if !is_directive || breaks_out {
            let message =
                format!("`{}` is not a directive of a content security policy with its sources", sources.path());
            sources.complain("config/value", message, Some("write it like `img-src: [\"'self'\", 'https:']`"));
            continue;
        }
        csp.insert(directive.to_owned(), value);
    }
    Backend {
        base_url: field.get("baseUrl").and_then(|url| url.url()),
        listen: field.get("listen").map(|field| listen(&field)).unwrap_or_default(),
        cors: field.section("cors").map(|field| cors(&field)),
        csp,
        reading: field.section("reading").map(|field| reading::reading(&field)).unwrap_or_default(),
    }
}

fn listen(field: &Field<'_>) -> Listen {
    let default = Listen::default();
    if !field.is_map() {
        let Some(text) = field.text() else { return default };
        return Listen::parse(&text).unwrap_or_else(|| {
            let message = format!("`{}` is not an address to listen on", field.path());
            field.complain("config/value", message, Some("write it like `127.0.0.1:7007` or `[::1]:7007`"));
            default
        });
    }
    let port = field.get("port").and_then(|port| port.integer(0, 65_535)).and_then(|port| u16::try_from(port).ok());
    let host = field.get("host").and_then(|host| host.text()).filter(|host| !host.is_empty());
    Listen {
        host: host.map_or(default.host, |host| host.trim_matches(['[', ']']).to_owned()),
        port: port.unwrap_or(default.port),
    }
}

fn cors(field: &Field<'_>) -> Cors {
    let texts = |key| field.get(key).map(|value| value.texts(true));
    let methods =
        texts("methods").unwrap_or_else(|| ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"].map(str::to_owned).into());
    let seconds = field.get("maxAge").and_then(|value| value.integer(0, 31_536_000));
    Cors {
        origin: field
            .get("origin")
            .filter(|origin| !origin.is_false())
            .map(|origin| origin.texts(false))
            .unwrap_or_default(),
        methods: methods.into_iter().map(|method| method.to_ascii_uppercase()).collect(),
        allowed_headers: texts("allowedHeaders").unwrap_or_default(),
        exposed_headers: texts("exposedHeaders").unwrap_or_default(),
        credentials: field.get("credentials").and_then(|value| value.boolean()).unwrap_or(false),
        max_age: seconds.map(std::time::Duration::from_secs),
    }
}

fn catalog(field: &Field<'_>) -> Catalog {
    let default = Catalog::default();
    let strategies = [("keep", OrphanStrategy::Keep), ("delete", OrphanStrategy::Delete)];
    let strategy = |key| field.get(key).and_then(|value| value.choice(&strategies));
    let interval = field.get("processingInterval");
    Catalog {
        locations: field.items("locations").iter().filter_map(location).collect(),
        kinds: field.items("kinds").iter().filter_map(kinds_file).collect(),
        rules: match field.get("rules") {
            Some(_) => field.items("rules").iter().filter_map(rule).collect(),
            None => default.rules,
        },
        readonly: field.get("readonly").and_then(|value| value.boolean()).unwrap_or(default.readonly),
        refresh_known_locations: field
            .get("defaultLocationConflictStrategy")
            .and_then(|value| value.choice(&[("reject", false), ("refresh", true)]))
            .unwrap_or(default.refresh_known_locations),
        orphan_strategy: strategy("orphanStrategy").unwrap_or(default.orphan_strategy),
        orphan_grace_period: field
            .get("orphanGracePeriod")
            .and_then(|value| value.duration())
            .unwrap_or(default.orphan_grace_period),
        orphan_provider_strategy: strategy("orphanProviderStrategy").unwrap_or(default.orphan_provider_strategy),
        inventories: field
            .section("providers")
            .map(|providers| providers.entries("inventory"))
            .unwrap_or_default()
            .iter()
            .filter_map(|(id, field)| inventory(id, field))
            .collect(),
        processing_interval: match interval {
            Some(interval) if interval.is_false() => None,
            Some(interval) => interval.duration().or(default.processing_interval),
            None => default.processing_interval,
        },
        history: field.section("history").map(|history| catalog_history(&history)).unwrap_or_default(),
    }
}

fn catalog_history(field: &Field<'_>) -> CatalogHistory {
    let default = CatalogHistory::default();
    let keep_versions = field.get("keepVersions").and_then(|value| value.integer(0, 10_000));
    CatalogHistory {
        keep_for: field.get("keepFor").and_then(|value| value.duration()).unwrap_or(default.keep_for),
        keep_versions: keep_versions.and_then(|most| usize::try_from(most).ok()).unwrap_or(default.keep_versions),
    }
}

fn inventory(id: &str, field: &Field<'_>) -> Option<Inventory> {
    if !field.expect_map("a mapping with `target`") {
        return None;
    }
    let Some(target) = field.get("target") else {
        field.missing("target");
        return None;
    };
    let schedule = field.section("schedule").map(|field| schedule(&field)).unwrap_or_default();
    Some(Inventory { id: id.to_owned(), target: target.text()?, schedule })
}

fn schedule(field: &Field<'_>) -> Schedule {
    let default = Schedule::default();
    let duration = |key| field.get(key).and_then(|value| value.duration());
    let frequency = field.get("frequency");
    let is_manual = frequency
        .as_ref()
        .filter(|frequency| frequency.is_map())
        .and_then(|frequency| frequency.get("trigger"))
        .and_then(|trigger| trigger.text())
        .is_some_and(|trigger| trigger == "manual");
    Schedule {
        frequency: if is_manual { None } else { duration("frequency").or(default.frequency) },
        timeout: duration("timeout").unwrap_or(default.timeout),
        initial_delay: duration("initialDelay").unwrap_or(default.initial_delay),
    }
}

fn location(field: &Field<'_>) -> Option<CatalogLocation> {
    if !field.expect_map("a mapping with `type` and `target`") {
        return None;
    }
    for key in ["type", "target"] {
        if field.get(key).is_none() {
            field.missing(key);
        }
    }
    let kind = field.get("type")?.choice(&[("file", LocationKind::File), ("url", LocationKind::Url)])?;
    let target_field = field.get("target")?;
    let target = target_field.text()?;
    let target = match kind {
        LocationKind::Url => target,
        LocationKind::File => target_field.origin().resolve(&target).to_string_lossy().into_owned(),
    };
    let allow = field.items("rules").iter().filter_map(rule).flat_map(|rule| rule.allow).collect();
    Some(CatalogLocation { kind, target, allow })
}

fn kinds_file(field: &Field<'_>) -> Option<String> {
    let path = field.text()?;
    if path.contains("://") {
        let message = format!("`{}` is the address {path}; declarations of kinds are read from files", field.path());
        field.complain("config/value", message, Some("give the path of a file"));
        return None;
    }
    Some(field.origin().resolve(&path).to_string_lossy().into_owned())
}

fn rule(field: &Field<'_>) -> Option<Rule> {
    if !field.expect_map("a mapping with `allow`") {
        return None;
    }
    if field.get("allow").is_none() {
        field.missing("allow");
        return None;
    }
    let allow = field.items("allow").iter().filter_map(kind_matcher).collect();
    let locations = field.get("locations").map(|_| field.items("locations").iter().filter_map(rule_location).collect());
    Some(Rule { allow, locations })
}

fn kind_matcher(field: &Field<'_>) -> Option<KindMatcher> {
    if !field.is_map() {
        return field.text().map(|kind| KindMatcher { kind, spec_type: None });
    }
    let Some(kind) = field.get("kind") else {
        field.missing("kind");
        return None;
    };
    Some(KindMatcher { kind: kind.text()?, spec_type: field.get("spec.type").and_then(|value| value.text()) })
}

fn rule_location(field: &Field<'_>) -> Option<RuleLocation> {
    if !field.expect_map("a mapping with `type`, `exact` or `pattern`") {
        return None;
    }
    let text = |key| field.get(key).and_then(|value| value.text());
    let location = RuleLocation { kind: text("type"), exact: text("exact"), pattern: text("pattern") };
    if location.exact.is_some() && location.pattern.is_some() {
        let message = format!("`{}` has both `exact` and `pattern`", field.path());
        field.complain("config/value", message, Some("remove one of them"));
    }
    Some(location)
}

fn scaffolder(field: &Field<'_>) -> Scaffolder {
    let default = Scaffolder::default();
    let author = field.section("defaultAuthor");
    let of_author = |key| author.as_ref().and_then(|author| author.get(key)).and_then(|value| value.text());
    let limit = field.get("concurrentTasksLimit").and_then(|value| value.integer(0, 1_000));
    Scaffolder {
        concurrent_tasks_limit: limit
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(default.concurrent_tasks_limit),
        default_author_name: of_author("name").unwrap_or(default.default_author_name),
        default_author_email: of_author("email").unwrap_or(default.default_author_email),
        default_commit_message: field
            .get("defaultCommitMessage")
            .and_then(|value| value.text())
            .unwrap_or(default.default_commit_message),
        task_timeout: field.get("taskTimeout").and_then(|value| value.duration()).unwrap_or(default.task_timeout),
    }
}

fn auth(field: &Field<'_>) -> Auth {
    Auth { allow_guests: field.get("allowGuests").and_then(|value| value.boolean()).unwrap_or(false) }
}

fn plugin(field: &Field<'_>, defined: &[&str]) -> Plugin {
    let default = Plugin::default();
    let mut upstreams = BTreeMap::new();
    for (name, binding) in field.entries("upstreams") {
        let Some(target) = binding.text() else { continue };
        if defined.contains(&target.as_str()) {
            upstreams.insert(name.to_owned(), target);
            continue;
        }
        let hint = match nearest(&target, defined.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if defined.is_empty() => format!("define it: `upstreams: {{ {target}: {{ target: https://… }} }}`"),
            None => format!("defined are {}", list(defined.iter().copied())),
        };
        let message = format!("`{}` is bound to `{target}`, which `upstreams` does not define", binding.path());
        binding.complain("config/unknown-upstream", message, Some(&hint));
    }
    let grants = field.section("grants");
    let granted = |key: &str| grants.as_ref().and_then(|grants| grants.get(key)).map(|value| value.texts(false));
    Plugin {
        enabled: field.get("enabled").and_then(|value| value.boolean()).unwrap_or(default.enabled),
        upstreams,
        grants: Grants {
            write: granted("write").unwrap_or_default(),
            webhooks: granted("webhooks").unwrap_or_default(),
        },
        config: field.section("config").map_or(default.config, |config| config.to_json()),
    }
}

fn upstream(field: &Field<'_>) -> Option<Upstream> {
    if !field.expect_map("a mapping with `target`") {
        return None;
    }
    let Some(target) = field.get("target") else {
        field.missing("target");
        return None;
    };
    let mut upstream = Upstream::new(target.url()?);
    for (name, value) in field.entries("headers") {
        let Some(text) = value.secret() else { continue };
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let is_sendable = |character: char| character == '\t' || !character.is_control();
        if name.is_empty() || !name.bytes().all(is_token) || !text.expose().chars().all(is_sendable) {
            let message = format!("`{}` is not a header that can be sent", value.path());
            value.complain("config/value", message, Some("remove line breaks and special characters"));
            continue;
        }
        upstream.headers.insert(name.to_owned(), text);
    }
    let private = field.get("allowPrivateNetwork").and_then(|value| value.boolean());
    upstream.allow_private_network = private.unwrap_or(upstream.allow_private_network);
    upstream.timeout = field.get("timeout").and_then(|value| value.duration()).unwrap_or(upstream.timeout);
    let most = field.get("maxResponseBytes").and_then(|value| value.integer(1, 1 << 30));
    upstream.max_response_bytes = most.unwrap_or(upstream.max_response_bytes);
    if upstream.target.scheme() == "http" && !upstream.headers.is_empty() && !upstream.allow_private_network {
        let message = format!("`{}` sends its headers over http, where anyone on the way can read them", field.path());
        field.complain_as(Severity::Warning, "config/insecure", message, Some("use https"));
    }
    Some(upstream)
}

//! The whole way: files, environment and flags in, configuration and complaints out.

use std::fs;
use std::path::Path;
use std::time::Duration;

use host_model::diagnostic::Severity;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Config, Listen, LoadRequest, Loaded, LocationKind, OrphanStrategy, load};

struct Case {
    directory: TempDir,
    request: LoadRequest,
}

impl Case {
    /// Files by name; those that end in `.yaml` at the top are configuration files in this order.
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut request = LoadRequest { working_directory: directory.path().to_owned(), ..LoadRequest::default() };
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().expect("it is in a directory")).expect("the directory can be made");
            fs::write(&path, text).expect("the file can be written");
            if name.starts_with("config") {
                request.files.push(name.into());
            }
        }
        Self { directory, request }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.request.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn flag(mut self, path: &[&str], value: Value) -> Self {
        let path = path.iter().map(|&key| key.to_owned()).collect();
        self.request.flags.push(("--flag".to_owned(), path, value));
        self
    }

    fn load(&self) -> Loaded {
        load(&self.request)
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

fn one(text: &str) -> Loaded {
    Case::new(&[("config.yaml", text)]).load()
}

/// The findings in the form in which people read them.
fn findings(loaded: &Loaded) -> Vec<String> {
    loaded.diagnostics.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_is_a_configuration() {
    let loaded = Case::new(&[]).load();
    assert_eq!(
        (loaded.config, findings(&Case::new(&[("config.yaml", "# nothing\n")]).load())),
        (Config::default(), vec![])
    );
    assert_eq!(Config::default().backend.listen.to_string(), "127.0.0.1:7007");
}

#[test]
fn every_key_is_read() {
    let text = r#"
app: { title: Acme, baseUrl: https://portal.acme.example }
organization: { name: Acme }
backend:
  baseUrl: http://localhost:7007
  listen: { host: "::1", port: "8080" }
  cors: { origin: http://localhost:3000, methods: 'get,post', credentials: true, maxAge: 60 }
  csp: { connect-src: ["'self'", 'https:'], upgrade-insecure-requests: false }
  reading:
    allow: [{ host: '*.example.com', paths: [/a/], allowPrivateNetwork: true }]
    sshCommand: ssh -F /etc/callboard/ssh_config
    timeout: 5s
catalog:
  locations:
    - type: file
      target: ../shared/./*.yaml
      rules: [{ allow: [User, { kind: Template, spec.type: website }] }]
    - { type: url, target: https://example.com/catalog-info.yaml }
  rules: [{ allow: [Component], locations: [{ type: url, pattern: https://github.com/acme/** }] }]
  kinds: [kinds/*.yaml]
  readonly: true
  defaultLocationConflictStrategy: refresh
  orphanStrategy: keep
  processingInterval: { minutes: 5 }
scaffolder:
  concurrentTasksLimit: 3
  defaultAuthor: { name: Ada, email: ada@acme.example }
  defaultCommitMessage: Begin
  taskTimeout: PT1H
auth: { allowGuests: true }
integrations:
  github: [{ host: github.com, token: hush, apiBaseUrl: https://api.github.com }]
  gitlab: [{ host: gitlab.com, baseUrl: https://gitlab.com }]
  gitea: [{ host: "gitea.example.com:3000", username: reader, password: hush }]
  bitbucketCloud: [{ username: reader, appPassword: hush }]
  bitbucketServer: [{ host: bitbucket.example.com, token: hush, allowPrivateNetwork: true }]
  azure: [{ credentials: [{ personalAccessToken: hush }] }]
  gerrit: [{ host: gerrit.example.com, cloneUrl: https://git.example.com }]
  git: [{ host: git.example.com, token: hush }]
plugins:
  openapi: { enabled: false, grants: { write: ["metadata.annotations.x/*"], webhooks: [push] }, config: { a: [1] } }
  cards: { upstreams: { github: acme } }
upstreams:
  acme: { target: https://api.github.com, headers: { Authorization: Bearer x }, timeout: 3s, maxResponseBytes: 1000 }
"#;
    let case = Case::new(&[("conf/config.yaml", "")]);
    fs::write(case.path().join("conf/config.yaml"), text).expect("the file can be written");
    let request = LoadRequest { files: vec!["conf/config.yaml".into()], ..case.request.clone() };
    let loaded = load(&request);
    assert_eq!(findings(&loaded), Vec::<String>::new());
    let Config { app, organization, backend, catalog, scaffolder, auth, integrations, plugins, upstreams } =
        loaded.config;
    assert_eq!(
        (app.title.as_str(), app.base_url.map(String::from)),
        ("Acme", Some("https://portal.acme.example/".to_owned()))
    );
    assert_eq!(organization.name.as_deref(), Some("Acme"));
    assert_eq!(backend.listen.to_string(), "[::1]:8080");
    let cors = backend.cors.expect("it is configured");
    assert_eq!(
        (cors.origin, cors.methods),
        (vec!["http://localhost:3000".to_owned()], vec!["GET".to_owned(), "POST".to_owned()])
    );
    assert_eq!((cors.credentials, cors.max_age), (true, Some(Duration::from_secs(60))));
    assert_eq!(backend.csp["upgrade-insecure-requests"], None);
    assert_eq!(backend.csp["connect-src"].as_deref(), Some(&["'self'".to_owned(), "https:".to_owned()][..]));
    assert_eq!(backend.reading.allow[0].paths.as_deref(), Some(&["/a/".to_owned()][..]));
    assert!(backend.reading.allow[0].allow_private_network);
    assert_eq!(backend.reading.ssh_command, ["ssh", "-F", "/etc/callboard/ssh_config"]);
    assert_eq!(backend.reading.timeout, Duration::from_secs(5));
    assert_eq!(catalog.locations[0].target, case.path().join("shared/*.yaml").to_string_lossy());
    assert_eq!(catalog.locations[0].allow[1].spec_type.as_deref(), Some("website"));
    assert_eq!(catalog.locations[1].kind, LocationKind::Url);
    assert_eq!(catalog.rules[0].locations.as_ref().map(Vec::len), Some(1));
    assert!(catalog.readonly && catalog.refresh_known_locations);
    assert_eq!(catalog.kinds, [case.path().join("conf/kinds/*.yaml").to_string_lossy()]);
    assert_eq!(
        (catalog.orphan_strategy, catalog.processing_interval),
        (OrphanStrategy::Keep, Some(Duration::from_secs(300)))
    );
    assert_eq!((scaffolder.concurrent_tasks_limit, scaffolder.task_timeout), (3, Duration::from_secs(3600)));
    assert_eq!((scaffolder.default_author_name.as_str(), scaffolder.default_commit_message.as_str()), ("Ada", "Begin"));
    assert!(auth.allow_guests);
    assert_eq!(integrations.github[0].token.as_ref().map(|token| token.expose().as_str()), Some("hush"));
    assert_eq!(integrations.gitlab[0].base_url.as_ref().map(url::Url::as_str), Some("https://gitlab.com/"));
    let hosts = [&integrations.gitea, &integrations.bitbucket_cloud, &integrations.bitbucket_server]
        .into_iter()
        .chain([&integrations.azure, &integrations.gerrit, &integrations.git])
        .map(|all| all[0].host.as_str())
        .collect::<Vec<_>>();
    let expected = ["gitea.example.com:3000", "bitbucket.org", "bitbucket.example.com", "dev.azure.com"];
    assert_eq!(hosts, [&expected[..], &["gerrit.example.com", "git.example.com"]].concat());
    let password = integrations.bitbucket_cloud[0].password.as_ref().map(|secret| secret.expose().as_str());
    assert_eq!((integrations.bitbucket_cloud[0].username.as_deref(), password), (Some("reader"), Some("hush")));
    assert_eq!(integrations.azure[0].token.as_ref().map(|token| token.expose().as_str()), Some("hush"));
    assert!(integrations.bitbucket_server[0].allow_private_network && !integrations.gitlab[0].allow_private_network);
    assert!(!plugins["openapi"].enabled && plugins["cards"].enabled);
    assert_eq!(plugins["openapi"].grants.write, ["metadata.annotations.x/*"]);
    assert_eq!(plugins["openapi"].grants.webhooks, ["push"]);
    assert_eq!(plugins["openapi"].config, json!({"a": [1]}));
    assert_eq!(plugins["cards"].upstreams["github"], "acme");
    assert_eq!((upstreams["acme"].timeout, upstreams["acme"].max_response_bytes), (Duration::from_secs(3), 1000));
    assert_eq!(upstreams["acme"].headers["Authorization"].expose(), "Bearer x");
    assert!(!upstreams["acme"].allow_private_network);
}

#[test]
fn inventories_have_schedules_and_other_providers_are_backstages() {
    let loaded = one(
        "catalog:\n  orphanGracePeriod: 1h\n  orphanProviderStrategy: keep\n  providers:\n    github: { acme: { organization: acme } }\n    \
         inventory:\n      people: { target: https://x/people.json, schedule: { frequency: { trigger: manual }, timeout: PT5M } }\n      \
         things: { target: https://x/things.yaml, schedule: { frequency: { minutes: 5 }, initialDelay: 10s } }\n      \
         wrong: { tarlet: https://x }\n",
    );
    let found = findings(&loaded);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found.iter().any(|line| line.contains("`catalog.providers.github` is a key of Backstage")), "{found:#?}");
    assert!(found.iter().any(|line| line.contains("did you mean `target`?")), "{found:#?}");
    assert!(
        found.iter().any(|line| line.contains("`catalog.providers.inventory.wrong.target` is missing")),
        "{found:#?}"
    );
    let catalog = loaded.config.catalog;
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    assert_eq!(catalog.orphan_grace_period, minutes(60));
    assert_eq!(catalog.orphan_provider_strategy, OrphanStrategy::Keep);
    let [people, things] = &catalog.inventories[..] else { panic!("{:?}", catalog.inventories) };
    assert_eq!((people.id.as_str(), people.target.as_str()), ("people", "https://x/people.json"));
    assert_eq!((people.schedule.frequency, people.schedule.timeout), (None, minutes(5)));
    assert_eq!((things.schedule.frequency, things.schedule.initial_delay), (Some(minutes(5)), Duration::from_secs(10)));
}

#[test]
fn later_files_win_key_by_key() {
    let case = Case::new(&[
        ("config.yaml", "app: {title: One, baseUrl: http://one}\ncatalog: {rules: [{allow: [API]}], readonly: true}\n"),
        ("config.local.yaml", "app: {title: Two}\ncatalog: {rules: [{allow: [User]}], readonly: null}\n"),
    ]);
    let loaded = case.load();
    assert_eq!(findings(&loaded), Vec::<String>::new());
    let expected = json!({
        "app": {"title": "Two", "baseUrl": "http://one"},
        "catalog": {"rules": [{"allow": ["User"]}], "readonly": null},
    });
    assert_eq!(loaded.masked, expected);
    assert!(!loaded.config.catalog.readonly);
    assert_eq!(loaded.files, [case.path().join("config.local.yaml"), case.path().join("config.yaml")]);
}

#[test]
fn flags_win_over_variables_and_variables_over_files() {
    let case = Case::new(&[(
        "config.yaml",
        "app: {title: File}\nbackend: {listen: 127.0.0.1:1}\norganization: {name: File}\n",
    )])
    .variable("CALLBOARD_BACKEND__LISTEN", "127.0.0.1:2")
    .variable("callboard_app__title", "lower case is another variable")
    .variable("CALLBOARD_APP__TITLE", "Variable")
    .flag(&["backend", "listen"], json!("127.0.0.1:3"));
    let config = case.load().config;
    assert_eq!((config.backend.listen.port, config.app.title.as_str()), (3, "Variable"));
    assert_eq!(config.organization.name.as_deref(), Some("File"));
}

#[test]
fn variables_find_their_keys() {
    let case = Case::new(&[(
        "config.yaml",
        "plugins: {github-actions: {enabled: true}}\nupstreams: {myApi: {target: http://a}}\n",
    )])
    .variable("CALLBOARD_PLUGINS__GITHUB_ACTIONS__ENABLED", "false")
    .variable("CALLBOARD_UPSTREAMS__MYAPI__ALLOWPRIVATENETWORK", "true")
    .variable("CALLBOARD_CATALOG__RULES", "[{allow: [User]}]")
    .variable("CALLBOARD_APP__BASE_URL", "https://a.example")
    .variable("CALLBOARD_CATALOG__LOCATIONS", "[{type: file, target: ./here}]")
    .variable("CALLBOARD_SERVICE_HOST", "10.0.0.1")
    .variable("CALLBOARD_PORT_7007_TCP", "tcp://10.0.0.1:7007");
    let loaded = case.load();
    assert_eq!(findings(&loaded), Vec::<String>::new());
    assert!(!loaded.config.plugins["github-actions"].enabled);
    assert!(loaded.config.upstreams["myApi"].allow_private_network);
    assert_eq!(loaded.config.catalog.rules[0].allow[0].kind, "User");
    assert!(loaded.config.app.base_url.is_some());
    assert_eq!(loaded.config.catalog.locations[0].target, case.path().join("here").to_string_lossy());
}

#[rstest]
#[case("CALLBOARD_BAKEND__LISTEN", "1", "warning", "did you mean `CALLBOARD_BACKEND`?")]
#[case("CALLBOARD_APP__TITEL", "x", "error", "there is no key `app.titel` (hint: did you mean `title`?)")]
#[case("CALLBOARD_APP__TITLE", "[x", "error", "environment variable CALLBOARD_APP__TITLE:1:1: error: a `[` is opened")]
#[case("CALLBOARD_AUTH__ALLOWGUESTS", "perhaps", "error", "`auth.allowGuests` should be true or false, but is text")]
fn variables_are_checked(#[case] name: &str, #[case] value: &str, #[case] severity: &str, #[case] part: &str) {
    let loaded = Case::new(&[]).variable(name, value).load();
    let findings = findings(&loaded);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains(part) && findings[0].contains(severity) && findings[0].contains(name), "{findings:?}");
}

#[test]
fn substitutes_and_includes() {
    let case = Case::new(&[
        (
            "config.yaml",
            "app: {title: '${TITLE}'}\nbackend: {listen: '127.0.0.1:${PORT:-81}'}\norganization: {name: '$${NAME}'}\n\
            integrations:\n  github:\n    - $include: parts/forges.yaml#forges.github\n  \
            gitlab:\n    - {host: gitlab.com, token: {$file: parts/token}}\n\
            plugins: {a: {config: {secret: {$env: SECRET}, list: [a, '${NOTHING}', b]}}}\n\
            catalog: {locations: {$include: parts/locations.json}}\n",
        ),
        ("parts/forges.yaml", "forges:\n  github: {host: '${HOST}', token: {$file: ../parts/token}}\n"),
        ("parts/token", "hush\n\n"),
        ("parts/locations.json", "[{\"type\": \"file\", \"target\": \"org.yaml\"}]"),
    ])
    .variable("TITLE", "Acme")
    .variable("HOST", "ghe.acme.example")
    .variable("SECRET", "shh");
    let loaded = case.load();
    let findings = findings(&loaded);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(
        findings[0].starts_with("config.yaml:9:58: warning: the environment variable `NOTHING` is not set"),
        "{findings:?}"
    );
    let config = &loaded.config;
    assert_eq!((config.app.title.as_str(), config.backend.listen.port), ("Acme", 81));
    assert_eq!(config.organization.name.as_deref(), Some("${NAME}"));
    assert_eq!(config.integrations.github[0].host, "ghe.acme.example");
    assert_eq!(config.integrations.github[0].token.as_ref().map(|token| token.expose().as_str()), Some("hush"));
    assert_eq!(config.integrations.gitlab[0].token.as_ref().map(|token| token.expose().as_str()), Some("hush"));
    assert_eq!(config.plugins["a"].config, json!({"secret": "shh", "list": ["a", "b"]}));
    assert_eq!(config.catalog.locations[0].target, case.path().join("parts/org.yaml").to_string_lossy());
    assert_eq!(loaded.files.len(), 4);
}

#[test]
fn a_missing_token_sends_no_header() {
    let text = "upstreams: {a: {target: https://a.example, headers: {Authorization: 'Bearer ${TOKEN:-}'}}}\n";
    let loaded = one(text);
    assert_eq!(findings(&loaded), Vec::<String>::new());
    assert!(loaded.config.upstreams["a"].headers.is_empty());
    let loaded = Case::new(&[("config.yaml", text)]).variable("TOKEN", "x").load();
    assert_eq!(loaded.config.upstreams["a"].headers["Authorization"].expose(), "Bearer x");
}

#[rstest]
#[case::unknown("ap:\n  title: x\n", "config.yaml:1:1: error: there is no key `ap` (hint: did you mean `app`?)")]
#[case::unknown_deep(
    "upstreams:\n  a:\n    target: https://a\n    tagret: x\n",
    "config.yaml:4:5: error: there is no key `upstreams.a.tagret` (hint: did you mean `target`?)"
)]
#[case::elsewhere(
    "allowGuests: true\n",
    "config.yaml:1:1: error: there is no key `allowGuests` (hint: did you mean `auth.allowGuests`?)"
)]
#[case::in_list(
    "catalog:\n  locations:\n    - {type: file, target: a, rule: []}\n",
    "config.yaml:3:31: error: there is no key `catalog.locations[0].rule` (hint: did you mean `rules`?)"
)]
#[case::far(
    "app: {zzzzzz: 1}\n",
    "config.yaml:1:7: error: there is no key `app.zzzzzz` (hint: known keys here are `baseUrl` and `title`)"
)]
#[case::backstage(
    "techdocs:\n  builder: local\n",
    "config.yaml:1:1: warning: `techdocs` is a key of Backstage that has no effect in Callboard (hint: remove it, or leave it for Backstage's sake)"
)]
#[case::syntax("app:\n\ttitle: x\n", "config.yaml:2:1: error: a tab stands")]
#[case::not_a_mapping(
    "- a\n",
    "config.yaml:1:1: error: a configuration file should be a mapping of keys, but this is a list"
)]
#[case::several("app: {}\n---\napp: {}\n", "config.yaml:2:1: error: a configuration file holds one document")]
#[case::duplicate("app: {}\napp: {}\n", "config.yaml:2:1: error: the key `app` is written twice")]
#[case::listen("backend:\n  listen: a b\n", "config.yaml:2:11: error: `backend.listen` is not an address to listen on")]
#[case::listen_type(
    "backend:\n  listen: [1]\n",
    "config.yaml:2:11: error: `backend.listen` should be text, but is a list"
)]
#[case::port(
    "backend: {listen: {port: 70000}}\n",
    "config.yaml:1:26: error: `backend.listen.port` should be a whole number from 0 to 65535, but is a number"
)]
#[case::section("app: yes\n", "config.yaml:1:6: error: `app` should be a mapping, but is text")]
#[case::choice(
    "catalog: {orphanStrategy: deleted}\n",
    "error: `catalog.orphanStrategy` has a value that is not known here (hint: did you mean `delete`?)"
)]
#[case::duration(
    "scaffolder: {taskTimeout: soon}\n",
    "error: `scaffolder.taskTimeout` should be a length of time, but is text (hint: write it like"
)]
#[case::url("app: {baseUrl: portal}\n", "config.yaml:1:16: error: `app.baseUrl` is not a complete address")]
#[case::url_scheme(
    "upstreams: {a: {target: 'ftp://a'}}\n",
    "error: `upstreams.a.target` should be an http or https address"
)]
#[case::url_password(
    "upstreams: {a: {target: 'https://u:hush@a'}}\n",
    "error: `upstreams.a.target` has a user or password in it"
)]
#[case::no_target("upstreams: {a: {}}\n", "config.yaml:1:16: error: `upstreams.a.target` is missing")]
#[case::kinds_elsewhere(
    "catalog: {kinds: ['https://acme.example/kinds.yaml']}\n",
    "error: `catalog.kinds[0]` is the address https://acme.example/kinds.yaml; declarations of kinds are read from files"
)]
#[case::no_type("catalog: {locations: [{target: a}]}\n", "error: `catalog.locations[0].type` is missing")]
#[case::binding(
    "plugins: {p: {upstreams: {github: acme-gihub}}}\nupstreams: {acme-github: {target: 'https://a'}}\n",
    "config.yaml:1:35: error: `plugins.p.upstreams.github` is bound to `acme-gihub`, which `upstreams` does not define (hint: did you mean `acme-github`?)"
)]
#[case::binding_to_nothing(
    "plugins: {p: {upstreams: {github: acme}}}\n",
    "(hint: define it: `upstreams: { acme: { target: https://… } }`)"
)]
#[case::header(
    "upstreams: {a: {target: 'https://a', headers: {X: \"hush\\nY: b\"}}}\n",
    "`upstreams.a.headers.X` is not a header that can be sent"
)]
#[case::policy("backend: {csp: {img-src: [\"'self'; script-src *\"]}}\n", "`backend.csp.img-src` is not a directive")]
#[case::insecure(
    "upstreams: {a: {target: 'http://a', headers: {X: b}}}\n",
    "warning: `upstreams.a` sends its headers over http"
)]
#[case::allowed_host(
    "backend: {reading: {allow: [{host: 'https://a.example/x'}]}}\n",
    "config.yaml:1:36: error: `backend.reading.allow[0].host` is not the name of a host (hint: write only the host: `example.com`"
)]
#[case::allowed_path(
    "backend: {reading: {allow: [{host: a.example, paths: [catalog]}]}}\n",
    "error: `backend.reading.allow[0].paths` holds a path that does not begin with `/`"
)]
#[case::allowed_key(
    "backend: {reading: {allow: [{host: a.example, alowPrivateNetwork: true}]}}\n",
    "config.yaml:1:47: error: there is no key `backend.reading.allow[0].alowPrivateNetwork` (hint: did you mean `allowPrivateNetwork`?)"
)]
#[case::no_program("backend: {reading: {sshCommand: []}}\n", "error: `backend.reading.sshCommand` names no program")]
#[case::no_time("backend: {reading: {timeout: 0s}}\n", "`backend.reading.timeout` should be more than nothing")]
#[case::forge_host("integrations: {gitlab: [{token: x}]}\n", "error: `integrations.gitlab[0].host` is missing")]
#[case::forge_pattern(
    "integrations: {gitea: [{host: '*.a.example'}]}\n",
    "`integrations.gitea[0].host` is not the name of a host"
)]
#[case::forge(
    "integrations: {gitlap: []}\n",
    "config.yaml:1:16: error: there is no key `integrations.gitlap` (hint: did you mean `gitlab`?)"
)]
#[case::forge_credentials(
    "integrations: {azure: [{credentials: [{}]}]}\n",
    "`integrations.azure[0].credentials` holds no `personalAccessToken`"
)]
#[case::adjacent("app: {title: {$env: A, x: 1}}\n", "config.yaml:1:15: error: `$env` stands for the whole value")]
#[case::no_file(
    "app: {title: {$file: none}}\n",
    "config.yaml:1:22: error: the file `none` cannot be read: No such file"
)]
#[case::no_include("app: {$include: none.yaml}\n", "config.yaml:1:17: error: the file `none.yaml` cannot be read")]
#[case::include_of_text(
    "app: {$include: none.txt}\n",
    "`none.txt` cannot be included: its name should end in .yaml, .yml or .json"
)]
#[case::include_cycle(
    "plugins: {p: {config: {$include: config.yaml}}}\n",
    "files include files more than 10 deep here; is there a cycle?"
)]
#[case::include_pointer("app: {$include: 'config.yaml#app.none'}\n", "error: `config.yaml` has no `app.none`")]
#[case::include_list("app: {title: {$env: [A]}}\n", "`$env` should be followed by text, but there is a list")]
#[case::variable(
    "app:\n  title: a ${NONE}\n",
    "config.yaml:2:10: warning: the environment variable `NONE` is not set, so this key has no value"
)]
fn says_what_and_where(#[case] text: &str, #[case] expected: &str) {
    let loaded = one(text);
    let findings = findings(&loaded);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(findings[0].contains(expected), "{}", findings[0]);
    assert!(!findings[0].contains("hush"), "{}", findings[0]);
}

#[test]
fn an_unreadable_file_is_the_only_complaint() {
    let mut case = Case::new(&[("config.yaml", "plugins: {p: {upstreams: {a: b}}}\n")]);
    case.request.files.push("none.yaml".into());
    let loaded = case.load();
    assert!(loaded.has_errors());
    assert_eq!(loaded.diagnostics.len(), 1);
    assert!(loaded.diagnostics[0].message.starts_with("the configuration file `none.yaml` cannot be read: "));
    assert!(loaded.files.contains(&case.path().join("none.yaml")));
}

#[test]
fn includes_that_multiply_end() {
    let text = format!("app: [{}]\n", ["{$include: config.yaml}"; 8].join(", "));
    let loaded = one(&text);
    assert!(loaded.diagnostics.iter().any(|finding| finding.message.contains("more than 1000 files")));
    assert!(loaded.diagnostics.len() < 10_000);
}

#[test]
fn secrets_are_masked() {
    let text = r#"
app: { title: "${PLAIN}" }
backend: { listen: "127.0.0.1:${PORT:-1}" }
auth: { allowGuests: true, providers: { github: { clientSecret: hush1, clientId: shown } } }
integrations: { github: [{ host: github.com, token: hush2 }] }
upstreams:
  a: { target: "https://a.example", headers: { Authorization: Bearer hush3, X-Api-Key: hush4, Accept: text/plain } }
plugins: { p: { config: { password: 12345678, nested: { apiToken: [hush5] }, file: { $file: hidden } } } }
proxy: { endpoints: { /a: "https://user:hush6@a.example/x@y" } }
"#;
    let case = Case::new(&[("config.yaml", text), ("hidden", "hush7")]).variable("PLAIN", "hush8");
    let loaded = case.load();
    let yaml = loaded.masked_yaml();
    assert!(!yaml.contains("hush") && !yaml.contains("12345678"), "{yaml}");
    assert_eq!(loaded.masked["upstreams"]["a"]["headers"]["Accept"], "text/plain");
    assert_eq!(
        loaded.masked["auth"],
        json!({"allowGuests": true, "providers": {"github": {"clientSecret": "***", "clientId": "shown"}}})
    );
    assert_eq!(loaded.masked["backend"]["listen"], "127.0.0.1:1");
    assert_eq!(loaded.masked["proxy"]["endpoints"]["/a"], "https://***@a.example/x@y");
    let debug = format!("{loaded:?}");
    assert!(!debug.replace("title: \"hush8\"", "").contains("hush"), "{debug}");
}

#[rstest]
#[case("127.0.0.1:80", Some(("127.0.0.1", 80)))]
#[case("0.0.0.0", Some(("0.0.0.0", 7007)))]
#[case(":80", Some(("127.0.0.1", 80)))]
#[case("80", Some(("127.0.0.1", 80)))]
#[case("[::1]:80", Some(("::1", 80)))]
#[case("[::1]", Some(("::1", 7007)))]
#[case("::1", Some(("::1", 7007)))]
#[case("portal.example.com:0", Some(("portal.example.com", 0)))]
#[case("", None)]
#[case("a:b", None)]
#[case("a:99999", None)]
#[case("http://a", None)]
#[case("[::1", None)]
#[case("[::1]x", None)]
fn addresses_to_listen_on(#[case] text: &str, #[case] expected: Option<(&str, u16)>) {
    assert_eq!(Listen::parse(text), expected.map(|(host, port)| Listen { host: host.to_owned(), port }));
}

#[test]
fn only_errors_are_errors() {
    let loaded = one("techdocs: {}\n");
    assert_eq!(loaded.diagnostics[0].severity, Severity::Warning);
    assert!(!loaded.has_errors());
}

#[test]
fn the_example_is_clean() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/callboard.yaml");
    let request = LoadRequest {
        files: vec![example.clone()],
        working_directory: example.with_file_name(""),
        ..LoadRequest::default()
    };
    let loaded = load(&request);
    assert_eq!(findings(&loaded), Vec::<String>::new());
    assert!(!loaded.config.catalog.locations.is_empty());
}

//! How long things take. Run by hand: `cargo nextest run --release -p host-catalog --run-ignored only --no-capture`.

use std::fmt::Write as _;
use std::time::Instant;

use super::{Fixture, Running};
use crate::{EntitiesRequest, Order, OrderField, QueryRequest, Selection};

const COUNT: usize = 10_000;

/// Entities in the proportions of a company, with relations among them.
fn generate(fixture: &Fixture) {
    let mut files = vec![String::new(); 20];
    for number in 0..COUNT {
        let text = &mut files[number * 20 / COUNT];
        let share = number % 100;
        let (group, system) = (format!("team-{}", number % 400), format!("system-{}", number % 500));
        let head = |kind: &str, name: &str| {
            format!(
                "---\napiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n  title: The {name}\n  description: What {name} does for those who ask it to, every day of the year and at night as well.\n  labels: {{ example.com/tier: tier-{} }}\n  annotations: {{ github.com/project-slug: acme/{name} }}\n  tags: [java, tag-{}]\n  links: [{{ url: 'https://example.com/{name}', title: Dashboard }}]\nspec:\n",
                number % 4,
                number % 50
            )
        };
        let _ = match share {
            0 => writeln!(text, "{}  owner: {group}", head("Domain", &format!("domain-{}", number / 100))),
            1..6 => write!(
                text,
                "{}  owner: {group}\n  domain: domain-{}\n",
                head("System", &format!("system-{}", number / 100 * 5 + share - 1)),
                number % 100
            ),
            6..10 => write!(
                text,
                "{}  type: team\n  children: []\n",
                head("Group", &format!("team-{}", number / 100 * 4 + share - 6))
            ),
            10..25 => writeln!(text, "{}  memberOf: [{group}]", head("User", &format!("user-{number}"))),
            25..38 => write!(
                text,
                "{}  type: openapi\n  lifecycle: production\n  owner: {group}\n  system: {system}\n  definition: 'openapi: 3.0.0'\n",
                head("API", &format!("api-{}", number / 100 * 13 + share - 25))
            ),
            38..50 => write!(
                text,
                "{}  type: database\n  owner: {group}\n  system: {system}\n",
                head("Resource", &format!("resource-{}", number / 100 * 12 + share - 38))
            ),
            _ => write!(
                text,
                "{}  type: {}\n  lifecycle: production\n  owner: {group}\n  system: {system}\n  providesApis: [api-{}]\n  consumesApis: [api-{}, api-{}]\n  dependsOn: ['resource:resource-{}', 'component:component-{}']\n",
                head("Component", &format!("component-{number}")),
                ["service", "website", "library"][number % 3],
                number % 1300,
                number * 7 % 1300,
                number * 11 % 1300,
                number * 13 % 1200,
                number / 100 * 100 + 50
            ),
        };
    }
    for (number, text) in files.iter().enumerate() {
        fixture.write(&format!("catalog/{number:02}.yaml"), text);
    }
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}

fn measure(what: &str, times: u32, mut work: impl FnMut(u32)) {
    let started = Instant::now();
    for number in 0..times {
        work(number);
    }
    println!("{what:40} {:?}", started.elapsed() / times);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures and asserts nothing"]
async fn speed() {
    let fixture = Fixture::new();
    generate(&fixture);
    println!("resident before                          {}", resident());
    let started = Instant::now();
    let running = fixture.start().await;
    println!("first ingestion of {} entities        {:?}", running.refs().len(), started.elapsed());
    println!("resident after                           {}", resident());
    let started = Instant::now();
    running.sync().await;
    println!("second pass                              {:?}", started.elapsed());
    queries(&running);
    running.stop().await;
    let started = Instant::now();
    let running = fixture.start().await;
    println!("second start                             {:?}", started.elapsed());
    println!("resident after                           {}", resident());
    running.stop().await;
}

fn queries(running: &Running) {
    let catalog = &running.catalog;
    measure("by name", 10_000, |number| {
        let entity_ref = format!("component:default/component-{}", u64::from(number) / 100 * 100 + 60);
        assert!(catalog.get(&entity_ref.parse().unwrap()).is_some());
    });
    let filter = |text: &str| Selection::from_filters(&[text]).unwrap();
    let by_name = vec![OrderField { field: "metadata.name".into(), order: Order::Ascending }];
    let request = QueryRequest {
        selection: filter("kind=component,spec.type=service"),
        order: by_name,
        limit: Some(20),
        ..QueryRequest::default()
    };
    measure("by query, 20 services by name", 200, |_| {
        assert_eq!(catalog.query_entities(&request).unwrap().items.len(), 20);
    });
    let next = catalog.query_entities(&request).unwrap().next;
    measure("by query, the page after", 200, |_| {
        let request = QueryRequest { cursor: next.clone(), limit: Some(20), ..QueryRequest::default() };
        assert_eq!(catalog.query_entities(&request).unwrap().items.len(), 20);
    });
    let text =
        crate::FullText { term: "nt-77".into(), fields: Some(vec!["metadata.name".into(), "metadata.title".into()]) };
    let searching = QueryRequest { full_text: Some(text), ..request.clone() };
    measure("by query with text", 200, |_| drop(catalog.query_entities(&searching).unwrap()));
    measure("facets of spec.type of components", 200, |_| {
        assert_eq!(catalog.facets(&["spec.type".into()], &filter("kind=component"))[0].1.len(), 3);
    });
    let request = EntitiesRequest { limit: Some(500), ..EntitiesRequest::default() };
    measure("entities?limit=500", 200, |_| assert_eq!(catalog.entities(&request).unwrap().items.len(), 500));
    let owned = EntitiesRequest {
        selection: filter("relations.ownedBy=group:default/team-60"),
        fields: vec!["kind".into(), "metadata.name".into(), "spec.type".into()],
        ..EntitiesRequest::default()
    };
    measure("owned by a group, three fields", 200, |_| drop(catalog.entities(&owned).unwrap()));
    measure("search", 200, |_| assert!(!catalog.search("component-77", 20).0.is_empty()));
    measure("search, two words", 200, |_| drop(catalog.search("team day", 20)));
    let roots = vec!["component:default/component-60".to_owned()];
    let around = crate::GraphRequest { roots, steps: 2, most: 500, ..crate::GraphRequest::default() };
    measure("graph, two steps", 200, |_| assert!(catalog.graph(&around).nodes.len() > 10));
}

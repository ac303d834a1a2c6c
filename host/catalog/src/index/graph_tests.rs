//! Graphs and impact against references that are slow and plain.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use host_model::Entity;
use proptest::prelude::*;
use serde_json::json;

use super::{Body, Direction, GraphRequest, ImpactRequest, Index, Input, Ready};

/// Names of relations as entities state them, and the same in the direction of the pair's first name.
const NAMES: [(&str, &str, bool); 6] = [
    ("dependsOn", "dependsOn", true),
    ("dependencyOf", "dependsOn", false),
    ("providesApi", "providesApi", true),
    ("consumesApi", "consumesApi", true),
    ("partOf", "partOf", true),
    ("ownedBy", "ownedBy", true),
];
const KINDS: [&str; 3] = ["component", "api", "group"];

/// Source, name and target in the direction of the pair's first name.
type Edge = (String, String, String);

fn reference(number: usize) -> String {
    format!("{}:default/n{number:02}", KINDS[number % KINDS.len()])
}

/// An index of so many entities with relations between them, some of which lead to entities that do not exist.
fn index(count: usize, stated: &[(usize, usize, usize)]) -> (Index, BTreeSet<Edge>) {
    let mut index = Index::default();
    let mut edges = BTreeSet::new();
    for number in 0..count {
        let given: Vec<(String, String)> = stated
            .iter()
            .filter(|(source, ..)| source % count == number)
            .map(|(_, name, target)| (NAMES[name % NAMES.len()].0.to_owned(), reference(*target)))
            .collect();
        for (name, target) in &given {
            let (_, forward, is_forward) = NAMES.iter().find(|(known, ..)| known == name).unwrap();
            let ends =
                if *is_forward { (reference(number), target.clone()) } else { (target.clone(), reference(number)) };
            edges.insert((ends.0, (*forward).to_owned(), ends.1));
        }
        put(&mut index, number, given, json!({}));
    }
    index.settle();
    (index, edges)
}

fn put(index: &mut Index, number: usize, mut given: Vec<(String, String)>, annotations: serde_json::Value) {
    let entity_ref = reference(number);
    let (kind, name) = (KINDS[number % KINDS.len()], format!("n{number:02}"));
    let entity = json!({"kind": kind, "metadata": {"namespace": "default", "name": name, "annotations": annotations}});
    let entity = Entity::from_value(entity).unwrap();
    given.sort();
    given.dedup();
    index.put(Ready::from(Input {
        uid: crate::hash::uid(&entity_ref),
        entity_ref,
        source: "file:/a".into(),
        origin: "file:/a".into(),
        parent: None,
        body: Body::new(entity.document()),
        entity,
        given,
        findings: Vec::new(),
    }));
}

/// The distance of everything within reach, found by trying every edge again and again.
fn naive_distances(edges: &BTreeSet<Edge>, request: &GraphRequest) -> BTreeMap<String, usize> {
    let mut distances: BTreeMap<String, usize> = request.roots.iter().map(|root| (root.clone(), 0)).collect();
    for far in 0..request.steps {
        let known = distances.clone();
        for (source, name, target) in edges {
            let wanted = request.names.is_empty()
                || request
                    .names
                    .iter()
                    .any(|wanted| NAMES.iter().any(|(known, forward, _)| known == wanted && forward == name));
            let mut step = |from: &String, to: &String| {
                let kind = to.split(':').next().unwrap();
                let leads = request.kinds.is_empty() || request.kinds.iter().any(|wanted| wanted == kind);
                if wanted && leads && known.get(from) == Some(&far) && !known.contains_key(to) {
                    distances.insert(to.clone(), far + 1);
                }
            };
            if request.direction != Direction::In {
                step(source, target);
            }
            if request.direction != Direction::Out {
                step(target, source);
            }
        }
    }
    distances
}

fn stated() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0..12_usize, 0..NAMES.len(), 0..15_usize), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn graphs_reach_what_a_plain_search_reaches(
        stated in stated(),
        root in 0..12_usize,
        steps in 0..5_usize,
        names in prop::collection::vec(0..NAMES.len(), 0..3),
        kinds in prop::collection::vec(0..KINDS.len(), 0..2),
        direction in prop_oneof![Just(Direction::Both), Just(Direction::Out), Just(Direction::In)],
        most in 1..20_usize,
    ) {
        let (index, edges) = index(12, &stated);
        let request = GraphRequest {
            roots: vec![reference(root)],
            selection: None,
            steps,
            names: names.iter().map(|name| NAMES[*name].0.to_owned()).collect(),
            kinds: kinds.iter().map(|kind| KINDS[*kind].to_owned()).collect(),
            direction,
            most: 100,
        };
        let graph = index.graph(&request);
        let found: BTreeMap<String, usize> =
            graph.nodes.iter().map(|node| (node.entity_ref.to_string(), node.distance)).collect();
        let expected = naive_distances(&edges, &request);
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!((graph.truncated, graph.omitted), (false, 0));
        let is_wanted = |name: &String| request.names.is_empty()
            || NAMES.iter().any(|(known, forward, _)| forward == name && request.names.iter().any(|wanted| wanted == known));
        let drawn: BTreeSet<Edge> = graph.edges.iter()
            .map(|edge| (edge.source.to_string(), edge.name.to_string(), edge.target.to_string())).collect();
        let between: BTreeSet<Edge> = edges.iter()
            .filter(|(source, name, target)| is_wanted(name) && expected.contains_key(source) && expected.contains_key(target))
            .cloned().collect();
        prop_assert_eq!(drawn, between);
        // With less room, the nearest are kept, and what is left out is told.
        let less = index.graph(&GraphRequest { most, ..request });
        prop_assert_eq!(less.nodes.len(), expected.len().min(most));
        prop_assert_eq!(less.truncated, expected.len() > most);
        prop_assert!(!less.truncated || less.omitted > 0);
        let farthest = less.nodes.last().map_or(0, |node| node.distance);
        let nearer = expected.values().filter(|distance| **distance < farthest).count();
        prop_assert_eq!(less.nodes.iter().filter(|node| node.distance < farthest).count(), nearer);
    }

    #[test]
    fn impact_reaches_what_a_plain_search_reaches(stated in stated(), root in 0..12_usize, steps in 1..6_usize) {
        let (index, edges) = index(12, &stated);
        let mut spreads: BTreeSet<(String, String, String)> = BTreeSet::new();
        for (source, name, target) in &edges {
            match name.as_str() {
                "dependsOn" => spreads.insert((target.clone(), "dependencyOf".to_owned(), source.clone())),
                "providesApi" => spreads.insert((source.clone(), "providesApi".to_owned(), target.clone())),
                "consumesApi" => spreads.insert((target.clone(), "apiConsumedBy".to_owned(), source.clone())),
                "partOf" => spreads.insert((target.clone(), "hasPart".to_owned(), source.clone())),
                _ => false,
            };
        }
        let mut distances = BTreeMap::from([(reference(root), 0)]);
        for far in 0..steps {
            for (source, _, target) in &spreads {
                if distances.get(source) == Some(&far) && !distances.contains_key(target) {
                    distances.insert(target.clone(), far + 1);
                }
            }
        }
        distances.remove(&reference(root));
        let request = ImpactRequest { root: reference(root), names: Vec::new(), steps, most: 100 };
        let impact = index.impact(&request).unwrap();
        let found: BTreeMap<String, usize> =
            impact.items.iter().map(|item| (item.entity_ref.to_string(), item.path.len())).collect();
        prop_assert_eq!(&found, &distances);
        prop_assert_eq!(impact.total, distances.len());
        for item in &impact.items {
            // The way leads from the root to the entity, along relations that exist.
            let mut at = reference(root);
            for (source, name, target) in &item.path {
                prop_assert_eq!(&**source, at.as_str());
                prop_assert!(spreads.contains(&(source.to_string(), name.to_string(), target.to_string())));
                at = target.to_string();
            }
            prop_assert_eq!(at.as_str(), &*item.entity_ref);
        }
    }
}

#[test]
fn who_is_called_is_told_by_the_entity_or_else_by_its_owners() {
    let mut index = Index::default();
    let given = |names: &[(&str, usize)]| names.iter().map(|(name, to)| ((*name).to_owned(), reference(*to))).collect();
    put(&mut index, 0, given(&[("ownedBy", 2)]), json!({}));
    put(&mut index, 3, given(&[("ownedBy", 2), ("dependsOn", 0)]), json!({"opsgenie.com/team": "payments"}));
    put(&mut index, 6, given(&[("ownedBy", 2), ("dependsOn", 3)]), json!({"example.com/x": "y"}));
    put(&mut index, 2, Vec::new(), json!({"pagerduty.com/service-id": "P1"}));
    index.settle();
    let request = ImpactRequest { root: reference(0), names: Vec::new(), steps: 9, most: 9 };
    let impact = index.impact(&request).unwrap();
    let told = |on_call: &[super::impact::Annotation]| {
        on_call
            .iter()
            .map(|annotation| format!("{}={}", annotation.key, annotation.value))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let items: Vec<_> = impact.items.iter().map(|item| (item.entity_ref.to_string(), told(&item.on_call))).collect();
    assert_eq!(
        items,
        [
            (reference(3), "opsgenie.com/team=payments".to_owned()),
            (reference(6), "pagerduty.com/service-id=P1".to_owned())
        ]
    );
    assert_eq!(
        (impact.owners.len(), impact.owners[0].count, told(&impact.owners[0].on_call)),
        (1, 2, "pagerduty.com/service-id=P1".to_owned())
    );
    assert_eq!(&*impact.root.on_call[0].from, reference(2).as_str());
    let near = index.impact(&ImpactRequest { steps: 1, ..request.clone() }).unwrap();
    assert_eq!((near.items.len(), near.truncated), (1, true));
    let few = index.impact(&ImpactRequest { most: 1, ..request.clone() }).unwrap();
    assert_eq!((few.items.len(), few.total, few.truncated), (1, 2, true));
    assert!(index.impact(&ImpactRequest { root: reference(9), ..request }).is_none());
}

/// Depth 4 over 200,000 relations; built without optimisation it takes some ten times longer than in a release.
#[test]
fn large_graphs_take_bounded_time() {
    let mut index = Index::default();
    let count = 20_000;
    for number in 0..count {
        let target = |factor: usize| reference((number * factor + 7) % count);
        let given = [17, 31, 101, 997, 7, 3, 11, 501, 9001, 57].map(|factor| ("dependsOn".to_owned(), target(factor)));
        put(&mut index, number, given.to_vec(), json!({}));
    }
    index.settle();
    let request = GraphRequest { roots: vec![reference(5)], steps: 4, most: 5_000, ..GraphRequest::default() };
    let started = Instant::now();
    let graph = index.graph(&request);
    let took = started.elapsed();
    assert!(graph.nodes.len() > 1_000, "{}", graph.nodes.len());
    assert!(took < Duration::from_secs(1), "{took:?}");
}

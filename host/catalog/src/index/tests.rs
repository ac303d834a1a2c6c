//! Queries, facets, orders, search and graphs over a small catalog.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Bodies, FullText, GraphRequest, Index, Mark, Order, OrderField, Selection};
use crate::tests::put;

fn component(name: &str, owner: &str, tags: &[&str]) -> Value {
    json!({
        "kind": "Component",
        "metadata": {"namespace": "default", "name": name, "title": format!("The {name}"), "tags": tags},
        "spec": {"type": "service", "owner": owner, "dependsOn": ["resource:db"]}
    })
}

fn sample() -> Index {
    let mut index = Index::default();
    put(&mut index, &component("Basket", "shop", &["java", "tier-1"]));
    put(&mut index, &component("archive", "ops", &["Java"]));
    put(&mut index, &component("basket-ui", "shop", &[]));
    put(
        &mut index,
        &json!({"kind": "Resource", "metadata": {"namespace": "default", "name": "db"}, "spec": {"owner": "ops"}}),
    );
    index.settle();
    index
}

fn names(index: &Index, selection: &Selection, order: &[OrderField]) -> String {
    let ids = index.ordered(&index.matches(selection, None, order), order, true);
    let name = |id: &u32| index.reference(*id).rsplit('/').next().unwrap().to_owned();
    ids.iter().map(name).collect::<Vec<_>>().join(" ")
}

fn by(field: &str, order: Order) -> OrderField {
    OrderField { field: field.into(), order }
}

#[test]
fn filters_mean_what_they_say() {
    let index = sample();
    for (filters, expected) in [
        (vec!["kind=component"], "archive basket basket-ui"),
        (vec!["metadata.tags=java"], "archive basket"),
        (vec!["metadata.tags.JAVA"], "archive basket"),
        (vec!["metadata.tags.java=true,spec.owner=ops"], "archive"),
        (vec!["metadata.tags.java=false"], ""),
        (vec!["kind=resource", "metadata.name=Basket"], "basket db"),
        (vec!["kind=component,kind=resource,spec.owner=ops"], "archive db"),
        (vec!["metadata.tags"], "archive basket"),
        (vec!["relations.ownedBy=group:default/shop"], "basket basket-ui"),
        (vec!["relations.dependencyof=component:default/basket"], "db"),
        (vec!["relations.hasPart"], ""),
        (vec!["metadata.title=the archive"], "archive"),
    ] {
        assert_eq!(names(&index, &Selection::from_filters(&filters).unwrap(), &[]), expected, "{filters:?}");
    }
    for (predicate, expected) in [
        (json!({"$not": {"kind": "component"}}), "db"),
        (json!({"$all": []}), "archive basket basket-ui db"),
        (json!({"$any": []}), ""),
        (json!({"kind": "COMPONENT", "metadata.name": {"$hasPrefix": "BASK"}}), "basket basket-ui"),
        (json!({"metadata.tags": {"$exists": false}}), "basket-ui db"),
        (
            json!({"relations": {"$contains": {"type": "ownedBy", "targetRef": {"$in": ["group:default/ops"]}}}}),
            "archive db",
        ),
        (json!({"metadata.tags": {"$contains": "tier-1"}}), "basket"),
    ] {
        assert_eq!(names(&index, &Selection::from_predicate(&predicate).unwrap(), &[]), expected, "{predicate}");
    }
}

#[test]
fn orders_are_by_value_then_by_reference() {
    let index = sample();
    let all = Selection::default();
    assert_eq!(names(&index, &all, &[by("metadata.name", Order::Descending)]), "db basket-ui basket archive");
    assert_eq!(names(&index, &all, &[by("spec.owner", Order::Ascending)]), "archive db basket basket-ui");
    let two = [by("spec.owner", Order::Descending), by("metadata.name", Order::Descending)];
    assert_eq!(names(&index, &all, &two), "basket-ui basket db archive");
    assert_eq!(names(&index, &all, &[by("spec.type", Order::Ascending)]), "archive basket basket-ui");
    for (term, field, expected) in [
        ("SKET", "metadata.name", 2),
        ("the", "metadata.title", 3),
        ("e b", "metadata.title", 2),
        ("uithe", "metadata.title", 0),
        ("a", "metadata.tags", 2),
        ("ops", "relations.ownedby", 2),
        ("none", "metadata.none", 0),
    ] {
        let text = FullText { term: term.into(), fields: Some(vec![field.into()]) };
        assert_eq!(index.matches(&all, Some(&text), &[]).iter().count(), expected, "{term}");
    }
}

#[test]
fn facets_keep_the_case_and_count_among_what_is_meant() {
    let index = sample();
    let counts = |facet: &str, filter: &str| {
        let bits = Selection::from_filters(&[filter]).unwrap().evaluate(&index);
        let facet = index.facet(facet, Some(&bits)).into_iter();
        facet.map(|(value, count)| format!("{value}={count}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(counts("metadata.tags", "kind=component"), "Java=1 java=1 tier-1=1");
    assert_eq!(counts("metadata.tags.java", "kind=component"), "true=2");
    assert_eq!(counts("spec.owner", "metadata.tags"), "ops=1 shop=1");
    assert_eq!(counts("relations.ownedby", "kind=component"), "group:default/ops=1 group:default/shop=2");
}

#[test]
fn relations_follow_entities_in_both_directions() {
    let mut index = sample();
    let relations = |index: &Index, entity_ref: &str| {
        let text = index.get(entity_ref).unwrap().text();
        serde_json::from_str::<Value>(text).unwrap()["relations"].to_string()
    };
    let db = relations(&index, "resource:default/db");
    assert!(db.starts_with(r#"[{"type":"dependencyOf","targetRef":"component:default/archive"},"#), "{db}");
    let before = index.get("resource:default/db").unwrap().text().clone();
    index.remove("component:default/archive");
    assert_eq!(index.settle(), ["resource:default/db".into()]);
    assert!(!relations(&index, "resource:default/db").contains("archive"));
    put(&mut index, &component("archive", "ops", &["Java"]));
    index.settle();
    assert_eq!(index.get("resource:default/db").unwrap().text(), &before);
    assert_eq!(index.len(), 4);
}

fn around(steps: usize, names: &[&str], most: usize) -> GraphRequest {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    GraphRequest { roots: vec!["resource:default/db".into()], steps, names, most, ..GraphRequest::default() }
}

#[test]
fn graphs_name_each_relation_once_and_keep_dangling_ends() {
    let index = sample();
    let graph = index.graph(&around(1, &[], 100));
    let edges: Vec<_> =
        graph.edges.iter().map(|edge| format!("{} {} {}", edge.source, edge.name, edge.target)).collect();
    assert_eq!(
        edges,
        [
            "component:default/archive ownedBy group:default/ops",
            "component:default/archive dependsOn resource:default/db",
            "component:default/basket dependsOn resource:default/db",
            "component:default/basket-ui dependsOn resource:default/db",
            "resource:default/db ownedBy group:default/ops",
        ]
    );
    let ops = graph.nodes.iter().find(|node| &*node.entity_ref == "group:default/ops").unwrap();
    assert_eq!((ops.exists, ops.title.as_str(), ops.kind.as_str(), ops.distance), (false, "ops", "group", 1));
    assert_eq!(graph.nodes.iter().filter(|node| node.distance == 0).count(), 1);
    let some = index.graph(&around(3, &["ownedBy"], 100));
    assert_eq!(some.nodes.len(), 3, "{:?}", some.nodes);
    assert!(index.graph(&around(3, &[], 2)).truncated);
}

#[test]
fn the_best_match_comes_first_and_any_text_is_allowed() {
    let index = sample();
    let found = |term: &str| {
        let (hits, total) = index.search(term, 10);
        assert_eq!(hits.len(), total);
        hits.iter().map(|hit| hit.entity_ref.rsplit('/').next().unwrap()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found("basket"), "basket basket-ui");
    assert_eq!(found("UI bask"), "basket-ui");
    assert_eq!(found("shop"), "basket basket-ui");
    assert_eq!(found("the"), "archive basket basket-ui");
    assert_eq!(found("zzz"), "");
    for odd in ["", "  ", "\0", "%_*[", "ß\u{301}İ", &"x ".repeat(10_000)] {
        found(odd);
    }
    assert_eq!(index.search("a", 1).0.len(), 1);
}

struct Nothing;

impl Bodies for Nothing {
    fn body(&self, _: &str) -> Option<Arc<str>> {
        None
    }
}

#[test]
fn an_index_is_the_same_after_it_was_written_and_read() {
    let mut index = sample();
    put(&mut index, &component("gone", "ops", &["Only-Here", "java"]));
    let wide = "あ".repeat(100);
    put(&mut index, &component("wide", "ops", &[&wide]));
    index.settle();
    index.remove("component:default/gone");
    index.settle();
    let mark = Mark { build: "one".into(), generation: 7 };
    let mut bytes = Vec::new();
    index.write(&mark, &mut bytes).unwrap();
    let read = |bytes: &[u8], mark: &Mark| Index::read(bytes, mark, Arc::new(Nothing));
    let again = read(&bytes, &mark).unwrap();
    let wide = format!("metadata.tags={wide}");
    let all = |index: &Index| {
        let by_owner = [by("spec.owner", Order::Descending), by("metadata.name", Order::Ascending)];
        let filters =
            ["metadata.tags.java", "relations.ownedby=group:default/shop", "metadata.tags=only-here", "kind", &wide];
        let found = filters.map(|filter| names(index, &Selection::from_filters(&[filter]).unwrap(), &by_owner));
        let facets = ["metadata.tags", "relations.dependsOn"].map(|facet| index.facet(facet, None));
        let graph = index.edges.sorted(index.find("resource:default/db").unwrap().0, &index.refs).len();
        (found, facets, graph, index.len(), index.search("basket", 9).1)
    };
    assert_eq!(all(&index), all(&again));
    assert_eq!(all(&again).0[4], "wide", "more than 255 bytes, but few characters");
    let uid = crate::hash::uid("component:default/archive");
    assert_eq!(again.by_uid(&uid).map(|(found, _)| &**found), Some("component:default/archive"));
    for other in [Mark { build: "two".into(), ..mark.clone() }, Mark { generation: 8, ..mark.clone() }] {
        assert!(read(&bytes, &other).is_none(), "{other:?}");
    }
    for at in 0..bytes.len() {
        assert!(read(&bytes[..at], &mark).is_none(), "{at}");
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(read(&damaged, &mark).is_none(), "{at}");
    }
}

//! Filters, predicates, orders, cursors and facets of made-up catalogs, held against [`super::naive`].

use std::sync::{Arc, RwLock};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{naive, put};
use crate::reader::Reader;
use crate::shared::Shared;
use crate::{FullText, Order, OrderField, QueryRequest, Selection};

const NAMES: [&str; 12] = ["a", "b", "c", "Aa", "ab", "b-1", "b-2", "x.y", "long-name", "Zed", "q", "ba"];
const WORDS: [&str; 8] = ["java", "Java", "go", "tier-1", "A b", "", "true", "é"];
const KEYS: [&str; 16] = [
    "kind",
    "metadata.name",
    "Metadata.Title",
    "metadata.tags",
    "metadata.tags.java",
    "metadata.tags.tier-1",
    "metadata.labels.a.b/c",
    "spec.type",
    "spec.owner",
    "spec.number",
    "spec.list.x",
    "spec.nothing",
    "relations.ownedBy",
    "relations.dependencyOf",
    "metadata.namespace",
    "no.such",
];

fn entity() -> impl Strategy<Value = Value> {
    let word = || select(&WORDS[..]).prop_map(str::to_owned);
    let name = select(&NAMES[..]);
    let kind = select(&["Component", "Resource", "Group"][..]);
    let title = proptest::option::of(word());
    let tags = proptest::option::of(vec(word(), 0..4));
    let label = proptest::option::of(word());
    let number =
        proptest::option::of(prop_oneof![Just(json!(1)), Just(json!(2.5)), Just(json!(true)), Just(Value::Null)]);
    let owner = select(&["b", "c", "group:default/zed"][..]);
    (kind, name, title, tags, label, number, owner, vec(word(), 0..3)).prop_map(
        |(kind, name, title, tags, label, number, owner, list)| {
            let mut metadata = json!({ "namespace": "default", "name": name });
            let mut spec =
                json!({ "type": "service", "list": list.iter().map(|x| json!({ "x": x })).collect::<Vec<_>>() });
            for (key, value) in [("title", json!(title)), ("tags", json!(tags))] {
                if !value.is_null() {
                    metadata[key] = value;
                }
            }
            if let Some(label) = label {
                metadata["labels"] = json!({ "a.b/c": label });
            }
            if let Some(number) = number {
                spec["number"] = number;
            }
            if kind != "Group" {
                spec["owner"] = json!(owner);
                spec["dependsOn"] =
                    json!([format!("resource:{owner}").replace("resource:group:default/", "resource:")]);
            }
            json!({ "apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec })
        },
    )
}

/// A reader over entities, of which later ones replace earlier ones with the same reference.
fn reader(entities: &[Value]) -> Reader {
    let mut shared = Shared::default();
    entities.iter().for_each(|entity| put(&mut shared.index, entity));
    shared.index.settle();
    Reader(Arc::new(RwLock::new(shared)))
}

fn parsed(texts: &[Arc<str>]) -> Vec<Value> {
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

fn references(entities: &[Value]) -> Vec<String> {
    entities.iter().map(naive::reference).collect()
}

fn everything(reader: &Reader) -> Vec<Value> {
    parsed(&reader.query(&QueryRequest::default()).unwrap().items)
}

fn key() -> impl Strategy<Value = String> {
    select(&KEYS[..]).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    let others =
        select(&["component", "group:default/zed", "group:default/b", "service", "1", "2.5", "b", "resource"][..]);
    prop_oneof![select(&WORDS[..]), select(&NAMES[..]), others].prop_map(str::to_owned)
}

fn filter() -> impl Strategy<Value = String> {
    let condition = prop_oneof![key(), (key(), value()).prop_map(|(key, value)| format!("{key}={value}"))];
    vec(condition, 1..4).prop_map(|conditions| conditions.join(","))
}

fn predicate() -> impl Strategy<Value = Value> {
    let scalar = || prop_oneof![value().prop_map(Value::from), Just(json!(1)), Just(json!(true)), Just(json!(2.5))];
    let matcher = prop_oneof![
        scalar(),
        any::<bool>().prop_map(|exists| json!({ "$exists": exists })),
        vec(scalar(), 0..3).prop_map(|values| json!({ "$in": values })),
        scalar().prop_map(|value| json!({ "$contains": value })),
        value().prop_map(|prefix| json!({ "$hasPrefix": prefix.chars().take(2).collect::<String>() })),
    ];
    let leaf = vec((key(), matcher), 0..3).prop_map(|fields| Value::Object(fields.into_iter().collect()));
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|all| json!({ "$all": all })),
            vec(inner.clone(), 0..3).prop_map(|any| json!({ "$any": any })),
            inner.prop_map(|not| json!({ "$not": not })),
        ]
    })
}

fn order() -> impl Strategy<Value = Vec<(String, bool)>> {
    vec(
        (key().prop_filter("items of lists have no order", |key| !key.starts_with("metadata.tags.")), any::<bool>()),
        0..3,
    )
}

fn order_fields(order: &[(String, bool)]) -> Vec<OrderField> {
    let direction = |descending| if descending { Order::Descending } else { Order::Ascending };
    order.iter().map(|(field, descending)| OrderField { field: field.clone(), order: direction(*descending) }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn filters_select_what_they_say(entities in vec(entity(), 0..12), filters in vec(filter(), 0..3)) {
        let reader = reader(&entities);
        let selection = Selection::from_filters(&filters).unwrap();
        let found = reader.query(&QueryRequest { selection, ..QueryRequest::default() }).unwrap();
        let mut expected = everything(&reader);
        expected.retain(|entity| naive::filters_hold(entity, &filters));
        prop_assert_eq!(references(&parsed(&found.items)), references(&expected));
        prop_assert_eq!(found.total, expected.len());
    }

    #[test]
    fn predicates_select_what_they_say(entities in vec(entity(), 0..12), predicate in predicate()) {
        let reader = reader(&entities);
        let selection = Selection::from_predicate(&predicate).unwrap();
        prop_assert_eq!(&Selection::from_predicate(&selection.to_predicate()).unwrap().to_predicate(), &selection.to_predicate());
        let found = reader.query(&QueryRequest { selection, ..QueryRequest::default() }).unwrap();
        let mut expected = everything(&reader);
        expected.retain(|entity| naive::predicate_holds(entity, &predicate));
        prop_assert_eq!(references(&parsed(&found.items)), references(&expected));
    }

    #[test]
    fn facets_count_what_is_selected(entities in vec(entity(), 0..12), key in key(), filters in vec(filter(), 0..2)) {
        let reader = reader(&entities);
        let found = reader.facets(std::slice::from_ref(&key), &Selection::from_filters(&filters).unwrap());
        let found: Vec<(String, usize)> = found[0].1.iter().map(|(value, count)| (value.to_string(), *count)).collect();
        let mut expected = everything(&reader);
        expected.retain(|entity| naive::filters_hold(entity, &filters));
        prop_assert_eq!(found, naive::facet(&expected, &key));
    }

    #[test]
    fn texts_are_found_wherever_they_stand(entities in vec(entity(), 0..12), term in value(), fields in vec(key(), 0..3)) {
        let reader = reader(&entities);
        let full_text = Some(FullText { term: term.clone(), fields: Some(fields.clone()) });
        let found = reader.query(&QueryRequest { full_text, ..QueryRequest::default() }).unwrap();
        let mut expected = everything(&reader);
        expected.retain(|entity| naive::holds_text(entity, &term, &fields));
        prop_assert_eq!(references(&parsed(&found.items)), references(&expected));
    }

    #[test]
    fn pages_make_up_the_whole_in_both_directions(entities in vec(entity(), 0..14), order in order(), limit in 1..5_usize) {
        let reader = reader(&entities);
        let expected = references(&naive::ordered(everything(&reader), &order));
        let mut request = QueryRequest { order: order_fields(&order), limit: Some(limit), ..QueryRequest::default() };
        let mut pages = Vec::new();
        let last = loop {
            let page = reader.query(&request).unwrap();
            prop_assert_eq!(page.total, expected.len());
            pages.push(references(&parsed(&page.items)));
            match page.next {
                Some(next) => request = QueryRequest { limit: Some(limit), cursor: Some(next), ..QueryRequest::default() },
                None => break page.previous,
            }
            prop_assert!(pages.len() <= expected.len(), "pages do not end");
        };
        prop_assert_eq!(pages.concat(), expected);
        let mut back = Vec::new();
        let mut cursor = last;
        while let Some(previous) = cursor {
            let page = reader.query(&QueryRequest { limit: Some(limit), cursor: Some(previous), ..QueryRequest::default() }).unwrap();
            back.push(references(&parsed(&page.items)));
            prop_assert!(page.next.is_some(), "there is a way forward again");
            cursor = page.previous;
        }
        back.reverse();
        pages.pop();
        prop_assert_eq!(back.concat(), pages.concat());
    }

    #[test]
    fn changes_between_pages_neither_repeat_nor_lose_what_stays(
        entities in vec(entity(), 2..14),
        late in vec(entity(), 0..6),
        gone in vec(any::<prop::sample::Index>(), 0..4),
        order in order(),
        limit in 1..4_usize,
    ) {
        let reader = reader(&entities);
        let before = references(&naive::ordered(everything(&reader), &order));
        let request = QueryRequest { order: order_fields(&order), limit: Some(limit), ..QueryRequest::default() };
        let first = reader.query(&request).unwrap();
        let mut seen = references(&parsed(&first.items));
        {
            let mut shared = reader.0.write().unwrap();
            for at in gone {
                let reference = naive::reference(at.get(&entities));
                shared.index.remove(&reference);
            }
            // What is there already stays as it is, so that its place in the order does too.
            for entity in &late {
                if shared.index.get(&naive::reference(entity)).is_none() && !before.contains(&naive::reference(entity)) {
                    put(&mut shared.index, entity);
                }
            }
            shared.index.settle();
        }
        let mut cursor = first.next;
        while let Some(next) = cursor {
            let page = reader.query(&QueryRequest { limit: Some(limit), cursor: Some(next), ..QueryRequest::default() }).unwrap();
            seen.extend(references(&parsed(&page.items)));
            cursor = page.next;
        }
        // Orders by relations may change with what comes and goes elsewhere.
        if order.iter().all(|(field, _)| !field.starts_with("relations.")) {
            let mut once = seen.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), seen.len(), "{:?}", seen);
            let after = references(&naive::ordered(everything(&reader), &order));
            for stayed in before.iter().filter(|reference| after.contains(reference)) {
                prop_assert!(seen.contains(stayed), "{} is missing in {:?}", stayed, seen);
            }
        }
    }

    #[test]
    fn no_text_breaks_a_query(text in ".{0,40}", bytes in vec(any::<u8>(), 0..60)) {
        use base64::Engine as _;
        let reader = reader(&[]);
        let _ = Selection::from_filters(std::slice::from_ref(&text));
        let garbage = base64::engine::general_purpose::STANDARD.encode(&bytes);
        for cursor in [text.clone(), garbage] {
            let found = reader.query(&QueryRequest { cursor: Some(cursor), ..QueryRequest::default() });
            prop_assert!(found.is_err());
        }
        let fields = vec![text];
        let _ = reader.query(&QueryRequest { fields, ..QueryRequest::default() });
    }
}

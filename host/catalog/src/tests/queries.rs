//! Answers compared with those that the real backend gave, and pages that follow one another.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{Fixture, Running, component, documents};
use crate::{EntitiesRequest, Order, OrderField, QueryRequest, Selection};

fn selection(filters: &Value) -> Selection {
    let one = |(key, value): (&String, &Value)| {
        let values: Vec<&str> = match value {
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            value => value.as_str().into_iter().collect(),
        };
        let condition = |value: &str| if value == "<exists>" { key.clone() } else { format!("{key}={value}") };
        values.into_iter().map(condition).collect::<Vec<_>>().join(",")
    };
    let filter = |filter: &Value| filter.as_object().unwrap().iter().map(one).collect::<Vec<_>>().join(",");
    let filters: Vec<String> = match filters {
        Value::Array(filters) => filters.iter().map(filter).collect(),
        other => vec![filter(other)],
    };
    Selection::from_filters(&filters).unwrap()
}

fn refs(items: &[std::sync::Arc<str>]) -> Vec<String> {
    let entity =
        |text: &std::sync::Arc<str>| serde_json::from_str::<host_model::Entity>(text).unwrap().entity_ref().to_string();
    items.iter().map(entity).filter(|entity_ref| !entity_ref.starts_with("location:")).collect()
}

/// The values of a field in the order of the entities.
fn found_order(items: &[std::sync::Arc<str>], field: &str) -> Vec<String> {
    let pointer = format!("/{}", field.replace('.', "/"));
    let entities = items.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
    let ours = entities.filter(|entity| entity["kind"] != "Location");
    ours.map(|entity| entity.pointer(&pointer).and_then(Value::as_str).unwrap_or_default().to_lowercase()).collect()
}

fn answer(running: &Running, key: &str) -> Option<Value> {
    let (method, arguments) = key.split_once(' ')?;
    let catalog = &running.catalog;
    Some(match method {
        "getEntities" => {
            let request = EntitiesRequest {
                selection: selection(&serde_json::from_str(arguments).unwrap()),
                ..EntitiesRequest::default()
            };
            let mut refs = refs(&catalog.entities(&request).unwrap().items);
            refs.sort();
            refs.into()
        }
        "getEntityFacets" => {
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            let names: Vec<String> = serde_json::from_value(arguments["facets"].clone()).unwrap();
            let facets = catalog.facets(&names, &selection(&arguments["f"])).into_iter();
            let counts = |facet: crate::Facet| {
                // The recordings leave Location entities out.
                let facet = facet.into_iter().filter(|(value, _)| &**value != "Location");
                let mut counts: Vec<String> = facet.map(|(value, count)| format!("{value}={count}")).collect();
                counts.sort();
                counts
            };
            serde_json::to_value(facets.map(|(name, facet)| (name, counts(facet))).collect::<BTreeMap<_, _>>()).unwrap()
        }
        "getEntitiesByRefs" => {
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            let list = |key: &str| serde_json::from_value::<Vec<String>>(arguments[key].clone()).unwrap_or_default();
            let found = catalog.by_refs(&list("refs"), &Selection::default(), &list("fields")).unwrap();
            let read = |text: Option<std::sync::Arc<str>>| {
                text.map(|text| serde_json::from_str(&text).unwrap()).unwrap_or(Value::Null)
            };
            found.into_iter().map(read).collect::<Vec<Value>>().into()
        }
        "queryEntities" => {
            let (sort, arguments) = arguments.split_once(' ')?;
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            let mut request = QueryRequest::default();
            if sort == "predicate" {
                request.selection = Selection::from_predicate(&arguments).unwrap();
            } else {
                request.selection = selection(&arguments["f"]);
                request.limit = arguments["limit"].as_u64().map(|limit| limit as usize);
                let order = if arguments["order"] == "asc" { Order::Ascending } else { Order::Descending };
                request.order = vec![OrderField { field: arguments["field"].as_str().unwrap().to_owned(), order }];
            }
            let mut all = Vec::new();
            loop {
                let page = catalog.query_entities(&request).unwrap();
                all.extend(page.items);
                match page.next {
                    Some(next) => request.cursor = Some(next),
                    None => break,
                }
            }
            let mut found = refs(&all);
            let order = found_order(&all, arguments["field"].as_str().unwrap_or_default());
            found.sort();
            if sort == "predicate" { found.into() } else { serde_json::json!({"refs": found, "order": order}) }
        }
        _ => return None,
    })
}

/// What differs by nature: identifiers, and folders.
fn comparable(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for key in [
                "uid",
                "etag",
                "backstage.io/managed-by-location",
                "backstage.io/managed-by-origin-location",
                "annotations",
            ] {
                object.shift_remove(key);
            }
            object.values_mut().for_each(comparable);
        }
        Value::Array(items) => {
            items.iter_mut().for_each(comparable);
            // The recordings sort references.
            if items.iter().all(Value::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agrees_with_recorded_answers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/recorded");
    let mut fixture = Fixture::new();
    for file in ["all.yaml", "entities-000.yaml"] {
        fixture
            .write(&format!("catalog/{file}"), &std::fs::read_to_string(folder.join("catalog-60").join(file)).unwrap());
    }
    let template = std::fs::read_to_string(folder.join("scaffolder-template/template.yaml")).unwrap();
    fixture.write("catalog/template.yaml", &template);
    fixture.config.locations = vec![fixture.location("catalog/all.yaml"), fixture.location("catalog/template.yaml")];
    let running = fixture.start().await;
    let recorded: serde_json::Map<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("queries.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for (key, mut expected) in recorded.clone() {
        let mut found = answer(&running, &key).unwrap_or_else(|| panic!("{key} is of no method that is known here"));
        let in_order = found["order"] == expected["order"];
        comparable(&mut found);
        comparable(&mut expected);
        if found != expected || !in_order {
            wrong.push(format!("{key}\n  found    {found}\n  expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), recorded.len(), wrong.join("\n"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_one_another_in_both_directions() {
    let fixture = Fixture::new();
    fixture.write("catalog/a.yaml", &documents((0..10).map(|number| component(&format!("c{number}")))));
    let running = fixture.start().await;
    for (order, expected) in [
        (Order::Ascending, ["c0 c1 c2 c3", "c4 c5 c6 c7", "c8 c9"]),
        (Order::Descending, ["c9 c8 c7 c6", "c5 c4 c3 c2", "c1 c0"]),
    ] {
        let page = |cursor: Option<String>| {
            let request = QueryRequest {
                selection: Selection::from_filters(&["kind=component"]).unwrap(),
                order: vec![OrderField { field: "metadata.name".into(), order }],
                limit: Some(4),
                cursor,
                ..QueryRequest::default()
            };
            let page = running.catalog.query_entities(&request).unwrap();
            let names: Vec<_> =
                refs(&page.items).iter().map(|entity_ref| entity_ref.rsplit('/').next().unwrap().to_owned()).collect();
            assert_eq!(page.total, 10);
            (names.join(" "), page.next, page.previous)
        };
        let first = page(None);
        let second = page(first.1.clone());
        let third = page(second.1.clone());
        assert_eq!([&first.0, &second.0, &third.0], expected);
        assert_eq!((first.2.is_none(), third.1.is_none()), (true, true));
        assert_eq!(page(third.2.clone()).0, expected[1]);
        assert_eq!(page(second.2.clone()).0, expected[0]);
    }
    let request =
        EntitiesRequest { limit: Some(4), fields: vec!["metadata.name".into()], ..EntitiesRequest::default() };
    let page = running.catalog.entities(&request).unwrap();
    assert_eq!(&*page.items[0], r#"{"metadata":{"name":"c0"}}"#);
    let next = EntitiesRequest { after: page.next, ..EntitiesRequest::default() };
    assert_eq!(running.catalog.entities(&next).unwrap().items.len(), 4);
    for bad in ["garbage", "bnVsbA==", ""] {
        let request = QueryRequest { cursor: Some(bad.into()), ..QueryRequest::default() };
        assert!(running.catalog.query_entities(&request).is_err(), "{bad}");
        let request = EntitiesRequest { after: Some(bad.into()), ..EntitiesRequest::default() };
        assert!(running.catalog.entities(&request).is_err(), "{bad}");
    }
    running.stop().await;
}

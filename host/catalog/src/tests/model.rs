//! Files, addresses, providers, registrations, refreshes and deletions in random order, compared with a naive model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use host_model::{Entity, EntityRef, Principal};
use host_ports::{LocationRegistrar, Mutation, ProvidedEntity, RegisterLocation};
use serde_json::{Value, json};

use super::providers::{Scripted, scripted};
use super::{Fixture, Running};
use crate::{ConfiguredLocation, ingest};

/// The entities that sources fight over.
const NAMES: u64 = 6;
/// Files of the one folder, and files that may be registered.
const FILES: u64 = 4;
const MADE: u64 = 3;
const ADDRESS: &str = "https://x/all.yaml";

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 8) % sides
    }

    /// Some entities, each with a value.
    fn entities(&mut self) -> BTreeMap<String, u64> {
        let picked = (0..NAMES).filter(|_| self.roll(3) == 0).collect::<Vec<_>>();
        picked.into_iter().map(|name| (format!("component:default/e{name}"), self.roll(1000))).collect()
    }
}

fn document(entity_ref: &str, value: u64) -> Value {
    let name = entity_ref.rsplit('/').next().unwrap();
    json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
        "metadata": {"name": name, "description": value.to_string()},
        "spec": {"type": "service", "lifecycle": "production", "owner": "crew"},
    })
}

/// The text of a file; one without entities holds a comment.
fn file(entities: &BTreeMap<String, u64>) -> String {
    let text = |(name, value): (&String, &u64)| {
        let document = document(name, *value);
        let keys = ["apiVersion", "kind", "metadata", "spec"];
        keys.map(|key| format!("{key}: {}\n", document[key])).concat()
    };
    let documents: Vec<String> = entities.iter().map(text).collect();
    if documents.is_empty() { "# nothing yet\n".to_owned() } else { documents.join("---\n") }
}

/// What every source holds, who holds which entity, and what was deleted from where.
#[derive(Default)]
struct Model {
    sources: BTreeMap<String, BTreeMap<String, u64>>,
    registered: BTreeSet<u64>,
    holders: BTreeMap<String, String>,
    deleted: BTreeSet<(String, String)>,
}

impl Model {
    /// A source holds something else now; what was deleted from it is forgotten if it really is something else.
    fn set(&mut self, source: &str, entities: Option<BTreeMap<String, u64>>) {
        let same = self.sources.get(source) == entities.as_ref();
        if !same {
            self.deleted.retain(|(from, _)| from != source);
        }
        match entities {
            Some(entities) => drop(self.sources.insert(source.to_owned(), entities)),
            None => drop(self.sources.remove(source)),
        }
    }

    /// Who holds what after a pass over the sources in this order: whoever held it, or else whoever comes first.
    fn pass(&mut self, order: &[String]) {
        let claims = |source: &str, name: &str| {
            self.sources.get(source).is_some_and(|entities| entities.contains_key(name))
                && !self.deleted.contains(&(source.to_owned(), name.to_owned()))
        };
        let mut holders = BTreeMap::new();
        for name in (0..NAMES).map(|name| format!("component:default/e{name}")) {
            let held = self.holders.get(&name).filter(|holder| order.contains(holder) && claims(holder, &name));
            let holder = held.or_else(|| order.iter().find(|source| claims(source, &name)));
            holders.extend(holder.map(|holder| (name.clone(), holder.clone())));
        }
        self.holders = holders;
    }

    fn value(&self, name: &str) -> Option<u64> {
        self.sources.get(self.holders.get(name)?)?.get(name).copied()
    }
}

struct Game {
    fixture: Fixture,
    provider: Arc<Scripted>,
    running: Running,
    model: Model,
}

impl Game {
    async fn begin() -> Self {
        let (mut fixture, provider) = scripted();
        for number in 0..MADE {
            fixture.write(&format!("made/{number}.yaml"), &file(&BTreeMap::new()));
        }
        fixture.config.readable_folders = vec![fixture.path("made")];
        fixture.config.locations.push(ConfiguredLocation {
            location_type: "url".into(),
            target: ADDRESS.into(),
            rules: vec![],
        });
        fixture.reader.put(ADDRESS, file(&BTreeMap::new()));
        let running = fixture.start().await;
        running.known("scripted").await;
        Self { fixture, provider, running, model: Model::default() }
    }

    /// The sources in the order of a pass.
    async fn order(&self) -> Vec<String> {
        let mut order: Vec<String> = (0..FILES).map(|number| format!("catalog/{number}.yaml")).collect();
        order.push(ADDRESS.to_owned());
        for location in self.running.catalog.locations().await.unwrap() {
            order.push(format!("made/{}", location.target.rsplit('/').next().unwrap()));
        }
        order.push("scripted".to_owned());
        order
    }

    async fn step(&mut self, dice: &mut Dice) -> String {
        let entities = dice.entities();
        let guest = &Principal::Guest;
        match dice.roll(9) {
            0 | 1 => {
                let name = format!("catalog/{}.yaml", dice.roll(FILES));
                self.fixture.write(&name, &file(&entities));
                self.model.set(&name, Some(entities));
                self.running.sync().await;
                name
            }
            2 => {
                let name = format!("catalog/{}.yaml", dice.roll(FILES));
                if self.model.sources.contains_key(&name) {
                    self.fixture.remove(&name);
                }
                self.model.set(&name, None);
                self.running.sync().await;
                format!("no {name}")
            }
            3 => {
                self.fixture.reader.put(ADDRESS, file(&entities));
                self.model.set(ADDRESS, Some(entities));
                self.refresh(&format!("location:default/{}", crate::hash::location_name(&format!("url:{ADDRESS}"))))
                    .await;
                self.model.deleted.retain(|(from, _)| from != ADDRESS);
                "address".to_owned()
            }
            4 => {
                let number = dice.roll(MADE);
                let name = format!("made/{number}.yaml");
                self.fixture.write(&name, &file(&entities));
                if self.model.registered.contains(&number) {
                    self.model.set(&name, Some(entities));
                    self.running.sync().await;
                    return name;
                }
                let target = self.fixture.path(&name).display().to_string();
                let request = RegisterLocation { location_type: "file".into(), target, optional: true };
                self.running.catalog.register(guest, &request).await.unwrap();
                self.model.registered.insert(number);
                self.model.set(&name, Some(entities));
                format!("register {name}")
            }
            5 => {
                let locations = self.running.catalog.locations().await.unwrap();
                let Some(location) = locations.first() else { return "none registered".to_owned() };
                self.running.catalog.remove_location(&Principal::Administrator, &location.id).await.unwrap();
                let name = format!("made/{}", location.target.rsplit('/').next().unwrap());
                self.model.registered.retain(|number| !name.ends_with(&format!("/{number}.yaml")));
                self.model.set(&name, None);
                format!("unregister {name}")
            }
            6 => {
                let before = self.model.sources.get("scripted").cloned().unwrap_or_default();
                let provided = |entities: &BTreeMap<String, u64>| -> Vec<ProvidedEntity> {
                    let entity = |(name, value): (&String, &u64)| Entity::from_value(document(name, *value)).unwrap();
                    entities.iter().map(entity).map(|entity| ProvidedEntity { entity, location_key: None }).collect()
                };
                // An empty list would be held back; a delta means what it says.
                let gone = before.keys().filter(|name| !entities.contains_key(*name));
                let removed = gone.map(|name| name.parse().unwrap()).collect();
                let mutation = if entities.is_empty() || dice.roll(2) == 0 {
                    Mutation::Delta { added: provided(&entities), removed }
                } else {
                    Mutation::Full(provided(&entities))
                };
                self.provider.then(mutation, None);
                // A run that a refresh has asked for may come first.
                loop {
                    self.running.run("scripted").await;
                    if self.provider.is_done() {
                        break;
                    }
                }
                self.model.set("scripted", Some(entities));
                "provider".to_owned()
            }
            7 => {
                let name = format!("component:default/e{}", dice.roll(NAMES));
                if self.running.entity(&name).is_some() {
                    self.refresh(&name).await;
                    let holder = self.model.holders.get(&name).cloned().unwrap_or_default();
                    self.model.deleted.retain(|(from, _)| *from != holder);
                }
                format!("refresh {name}")
            }
            _ => {
                let name = format!("component:default/e{}", dice.roll(NAMES));
                // What a provider gives is given back with whatever else is in its bucket; that is not modelled.
                let holder = self.model.holders.get(&name).filter(|holder| *holder != "scripted").cloned();
                let Some(holder) = holder else { return "nothing to delete".to_owned() };
                let uid = self.running.entity(&name).unwrap()["metadata"]["uid"].as_str().unwrap().to_owned();
                self.running.catalog.delete_by_uid(&Principal::Administrator, &uid).await.unwrap();
                self.running.sync().await;
                self.model.deleted.insert((holder, name.clone()));
                format!("delete {name}")
            }
        }
    }

    async fn refresh(&self, entity_ref: &str) {
        let entity_ref: EntityRef = entity_ref.parse().unwrap();
        self.running.catalog.refresh(&Principal::Guest, &entity_ref).await.unwrap();
    }

    /// What the catalog has is what the model has, and what the store has is the same.
    fn compare(&self, history: &[String]) {
        for name in (0..NAMES).map(|name| format!("component:default/e{name}")) {
            let found = self.running.entity(&name);
            let value = found.as_ref().and_then(|entity| entity["metadata"]["description"].as_str()?.parse().ok());
            assert_eq!(value, self.model.value(&name), "{name} after {history:#?}");
        }
        assert_same_as_stored(&self.running, history);
    }
}

/// A fresh start would show the same as is shown now.
fn assert_same_as_stored(running: &Running, history: &[String]) {
    let (_, stored, _) = ingest::load(&running.store).unwrap();
    let shared = running.catalog.engine.shared.read().unwrap();
    let shown = |shared: &crate::shared::Shared| -> BTreeMap<String, (String, String)> {
        let entry = |(name, entry): (&Arc<str>, crate::index::Found<'_>)| {
            (name.to_string(), (entry.source.to_string(), entry.text().to_string()))
        };
        shared.index.iter().map(entry).collect()
    };
    assert_eq!(shown(&shared), shown(&stored), "{history:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_the_catalog_is_what_its_sources_say() {
    for seed in 1..=12_u64 {
        let mut dice = Dice::new(seed);
        let mut game = Game::begin().await;
        let mut history = vec![format!("seed {seed}")];
        for _ in 0..25 {
            let step = game.step(&mut dice).await;
            history.push(step);
            game.model.pass(&game.order().await);
            game.compare(&history);
        }
        // Looking again changes nothing.
        let written = game.running.store.changes();
        game.running.sync().await;
        assert_eq!(game.running.store.changes(), written, "{history:#?}");
        game.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_happens_at_once_leaves_one_truth() {
    let game = Arc::new(Game::begin().await);
    let mut tasks = tokio::task::JoinSet::new();
    for player in 1..=4_u64 {
        let game = Arc::clone(&game);
        tasks.spawn(async move {
            let mut dice = Dice::new(player);
            let catalog = &game.running.catalog;
            for _ in 0..15 {
                let entities = dice.entities();
                let name: EntityRef = format!("component:default/e{}", dice.roll(NAMES)).parse().unwrap();
                match dice.roll(6) {
                    0 => game.fixture.write(&format!("catalog/{player}.yaml"), &file(&entities)),
                    1 => game.fixture.reader.put(ADDRESS, file(&entities)),
                    2 => {
                        let given = entities.iter().map(|(name, value)| {
                            let entity = Entity::from_value(document(name, *value)).unwrap();
                            ProvidedEntity { entity, location_key: None }
                        });
                        game.provider.then(Mutation::Delta { added: given.collect(), removed: vec![name] }, None);
                        catalog.run_provider(&Principal::Guest, "scripted", false).await.unwrap();
                    }
                    3 => {
                        // It may have gone meanwhile.
                        let _ = catalog.refresh(&Principal::Guest, &name).await;
                    }
                    4 => {
                        let uid = crate::hash::uid(&name.to_string());
                        catalog.delete_by_uid(&Principal::Administrator, &uid).await.unwrap();
                    }
                    _ => catalog.sync().await.unwrap(),
                }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let game = Arc::into_inner(game).expect("the tasks have ended");
    let history = ["at once".to_owned()];
    game.running.run("scripted").await;
    game.running.sync().await;
    assert_same_as_stored(&game.running, &history);
    let written = game.running.store.changes();
    game.running.sync().await;
    assert_eq!(game.running.store.changes(), written);
    game.running.stop().await;
}

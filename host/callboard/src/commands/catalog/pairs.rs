//! The two names of relations: those that the catalog model has, and those that a catalog declares.

use host_model::relation::PAIRS;

use crate::catalogs::{Entity, Source, Wanted};

/// Which relations are one another seen from the other end.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Forward and backward, of what descriptors declare.
    declared: Vec<(String, String)>,
}

impl Pairs {
    /// The pairs of a catalog.
    pub(super) async fn of(source: &Source) -> anyhow::Result<Self> {
        let fields = ["kind", "metadata.name", "metadata.namespace", "spec.forward.type", "spec.reverse.type"];
        let wanted = Wanted {
            filters: vec!["kind=relationpair".to_owned()],
            fields: fields.map(str::to_owned).to_vec(),
            limit: None,
        };
        Ok(Self::declared_by(&source.list(&wanted).await?))
    }

    fn declared_by(entities: &[Entity]) -> Self {
        let pair = |entity: &Entity| {
            let name = |pointer: &str| entity.text(pointer).map(str::to_owned);
            Some((name("/spec/forward/type")?, name("/spec/reverse/type")?))
        };
        Self { declared: entities.iter().filter_map(pair).collect() }
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let declared = self.declared.iter().map(|(forward, backward)| (forward.as_str(), backward.as_str()));
        PAIRS.into_iter().chain(declared)
    }

    /// The first name of a pair of which this is the second.
    pub(super) fn forward(&self, name: &str) -> Option<&str> {
        self.all().find(|(_, backward)| *backward == name).map(|(forward, _)| forward)
    }

    /// The name of the same relation seen from the other end, when the pair is known.
    pub(super) fn opposite(&self, name: &str) -> Option<&str> {
        let forward = self.all().find(|(forward, _)| *forward == name);
        forward.map(|(_, backward)| backward).or_else(|| self.forward(name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn declared_pairs_stand_beside_those_of_the_model() {
        let pair = json!({
            "kind": "RelationPair", "metadata": {"name": "a"},
            "spec": {"forward": {"type": "runsOn"}, "reverse": {"type": "runs"}}
        });
        let half = json!({"kind": "RelationPair", "metadata": {"name": "b"}, "spec": {"forward": {"type": "x"}}});
        let pairs = Pairs::declared_by(&[pair, half].map(|document| Entity::new(document).unwrap()));
        for (name, forward, opposite) in [
            ("ownerOf", Some("ownedBy"), Some("ownedBy")),
            ("ownedBy", None, Some("ownerOf")),
            ("runs", Some("runsOn"), Some("runsOn")),
            ("runsOn", None, Some("runs")),
            ("x", None, None),
        ] {
            assert_eq!((pairs.forward(name), pairs.opposite(name)), (forward, opposite), "{name}");
        }
    }
}

//! Draws entities as one where they tell the reader nothing that the others do not.

use std::collections::{BTreeMap, HashMap, HashSet};

use host_api::{EntityGraph, GraphGroup, GraphGroupLink};
use host_model::EntityRef;

/// What an entity is joined to: the other end, the relation, and whether it leads there.
type Link = (usize, String, bool);

/// Makes one node of every `least` or more entities of one kind that have the same relations to the same entities. The
/// entities where the graph begins stay, and so do those that are joined to another of their own group.
pub(in super::super) fn collapse(graph: &mut EntityGraph, least: usize) {
    let numbers: HashMap<&EntityRef, usize> =
        graph.nodes.iter().enumerate().map(|(at, node)| (&node.entity_ref, at)).collect();
    let mut links: Vec<Vec<Link>> = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        if let (Some(&source), Some(&target)) = (numbers.get(&edge.source), numbers.get(&edge.target)) {
            links[source].push((target, edge.relation.clone(), true));
            links[target].push((source, edge.relation.clone(), false));
        }
    }
    let mut alike: BTreeMap<(&str, &[Link]), Vec<usize>> = BTreeMap::new();
    for list in &mut links {
        list.sort_unstable();
    }
    for (at, node) in graph.nodes.iter().enumerate() {
        if node.distance > 0 && node.exists {
            alike.entry((&node.kind, &links[at])).or_default().push(at);
        }
    }
    alike.retain(|(_, links), members| {
        members.len() >= least.max(2) && !links.iter().any(|(end, ..)| members.contains(end))
    });
    // What a group hangs on must stay, so of two groups that hang on one another only the first is made.
    let (mut gone, mut kept): (HashSet<usize>, HashSet<usize>) = (HashSet::new(), HashSet::new());
    let mut groups = Vec::new();
    for ((kind, links), members) in &alike {
        if members.iter().any(|member| kept.contains(member)) || links.iter().any(|(end, ..)| gone.contains(end)) {
            continue;
        }
        gone.extend(members);
        kept.extend(links.iter().map(|(end, ..)| *end));
        groups.push(GraphGroup {
            kind: (*kind).to_owned(),
            members: members.iter().map(|at| graph.nodes[*at].entity_ref.clone()).collect(),
            links: links
                .iter()
                .map(|(end, relation, outward)| GraphGroupLink {
                    entity_ref: graph.nodes[*end].entity_ref.clone(),
                    relation: relation.clone(),
                    outward: *outward,
                    points: Vec::new(),
                })
                .collect(),
            ..GraphGroup::default()
        });
    }
    let left_out: HashSet<EntityRef> = gone.iter().map(|at| graph.nodes[*at].entity_ref.clone()).collect();
    graph.nodes.retain(|node| !left_out.contains(&node.entity_ref));
    graph.edges.retain(|edge| !left_out.contains(&edge.source) && !left_out.contains(&edge.target));
    graph.groups = groups;
}

#[cfg(test)]
mod tests {
    use host_api::GraphNode;

    use super::super::tests::{edge, node};
    use super::*;

    #[test]
    fn only_what_is_alike_becomes_one() {
        let far = |name: &str| GraphNode { distance: 1, ..node(name) };
        let mut graph = EntityGraph {
            nodes: vec![node("root"), far("a"), far("b"), far("c"), far("d"), far("e"), far("other")],
            edges: vec![
                edge("a", "root"),
                edge("b", "root"),
                edge("c", "root"),
                edge("root", "d"),
                edge("e", "root"),
                edge("e", "other"),
            ],
            ..EntityGraph::default()
        };
        let whole = graph.clone();
        collapse(&mut graph, 4);
        assert_eq!(graph, whole);
        collapse(&mut graph, 3);
        let names: Vec<_> = graph.groups[0].members.iter().map(EntityRef::name).collect();
        assert_eq!((names, graph.groups.len()), (vec!["a", "b", "c"], 1));
        assert_eq!((graph.nodes.len(), graph.edges.len()), (4, 3));
        assert!(graph.groups[0].links[0].outward);
    }
}

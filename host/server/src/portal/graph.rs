//! Neighbourhoods with coordinates, and what a failure reaches.

use std::sync::Arc;

use host_api::{
    ApiError, ApiResult, EntityGraph, GraphDirection, GraphEdge, GraphNode, GraphQuery, Impact, ImpactEntity,
    ImpactItem, ImpactOwner, ImpactQuery, ImpactStep, OnCall,
};
use host_catalog::{Affected, Annotation, Direction, GraphRequest, IMPACT_RELATIONS, ImpactRequest};
use host_model::EntityRef;

use super::LocalPortal;
use super::catalog::selection;
use super::layout::collapse;

/// The furthest that a graph reaches.
const DEEPEST: u32 = 20;
/// The most entities of one graph or impact.
const MOST: usize = 5_000;
/// The furthest that a failure is followed.
const DEEPEST_IMPACT: u32 = 64;

impl LocalPortal {
    pub(super) async fn draw_graph(&self, query: GraphQuery) -> ApiResult<EntityGraph> {
        let depth = query.depth.min(DEEPEST);
        let catalog = &self.features.catalog;
        if query.filters.is_empty()
            && let Some(unknown) = query.roots.iter().find(|root| catalog.get(root).is_none())
        {
            return Err(ApiError::not_found(format!("No such entity {unknown}")));
        }
        let request = GraphRequest {
            roots: query.roots.iter().map(ToString::to_string).collect(),
            selection: match query.filters.is_empty() {
                true => None,
                false => Some(selection(&query.filters, None)?),
            },
            steps: depth as usize,
            names: query.relations,
            kinds: query.kinds,
            direction: match query.direction {
                GraphDirection::Out => Direction::Out,
                GraphDirection::In => Direction::In,
                GraphDirection::Both => Direction::Both,
            },
            most: query.limit.clamp(1, MOST),
        };
        let (catalog, layout) = (catalog.clone(), Arc::clone(&self.layout));
        let least = query.collapse;
        // Finding and placing thousands of nodes takes a while, which other requests should not wait for.
        let placed = tokio::task::spawn_blocking(move || {
            let mut graph = without_coordinates(catalog.graph(&request), depth);
            if let Some(least) = least {
                collapse(&mut graph, least);
            }
            layout.place(&mut graph);
            graph
        });
        placed.await.map_err(|error| {
            tracing::error!(%error, "a graph could not be laid out");
            ApiError::internal("the graph could not be laid out; the portal's log says why")
        })
    }

    pub(super) fn impact_of(&self, query: &ImpactQuery) -> ApiResult<Impact> {
        let request = ImpactRequest {
            root: query.root.to_string(),
            names: query.relations.clone(),
            steps: query.depth.min(DEEPEST_IMPACT) as usize,
            most: query.limit.clamp(1, MOST),
        };
        let found = self.features.catalog.impact(&request);
        let found = found.ok_or_else(|| ApiError::not_found(format!("No such entity {}", query.root)))?;
        let relations = match query.relations.is_empty() {
            true => IMPACT_RELATIONS.iter().map(|name| (*name).to_owned()).collect(),
            false => query.relations.clone(),
        };
        let owner = |owner: host_catalog::AffectedOwner| {
            Some(ImpactOwner {
                entity_ref: owner.entity_ref.parse().ok()?,
                title: owner.title,
                count: owner.count as u64,
                on_call: on_call(owner.on_call),
            })
        };
        Ok(Impact {
            root: entity(&query.root, &found.root),
            items: found.items.into_iter().filter_map(item).collect(),
            owners: found.owners.into_iter().filter_map(owner).collect(),
            relations,
            total: found.total as u64,
            truncated: found.truncated,
        })
    }
}

fn without_coordinates(found: host_catalog::Graph, depth: u32) -> EntityGraph {
    let node = |node: host_catalog::GraphNode| {
        Some(GraphNode {
            entity_ref: node.entity_ref.parse().ok()?,
            title: node.title,
            kind: node.kind,
            spec_type: node.spec_type,
            exists: node.exists,
            distance: u32::try_from(node.distance).unwrap_or(u32::MAX),
            hidden: u32::try_from(node.hidden).unwrap_or(u32::MAX),
            x: 0.0,
            y: 0.0,
            width: 0.0,
            height: 0.0,
        })
    };
    let edge = |edge: host_catalog::GraphEdge| {
        Some(GraphEdge {
            source: edge.source.parse().ok()?,
            target: edge.target.parse().ok()?,
            relation: edge.name.to_string(),
            points: Vec::new(),
        })
    };
    EntityGraph {
        nodes: found.nodes.into_iter().filter_map(node).collect(),
        edges: found.edges.into_iter().filter_map(edge).collect(),
        truncated: found.truncated,
        omitted: found.omitted as u64,
        depth,
        ..EntityGraph::default()
    }
}

fn entity(entity_ref: &EntityRef, affected: &Affected) -> ImpactEntity {
    ImpactEntity {
        entity_ref: entity_ref.clone(),
        title: affected.title.clone(),
        kind: affected.kind.clone(),
        spec_type: affected.spec_type.clone(),
        exists: affected.exists,
        owner: affected.owner.as_ref().and_then(|owner| owner.parse().ok()),
        on_call: on_call(affected.on_call.clone()),
    }
}

fn item(affected: Affected) -> Option<ImpactItem> {
    let step = |(source, relation, target): &(Arc<str>, Arc<str>, Arc<str>)| {
        Some(ImpactStep { source: source.parse().ok()?, relation: relation.to_string(), target: target.parse().ok()? })
    };
    Some(ImpactItem {
        entity: entity(&affected.entity_ref.parse().ok()?, &affected),
        distance: u32::try_from(affected.path.len()).unwrap_or(u32::MAX),
        path: affected.path.iter().filter_map(step).collect(),
    })
}

fn on_call(annotations: Vec<Annotation>) -> Vec<OnCall> {
    let read = |annotation: Annotation| {
        Some(OnCall { annotation: annotation.key, value: annotation.value, from: annotation.from.parse().ok()? })
    };
    annotations.into_iter().filter_map(read).collect()
}

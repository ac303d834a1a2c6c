//! Trees: nodes under nodes, opened and closed by the browser's own disclosure.

use host_model::view::{Status, TreeNode};
use leptos::prelude::*;

use crate::{Icon, IconView, SafeLink, StatusView};

/// Beyond this depth nodes are drawn beside their parent, so that a hostile tree cannot exhaust the stack.
const MAX_DEPTH: usize = 32;
/// Nodes down to this depth are open at first.
const OPEN_DEPTH: usize = 2;

/// A forest. Each node names its parent, which comes before it in the list.
///
/// ```ignore
/// view! { <TreeView nodes=resources label="Resources of the application"/> }
/// ```
#[component]
pub fn TreeView(nodes: Vec<TreeNode>, #[prop(default = "Tree".to_owned(), into)] label: String) -> AnyView {
    let mut depths: Vec<usize> = Vec::with_capacity(nodes.len());
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(nodes.len());
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut roots = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        // A parent that does not come before its child is not one.
        let mut parent = node.parent.map(|parent| parent as usize).filter(|&parent| parent < index);
        if let Some(above) = parent.filter(|&above| depths[above] >= MAX_DEPTH) {
            parent = parents[above];
        }
        depths.push(parent.map_or(0, |parent| depths[parent] + 1));
        parents.push(parent);
        match parent {
            Some(parent) => children[parent].push(index),
            None => roots.push(index),
        }
    }
    // Children come after their parents, so that from the end backwards every node's children are drawn already.
    let mut drawn: Vec<Option<AnyView>> = (0..nodes.len()).map(|_| None).collect();
    for (index, node) in nodes.into_iter().enumerate().rev() {
        let below: Vec<AnyView> = children[index].iter().filter_map(|&child| drawn[child].take()).collect();
        drawn[index] = Some(item(node, below, depths[index] < OPEN_DEPTH));
    }
    let roots: Vec<AnyView> = roots.into_iter().filter_map(|root| drawn[root].take()).collect();
    view! { <ul class="tree" aria-label=label>{roots}</ul> }.into_any()
}

/// A node with what is below it.
fn item(node: TreeNode, below: Vec<AnyView>, open: bool) -> AnyView {
    let label = match node.url {
        Some(url) => view! { <SafeLink url text=node.label/> }.into_any(),
        None => node.label.into_any(),
    };
    // The detail is written out: what opens cannot stand in a summary.
    let status = node.status.map(|Status { level, text, detail }| {
        view! { <StatusView level text/> {detail.map(|detail| view! { <span class="tree-detail">{detail}</span> })} }
    });
    let line = view! { <span class="tree-label">{label}</span>{status} };
    if below.is_empty() {
        return view! { <li class="tree-item"><div class="tree-line">{line}</div></li> }.into_any();
    }
    view! {
        <li class="tree-item">
            <details open=open>
                <summary class="tree-line"><IconView icon=Icon::ChevronRight/>{line}</summary>
                <ul class="tree-children">{below}</ul>
            </details>
        </li>
    }
    .into_any()
}

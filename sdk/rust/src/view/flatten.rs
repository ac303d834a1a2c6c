//! From nested blocks to the contract's flat list with child indices.

use super::{Block, View};
use crate::raw::host::view as raw;

impl View {
    pub(crate) fn into_raw(self) -> raw::View {
        let mut flat = Vec::new();
        let roots = self.blocks.into_iter().map(|block| place(block, &mut flat)).collect();
        raw::View {
            blocks: flat,
            roots,
            actions: self.actions,
            fetched_at: self.fetched_at,
            source: self.source,
            missing: self.missing,
        }
    }
}

/// Appends a block with everything in it and tells its index.
fn place(block: Block, flat: &mut Vec<raw::Block>) -> u32 {
    let block = match block.into_leaf() {
        Ok(leaf) => leaf,
        Err(section) => raw::Block::Section(raw::Section {
            title: section.title,
            children: section.blocks.into_iter().map(|child| place(child, flat)).collect(),
            layout: section.layout,
            collapsed: section.collapsed,
        }),
    };
    flat.push(block);
    // More blocks than a u32 can count do not fit into a component's memory.
    u32::try_from(flat.len() - 1).unwrap_or(u32::MAX)
}

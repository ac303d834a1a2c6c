//! The groups that operations belong to by their tags.

use std::collections::{HashMap, HashSet};

use host_api::{ApiGroup, ApiOperation};

/// The group of operations that have no tag.
const UNTAGGED: &str = "Operations";
/// The most groups of one operation.
const MAX_TAGS: usize = 20;

/// The groups, in the order in which they are first named.
#[derive(Default)]
pub(crate) struct Groups {
    groups: Vec<ApiGroup>,
    known: HashMap<String, usize>,
}

impl Groups {
    /// Names a group ahead of its operations. The first description counts.
    pub(crate) fn declare(&mut self, name: &str, description: String) {
        let group = self.of(name);
        if group.description.is_empty() {
            group.description = description;
        }
    }

    /// Adds an operation to the group of its first tag, and writes down the others.
    pub(crate) fn add(&mut self, tags: impl Iterator<Item = String>, mut operation: ApiOperation) {
        let mut tags = tags.take(MAX_TAGS);
        let own = tags.next().unwrap_or_else(|| UNTAGGED.to_owned());
        // The group of the operation stands before the others.
        self.of(&own);
        for tag in tags {
            if tag != own && !operation.other_groups.contains(&tag) {
                self.of(&tag);
                operation.other_groups.push(tag);
            }
        }
        self.of(&own).operations.push(operation);
    }

    /// The groups that have operations, be it those of other groups.
    pub(crate) fn finish(self) -> Vec<ApiGroup> {
        let operations = self.groups.iter().flat_map(|group| &group.operations);
        let others: HashSet<String> = operations.flat_map(|operation| operation.other_groups.iter().cloned()).collect();
        let is_used = |group: &ApiGroup| !group.operations.is_empty() || others.contains(&group.name);
        self.groups.into_iter().filter(is_used).collect()
    }

    /// The group of a name; a new one at the end when there is none.
    fn of(&mut self, name: &str) -> &mut ApiGroup {
        let at = *self.known.entry(name.to_owned()).or_insert_with(|| {
            self.groups.push(ApiGroup { name: name.to_owned(), ..ApiGroup::default() });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }
}

//! A made-up catalog of any size, in the proportions of a real company: 1 % domains, 5 % systems, 4 % groups, 15 % users,
//! 13 % APIs, 12 % resources, and components for the rest, with owners, systems, dependencies, provided and consumed
//! APIs, memberships, annotations, labels, tags and links. The same size gives the same catalog.

use std::fmt::Write as _;
use std::path::Path;

/// The documents in one file.
const DOCUMENTS: usize = 500;

const WORDS: &[&str] = &[
    "archive",
    "basket",
    "billing",
    "cart",
    "catalogue",
    "checkout",
    "courier",
    "customer",
    "delivery",
    "depot",
    "fraud",
    "identity",
    "invoice",
    "ledger",
    "loyalty",
    "media",
    "notification",
    "order",
    "payment",
    "pricing",
    "profile",
    "routing",
    "search",
    "stock",
    "supplier",
    "survey",
    "tracking",
    "warehouse",
];
const LIFECYCLES: &[&str] = &["production", "production", "production", "experimental", "deprecated"];
const TYPES: &[&str] = &["service", "service", "website", "library", "worker"];
const TAGS: &[&str] = &["go", "java", "kotlin", "python", "rust", "tier-1", "tier-2", "batch", "kafka"];

/// How many there are of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub domains: usize,
    pub systems: usize,
    pub groups: usize,
    pub users: usize,
    pub apis: usize,
    pub resources: usize,
    pub components: usize,
}

impl Shape {
    /// The shape of a catalog with so many entities.
    pub fn of(entities: usize) -> Self {
        let share = |percent: usize| (entities * percent / 100).max(1);
        let (domains, systems, groups, users) = (share(1), share(5), share(4), share(15));
        let (apis, resources) = (share(13), share(12));
        let others = domains + systems + groups + users + apis + resources;
        Self { domains, systems, groups, users, apis, resources, components: entities.saturating_sub(others).max(1) }
    }
}

/// Writes the catalog's files into a folder.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, entities: usize) -> std::io::Result<()> {
    let documents = documents(entities);
    for (index, part) in documents.chunks(DOCUMENTS).enumerate() {
        std::fs::write(folder.join(format!("entities-{index:03}.yaml")), part.join("---\n"))?;
    }
    Ok(())
}

/// The name of a component that every catalog has.
pub fn component_name(index: usize) -> String {
    name("component", index)
}

/// All documents.
pub fn documents(entities: usize) -> Vec<String> {
    let shape = Shape::of(entities);
    let mut documents = Vec::with_capacity(entities);
    for index in 0..shape.domains {
        let spec = format!("  owner: {}\n", group(shape, index));
        documents.push(document("Domain", "domain", index, &spec));
    }
    for index in 0..shape.systems {
        let spec = format!("  owner: {}\n  domain: {}\n", group(shape, index), name("domain", index % shape.domains));
        documents.push(document("System", "system", index, &spec));
    }
    for index in 0..shape.groups {
        let parent = if index == 0 { String::new() } else { format!("  parent: {}\n", name("group", (index - 1) / 5)) };
        let profile = format!("  profile:\n    displayName: {}\n", title("group", index));
        documents.push(document("Group", "group", index, &format!("  type: team\n{profile}{parent}  children: []\n")));
    }
    for index in 0..shape.users {
        let user = name("user", index);
        let spec = format!(
            "  profile:\n    displayName: {}\n    email: {user}@example.com\n  memberOf: [{}]\n",
            title("user", index),
            group(shape, index)
        );
        documents.push(document("User", "user", index, &spec));
    }
    for index in 0..shape.apis {
        let spec = format!(
            "  type: openapi\n  lifecycle: {}\n  owner: {}\n  system: {}\n  definition: |\n    openapi: 3.0.3\n    info:\n      \
             title: {}\n      version: 1.{}.0\n    paths:\n      /items:\n        get:\n          responses:\n            \
             '200':\n              description: All items\n",
            pick(LIFECYCLES, index),
            group(shape, index),
            name("system", index % shape.systems),
            title("api", index),
            index % 10
        );
        documents.push(document("API", "api", index, &spec));
    }
    for index in 0..shape.resources {
        let spec = format!(
            "  type: {}\n  owner: {}\n  system: {}\n",
            pick(&["database", "queue", "topic", "bucket"], index),
            group(shape, index),
            name("system", index % shape.systems)
        );
        documents.push(document("Resource", "resource", index, &spec));
    }
    for index in 0..shape.components {
        documents.push(document("Component", "component", index, &component_spec(shape, index)));
    }
    documents
}

fn component_spec(shape: Shape, index: usize) -> String {
    let mut spec = format!(
        "  type: {}\n  lifecycle: {}\n  owner: {}\n  system: {}\n",
        pick(TYPES, index),
        pick(LIFECYCLES, index / 3),
        group(shape, index),
        name("system", index % shape.systems)
    );
    let resource = name("resource", index % shape.resources);
    let other = name("component", (index * 7 + 1) % shape.components);
    let _ = writeln!(spec, "  dependsOn: [\"resource:{resource}\", \"component:{other}\"]");
    if index < shape.apis {
        let _ = writeln!(spec, "  providesApis: [{}]", name("api", index));
    }
    let _ = writeln!(spec, "  consumesApis: [{}]", name("api", (index * 3 + 2) % shape.apis));
    spec
}

fn document(kind: &str, part: &str, index: usize, spec: &str) -> String {
    let name = name(part, index);
    let title = title(part, index);
    let (one, other) = (pick(TAGS, index), pick(TAGS, index / 2 + 5));
    let tags = if one == other { one.to_owned() } else { format!("{one}, {other}") };
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n  title: {title}\n  description: {title} \
         keeps the {} of everybody who asks for a {}.\n  labels:\n    example.com/tier: tier-{}\n  annotations:\n    \
         github.com/project-slug: example/{name}\n    example.com/cost-center: cc-{}\n  tags: [{tags}]\n  links:\n    - url: \
         https://wiki.example.com/{name}\n      title: Wiki\nspec:\n{spec}",
        pick(WORDS, index * 5 + 3),
        pick(WORDS, index * 11 + 4),
        index % 3 + 1,
        index % 200
    )
}

fn name(part: &str, index: usize) -> String {
    format!("{}-{}-{part}-{index:05}", pick(WORDS, index), pick(WORDS, index / WORDS.len() + 9))
}

fn title(part: &str, index: usize) -> String {
    let name = name(part, index);
    name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<Vec<_>>().join(" ")
}

fn group(shape: Shape, index: usize) -> String {
    name("group", index % shape.groups)
}

fn pick<'a>(list: &[&'a str], index: usize) -> &'a str {
    list[index % list.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_catalog_has_its_size_and_each_name_once() {
        for size in [100, 1_000] {
            let documents = documents(size);
            assert_eq!(documents.len(), size);
            let names: BTreeSet<&str> =
                documents.iter().filter_map(|text| text.split("name: ").nth(1)?.lines().next()).collect();
            assert_eq!(names.len(), size);
        }
    }
}

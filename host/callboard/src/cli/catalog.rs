//! `callboard catalog`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What to do with the catalog of a portal, or of files.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// List entities.
    Ls(LsArguments),
    /// Print one entity as the catalog has it. Exits with 1 when there is none.
    Get(GetArguments),
    /// Print what an entity is related to: as a tree, or to be drawn.
    Graph(GraphArguments),
    /// Print what breaks when an entity fails: everything that depends on it, with the way there and the owner.
    ///
    /// A failure goes on to what depends on the entity (dependencyOf), to the APIs that it provides and to those who
    /// consume them, from a system or domain to its parts, and from a part to the component that it is a part of.
    Impact(ImpactArguments),
    /// Compare two catalogs, each a folder, a file or the address of a portal. Exits with 1 when they differ.
    ///
    /// What only tells where an entity was read is left out: uid, etag, status, and annotations such as
    /// backstage.io/managed-by-location.
    Diff(DiffArguments),
}

/// Which catalog to ask.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArguments {
    /// The portal to ask; Backstage's backend answers too. Without --server and --path: http://127.0.0.1:7007.
    #[arg(long, value_name = "URL", conflicts_with = "path")]
    pub(crate) server: Option<String>,
    /// A file with the token to show to the portal.
    #[arg(long, value_name = "FILE", conflicts_with = "path")]
    pub(crate) token_file: Option<PathBuf>,
    /// Folders, files or patterns with descriptors, instead of a portal: the catalog is made of them on the spot.
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Vec<PathBuf>,
}

/// `callboard catalog ls`.
#[derive(Debug, Clone, Args)]
pub(crate) struct LsArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// Conditions as the REST API takes them, such as kind=component,spec.type=service; said several times, any of them.
    #[arg(long = "filter", value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Only this kind; said several times, any of them.
    #[arg(long = "kind", value_name = "KIND")]
    pub(crate) kinds: Vec<String>,
    /// Only what this group or user owns, such as crew or user:default/ann.
    #[arg(long = "owner", value_name = "REF")]
    pub(crate) owners: Vec<String>,
    /// Only this spec.type.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) types: Vec<String>,
    /// What to show of each: names such as ref, title, tags, and fields by their path, such as spec.system.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', default_value = "ref,type,owner,title")]
    pub(crate) columns: Vec<String>,
    /// At most so many entities.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// The form of the list.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: DataFormat,
}

/// The form of entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    /// A table.
    Human,
    /// One JSON list of whole entities.
    Json,
    /// One YAML document for each entity.
    Yaml,
}

/// `callboard catalog get`.
#[derive(Debug, Clone, Args)]
pub(crate) struct GetArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// The entity: component:default/shop, component:shop, or its name alone where only one is named so.
    #[arg(value_name = "REF")]
    pub(crate) entity: String,
    /// The form of the entity.
    #[arg(long, value_enum, default_value = "yaml")]
    pub(crate) format: EntityFormat,
}

/// The form of one entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EntityFormat {
    /// A YAML document.
    Yaml,
    /// A JSON document.
    Json,
}

/// `callboard catalog graph`.
#[derive(Debug, Clone, Args)]
pub(crate) struct GraphArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// The entity: component:default/shop, component:shop, or its name alone where only one is named so.
    #[arg(value_name = "REF")]
    pub(crate) entity: String,
    /// How many relations away at most.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) depth: usize,
    /// Only this relation, such as dependsOn; said several times, any of them.
    #[arg(long = "relation", value_name = "NAME")]
    pub(crate) relations: Vec<String>,
    /// At most so many entities, the nearest first.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(crate) limit: usize,
    /// The form of the graph.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: GraphFormat,
}

/// The form of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A tree; what is taken apart elsewhere in it ends with an ellipsis.
    Human,
    /// Nodes and edges.
    Json,
    /// For Graphviz.
    Dot,
    /// For Mermaid.
    Mermaid,
}

/// `callboard catalog impact`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImpactArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// The entity: component:default/shop, component:shop, or its name alone where only one is named so.
    #[arg(value_name = "REF")]
    pub(crate) entity: String,
    /// How many steps away at most.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) depth: usize,
    /// At most so many entities, the nearest first.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub(crate) limit: usize,
    /// The form of the list.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: TableFormat,
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// For people.
    Human,
    /// One JSON document.
    Json,
}

/// `callboard catalog diff`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiffArguments {
    /// The catalog as it was: a folder, a file, or the address of a portal.
    #[arg(value_name = "A")]
    pub(crate) before: String,
    /// The catalog as it is.
    #[arg(value_name = "B")]
    pub(crate) after: String,
    /// Compare only the entities that this filter selects; said several times, any of them.
    #[arg(long = "filter", value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// A file with the token to show to portals.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// The form of the differences.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: TableFormat,
}

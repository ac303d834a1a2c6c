//! Keys of well-known annotations, as Backstage defines them.

/// The location that the entity was read from, as a location reference (`file:/srv/a.yaml`).
pub const MANAGED_BY_LOCATION: &str = "backstage.io/managed-by-location";
/// The registered location that led to the entity.
pub const MANAGED_BY_ORIGIN_LOCATION: &str = "backstage.io/managed-by-origin-location";
/// Where the entity's source code is.
pub const SOURCE_LOCATION: &str = "backstage.io/source-location";
/// A page that shows the entity's descriptor.
pub const VIEW_URL: &str = "backstage.io/view-url";
/// A page on which the entity's descriptor can be edited.
pub const EDIT_URL: &str = "backstage.io/edit-url";
/// `true` on an entity that no location leads to any more.
pub const ORPHAN: &str = "backstage.io/orphan";
/// The template that created the entity.
pub const SOURCE_TEMPLATE: &str = "backstage.io/source-template";
/// Where the entity's documentation is.
pub const TECHDOCS_REF: &str = "backstage.io/techdocs-ref";
/// The entity whose documentation stands for this one's.
pub const TECHDOCS_ENTITY: &str = "backstage.io/techdocs-entity";
/// The repository on GitHub, as `owner/name`.
pub const GITHUB_PROJECT_SLUG: &str = "github.com/project-slug";

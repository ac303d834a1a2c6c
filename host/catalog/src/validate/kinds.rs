//! The kinds that the catalog knows: what their `spec` holds and which relations it states.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text that is not empty.
    Text,
    /// Text that may be empty.
    AnyText,
    /// A list of texts that are not empty.
    Texts,
    /// One text, or a list of them.
    TextOrTexts,
    /// A mapping with these fields, and others.
    Mapping(&'static [Field]),
    /// A list of mappings with these fields, and others.
    Mappings(&'static [Field]),
    /// A mapping, or a list of mappings.
    MappingOrMappings,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Text or true or false.
    TextOrBool,
    /// A list of anything.
    List,
}

/// A relation that a field states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stated {
    /// Its name as seen from the entity that holds the field.
    pub(crate) name: &'static str,
    /// The kind of a reference that names none; without it, references must name their kind.
    pub(crate) default_kind: Option<&'static str>,
}

/// A field of a `spec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: Shape,
    pub(crate) relation: Option<Stated>,
}

/// A kind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) api_versions: &'static [&'static str],
    pub(crate) spec: &'static [Field],
}

const CORE: &[&str] = &["backstage.io/v1alpha1", "backstage.io/v1beta1"];

const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, required: true, shape, relation: None }
}

const fn optional(name: &'static str, shape: Shape) -> Field {
    Field { name, required: false, shape, relation: None }
}

const fn related(field: Field, name: &'static str, default_kind: Option<&'static str>) -> Field {
    Field { relation: Some(Stated { name, default_kind }), ..field }
}

const OWNER: Field = related(required("owner", Shape::Text), "ownedBy", Some("Group"));
const SYSTEM: Field = related(optional("system", Shape::Text), "partOf", Some("System"));
const DEPENDS_ON: Field = related(optional("dependsOn", Shape::Texts), "dependsOn", None);
const DEPENDENCY_OF: Field = related(optional("dependencyOf", Shape::TextOrTexts), "dependencyOf", None);
const PROFILE: Field = optional(
    "profile",
    Shape::Mapping(&[
        optional("displayName", Shape::Text),
        optional("email", Shape::Text),
        optional("picture", Shape::Text),
    ]),
);

/// Every kind.
pub(crate) const KINDS: [Kind; 9] = [
    Kind {
        name: "Component",
        api_versions: CORE,
        spec: &[
            required("type", Shape::Text),
            required("lifecycle", Shape::Text),
            OWNER,
            SYSTEM,
            related(optional("subcomponentOf", Shape::Text), "partOf", Some("Component")),
            related(optional("providesApis", Shape::Texts), "providesApi", Some("API")),
            related(optional("consumesApis", Shape::Texts), "consumesApi", Some("API")),
            DEPENDS_ON,
            DEPENDENCY_OF,
        ],
    },
    Kind {
        name: "API",
        api_versions: CORE,
        spec: &[
            required("type", Shape::Text),
            required("lifecycle", Shape::Text),
            OWNER,
            required("definition", Shape::Text),
            SYSTEM,
        ],
    },
    Kind {
        name: "Resource",
        api_versions: CORE,
        spec: &[required("type", Shape::Text), OWNER, SYSTEM, DEPENDS_ON, DEPENDENCY_OF],
    },
    Kind {
        name: "System",
        api_versions: CORE,
        spec: &[
            OWNER,
            related(optional("domain", Shape::Text), "partOf", Some("Domain")),
            optional("type", Shape::Text),
        ],
    },
    Kind {
        name: "Domain",
        api_versions: CORE,
        spec: &[
            OWNER,
            related(optional("subdomainOf", Shape::Text), "partOf", Some("Domain")),
            optional("type", Shape::Text),
        ],
    },
    Kind {
        name: "Group",
        api_versions: CORE,
        spec: &[
            required("type", Shape::Text),
            related(required("children", Shape::Texts), "parentOf", Some("Group")),
            related(optional("parent", Shape::Text), "childOf", Some("Group")),
            related(optional("members", Shape::Texts), "hasMember", Some("User")),
            PROFILE,
        ],
    },
    Kind {
        name: "User",
        api_versions: CORE,
        spec: &[related(required("memberOf", Shape::Texts), "memberOf", Some("Group")), PROFILE],
    },
    Kind {
        name: "Location",
        api_versions: CORE,
        spec: &[
            optional("type", Shape::Text),
            optional("target", Shape::Text),
            optional("targets", Shape::Texts),
            optional("presence", Shape::OneOf(&["required", "optional"])),
        ],
    },
    Kind {
        name: "Template",
        api_versions: &["scaffolder.backstage.io/v1beta3"],
        spec: &[
            required("type", Shape::Text),
            required(
                "steps",
                Shape::Mappings(&[
                    required("action", Shape::AnyText),
                    optional("id", Shape::AnyText),
                    optional("name", Shape::AnyText),
                    optional("input", Shape::Mapping(&[])),
                    optional("if", Shape::TextOrBool),
                ]),
            ),
            optional("parameters", Shape::MappingOrMappings),
            optional(
                "output",
                Shape::Mapping(&[optional("links", Shape::Mappings(&[])), optional("text", Shape::List)]),
            ),
            Field { required: false, ..OWNER },
        ],
    },
];

/// The kind with this name, in any case.
pub(crate) fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
}

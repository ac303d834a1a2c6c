//! The kinds that the catalog knows by itself: what their `spec` holds and which relations it states.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text that is not empty.
    Text,
    /// Text that may be empty.
    AnyText,
    /// True or false.
    Bool,
    /// Text or true or false.
    TextOrBool,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of texts that are not empty.
    Texts,
    /// A list of texts that may be empty.
    AnyTexts,
    /// References to entities that Backstage reads without a schema: one or a list of them, as text or as mappings with
    /// kind, namespace and name. What is nothing (null, false, 0, no text) is no reference.
    References,
    /// A mapping with these fields, and others.
    Mapping(&'static [Field]),
    /// A mapping with these fields, and others that are text.
    MappingOfTexts(&'static [Field]),
    /// A list of mappings with these fields, and others.
    Mappings(&'static [Field]),
    /// A list of at least one mapping with these fields, and others.
    SomeMappings(&'static [Field]),
    /// A mapping with these fields and others, or a list of them.
    MappingOrMappings(&'static [Field]),
    /// A list of mappings, each of the shape that one of its fields chooses: the field's name, and what else there may be
    /// for each of its values.
    Chosen(&'static str, &'static [(&'static str, &'static [Field])]),
    /// A JSON Schema and what else a descriptor of ours checks by itself.
    Anything,
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
    /// The fields in place of `spec` for some values of `spec.type`.
    pub(crate) of_type: &'static [(&'static str, &'static [Field])],
}

impl Kind {
    /// The fields of a `spec` with this `type`.
    pub(crate) fn fields(&self, spec_type: Option<&str>) -> &'static [Field] {
        let special = self.of_type.iter().find(|(name, _)| Some(*name) == spec_type);
        special.map_or(self.spec, |(_, fields)| fields)
    }
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
const DEPENDENCY_OF: Field = related(optional("dependencyOf", Shape::References), "dependencyOf", None);
const PROFILE: Field = optional(
    "profile",
    Shape::Mapping(&[
        optional("displayName", Shape::Text),
        optional("email", Shape::Text),
        optional("picture", Shape::Text),
    ]),
);

const TYPE: Field = required("type", Shape::Text);
const LIFECYCLE: Field = required("lifecycle", Shape::Text);
const PERMISSIONS: Field = optional("backstage:permissions", Shape::Mapping(&[optional("tags", Shape::AnyTexts)]));

/// The API version of what Callboard itself declares.
pub(crate) const OURS: &str = "callboard.dev/v1alpha1";

/// Every kind that needs no declaration.
pub(crate) const KINDS: [Kind; 12] = [
    Kind {
        name: "Component",
        api_versions: CORE,
        spec: &[
            TYPE,
            LIFECYCLE,
            OWNER,
            SYSTEM,
            related(optional("subcomponentOf", Shape::Text), "partOf", Some("Component")),
            related(optional("providesApis", Shape::Texts), "providesApi", Some("API")),
            related(optional("consumesApis", Shape::Texts), "consumesApi", Some("API")),
            DEPENDS_ON,
            DEPENDENCY_OF,
        ],
        of_type: &[],
    },
    Kind {
        name: "API",
        api_versions: CORE,
        spec: &[TYPE, LIFECYCLE, OWNER, required("definition", Shape::Text), SYSTEM],
        of_type: &[(
            "mcp-server",
            &[
                TYPE,
                LIFECYCLE,
                OWNER,
                required("remotes", Shape::SomeMappings(&[TYPE, required("url", Shape::Text)])),
                SYSTEM,
            ],
        )],
    },
    Kind {
        name: "Resource",
        api_versions: CORE,
        spec: &[TYPE, OWNER, SYSTEM, DEPENDS_ON, DEPENDENCY_OF],
        of_type: &[],
    },
    Kind {
        name: "System",
        api_versions: CORE,
        spec: &[
            OWNER,
            related(optional("domain", Shape::Text), "partOf", Some("Domain")),
            optional("type", Shape::Text),
        ],
        of_type: &[],
    },
    Kind {
        name: "Domain",
        api_versions: CORE,
        spec: &[
            OWNER,
            related(optional("subdomainOf", Shape::Text), "partOf", Some("Domain")),
            optional("type", Shape::Text),
        ],
        of_type: &[],
    },
    Kind {
        name: "Group",
        api_versions: CORE,
        spec: &[
            TYPE,
            related(required("children", Shape::Texts), "parentOf", Some("Group")),
            related(optional("parent", Shape::Text), "childOf", Some("Group")),
            related(optional("members", Shape::Texts), "hasMember", Some("User")),
            PROFILE,
        ],
        of_type: &[],
    },
    Kind {
        name: "User",
        api_versions: CORE,
        spec: &[related(required("memberOf", Shape::Texts), "memberOf", Some("Group")), PROFILE],
        of_type: &[],
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
        of_type: &[],
    },
    Kind {
        name: "Template",
        api_versions: &["scaffolder.backstage.io/v1beta3"],
        spec: &[
            TYPE,
            Field { required: false, ..OWNER },
            Field { required: false, ..LIFECYCLE },
            optional("parameters", Shape::MappingOrMappings(&[PERMISSIONS])),
            required(
                "steps",
                Shape::Mappings(&[
                    required("action", Shape::AnyText),
                    optional("id", Shape::AnyText),
                    optional("name", Shape::AnyText),
                    optional("input", Shape::Mapping(&[])),
                    optional("if", Shape::TextOrBool),
                    PERMISSIONS,
                ]),
            ),
            optional("output", OUTPUT),
            optional("secrets", Shape::Mapping(&[optional("schema", Shape::Mapping(&[]))])),
            optional(
                "presentation",
                Shape::Mapping(&[optional(
                    "buttonLabels",
                    Shape::Mapping(&[
                        optional("backButtonText", Shape::AnyText),
                        optional("createButtonText", Shape::AnyText),
                        optional("reviewButtonText", Shape::AnyText),
                    ]),
                )]),
            ),
            optional("EXPERIMENTAL_recovery", Shape::Mapping(&[optional("EXPERIMENTAL_strategy", Shape::AnyText)])),
            optional(
                "EXPERIMENTAL_formDecorators",
                Shape::Mappings(&[optional("id", Shape::AnyText), optional("input", Shape::Mapping(&[]))]),
            ),
        ],
        of_type: &[],
    },
    Kind {
        name: "AiResource",
        api_versions: &["backstage.io/v1alpha1"],
        spec: &[TYPE, LIFECYCLE, OWNER, SYSTEM],
        of_type: &[
            (
                "skill",
                &[
                    TYPE,
                    LIFECYCLE,
                    OWNER,
                    SYSTEM,
                    optional("disciplines", Shape::Texts),
                    optional("categories", Shape::Texts),
                    optional("agents", Shape::Texts),
                    related(optional("dependsOn", Shape::Texts), "dependsOn", Some("AiResource")),
                    optional("allowedTools", Shape::Texts),
                    optional("license", Shape::Text),
                    optional("compatibility", Shape::Text),
                ],
            ),
            (
                "rule",
                &[
                    TYPE,
                    LIFECYCLE,
                    OWNER,
                    SYSTEM,
                    required("category", Shape::Text),
                    required("rationale", Shape::Text),
                    optional("disciplines", Shape::Texts),
                    optional("activation", Shape::Chosen("harness", HARNESSES)),
                ],
            ),
            (
                "plugin",
                &[
                    TYPE,
                    LIFECYCLE,
                    OWNER,
                    SYSTEM,
                    related(required("skills", Shape::Texts), "hasPart", Some("AiResource")),
                    optional("version", Shape::Text),
                ],
            ),
            (
                "marketplace",
                &[
                    TYPE,
                    LIFECYCLE,
                    OWNER,
                    SYSTEM,
                    related(required("plugins", Shape::Texts), "hasPart", Some("AiResource")),
                    optional("version", Shape::Text),
                ],
            ),
        ],
    },
    Kind {
        name: "Kind",
        api_versions: &[OURS],
        spec: &[
            required("group", Shape::Text),
            required(
                "names",
                Shape::Mapping(&[
                    required("kind", Shape::Text),
                    optional("singular", Shape::Text),
                    optional("plural", Shape::Text),
                ]),
            ),
            optional("description", Shape::AnyText),
            Field { required: false, ..OWNER },
            required(
                "versions",
                Shape::SomeMappings(&[
                    required("name", Shape::Anything),
                    optional("specType", Shape::Anything),
                    optional("description", Shape::AnyText),
                    optional(
                        "relationFields",
                        Shape::Mappings(&[
                            required("selector", Shape::Mapping(&[required("path", Shape::Text)])),
                            required("relation", Shape::Text),
                            optional("defaultKind", Shape::Text),
                            optional("defaultNamespace", Shape::OneOf(&["inherit", "default"])),
                            optional("allowedKinds", Shape::Texts),
                        ]),
                    ),
                    required("schema", Shape::Mapping(&[required("jsonSchema", Shape::Mapping(&[]))])),
                ]),
            ),
        ],
        of_type: &[],
    },
    Kind {
        name: "RelationPair",
        api_versions: &[OURS],
        spec: &[
            optional("description", Shape::AnyText),
            Field { required: false, ..OWNER },
            optional("fromKind", Shape::Anything),
            optional("toKind", Shape::Anything),
            required("forward", DIRECTION),
            required("reverse", DIRECTION),
        ],
        of_type: &[],
    },
];

const DIRECTION: Shape = Shape::Mapping(&[required("type", Shape::Text), optional("title", Shape::Text)]);

const OUTPUT: Shape = Shape::MappingOfTexts(&[
    optional(
        "links",
        Shape::Mappings(&[
            optional("if", Shape::TextOrBool),
            optional("url", Shape::Text),
            optional("entityRef", Shape::Text),
            optional("title", Shape::Text),
            optional("icon", Shape::Text),
        ]),
    ),
    optional(
        "text",
        Shape::Mappings(&[
            optional("if", Shape::TextOrBool),
            optional("title", Shape::Text),
            optional("icon", Shape::Text),
            optional("content", Shape::AnyText),
        ]),
    ),
]);

const HARNESSES: &[(&str, &[Field])] = &[
    ("claude", &[optional("paths", Shape::Texts), optional("description", Shape::Text)]),
    (
        "cursor",
        &[optional("alwaysApply", Shape::Bool), optional("globs", Shape::Texts), optional("description", Shape::Text)],
    ),
    ("codex", &[]),
];

/// The kind with this name, in any case.
pub(crate) fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
}

//! Where an answer differs from Backstage's on purpose, and why.

/// How an answer may differ.
#[derive(Debug, Clone, Copy)]
pub(super) enum Differs {
    /// Another message, in an error of the same name.
    Message,
    /// The same items in another order.
    Order,
    /// Another choice of as many items, since the order is another one.
    Choice,
    /// Other words for what is wrong with an entity.
    Errors,
    /// Another status, and so another answer.
    Status(u16),
    /// Another body; status and headers are the same.
    Body,
    /// A description with the same operations, and more.
    Operations,
    /// Without or with these keys.
    Keys(&'static [&'static str]),
}

/// Recording, difference, reason.
pub(super) const DIFFERENCES: &[(&str, Differs, &str)] = &[
    ("main/007-entities-filter-multi-value", Differs::Order, BY_REFERENCE),
    ("main/009-entities-filter-relation", Differs::Order, BY_REFERENCE),
    ("main/011-entities-filter-tag-array-path", Differs::Order, BY_REFERENCE),
    ("main/039-by-refs-bad-json", Differs::Message, WHERE_AND_WHAT),
    ("main/043-by-query-default", Differs::Order, BY_REFERENCE),
    (
        "main/049-by-query-order-two",
        Differs::Choice,
        "every field of an order counts, where Backstage takes the first only",
    ),
    ("main/051-by-query-bad-cursor", Differs::Message, WHERE_AND_WHAT),
    ("main/057-post-by-query-all-any-not", Differs::Choice, BY_REFERENCE),
    ("main/059-post-by-query-fulltext", Differs::Choice, BY_REFERENCE),
    (
        "main/071-locations-dryrun-unreachable",
        Differs::Message,
        "the message names the key of the configuration with its value",
    ),
    ("main/085-validate-bad-name", Differs::Errors, ALL_AT_ONCE),
    ("main/087-validate-wrong-type", Differs::Errors, ALL_AT_ONCE),
    ("main/089-validate-foreign-root", Differs::Errors, ALL_AT_ONCE),
    ("main/091-validate-bad-tag", Differs::Errors, ALL_AT_ONCE),
    ("main/097-validate-user", Differs::Errors, ALL_AT_ONCE),
    ("main/099-validate-api-no-definition", Differs::Errors, ALL_AT_ONCE),
    ("main/115-search-types", Differs::Body, SEARCH),
    ("main/117-search-page2", Differs::Body, SEARCH),
    ("main/119-search-filter-array", Differs::Body, SEARCH),
    ("main/121-search-no-term", Differs::Body, SEARCH),
    ("main/123-search-bad-type", Differs::Message, WHERE_AND_WHAT),
    ("main/125-scaffolder-actions", Differs::Body, TASKS),
    ("main/129-scaffolder-task-invalid-values", Differs::Errors, ALL_AT_ONCE),
    ("main/133-scaffolder-task", Differs::Body, TASKS),
    ("main/135-scaffolder-task-events-after", Differs::Body, TASKS),
    ("main/139-scaffolder-tasks", Differs::Body, TASKS),
    ("main/143-scaffolder-dry-run", Differs::Body, TASKS),
    ("main/145-scaffolder-dry-run-unknown-action", Differs::Message, "the message names the action that is nearest"),
    (
        "main/147-auth-openid-config",
        Differs::Body,
        "only what there is here is named: one algorithm, and no code to be changed for a token",
    ),
    ("main/153-catalog-permission-metadata", Differs::Keys(&["description"]), "the rules are described in other words"),
    ("main/155-techdocs-entity-metadata", Differs::Status(404), "there is no TechDocs here yet"),
    ("main/157-openapi-catalog", Differs::Operations, "the portal describes its own API, which has more"),
    ("main/159-openapi-scaffolder", Differs::Body, "of the scaffolder's operations not all are here yet"),
    ("auth/001-auth-missing", Differs::Status(200), GUEST),
    ("auth/003-auth-basic", Differs::Message, "the message says what is expected instead"),
    ("auth/007-permission-authorize", Differs::Body, "deleting is the administrator's until sign-in is configured"),
    ("auth/009-search-with-token", Differs::Body, SEARCH),
    ("auth/013-scaffolder-actions-missing", Differs::Status(200), GUEST),
];

const BY_REFERENCE: &str = "what has no order comes by reference, where Backstage orders by random identifiers";
const WHERE_AND_WHAT: &str = "the message says what is wrong and where, in words of our own";
const ALL_AT_ONCE: &str = "everything that is wrong is said at once, with its place";
const SEARCH: &str = "another engine finds, ranks and marks otherwise";
const TASKS: &str = "other actions and other log lines; the scaffolder's own tests look at them";
const GUEST: &str = "who sends no credentials is a guest until sign-in is configured, on loopback by default";

/// How the answer to a recorded request may differ.
pub(super) fn difference(name: &str) -> Option<Differs> {
    DIFFERENCES.iter().find(|(recording, ..)| *recording == name).map(|(_, differs, _)| *differs)
}

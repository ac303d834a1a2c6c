//! What the codes of findings mean, for code hosts that show a page for each.

/// Code, what is wrong, and what to do.
const RULES: &[(&str, &str, &str)] = &[
    ("annotation/old", "An annotation is no longer used", "Use the one that took its place."),
    (
        "annotation/unknown",
        "An annotation under backstage.io/ is not known",
        "Correct it, or use a domain of your own.",
    ),
    ("annotation/value", "The value of an annotation has the wrong form", "Write it as the message says."),
    (
        "entity/conflict",
        "An entity is defined twice",
        "Rename one of the two, or remove it: the first one that is read wins.",
    ),
    (
        "entity/duplicate-key",
        "A key stands twice in one mapping",
        "Keep one of them. Readers differ in which one they take.",
    ),
    (
        "entity/format",
        "A value has the wrong form",
        "Names, labels, tags and references follow the formats of Backstage's descriptors.",
    ),
    ("entity/missing", "A field that has to be there is missing", "Add the field."),
    ("entity/misspelt-key", "A key looks like a known one", "Correct the spelling, or keep the key if it is meant."),
    ("entity/reference", "A reference to an entity cannot be read", "Write it as [kind:][namespace/]name."),
    ("entity/rule", "The configuration does not allow this kind here", "Add the kind to catalog.rules."),
    ("entity/schema", "An entity does not fit its kind's schema", "Correct the field that the message names."),
    ("entity/script", "A link or address would run a script", "Use an address that begins with https:// or mailto:."),
    ("entity/type", "A field has a value of the wrong type", "Write text, a list or a mapping, as the message says."),
    ("entity/unknown-key", "A key is not known", "Correct the spelling, or remove it."),
    ("entity/unknown-kind", "The kind is not known", "Use one of the kinds of the catalog, or declare this one."),
    (
        "entity/unresolved",
        "A reference leads to nothing among these files",
        "Nothing, if the entity is defined elsewhere; else correct the reference.",
    ),
    (
        "kind/declaration",
        "The declaration of a kind has errors",
        "Correct it; its last good version is used until then.",
    ),
    ("kind/pair", "A relation has no opposite", "Declare both its names, with a descriptor of kind RelationPair."),
    ("kind/schema", "The schema of a kind cannot be used", "Correct what the message names; it is a JSON Schema."),
    ("kind/taken", "A name is declared already", "Choose another name."),
    ("kind/too-large", "A declaration is too large", "Declare fewer versions and relations, or a smaller schema."),
    (
        "location/depth",
        "Location entities point on to one another too deep",
        "Let fewer of them point on to others; there may be a cycle.",
    ),
    ("location/name", "The name of a file is not UTF-8", "Rename the file."),
    ("location/empty", "A location leads to no file", "Correct the path or the pattern."),
    ("location/format", "A location's target cannot be read", "Write a path, a pattern or an address."),
    (
        "location/invalid",
        "An address cannot be read",
        "Write a complete address such as https://…, or a path as type file.",
    ),
    ("location/missing", "A file or folder does not exist", "Correct the path, or add the file."),
    ("location/not-allowed", "An address may not be read", "Allow it under backend.reading or integrations."),
    (
        "location/outside",
        "A target lies outside the folders that may be read",
        "Move the file below the folder of its location.",
    ),
    (
        "location/parked-deletions",
        "Many entities are gone from their files at once",
        "Restore the files; or, if the entities should go, refresh the Location as administrator.",
    ),
    ("location/pattern", "A pattern cannot be read", "Use *, ** and ?."),
    ("location/target", "A location has no target that can be read", "Give it a target or targets."),
    ("location/too-large", "What an address leads to is too large", "Divide the file."),
    ("location/too-many", "A location leads to too many files", "Choose a narrower pattern."),
    ("location/type", "The type of a location is not known", "Use file or url."),
    ("location/unavailable", "An address cannot be read now", "Try again; the message says what went wrong."),
    ("location/unreadable", "A file cannot be read", "Let the user who runs the check read it."),
    (
        "placeholder/outside",
        "A placeholder names a file outside the folder",
        "Move the file below the folder of its location.",
    ),
    ("placeholder/unreadable", "A placeholder's file cannot be read", "Correct the path, or the contents of the file."),
    ("provider/unreadable", "What a provider gave cannot be read", "Run the provider again."),
    ("yaml/duplicate-key", "A key stands twice in one mapping", "Keep one of them."),
    ("yaml/encoding", "A file is not UTF-8", "Save the file as UTF-8."),
    ("yaml/endless-alias", "An alias holds itself", "Write the value out."),
    ("yaml/key", "A key is no text", "Use text as keys of mappings."),
    ("yaml/number", "A number cannot be kept", "Put it into quotes."),
    ("yaml/several-documents", "There is more than one document", "Keep one document."),
    ("yaml/syntax", "The file is no YAML", "Look at the line that the message names, and the one before it."),
    ("yaml/tag", "A YAML tag is not supported", "Remove the tag."),
    ("yaml/too-deep", "Values are nested too deep", "Write the file flatter."),
    (
        "yaml/too-large",
        "A file, or what its aliases stand for, is too large",
        "Divide the file; write out what aliases multiply.",
    ),
    ("yaml/unknown-anchor", "An alias has no anchor", "Define the anchor before it."),
];

/// What is wrong where a finding has this code, and what to do.
pub(super) fn describe(code: &str) -> (&'static str, &'static str) {
    let known = RULES.iter().find(|(known, ..)| *known == code);
    known.map_or(
        ("A descriptor is not in order", "The message says what is wrong and what to do."),
        |(_, short, help)| (*short, *help),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The codes in the sources below a folder.
    fn codes(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            found.extend(text.split('"').filter(|text| is_code(text)).map(str::to_owned));
        }
    }

    fn is_code(text: &str) -> bool {
        const AREAS: [&str; 7] = ["annotation", "entity", "kind", "location", "placeholder", "provider", "yaml"];
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        text.split_once('/').is_some_and(|(area, rest)| AREAS.contains(&area) && is_word(rest))
    }

    #[test]
    fn every_code_is_described() {
        let host = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut found = Vec::new();
        for area in ["catalog/src", "yaml/src"] {
            codes(&host.join(area), &mut found);
        }
        found.retain(|code| RULES.iter().all(|(known, ..)| known != code));
        found.sort();
        found.dedup();
        assert!(found.is_empty(), "{found:?} have no description");
    }
}

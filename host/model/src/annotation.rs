//! Well-known annotations: their keys, what they mean, and what their values look like.

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

/// What takes the place of an address that would run a script in the reader's browser.
pub const REJECTED_URL: &str = "https://backstage.io/annotation-rejected-for-security-reasons";

/// The prefix that Backstage keeps for its own annotations and labels.
pub const RESERVED_PREFIX: &str = "backstage.io/";

/// What the value of an annotation looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueForm {
    /// Any text.
    Text,
    /// `type:target`, such as `url:https://example.com/a/`.
    Location,
    /// `[kind:][namespace/]name`, with this kind when none is named.
    EntityRef(Option<&'static str>),
    /// An address of a web page.
    WebAddress,
    /// `owner/name`, or more parts between slashes.
    Slug,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `dir:…` or `url:…`.
    DocsRef,
    /// Pairs such as `app=shop,tier!=cache`.
    Selector,
}

/// An annotation that Backstage or one of its plugins defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WellKnown {
    pub key: &'static str,
    /// What it says of an entity, in a sentence without a full stop.
    pub meaning: &'static str,
    pub form: ValueForm,
    /// What to write instead, when it is no longer used.
    pub instead: Option<&'static str>,
}

const fn known(key: &'static str, form: ValueForm, meaning: &'static str) -> WellKnown {
    WellKnown { key, meaning, form, instead: None }
}

const fn old(key: &'static str, instead: &'static str, meaning: &'static str) -> WellKnown {
    WellKnown { key, meaning, form: ValueForm::Text, instead: Some(instead) }
}

/// Every well-known annotation.
pub const WELL_KNOWN: &[WellKnown] = {
    use ValueForm::{DocsRef, EntityRef, Location, OneOf, Selector, Slug, Text, WebAddress};
    &[
        known(MANAGED_BY_LOCATION, Location, "where the entity was read from; the catalog writes it"),
        known(MANAGED_BY_ORIGIN_LOCATION, Location, "the registered location that led to it; the catalog writes it"),
        known(SOURCE_LOCATION, Location, "where the source code is"),
        known(VIEW_URL, WebAddress, "a page that shows the descriptor"),
        known(EDIT_URL, WebAddress, "a page on which the descriptor can be edited"),
        known(ORPHAN, OneOf(&["true"]), "no location leads to the entity any more; the catalog writes it"),
        known(SOURCE_TEMPLATE, EntityRef(Some("template")), "the template that created it"),
        known(TECHDOCS_REF, DocsRef, "where its documentation is"),
        known("backstage.io/techdocs-entity", EntityRef(None), "the entity whose documentation is shown"),
        known("backstage.io/techdocs-entity-path", Text, "the page of that documentation to begin with"),
        known("backstage.io/kubernetes-id", Text, "the value of the label that its Kubernetes objects carry"),
        known("backstage.io/kubernetes-namespace", Text, "the namespace of its Kubernetes objects"),
        known("backstage.io/kubernetes-label-selector", Selector, "the labels of its Kubernetes objects"),
        known("backstage.io/kubernetes-cluster", Text, "the cluster of its Kubernetes objects"),
        known("backstage.io/ldap-rdn", Text, "its relative name in the LDAP directory"),
        known("backstage.io/ldap-uuid", Text, "its identifier in the LDAP directory"),
        known("backstage.io/ldap-dn", Text, "its name in the LDAP directory"),
        known("backstage.io/code-coverage", OneOf(&["scm-only", "enabled"]), "whether code coverage is shown"),
        known("graph.microsoft.com/tenant-id", Text, "the tenant in Microsoft Entra"),
        known("graph.microsoft.com/group-id", Text, "the group in Microsoft Entra"),
        known("graph.microsoft.com/user-id", Text, "the user in Microsoft Entra"),
        known(GITHUB_PROJECT_SLUG, Slug, "the repository on GitHub"),
        known("github.com/team-slug", Slug, "the team on GitHub"),
        known("github.com/user-login", Text, "the user on GitHub"),
        known("github.com/user-id", Text, "the number of the user on GitHub"),
        known("gitlab.com/project-slug", Slug, "the project on GitLab"),
        known("dev.azure.com/project-repo", Slug, "the repository on Azure DevOps"),
        known("jenkins.io/job-full-name", Text, "the job on Jenkins"),
        known("gocd.org/pipelines", Text, "the pipelines on GoCD"),
        known("circleci.com/project-slug", Slug, "the project on CircleCI"),
        known("sentry.io/project-slug", Text, "the project on Sentry"),
        known("rollbar.com/project-slug", Text, "the project on Rollbar"),
        known("sonarqube.org/project-key", Text, "the project on SonarQube"),
        known("periskop.io/service-name", Text, "the service on Periskop"),
        known("vault.io/secrets-path", Text, "the folder of its secrets in Vault"),
        known("kubernetes.io/api-server", WebAddress, "the address of the cluster's API"),
        known("kubernetes.io/api-server-certificate-authority", Text, "the certificate of the cluster's API"),
        known("kubernetes.io/auth-provider", Text, "how the cluster's API is signed in to"),
        old("backstage.io/github-actions-id", GITHUB_PROJECT_SLUG, "the repository on GitHub"),
        old("backstage.io/definition-at-location", "a $text placeholder in spec.definition", "where its definition is"),
        old("jenkins.io/github-folder", "jenkins.io/job-full-name", "the folder on Jenkins"),
    ]
};

/// What is known of an annotation's key.
pub fn well_known(key: &str) -> Option<&'static WellKnown> {
    WELL_KNOWN.iter().find(|known| known.key == key)
}

/// Whether a browser would run an address as a script, however it is written.
pub fn runs_script(address: &str) -> bool {
    let mut letters = address
        .trim_start_matches(|letter: char| letter <= ' ')
        .chars()
        .filter(|letter| !matches!(letter, '\t' | '\n' | '\r'))
        .flat_map(char::to_lowercase);
    ["javascript:", "vbscript:"].iter().any(|scheme| {
        let mut rest = letters.clone();
        scheme.chars().all(|letter| rest.next() == Some(letter))
    }) || letters.by_ref().take(14).collect::<String>() == "data:text/html"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_there_once() {
        for known in WELL_KNOWN {
            assert_eq!(WELL_KNOWN.iter().filter(|other| other.key == known.key).count(), 1, "{}", known.key);
            assert!(!known.meaning.ends_with('.'), "{}", known.key);
        }
        assert_eq!(well_known(TECHDOCS_REF).map(|known| known.form), Some(ValueForm::DocsRef));
        assert_eq!(well_known("backstage.io/none"), None);
    }

    #[test]
    fn scripts_are_recognised_however_they_are_written() {
        for (address, expected) in [
            ("javascript:alert(1)", true),
            (" \u{1}JavaScript:alert(1)", true),
            ("java\nscr\tipt:alert(1)", true),
            ("vbscript:x", true),
            ("data:text/html,<script>", true),
            ("data:text/plain,x", false),
            ("https://example.com/javascript:", false),
            ("javascript", false),
            ("", false),
        ] {
            assert_eq!(runs_script(address), expected, "{address:?}");
        }
    }
}

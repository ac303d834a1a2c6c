//! The files of a new project, and the words that are put into them.

use super::{Kind, NewPlugin};

/// Paths within the project, and what is written there.
pub(super) fn files(kind: Kind) -> [(&'static str, &'static str); 4] {
    let source = match kind {
        Kind::UiCard => include_str!("templates/ui-card.rs.txt"),
        Kind::CatalogProcessor => include_str!("templates/catalog-processor.rs.txt"),
        Kind::ScaffolderAction => include_str!("templates/scaffolder-action.rs.txt"),
    };
    [
        ("Cargo.toml", include_str!("templates/Cargo.toml.txt")),
        (".gitignore", "/target\n"),
        ("README.md", include_str!("templates/README.md.txt")),
        ("src/lib.rs", source),
    ]
}

/// What the plugin does as it is written, and where to see it.
fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::UiCard => {
            "It shows a card on the page of every entity. Open any entity of the portal to see it; change `render` in\n\
             `src/lib.rs` to show something of your own."
        }
        Kind::CatalogProcessor => {
            "It looks at every Component that enters the catalog and reports those that have no description. Open such a\n\
             component in the portal to see the finding; change `process` in `src/lib.rs` to look for something of your own."
        }
        Kind::ScaffolderAction => {
            "It brings a step for templates, `{{name}}:greet`. Name it as an `action` in a template, with a `name` as its\n\
             input; change `run` in `src/lib.rs` to do something of your own."
        }
    }
}

/// What is put in the place of `{{name}}` and the like.
pub(super) struct Words(Vec<(&'static str, String)>);

impl Words {
    pub(super) fn new(request: &NewPlugin) -> Self {
        let parts = || request.name.split('-').filter(|part| !part.is_empty());
        let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
        let title = parts().enumerate().map(|(index, part)| if index == 0 { capital(part) } else { part.to_owned() });
        // A suffix keeps the name apart from those that the source uses, such as `View`.
        let type_name: String =
            parts().filter(|part| *part != "plugin").map(capital).chain(["Plugin".to_owned()]).collect();
        Self(vec![
            // First, since it has marks of its own.
            ("{{about}}", about(request.kind).to_owned()),
            ("{{name}}", request.name.clone()),
            ("{{type}}", type_name),
            ("{{title}}", title.collect::<Vec<_>>().join(" ")),
            ("{{component}}", request.component()),
        ])
    }

    /// Fills in a template.
    pub(super) fn fill(&self, template: &str) -> String {
        self.0.iter().fold(template.to_owned(), |text, (mark, word)| text.replace(mark, word))
    }
}

//! The table of icons: our own line drawings on a grid of 16 by 16, drawn with a stroke of 1.5 and round ends.

/// Declares the icons with their names and paths.
macro_rules! icons {
    ($($name:ident $word:literal $path:literal)*) => {
        /// A drawing of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Icon {
            $(#[doc = concat!("The icon `", $word, "`.")] $name,)*
        }

        impl Icon {
            /// All icons, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name, for style sheets and tests.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The path data.
            pub fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }
        }
    };
}

icons! {
    // Kinds of entities.
    Component "component" "M8 1.75l5.5 3v6.5L8 14.25l-5.5-3v-6.5zM2.5 4.75L8 7.75l5.5-3M8 7.75v6.5"
    Api "api" "M5.5 2.5C4 2.5 4 3.6 4 4.8S3.6 8 2 8c1.6 0 2 2 2 3.2s0 2.3 1.5 2.3M10.5 2.5c1.5 0 1.5 1.1 1.5 2.3S12.4 8 14 8c-1.6 0-2 2-2 3.2s0 2.3-1.5 2.3"
    System "system" "M5.75 2h4.5v4h-4.5zM1.75 10.25h4.5v3.75h-4.5zM9.75 10.25h4.5v3.75h-4.5zM8 6v2.1M4 10.25V8.1h8v2.15"
    Domain "domain" "M8 1.75L14.25 5 8 8.25 1.75 5zM1.75 8L8 11.25 14.25 8M1.75 11L8 14.25 14.25 11"
    Resource "resource" "M2.5 3.75c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2zM2.5 3.75v8.5c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2v-8.5M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2"
    Group "group" "M6 7.25a2.5 2.5 0 100-5 2.5 2.5 0 000 5zM1.5 13.75c0-2.6 2-4.25 4.5-4.25s4.5 1.65 4.5 4.25M10.5 2.5a2.5 2.5 0 010 4.6M12 9.9c1.5.65 2.5 2 2.5 3.85"
    User "user" "M8 7.75a3 3 0 100-6 3 3 0 000 6zM2.5 14.25c0-3 2.4-4.75 5.5-4.75s5.5 1.75 5.5 4.75"
    Template "template" "M3 1.75h6.5L13 5.25v9H3zM9.25 1.75v3.75H13M8 7.75v4M6 9.75h4"
    Location "location" "M8 14.25c3-3.2 4.75-5.6 4.75-7.75a4.75 4.75 0 10-9.5 0c0 2.15 1.75 4.55 4.75 7.75zM8 8.25a1.75 1.75 0 100-3.5 1.75 1.75 0 000 3.5z"
    Entity "entity" "M3.5 2.5h9a1 1 0 011 1v9a1 1 0 01-1 1h-9a1 1 0 01-1-1v-9a1 1 0 011-1zM5.5 6h5M5.5 9h3"

    // Places of the portal.
    Home "home" "M2 7.25L8 2l6 5.25M3.5 6v8h9V6M6.5 14v-4h3v4"
    Catalog "catalog" "M2.25 2.25h4.5v4.5h-4.5zM9.25 2.25h4.5v4.5h-4.5zM2.25 9.25h4.5v4.5h-4.5zM9.25 9.25h4.5v4.5h-4.5z"
    Create "create" "M8 14.25a6.25 6.25 0 100-12.5 6.25 6.25 0 000 12.5zM8 5.25v5.5M5.25 8h5.5"
    Docs "docs" "M8 3.75c-1.25-1.15-3.25-1.5-6.25-1.5v10.5c3 0 5 .35 6.25 1.5 1.25-1.15 3.25-1.5 6.25-1.5V2.25c-3 0-5 .35-6.25 1.5zM8 3.75v10.5"
    Search "search" "M7 12A5 5 0 107 2a5 5 0 000 10zM10.6 10.6l3.65 3.65"
    Graph "graph" "M4 6a2 2 0 100-4 2 2 0 000 4zM12 9.5a2 2 0 100-4 2 2 0 000 4zM5 14.25a2 2 0 100-4 2 2 0 000 4zM5.85 4.8l4.3 1.9M6.7 11.2l3.65-2.4"
    Plugin "plugin" "M5.5 1.75v3M10.5 1.75v3M3.5 4.75h9v3a4.5 4.5 0 01-9 0zM8 12.25v2"
    Settings "settings" "M1.75 4.5h6M11.25 4.5h3M9.5 6.25a1.75 1.75 0 100-3.5 1.75 1.75 0 000 3.5zM1.75 11.5h3M8.25 11.5h6M6.5 13.25a1.75 1.75 0 100-3.5 1.75 1.75 0 000 3.5z"
    Menu "menu" "M2 4h12M2 8h12M2 12h12"

    // How something is.
    CheckCircle "check-circle" "M8 14.25a6.25 6.25 0 100-12.5 6.25 6.25 0 000 12.5zM5.25 8.25l2 2 3.5-4"
    Warning "warning" "M8 2.25l6.25 11H1.75zM8 6.5v3M8 11.35v.01"
    Error "error" "M8 14.25a6.25 6.25 0 100-12.5 6.25 6.25 0 000 12.5zM5.75 5.75l4.5 4.5M10.25 5.75l-4.5 4.5"
    Info "info" "M8 14.25a6.25 6.25 0 100-12.5 6.25 6.25 0 000 12.5zM8 7.25V11M8 5v.01"
    Clock "clock" "M8 14.25a6.25 6.25 0 100-12.5 6.25 6.25 0 000 12.5zM8 4.5V8l2.25 1.5"
    Running "running" "M14.25 8A6.25 6.25 0 118 1.75M8 5a3 3 0 103 3"
    Skipped "skipped" "M8 14.25a6.25 6.25 0 100-12.5 6.25 6.25 0 000 12.5zM5 8h6"
    Question "question" "M8 14.25a6.25 6.25 0 100-12.5 6.25 6.25 0 000 12.5zM6.3 6.4a1.75 1.75 0 113 1.2c-.65.6-1.3.9-1.3 1.75M8 11.35v.01"

    // What can be done.
    Link "link" "M6.75 9.25a2.75 2.75 0 003.9 0l2.5-2.5a2.75 2.75 0 00-3.9-3.9l-1 1M9.25 6.75a2.75 2.75 0 00-3.9 0l-2.5 2.5a2.75 2.75 0 003.9 3.9l1-1"
    External "external" "M6.5 3H3v10h10V9.5M9.5 2.5h4v4M13.25 2.75L7.5 8.5"
    Star "star" "M8 1.9l1.85 3.9 4.25.55-3.1 2.95.8 4.2L8 11.4l-3.8 2.1.8-4.2-3.1-2.95 4.25-.55z"
    Refresh "refresh" "M13.5 8a5.5 5.5 0 11-1.6-3.9l1.6 1.65M13.5 2.25v3.5H10"
    Play "play" "M4.5 2.75v10.5L13 8z"
    Stop "stop" "M3.75 3.75h8.5v8.5h-8.5z"
    Edit "edit" "M2.5 13.5l.75-3.25 7.5-7.5 2.5 2.5-7.5 7.5zM9.25 4.25l2.5 2.5"
    Trash "trash" "M2.5 4h11M6 4V2.25h4V4M4 4l.75 10h6.5L12 4M6.75 7v4.25M9.25 7v4.25"
    Copy "copy" "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"
    Download "download" "M8 2v8.5M4.25 7L8 10.75 11.75 7M2.5 13.75h11"
    Filter "filter" "M2 3h12L9.25 8.5v4.25l-2.5 1.25V8.5z"
    Sort "sort" "M5 6l3-3.25L11 6M5 10l3 3.25L11 10"
    Close "close" "M4 4l8 8M12 4l-8 8"
    Plus "plus" "M8 3v10M3 8h10"
    More "more" "M3.5 7.5a.5.5 0 100 1 .5.5 0 000-1zM8 7.5a.5.5 0 100 1 .5.5 0 000-1zM12.5 7.5a.5.5 0 100 1 .5.5 0 000-1z"
    Sun "sun" "M8 10.75a2.75 2.75 0 100-5.5 2.75 2.75 0 000 5.5zM8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9"
    Moon "moon" "M13.75 9.5A6 6 0 116.5 2.25a4.75 4.75 0 007.25 7.25z"
    Display "display" "M1.75 2.75h12.5v8.5H1.75zM5.5 14h5M8 11.25V14"

    // Signs.
    Check "check" "M3 8.5l3.25 3.25L13 5"
    ChevronDown "chevron-down" "M4 6l4 4 4-4"
    ChevronUp "chevron-up" "M4 10l4-4 4 4"
    ChevronRight "chevron-right" "M6 4l4 4-4 4"
    ChevronLeft "chevron-left" "M10 4L6 8l4 4"
    ArrowRight "arrow-right" "M2.5 8h11M9 3.5L13.5 8 9 12.5"
    Tag "tag" "M2 2h5.5L14 8.5 8.5 14 2 7.5zM5 5v.01"
    Code "code" "M5 4.5L1.75 8 5 11.5M11 4.5L14.25 8 11 11.5M9.25 2.75l-2.5 10.5"
    Terminal "terminal" "M1.75 2.75h12.5v10.5H1.75zM4.5 6l2 2-2 2M8.25 10.25h3"
    Chart "chart" "M2.25 13.75h11.5M4.5 11V8M8 11V3.5M11.5 11V6"
    Mail "mail" "M1.75 3.25h12.5v9.5H1.75zM1.75 4L8 8.75 14.25 4"
    Lock "lock" "M3.5 7h9v7h-9zM5.25 7V4.75a2.75 2.75 0 015.5 0V7"
    Branch "branch" "M4.5 5.25a1.75 1.75 0 100-3.5 1.75 1.75 0 000 3.5zM4.5 14.25a1.75 1.75 0 100-3.5 1.75 1.75 0 000 3.5zM11.5 6.25a1.75 1.75 0 100-3.5 1.75 1.75 0 000 3.5zM4.5 5.25v5.5M11.5 6.25c0 2.75-3.5 2.5-6.5 4.6"
}

impl Icon {
    /// The icon of a kind of entity, in any case.
    pub fn of_kind(kind: &str) -> Self {
        const KINDS: [(&str, Icon); 9] = [
            ("component", Icon::Component),
            ("api", Icon::Api),
            ("system", Icon::System),
            ("domain", Icon::Domain),
            ("resource", Icon::Resource),
            ("group", Icon::Group),
            ("user", Icon::User),
            ("template", Icon::Template),
            ("location", Icon::Location),
        ];
        KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)).map_or(Self::Entity, |&(_, icon)| icon)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_drawings_are_unique() {
        let names: BTreeSet<_> = Icon::ALL.iter().map(|icon| icon.name()).collect();
        let paths: BTreeSet<_> = Icon::ALL.iter().map(|icon| icon.path()).collect();
        assert_eq!(names.len(), Icon::ALL.len());
        assert_eq!(paths.len(), Icon::ALL.len());
    }

    #[test]
    fn kinds_have_icons() {
        for (kind, expected) in
            [("Component", Icon::Component), ("API", Icon::Api), ("user", Icon::User), ("Cluster", Icon::Entity)]
        {
            assert_eq!(Icon::of_kind(kind), expected);
        }
    }
}

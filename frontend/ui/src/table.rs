//! Tables: sortable by links, readable at any width. In a narrow container rows become small cards with their
//! columns' names.

use leptos::prelude::*;

use crate::{Icon, IconView};

/// The order in which a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    Ascending,
    Descending,
}

/// A column's head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableColumn {
    pub title: String,
    /// Numbers stand at the end.
    pub end: bool,
    /// Where a click on the head leads; none when the column cannot be sorted.
    pub sort_href: Option<String>,
    /// How the rows are sorted by this column now.
    pub sorted: Option<SortOrder>,
    /// Only the reader's software needs the title, as over a column of buttons.
    pub hidden_title: bool,
}

impl TableColumn {
    /// A column that cannot be sorted.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Aligns it at the end, as numbers are.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.end = true;
        self
    }

    /// Lets the reader sort by it.
    #[must_use]
    pub fn sortable(mut self, href: impl Into<String>, sorted: Option<SortOrder>) -> Self {
        self.sort_href = Some(href.into());
        self.sorted = sorted;
        self
    }

    /// Hides its title from the eye.
    #[must_use]
    pub fn hidden_title(mut self) -> Self {
        self.hidden_title = true;
        self
    }
}

/// A table. Every row has one cell for each column; the first cell names the row. `empty` is shown when there are none.
///
/// ```ignore
/// view! {
///     <DataTable
///         caption="Components"
///         columns=vec![TableColumn::new("Name").sortable("/catalog?sort=-name", Some(SortOrder::Ascending))]
///         rows=vec![vec![view! { <EntityLink reference="component:default/checkout"/> }.into_any()]]
///         empty=view! { <EmptyStateView title="Nothing matches"/> }.into_any()
///     />
/// }
/// ```
#[component]
pub fn DataTable(
    /// What the table lists; read aloud, not shown.
    #[prop(into)]
    caption: String,
    columns: Vec<TableColumn>,
    rows: Vec<Vec<AnyView>>,
    #[prop(optional)] empty: Option<AnyView>,
) -> AnyView {
    let none = rows.is_empty();
    let body: Vec<_> = rows.into_iter().map(|cells| row(&columns, cells)).collect();
    let heads: Vec<_> = columns.into_iter().map(head).collect();
    let empty = none.then(|| empty.unwrap_or_else(|| view! { <p class="table-empty">"Nothing here."</p> }.into_any()));
    view! {
        <div class="table-frame">
            <table class="table" role="table" data-empty=none.then_some("")>
                <caption class="visually-hidden">{caption}</caption>
                <thead role="rowgroup"><tr role="row">{heads}</tr></thead>
                <tbody role="rowgroup">{body}</tbody>
            </table>
            {empty}
        </div>
    }
    .into_any()
}

/// A column's head, with a link when the column can be sorted.
fn head(column: TableColumn) -> AnyView {
    let (sorted, icon) = match column.sorted {
        Some(SortOrder::Ascending) => (Some("ascending"), Icon::ChevronUp),
        Some(SortOrder::Descending) => (Some("descending"), Icon::ChevronDown),
        None => (None, Icon::Sort),
    };
    let hidden = column.hidden_title.then_some("visually-hidden");
    let title = match column.sort_href {
        Some(href) => {
            view! { <a class="table-sort" href=href><span>{column.title}</span><IconView icon/></a> }.into_any()
        }
        None => view! { <span class=hidden>{column.title}</span> }.into_any(),
    };
    view! {
        <th scope="col" role="columnheader" aria-sort=sorted data-align=column.end.then_some("end")>{title}</th>
    }
    .into_any()
}

/// A row; each cell carries its column's title for narrow containers.
fn row(columns: &[TableColumn], cells: Vec<AnyView>) -> AnyView {
    let cells: Vec<_> = cells
        .into_iter()
        .enumerate()
        .map(|(index, cell)| {
            let column = columns.get(index);
            let label = column.filter(|column| !column.hidden_title).map(|column| column.title.clone());
            let align = column.is_some_and(|column| column.end).then_some("end");
            view! { <td role="cell" data-label=label data-align=align>{cell}</td> }
        })
        .collect();
    view! { <tr role="row">{cells}</tr> }.into_any()
}

//! Sorts the rows of a plugin's table by what their cells mean, as the page's address says.

use std::cmp::Ordering;

use host_model::view::{Cell, Level, Row, Table};

use crate::SortOrder;

/// The column and order that a state such as `2` or `-2` names, when the table lets the reader sort by it.
pub(super) fn parse_sort(state: Option<&str>, table: &Table) -> Option<(usize, SortOrder)> {
    let state = state?;
    let (column, order) = match state.strip_prefix('-') {
        Some(column) => (column, SortOrder::Descending),
        None => (state, SortOrder::Ascending),
    };
    let column = column.parse::<usize>().ok()?;
    table.columns.get(column).is_some_and(|column| column.sortable).then_some((column, order))
}

/// The state that a click on a column's head leads to.
pub(super) fn next_sort(column: usize, now: Option<SortOrder>) -> String {
    if now == Some(SortOrder::Ascending) { format!("-{column}") } else { column.to_string() }
}

/// Sorts rows by one column. Empty cells come last in either order, and equal ones keep theirs.
pub(super) fn sort_rows(rows: &mut [Row], column: usize, order: SortOrder) {
    rows.sort_by(|left, right| match (left.cells.get(column), right.cells.get(column)) {
        (Some(left), Some(right)) => {
            let empty = |cell: &Cell| matches!(cell, Cell::Empty);
            empty(left).cmp(&empty(right)).then_with(|| match order {
                SortOrder::Ascending => compare(left, right),
                SortOrder::Descending => compare(right, left),
            })
        }
        _ => Ordering::Equal,
    });
}

fn compare(left: &Cell, right: &Cell) -> Ordering {
    match (amount(left), amount(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => text(left).cmp(&text(right)),
    }
}

/// What cells that are amounts are sorted by.
fn amount(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Time(time) => Some(*time as f64),
        Cell::Duration(length) => Some(*length as f64),
        Cell::Bytes(size) => Some(*size as f64),
        Cell::Number(number) => Some(number.value),
        Cell::Boolean(truth) => Some(f64::from(u8::from(*truth))),
        Cell::Status(status) => Some(match status.level {
            Level::Error => 0.0,
            Level::Warning => 1.0,
            Level::Running => 2.0,
            Level::Pending => 3.0,
            Level::Unknown => 4.0,
            Level::Muted => 5.0,
            Level::Ok => 6.0,
        }),
        _ => None,
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Entity(text) | Cell::Badge(text) | Cell::Code(text) => text.to_lowercase(),
        Cell::Link(link) => link.text.to_lowercase(),
        Cell::Person(person) => person.name.to_lowercase(),
        Cell::Badges(texts) => texts.join(" ").to_lowercase(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use host_model::view::{Align, Column, Number};

    use super::*;

    fn number(value: f64) -> Cell {
        Cell::Number(Number { value, unit: None })
    }

    #[test]
    fn rows_are_sorted_by_meaning() {
        for (cells, order, expected) in [
            (vec![number(10.0), number(9.0)], SortOrder::Ascending, vec![number(9.0), number(10.0)]),
            (vec![Cell::Empty, number(9.0)], SortOrder::Ascending, vec![number(9.0), Cell::Empty]),
            (vec![Cell::Empty, number(9.0)], SortOrder::Descending, vec![number(9.0), Cell::Empty]),
            (
                vec![Cell::Text("b".into()), Cell::Text("A".into())],
                SortOrder::Ascending,
                vec![Cell::Text("A".into()), Cell::Text("b".into())],
            ),
            (vec![Cell::Time(1), Cell::Time(2)], SortOrder::Descending, vec![Cell::Time(2), Cell::Time(1)]),
        ] {
            let mut rows: Vec<Row> = cells.into_iter().map(|cell| Row { cells: vec![cell], actions: vec![] }).collect();
            sort_rows(&mut rows, 0, order);
            let sorted: Vec<Cell> = rows.into_iter().flat_map(|row| row.cells).collect();
            assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn only_sortable_columns_are_sorted_by() {
        let column = |sortable| Column { title: String::new(), sortable, align: Align::Start };
        let table = Table { columns: vec![column(true), column(false)], rows: vec![], total: None, empty: None };
        for (state, expected) in [
            (Some("0"), Some((0, SortOrder::Ascending))),
            (Some("-0"), Some((0, SortOrder::Descending))),
            (Some("1"), None),
            (Some("7"), None),
            (Some("x"), None),
            (Some("--0"), None),
            (None, None),
        ] {
            assert_eq!(parse_sort(state, &table), expected, "{state:?}");
        }
    }
}

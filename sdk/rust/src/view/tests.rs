use super::*;
use crate::raw::host::view as raw;

#[test]
fn nested_sections_become_a_flat_list_in_reading_order() {
    let view = View::new()
        .heading("a")
        .section(Section::titled("b").text("c").section(Section::columns().text("d").text("e")).collapsed())
        .text("f");
    let flat = view.into_raw();

    let text = |index: u32| match &flat.blocks[index as usize] {
        raw::Block::Heading(text) | raw::Block::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    };
    let section = |index: u32| match &flat.blocks[index as usize] {
        raw::Block::Section(section) => section,
        other => panic!("{other:?} is no section"),
    };
    let [first, second, third] = flat.roots[..] else { panic!("{:?}", flat.roots) };
    assert_eq!((text(first).as_str(), text(third).as_str()), ("a", "f"));
    let outer = section(second);
    assert_eq!((outer.title.as_deref(), outer.collapsed, outer.layout), (Some("b"), true, Layout::Stack));
    assert_eq!(text(outer.children[0]), "c");
    let inner = section(outer.children[1]);
    assert_eq!(inner.children.iter().map(|&child| text(child)).collect::<Vec<_>>(), ["d", "e"]);
    assert_eq!(inner.layout, Layout::Columns);

    let mut used: Vec<u32> = flat.roots.iter().chain(&outer.children).chain(&inner.children).copied().collect();
    used.sort_unstable();
    assert_eq!(used, (0..7).collect::<Vec<u32>>(), "every block is used exactly once");
}

#[test]
fn cells_are_made_of_what_is_at_hand() {
    for (cell, expected) in [
        (Cell::from("x"), Cell::Text("x".into())),
        (Cell::from(true), Cell::Boolean(true)),
        (Cell::from(3_u32), Cell::Number(Number { value: 3.0, unit: None })),
        (Cell::or_empty(None::<&str>), Cell::Empty),
        (Cell::or_empty(Some(Status::ok("fine"))), Cell::Status(Status::new(Level::Ok, "fine"))),
    ] {
        assert_eq!(cell, expected);
    }
}

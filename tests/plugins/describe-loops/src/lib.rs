//! Loops for ever when it is asked who it is.

use std::hint::black_box;

use callboard_sdk::card::{CardDeclaration, RenderRequest};
use callboard_sdk::view::View;
use callboard_sdk::{Description, Error, Plugin, UiCard};

struct DescribeLoops;

impl Plugin for DescribeLoops {
    fn describe() -> Description {
        while black_box(true) {}
        Description::new("describe-loops", "1.0.0", "Never seen")
    }
}

impl UiCard for DescribeLoops {
    fn cards() -> Vec<CardDeclaration> {
        Vec::new()
    }

    fn render(_: RenderRequest) -> Result<View, Error> {
        Ok(View::new())
    }
}

callboard_sdk::export!(DescribeLoops: ui_card);

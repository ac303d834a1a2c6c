//! Traps when it is asked who it is.

use callboard_sdk::card::{CardDeclaration, RenderRequest};
use callboard_sdk::view::View;
use callboard_sdk::{Description, Error, Plugin, UiCard};

struct DescribeTraps;

impl Plugin for DescribeTraps {
    #[expect(clippy::panic, reason = "this is what the plugin is for")]
    fn describe() -> Description {
        panic!("describe-traps was asked who it is")
    }
}

impl UiCard for DescribeTraps {
    fn cards() -> Vec<CardDeclaration> {
        Vec::new()
    }

    fn render(_: RenderRequest) -> Result<View, Error> {
        Ok(View::new())
    }
}

callboard_sdk::export!(DescribeTraps: ui_card);

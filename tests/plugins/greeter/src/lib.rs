//! A card that says which version of the plugin made it, for tests that replace one file by the other. It asks for
//! nothing, so it serves at once.

use callboard_sdk::card::{CardDeclaration, RenderRequest, Width};
use callboard_sdk::view::{Content, View};
use callboard_sdk::{Description, Error, Plugin, UiCard};

const VERSION: &str = if cfg!(feature = "v2") { "2.0.0" } else { "1.0.0" };

struct Greeter;

impl Plugin for Greeter {
    fn describe() -> Description {
        Description::new("greeter", VERSION, "Greeter").summary("Greets every entity.")
    }
}

impl UiCard for Greeter {
    fn cards() -> Vec<CardDeclaration> {
        vec![CardDeclaration::new("greeting", "Greeting").width(Width::Small)]
    }

    fn render(request: RenderRequest) -> Result<View, Error> {
        Ok(View::new().text(format!("Greeter {VERSION} greets {}", request.entity.reference())))
    }
}

callboard_sdk::export!(Greeter: ui_card);

//! A plugin that misbehaves as it is told: an annotation of the entity names what it does, so that one file shows the
//! host every kind of fault. As a card it reads `torture.test/card`, as a processor `torture.test/processor`.

mod deeds;

use callboard_sdk::card::{CardDeclaration, Entities, RenderRequest};
use callboard_sdk::processor::{Declaration, Interest, Item, Outcome};
use callboard_sdk::view::{Block, Content, Row, Table, View};
use callboard_sdk::{CatalogProcessor, Description, Diagnostic, Error, Plugin, UiCard};

const CARD: &str = "torture.test/card";
const PROCESSOR: &str = "torture.test/processor";

struct Torture;

impl Plugin for Torture {
    fn describe() -> Description {
        Description::new("torture", "1.0.0", "Torture").summary("Misbehaves as it is told.")
    }
}

impl UiCard for Torture {
    fn cards() -> Vec<CardDeclaration> {
        vec![CardDeclaration::new("deed", "Deed").applies_to(Entities::any().annotation(CARD))]
    }

    fn render(request: RenderRequest) -> Result<View, Error> {
        let deed = request.entity.annotation(CARD).unwrap_or_default();
        match deed {
            "invalid-view" => Ok(View::new().table(Table::new([]).row(Row::new(["one too many".into()])))),
            "unknown-action" => Ok(View::new().buttons(["nobody-declared-this"])),
            "many-blocks" => Ok((0..501).fold(View::new(), |view, _| view.text("again"))),
            "error" => Err(Error::other("the plugin says no")),
            "huge" => Ok(View::new().block(Block::Text(deeds::text(100)))),
            "large" => Ok(View::new().block(Block::Text(deeds::text(20)))),
            _ => Ok(View::new().text(deeds::perform(deed)?)),
        }
    }
}

impl CatalogProcessor for Torture {
    fn processor() -> Declaration {
        Declaration::new().interest(Interest::any().annotation(PROCESSOR))
    }

    fn process(item: &Item) -> Outcome {
        let deed = item.entity.annotation(PROCESSOR).unwrap_or_default();
        match deed {
            "huge" => Outcome::new().diagnostic(Diagnostic::info("torture/huge", deeds::text(100))),
            "large" => Outcome::new().diagnostic(Diagnostic::info("torture/large", deeds::text(20))),
            "undeclared-write" => Outcome::new().set("/metadata/name", "stolen"),
            "broken-emit" => Outcome::new().emit(serde_json::json!({ "kind": 3 })),
            _ => match deeds::perform(deed) {
                Ok(said) => Outcome::new().diagnostic(Diagnostic::info("torture/deed", said)),
                Err(error) => Outcome::new().diagnostic(Diagnostic::error("torture/error", error.message())),
            },
        }
    }
}

callboard_sdk::export!(Torture: ui_card, catalog_processor);

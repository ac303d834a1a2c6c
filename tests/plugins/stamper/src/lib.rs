//! Writes an annotation that it declared, and tries to write two fields that it did not.

use callboard_sdk::processor::{Declaration, Interest, Item, Outcome};
use callboard_sdk::{CatalogProcessor, Description, Plugin};

struct Stamper;

impl Plugin for Stamper {
    fn describe() -> Description {
        Description::new("stamper", "1.0.0", "Stamper").summary("Stamps entities that ask for it.")
    }
}

impl CatalogProcessor for Stamper {
    fn processor() -> Declaration {
        Declaration::new()
            .interest(Interest::any().annotation("stamper.test/please"))
            .writes("metadata.annotations.stamper.test/stamp")
    }

    fn process(item: &Item) -> Outcome {
        Outcome::new()
            .annotate("stamper.test/stamp", format!("seen {}", item.entity.reference()))
            .annotate("stamper.test/undeclared", "this must not arrive")
            .set("/spec/owner", "group:default/stampers")
    }
}

callboard_sdk::export!(Stamper: catalog_processor);

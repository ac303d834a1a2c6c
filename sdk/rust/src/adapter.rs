//! Between the bindings and the traits that plugins implement.

use std::marker::PhantomData;

use crate::action::RunRequest;
use crate::card::{ActionRequest, CardDeclaration, RenderRequest};
use crate::processor::Item;
use crate::{CatalogProcessor, Diagnostic, Error, Plugin, ScaffolderAction, UiCard, action, processor, raw};

/// Makes the bindings' traits of a plugin's.
pub struct Adapter<P>(PhantomData<P>);

impl<P: Plugin> raw::plugin::Guest for Adapter<P> {
    fn describe() -> raw::plugin::Description {
        P::describe().into_raw()
    }
}

impl<P: UiCard> raw::ui_card::Guest for Adapter<P> {
    fn cards() -> Vec<raw::ui_card::Card> {
        P::cards().into_iter().map(CardDeclaration::into_raw).collect()
    }

    fn render(request: raw::ui_card::RenderRequest) -> Result<raw::host::view::View, Error> {
        P::render(RenderRequest::from_raw(request)?).map(crate::view::View::into_raw)
    }

    fn act(request: raw::ui_card::ActionRequest) -> Result<raw::ui_card::ActionOutcome, Error> {
        P::act(ActionRequest::from_raw(request)?).map(crate::card::ActionOutcome::into_raw)
    }
}

impl<P: CatalogProcessor> raw::catalog_processor::Guest for Adapter<P> {
    fn processor() -> raw::catalog_processor::Declaration {
        P::processor().into_raw()
    }

    fn process(items: Vec<raw::catalog_processor::Item>) -> Vec<raw::catalog_processor::Outcome> {
        items.into_iter().map(|item| process_one::<P>(item).into_raw()).collect()
    }
}

impl<P: ScaffolderAction> raw::scaffolder_action::Guest for Adapter<P> {
    fn actions() -> Vec<raw::scaffolder_action::Action> {
        P::actions().into_iter().map(action::ActionDeclaration::into_raw).collect()
    }

    fn run(request: raw::scaffolder_action::RunRequest) -> Result<raw::scaffolder_action::RunResult, Error> {
        P::run(RunRequest::from_raw(request)?).map(action::RunResult::into_raw)
    }
}

/// One bad item must not cost the whole batch.
fn process_one<P: CatalogProcessor>(item: raw::catalog_processor::Item) -> processor::Outcome {
    match Item::from_raw(item) {
        Ok(item) => P::process(&item),
        Err(error) => processor::Outcome::new().diagnostic(Diagnostic::error("sdk/unreadable-entity", error.message())),
    }
}

/// What `export!` demands where nothing is exported: the same traits as on WebAssembly.
pub mod checks {
    use crate::raw;

    pub fn plugin<A: raw::plugin::Guest>() {}
    pub fn ui_card<A: raw::ui_card::Guest>() {}
    pub fn catalog_processor<A: raw::catalog_processor::Guest>() {}
    pub fn scaffolder_action<A: raw::scaffolder_action::Guest>() {}
}

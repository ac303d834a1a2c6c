//! The tab with the definition of an API.

use frontend_ui::CalloutView;
use host_api::ApiResult;
use host_model::Severity;
use leptos::prelude::*;

use crate::definition::DefinitionView;

/// The tab.
pub(super) fn draw(view: &ApiResult<DefinitionView>) -> AnyView {
    match view {
        Ok(view) => view.draw(),
        Err(error) => {
            let message = error.message.clone();
            view! {
                <CalloutView severity=Severity::Error title="The definition could not be read"><p>{message}</p></CalloutView>
            }
            .into_any()
        }
    }
}

//! The action `http:request`: calls an HTTP API from a template step, JSON in and out.
//!
//! Which API that is the administrator decides by binding the upstream `api`; a step names a path, never a host. Where
//! several are bound, a step chooses one by the name of its instance.

mod answer;
mod call;
mod declaration;

use callboard_sdk::action::{ActionDeclaration, EffectKind, RunRequest, RunResult};
use callboard_sdk::{Description, Error, Plugin, ScaffolderAction, Upstream, config, log};
use serde::Deserialize;

use crate::call::{Call, Input};

/// The name of the upstream.
const UPSTREAM: &str = "api";

struct HttpRequest;

impl Plugin for HttpRequest {
    fn describe() -> Description {
        let upstream =
            Upstream::new(UPSTREAM, "The HTTP API that template steps may call with the action http:request.");
        let upstream = declaration::METHODS.iter().fold(upstream, |upstream, method| upstream.route(*method, "/**"));
        Description::new("http-request", env!("CARGO_PKG_VERSION"), "HTTP request")
            .summary("Calls an HTTP API from a template step, JSON in and out.")
            .upstream(upstream)
            .config_schema(&declaration::config_schema())
    }
}

/// The plugin's configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Config {
    /// The instance for steps that name none.
    default_instance: Option<String>,
}

impl ScaffolderAction for HttpRequest {
    fn actions() -> Vec<ActionDeclaration> {
        vec![declaration::action()]
    }

    fn run(request: RunRequest) -> Result<RunResult, Error> {
        let input: Input = request.input()?;
        let config: Config = config::get()?;
        let call = Call::new(input, config.default_instance, &request)?;
        let target = call.target();
        if request.dry_run {
            log::info!("would call {}", call.shown());
            return Ok(RunResult::new(call.expected_answer()).effect(EffectKind::Called, target, None));
        }
        log::info!("{}", call.shown());
        let response = call.request().send()?;
        log::info!("{} answered {}", call.upstream(), response.status());
        if !call.accepts(response.status()) {
            return Err(answer::refused(&response, &call));
        }
        Ok(RunResult::new(answer::output(&response)).effect(EffectKind::Called, target, None))
    }
}

callboard_sdk::export!(HttpRequest: scaffolder_action);

#[cfg(test)]
mod tests;

//! What plugins say of themselves: from the contract's types to `host_model`'s.

use host_model::plugin::{
    ActionDeclaration, ActionExample, Applicability, CardDeclaration, Description, ProcessorDeclaration, Route,
    Upstream, Width,
};

use super::bindings::exports::callboard::plugin::{catalog_processor, plugin, scaffolder_action, ui_card};
use crate::check::{self, Checked};

const MAX_UPSTREAMS: usize = 16;
const MAX_ROUTES: usize = 100;
const MAX_SETS: usize = 50;
const MAX_NAMES: usize = 50;
const MAX_WRITES: usize = 50;
const MAX_ACTIONS: usize = 50;
const MAX_EXAMPLES: usize = 20;
const MAX_CARDS: usize = 50;
const MAX_TITLE: usize = 200;
const MAX_SENTENCE: usize = 1_000;

pub(super) fn description(said: plugin::Description) -> Checked<Description> {
    check::count("upstreams", said.upstreams.len(), MAX_UPSTREAMS)?;
    check::unique("the upstream", said.upstreams.iter().map(|upstream| upstream.name.as_str()))?;
    if let Some(schema) = &said.config_schema {
        check::schema("its configuration schema", schema)?;
    }
    Ok(Description {
        id: check::id("its id", said.id)?,
        version: check::version(said.version)?,
        title: check::some_text("its title", said.title, MAX_TITLE)?,
        summary: check::text("its summary", said.summary, MAX_SENTENCE)?,
        homepage: said.homepage.map(|page| check::https("its homepage", page)).transpose()?,
        upstreams: said.upstreams.into_iter().map(upstream).collect::<Checked<_>>()?,
        config_schema: said.config_schema,
    })
}

fn upstream(said: plugin::Upstream) -> Checked<Upstream> {
    let name = check::upstream_name(said.name)?;
    let within = |error: String| format!("upstream {name:?}: {error}");
    check::count("routes", said.routes.len(), MAX_ROUTES).map_err(within)?;
    let routes = said
        .routes
        .into_iter()
        .map(|route| Ok(Route { method: check::method(route.method)?, path: check::route_path(route.path)? }));
    Ok(Upstream {
        purpose: check::some_text("its purpose", said.purpose, MAX_SENTENCE).map_err(within)?,
        routes: routes.collect::<Checked<_>>().map_err(within)?,
        name,
    })
}

pub(super) fn processor(said: catalog_processor::Declaration) -> Checked<ProcessorDeclaration> {
    check::count("interests", said.interests.len(), MAX_SETS)?;
    check::count("paths to write", said.writes.len(), MAX_WRITES)?;
    let interests = said.interests.into_iter().map(|interest| {
        Ok(Applicability {
            kinds: check::names("kinds", interest.kinds, MAX_NAMES)?,
            spec_types: check::names("types", interest.spec_types, MAX_NAMES)?,
            annotations: check::names("annotations", interest.annotations, MAX_NAMES)?,
            all_annotations: false,
        })
    });
    Ok(ProcessorDeclaration {
        interests: interests.collect::<Checked<_>>()?,
        writes: said.writes.into_iter().map(check::write_path).collect::<Checked<_>>()?,
    })
}

pub(super) fn actions(said: Vec<scaffolder_action::Action>) -> Checked<Vec<ActionDeclaration>> {
    check::count("actions", said.len(), MAX_ACTIONS)?;
    check::unique("the action", said.iter().map(|action| action.id.as_str()))?;
    said.into_iter().map(action).collect()
}

fn action(said: scaffolder_action::Action) -> Checked<ActionDeclaration> {
    let id = check::action_id(said.id)?;
    let within = |error: String| format!("action {id}: {error}");
    check::count("examples", said.examples.len(), MAX_EXAMPLES).map_err(within)?;
    let examples = said.examples.into_iter().map(|example| {
        Ok(ActionExample {
            summary: check::text("the summary of an example", example.summary, MAX_SENTENCE)?,
            steps: check::text("the steps of an example", example.steps, 20_000)?,
        })
    });
    Ok(ActionDeclaration {
        summary: check::some_text("its summary", said.summary, MAX_SENTENCE).map_err(within)?,
        input_schema: check::schema("its input schema", &said.input_schema).map_err(within)?,
        output_schema: check::schema("its output schema", &said.output_schema).map_err(within)?,
        examples: examples.collect::<Checked<_>>().map_err(within)?,
        supports_dry_run: said.supports_dry_run,
        plugin: None,
        id,
    })
}

pub(super) fn cards(said: Vec<ui_card::Card>) -> Checked<Vec<CardDeclaration>> {
    check::count("cards", said.len(), MAX_CARDS)?;
    check::unique("the card", said.iter().map(|card| card.id.as_str()))?;
    said.into_iter().map(card).collect()
}

fn card(said: ui_card::Card) -> Checked<CardDeclaration> {
    let id = check::id("the card id", said.id)?;
    let within = |error: String| format!("card {id}: {error}");
    check::count("sets of entities", said.applies_to.len(), MAX_SETS).map_err(within)?;
    let applies_to = said.applies_to.into_iter().map(|set| {
        Ok(Applicability {
            kinds: check::names("kinds", set.kinds, MAX_NAMES)?,
            spec_types: check::names("types", set.spec_types, MAX_NAMES)?,
            annotations: check::names("annotations", set.annotations, MAX_NAMES)?,
            all_annotations: true,
        })
    });
    Ok(CardDeclaration {
        title: check::some_text("its title", said.title, MAX_TITLE).map_err(within)?,
        applies_to: applies_to.collect::<Checked<_>>().map_err(within)?,
        width: match said.width {
            ui_card::Width::Small => Width::Small,
            ui_card::Width::Medium => Width::Medium,
            ui_card::Width::Full => Width::Full,
        },
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(change: impl FnOnce(&mut plugin::Description)) -> Checked<Description> {
        let mut said = plugin::Description {
            id: "hello".into(),
            version: "1.0.0".into(),
            title: "Hello".into(),
            summary: String::new(),
            homepage: None,
            upstreams: vec![],
            config_schema: None,
        };
        change(&mut said);
        super::description(said)
    }

    fn upstream(name: &str, path: &str) -> plugin::Upstream {
        let routes = vec![plugin::Route { method: "GET".into(), path: path.into() }];
        plugin::Upstream { name: name.into(), purpose: "reads".into(), routes }
    }

    #[test]
    fn a_description_is_taken_or_refused_with_a_sentence() {
        assert_eq!(description(|_| {}).unwrap().id, "hello");
        for (result, message) in [
            (description(|said| said.id = "Hello".into()), "its id \"Hello\" is not made of"),
            (description(|said| said.version = "one".into()), "is not a semantic version"),
            (description(|said| said.title = " ".into()), "its title is empty"),
            (description(|said| said.homepage = Some("javascript:x".into())), "is not an https: address"),
            (
                description(|said| said.config_schema = Some("[1]".into())),
                "its configuration schema is not a JSON Schema",
            ),
            (description(|said| said.upstreams = vec![upstream("a", "/"); 2]), "the upstream \"a\" is declared twice"),
            (
                description(|said| said.upstreams = vec![upstream("a", "x")]),
                "upstream \"a\": the path \"x\" of a route does not begin with /",
            ),
            (description(|said| said.summary = "x".repeat(1_001)), "its summary has 1001 bytes"),
        ] {
            let error = result.unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}

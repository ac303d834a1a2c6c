//! What plugins answer to processors' and actions' calls: from the contract's types to `host_ports`'.

use host_model::task::{Effect, EffectKind};
use host_model::{Entity, Relation};
use host_ports::{ActOutcome, ActionResult, Change, ProcessorOutcome, SourceFinding};

use super::bindings::callboard::plugin::types;
use super::bindings::exports::callboard::plugin::{catalog_processor, scaffolder_action, ui_card};
use super::view::severity;
use crate::check::{self, Checked};

/// The most changes, findings, entities or relations that come of one entity.
const MAX_EACH: usize = 1_000;
const MAX_EFFECTS: usize = 200;
const MAX_SENTENCE: usize = 2_000;

/// One outcome for each item, in the same order.
pub(super) fn outcomes(said: Vec<catalog_processor::Outcome>, items: &[String]) -> Checked<Vec<ProcessorOutcome>> {
    if said.len() != items.len() {
        return Err(format!("`process` gave {} outcomes for {} entities", said.len(), items.len()));
    }
    said.into_iter()
        .zip(items)
        .map(|(said, item)| outcome(said).map_err(|error| format!("the outcome of {item}: {error}")))
        .collect()
}

fn outcome(said: catalog_processor::Outcome) -> Checked<ProcessorOutcome> {
    check::count("changes", said.changes.len(), MAX_EACH)?;
    check::count("diagnostics", said.diagnostics.len(), MAX_EACH)?;
    check::count("emitted entities", said.emits.len(), MAX_EACH)?;
    check::count("relations", said.relations.len(), MAX_EACH)?;
    Ok(ProcessorOutcome {
        changes: said.changes.into_iter().map(change).collect::<Checked<_>>()?,
        findings: said.diagnostics.into_iter().map(finding).collect::<Checked<_>>()?,
        emits: said.emits.iter().map(|text| emitted(text)).collect::<Checked<_>>()?,
        relations: said.relations.into_iter().map(relation).collect::<Checked<_>>()?,
    })
}

fn change(said: catalog_processor::Change) -> Checked<Change> {
    let pointer = check::pointer("the field to change", said.pointer)?;
    let value = said.value.map(|text| check::json(&format!("the new value of {pointer}"), &text)).transpose()?;
    Ok(Change { pointer, value })
}

fn finding(said: types::Diagnostic) -> Checked<SourceFinding> {
    let position = said.position.map(|position| (position.line, position.column));
    if position.is_some_and(|(line, column)| line == 0 || column == 0) {
        return Err("a diagnostic has line or column 0; they count from 1".to_owned());
    }
    Ok(SourceFinding {
        severity: severity(said.severity),
        code: check::some_text("the code of a diagnostic", said.code, 200)?,
        message: check::cut(check::some_text("the message of a diagnostic", said.message, usize::MAX)?, MAX_SENTENCE),
        pointer: said.pointer.map(|pointer| place(&pointer)).transpose()?.flatten(),
        position,
    })
}

/// A pointer into an entity; the empty one stands for the entity as a whole, as none does.
fn place(pointer: &str) -> Checked<Option<String>> {
    if pointer.is_empty() {
        return Ok(None);
    }
    check::pointer("the place of a diagnostic", pointer.to_owned()).map(Some)
}

fn emitted(text: &str) -> Checked<Entity> {
    Entity::from_value(check::json("an emitted entity", text)?)
        .ok_or_else(|| "an emitted entity is JSON, but not an object".to_owned())
}

fn relation(said: catalog_processor::Relation) -> Checked<Relation> {
    Ok(Relation {
        name: check::some_text("the name of a relation", said.name, 200)?,
        target_ref: check::entity_ref("the target of a relation", &said.target)?,
    })
}

pub(super) fn run_result(said: scaffolder_action::RunResult) -> Checked<ActionResult> {
    check::count("effects", said.effects.len(), MAX_EFFECTS)?;
    let effects = said.effects.into_iter().map(|effect| {
        Ok(Effect {
            kind: match effect.kind {
                scaffolder_action::EffectKind::Created => EffectKind::Created,
                scaffolder_action::EffectKind::Updated => EffectKind::Updated,
                scaffolder_action::EffectKind::Deleted => EffectKind::Deleted,
                scaffolder_action::EffectKind::Pushed => EffectKind::Pushed,
                scaffolder_action::EffectKind::Opened => EffectKind::Opened,
                scaffolder_action::EffectKind::Called => EffectKind::Called,
                scaffolder_action::EffectKind::Registered => EffectKind::Registered,
            },
            target: check::some_text("the target of an effect", effect.target, MAX_SENTENCE)?,
            url: effect.url.map(|url| check::text("the address of an effect", url, MAX_SENTENCE)).transpose()?,
        })
    });
    Ok(ActionResult {
        effects: effects.collect::<Checked<_>>()?,
        output: check::json("the output of the action", &said.output)?,
    })
}

pub(super) fn act_outcome(said: ui_card::ActionOutcome) -> Checked<ActOutcome> {
    Ok(ActOutcome {
        message: check::cut(said.message, MAX_SENTENCE),
        refresh: said.refresh,
        url: said.url.map(|url| check::text("the address of the result", url, MAX_SENTENCE)).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(change: impl FnOnce(&mut catalog_processor::Outcome)) -> Checked<Vec<ProcessorOutcome>> {
        let mut said =
            catalog_processor::Outcome { changes: vec![], diagnostics: vec![], emits: vec![], relations: vec![] };
        change(&mut said);
        outcomes(vec![said], &["api:default/a".to_owned()])
    }

    fn diagnostic(position: (u32, u32), pointer: &str) -> types::Diagnostic {
        types::Diagnostic {
            severity: types::Severity::Info,
            code: "a/b".into(),
            message: "x".into(),
            pointer: Some(pointer.into()),
            position: Some(types::Position { line: position.0, column: position.1 }),
        }
    }

    #[test]
    fn an_outcome_is_taken_or_refused_with_a_sentence() {
        let change = |pointer: &str, value: &str| catalog_processor::Change {
            pointer: pointer.into(),
            value: Some(value.into()),
        };
        let relation = |target: &str| catalog_processor::Relation { name: "dependsOn".into(), target: target.into() };
        assert!(outcome(|said| said.changes = vec![change("/spec/a", "1")]).is_ok());
        assert!(outcome(|said| said.diagnostics = vec![diagnostic((1, 1), "")]).is_ok());
        for (result, message) in [
            (outcomes(vec![], &["a".to_owned()]), "`process` gave 0 outcomes for 1 entities"),
            (
                outcome(|said| said.changes = vec![change("spec", "1")]),
                "the outcome of api:default/a: the field to change",
            ),
            (outcome(|said| said.changes = vec![change("/spec", "x")]), "the new value of /spec is not JSON"),
            (outcome(|said| said.diagnostics = vec![diagnostic((0, 1), "/a")]), "line or column 0"),
            (outcome(|said| said.emits = vec!["[]".into()]), "not an object"),
            (outcome(|said| said.emits = vec!["{}".into(); 1_001]), "there are 1001 emitted entities"),
            (outcome(|said| said.relations = vec![relation("orders")]), "the target of a relation: entity reference"),
        ] {
            let error = result.unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}

//! The language of templates: nunjucks' syntax and filters with `${{ }}` for values, evaluated by minijinja.
//!
//! What authors know from JavaScript holds here: empty arrays are true, missing values print as nothing, members of
//! missing values are missing. Evaluation is bounded in steps, in nesting and in output. It knows nothing of tasks.

mod bounded;
mod entity_filters;
mod filters;
mod list_filters;
mod methods;
mod operands;
mod operators;
mod rewrite;
mod text_filters;
mod value;

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value as Json};

use bounded::Bounded;
pub(crate) use value::{dictionary, from_template, to_template};

/// How many instructions one evaluation may take.
const FUEL: u64 = 2_000_000;
/// How many bytes one evaluation may write.
const MAX_OUTPUT: usize = 16 * 1024 * 1024;
/// How deep macros and calls may nest.
const MAX_RECURSION: usize = 100;
/// How deep arrays and objects may nest.
const MAX_DEPTH: usize = 100;

/// An evaluator with one set of options.
pub(crate) struct Language {
    environment: Environment<'static>,
}

/// Why something could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place(.pointer, *.line, .expression))]
pub(crate) struct LanguageError {
    pub(crate) message: String,
    /// Where the expression stands in the value that was evaluated, as a JSON pointer.
    pub(crate) pointer: String,
    /// From 1, within the expression's text.
    pub(crate) line: Option<usize>,
    /// The text that was evaluated, shortened.
    pub(crate) expression: String,
}

fn place(pointer: &str, line: Option<usize>, expression: &str) -> String {
    let mut text = String::new();
    if !pointer.is_empty() {
        text.push_str(&format!("at {pointer}, "));
    }
    if !expression.is_empty() {
        text.push_str(&format!("in {expression:?}, "));
    }
    if let Some(line) = line {
        text.push_str(&format!("line {line}: "));
    } else if text.ends_with(", ") {
        text.truncate(text.len() - 2);
        text.push_str(": ");
    }
    text
}

/// The evaluator for the fields of a template.
pub(crate) fn standard() -> &'static Language {
    static STANDARD: LazyLock<Language> = LazyLock::new(|| Language::new(false, false));
    &STANDARD
}

impl Language {
    /// An evaluator that trims lines around tags, or does not.
    pub(crate) fn new(trim_blocks: bool, lstrip_blocks: bool) -> Self {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder()
            .variable_delimiters("${{", "}}")
            .keep_trailing_newline(true)
            .trim_blocks(trim_blocks)
            .lstrip_blocks(lstrip_blocks)
            .build();
        // The delimiters are constants that differ from one another.
        if let Ok(syntax) = syntax {
            environment.set_syntax(syntax);
        }
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(MAX_RECURSION);
        environment.set_formatter(|out, _, value| {
            let text = value::text(value)?;
            bounded::charge(text.len())?;
            out.write_str(&text).map_err(|error| minijinja::Error::new(ErrorKind::WriteFailure, error.to_string()))
        });
        environment.set_unknown_method_callback(|_, value, name, arguments| methods::call(value, name, arguments));
        environment.remove_global("debug");
        operators::install(&mut environment);
        filters::install(&mut environment);
        Self { environment }
    }

    /// Evaluates a text with tags to text.
    ///
    /// # Errors
    /// When it is not well-formed, an operation fails, or a limit is reached.
    pub(crate) fn text(&self, source: &str, context: &Value) -> Result<String, LanguageError> {
        if !has_tags(source) {
            return Ok(source.to_owned());
        }
        let rewritten = rewrite::rewrite(source).map_err(|(line, message)| failure(source, Some(line), message))?;
        bounded::begin();
        let mut output = Bounded::new(MAX_OUTPUT);
        let template = self.environment.template_from_str(&rewritten).map_err(|error| explain(source, &error))?;
        let rendered = template.render_captured_to(context.clone(), &mut output);
        if output.is_full() {
            let message = format!("the result is larger than {MAX_OUTPUT} bytes");
            return Err(failure(source, None, message));
        }
        rendered.map_err(|error| explain(source, &error))?;
        Ok(output.into_text())
    }

    /// Evaluates the strings of a value. A string that is one expression keeps the type of its result; none means that
    /// the result is undefined.
    ///
    /// # Errors
    /// As for `text`; the pointer says where.
    pub(crate) fn json(&self, value: &Json, context: &Value) -> Result<Option<Json>, LanguageError> {
        self.json_at(value, context, &mut String::new(), 0)
    }

    fn json_at(
        &self,
        value: &Json,
        context: &Value,
        pointer: &mut String,
        depth: usize,
    ) -> Result<Option<Json>, LanguageError> {
        if depth > MAX_DEPTH {
            let message = format!("arrays and objects are nested more than {MAX_DEPTH} deep");
            return Err(LanguageError { pointer: pointer.clone(), ..failure("", None, message) });
        }
        match value {
            Json::String(source) => {
                self.string(source, context).map_err(|error| LanguageError { pointer: pointer.clone(), ..error })
            }
            Json::Array(items) => {
                let mut evaluated = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let length = pointer.len();
                    pointer.push_str(&format!("/{index}"));
                    evaluated.push(self.json_at(item, context, pointer, depth + 1)?.unwrap_or(Json::Null));
                    pointer.truncate(length);
                }
                Ok(Some(Json::Array(evaluated)))
            }
            Json::Object(entries) => {
                let mut evaluated = Map::new();
                for (key, item) in entries {
                    let length = pointer.len();
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    if let Some(item) = self.json_at(item, context, pointer, depth + 1)? {
                        evaluated.insert(key.clone(), item);
                    }
                    pointer.truncate(length);
                }
                Ok(Some(Json::Object(evaluated)))
            }
            other => Ok(Some(other.clone())),
        }
    }

    fn string(&self, source: &str, context: &Value) -> Result<Option<Json>, LanguageError> {
        if let Some(expression) = rewrite::single_expression(source) {
            return self.expression(source, expression, context);
        }
        match self.text(source, context) {
            Ok(text) if text.is_empty() => Ok(None),
            Ok(text) => Ok(Some(Json::String(text))),
            // Text that only looks like a tag, such as "{% off", is text.
            Err(_) if !source.contains("${{") && !source.contains("%}") => Ok(Some(Json::String(source.to_owned()))),
            Err(error) => Err(error),
        }
    }

    fn expression(&self, source: &str, expression: &str, context: &Value) -> Result<Option<Json>, LanguageError> {
        bounded::begin();
        let rewritten =
            rewrite::rewrite_expression(expression).map_err(|(line, message)| failure(source, Some(line), message))?;
        let compiled = self.environment.compile_expression(&rewritten).map_err(|error| explain(source, &error))?;
        let value = compiled.eval(context.clone()).map_err(|error| explain(source, &error))?;
        from_template(&value).map_err(|message| failure(source, None, message))
    }
}

/// Whether a value is true for `if`: everything but false, null, nothing, "", 0 and [].
pub(crate) fn is_truthy(value: Option<&Json>) -> bool {
    match value {
        None | Some(Json::Null) => false,
        Some(Json::Bool(yes)) => *yes,
        Some(Json::String(text)) => !text.is_empty(),
        Some(Json::Number(number)) => number.as_f64() != Some(0.0),
        Some(Json::Array(items)) => !items.is_empty(),
        Some(Json::Object(_)) => true,
    }
}

/// Whether a text in an expression names a variable.
pub(crate) fn mentions(value: &Json, variable: &str) -> bool {
    match value {
        Json::String(text) => text.contains("${{") && text.contains(variable),
        Json::Array(items) => items.iter().any(|item| mentions(item, variable)),
        Json::Object(entries) => entries.values().any(|item| mentions(item, variable)),
        _ => false,
    }
}

fn has_tags(source: &str) -> bool {
    ["${{", "{%", "{#"].iter().any(|tag| source.contains(tag))
}

fn failure(source: &str, line: Option<usize>, message: String) -> LanguageError {
    let mut expression: String = source.chars().take(120).collect();
    if expression.len() < source.len() {
        expression.push('…');
    }
    let line = line.filter(|_| source.contains('\n'));
    LanguageError { message, pointer: String::new(), line, expression }
}

fn explain(source: &str, error: &minijinja::Error) -> LanguageError {
    let detail = error.detail().unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::OutOfFuel => "it takes too many steps; simplify its loops".to_owned(),
        ErrorKind::UnknownFilter => with_nearest(detail, filters::NAMES),
        kind if detail.is_empty() => kind.to_string(),
        ErrorKind::SyntaxError => format!("syntax error: {detail}"),
        _ => detail.to_owned(),
    };
    failure(source, error.line(), message)
}

fn with_nearest(detail: &str, names: &[&str]) -> String {
    let asked = detail.strip_prefix("filter ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let nearest = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(asked, name), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().min(asked.len()) / 3);
    match nearest {
        Some((_, name)) => format!("{detail}; the nearest one is {name}"),
        None => detail.to_owned(),
    }
}

#[cfg(test)]
mod tests;

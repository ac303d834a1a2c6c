//! `+` and `~` as JavaScript and nunjucks know them: text and numbers can be joined.

use minijinja::value::{Rest, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

use super::value::{items, join, list};

/// What the operators are rewritten to.
pub(super) const ADD: &str = "__add";
pub(super) const CONCAT: &str = "__concat";

/// How many items arrays may have together when they are joined.
const MAX_ITEMS: usize = 100_000;

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_function(ADD, |values: Rest<Value>| {
        let mut values = values.iter().cloned();
        let first = values.next().unwrap_or_default();
        values.try_fold(first, |sum, value| add(&sum, &value))
    });
    environment.add_function(CONCAT, |values: Rest<Value>| join(&values, ""));
}

fn add(one: &Value, other: &Value) -> Result<Value, Error> {
    match (one.kind(), other.kind()) {
        (ValueKind::Number, ValueKind::Number) => {
            let whole = one.as_i64().zip(other.as_i64()).and_then(|(one, other)| one.checked_add(other));
            match whole {
                Some(sum) => Ok(Value::from(sum)),
                None => Ok(Value::from(f64::try_from(one.clone())? + f64::try_from(other.clone())?)),
            }
        }
        (ValueKind::Seq | ValueKind::Iterable, ValueKind::Seq | ValueKind::Iterable) => {
            let mut all = items(one)?;
            all.extend(items(other)?);
            if all.len() > MAX_ITEMS {
                let message = format!("a list may have at most {MAX_ITEMS} items");
                return Err(Error::new(ErrorKind::InvalidOperation, message));
            }
            Ok(list(all))
        }
        (ValueKind::String, _) | (_, ValueKind::String) => Ok(Value::from(join(&[one.clone(), other.clone()], "")?)),
        (one, other) => {
            let message = format!("{other} cannot be added to {one}; join them as text with ~");
            Err(Error::new(ErrorKind::InvalidOperation, message))
        }
    }
}

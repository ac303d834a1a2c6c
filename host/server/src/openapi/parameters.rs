//! Holds query strings against the parameters that the description lists, as Backstage does for its own routes.

use std::collections::HashMap;
use std::sync::LazyLock;

use host_api::{ApiError, ApiResult};

use super::catalog;
use crate::query::{Query, base};

/// Most parameters of one request.
const MOST: usize = 1000;

/// The parameters of an operation, each as its row has it.
type Known = &'static [&'static str];

static KNOWN: LazyLock<HashMap<(&'static str, &'static str), Known>> = LazyLock::new(|| {
    catalog::OPERATIONS.iter().map(|(method, path, _, _, parameters, ..)| ((*path, *method), *parameters)).collect()
});

/// Checks the names and values of a request's parameters. Routes that are not Backstage's take what they like.
///
/// # Errors
/// When there is one that the route does not know, one without a value, or one of the wrong form.
pub(crate) fn check(method: &http::Method, route: &str, query: &Query) -> ApiResult<()> {
    if query.pairs().is_empty() {
        return Ok(());
    }
    let method = match method.as_str() {
        "GET" | "HEAD" => "get",
        "POST" => "post",
        "PUT" => "put",
        "DELETE" => "delete",
        _ => return Ok(()),
    };
    let Some(known) = KNOWN.get(&(route, method)) else { return Ok(()) };
    if query.pairs().len() > MOST {
        return Err(ApiError::input(format!("there are more than {MOST} query parameters")));
    }
    for (key, value) in query.pairs() {
        let name = key.split('[').next().unwrap_or(key);
        // Whether a route takes an instant is its own matter.
        if name == "asOf" {
            continue;
        }
        let Some(parameter) = known.iter().find(|parameter| name_of(parameter) == name) else {
            let expected: Vec<&str> = known.iter().map(|parameter| name_of(parameter)).collect();
            let expected = if expected.is_empty() { "none".to_owned() } else { expected.join(", ") };
            let message = format!("Unknown query parameter '{name}'; this route knows {expected}");
            return Err(ApiError::input(message));
        };
        let wrong = |expected: &str| Err(ApiError::input(format!("request/query/{name} must be {expected}")));
        let several = query.pairs().iter().filter(|(other, _)| base(other) == name).nth(1).is_some();
        if is_list(parameter) {
            if base(key) != name {
                return wrong("array");
            }
        } else if several || key != name {
            return wrong(if is_number(name) { "integer" } else { "string" });
        }
        if value.is_empty() && !several {
            return Err(ApiError::input(format!("Empty value found for query parameter '{name}'")));
        }
        if let Some((_, allowed)) = parameter.split_once('=')
            && !allowed.split('|').any(|allowed| allowed == value)
        {
            let allowed = allowed.replace('|', ", ");
            return wrong(&format!("equal to one of the allowed values: {allowed}"));
        }
    }
    Ok(())
}

/// A parameter's name without the signs of its row.
pub(super) fn name_of(parameter: &str) -> &str {
    parameter.split(['*', '!', '=', ',']).next().unwrap_or(parameter)
}

/// Whether a parameter can be given several times, or is a list with commas.
fn is_list(parameter: &str) -> bool {
    parameter.contains(['*', ','])
}

/// Whether a parameter is a whole number.
pub(super) fn is_number(name: &str) -> bool {
    matches!(name, "limit" | "offset" | "pageLimit" | "depth" | "collapse" | "before" | "from" | "to" | "wait")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_backstage_refuses() {
        let entities = "/api/catalog/entities";
        let pages = "/api/catalog/entities/by-query";
        for (method, route, text, expected) in [
            ("GET", entities, "filter=kind=a&filter[]=b&filter[0]=c&fields=a,b&fields=c&limit=5", None),
            ("GET", entities, "filter=&filter=kind=a", None),
            ("GET", "/api/search/query", "whatever=1", None),
            ("HEAD", entities, "x=1", Some("Unknown query parameter 'x'; this route knows filter, fields, order,")),
            ("GET", entities, "Filter=1", Some("Unknown query parameter 'Filter'")),
            ("GET", entities, "filter=", Some("Empty value found for query parameter 'filter'")),
            ("GET", entities, "after=", Some("Empty value found for query parameter 'after'")),
            ("GET", entities, "filter[a]=b", Some("request/query/filter must be array")),
            ("GET", entities, "limit=1&limit=2", Some("request/query/limit must be integer")),
            ("GET", entities, "limit[]=1", Some("request/query/limit must be integer")),
            ("GET", pages, "cursor=a&cursor=b", Some("request/query/cursor must be string")),
            (
                "GET",
                pages,
                "totalItems=maybe",
                Some("request/query/totalItems must be equal to one of the allowed values: include, exclude"),
            ),
            ("POST", pages, "limit=1", Some("Unknown query parameter 'limit'; this route knows none")),
            ("GET", "/api/catalog/entities/by-uid/{uid}", "a", Some("Unknown query parameter 'a'")),
        ] {
            let method = method.parse().unwrap();
            let found = check(&method, route, &Query::parse(text)).err().map(|error| error.message);
            match expected {
                None => assert_eq!(found, None, "{text}"),
                Some(expected) => {
                    assert!(found.as_ref().is_some_and(|found| found.starts_with(expected)), "{text}: {found:?}");
                }
            }
        }
    }
}

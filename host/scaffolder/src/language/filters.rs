//! The filters that templates may use, by name.

use minijinja::Environment;
use minijinja::value::Value;

use super::value::{is_true, length};
use super::{entity_filters as entity, list_filters as lists, text_filters as texts};

/// The names of the filters that are documented for templates.
pub(super) const NAMES: &[&str] = &[
    "abs",
    "batch",
    "capitalize",
    "center",
    "default",
    "dictsort",
    "dump",
    "escape",
    "first",
    "float",
    "groupby",
    "indent",
    "int",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "nl2br",
    "parseEntityRef",
    "parseRepoUrl",
    "pick",
    "projectSlug",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "striptags",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
];

/// Adds the filters and tests, in place of those that behave otherwise in nunjucks.
pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("__length", |value: &Value| member_length(value));
    environment.add_filter("__pairs", lists::pairs);
    environment.add_filter("__charged", lists::charged);

    environment.add_filter("parseRepoUrl", entity::parse_repo_url);
    environment.add_filter("parseEntityRef", entity::parse_entity_ref);
    environment.add_filter("projectSlug", entity::project_slug);
    environment.add_filter("pick", entity::pick);

    for name in ["default", "d"] {
        environment.add_filter(name, default);
    }
    for name in ["length", "count"] {
        environment.add_filter(name, |value: &Value| length(value));
    }
    environment.add_filter("dump", texts::dump);
    environment.add_filter("lower", texts::lower);
    environment.add_filter("upper", texts::upper);
    environment.add_filter("capitalize", texts::capitalize);
    environment.add_filter("title", texts::title);
    environment.add_filter("trim", texts::trim);
    environment.add_filter("replace", texts::replace);
    environment.add_filter("truncate", texts::truncate);
    environment.add_filter("indent", texts::indent);
    environment.add_filter("center", texts::center);
    environment.add_filter("wordcount", texts::word_count);
    environment.add_filter("striptags", texts::strip_tags);
    environment.add_filter("nl2br", texts::line_breaks);
    environment.add_filter("urlencode", texts::urlencode);
    environment.add_filter("string", texts::string);
    environment.add_filter("safe", texts::string);
    environment.add_filter("int", texts::int);
    environment.add_filter("float", texts::float);
    environment.add_filter("round", texts::round);

    environment.add_filter("join", lists::join);
    environment.add_filter("first", lists::first);
    environment.add_filter("last", lists::last);
    environment.add_filter("list", lists::list);
    environment.add_filter("reverse", lists::reverse);
    environment.add_filter("sort", lists::sort);
    environment.add_filter("unique", lists::unique);
    environment.add_filter("sum", lists::sum);
    environment.add_filter("groupby", lists::groupby);
    environment.add_filter("selectattr", |value: &Value, attribute: &str| lists::by_attribute(value, attribute, true));
    environment.add_filter("rejectattr", |value: &Value, attribute: &str| lists::by_attribute(value, attribute, false));
    environment.remove_filter("pprint");

    environment.add_test("truthy", |value: &Value| is_true(value));
    environment.add_test("falsy", |value: &Value| !is_true(value));
}

/// `.length` of an object is its key of that name.
fn member_length(value: &Value) -> Value {
    match value.kind() {
        minijinja::value::ValueKind::Map => value.get_attr("length").unwrap_or(Value::UNDEFINED),
        minijinja::value::ValueKind::Undefined | minijinja::value::ValueKind::None => Value::UNDEFINED,
        _ => length(value),
    }
}

fn default(value: &Value, other: Option<Value>, or_false: Option<Value>) -> Value {
    let wants_true = or_false.as_ref().is_some_and(is_true);
    if value.is_undefined() || (wants_true && !is_true(value)) {
        other.unwrap_or_else(|| Value::from(""))
    } else {
        value.clone()
    }
}

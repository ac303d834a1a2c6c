use serde_json::{Value as Json, json};

use super::*;

fn context() -> Value {
    to_template(&json!({
        "parameters": {
            "name": "basil-forecast", "owner": "group:default/depots", "port": 8080, "yes": true, "no": false, "none": null,
            "empty": "", "list": ["b", "A", "c"], "nothing": [], "map": {"one": 1, "two": 2}, "ratio": 0.5,
            "repo": "github.com?owner=acme&repo=shop", "text": "a\nb",
            "people": [{"name": "Ada", "team": "x"}, {"name": "Bo", "team": "y"}, {"name": "Cy", "team": "x"}],
        },
        "steps": {"fetch-it": {"output": {"url": "https://a", "items": [1, 2]}}},
    }))
}

fn eval(source: &str) -> Result<Option<Json>, String> {
    standard().json(&Json::String(source.to_owned()), &context()).map_err(|error| error.to_string())
}

#[test]
fn one_expression_keeps_its_type() {
    for (expression, expected) in [
        ("parameters.port", json!(8080)),
        ("parameters.yes", json!(true)),
        ("parameters.none", json!(null)),
        ("parameters.empty", json!("")),
        ("parameters.list", json!(["b", "A", "c"])),
        ("parameters.map", json!({"one": 1, "two": 2})),
        ("parameters.port * 2", json!(16160)),
        ("parameters.port / 2", json!(4040)),
        ("parameters.ratio", json!(0.5)),
        ("parameters['name']", json!("basil-forecast")),
        ("steps['fetch-it'].output.items[1]", json!(2)),
        ("parameters.name === 'basil-forecast'", json!(true)),
        ("parameters.name !== 'x' and not parameters.no", json!(true)),
        ("'a' if parameters.no else 'b'", json!("b")),
        ("parameters.none == null", json!(true)),
        ("'null === x'", json!("null === x")),
        ("{'a': {'b': 1}}", json!({"a": {"b": 1}})),
        ("parameters.list | length", json!(3)),
        ("parameters.name.length", json!(14)),
        ("parameters.list.length > 2", json!(true)),
        ("parameters.missing | default('x')", json!("x")),
        ("parameters.empty | default('x')", json!("")),
        ("parameters.empty | default('x', true)", json!("x")),
        ("parameters.missing.deeper.still | default(3)", json!(3)),
        ("parameters.owner | parseEntityRef", json!({"kind": "group", "namespace": "default", "name": "depots"})),
        ("parameters.owner | parseEntityRef | pick('name')", json!("depots")),
        ("'Shop' | parseEntityRef({'defaultKind': 'System'}) | pick('kind')", json!("System")),
        ("parameters.repo | parseRepoUrl", json!({"host": "github.com", "owner": "acme", "repo": "shop"})),
        ("parameters.repo | projectSlug", json!("acme/shop")),
        ("parameters.map | pick('two')", json!(2)),
        ("parameters.name | upper", json!("BASIL-FORECAST")),
        ("'HELLO wORLD' | title", json!("Hello World")),
        ("'hELLO' | capitalize", json!("Hello")),
        ("parameters.name | replace('-', '_')", json!("basil_forecast")),
        ("'aaa' | replace('a', 'b', 2)", json!("bba")),
        ("parameters.list | join(', ')", json!("b, A, c")),
        ("parameters.people | join('+', 'name')", json!("Ada+Bo+Cy")),
        ("parameters.list | sort", json!(["A", "b", "c"])),
        ("parameters.list | sort(true)", json!(["c", "b", "A"])),
        ("parameters.people | sort(true, false, 'name') | first | pick('name')", json!("Cy")),
        ("parameters.list | reverse", json!(["c", "A", "b"])),
        ("'abc' | reverse", json!("cba")),
        ("parameters.list | first", json!("b")),
        ("parameters.list | last", json!("c")),
        ("[1, 1, 2] | unique", json!([1, 2])),
        ("[1, 2, 3] | sum", json!(6)),
        ("[1, 2, 3, 4, 5] | batch(2)", json!([[1, 2], [3, 4], [5]])),
        ("parameters.people | groupby('team') | pick('x') | length", json!(2)),
        ("parameters.people | selectattr('name') | length", json!(3)),
        ("[1, 2, 3] | select('odd')", json!([1, 3])),
        ("[1, 2, 3] | reject('odd')", json!([2])),
        ("parameters.people | map(attribute='name')", json!(["Ada", "Bo", "Cy"])),
        ("'12px' | int", json!(12)),
        ("'x' | int(7)", json!(7)),
        ("'1.5' | float", json!(1.5)),
        ("2.5 | round", json!(3)),
        ("-3 | abs", json!(3)),
        ("2.345 | round(2, 'floor')", json!(2.34)),
        ("'ab' | list", json!(["a", "b"])),
        ("'a b&c' | urlencode", json!("a%20b%26c")),
        ("'one two three' | truncate(8)", json!("one two...")),
        ("'one two' | wordcount", json!(2)),
        ("parameters.text | indent(2)", json!("a\n  b")),
        ("'<b>' | escape", json!("&lt;b&gt;")),
        ("parameters.map | dump", json!("{\"one\":1,\"two\":2}")),
        ("'it\\'s' | dump", json!("\"it's\"")),
        ("parameters.name.toUpperCase()", json!("BASIL-FORECAST")),
        ("parameters.name.split('-')", json!(["basil", "forecast"])),
        ("parameters.name.split('-').length", json!(2)),
        ("parameters.name.replace('a', 'o')", json!("bosil-forecast")),
        ("parameters.name.startsWith('basil')", json!(true)),
        ("parameters.list.includes('A')", json!(true)),
        ("parameters.name.slice(-8)", json!("forecast")),
        ("7.toString()", json!("7")),
        ("parameters.port ~ ''", json!("8080")),
        ("parameters.name + '-' + parameters.port", json!("basil-forecast-8080")),
        ("parameters.port + 1", json!(8081)),
        ("1 + 2 - 3 * -1 + +4", json!(10)),
        ("'a' ~ 1 + 2 ~ parameters.yes", json!("a3true")),
        ("'a' + 1 == 'a1' and not 'b' ~ 'c' == 'x'", json!(true)),
        ("[1] + [2]", json!([1, 2])),
        ("('a' + 1) | upper", json!("A1")),
        ("'x' + ('b' ~ 2) | upper", json!("xB2")),
        ("{'a': 'b' + 1, 'c': [1 + 1, 'd' ~ 'e']}", json!({"a": "b1", "c": [2, "de"]})),
        ("parameters.list | join('-' + '-')", json!("b--A--c")),
        ("'y' + 1 if 'a' + 'b' == 'ab' else 'n'", json!("y1")),
        ("parameters.list[0 + 1]", json!("A")),
        ("parameters.list.length + 1", json!(4)),
    ] {
        let got = eval(&format!("${{{{ {expression} }}}}"));
        assert_eq!(got, Ok(Some(expected)), "{expression}");
    }
}

#[test]
fn mixed_text_prints_as_javascript_does() {
    for (source, expected) in [
        ("a ${{ parameters.name }} b", Some("a basil-forecast b")),
        ("${{ parameters.yes }}/${{ parameters.no }}", Some("true/false")),
        ("${{ parameters.none }}|${{ parameters.missing.x }}", Some("|")),
        ("${{ parameters.list }}!", Some("b,A,c!")),
        ("${{ parameters.map }}!", Some("[object Object]!")),
        ("${{ 4 / 2 }}!", Some("2!")),
        ("{% if parameters.nothing %}x{% endif %}", Some("x")),
        ("{% if parameters.empty %}x{% endif %}", None),
        ("", None),
        ("{{ kept }} ${{ parameters.port }}", Some("{{ kept }} 8080")),
        (
            "{% for item in parameters.list %}${{ loop.index }}${{ item }}{% if not loop.last %},{% endif %}{% endfor %}",
            Some("1b,2A,3c"),
        ),
        ("{% for key, value in parameters.map %}${{ key }}=${{ value }};{% endfor %}", Some("one=1;two=2;")),
        ("{%- for key, value in parameters.missing -%}x{%- endfor %}.", Some(".")),
        ("{% if parameters.no %}a{% elseif parameters.yes %}b{% endif %}", Some("b")),
        ("{% raw %}${{ parameters.name }}{% endraw %}", Some("${{ parameters.name }}")),
        ("{% verbatim %}${{ x === y }}{% endverbatim %}", Some("${{ x === y }}")),
        ("a{# ${{ no }} #}b", Some("ab")),
        ("{% set x = parameters.port %}${{ x + 1 }}.", Some("8081.")),
        ("{% macro hi(name) %}hi ${{ name }}{% endmacro %}${{ hi('you') }}", Some("hi you")),
        ("20 {% off", Some("20 {% off")),
        ("{% for x in parameters.map %}x{% endfor %}.", Some(".")),
        ("{% for x in parameters.list + ['d'] %}${{ x + loop.index }}{% else %}none{% endfor %}", Some("b1A2c3d4")),
        ("{% for x in parameters.nothing %}x{% else %}none{% endfor %}", Some("none")),
        ("{% set y = 'a' + 1 %}{% if y + 'b' == 'a1b' %}${{- y ~ 'c' -}}{% endif %}", Some("a1c")),
        ("line\n", Some("line\n")),
        ("line ${{ 1 }}\n", Some("line 1\n")),
    ] {
        assert_eq!(eval(source), Ok(expected.map(|text| json!(text))), "{source}");
    }
}

#[test]
fn undefined_drops_keys_and_errors_say_where() {
    let value =
        json!({"a": "${{ parameters.missing }}", "b": ["${{ parameters.port }}", {"c": "${{ parameters.missing }}"}]});
    assert_eq!(standard().json(&value, &context()), Ok(Some(json!({"b": [8080, {}]}))));

    for (value, expected) in [
        (
            json!({"files": [{"to": "${{ parameters.name | uper }}"}]}),
            r#"at /files/0/to, in "${{ parameters.name | uper }}": filter uper is unknown; the nearest one is upper"#,
        ),
        (json!("x ${{ parameters.name"), r#"in "x ${{ parameters.name": syntax error: `${{` has no `}}`"#),
        (
            json!("{% if parameters.name | nothing %}x{% endif %}"),
            r#"in "{% if parameters.name | nothing %}x{% endif %}": filter nothing is unknown"#,
        ),
        (json!("${{ a && b }}"), r#"in "${{ a && b }}": syntax error: write `and` instead of `&&`"#),
        (
            json!("one\ntwo ${{ parameters.repo.nope() }}"),
            r#"in "one\ntwo ${{ parameters.repo.nope() }}", line 2: string has no method named nope"#,
        ),
        (
            json!("${{ parameters.missing.trim() }}"),
            r#"in "${{ parameters.missing.trim() }}": trim() is called on a value that is missing"#,
        ),
        (
            json!("${{ 'github.com' | parseRepoUrl }}"),
            "in \"${{ 'github.com' | parseRepoUrl }}\": the repository address \"github.com\" has no owner; write it as github.com?owner=…&repo=…",
        ),
    ] {
        let error = standard().json(&value, &context()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

const DOUBLING: &str = "{% set a = 'aaaaaaaa' %}{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}";
const NESTED: &str = "{% set a = [1,1,1,1,1,1,1,1,1,1] %}{% set a = [a,a,a,a,a,a,a,a,a,a] %}{% set a = [a,a,a,a,a,a,a,a,a,a] %}{% set a = [a,a,a,a,a,a,a,a,a,a] %}{% set a = [a,a,a,a,a,a,a,a,a,a] %}{% set a = [a,a,a,a,a,a,a,a,a,a] %}{% set a = [a,a,a,a,a,a,a,a,a,a] %}{% set a = [a,a,a,a,a,a,a,a,a,a] %}{% set a = [a,a,a,a,a,a,a,a,a,a] %}${{ a }}";

#[test]
fn evaluation_is_bounded() {
    for source in [
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}${{ 1 }}",
        "{% for a in range(20000) %}${{ 'x' * 2000 }}{% endfor %}",
        "{% macro a() %}${{ a() }}{% endmacro %}${{ a() }}",
        "${{ 'x'.repeat(100000000) }}",
        DOUBLING,
        "{% macro f(x, n) %}{% if n > 0 %}${{ f(x + x + x + x, n - 1) }}{% endif %}{% endmacro %}${{ f('aaaa', 40) }}",
        "{% set x %}{% for a in range(90000) %}{% for b in range(90000) %}some text that is not short{% endfor %}{% endfor %}{% endset %}",
        "${{ ('a,' * 1000000) | replace(',', 'b' * 1000000) }}",
        NESTED,
    ] {
        assert!(eval(source).is_err(), "{source}");
    }
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    assert!(standard().json(&deep, &context()).is_err());
}

#[test]
fn truth_of_conditions() {
    for (value, expected) in [
        (json!(false), false),
        (json!(null), false),
        (json!(""), false),
        (json!(0), false),
        (json!([]), false),
        (json!("false"), true),
        (json!({}), true),
        (json!([0]), true),
        (json!(1), true),
    ] {
        assert_eq!(is_truthy(Some(&value)), expected, "{value}");
    }
    assert!(!is_truthy(None));
}

#[test]
fn lines_around_tags_are_trimmed_on_demand() {
    let source = "a\n  {% if true %}\nb\n  {% endif %}\nc\n";
    let context = context();
    assert_eq!(Language::new(true, true).text(source, &context).unwrap(), "a\nb\nc\n");
    assert_eq!(Language::new(false, false).text(source, &context).unwrap(), "a\n  \nb\n  \nc\n");
}

//! Findings as SARIF 2.1.0, which code hosts show on pull requests.

use std::collections::BTreeSet;

use host_model::{Diagnostic, Severity};
use serde_json::{Value, json};

/// The document for one run.
pub(super) fn document(findings: &[Diagnostic]) -> Value {
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "callboard",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>()
            } },
            "results": findings.iter().map(result).collect::<Vec<_>>()
        }]
    })
}

fn result(finding: &Diagnostic) -> Value {
    let level = match finding.severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let text = match &finding.hint {
        Some(hint) => format!("{} Hint: {hint}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({ "ruleId": finding.code, "level": level, "message": { "text": text } });
    if let Some(place) = &finding.place
        && let Some(file) = &place.file
    {
        let uri: String = file.replace('\\', "/").split('/').map(encode).collect::<Vec<_>>().join("/");
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": uri },
            "region": { "startLine": place.line, "startColumn": place.column }
        } }]);
    }
    result
}

/// A segment of a path as a part of a URI.
fn encode(segment: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    segment.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use host_model::Place;

    use super::*;

    #[test]
    fn tells_rule_level_and_place() {
        let place = Place { file: Some("a b/catalog-info.yaml".to_owned()), line: 3, column: 5 };
        let document = document(&[Diagnostic::warning("entity/tag", "Bad tag.").at(place).hint("Use lower case.")]);
        let result = &document["runs"][0]["results"][0];
        assert_eq!(result["ruleId"], "entity/tag");
        assert_eq!(result["level"], "warning");
        assert_eq!(result["message"]["text"], "Bad tag. Hint: Use lower case.");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/catalog-info.yaml");
        assert_eq!(place["region"], json!({ "startLine": 3, "startColumn": 5 }));
    }
}

//! What may be read from elsewhere: `backend.reading` and `integrations`.

use std::time::Duration;

use host_model::diagnostic::Severity;

use crate::decode::Field;
use crate::types::{Integration, Integrations, Reading, ReadingAllow};

pub(crate) fn reading(field: &Field<'_>) -> Reading {
    let default = Reading::default();
    let command = field.get("sshCommand");
    let mut ssh_command = command.as_ref().map(|command| command.texts(false)).unwrap_or_default();
    if let [line] = ssh_command.as_slice() {
        ssh_command = line.split_whitespace().map(str::to_owned).collect();
    }
    if let Some(command) = command
        && ssh_command.iter().all(String::is_empty)
    {
        let message = format!("`{}` names no program", command.path());
        command.complain("config/value", message, Some("write it like `[ssh, -i, /etc/callboard/id_ed25519]`"));
    }
    let timeout = field.get("timeout");
    let limit = timeout.as_ref().and_then(|timeout| timeout.duration());
    if let Some(timeout) = timeout
        && limit.is_some_and(|limit| limit.is_zero() || limit > Duration::from_secs(3_600))
    {
        let message = format!("`{}` should be more than nothing and at most an hour", timeout.path());
        timeout.complain("config/value", message, None);
    }
    Reading {
        allow: field.items("allow").iter().filter_map(allowed).collect(),
        timeout: limit.unwrap_or(default.timeout),
        ssh_command: if ssh_command.is_empty() { default.ssh_command } else { ssh_command },
    }
}

fn allowed(field: &Field<'_>) -> Option<ReadingAllow> {
    if !field.expect_map("a mapping with `host`") {
        return None;
    }
    let Some(host) = field.get("host") else {
        field.missing("host");
        return None;
    };
    let paths = field.get("paths").map(|paths| paths.texts(false));
    if paths.iter().flatten().any(|path| !path.starts_with('/')) {
        let message = format!("`{}.paths` holds a path that does not begin with `/`", field.path());
        field.complain("config/value", message, Some("write the beginnings of paths like `/catalog/`"));
    }
    Some(ReadingAllow { host: host_name(&host, true)?, paths, allow_private_network: private_network(field) })
}

fn private_network(field: &Field<'_>) -> bool {
    field.get("allowPrivateNetwork").and_then(|value| value.boolean()).unwrap_or(false)
}

/// A host with or without a port, without a scheme and path.
fn host_name(field: &Field<'_>, may_be_pattern: bool) -> Option<String> {
    let text = field.text()?.trim().to_ascii_lowercase();
    let name = text.strip_prefix("*.").filter(|_| may_be_pattern).unwrap_or(&text);
    let is_host = !name.is_empty()
        && !name.starts_with(['-', '.'])
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    if !is_host {
        let hint = if may_be_pattern {
            "write only the host: `example.com`, `example.com:8443` or `*.example.com`"
        } else {
            "write only the host: `git.example.com` or `git.example.com:8443`"
        };
        field.complain("config/value", format!("`{}` is not the name of a host", field.path()), Some(hint));
        return None;
    }
    Some(text)
}

pub(crate) fn integrations(field: &Field<'_>) -> Integrations {
    let all = |key, usual_host| field.items(key).iter().filter_map(|item| integration(item, usual_host)).collect();
    Integrations {
        github: all("github", None),
        gitlab: all("gitlab", None),
        gitea: all("gitea", None),
        bitbucket_cloud: all("bitbucketCloud", Some("bitbucket.org")),
        bitbucket_server: all("bitbucketServer", None),
        azure: all("azure", Some("dev.azure.com")),
        gerrit: all("gerrit", None),
        git: all("git", None),
    }
}

fn integration(field: &Field<'_>, usual_host: Option<&str>) -> Option<Integration> {
    if !field.expect_map("a mapping with `host`") {
        return None;
    }
    let host = match (field.get("host"), usual_host) {
        (Some(host), _) => host_name(&host, false)?,
        (None, Some(usual)) => usual.to_owned(),
        (None, None) => {
            field.missing("host");
            return None;
        }
    };
    let url = |key| field.get(key).and_then(|url| url.url());
    let secret = |key| field.get(key).and_then(|value| value.secret()).filter(|secret| !secret.expose().is_empty());
    // Azure lists its credentials; the first one that is a token is the one to read with.
    let listed = field.items("credentials");
    let in_list = listed.iter().find_map(|item| item.get("personalAccessToken").and_then(|token| token.secret()));
    if !listed.is_empty() && in_list.is_none() {
        let message =
            format!("`{}.credentials` holds no `personalAccessToken`, the only kind that is used", field.path());
        field.complain_as(Severity::Warning, "config/unused-key", message, Some("add a personal access token"));
    }
    Some(Integration {
        host,
        token: secret("token").or(in_list.filter(|secret| !secret.expose().is_empty())),
        username: field.get("username").and_then(|name| name.text()).filter(|name| !name.is_empty()),
        password: secret("password").or_else(|| secret("appPassword")),
        api_base_url: url("apiBaseUrl"),
        base_url: url("rawBaseUrl").or_else(|| url("baseUrl")),
        clone_url: url("cloneUrl"),
        allow_private_network: private_network(field),
    })
}

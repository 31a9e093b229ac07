//! `gateway secret`: values of a project that are sealed to nodes on the chain.

use std::io::Read as _;
use std::path::Path;

use gateway_api::{
    ExecuteMsg, NodeId, ProjectId, ProjectResponse, QueryMsg, SecretHost, SecretId, SecretName,
    SecretResponse, SecretsResponse, VersionResponse,
};
use gateway_chain::GatewayQuery;
use gateway_daemon_runtime::SecretString;
use gateway_engine::Manifest;
use gateway_protocol::Domain;
use serde_json::json;

use super::sealing::{Recipients, recipients, set_secret, unable};
use super::session::Session;
use crate::arguments::{Secret, SecretAction, secret_source};
use crate::commands::CommandError;

/// Runs a command on sealed secrets.
pub(in crate::commands) async fn run(command: Secret) -> Result<(), CommandError> {
    let session = Session::open(&command.chain, Path::new("."))?;
    match command.action {
        SecretAction::Set { project, name, host, value } => {
            let id = secret_id(&name, &host)?;
            set(&session, ProjectId(project), id, &value_of(&value)?).await
        }
        SecretAction::List { project } => list(&session, ProjectId(project)).await,
        SecretAction::Remove { project, name, host } => {
            let SecretId { name, host } = secret_id(&name, &host)?;
            let message = ExecuteMsg::RemoveSecret { project: ProjectId(project), name, host };
            session
                .send_and_report(
                    &message,
                    0,
                    "the secret is removed; nodes that have read it may still know it",
                )
                .await
        }
    }
}

fn secret_id(name: &str, host: &str) -> Result<SecretId, CommandError> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let id = SecretId {
        name: SecretName::new(name).map_err(|e| format!("the name: {e}"))?,
        host: SecretHost::new(host.as_str()).map_err(|e| {
            format!(
                "--host {host:?}: {e}; write it as the code's manifest does, without scheme, port and path"
            )
        })?,
    };
    match id.fault() {
        Some(fault) => Err(fault.into()),
        None => Ok(id),
    }
}

/// Reads a value from where the option says; one trailing newline is not part of it.
fn value_of(text: &str) -> Result<SecretString, CommandError> {
    if text == "-" {
        let mut value = String::new();
        std::io::stdin().read_to_string(&mut value)?;
        let line = value.trim_end_matches(['\r', '\n']).len();
        value.truncate(line);
        return Ok(SecretString::new(value));
    }
    let source = secret_source(text)
        .ok_or("--value takes env:VARIABLE, file:PATH or -: a value on the command line is seen by others")?;
    Ok(source.load()?)
}

async fn set(
    session: &Session,
    project: ProjectId,
    id: SecretId,
    value: &SecretString,
) -> Result<(), CommandError> {
    let query = session.query().await?;
    let Recipients { keys, without } = recipients(&query).await?;
    let contract = session.network.contract()?;
    let domain = Domain { chain_id: &session.network.chain_id, contract };
    let message = set_secret(&domain, project, &id, &keys, value)?;
    if let Some(unused) = unused(&query, project, &id).await? {
        session.progress(&unused);
    }
    let (nodes, named) = (keys.len(), id);
    let Some(sent) = session.send(&message, 0).await? else { return Ok(()) };
    session.print(&sent.json(json!({ "nodes": nodes, "without": without })), || {
        let mut text =
            format!("{named} of project {project} is sealed to {nodes} nodes (transaction {})", sent.hash);
        if !without.is_empty() {
            text.push_str(&format!("\n{}", unable(&without)));
        }
        text
    })
}

/// Warns if the active code does not list the host: it cannot send the secret there. Not an error, because a secret may be set
/// before the version that uses it.
async fn unused(
    query: &GatewayQuery,
    project: ProjectId,
    id: &SecretId,
) -> Result<Option<String>, CommandError> {
    let ProjectResponse { active, .. } = query.ask(&QueryMsg::Project { project }).await?.value;
    let version: VersionResponse = query.ask(&QueryMsg::Version { project, version: active }).await?.value;
    let manifest = Manifest { hosts: version.policy.hosts, ..Manifest::default() };
    Ok((!manifest.allows_host(id.host.as_str())).then(|| {
        let hosts = if manifest.hosts.is_empty() { "none".to_owned() } else { manifest.hosts.join(", ") };
        format!(
            "warning: version {active} of project {project} sends this secret nowhere: {} is not among its hosts ({hosts})",
            id.host
        )
    }))
}

async fn list(session: &Session, project: ProjectId) -> Result<(), CommandError> {
    let query = session.query().await?;
    let Recipients { keys, mut without } = recipients(&query).await?;
    without.extend(keys.iter().map(|key| key.node));
    let mut secrets: Vec<SecretResponse> = Vec::new();
    loop {
        let start_after =
            secrets.last().map(|last| SecretId { name: last.name.clone(), host: last.host.clone() });
        let question = QueryMsg::Secrets { project, start_after, limit: None };
        let page: SecretsResponse = query.ask(&question).await?.value;
        if page.secrets.is_empty() {
            break;
        }
        secrets.extend(page.secrets);
    }
    // A node opens what is sealed to its current key.
    let opens = |secret: &SecretResponse, node: NodeId| {
        secret
            .nodes
            .iter()
            .any(|to| to.node == node && keys.iter().any(|key| key.node == node && key.key == to.key))
    };
    let cannot: Vec<Vec<NodeId>> = secrets
        .iter()
        .map(|secret| without.iter().copied().filter(|node| !opens(secret, *node)).collect())
        .collect();
    let whole: Vec<_> = secrets
        .iter()
        .zip(&cannot)
        .map(|(secret, cannot)| json!({ "name": secret.name, "host": secret.host, "height": secret.height, "nodes": secret.nodes, "without": cannot }))
        .collect();
    session.print(&json!({ "project": project, "secrets": whole }), || {
        let lines = secrets.iter().zip(&cannot).map(|(secret, cannot)| {
            let id = SecretId { name: secret.name.clone(), host: secret.host.clone() };
            let line = format!("{id}, sealed to {} nodes at height {}", secret.nodes.len(), secret.height);
            if cannot.is_empty() { line } else { format!("{line}\n  {}", unable(cannot)) }
        });
        let lines: Vec<_> = lines.collect();
        if lines.is_empty() { format!("project {project} has no secrets") } else { lines.join("\n") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_host_are_as_the_contract_takes_them() {
        let id = secret_id("API_KEY", "API.example.com.").unwrap();
        assert_eq!(id.to_string(), "API_KEY for api.example.com");
        for (name, host) in [("a b", "h"), ("", "h"), ("K", "h:1"), ("K", "")] {
            assert!(secret_id(name, host).is_err(), "{name} {host}");
        }
    }

    #[test]
    fn a_value_is_not_taken_from_the_command_line() {
        let error = value_of("hunter2").unwrap_err().to_string();
        assert!(error.starts_with("--value takes env:VARIABLE, file:PATH or -"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

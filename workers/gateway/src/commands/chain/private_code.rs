//! `gateway code`: a project's code, sealed to nodes.

use std::path::Path;

use gateway_api::{CodeHash, NodeId, ProjectId, ProjectResponse, QueryMsg, Version, VersionResponse};
use gateway_protocol::Domain;
use gateway_sealing::seal_code;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::code_store::CodeStore;
use super::sealing::{Recipients, recipients, require, unable};
use super::session::Session;
use crate::arguments::{Code, CodeAction};
use crate::commands::{CommandError, code_file};

/// Runs a command on private code.
pub(in crate::commands) async fn run(command: Code) -> Result<(), CommandError> {
    let session = Session::open(&command.chain, Path::new("."))?;
    let CodeAction::Seal { file, project, store } = command.action;
    let store = CodeStore::of(&session, &store)?;
    let project = ProjectId(project);
    let code = code_file::read(&file)?;
    require_version(&session, project, CodeHash(Sha256::digest(&code).into())).await?;
    let sealed = seal(&session, &store, project, &code, to_whom(&session).await?).await?;
    let Sealed { sha256, nodes, without, .. } = &sealed;
    let whole = json!({ "project": project, "sha256": sha256, "nodes": nodes, "without": without });
    session.print(&whole, || sealed.text())
}

/// Code that a store holds for nodes.
pub(super) struct Sealed {
    project: ProjectId,
    sha256: CodeHash,
    nodes: usize,
    without: Vec<NodeId>,
}

impl Sealed {
    /// Describes what was done, for people.
    pub(super) fn text(&self) -> String {
        let Self { project, sha256, nodes, without } = self;
        let text = format!("code {sha256} of project {project} is sealed to {nodes} nodes");
        if without.is_empty() { text } else { format!("{text}\n{}", unable(without)) }
    }
}

/// Returns the nodes that code can be sealed to.
///
/// # Errors
/// [`CommandError`] when no node has published a key, or with the text of a `ChainError`.
pub(super) async fn to_whom(session: &Session) -> Result<Recipients, CommandError> {
    let found = recipients(&session.query().await?).await?;
    require(&found.keys)?;
    Ok(found)
}

/// Seals code to nodes, and sends it to a store.
///
/// # Errors
/// [`CommandError`] with the text of a `SealingError`, of what is wrong with the code's size, or of the store.
pub(super) async fn seal(
    session: &Session,
    store: &CodeStore,
    project: ProjectId,
    code: &[u8],
    Recipients { keys, without }: Recipients,
) -> Result<Sealed, CommandError> {
    let domain = Domain { chain_id: &session.network.chain_id, contract: session.network.contract()? };
    let sealed = seal_code(&domain, project, code, keys.iter().map(|key| (key.node, key.key)))
        .map_err(|error| format!("sealing the code: {error}"))?;
    if let Some(fault) = sealed.fault() {
        return Err(format!("the code: {fault}").into());
    }
    store.put_sealed(session, &sealed).await?;
    Ok(Sealed { project, sha256: sealed.sha256, nodes: keys.len(), without })
}

/// Refuses code that no version of a project pins: nodes would never ask for it.
///
/// # Errors
/// [`CommandError`] when no version has the hash, or as [`Session::ask`].
async fn require_version(session: &Session, project: ProjectId, code: CodeHash) -> Result<(), CommandError> {
    let query = session.query().await?;
    let ProjectResponse { latest, .. } = query.ask(&QueryMsg::Project { project }).await?.value;
    // The newest first: code sealed anew is usually the active one.
    for version in (1..=latest.0).rev().map(Version) {
        let pinned: VersionResponse = query.ask(&QueryMsg::Version { project, version }).await?.value;
        if pinned.code.sha256 == code {
            return Ok(());
        }
    }
    Err(format!(
        "no version of project {project} has the code {code}: nothing is sealed. `gateway deploy --private` adds a version; the file may \
         also have been changed since"
    )
    .into())
}

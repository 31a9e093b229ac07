//! Compares the project that `gateway.toml` records for a network with the contract's project of that number: networks on a
//! developer's machine are recreated, and then the number belongs to another project.

use gateway_api::{ProjectId, ProjectsResponse, QueryMsg};

use super::session::Session;
use crate::commands::CommandError;
use crate::commands::project_file::{FILE, ProjectFolder};

/// Returns the project of a folder.
///
/// # Errors
/// [`CommandError`] when the folder has no project on the network, or as [`find`].
pub(super) async fn required(session: &Session, folder: &ProjectFolder) -> Result<ProjectId, CommandError> {
    find(session, folder).await?.ok_or_else(|| {
        let network = &session.network.name;
        format!("{FILE} has no project id for the network {network}: `gateway deploy --network {network}` registers the project, or name one")
            .into()
    })
}

/// Returns the project of a folder, if it is registered on the network. If messages are only printed, the contract is not
/// queried.
///
/// # Errors
/// [`CommandError`] when the contract has no such project, or one with another name; or as [`Session::ask`].
pub(super) async fn find(
    session: &Session,
    folder: &ProjectFolder,
) -> Result<Option<ProjectId>, CommandError> {
    let network = &session.network.name;
    let Some(project) = folder.project.id.get(network).copied().map(ProjectId) else { return Ok(None) };
    if session.generates_only() {
        return Ok(Some(project));
    }
    let stale = |what: &str| {
        format!(
            "{FILE} has project {project} for the network {network}, and {what}. If the network began anew or the contract is another one, take \
             `{network}` out of `id` in {FILE} and deploy again"
        )
    };
    // Lists from this number on, so that a missing project does not make the query fail.
    let start_after = Some(ProjectId(project.get().saturating_sub(1)));
    let page: ProjectsResponse = session.ask(&QueryMsg::Projects { start_after, limit: Some(1) }).await?;
    match page.projects.first().filter(|known| known.project == project) {
        None => Err(stale("the contract has none").into()),
        Some(known) if known.name.as_str() != folder.project.name => {
            let (there, here) = (known.name.as_str(), &folder.project.name);
            Err(stale(&format!("the contract's project {project} is called {there:?}, not {here:?}")).into())
        }
        Some(_) => Ok(Some(project)),
    }
}

//! `gateway deploy`: uploads a project's code to where nodes find it, and registers its project and version on the chain.

use std::process::ExitCode;

use gateway_api::events::GatewayEvent;
use gateway_api::{
    Cid, CodeHash, CodeRef, CodeSource, Codec, Description, ExecuteMsg, FeeResponse, Name, Policy, ProjectId,
    ProjectResponse, QueryMsg, Version, VersionResponse,
};
use gateway_engine::{CodeLoader, CodeLoaderConfig, FetchConfig};
use serde_json::json;

use super::code_store::CodeStore;
use super::session::Session;
use super::{coins, private_code, registered};
use crate::arguments::Deploy;
use crate::commands::project_file::ProjectFolder;
use crate::commands::{CommandError, build, code_file, local_engine};

/// The code does not compile.
const REFUSED: u8 = 3;

/// Runs `gateway deploy`.
pub(in crate::commands) async fn run(options: Deploy) -> Result<ExitCode, CommandError> {
    let project = ProjectFolder::read(&options.folder)?;
    let session = Session::open(&options.chain, &project.folder)?;
    if project.project.entry.is_some() {
        let built = build::bundle(&project, None)?;
        session.progress(&built.text());
    }
    let code = code_file::read(&project.code())?;
    let engine = local_engine::start(1, FetchConfig::default()).await?;
    let report = engine.check(&code).await;
    engine.shutdown().await;
    let report = report?;
    if let Some((class, body)) = report.error {
        eprintln!("error: {} does not compile: {} {body}", project.code().display(), class.as_str());
        return Ok(ExitCode::from(REFUSED));
    }
    let hash = CodeHash(report.sha256);
    session.progress(&format!("{}: {} bytes, sha256 {hash}", project.project.name, code.len()));
    let policy = project.policy_for(report.manifest.as_ref())?;

    let sources =
        options.sources.iter().map(|text| source(text, &report.sha256)).collect::<Result<Vec<_>, _>>()?;
    let code_ref = CodeRef { sha256: hash, size: u32::try_from(code.len())?, sources };
    if let Some(fault) = code_ref.fault() {
        return Err(format!("--source: {fault}").into());
    }
    let known = match options.project {
        Some(named) => Some(ProjectId(named)),
        None => registered::find(&session, &project).await?,
    };
    if options.private || project.project.private {
        if code_ref.sources != [CodeSource::Store {}] {
            return Err(
                "private code takes the one source `store`: others have the code in plain; `private = true` in gateway.toml makes it private"
                    .into(),
            );
        }
        return private(&session, &options, &project, known, &code, code_ref, policy).await;
    }
    if code_ref.sources.contains(&CodeSource::Store {}) && !session.generates_only() {
        CodeStore::of(&session, &options.store)?.put(&session, &code, hash).await?;
    }
    if !options.unverified && !session.generates_only() {
        verify(&session, &options, &code_ref).await?;
    }
    match known {
        None => register(&session, &project, code_ref, policy).await.map(|_| ()),
        Some(id) => add_version(&session, id, code_ref, policy, options.inactive).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Deploys code sealed to the nodes: before its version becomes active if the project is registered, otherwise right after
/// registration.
async fn private(
    session: &Session,
    options: &Deploy,
    project: &ProjectFolder,
    known: Option<ProjectId>,
    code: &[u8],
    code_ref: CodeRef,
    policy: Policy,
) -> Result<ExitCode, CommandError> {
    let store = CodeStore::of(session, &options.store)?;
    if store.has(code_ref.sha256).await? {
        return Err(format!(
            "the code store has the code {} in plain already: to seal it hides nothing. Change the code, so that it has another hash",
            code_ref.sha256
        )
        .into());
    }
    project.remember_private()?;
    // Before registering a project that no node can run.
    let nodes = private_code::to_whom(session).await?;
    let seal = async |id| {
        let sealed = private_code::seal(session, &store, id, code, nodes).await?;
        session.progress(&sealed.text());
        Ok::<_, CommandError>(())
    };
    match known {
        Some(id) => {
            seal(id).await?;
            add_version(session, id, code_ref, policy, options.inactive).await?;
        }
        None => {
            if let Some(id) = register(session, project, code_ref, policy).await? {
                seal(id).await?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Parses a source as named on the command line.
fn source(text: &str, sha256: &[u8; 32]) -> Result<CodeSource, CommandError> {
    let github = || "github takes OWNER/REPO@COMMIT:PATH";
    Ok(match text.split_once(':') {
        None if text == "store" => CodeSource::Store {},
        None if text == "ipfs" => {
            CodeSource::Ipfs { cid: Cid { codec: Codec::Raw, digest: CodeHash(*sha256) }.to_string() }
        }
        Some(("ipfs", cid)) => CodeSource::Ipfs { cid: cid.to_owned() },
        Some(("github", place)) => {
            let (repository, rest) = place.split_once('@').ok_or_else(github)?;
            let (owner, repo) = repository.split_once('/').ok_or_else(github)?;
            let (commit, path) = rest.split_once(':').ok_or_else(github)?;
            let [owner, repo, commit, path] = [owner, repo, commit, path].map(str::to_owned);
            CodeSource::Github { owner, repo, commit, path }
        }
        Some(("https", _)) => CodeSource::Https { url: text.to_owned() },
        _ => {
            return Err(format!(
                "--source: {text:?} is none of store, github:OWNER/REPO@COMMIT:PATH, ipfs, ipfs:CID and https://…"
            )
            .into());
        }
    })
}

/// Loads the code from where the version says it is, as a node does.
async fn verify(session: &Session, options: &Deploy, code: &CodeRef) -> Result<(), CommandError> {
    for source in &code.sources {
        // Each source separately: the fallbacks of nodes should have it too.
        let cache = tempfile::tempdir()?;
        let mut config = CodeLoaderConfig::new(cache.path());
        config.stores = CodeStore::url_of(session, &options.store).into_iter().collect();
        config.allow_http_loopback = true;
        CodeLoader::new(config)?.load(code.sha256.0, code.size, std::slice::from_ref(source)).await.map_err(
            |e| format!("nodes would not find the code: {e}; --unverified registers it all the same"),
        )?;
    }
    session.progress("every source has the code");
    Ok(())
}

/// Registers the project; returns `None` if the message was only printed.
async fn register(
    session: &Session,
    project: &ProjectFolder,
    code: CodeRef,
    policy: Policy,
) -> Result<Option<ProjectId>, CommandError> {
    let message = ExecuteMsg::RegisterProject {
        name: Name::new(&project.project.name).map_err(|e| format!("project.name: {e}"))?,
        description: Description::new(&project.project.description)
            .map_err(|e| format!("project.description: {e}"))?,
        code,
        policy,
    };
    let Some(sent) = session.send(&message, 0).await? else { return Ok(None) };
    let registered = sent.events.iter().find_map(|event| match event {
        GatewayEvent::ProjectRegistered(event) => Some(event.project),
        _ => None,
    });
    let id = registered.ok_or("the transaction registered no project")?;
    project.remember(&session.network.name, id.0)?;
    let fee: FeeResponse =
        session.ask(&QueryMsg::EstimateFee { project: id, overrides: None, callback: None }).await?;
    let fee = coins(fee.total.u128(), &fee.denom);
    session.print(&sent.json(json!({ "project": id, "version": 1 })), || {
        format!(
            "project {id} is registered (transaction {}); a request reserves {fee}\n\nAsk it: gateway request {id} --input '…' --wait --network {}",
            sent.hash, session.network.name
        )
    })?;
    Ok(Some(id))
}

async fn add_version(
    session: &Session,
    project: ProjectId,
    code: CodeRef,
    policy: Policy,
    inactive: bool,
) -> Result<(), CommandError> {
    if !session.generates_only() {
        let known: ProjectResponse = session.ask(&QueryMsg::Project { project }).await?;
        let active: VersionResponse =
            session.ask(&QueryMsg::Version { project, version: known.active }).await?;
        if active.code == code && active.policy == policy {
            session
                .print(&json!({ "project": project, "version": known.active, "changed": false }), || {
                    format!("version {} of project {project} has this code and policy already", known.active)
                })?;
            return Ok(());
        }
    }
    let message = ExecuteMsg::AddVersion { project, code, policy };
    let Some(sent) = session.send(&message, 0).await? else { return Ok(()) };
    let added = sent.events.iter().find_map(|event| match event {
        GatewayEvent::VersionAdded(event) => Some(event.version),
        _ => None,
    });
    let version: Version = added.ok_or("the transaction added no version")?;
    if !inactive {
        session.send(&ExecuteMsg::ActivateVersion { project, version }, 0).await?;
    }
    session.print(&sent.json(json!({ "project": project, "version": version, "active": !inactive })), || {
        if inactive {
            format!("version {version} of project {project} is added\n\nActivate it: gateway project activate {project} {version} --network {}", session.network.name)
        } else {
            format!("version {version} of project {project} is active; `gateway project activate` goes back to an older one")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_as_they_are_written() {
        let read = |text: &str| source(text, &[7; 32]).map_err(|e| e.to_string());
        assert_eq!(read("store"), Ok(CodeSource::Store {}));
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(
            read(&format!("github:ada/feeds@{commit}:price/price.js")),
            Ok(CodeSource::Github {
                owner: "ada".to_owned(),
                repo: "feeds".to_owned(),
                commit: commit.to_owned(),
                path: "price/price.js".to_owned(),
            })
        );
        assert_eq!(
            read("https://a.example/p.js"),
            Ok(CodeSource::Https { url: "https://a.example/p.js".to_owned() })
        );
        let Ok(ipfs) = read("ipfs") else { panic!("no cid") };
        let code = CodeRef { sha256: CodeHash([7; 32]), size: 1, sources: vec![ipfs] };
        assert_eq!(code.fault(), None, "the name is of the very bytes");
        for wrong in ["ftp://a", "github:ada", "store2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

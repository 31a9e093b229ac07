//! `gateway engine`: which engine the network attests with, and how to switch to another one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gateway_api::{
    CounterResponse, EngineId, EngineRelease, EnginesResponse, Epoch, ExecuteMsg, Moniker, NodeId,
    NodeResponse, QueryMsg, UnitsFrom,
};
use gateway_chain::paging;
use gateway_engine::{Engine, EngineConfig, Profile, SandboxMode, WorkerCommand};
use gateway_node::NodeConfig;
use serde_json::json;

use super::session::Session;
use crate::arguments::{Engine as EngineCommand, EngineAction};
use crate::commands::CommandError;
use crate::commands::configuration::load;

/// Runs a command on engines.
pub(in crate::commands) async fn run(command: EngineCommand) -> Result<(), CommandError> {
    let session = Session::open(&command.chain, Path::new("."))?;
    match command.action {
        EngineAction::Show { config } => show(&session, config).await,
        EngineAction::Announce { jitless, jit, from_epoch, min_ready } => {
            let engine = match (jitless, jit) {
                (Some(jitless), Some(jit)) => EngineRelease { jitless, jit },
                _ => measured(WorkerCommand::this_executable()?).await?,
            };
            announce(&session, engine, from_epoch, min_ready).await
        }
        EngineAction::Withdraw => {
            let done = "the engine that was announced is taken back";
            session.send_and_report(&ExecuteMsg::WithdrawEngine {}, 0, done).await
        }
        EngineAction::Ready { node, config } => ready(&session, NodeId(node), config).await,
        EngineAction::Status => status(&session).await,
    }
}

/// An executable and its engine.
struct Executable {
    program: PathBuf,
    engine: EngineRelease,
}

/// Starts a worker of each profile and reads their engine ids.
///
/// # Errors
/// [`CommandError`] naming the executable whose worker does not start, or lacks a profile.
pub(in crate::commands) async fn measured(worker: WorkerCommand) -> Result<EngineRelease, CommandError> {
    let program = worker.program.display().to_string();
    let mut config = EngineConfig::new(worker);
    // Only the ids are read; no code runs.
    (config.sandbox, config.workers, config.spare) = (SandboxMode::BestEffort, 1, 0);
    let engine = Engine::start(config).await.map_err(|e| format!("{program}: {e}"))?;
    let ids = [Profile::Jitless, Profile::Jit].map(|profile| engine.engine_id(profile).map(EngineId));
    engine.shutdown().await;
    match ids {
        [Some(jitless), Some(jit)] => Ok(EngineRelease { jitless, jit }),
        _ => Err(format!("{program}: the engine lacks a profile").into()),
    }
}

/// Returns this executable and those that a node's configuration names.
async fn executables(config: Option<PathBuf>) -> Result<Vec<Executable>, CommandError> {
    let own = WorkerCommand::this_executable()?;
    let others = match config {
        Some(file) => {
            let config: NodeConfig = load(&file)?;
            config.validate()?;
            config.engine.others
        }
        None => Vec::new(),
    };
    let mut found = Vec::new();
    for worker in std::iter::once(own).chain(others.into_iter().map(WorkerCommand::of)) {
        let program = worker.program.clone();
        found.push(Executable { program, engine: measured(worker).await? });
    }
    Ok(found)
}

async fn show(session: &Session, config: Option<PathBuf>) -> Result<(), CommandError> {
    let found = executables(config).await?;
    let rows: Vec<_> = found.iter().map(|of| json!({ "program": of.program, "engine": of.engine })).collect();
    session.print(&json!({ "executables": rows }), || {
        let lines = found.iter().map(|Executable { program, engine }| {
            format!("{}\n  jitless  {}\n  jit      {}", program.display(), engine.jitless, engine.jit)
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

async fn announce(
    session: &Session,
    engine: EngineRelease,
    from_epoch: Option<u64>,
    min_ready_bps: u16,
) -> Result<(), CommandError> {
    let from_epoch = match from_epoch {
        Some(epoch) => Epoch(epoch),
        None => {
            let CounterResponse { epoch, .. } = session.ask(&QueryMsg::Counter {}).await?;
            // One more than the minimum: an epoch may end before the message is in a block.
            Epoch(epoch.get().saturating_add(3))
        }
    };
    let message = ExecuteMsg::AnnounceEngine { engine, from_epoch, min_ready_bps };
    let done = format!(
        "requests are attested with the engine {} from epoch {from_epoch} on, if {min_ready_bps} of 10000 units are ready by then",
        engine.jitless
    );
    session.send_and_report(&message, 0, &done).await
}

async fn ready(session: &Session, node: NodeId, config: PathBuf) -> Result<(), CommandError> {
    let found = executables(Some(config)).await?;
    let mut engines: Vec<EngineId> = Vec::new();
    for Executable { engine, .. } in &found {
        if !engines.contains(&engine.jitless) {
            engines.push(engine.jitless);
        }
    }
    let done = format!("node {node} declares {} engines", engines.len());
    session.send_and_report(&ExecuteMsg::DeclareEngines { node, engines }, 0, &done).await
}

async fn status(session: &Session) -> Result<(), CommandError> {
    let seen: EnginesResponse = session.ask(&QueryMsg::Engines {}).await?;
    let nodes = paging::nodes(&session.query().await?).await?;
    let able = |engine: EngineId| -> Vec<NodeId> {
        nodes.iter().filter(|node| node.engines.contains(&engine)).map(|node| node.node).collect()
    };
    let rows: Vec<_> = nodes
        .iter()
        .map(|node| {
            let units = UnitsFrom::at(&node.schedule, seen.epoch);
            json!({ "node": node.node, "moniker": Moniker::as_str(&node.moniker), "units": units, "engines": node.engines })
        })
        .collect();
    session.print(&json!({ "engines": seen, "nodes": rows }), || {
        let mut text = format!("epoch {}", seen.epoch);
        match (&seen.engine, seen.since_epoch) {
            (Some(engine), Some(since)) => {
                let _ = write!(text, "\nengine    {} since epoch {since}", engine.jitless);
                let _ =
                    write!(text, "\n          {} of {} units can run it", seen.able_units, seen.total_units);
            }
            _ => text.push_str("\nengine    any: none was ever announced"),
        }
        if let (Some(next), Some(from)) = (&seen.next_engine, seen.from_epoch) {
            let least = seen.min_ready_bps.unwrap_or_default();
            let _ = write!(text, "\nnext      {} from epoch {from} on", next.jitless);
            let _ = write!(
                text,
                "\n          {} of {} units are ready, {least} of 10000 needed",
                seen.ready_units, seen.total_units
            );
            let missing = not_among(&nodes, &able(next.jitless), seen.epoch);
            if !missing.is_empty() {
                let _ = write!(text, "\n          not ready: nodes {}", missing.join(", "));
            }
        }
        text
    })
}

/// Returns the nodes that draw in an epoch and are not in a list.
fn not_among(nodes: &[NodeResponse], able: &[NodeId], epoch: Epoch) -> Vec<String> {
    let drawing = nodes.iter().filter(|node| UnitsFrom::at(&node.schedule, epoch) > 0);
    drawing.map(|node| node.node).filter(|node| !able.contains(node)).map(|node| node.to_string()).collect()
}

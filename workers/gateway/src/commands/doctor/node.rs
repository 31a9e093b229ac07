//! What only a node needs: the sandbox, an engine that others run too, its registration, reachable relays and code stores.

use std::sync::Arc;
use std::time::Duration;

use gateway_api::{CounterResponse, EngineId, EnginesResponse, NodeResponse, QueryMsg, UnitsFrom};
use gateway_chain::{ChainError, Endpoints, GatewayQuery};
use gateway_daemon_runtime::http;
use gateway_engine::{Engine, EngineConfig, Profile, SandboxMode};
use gateway_node::{NodeConfig, VrfKey, WorkerCommand};

use super::{Check, engine_plan};
use crate::commands::chain::engine;

/// Time-out of a relay or a store.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn checks(config: &NodeConfig) -> Vec<Check> {
    let (mut checks, engine) = vm(config).await;
    checks.extend(registration(config, engine).await);
    for relay in &config.relays {
        checks
            .push(reached("relay", relay, "attestations need one relay that answers, or an [account]").await);
    }
    for store in &config.code.stores {
        checks.push(reached("code store", store, "correct code.stores").await);
    }
    checks
}

/// Returns the sandbox's layers, and the engine's id if the VM starts.
async fn vm(config: &NodeConfig) -> (Vec<Check>, Option<EngineId>) {
    let started = async {
        let mut engine = EngineConfig::new(WorkerCommand::this_executable()?);
        engine.sandbox = SandboxMode::BestEffort;
        engine.jit = config.engine.jit;
        engine.workers = 1;
        Ok::<_, crate::commands::CommandError>(Engine::start(engine).await?)
    };
    let engine = match started.await {
        Ok(engine) => engine,
        Err(error) => {
            let cure = "the VM's worker must start: see docs/vm.md for what it needs of the machine";
            return (vec![Check::failed("sandbox", error.to_string(), cure)], None);
        }
    };
    let (layers, missing) = (engine.sandbox_layers().join(", "), engine.missing_layers().join("; "));
    let id = engine.engine_id(Profile::Jitless).map(EngineId);
    engine.shutdown().await;
    let check = match (missing.is_empty(), config.engine.sandbox) {
        (true, _) => Check::good("sandbox", layers),
        (false, SandboxMode::Strict) => {
            let cure = "the node does not start so: allow the layer to the service (docs/vm.md), or, on a machine that \
                        has nothing else on it, set engine.sandbox = \"best_effort\"";
            Check::failed("sandbox", format!("missing: {missing}"), cure)
        }
        (false, SandboxMode::BestEffort) => {
            let cure = "allow the layer to the service: strangers' code runs with less around it";
            Check::warning("sandbox", format!("{layers}; missing: {missing}"), cure)
        }
    };
    (vec![check], id)
}

async fn registration(config: &NodeConfig, engine: Option<EngineId>) -> Vec<Check> {
    // An unreadable key is reported with the configuration.
    let Ok(key) = VrfKey::load(&config.key) else { return Vec::new() };
    match ask(config).await {
        Ok(Contract { nodes, counter, plan }) => {
            let mine = nodes.iter().find(|node| node.keys.iter().any(|from| from.key == key.public()));
            let mut checks = vec![standing(mine, config, &counter, &key.public().to_string())];
            if let Some(engine) = engine {
                checks.push(engines(&nodes, mine, &counter, engine));
                if let Some(plan) = plan {
                    let (able, failed) = able(engine, config).await;
                    checks.extend(failed);
                    checks.push(engine_plan::check(&plan, &able, mine));
                }
            }
            checks
        }
        Err(error) => vec![Check::warning("registration", format!("not known: {error}"), "see rpc")],
    }
}

/// Returns the engines that the node can run: this executable's, and those of others that its configuration names; and which of
/// these do not start.
async fn able(own: EngineId, config: &NodeConfig) -> (Vec<EngineId>, Vec<Check>) {
    let (mut able, mut failed) = (vec![own], Vec::new());
    for program in &config.engine.others {
        match engine::measured(WorkerCommand::of(program.clone())).await {
            Ok(found) => able.push(found.jitless),
            Err(error) => failed.push(Check::failed(
                "engine",
                error.to_string(),
                "correct engine.others: each is the `gateway` executable of another release",
            )),
        }
    }
    (able, failed)
}

/// The contract's state of nodes and engines.
struct Contract {
    nodes: Vec<NodeResponse>,
    counter: CounterResponse,
    /// A contract of an older release has none.
    plan: Option<EnginesResponse>,
}

async fn ask(config: &NodeConfig) -> Result<Contract, ChainError> {
    let chain = Arc::new(Endpoints::connect(&config.chain).await?);
    let query = GatewayQuery::new(chain, config.chain.contract.as_str());
    let nodes = gateway_chain::paging::nodes(&query).await?;
    let plan = match query.ask(&QueryMsg::Engines {}).await {
        Ok(plan) => Some(plan.value),
        Err(ChainError::Query { .. }) => None,
        Err(error) => return Err(error),
    };
    Ok(Contract { nodes, counter: query.ask(&QueryMsg::Counter {}).await?.value, plan })
}

fn standing(mine: Option<&NodeResponse>, config: &NodeConfig, counter: &CounterResponse, key: &str) -> Check {
    let name = "registration";
    let Some(node) = mine else {
        return Check::failed(
            name,
            format!("the key {key} is not registered"),
            "register it: `gateway node register`",
        );
    };
    let id = node.node;
    if config.node.is_some_and(|expected| expected != id) {
        let found = format!("the key is node {id}'s, the configuration says another");
        return Check::failed(name, found, "correct `node` or `key`: two nodes must never share a key");
    }
    if let Some(height) = node.jailed_until {
        let cure = format!("find out why, then `gateway node unjail {id}` from height {height} on");
        return Check::failed(name, format!("node {id} is jailed"), cure);
    }
    let units = UnitsFrom::at(&node.schedule, counter.epoch);
    match (units, node.schedule.last()) {
        (1.., _) => {
            Check::good(name, format!("node {id} draws with {units} of {} units", counter.total_units))
        }
        (0, Some(later)) if later.epoch > counter.epoch && later.units > 0 => Check::good(
            name,
            format!("node {id} draws from epoch {} on; it is epoch {}", later.epoch, counter.epoch),
        ),
        _ => {
            let cure = format!("`gateway node stake {id} COINS`: a node draws from one unit of stake on");
            Check::failed(name, format!("node {id} has no units"), cure)
        }
    }
}

/// Compares the engines of this machine, of the registration, and of most nodes that draw: nodes of different engines never
/// agree.
fn engines(
    nodes: &[NodeResponse],
    mine: Option<&NodeResponse>,
    counter: &CounterResponse,
    engine: EngineId,
) -> Check {
    let name = "engine";
    let shown = engine.to_string();
    if let Some(node) = mine.filter(|node| node.engine != engine) {
        let found =
            format!("this machine runs {shown}, node {} is registered with {}", node.node, node.engine);
        return Check::failed(name, found, format!("`gateway node update {} --config …`", node.node));
    }
    let drawing = || nodes.iter().filter(|node| UnitsFrom::at(&node.schedule, counter.epoch) > 0);
    let (same, all) = (drawing().filter(|node| node.engine == engine).count(), drawing().count());
    let found = format!("{shown}, as {same} of {all} nodes that draw");
    if same * 2 < all {
        let cure = "nodes of different engines never agree: run the release that most nodes run";
        return Check::warning(name, found, cure);
    }
    Check::good(name, found)
}

/// Checks whether anything answers HTTP at a base address. Any answer counts.
async fn reached(name: &'static str, url: &str, cure: &str) -> Check {
    let asked = async {
        let address = format!("{}/health", url.trim_end_matches('/'));
        match http::fetch(http::client(TIMEOUT)?.get(address), 64 << 10).await {
            Ok(_) | Err(http::HttpError::Status { .. } | http::HttpError::TooLarge { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    };
    match asked.await {
        Ok(()) => Check::good(name, format!("{url} answers")),
        Err(error) => Check::warning(name, format!("{url}: {error}"), cure),
    }
}

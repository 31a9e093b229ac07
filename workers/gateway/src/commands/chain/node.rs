//! `gateway node register`, `stake`, `unbond` and the other things that a node's operator does with the contract.

use std::path::{Path, PathBuf};

use gateway_api::events::GatewayEvent;
use gateway_api::{
    ConfigResponse, CounterResponse, ExecuteMsg, Moniker, NodeId, NodeResponse, QueryMsg, RewardsResponse,
    UnitsFrom,
};
use gateway_chain::paging;
use serde_json::json;

use super::session::Session;
use super::{coins, node_report};
use crate::arguments::{ChainOptions, NodeCommand, NodeIdentity};
use crate::commands::{CommandError, identity};

/// Runs an operator's command.
pub(in crate::commands) async fn run(command: NodeCommand) -> Result<(), CommandError> {
    match command {
        NodeCommand::Register { identity, stake, chain } => register(&open(&chain)?, identity, stake).await,
        NodeCommand::Status { node, chain } => status(&open(&chain)?, node.map(NodeId)).await,
        NodeCommand::Report { node, epochs, config, chain } => {
            let session = open(&chain)?;
            let node = match node {
                Some(node) => session.ask(&QueryMsg::Node { node: NodeId(node) }).await?,
                None => own(&session).await?,
            };
            node_report::run(&session, &node, epochs, config.as_deref()).await
        }
        NodeCommand::Stake { node, amount, chain } => {
            let message = ExecuteMsg::IncreaseStake { node: NodeId(node) };
            open(&chain)?
                .send_and_report(&message, amount, "the stake draws from the second epoch after this on")
                .await
        }
        NodeCommand::Unbond { node, amount, chain } => unbond(&open(&chain)?, NodeId(node), &amount).await,
        NodeCommand::Withdraw { node, chain } => {
            let message = ExecuteMsg::WithdrawStake { node: NodeId(node) };
            open(&chain)?
                .send_and_report(&message, 0, "what had been unbonded for long enough is paid out")
                .await
        }
        NodeCommand::Claim { chain } => {
            open(&chain)?
                .send_and_report(&ExecuteMsg::Claim { r#for: None }, 0, "what was earned is paid out")
                .await
        }
        NodeCommand::Rotate { node, config, chain } => rotate(&open(&chain)?, NodeId(node), config).await,
        NodeCommand::EncryptionKey { node, config, chain } => {
            let message = identity::encryption_key(NodeId(node), &config).await?;
            let done = "secrets can be sealed to the node; those that were sealed to another key of it have to be set again";
            open(&chain)?.send_and_report(&message, 0, done).await
        }
        NodeCommand::Accounts { node, payout, daemon, chain } => {
            let message = ExecuteMsg::SetNodeAccounts { node: NodeId(node), payout, daemon };
            open(&chain)?
                .send_and_report(
                    &message,
                    0,
                    "the node's accounts are those; whoever is not named is the operator",
                )
                .await
        }
        NodeCommand::Update { node, identity, chain } => update(&open(&chain)?, NodeId(node), identity).await,
        NodeCommand::Unjail { node, chain } => {
            let message = ExecuteMsg::Unjail { node: NodeId(node) };
            open(&chain)?
                .send_and_report(&message, 0, "the node draws again from the second epoch after this on")
                .await
        }
    }
}

fn open(chain: &ChainOptions) -> Result<Session, CommandError> {
    Session::open(chain, Path::new("."))
}

async fn register(
    session: &Session,
    identity: NodeIdentity,
    stake: Option<u128>,
) -> Result<(), CommandError> {
    let operator = session.address().await?;
    let config: ConfigResponse = session.ask(&QueryMsg::Config {}).await?;
    let unit = config.settings.stake_unit.u128();
    let stake = stake.unwrap_or(unit);
    if stake < unit {
        return Err(
            format!("--stake: a node stakes one unit at least, {unit}{}", config.settings.denom).into()
        );
    }
    let message = ExecuteMsg::RegisterNode(identity::registration(identity, &operator).await?);
    let Some(sent) = session.send(&message, stake).await? else { return Ok(()) };
    let registered = sent.events.iter().find_map(|event| match event {
        GatewayEvent::NodeRegistered(event) => Some(event.node),
        _ => None,
    });
    let node = registered.ok_or("the transaction registered no node")?;
    session.print(&sent.json(json!({ "node": node })), || {
        format!("node {node} is registered; it draws from the second epoch after this on\n\nRun it: gateway node --config <its file>")
    })
}

async fn unbond(session: &Session, node: NodeId, amount: &str) -> Result<(), CommandError> {
    // Without an amount the contract withdraws everything, so that has to be requested explicitly.
    let amount = match amount {
        "all" => None,
        number => {
            Some(number.parse::<u128>().map_err(|_| "amount takes a whole number of coins, or all")?.into())
        }
    };
    let done = "the stake is on its way out; it still draws until the epoch ends, and `gateway node status` names the height \
                 from which it may be withdrawn";
    session.send_and_report(&ExecuteMsg::Unbond { node, amount }, 0, done).await
}

async fn rotate(session: &Session, node: NodeId, config: PathBuf) -> Result<(), CommandError> {
    let operator = session.address().await?;
    let identity = NodeIdentity { config, moniker: "rotation".to_owned(), endpoint: String::new() };
    let made = identity::registration(identity, &operator).await?;
    let message = ExecuteMsg::RotateKey { node, key: made.key, possession: made.possession };
    let done = "the key draws from the second epoch after this on; keep the old one until then";
    session.send_and_report(&message, 0, done).await
}

async fn update(session: &Session, node: NodeId, identity: NodeIdentity) -> Result<(), CommandError> {
    let operator = session.address().await?;
    let made = identity::registration(identity, &operator).await?;
    let message =
        ExecuteMsg::UpdateNode { node, engine: made.engine, moniker: made.moniker, endpoint: made.endpoint };
    session
        .send_and_report(&message, 0, "the node's engine, name and endpoint are as its configuration says")
        .await
}

async fn status(session: &Session, node: Option<NodeId>) -> Result<(), CommandError> {
    let seen = match node {
        Some(node) => session.ask(&QueryMsg::Node { node }).await?,
        None => own(session).await?,
    };
    let node = seen.node;
    let counter: CounterResponse = session.ask(&QueryMsg::Counter {}).await?;
    let rewards: RewardsResponse = session.ask(&QueryMsg::Rewards { address: seen.operator.clone() }).await?;
    let (epoch, denom) = (counter.epoch, session.network.denom.clone());
    let units = UnitsFrom::at(&seen.schedule, epoch);
    let whole = json!({
        "node": seen, "epoch": epoch, "units": units, "total_units": counter.total_units,
        "rewards": rewards.amount,
    });
    session.print(&whole, || {
        let mut lines = vec![
            format!("node {node}: {}", Moniker::as_str(&seen.moniker)),
            format!("operator  {}", seen.operator),
            format!("stake     {}", coins(seen.stake.u128(), &denom)),
            format!("units     {units} of {} in epoch {epoch}", counter.total_units),
            format!("engine    {}", seen.engine),
            format!("rewards   {} to be claimed by the operator", coins(rewards.amount.u128(), &denom)),
        ];
        lines.extend(seen.unbonding.iter().map(|part| {
            format!(
                "unbonds   {}, may be withdrawn from height {} on",
                coins(part.amount.u128(), &denom),
                part.release
            )
        }));
        lines
            .extend(seen.keys.iter().map(|key| format!("key       {} from epoch {} on", key.key, key.epoch)));
        lines.extend(
            seen.jailed_until.map(|height| format!("jailed    may be unjailed from height {height} on")),
        );
        lines.join("\n")
    })
}

/// Returns the node whose operator is the signing account.
async fn own(session: &Session) -> Result<NodeResponse, CommandError> {
    let operator = session.address().await?;
    let nodes = paging::nodes(&session.query().await?).await?;
    let own = nodes.into_iter().find(|node| node.operator == operator);
    own.ok_or_else(|| format!("{operator} operates no node").into())
}

//! `gateway status`: chain, contract, nodes, daemons, balances and backlog on one screen. What cannot be queried is shown as a
//! problem with the rest, and does not abort the command.

mod daemons;
mod text;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use gateway_api::{
    ConfigResponse, CounterResponse, Epoch, GovernanceResponse, LedgerResponse, NodeResponse,
    OpenRequestsResponse, QueryMsg, UnitsFrom, limits,
};
use gateway_chain::{ChainError, ChainReader, Endpoints, GatewayQuery, Signer};
use serde::Serialize;

use self::daemons::{DaemonView, Place};
use super::session::Session;
use crate::arguments::Status;
use crate::commands::CommandError;

/// There is a problem.
const NOT_WELL: u8 = 3;
/// Age of the newest block in seconds above which the chain counts as halted: several of the slowest blocks.
const STILL: u64 = 60;
/// Blocks after which overdue work means that no keeper runs.
const LATE: u64 = 30;
/// Most pages of open requests that are counted.
const PAGES: usize = 20;

/// Everything that is shown.
#[derive(Debug, Serialize)]
struct View {
    network: String,
    chain: Option<ChainView>,
    contract: Option<ContractView>,
    nodes: Vec<NodeView>,
    account: Option<AccountView>,
    daemons: Vec<DaemonView>,
    /// The problems; empty if all is well.
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ChainView {
    chain_id: String,
    height: u64,
    /// Age of the newest block by this machine's clock, seconds.
    age_seconds: u64,
    catching_up: bool,
    earliest: u64,
}

#[derive(Debug, Serialize)]
struct ContractView {
    address: String,
    denom: String,
    config: ConfigResponse,
    counter: CounterResponse,
    governance: GovernanceResponse,
    ledger: LedgerResponse,
    /// The contract's balance according to the chain.
    balance: String,
    open_requests: usize,
    /// Whether there are more open requests than were counted.
    more_open_requests: bool,
}

#[derive(Debug, Serialize)]
struct NodeView {
    #[serde(flatten)]
    node: NodeResponse,
    /// Units in the current epoch; none while it is jailed.
    units: u32,
}

#[derive(Debug, Serialize)]
struct AccountView {
    address: String,
    balance: String,
}

/// Runs `gateway status`.
pub(in crate::commands) async fn run(options: Status) -> Result<ExitCode, CommandError> {
    let mut chain = options.chain.clone();
    let mut places: Vec<_> = options.daemons.iter().map(|url| Place::at(url)).collect();
    let mut problems = Vec::new();
    for file in &options.configs {
        let known = daemons::read(file)?;
        if chain.network.is_none() {
            chain.rpc = chain.rpc.or(known.chain.rpc.preferred().map(str::to_owned));
            chain.chain_id = chain.chain_id.or(Some(known.chain.chain_id.clone()));
            chain.contract = chain.contract.or(Some(known.chain.contract.clone()));
        }
        match known.place() {
            Ok(place) => places.push(place),
            Err(problem) => problems.push(format!("{}: {problem}", file.display())),
        }
    }
    let session = Session::open(&chain, Path::new("."))?;
    let (daemons, seen) = tokio::join!(daemons::ask(&places), on_chain(&session, &mut problems));
    let (chain, contract, nodes, account) = seen;
    problems.extend(daemons.iter().filter_map(DaemonView::problem));
    let network = session.network.name.clone();
    let view = View { network, chain, contract, nodes, account, daemons, problems };
    session.print(&view, || text::screen(&view))?;
    Ok(if view.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NOT_WELL) })
}

type OnChain = (Option<ChainView>, Option<ContractView>, Vec<NodeView>, Option<AccountView>);

async fn on_chain(session: &Session, problems: &mut Vec<String>) -> OnChain {
    let chain = match session.chain().await {
        Ok(chain) => chain,
        Err(error) => {
            problems.push(format!("the chain cannot be asked: {error}"));
            return (None, None, Vec::new(), None);
        }
    };
    let status = or_problem(status(&chain, problems).await, "the chain's status", problems);
    let account = account(session, &chain, problems).await;
    let Ok(address) = session.network.contract() else {
        problems.push(format!(
            "the network {} has no contract: give --contract or --config",
            session.network.name
        ));
        return (status, None, Vec::new(), account);
    };
    let query = GatewayQuery::new(chain.clone(), address);
    let contract = contract(&chain, &query, address, &session.network.denom).await;
    let contract = or_problem(contract, "the contract", problems);
    if let (Some(ChainView { height, .. }), Some(ContractView { counter, .. })) = (&status, &contract) {
        problems.extend(keeper_away(counter, *height));
    }
    let epoch = contract.as_ref().map_or(Epoch(0), |contract| contract.counter.epoch);
    let nodes = gateway_chain::paging::nodes(&query).await;
    let nodes = or_problem(nodes, "the contract's nodes", problems).unwrap_or_default();
    let nodes = nodes.into_iter().map(|node| {
        let units = if node.jailed_until.is_some() { 0 } else { UnitsFrom::at(&node.schedule, epoch) };
        NodeView { node, units }
    });
    (status, contract, nodes.collect(), account)
}

/// Returns what a keeper should have done by now.
fn keeper_away(counter: &CounterResponse, height: u64) -> Vec<String> {
    let late = |due: Option<u64>| due.filter(|due| due.saturating_add(LATE) < height);
    let firing = late(counter.next_firing);
    let deadline = late(counter.next_deadline);
    let firing = firing.map(|due| format!("schedules have been due since height {due}: no keeper runs them"));
    let deadline =
        deadline.map(|due| format!("requests have been overdue since height {due}: no keeper ends them"));
    firing.into_iter().chain(deadline).collect()
}

fn or_problem<T>(result: Result<T, ChainError>, what: &str, problems: &mut Vec<String>) -> Option<T> {
    result.map_err(|error| problems.push(format!("{what}: {error}"))).ok()
}

async fn status(chain: &Endpoints, problems: &mut Vec<String>) -> Result<ChainView, ChainError> {
    let status = chain.status().await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let age_seconds = now.saturating_sub(status.time_ns / 1_000_000_000);
    if status.catching_up {
        problems.push(format!("the RPC endpoint's node is catching up, at height {}", status.height));
    } else if age_seconds > STILL {
        problems.push(format!("the chain stands still: its newest block is {age_seconds} s old"));
    }
    let gateway_chain::Status { height, chain_id, catching_up, earliest, .. } = status;
    Ok(ChainView { chain_id, height, age_seconds, catching_up, earliest })
}

async fn account(session: &Session, chain: &Endpoints, problems: &mut Vec<String>) -> Option<AccountView> {
    let source = session.network.key.as_ref()?;
    let signer = Signer::load(source, &session.network.prefix);
    let address = or_problem(signer, "the network's key", problems)?.address().to_owned();
    let balance = chain.balance(&address, &session.network.denom).await;
    let balance = or_problem(balance, "the account's balance", problems)?.to_string();
    Some(AccountView { address, balance })
}

async fn contract(
    chain: &Arc<Endpoints>,
    query: &GatewayQuery,
    address: &str,
    denom: &str,
) -> Result<ContractView, ChainError> {
    let config: ConfigResponse = query.ask(&QueryMsg::Config {}).await?.value;
    let (open_requests, more_open_requests) = open_requests(query).await?;
    Ok(ContractView {
        address: address.to_owned(),
        denom: denom.to_owned(),
        counter: query.ask(&QueryMsg::Counter {}).await?.value,
        governance: query.ask(&QueryMsg::Governance {}).await?.value,
        ledger: query.ask(&QueryMsg::Ledger {}).await?.value,
        balance: chain.balance(address, &config.settings.denom).await?.to_string(),
        open_requests,
        more_open_requests,
        config,
    })
}

/// Returns how many requests are open, and whether there are more than were counted.
async fn open_requests(query: &GatewayQuery) -> Result<(usize, bool), ChainError> {
    let (mut count, mut start_after) = (0, None);
    for _ in 0..PAGES {
        let question = QueryMsg::OpenRequests { start_after, limit: Some(limits::MAX_PAGE) };
        let page: OpenRequestsResponse = query.ask(&question).await?.value;
        let Some(last) = page.requests.last() else { return Ok((count, false)) };
        count += page.requests.len();
        start_after = Some(last.request);
    }
    Ok((count, true))
}

#[cfg(test)]
mod tests {
    use gateway_api::Round;

    use super::*;

    #[test]
    fn a_keeper_that_is_away_is_said() {
        let counter = |next_firing, next_deadline| CounterResponse {
            round: Round(1),
            round_height: 1,
            epoch: Epoch(1),
            epoch_height: 1,
            total_units: 5,
            request_waiting: false,
            tick_due: false,
            next_deadline,
            due_callback: None,
            next_firing,
        };
        assert!(keeper_away(&counter(Some(70), Some(80)), 100).is_empty());
        assert!(keeper_away(&counter(None, None), 100).is_empty());
        let problems = keeper_away(&counter(Some(69), Some(60)), 100);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("due since height 69"), "{problems:?}");
    }
}

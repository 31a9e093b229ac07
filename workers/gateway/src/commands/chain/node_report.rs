//! `gateway node report`: a node's seats, epoch by epoch: expected for its units in the existing results, won, agreed, and what
//! the agreed ones earned.
//!
//! A result counts in the epoch that drew its request. What a node won but did not get into a result is known only to the node.

use std::collections::BTreeMap;
use std::path::Path;

use gateway_api::{
    Attempt, ConfigResponse, CounterResponse, Epoch, NodeResponse, QueryMsg, RequestId, RequestResponse,
    RequestsResponse, ResultResponse, ResultsResponse, RewardsResponse, UnitsFrom, limits,
};
use gateway_chain::GatewayQuery;
use gateway_node::NodeConfig;
use gateway_protocol::expected_seats;
use gateway_store::{JobState, Store};
use serde::Serialize;

use super::coins;
use super::session::Session;
use crate::commands::{CommandError, configuration};

/// One epoch.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Line {
    epoch: Epoch,
    units: u32,
    /// Results of requests drawn in it.
    results: u64,
    /// Expected seats of the node's units in these.
    expected: f64,
    /// Seats that the node won and attested with; absent without its database.
    #[serde(skip_serializing_if = "Option::is_none")]
    won: Option<u64>,
    /// Its seats that agreed.
    agreed: u64,
    /// What these earn by the current settings, in the smallest unit.
    earned: String,
}

/// Prints the report of a node.
pub(super) async fn run(
    session: &Session,
    node: &NodeResponse,
    epochs: u64,
    config: Option<&Path>,
) -> Result<(), CommandError> {
    let query = session.query().await?;
    let settings = query.ask::<ConfigResponse, _>(&QueryMsg::Config {}).await?.value.settings;
    let now = query.ask::<CounterResponse, _>(&QueryMsg::Counter {}).await?.value.epoch;
    let first = Epoch(now.get().saturating_sub(epochs - 1));
    let mut lines: BTreeMap<Epoch, Line> = (first.get()..=now.get())
        .map(|epoch| {
            let units = UnitsFrom::at(&node.schedule, Epoch(epoch));
            (Epoch(epoch), Line { epoch: Epoch(epoch), units, ..Line::default() })
        })
        .collect();
    let begins = height_of(&query, first).await?;
    let kept = u128::from(limits::BPS.saturating_sub(settings.treasury_bps));
    let seat = settings.seat_price.u128().saturating_mul(kept) / u128::from(limits::BPS);
    for (request, result) in results_since(&query, begins).await? {
        let Some(draw) = &request.draw else { continue };
        let Some(line) = lines.get_mut(&draw.epoch) else { continue };
        line.results += 1;
        line.expected +=
            expected(request.policy.committee, Attempt(result.attempt), line.units, draw.total_units);
        line.agreed += seats_of(&result, node);
    }
    for line in lines.values_mut() {
        line.earned = seat.saturating_mul(line.agreed.into()).to_string();
    }
    if let Some(config) = config {
        won(&mut lines, config).await?;
    }
    let rewards: RewardsResponse = session.ask(&QueryMsg::Rewards { address: node.operator.clone() }).await?;
    let lines: Vec<_> = lines.into_values().collect();
    let answer = serde_json::json!({ "node": node.node, "epochs": lines, "claimable": rewards.amount });
    session.print(&answer, || text(node, &lines, rewards.amount.u128(), &session.network.denom))
}

fn expected(committee: u32, attempt: Attempt, units: u32, total: u64) -> f64 {
    if total == 0 {
        return 0.0;
    }
    expected_seats(committee, attempt, total) as f64 * f64::from(units) / total as f64
}

fn seats_of(result: &ResultResponse, node: &NodeResponse) -> u64 {
    result.agreed.iter().filter(|agreed| agreed.node == node.node).map(|agreed| u64::from(agreed.seats)).sum()
}

async fn height_of(query: &GatewayQuery, epoch: Epoch) -> Result<u64, CommandError> {
    match query.ask::<gateway_api::EpochResponse, _>(&QueryMsg::Epoch { epoch }).await {
        Ok(answer) => Ok(answer.value.height),
        // Before the contract's first epoch there is nothing to skip.
        Err(gateway_chain::ChainError::Query { .. }) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Returns the results of requests opened around `height` or later, each with its request.
async fn results_since(
    query: &GatewayQuery,
    height: u64,
) -> Result<Vec<(RequestResponse, ResultResponse)>, CommandError> {
    let (mut after, mut found) = (before(query, height).await?, Vec::new());
    loop {
        let page = results_after(query, after, 30).await?;
        let Some(last) = page.last().map(|result| result.request) else { return Ok(found) };
        let ids: Vec<_> = page.iter().map(|result| result.request).collect();
        let mut requests = BTreeMap::new();
        let mut left = ids.as_slice();
        while !left.is_empty() {
            let question = QueryMsg::Requests { requests: left.to_vec() };
            let answer: RequestsResponse = query.ask(&question).await?.value;
            let answered =
                answer.requests.last().and_then(|seen| left.iter().position(|id| *id == seen.request));
            requests.extend(answer.requests.into_iter().map(|seen| (seen.request, seen)));
            left = &left[answered.map_or(left.len(), |at| at + 1)..];
        }
        found.extend(page.into_iter().filter_map(|result| Some((requests.remove(&result.request)?, result))));
        after = last;
    }
}

/// Returns a request below which all have ended before `height`: found by bisection, since later requests mostly end later;
/// long-lived ones are covered by going back one request lifetime.
async fn before(query: &GatewayQuery, height: u64) -> Result<RequestId, CommandError> {
    let config: ConfigResponse = query.ask(&QueryMsg::Config {}).await?.value;
    let height = height.saturating_sub(config.settings.ttl_blocks);
    let (mut low, mut high) = (0_u64, 1_u64);
    let old = async |id: u64| -> Result<bool, CommandError> {
        let next = results_after(query, RequestId(id), 1).await?;
        Ok(next.first().is_some_and(|result| result.height < height))
    };
    while old(high).await? {
        (low, high) = (high, high.saturating_mul(2));
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if old(middle).await? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(RequestId(low))
}

async fn results_after(
    query: &GatewayQuery,
    after: RequestId,
    limit: u32,
) -> Result<Vec<ResultResponse>, CommandError> {
    let question = QueryMsg::Results { start_after: Some(after), limit: Some(limit) };
    Ok(query.ask::<ResultsResponse, _>(&question).await?.value.results)
}

/// Adds what the node won, from its database.
async fn won(lines: &mut BTreeMap<Epoch, Line>, config: &Path) -> Result<(), CommandError> {
    let config: NodeConfig = configuration::load(config)?;
    let store = Store::open_existing(config.database.expose()).await?;
    lines.values_mut().for_each(|line| line.won = Some(0));
    for state in [JobState::Attested, JobState::Sent, JobState::Answered] {
        let mut after = RequestId(0);
        loop {
            let page = store.jobs().list(state, after, 1000).await?;
            let Some(last) = page.last() else { break };
            after = last.seen.request;
            for job in &page {
                let line = job.seen.draw.as_ref().and_then(|draw| lines.get_mut(&draw.epoch));
                if let Some(won) = line.and_then(|line| line.won.as_mut()) {
                    *won += u64::from(job.seats);
                }
            }
        }
    }
    Ok(store.close().await?)
}

fn text(node: &NodeResponse, lines: &[Line], claimable: u128, denom: &str) -> String {
    let mut out = vec![
        format!("node {}, operator {}", node.node, node.operator),
        format!(
            "{:>8} {:>5} {:>8} {:>9} {:>6} {:>7}  earned",
            "epoch", "units", "results", "expected", "won", "agreed"
        ),
    ];
    let row = |epoch: &str, units: &str, line: &Line| {
        let won = line.won.map_or_else(|| "-".to_owned(), |won| won.to_string());
        let earned = coins(line.earned.parse().unwrap_or_default(), denom);
        let Line { results, expected, agreed, .. } = line;
        format!("{epoch:>8} {units:>5} {results:>8} {expected:>9.2} {won:>6} {agreed:>7}  {earned}")
    };
    out.extend(
        lines
            .iter()
            .filter(|line| line.units > 0 || line.results > 0)
            .map(|line| row(&line.epoch.to_string(), &line.units.to_string(), line)),
    );
    out.push(row("all", "", &sum(lines)));
    out.push(format!("to be claimed by the operator: {} (gateway node claim)", coins(claimable, denom)));
    out.join("\n")
}

fn sum(lines: &[Line]) -> Line {
    let mut all = Line::default();
    let mut earned = 0_u128;
    for line in lines {
        all.results += line.results;
        all.expected += line.expected;
        all.agreed += line.agreed;
        all.won = all.won.or(line.won.map(|_| 0)).map(|won| won + line.won.unwrap_or_default());
        earned = earned.saturating_add(line.earned.parse().unwrap_or_default());
    }
    all.earned = earned.to_string();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_seats_follow_the_units_and_the_attempt() {
        let close =
            |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9, "{found} and not {wanted}");
        close(expected(10, Attempt(0), 2, 40), 0.5);
        close(expected(10, Attempt(1), 2, 40), 1.0);
        close(expected(10, Attempt(0), 3, 5), 3.0);
        close(expected(10, Attempt(0), 3, 0), 0.0);
    }

    #[test]
    fn epochs_add_up() {
        let line = |won, agreed, earned: &str| Line {
            results: 2,
            expected: 1.5,
            won,
            agreed,
            earned: earned.to_owned(),
            ..Line::default()
        };
        let all = sum(&[line(Some(3), 2, "5"), line(Some(1), 1, "7")]);
        assert_eq!((all.results, all.won, all.agreed, all.earned.as_str()), (4, Some(4), 3, "12"));
        assert_eq!(sum(&[line(None, 1, "1")]).won, None);
    }
}

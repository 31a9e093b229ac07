//! The screen.

use gateway_api::Moniker;

use super::daemons::DaemonView;
use super::{AccountView, ChainView, ContractView, NodeView, View};
use crate::commands::chain::coins;

/// Draws everything.
pub(super) fn screen(view: &View) -> String {
    let mut lines = Vec::new();
    match &view.chain {
        Some(chain) => lines.push(chain_line(&view.network, chain)),
        None => lines.push(format!("chain     {}: does not answer", view.network)),
    }
    let denom = view.contract.as_ref().map(|contract| contract.denom.as_str()).unwrap_or_default();
    lines.extend(view.contract.iter().flat_map(contract_lines));
    lines.extend(view.account.iter().map(|AccountView { address, balance }| {
        format!("account   {address} has {}", coins(balance.parse().unwrap_or_default(), denom))
    }));
    if view.contract.is_some() {
        let drawing = view.nodes.iter().filter(|node| node.units > 0).count();
        lines.push(format!("nodes     {} registered, {drawing} draw in this epoch", view.nodes.len()));
        lines.extend(view.nodes.iter().map(|node| node_line(node, denom)));
    }
    if !view.daemons.is_empty() {
        lines.push("daemons".to_owned());
        lines.extend(view.daemons.iter().map(|daemon| daemon_line(daemon, denom)));
    }
    match view.problems.as_slice() {
        [] => lines.push("all is well".to_owned()),
        problems => {
            lines.push("not well".to_owned());
            lines.extend(problems.iter().map(|problem| format!("  {problem}")));
        }
    }
    lines.join("\n")
}

fn chain_line(network: &str, chain: &ChainView) -> String {
    let ChainView { chain_id, height, age_seconds, earliest, .. } = chain;
    format!(
        "chain     {chain_id} ({network}) at height {height}, {age_seconds} s old; the endpoint keeps blocks from {earliest} on"
    )
}

fn contract_lines(contract: &ContractView) -> Vec<String> {
    let ContractView { address, config, counter, governance, ledger, balance, denom, .. } = contract;
    let more = if contract.more_open_requests { " at least" } else { "" };
    let deadline = counter
        .next_deadline
        .map(|height| format!(", the first expires above height {height}"))
        .unwrap_or_default();
    let amount = |coin: u128| coins(coin, denom);
    let mut lines = vec![
        format!("contract  {address}, release {}", config.release),
        format!("          round {}, epoch {}, {} units", counter.round, counter.epoch, counter.total_units),
        format!("requests  {}{more} open{deadline}", contract.open_requests),
        match counter.next_firing {
            Some(height) => format!("schedules the next is due at height {height}"),
            None => "schedules none".to_owned(),
        },
        format!(
            "money     {} held: stake {}, reserved {}, claimable {}, pool {}, subscriptions {}, schedules {}",
            amount(balance.parse().unwrap_or_default()),
            amount(ledger.stake.u128()),
            amount(ledger.reserved.u128()),
            amount(ledger.claimable.u128()),
            amount(ledger.pool.u128()),
            amount(ledger.subscriptions.u128()),
            amount(ledger.schedules.u128())
        ),
    ];
    if governance.paused {
        lines.push("          paused: new work is refused".to_owned());
    }
    lines.extend(
        governance
            .halted_until
            .map(|height| format!("          results are or were halted until height {height}")),
    );
    lines
}

fn node_line(NodeView { node, units }: &NodeView, denom: &str) -> String {
    let jail = node
        .jailed_until
        .map(|height| format!(", jailed, may be unjailed from {height} on"))
        .unwrap_or_default();
    format!(
        "  {:<4} {:<16} {units:>2} units, stake {}, engine {}…{jail}",
        node.node.to_string(),
        Moniker::as_str(&node.moniker),
        coins(node.stake.u128(), denom),
        node.engine.to_string().get(..8).unwrap_or_default()
    )
}

fn daemon_line(daemon: &DaemonView, denom: &str) -> String {
    let state = match (&daemon.error, daemon.ready) {
        (Some(_), _) => "does not answer",
        (None, true) => "ready",
        (None, false) => "not ready",
    };
    let number = |name: &str| daemon.metrics.get(name).copied();
    let mut parts = Vec::new();
    parts.extend(number("gateway_applied_height").map(|n| format!("at height {n}")));
    parts.extend(number("gateway_account_balance").map(|n| format!("balance {}", rounded(n, denom))));
    parts.extend(number("gateway_outbox_depth").map(|n| format!("{n} messages queued")));
    let oldest = number("gateway_outbox_oldest_queued_seconds").filter(|n| *n > 0.0);
    parts.extend(oldest.map(|n| format!("the oldest for {n:.0} s")));
    parts.extend(number("gateway_outbox_stuck").filter(|n| *n > 0.0).map(|n| format!("{n} stuck")));
    let received = number("gateway_relay_received_waiting").filter(|n| *n > 0.0);
    parts.extend(received.map(|n| format!("{n} received requests wait")));
    parts.extend(number("gateway_node_running").map(|n| format!("{n} runs")));
    format!("  {:<7} {:<28} {state:<16} {}", daemon.kind, daemon.url, parts.join(", "))
}

/// Formats coins from a metric, which is a floating point number: inexact, so not all digits are shown.
fn rounded(amount: f64, denom: &str) -> String {
    let name = denom.strip_prefix('a').unwrap_or(denom).to_uppercase();
    format!("{:.3} {name}", amount / 1e18)
}

//! The commands that query a chain and sign for a user: `deploy`, `project`, `request`, `result`, `node …` and `contract`.

pub(super) mod archwayd;
mod code_store;
pub(super) mod contract;
pub(super) mod deploy;
pub(super) mod engine;
pub(super) mod explain_request;
mod network;
pub(super) mod node;
mod node_report;
pub(super) mod private_code;
pub(super) mod project;
mod registered;
pub(super) mod request;
pub(super) mod schedule;
pub(super) mod sealing;
pub(super) mod secret;
mod session;
pub(super) mod status;
pub(super) mod subscription;

pub(super) use network::Network;

pub(super) use super::say::say;

/// Formats coins of 10^18 units for people.
fn coins(amount: u128, denom: &str) -> String {
    let (whole, part) = (amount / 1_000_000_000_000_000_000, amount % 1_000_000_000_000_000_000);
    let name = denom.strip_prefix('a').unwrap_or(denom).to_uppercase();
    if part == 0 {
        return format!("{whole} {name}");
    }
    let part = format!("{part:018}");
    format!("{whole}.{} {name}", part.trim_end_matches('0'))
}

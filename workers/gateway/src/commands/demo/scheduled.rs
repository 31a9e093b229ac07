//! The demo's last part: a subscription pays for requests that a schedule opens, for a project that calls an API with a key
//! that its owner has sealed to the nodes.

use std::path::Path;

use gateway_api::{NewRequest, NewSchedule, ProjectId, QueryMsg, SubscriptionResponse};
use gateway_localnet::{Localnet, LocalnetError, RequestTicket};
use gateway_protocol::Domain;
use serde_json::Value;
use tokio::time::Instant;

use super::DemoError;
use super::api::Api;
use super::progress::Progress;
use super::table::Row;
use crate::commands::CommandError;
use crate::commands::chain::sealing::{recipients, set_secret};

/// The subscription's initial balance: 5 ARCH.
const FUNDS: u128 = 5_000_000_000_000_000_000;
/// Number of firings, and blocks between them.
const FIRINGS: u64 = 2;
const EVERY: u64 = 10;

/// Registers the project, subscribes and schedules; returns a table row for each firing.
pub(super) async fn run(
    net: &Localnet,
    api: &Api,
    home: &Path,
    progress: &Progress,
) -> Result<Vec<Row>, DemoError> {
    let project = net.register(&api.project()).await?;
    seal(net, api, project, progress).await?;
    progress.say("a user keeps 5 ARCH in a subscription, and schedules two requests that it pays for");
    let subscription = net.subscribe(FUNDS).await?;
    let (from, began) = (net.height().await?, Instant::now());
    let first = from + EVERY;
    let request = NewRequest { subscription: Some(subscription), ..NewRequest::new(project, "null") };
    // A keeper comes a block or two after a firing is due.
    let until = Some(first + EVERY * FIRINGS - 1);
    let new = NewSchedule { request, at: Some(first), every_blocks: Some(EVERY), until };
    let schedule = net.schedule(new, 0).await?;

    progress.begin("waiting for the keeper to open them, and for their results");
    net.until("the schedule's end", || async { Ok((!net.any_schedule().await?).then_some(())) }).await?;
    let firings = net.firings(from).await?.remove(&schedule).unwrap_or_default();
    if firings.made.len() as u64 != FIRINGS {
        let found = firings.made.len().into();
        return Err(DemoError::WrongResult {
            request: 0,
            project: "firings",
            found,
            expected: FIRINGS.into(),
        });
    }
    let mut rows = Vec::new();
    for firing in firings.made {
        let ticket = RequestTicket { request: firing.request, fee: 0, gas: 0, sent: began };
        let reading = net.result(&ticket).await?;
        let (request, found, expected) = (firing.request.get(), reading.value(), Api::expected());
        if found != expected {
            return Err(DemoError::WrongResult { request, project: "price", found, expected });
        }
        rows.push(Row::new("price (scheduled)", &ticket, &reading));
    }
    progress.finish();
    report(net, api, subscription, progress).await?;
    nowhere(api, home)?;
    Ok(rows)
}

/// Seals the API's key to the nodes, as `gateway secret set` does.
async fn seal(net: &Localnet, api: &Api, project: ProjectId, progress: &Progress) -> Result<(), DemoError> {
    let failed = |error: CommandError| DemoError::Sealing(error.to_string());
    net.until_secrets_can_be_sealed().await?;
    let keys = recipients(&net.query()).await.map_err(failed)?.keys;
    let (id, key) = api.secret().map_err(|error| DemoError::Sealing(error.to_string()))?;
    let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
    let message = set_secret(&domain, project, &id, &keys, &key).map_err(failed)?;
    progress.say(&format!(
        "a developer seals an API's key to the {} nodes that have published an encryption key",
        keys.len()
    ));
    net.execute(net.developer(), net.contract(), &message, 0).await?;
    Ok(())
}

/// Reports what was paid and what the API saw.
async fn report(
    net: &Localnet,
    api: &Api,
    subscription: gateway_api::SubscriptionId,
    progress: &Progress,
) -> Result<(), LocalnetError> {
    let left: SubscriptionResponse = net.ask(&QueryMsg::Subscription { subscription }).await?;
    let paid = FUNDS.saturating_sub(left.balance.u128());
    let (answered, refused) = api.calls();
    progress.say(&format!(
        "the subscription paid {} for both; the API answered {answered} nodes' calls, {refused} came without its key",
        super::story::coins(paid)
    ));
    Ok(())
}

/// Checks that the key is in no configuration, log or database: only its ciphertexts are on the chain.
fn nowhere(api: &Api, home: &Path) -> Result<(), DemoError> {
    for entry in std::fs::read_dir(home).map_err(DemoError::Home)? {
        let path = entry.map_err(DemoError::Home)?.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let kept = matches!(ending, "log" | "db" | "db-wal" | "toml");
        if kept && api.is_in(&std::fs::read(&path).map_err(DemoError::Home)?) {
            let found = Value::from(format!("the API's key in {}", path.display()));
            return Err(DemoError::WrongResult {
                request: 0,
                project: "secret",
                found,
                expected: Value::Null,
            });
        }
    }
    Ok(())
}

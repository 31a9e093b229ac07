//! Requests that the relay sends and pays for an API key: queued once, and matched to the ids the chain gives them.

use std::collections::BTreeSet;

use gateway_api::events::GatewayEvent;
use gateway_api::{ExecuteMsg, FeeResponse, Overrides, ProjectId, QueryMsg, RequestId, limits};
use gateway_chain::outbox::NewItem;
use gateway_chain::{Coin, TxEvents};
use gateway_http::Problem;
use gateway_store::{SponsoredRow, Work};
use sha2::{Digest, Sha256};

use crate::context::Relay;
use crate::error::RelayError;

/// Longest idempotency key, in bytes.
const MAX_KEY: usize = 128;
/// Sponsored requests looked up in one reconciliation.
const RESOLVE: u64 = 100;

/// Checks an `Idempotency-Key`.
pub(crate) fn check_key(key: Option<&str>) -> Result<&str, Problem> {
    match key {
        Some(key) if (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(key)
        }
        _ => Err(Problem::invalid("Idempotency-Key", "the header takes 1 to 128 visible ASCII characters")),
    }
}

/// Queues a request, or finds the one queued before under the same key.
pub(crate) async fn queue(
    relay: &Relay,
    payer: &str,
    key: &str,
    project: ProjectId,
    input: String,
    overrides: Option<Overrides>,
) -> Result<SponsoredRow, Problem> {
    if input.len() > limits::MAX_INPUT_BYTES as usize {
        return Err(Problem::too_large("input", limits::MAX_INPUT_BYTES as usize));
    }
    let msg = ExecuteMsg::Request { project, input, callback: None, overrides };
    let msg = serde_json::to_vec(&msg).map_err(Problem::internal)?;
    let fingerprint = hex::encode(Sha256::digest(&msg));
    if let Some(row) = relay.store.sponsored().get(payer, key).await? {
        return same(row, &fingerprint);
    }
    let fee = fee(relay, project, overrides).await?;
    let work = relay.store.begin().await?;
    // Asked again inside the transaction: of two calls at once one finds the other's row.
    if let Some(row) = work.sponsored().get(payer, key).await? {
        return same(row, &fingerprint);
    }
    let item_key = format!("sponsor/{}", hex::encode(Sha256::digest(format!("{payer}/{key}").as_bytes())));
    let new = NewItem { key: item_key, msg, funds: vec![fee] };
    let item = work.outbox().enqueue(&new).await?;
    let row = SponsoredRow {
        payer: payer.to_owned(),
        key: key.to_owned(),
        fingerprint,
        item: item.id,
        request: None,
    };
    work.sponsored().insert(&row).await?;
    work.commit().await?;
    relay.outbox.nudge();
    tracing::info!(payer, %project, item = item.id, "sponsored request queued");
    metrics::counter!("gateway_relay_sponsored_total").increment(1);
    Ok(row)
}

fn same(row: SponsoredRow, fingerprint: &str) -> Result<SponsoredRow, Problem> {
    if row.fingerprint == fingerprint {
        Ok(row)
    } else {
        Err(Problem::conflict("this Idempotency-Key was used for another request").field("Idempotency-Key"))
    }
}

async fn fee(relay: &Relay, project: ProjectId, overrides: Option<Overrides>) -> Result<Coin, Problem> {
    let answer: Result<FeeResponse, _> = relay.query.ask(&QueryMsg::EstimateFee { project, overrides }).await;
    let fee = match answer {
        Ok(fee) => fee,
        Err(gateway_chain::ChainError::Query { log, .. }) => return Err(Problem::invalid("project", log)),
        Err(error) => return Err(error.into()),
    };
    let total = fee.total.u128();
    match relay.max_fee {
        Some(max) if total > u128::from(max) => Err(Problem::forbidden(format!(
            "the fee of {total}{} is above the {max} that this relay pays for one request",
            fee.denom
        ))
        .field("project")),
        _ => Ok(Coin::new(total, fee.denom)),
    }
}

/// Matches the requests opened by the relay's own transactions with the items that asked for them.
///
/// A transaction executes its messages in order and each message of the relay opens one request in its name, so the n-th
/// such request belongs to the n-th such item; requests that callbacks open in between have another requester.
pub(crate) async fn resolve(
    contract: &str,
    own: &str,
    work: &Work,
    txs: &[TxEvents],
) -> Result<(), RelayError> {
    for tx in txs.iter().filter(|tx| tx.code == 0) {
        let opened = opened(contract, own, tx);
        if opened.is_empty() {
            continue;
        }
        let Some(items) = work.outbox().items_of(&tx.hash).await? else { continue };
        let mut opened = opened.into_iter();
        for item in items {
            if work.sponsored().by_item(item).await?.is_none() {
                continue;
            }
            let Some(request) = opened.next() else { break };
            tracing::info!(%request, item, "sponsored request opened");
            work.sponsored().known(item, request).await?;
        }
    }
    Ok(())
}

fn opened(contract: &str, own: &str, tx: &TxEvents) -> Vec<RequestId> {
    let events =
        tx.events.iter().filter_map(|raw| match GatewayEvent::decode(contract, &raw.ty, &raw.pairs()) {
            Ok(Some(GatewayEvent::RequestOpened(event))) if event.requester == own => Some(event.request),
            _ => None,
        });
    events.collect()
}

/// Transactions of sponsored requests in blocks that were never seen, because they were pruned.
pub(crate) async fn missed(relay: &Relay) -> Result<Vec<TxEvents>, RelayError> {
    let mut hashes = BTreeSet::new();
    // Blocks still to be worked off are left to those.
    for row in relay.store.sponsored().unmatched(relay.height(), RESOLVE).await? {
        let item = relay.store.outbox().item(row.item).await?;
        hashes.extend(item.and_then(|item| item.tx_hash));
    }
    let mut txs = Vec::new();
    for hash in hashes {
        txs.extend(relay.query.chain().tx(&hash).await?.map(|found| found.tx));
    }
    Ok(txs)
}

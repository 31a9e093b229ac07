//! Requests that the relay sends and pays for an API key: queued once, and matched to the ids the chain gives them.
//!
//! While the chain does not answer they are received all the same, and wait for `receiver`.

use std::collections::BTreeSet;

use gateway_api::events::GatewayEvent;
use gateway_api::{ExecuteMsg, FeeResponse, NewRequest, QueryMsg, RequestId, limits};
use gateway_chain::outbox::{Layout, NewItem};
use gateway_chain::reader::tx_at;
use gateway_chain::{ChainError, Coin, TxEvents};
use gateway_http::Problem;
use gateway_store::{Order, ReceivedRow, ReceivedState, SponsoredRow, StoreError, Work};
use sha2::{Digest, Sha256};

use crate::context::Relay;
use crate::error::RelayError;

/// Longest idempotency key, in bytes.
const MAX_KEY: usize = 128;
/// Sponsored requests looked up in one reconciliation.
const RESOLVE: u64 = 100;
/// Most requests that wait for the chain, in all and of one API key.
const RECEIVED: u64 = 10_000;
const RECEIVED_EACH: u64 = 2_000;

/// Why a request is not queued for the chain.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SponsorError {
    /// It will never be: what is wrong with it, for its sender.
    #[error("{0}")]
    Refused(Problem),
    /// The chain does not answer now.
    #[error(transparent)]
    Chain(ChainError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SponsorError> for Problem {
    fn from(error: SponsorError) -> Self {
        match error {
            SponsorError::Refused(problem) => problem,
            SponsorError::Chain(error) => error.into(),
            SponsorError::Store(error) => error.into(),
        }
    }
}

/// The outcome of posting a request.
pub(crate) enum Posted {
    /// It is queued for the chain, now or before.
    Queued(SponsoredRow),
    /// It waits for the chain under this id.
    Received(u64),
}

/// Checks an `Idempotency-Key`.
pub(crate) fn check_key(key: Option<&str>) -> Result<&str, Problem> {
    match key {
        Some(key) if (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(key)
        }
        _ => Err(Problem::invalid("Idempotency-Key", "the header takes 1 to 128 visible ASCII characters")),
    }
}

/// Queues a request, or finds what was sent before under the same key; receives it where the chain does not answer.
pub(crate) async fn post(relay: &Relay, payer: &str, key: &str, order: Order) -> Result<Posted, Problem> {
    if order.input.len() > limits::MAX_INPUT_BYTES as usize {
        return Err(Problem::too_large("input", limits::MAX_INPUT_BYTES as usize));
    }
    let (msg, fingerprint) = message(&order)?;
    if let Some(row) = relay.store.sponsored().get(payer, key).await? {
        return same(&row.fingerprint, &fingerprint, Posted::Queued(row.clone()));
    }
    if let Some(row) = relay.store.received().by_key(payer, key).await? {
        return match (row.state, row.reason) {
            (ReceivedState::Refused, reason) => {
                let kind = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
                Err(Problem::new(kind, "request-refused", "The request was refused")
                    .detail(reason.unwrap_or_default()))
            }
            _ => same(&row.fingerprint, &fingerprint, Posted::Received(row.id)),
        };
    }
    match send(relay, payer, key, &order, msg, fingerprint.clone()).await {
        Ok(row) => Ok(Posted::Queued(row)),
        Err(SponsorError::Chain(error)) => {
            tracing::warn!(%error, payer, "the chain does not answer: the request is kept until it does");
            receive(relay, payer, key, &order, &fingerprint).await.map(Posted::Received)
        }
        Err(error) => Err(error.into()),
    }
}

fn message(order: &Order) -> Result<(Vec<u8>, String), Problem> {
    let Order { project, input, overrides } = order.clone();
    let msg = ExecuteMsg::Request(NewRequest { overrides, ..NewRequest::new(project, input) });
    let msg = serde_json::to_vec(&msg).map_err(Problem::internal)?;
    let fingerprint = hex::encode(Sha256::digest(&msg));
    Ok((msg, fingerprint))
}

fn same(known: &str, asked: &str, posted: Posted) -> Result<Posted, Problem> {
    if known == asked {
        Ok(posted)
    } else {
        Err(Problem::conflict("this Idempotency-Key was used for another request").field("Idempotency-Key"))
    }
}

/// Stores a request that waits for the chain; returns its id.
async fn receive(
    relay: &Relay,
    payer: &str,
    key: &str,
    order: &Order,
    fingerprint: &str,
) -> Result<u64, Problem> {
    let work = relay.store.begin().await?;
    if let Some(row) = work.received().by_key(payer, key).await? {
        return Ok(row.id);
    }
    let full = work.received().count_waiting(None).await? >= RECEIVED
        || work.received().count_waiting(Some(payer)).await? >= RECEIVED_EACH;
    if full {
        return Err(Problem::too_many(
            "the chain does not answer, and too many requests wait for it already",
            30,
        ));
    }
    let id = work.received().insert(payer, key, fingerprint, order).await?;
    work.commit().await?;
    metrics::counter!("gateway_relay_received_total").increment(1);
    Ok(id)
}

/// Checks a received request again and queues it for the chain; returns the outbox item.
pub(crate) async fn send_received(relay: &Relay, row: &ReceivedRow) -> Result<i64, SponsorError> {
    if !relay.api_keys.holds(&row.payer) {
        let gone = Problem::unauthorized("the API key that sent it is not known here any more");
        return Err(SponsorError::Refused(gone));
    }
    let (msg, fingerprint) = message(&row.order).map_err(SponsorError::Refused)?;
    let sent = send(relay, &row.payer, &row.key, &row.order, msg, fingerprint).await?;
    Ok(sent.item)
}

/// Checks fee and quota and queues a request for the chain, in one transaction with what was spent.
async fn send(
    relay: &Relay,
    payer: &str,
    key: &str,
    order: &Order,
    msg: Vec<u8>,
    fingerprint: String,
) -> Result<SponsoredRow, SponsorError> {
    let fee = fee(relay, order).await?;
    let work = relay.store.begin().await?;
    // Asked again inside the transaction: of two calls at once one finds the other's row.
    if let Some(row) = work.sponsored().get(payer, key).await? {
        return match same(&row.fingerprint, &fingerprint, Posted::Queued(row.clone())) {
            Ok(_) => Ok(row),
            Err(problem) => Err(SponsorError::Refused(problem)),
        };
    }
    let most = relay.daily_spend.get(payer).copied();
    if !work.spending().add(payer, fee.amount, most).await? {
        let most = most.unwrap_or_default();
        let detail = format!(
            "this API key may spend {most}{} a day (UTC), and this request would exceed it",
            fee.denom
        );
        return Err(SponsorError::Refused(Problem::too_many(detail, 3600)));
    }
    let item_key = format!("sponsor/{}", hex::encode(Sha256::digest(format!("{payer}/{key}").as_bytes())));
    let new = NewItem { key: item_key, msg, funds: vec![fee], reserved_gas: 0 };
    let item = work.outbox().enqueue(&new).await?;
    let row = SponsoredRow {
        payer: payer.to_owned(),
        key: key.to_owned(),
        fingerprint,
        item: item.id,
        request: None,
    };
    work.sponsored().insert(&row).await?;
    if let Some(received) = work.received().by_key(payer, key).await? {
        work.received().settle(received.id, ReceivedState::Queued, None).await?;
    }
    work.commit().await?;
    relay.outbox.nudge();
    tracing::info!(payer, project = %order.project, item = item.id, "sponsored request queued");
    metrics::counter!("gateway_relay_sponsored_total").increment(1);
    Ok(row)
}

async fn fee(relay: &Relay, order: &Order) -> Result<Coin, SponsorError> {
    let refused = |problem: Problem| SponsorError::Refused(problem.field("project"));
    let Order { project, overrides, .. } = order;
    let question = QueryMsg::EstimateFee { project: *project, overrides: *overrides, callback: None };
    let fee = match relay.query.ask::<FeeResponse, _>(&question).await {
        Ok(fee) => fee.value,
        Err(ChainError::Query { log, .. }) => return Err(refused(Problem::invalid("project", log))),
        Err(error) if error.is_retryable() => return Err(SponsorError::Chain(error)),
        Err(error) => return Err(refused(Problem::internal(error))),
    };
    let total = fee.total.u128();
    if total > u128::from(relay.max_fee) {
        let most = relay.max_fee;
        let detail = format!(
            "the fee of {total}{} is above the {most} that this relay pays for one request",
            fee.denom
        );
        return Err(refused(Problem::forbidden(detail)));
    }
    Ok(Coin::new(total, fee.denom))
}

/// Matches the requests opened by the relay's own transactions with the items that asked for them.
///
/// A transaction executes its messages in order, and the contract the requests of one message, so the n-th request opened in the
/// relay's name belongs to the n-th item that asked for one and was not refused; requests that callbacks open in between have
/// another requester.
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
        let Some(ids) = work.outbox().items_of(&tx.hash).await? else { continue };
        let items = work.outbox().items(&ids).await?;
        let sponsored = work.sponsored().among(&ids).await?;
        let refused = Layout::of(&items).refused(contract, tx);
        let mut opened = opened.into_iter();
        for (at, item) in items.iter().enumerate() {
            if refused.contains_key(&at) || !sponsored.contains(&item.id) {
                continue;
            }
            let Some(request) = opened.next() else { break };
            tracing::info!(%request, item = item.id, "sponsored request opened");
            work.sponsored().known(item.id, request).await?;
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
    // Blocks still to be worked off are left to those.
    let rows = relay.store.sponsored().unmatched(relay.height(), RESOLVE).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.item).collect();
    let items = relay.store.outbox().items(&ids).await?;
    let hashes: BTreeSet<_> =
        items.into_iter().filter_map(|item| Some((item.tx_hash?, item.height))).collect();
    let mut txs = Vec::new();
    for (hash, height) in hashes {
        txs.extend(tx_at(&**relay.query.chain(), &hash, height).await?);
    }
    Ok(txs)
}

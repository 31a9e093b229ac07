//! Requests that the relay sends and pays for on behalf of an API key: checked, and queued once.
//!
//! While the chain does not answer they are accepted anyway, and wait for `receiver`.

use gateway_api::{ExecuteMsg, NewRequest, limits};
use gateway_chain::ChainError;
use gateway_http::Problem;
use gateway_store::{Order, ReceivedRow, ReceivedState, SponsoredRow, StoreError};
use sha2::{Digest, Sha256};

use crate::context::Relay;
use crate::orders::{NewOrder, Queued};

/// Longest idempotency key, in bytes.
const MAX_KEY: usize = 128;
/// Most requests waiting for the chain, in total and per API key.
const RECEIVED: u64 = 10_000;
const RECEIVED_EACH: u64 = 2_000;

/// Why a request was not queued for the chain.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SponsorError {
    /// It can never be queued: what is wrong with it, for its sender.
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
    /// This call has queued it for the chain.
    New(SponsoredRow),
    /// An earlier call has queued it for the chain.
    Before(SponsoredRow),
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

/// Queues a request, or finds an earlier one under the same key; stores it as received if the chain does not answer.
pub(crate) async fn post(relay: &Relay, payer: &str, key: &str, order: Order) -> Result<Posted, Problem> {
    if order.input.len() > limits::MAX_INPUT_BYTES as usize {
        return Err(Problem::too_large("input", limits::MAX_INPUT_BYTES as usize));
    }
    let (msg, fingerprint) = message(&order)?;
    match send(relay, payer, key, &order, msg, fingerprint.clone(), false).await {
        Ok(Queued::New(row)) => Ok(Posted::New(row)),
        Ok(Queued::Before(row)) => {
            let known = row.fingerprint.clone();
            same(&known, &fingerprint, Posted::Before(row))
        }
        Ok(Queued::Received(row)) => received(row, &fingerprint),
        // An earlier request under the key is found regardless.
        Err(error) => match (sent_before(relay, payer, key, &fingerprint).await?, error) {
            (Some(posted), _) => Ok(posted),
            (None, SponsorError::Chain(error)) => {
                tracing::warn!(%error, payer, "the chain does not answer: the request is kept until it does");
                receive(relay, payer, key, &order, &fingerprint).await.map(Posted::Received)
            }
            (None, error) => Err(error.into()),
        },
    }
}

/// Returns the earlier request under a key.
async fn sent_before(
    relay: &Relay,
    payer: &str,
    key: &str,
    fingerprint: &str,
) -> Result<Option<Posted>, Problem> {
    if let Some(row) = relay.store.sponsored().get(payer, key).await? {
        let known = row.fingerprint.clone();
        return same(&known, fingerprint, Posted::Before(row)).map(Some);
    }
    match relay.store.received().by_key(payer, key).await? {
        Some(row) => received(row, fingerprint).map(Some),
        None => Ok(None),
    }
}

/// Answers for a request that was received under the same key.
fn received(row: ReceivedRow, fingerprint: &str) -> Result<Posted, Problem> {
    match (row.state, row.reason) {
        (ReceivedState::Refused, reason) => {
            let kind = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Err(Problem::new(kind, "request-refused", "The request was refused")
                .detail(reason.unwrap_or_default()))
        }
        _ => same(&row.fingerprint, fingerprint, Posted::Received(row.id)),
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

/// Rechecks a received request and queues it for the chain; returns the outbox item.
pub(crate) async fn send_received(relay: &Relay, row: &ReceivedRow) -> Result<i64, SponsorError> {
    if !relay.api_keys.holds(&row.payer) {
        let gone = Problem::unauthorized("the API key that sent it is not known here any more");
        return Err(SponsorError::Refused(gone));
    }
    let (msg, fingerprint) = message(&row.order).map_err(SponsorError::Refused)?;
    let sent = send(relay, &row.payer, &row.key, &row.order, msg, fingerprint.clone(), true).await?;
    match sent {
        Queued::New(sent) | Queued::Before(sent) if sent.fingerprint == fingerprint => Ok(sent.item),
        Queued::New(_) | Queued::Before(_) | Queued::Received(_) => {
            let detail = "this Idempotency-Key was used for another request";
            Err(SponsorError::Refused(Problem::conflict(detail).field("Idempotency-Key")))
        }
    }
}

/// Queries the fee and queues a request for the chain. `received`: it was received earlier and has been waiting.
async fn send(
    relay: &Relay,
    payer: &str,
    key: &str,
    order: &Order,
    msg: Vec<u8>,
    fingerprint: String,
    received: bool,
) -> Result<Queued, SponsorError> {
    let fee = relay.fees.of(relay, order).await?;
    let new = NewOrder { payer: payer.to_owned(), key: key.to_owned(), fingerprint, fee, msg, received };
    let queued = relay.orders.store(new).await?;
    if let Queued::New(row) = &queued {
        tracing::info!(payer, project = %order.project, item = row.item, "sponsored request queued");
        metrics::counter!("gateway_relay_sponsored_total").increment(1);
    }
    Ok(queued)
}

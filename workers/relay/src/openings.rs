//! Matches the ids that the chain assigns to requests with the outbox messages that sent them.

use std::collections::BTreeSet;

use gateway_api::RequestId;
use gateway_api::events::GatewayEvent;
use gateway_chain::TxEvents;
use gateway_chain::outbox::Layout;
use gateway_chain::reader::tx_at;
use gateway_store::Work;

use crate::context::Relay;
use crate::error::RelayError;

/// Sponsored requests looked up per reconciliation.
const RESOLVE: u64 = 100;

/// Matches the requests opened by the relay's own transactions with the items that sent them; returns the matches.
///
/// A transaction executes its messages in order, and the contract the requests within a message, so the n-th request opened in
/// the relay's name belongs to the n-th item that sent one and was not refused; requests that callbacks open in between have
/// another requester.
pub(crate) async fn resolve(
    contract: &str,
    own: &str,
    work: &Work,
    txs: &[TxEvents],
) -> Result<Vec<(i64, RequestId)>, RelayError> {
    let mut matched = Vec::new();
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
            matched.push((item.id, request));
        }
    }
    Ok(matched)
}

fn opened(contract: &str, own: &str, tx: &TxEvents) -> Vec<RequestId> {
    let events =
        tx.events.iter().filter_map(|raw| match GatewayEvent::decode(contract, &raw.ty, &raw.pairs()) {
            Ok(Some(GatewayEvent::RequestOpened(event))) if event.requester == own => Some(event.request),
            _ => None,
        });
    events.collect()
}

/// Returns the transactions of sponsored requests in blocks that were never read, because they were pruned.
pub(crate) async fn missed(relay: &Relay) -> Result<Vec<TxEvents>, RelayError> {
    // Requests in blocks not processed yet are matched when those are.
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

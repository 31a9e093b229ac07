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
            matched.push((item.id, request));
        }
    }
    work.sponsored().known(&matched).await?;
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

#[cfg(test)]
mod tests {
    use gateway_api::events::{RequestOpened, RequestRefused};
    use gateway_api::{ExecuteMsg, InputHash, NewRequest, ProjectId, Version};
    use gateway_chain::outbox::{NewItem, OutboxStore, OutboxTx};
    use gateway_chain::{Coin, RawEvent};
    use gateway_store::{SponsoredRow, Store};
    use gateway_testkit::{CONTRACT, contract_event};

    use super::*;

    const RELAY: &str = "archway1relay";

    /// Returns an event of the transaction's first message.
    fn first(mut event: RawEvent) -> RawEvent {
        event.attributes.push(("msg_index".to_owned(), "0".to_owned()));
        event
    }

    fn opened(request: u64) -> RawEvent {
        first(contract_event(RequestOpened {
            request: RequestId(request),
            project: ProjectId(1),
            version: Version(1),
            requester: RELAY.to_owned(),
            input_hash: InputHash([0; 32]),
            deadline: 90,
            reserved: 100u128.into(),
        }))
    }

    async fn queue(store: &Store, key: &str) -> i64 {
        let msg = serde_json::to_vec(&ExecuteMsg::Request(NewRequest::new(ProjectId(1), "1"))).expect("JSON");
        let funds = vec![Coin::new(100, "aarch")];
        let new = NewItem { key: key.to_owned(), msg, funds, reserved_gas: 0 };
        let item = store.enqueue(&new).await.expect("queues").id;
        let work = store.begin().await.expect("begins");
        let (payer, fingerprint) = ("shop".to_owned(), String::new());
        let row = SponsoredRow { payer, key: key.to_owned(), fingerprint, item, request: None };
        work.sponsored().insert(&[row]).await.expect("stores");
        work.commit().await.expect("commits");
        item
    }

    #[tokio::test]
    async fn a_refused_request_leaves_the_ids_to_those_behind_it() {
        let store = Store::open("sqlite::memory:").await.expect("opens");
        let mut items = Vec::new();
        for key in ["a", "b", "c"] {
            items.push(queue(&store, key).await);
        }
        let signed = OutboxTx {
            hash: "A".to_owned(),
            bytes: vec![1],
            sequence: 1,
            signed_height: 2,
            timeout_height: 9,
            items: items.clone(),
        };
        store.record_signed(&signed).await.expect("signs");
        let reason = "the project is paused".to_owned();
        let refused = first(contract_event(RequestRefused { index: 1, project: ProjectId(1), reason }));
        let events = vec![opened(7), refused, opened(8)];
        let tx = TxEvents {
            hash: "A".to_owned(),
            code: 0,
            gas_used: 1,
            gas_wanted: 1,
            height: 3,
            index: 0,
            events,
        };

        let work = store.begin().await.expect("begins");
        let matched = resolve(CONTRACT, RELAY, &work, &[tx]).await.expect("resolves");
        assert_eq!(matched, [(items[0], RequestId(7)), (items[2], RequestId(8))]);
    }
}

//! Maps the items of a transaction to its messages.
//!
//! Requests in one transaction share a message: on Archway a further message costs more gas than a further request, and the
//! contract processes each request of a message separately, so that refusing one fails no other.

use std::collections::BTreeMap;

use gateway_api::events::GatewayEvent;
use gateway_api::limits::MAX_REQUESTS;
use gateway_api::{ExecuteMsg, NewRequest};

use super::store::OutboxItem;
use crate::fees::Shape;
use crate::tx::Msg;
use crate::types::{Coin, TxEvents};

/// One message of a transaction.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// An item's own message.
    Alone(usize),
    /// The items, at least two, whose requests share a message.
    Shared(Vec<(usize, NewRequest)>),
}

/// The messages of a transaction, derived from its items alone: signing, blaming and reading results agree on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    places: Vec<Place>,
}

impl Layout {
    /// Lays out the items of a transaction: requests that have not failed before share a message, placed where the first of
    /// them is.
    pub fn of(items: &[OutboxItem]) -> Self {
        let request = |item: &OutboxItem| {
            let message = Shape::of_item(item).merges.then(|| serde_json::from_slice(&item.msg));
            match message {
                Some(Ok(ExecuteMsg::Request(request))) => Some(request),
                _ => None,
            }
        };
        let mut places = Vec::with_capacity(items.len());
        let mut shared: Option<usize> = None;
        for (at, item) in items.iter().enumerate() {
            let Some(request) = request(item) else {
                places.push(Place::Alone(at));
                continue;
            };
            match shared.and_then(|place| places.get_mut(place)) {
                Some(Place::Shared(list)) if list.len() < MAX_REQUESTS => list.push((at, request)),
                _ => {
                    shared = Some(places.len());
                    places.push(Place::Shared(vec![(at, request)]));
                }
            }
        }
        for place in &mut places {
            if let Place::Shared(list) = place
                && let [(at, _)] = list.as_slice()
            {
                *place = Place::Alone(*at);
            }
        }
        Self { places }
    }

    /// Returns the messages to sign.
    ///
    /// # Errors
    /// [`serde_json::Error`] if a message has no JSON form.
    pub(super) fn messages(
        &self,
        items: &[OutboxItem],
        sender: &str,
        contract: &str,
    ) -> Result<Vec<Msg>, serde_json::Error> {
        let message = |place: &Place| {
            Ok(match place {
                Place::Alone(at) => {
                    let item = &items[*at];
                    Msg::execute(sender, contract, item.msg.clone(), &item.funds)
                }
                Place::Shared(list) => {
                    let requests = list.iter().map(|(_, request)| request.clone()).collect();
                    let msg = serde_json::to_vec(&ExecuteMsg::Requests { requests })?;
                    Msg::execute(
                        sender,
                        contract,
                        msg,
                        &sum(list.iter().flat_map(|(at, _)| &items[*at].funds)),
                    )
                }
            })
        };
        self.places.iter().map(message).collect()
    }

    /// Returns the items in the message at this index; none if there is no such message.
    pub(super) fn items_of(&self, message: usize) -> Vec<usize> {
        match self.places.get(message) {
            Some(Place::Alone(at)) => vec![*at],
            Some(Place::Shared(list)) => list.iter().map(|(at, _)| *at).collect(),
            None => Vec::new(),
        }
    }

    /// Returns the items whose request the contract refused in a transaction that it executed, with the reasons. The coins of
    /// such a request were returned at once.
    pub fn refused(&self, contract: &str, tx: &TxEvents) -> BTreeMap<usize, String> {
        let mut refused = BTreeMap::new();
        for raw in &tx.events {
            // A callback of another message may have sent requests of its own.
            let message = raw.attribute("msg_index").and_then(|index| index.parse::<usize>().ok());
            let Some(Place::Shared(list)) = message.and_then(|message| self.places.get(message)) else {
                continue;
            };
            if let Ok(Some(GatewayEvent::RequestRefused(event))) =
                GatewayEvent::decode(contract, &raw.ty, &raw.pairs())
                && let Some((at, _)) = list.get(event.index as usize)
            {
                refused.insert(*at, event.reason);
            }
        }
        refused
    }
}

/// Adds up the coins, one entry per denomination.
fn sum<'a>(coins: impl Iterator<Item = &'a Coin>) -> Vec<Coin> {
    let mut by_denom: BTreeMap<&str, u128> = BTreeMap::new();
    for coin in coins {
        let total = by_denom.entry(&coin.denom).or_default();
        *total = total.saturating_add(coin.amount);
    }
    by_denom.into_iter().map(|(denom, amount)| Coin::new(amount, denom)).collect()
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;

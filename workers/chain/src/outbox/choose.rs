//! Chooses the queued messages to send next: the oldest that the account can afford and that are not deferred.
//!
//! A waiting message does not block the others.

use super::batching::batch_len;
use super::engine::{Engine, PassError};
use super::store::OutboxItem;
use crate::fees::Shape;

/// Pages of the queue read at most, so that a queue of unaffordable messages costs little.
const PAGES: u32 = 10;
/// Gas assumed for a message without a gas model.
const UNKNOWN_GAS: u64 = 300_000;

/// Messages for the next transaction.
pub(super) struct Chosen {
    pub(super) items: Vec<OutboxItem>,
    pub(super) shapes: Vec<Shape>,
    /// All of them have a gas model and none has failed before: their gas is known without a simulation.
    pub(super) modelled: bool,
}

/// Returns whether the item's gas is known without asking a node.
fn is_modelled(item: &OutboxItem, shape: &Shape) -> bool {
    item.attempts == 0 && shape.kind.is_some()
}

impl Engine {
    /// Chooses the items, none if nothing can be sent. Modelled messages and others travel separately: simulating them together
    /// would give wrong results for those that depend on the height.
    pub(super) async fn choose(&mut self, latest: u64) -> Result<Chosen, PassError> {
        self.deferred.retain(|_, until| *until > latest);
        if self.deferred.is_empty() {
            self.report.deferred(None);
        }
        let mut chosen = Chosen { items: Vec::new(), shapes: Vec::new(), modelled: false };
        let (mut after, mut oldest, mut balance, mut unpaid) = (0, None, None, 0u64);
        'pages: for _ in 0..PAGES {
            let page = self.store.queued(after, self.config.max_items).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let short = page.len() < self.config.max_items as usize;
            for item in page {
                if oldest.is_none() {
                    oldest = Some(item.clone());
                }
                if self.deferred.contains_key(&item.id) {
                    continue;
                }
                let shape = Shape::of_item(&item);
                if !chosen.items.is_empty() && is_modelled(&item, &shape) != chosen.modelled {
                    continue;
                }
                let left = match balance {
                    Some(left) => left,
                    None => self.chain.balance(self.signer.address(), &self.chain_config.denom).await?,
                };
                let cost = self.cost(&item, &shape);
                balance = Some(left.saturating_sub(if cost <= left { cost } else { 0 }));
                if cost > left {
                    unpaid += 1;
                    continue;
                }
                chosen.modelled = is_modelled(&item, &shape);
                chosen.items.push(item);
                chosen.shapes.push(shape);
                if chosen.items.len() >= self.config.max_items as usize {
                    break 'pages;
                }
            }
            if short {
                break;
            }
        }
        self.report.oldest(oldest.as_ref());
        if let Some(left) = balance {
            let (account, denom) = (self.signer.address(), &self.chain_config.denom);
            let problem = (unpaid > 0).then(|| {
                format!("{account} has {left}{denom} left, too little for {unpaid} queued messages: send it coins for their fees")
            });
            self.report.funds(problem);
        }
        let len = batch_len(&chosen.items, &self.config, self.max_bytes);
        chosen.items.truncate(len);
        chosen.shapes.truncate(len);
        Ok(chosen)
    }

    /// Returns the most that sending the message alone can cost the account, in the chain's denom.
    fn cost(&self, item: &OutboxItem, shape: &Shape) -> u128 {
        let estimate = self.fees.estimate(std::slice::from_ref(shape));
        let fee = self.fees.amount(estimate.map_or(UNKNOWN_GAS, |estimate| estimate.limit), 1);
        let denom = &self.chain_config.denom;
        let funds: u128 = item.funds.iter().filter(|coin| coin.denom == *denom).map(|coin| coin.amount).sum();
        fee.saturating_add(funds)
    }
}

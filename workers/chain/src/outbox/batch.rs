//! Making transactions of queued messages: choose, simulate, isolate what cannot work, sign, write down, send.

use super::batching::{batch_len, gas_limit, next_sequence};
use super::chain_errors::SimulationFault;
use super::engine::{Engine, PassError};
use super::store::{OutboxItem, OutboxTx};
use crate::error::ChainError;
use crate::signer::Terms;
use crate::tx::{Msg, hash};
use crate::types::{Account, Coin};

/// A batch that simulates well.
struct Ready {
    items: Vec<OutboxItem>,
    gas: u64,
}

/// What became of preparing a batch.
enum Prepared {
    Ready(Ready),
    /// Every message of it was given up.
    Empty,
    /// The account's sequence moves: try again with the next block.
    Later,
}

impl Engine {
    /// Signs and sends batches while there are queued messages and room in flight.
    pub(super) async fn sign_queued(&mut self, latest: u64) -> Result<(), PassError> {
        while latest > self.hold_at || self.hold_at == 0 {
            let flights = self.store.in_flight().await?;
            if flights.len() >= self.config.max_in_flight {
                break;
            }
            let mut items = self.store.queued(self.config.max_items).await?;
            items.truncate(batch_len(&items, &self.config));
            if items.is_empty() {
                break;
            }
            let account = self.account().await?;
            let sequence = next_sequence(account.sequence, flights.iter().map(|tx| tx.sequence));
            let account = Account { sequence, ..account };
            match self.prepare(items, account).await? {
                Prepared::Ready(ready) => self.sign_and_send(ready, account, latest).await?,
                Prepared::Empty => {}
                Prepared::Later => {
                    self.account = None;
                    self.hold_at = latest;
                }
            }
        }
        Ok(())
    }

    async fn prepare(&self, mut items: Vec<OutboxItem>, account: Account) -> Result<Prepared, PassError> {
        loop {
            match self.simulate(&items, account).await {
                Ok(gas) if gas <= self.config.max_gas => return Ok(Prepared::Ready(Ready { items, gas })),
                Ok(_) if items.len() > 1 => items.truncate(items.len().div_ceil(2)),
                Ok(gas) => {
                    let error =
                        format!("it needs {gas} gas, more than outbox.max_gas {}", self.config.max_gas);
                    self.give_up(&items[0], &error).await?;
                    return Ok(Prepared::Empty);
                }
                Err(SimulationFault::WrongSequence) => return Ok(Prepared::Later),
                Err(SimulationFault::Chain(error)) => return Err(error.into()),
                Err(SimulationFault::Funds(log)) => {
                    self.check_account_can_pay(&log).await?;
                    return self.isolate(items, account).await;
                }
                Err(SimulationFault::Message(_)) => return self.isolate(items, account).await,
            }
        }
    }

    /// Adds one message at a time and gives up each that makes the whole fail; keeps what depends on order.
    async fn isolate(&self, items: Vec<OutboxItem>, account: Account) -> Result<Prepared, PassError> {
        let mut ready = Ready { items: Vec::new(), gas: 0 };
        for item in items {
            ready.items.push(item);
            match self.simulate(&ready.items, account).await {
                Ok(gas) if gas <= self.config.max_gas => ready.gas = gas,
                Ok(_) if ready.items.len() > 1 => {
                    ready.items.pop();
                    break;
                }
                Ok(gas) => {
                    let error =
                        format!("it needs {gas} gas, more than outbox.max_gas {}", self.config.max_gas);
                    self.give_up_last(&mut ready, &error).await?;
                }
                Err(SimulationFault::WrongSequence) => return Ok(Prepared::Later),
                Err(SimulationFault::Chain(error)) => return Err(error.into()),
                Err(SimulationFault::Funds(log)) => {
                    self.check_account_can_pay(&log).await?;
                    self.give_up_last(&mut ready, &log).await?;
                }
                Err(SimulationFault::Message(log)) => self.give_up_last(&mut ready, &log).await?,
            }
        }
        Ok(if ready.items.is_empty() { Prepared::Empty } else { Prepared::Ready(ready) })
    }

    /// An account that cannot pay its fees holds the queue up; it must never cost a message its life.
    async fn check_account_can_pay(&self, log: &str) -> Result<(), PassError> {
        let denom = &self.chain_config.denom;
        let balance = self.chain.balance(self.signer.address(), denom).await?;
        let needed = self.chain_config.gas_price.fee(self.config.max_gas);
        if balance < needed {
            let reason = format!(
                "{} has {balance}{denom}, keep at least {needed}{denom} there for fees: {log}",
                self.signer.address()
            );
            return Err(ChainError::invalid("the signing account's balance", reason).into());
        }
        Ok(())
    }

    async fn give_up_last(&self, ready: &mut Ready, error: &str) -> Result<(), PassError> {
        match ready.items.pop() {
            Some(item) => self.give_up(&item, error).await,
            None => Ok(()),
        }
    }

    async fn give_up(&self, item: &OutboxItem, error: &str) -> Result<(), PassError> {
        tracing::warn!(key = item.key, error, "message given up");
        metrics::counter!("gateway_outbox_given_up_total").increment(1);
        self.store.fail(item.id, error).await?;
        self.announce();
        Ok(())
    }

    /// The gas limit for these messages together.
    async fn simulate(&self, items: &[OutboxItem], account: Account) -> Result<u64, SimulationFault> {
        let terms = self.terms(account, 0, 0);
        let unsigned = self.signer.unsigned(&self.msgs(items), &terms).map_err(SimulationFault::Chain)?;
        let used = self.chain.simulate(&unsigned).await.map_err(SimulationFault::of)?;
        let attempts = items.iter().map(|item| item.attempts).max().unwrap_or(0);
        Ok(gas_limit(used, self.chain_config.gas_adjustment, attempts))
    }

    async fn sign_and_send(&mut self, ready: Ready, account: Account, latest: u64) -> Result<(), PassError> {
        let timeout_height = latest + self.config.timeout_blocks;
        let terms = self.terms(account, ready.gas, timeout_height);
        let bytes = self.signer.sign(&self.msgs(&ready.items), &terms)?;
        let tx = OutboxTx {
            hash: hash(&bytes),
            bytes,
            sequence: account.sequence,
            signed_height: latest,
            timeout_height,
            items: ready.items.iter().map(|item| item.id).collect(),
        };
        self.store.record_signed(&tx).await?;
        metrics::histogram!("gateway_outbox_batch_messages").record(tx.items.len() as f64);
        self.broadcast(&tx, latest).await
    }

    fn msgs(&self, items: &[OutboxItem]) -> Vec<Msg> {
        let (sender, contract) = (self.signer.address(), &self.chain_config.contract);
        items.iter().map(|item| Msg::execute(sender, contract, item.msg.clone(), &item.funds)).collect()
    }

    fn terms(&self, account: Account, gas_limit: u64, timeout_height: u64) -> Terms<'_> {
        let fee = self.chain_config.gas_price.fee(gas_limit);
        Terms {
            chain_id: &self.chain_config.chain_id,
            account,
            gas_limit,
            fee: Coin::new(fee, self.chain_config.denom.clone()),
            timeout_height,
            memo: "",
        }
    }
}

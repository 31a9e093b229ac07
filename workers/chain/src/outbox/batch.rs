//! Making transactions of queued messages: know or simulate their gas, isolate what cannot work, sign, write down, send.

use super::batching::{gas_limit, next_sequence};
use super::choose::Chosen;
use super::engine::{Engine, PassError};
use super::layout::Layout;
use super::store::{OutboxItem, OutboxTx};
use crate::error::{ChainError, Result};
use crate::fees::{Calibration, Shape, TICK};
use crate::node_wording::{self, SimulationMeaning};
use crate::signer::Terms;
use crate::tx::{Msg, hash};
use crate::types::Account;

/// Passes in a row without a simulation after which each message is tried alone.
const UNWELL_PASSES: u32 = 3;
/// Blocks for which a message is skipped that no node could simulate.
const DEFER: u64 = 10;

/// A batch whose gas is known.
struct Ready {
    items: Vec<OutboxItem>,
    gas: u64,
}

/// The outcome of preparing a batch.
enum Prepared {
    Ready(Ready),
    /// Every message of it was given up or left for later.
    Empty,
    /// The account's sequence moves: try again with the next block.
    Later,
}

/// Why a simulation failed.
enum Fault {
    /// Not the messages' fault: the connection, the node, or an answer that makes no sense.
    Chain(ChainError),
    /// The sequence is not the one expected now.
    Sequence,
    /// Somebody has too few coins: the message at the index, or the account.
    Funds(Option<usize>, String),
    /// The message at the index cannot be executed.
    Message(usize, String),
    /// More gas than a node gives a simulation.
    OutOfGas(String),
}

impl Fault {
    fn of(error: ChainError) -> Self {
        match error {
            ChainError::QueryOutOfGas { log, .. } => Self::OutOfGas(log),
            ChainError::Query { ref log, code, ref codespace, .. } => {
                match node_wording::simulation(code, codespace, log) {
                    SimulationMeaning::Sequence => Self::Sequence,
                    SimulationMeaning::Funds(index) => Self::Funds(index, log.clone()),
                    SimulationMeaning::Message(index) => Self::Message(index, log.clone()),
                    SimulationMeaning::OutOfGas => Self::OutOfGas(log.clone()),
                    SimulationMeaning::NodeUnwell => Self::Chain(error),
                }
            }
            error => Self::Chain(error),
        }
    }
}

impl Engine {
    /// Signs and sends batches while there are queued messages and room in flight. Returns whether there was a message to send.
    pub(super) async fn sign_queued(&mut self, latest: u64) -> std::result::Result<bool, PassError> {
        let mut signed = false;
        while latest > self.hold_at || self.hold_at == 0 {
            let flights = self.store.in_flight().await?;
            let priced_out = self.fees.problem().is_some() && !flights.is_empty();
            if flights.len() >= self.config.max_in_flight || priced_out {
                break;
            }
            let chosen = self.choose(latest).await?;
            if chosen.items.is_empty() {
                break;
            }
            signed = true;
            self.fees.refresh(&*self.chain, latest).await?;
            let account = self.account().await?;
            let sequence = next_sequence(account.sequence, flights.iter().map(|tx| tx.sequence));
            let account = Account { sequence, ..account };
            let modelled = chosen.modelled;
            match self.prepare(chosen, account, latest).await? {
                Prepared::Ready(ready) => {
                    if !modelled {
                        self.unwell = 0;
                    }
                    self.sign_and_send(ready, account, latest).await?;
                }
                Prepared::Empty => {}
                Prepared::Later => {
                    self.account = None;
                    self.hold_at = latest;
                }
            }
        }
        Ok(signed)
    }

    async fn prepare(
        &mut self,
        chosen: Chosen,
        account: Account,
        latest: u64,
    ) -> std::result::Result<Prepared, PassError> {
        let Chosen { mut items, mut shapes, modelled } = chosen;
        if !modelled {
            return self.simulated(items, account, latest).await;
        }
        self.calibrate(&items, &shapes, account).await;
        loop {
            match self.fees.estimate(&shapes) {
                Some(estimate) if estimate.limit <= self.config.max_gas => {
                    return Ok(Prepared::Ready(Ready { items, gas: estimate.limit }));
                }
                Some(_) if items.len() > 1 => {
                    items.truncate(items.len().div_ceil(2));
                    shapes.truncate(items.len());
                }
                // Too expensive by the gas model: a simulation decides.
                _ => break,
            }
        }
        self.simulated(items, account, latest).await
    }

    /// Teaches the gas model what these messages use on this chain, where it is unsure. A simulation that fails teaches nothing
    /// and stops nothing: the model has a limit all the same.
    async fn calibrate(&self, items: &[OutboxItem], shapes: &[Shape], account: Account) {
        let tick = [Shape::tick()];
        let (msgs, shapes) = match self.fees.calibration(shapes) {
            None => return,
            Some(Calibration::Messages) => (self.msgs(items), shapes),
            Some(Calibration::Tick) => (Ok(vec![self.tick()]), tick.as_slice()),
        };
        let used = match msgs {
            Ok(msgs) => self.used(&msgs, account).await,
            Err(error) => Err(Fault::Chain(error)),
        };
        match used {
            Ok(used) => self.fees.learn_simulated(shapes, used),
            Err(_) => tracing::debug!("a simulation for the gas model failed"),
        }
    }

    fn tick(&self) -> Msg {
        Msg::execute(self.signer.address(), &self.chain_config.contract, TICK.to_vec(), &[])
    }

    /// Simulates; takes out what is refused, and halves what needs too much gas.
    async fn simulated(
        &mut self,
        mut items: Vec<OutboxItem>,
        account: Account,
        latest: u64,
    ) -> std::result::Result<Prepared, PassError> {
        while !items.is_empty() {
            match self.simulate(&items, account).await {
                Ok(gas) if gas <= self.config.max_gas => return Ok(Prepared::Ready(Ready { items, gas })),
                Ok(_) | Err(Fault::OutOfGas(_)) if items.len() > 1 => items.truncate(items.len().div_ceil(2)),
                Ok(gas) => {
                    let error =
                        format!("it needs {gas} gas, more than outbox.max_gas {}", self.config.max_gas);
                    self.give_up(&items[0], &error).await?;
                    items.clear();
                }
                Err(Fault::Sequence) => return Ok(Prepared::Later),
                Err(Fault::OutOfGas(log)) => {
                    self.defer(&items[0], &log, latest);
                    items.clear();
                }
                Err(Fault::Funds(Some(index), log)) if index < items.len() => {
                    let item = items.remove(index);
                    if self.can_pay(&item).await? {
                        // The contract, or somebody behind it, has too little: that is its refusal.
                        self.give_up(&item, &log).await?;
                    } else {
                        self.defer(&item, &log, latest);
                    }
                }
                Err(Fault::Message(index, log)) if index < items.len() => {
                    self.give_up(&items.remove(index), &log).await?;
                }
                Err(Fault::Funds(_, log) | Fault::Message(_, log)) => {
                    return Err(ChainError::invalid("the signing account or its fee", log).into());
                }
                Err(Fault::Chain(error @ ChainError::NodeUnwell { .. })) => {
                    self.unwell = self.unwell.saturating_add(1);
                    if self.unwell < UNWELL_PASSES {
                        return Err(error.into());
                    }
                    // One message may fail in every simulation: the others go on without it.
                    return self.each_alone(items, account, latest).await;
                }
                Err(Fault::Chain(error)) => return Err(error.into()),
            }
        }
        Ok(Prepared::Empty)
    }

    /// Takes the first message that simulates well alone; leaves those before it for later.
    async fn each_alone(
        &mut self,
        items: Vec<OutboxItem>,
        account: Account,
        latest: u64,
    ) -> std::result::Result<Prepared, PassError> {
        for item in items {
            match self.simulate(std::slice::from_ref(&item), account).await {
                Ok(gas) => return Ok(Prepared::Ready(Ready { items: vec![item], gas })),
                Err(Fault::Chain(error @ ChainError::NodeUnwell { .. })) => {
                    self.defer(&item, &error.to_string(), latest);
                }
                Err(Fault::Chain(error)) => return Err(error.into()),
                // What is known to be wrong with it, the next pass acts on.
                Err(_) => {}
            }
        }
        Ok(Prepared::Empty)
    }

    /// Whether the account has the message's coins and a fee.
    async fn can_pay(&self, item: &OutboxItem) -> Result<bool> {
        let denom = &self.chain_config.denom;
        let balance = self.chain.balance(self.signer.address(), denom).await?;
        let funds: u128 = item.funds.iter().filter(|coin| coin.denom == *denom).map(|coin| coin.amount).sum();
        Ok(balance >= funds.saturating_add(self.fees.amount(self.config.max_gas.min(1_000_000), 1)))
    }

    /// Leaves a message for later: it stays queued and uses up no attempt.
    fn defer(&mut self, item: &OutboxItem, reason: &str, latest: u64) {
        tracing::warn!(key = item.key, reason, "message skipped for now");
        metrics::counter!("gateway_outbox_deferred_total").increment(1);
        self.deferred.insert(item.id, latest.saturating_add(DEFER));
        self.report.deferred(Some(format!("a message waits: {reason}")));
    }

    pub(super) async fn give_up(&self, item: &OutboxItem, error: &str) -> std::result::Result<(), PassError> {
        tracing::warn!(key = item.key, error, "message given up");
        metrics::counter!("gateway_outbox_given_up_total").increment(1);
        self.store.fail(item.id, error).await?;
        self.failed();
        self.announce();
        Ok(())
    }

    /// The gas limit for these messages together: what they use now, adjusted; at least what the model says of those
    /// that do less in a simulation than in a block; and what callbacks may use.
    async fn simulate(&self, items: &[OutboxItem], account: Account) -> std::result::Result<u64, Fault> {
        let used = self.used(&self.msgs(items).map_err(Fault::Chain)?, account).await?;
        let attempts = items.iter().map(|item| item.attempts).max().unwrap_or(0);
        let reserved = items.iter().map(|item| item.reserved_gas).fold(0, u64::saturating_add);
        let shapes: Vec<_> = items.iter().map(|item| Shape { reserved: 0, ..Shape::of_item(item) }).collect();
        let known = self.fees.estimate(&shapes).map_or(0, |estimate| estimate.limit);
        let limit = gas_limit(used, self.chain_config.gas_adjustment, attempts);
        Ok(limit.max(gas_limit(known, 1.0, attempts)).saturating_add(reserved))
    }

    /// What these messages together use in a simulation.
    async fn used(&self, msgs: &[Msg], account: Account) -> std::result::Result<u64, Fault> {
        let terms = self.terms(account, 0, 0, 0);
        let unsigned = self.signer.unsigned(msgs, &terms).map_err(Fault::Chain)?;
        self.broadcaster.simulate(&unsigned).await.map_err(Fault::of)
    }

    async fn sign_and_send(
        &mut self,
        ready: Ready,
        account: Account,
        latest: u64,
    ) -> std::result::Result<(), PassError> {
        let timeout_height = latest + self.config.timeout_blocks;
        let tx = self.signed(&ready.items, ready.gas, account, latest, timeout_height).await?;
        self.store.record_signed(&tx).await?;
        metrics::histogram!("gateway_outbox_batch_messages").record(tx.items.len() as f64);
        self.broadcast(&tx, latest).await
    }

    /// The signed transaction of these messages.
    pub(super) async fn signed(
        &self,
        items: &[OutboxItem],
        gas: u64,
        account: Account,
        latest: u64,
        timeout_height: u64,
    ) -> Result<OutboxTx> {
        let msgs = self.msgs(items)?;
        let terms = self.terms(account, gas, timeout_height, msgs.len());
        let bytes = self.signer.sign(&msgs, &terms).await?;
        Ok(OutboxTx {
            hash: hash(&bytes),
            bytes,
            sequence: account.sequence,
            signed_height: latest,
            timeout_height,
            items: items.iter().map(|item| item.id).collect(),
        })
    }

    fn msgs(&self, items: &[OutboxItem]) -> Result<Vec<Msg>> {
        let (sender, contract) = (self.signer.address(), &self.chain_config.contract);
        let messages = Layout::of(items).messages(items, sender, contract);
        messages.map_err(|error| ChainError::invalid("a queued message", error))
    }

    fn terms(&self, account: Account, gas_limit: u64, timeout_height: u64, executes: usize) -> Terms<'_> {
        Terms {
            chain_id: &self.chain_config.chain_id,
            account,
            gas_limit,
            fee: self.fees.fee(gas_limit, executes),
            timeout_height,
            memo: "",
        }
    }
}

//! What transactions pay and how much gas they may use: one policy for the outbox and for people's transactions.
//!
//! The price comes from the configuration or from the chain, and is corrected by what the chain refuses; the gas of the
//! messages that daemons send comes from a [`CostModel`] that learns from what included transactions used.

mod cost_model;
mod estimator;
mod message_kind;
mod price;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use cost_model::Calibration;
pub use cost_model::{CostModel, Estimate};
pub(crate) use message_kind::TICK;
pub use message_kind::{MessageKind, Shape};
pub use price::{Correction, PriceSetting};

use self::price::Price;
use crate::config::ChainConfig;
use crate::error::Result;
use crate::reader::ChainReader;
use crate::tx::GasPrice;
use crate::types::{Coin, TxEvents};

/// Blocks between two questions to the chain for its price.
const ASK_EVERY: u64 = 20;

/// Price, flat fee and gas model of one chain and contract. Shared by everything of a process that sends there.
#[derive(Debug)]
pub struct FeePolicy {
    denom: String,
    contract: String,
    auto: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    price: Price,
    model: CostModel,
    asked_at: Option<u64>,
}

impl FeePolicy {
    /// The policy of a configuration.
    pub fn new(config: &ChainConfig) -> Self {
        let price = Price::new(config.gas_price, config.max_gas_price);
        let state = State { price, model: CostModel::new(), asked_at: None };
        Self {
            denom: config.denom.clone(),
            contract: config.contract.clone(),
            auto: config.gas_price == PriceSetting::Auto,
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the chain for its price where that is the setting, at most once in 20 blocks. `height` is the newest.
    ///
    /// # Errors
    /// A retryable [`ChainError`] where the chain does not answer. Where it has no query for its price, the refusals of
    /// transactions name it.
    pub async fn refresh(&self, chain: &dyn ChainReader, height: u64) -> Result<()> {
        let due = self.state().asked_at.is_none_or(|at| height >= at.saturating_add(ASK_EVERY));
        if !self.auto || !due {
            return Ok(());
        }
        let minimum = chain.minimum_price(&self.denom, &self.contract).await?;
        let mut state = self.state();
        state.asked_at = Some(height);
        if let Some(minimum) = minimum {
            state.price.chain_asks(&minimum);
        }
        metrics::gauge!("gateway_chain_gas_price").set(state.price.now().to_f64());
        Ok(())
    }

    /// The price of a unit of gas now.
    pub fn price(&self) -> GasPrice {
        self.state().price.now()
    }

    /// The fee of a transaction with this gas limit and so many messages to the contract: the flat fee is paid by each.
    pub fn fee(&self, gas_limit: u64, executes: usize) -> Vec<Coin> {
        self.state().price.fee(gas_limit, executes, &self.denom)
    }

    /// The part of [`fee`](Self::fee) in the chain's denom.
    pub fn amount(&self, gas_limit: u64, executes: usize) -> u128 {
        let fee = self.fee(gas_limit, executes);
        fee.iter().filter(|coin| coin.denom == self.denom).map(|coin| coin.amount).sum()
    }

    /// Takes a refusal for too low a fee: raises the price to what the chain asks for, up to the cap.
    pub fn refused(&self, log: &str, gas_limit: u64) -> Correction {
        let mut state = self.state();
        let correction = state.price.refused(log, gas_limit, &self.denom);
        metrics::gauge!("gateway_chain_gas_price").set(state.price.now().to_f64());
        correction
    }

    /// A fee was accepted: the price is enough.
    pub fn accepted(&self) {
        self.state().price.accepted();
    }

    /// What is wrong with the price; `None` where nothing is known to be.
    pub fn problem(&self) -> Option<String> {
        self.state().price.problem()
    }

    /// The gas of a transaction with these messages; `None` where the model knows one of them not.
    pub fn estimate(&self, messages: &[Shape]) -> Option<Estimate> {
        self.state().model.estimate(messages)
    }

    /// What to simulate where the model knows too little of the chain for these messages.
    pub(crate) fn calibration(&self, messages: &[Shape]) -> Option<Calibration> {
        self.state().model.calibration(messages)
    }

    /// Learns from a simulation: what the messages used together.
    pub(crate) fn learn_simulated(&self, messages: &[Shape], used: u64) {
        self.state().model.learn_simulated(messages, used);
    }

    /// Learns from an included transaction: what its messages used together.
    pub fn learn(&self, messages: &[Shape], tx: &TxEvents) {
        let done = message_kind::Done::of(&self.contract, messages, tx);
        self.state().model.learn(messages, tx, done);
    }
}

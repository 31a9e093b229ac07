//! The gas of whole transactions: an overhead for the transaction and for each message, and for each kind of message a
//! base and slopes.
//!
//! Seeded with figures measured on archwayd v10 and corrected by what included transactions used, so that another chain,
//! or the same after an upgrade, is known after a few transactions; the first of them are simulated, so that their limits are
//! good too. The model is relearned after a restart.

use gateway_api::limits::MAX_REQUESTS;

use super::estimator::Estimator;
use super::message_kind::{Done, Effects, MessageKind, Shape};
use crate::types::TxEvents;

/// Coefficients: the transaction, a message, then what each kind adds.
const N: usize = 16;
/// The SDK's price of a byte of a transaction.
const TX_BYTE: f64 = 10.0;
/// Bytes of a signed transaction with one message besides its JSON, and of each further message.
const TX_BYTES: f64 = 330.0;
const MESSAGE_BYTES: f64 = 190.0;

/// Seeds: name, gas and its standard deviation.
const SEEDS: [(&str, f64, f64); N] = [
    ("transaction", 93_400.0, 14_000.0),
    ("message", 80_000.0, 12_000.0),
    ("tick", 2_500.0, 3_000.0),
    ("round", 26_000.0, 6_000.0),
    ("epoch", 19_000.0, 6_000.0),
    ("ticket", 23_500.0, 12_000.0),
    ("request", 133_000.0, 26_000.0),
    ("further request of a message", 80_000.0, 26_000.0),
    ("byte of a request", 30.0, 8.0),
    ("publish", 102_000.0, 24_000.0),
    ("result", 68_000.0, 7_000.0),
    ("proof", 5_600.0, 1_000.0),
    ("attest", 60_000.0, 30_000.0),
    ("proof of an attest", 8_000.0, 3_000.0),
    ("tickets of a round", 45_000.0, 20_000.0),
    ("ticket of a round", 9_000.0, 4_000.0),
];

/// Standard deviations of the expected use that are left room for: one in some thousands is above it.
const SIGMAS: f64 = 3.3;
/// Part of the use that varies from transaction to transaction whatever is known.
const NOISE: f64 = 0.015;
/// Least room above the expected use, as a part of it.
const ROOM: f64 = 0.06;
/// Room above the expected use, as a part of it, from which on the model knows the chain too little.
const UNSURE: f64 = 0.15;
/// Standard deviation of what a simulation says: it may itself open a round that is due, and does not say so.
const SIMULATED: f64 = 4_000.0;
/// Part of the prior's variance that comes back with each observation.
const FORGET: f64 = 0.0005;

/// What a transaction will probably use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Expected use.
    pub expected: u64,
    /// The limit to set: enough but for one transaction in thousands, with all the gas reserved for callbacks.
    pub limit: u64,
}

/// What to simulate, so that the model learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calibration {
    /// The messages themselves.
    Messages,
    /// A tick alone.
    Tick,
}

/// The model of one chain and contract.
#[derive(Clone, Debug)]
pub struct CostModel {
    estimator: Estimator<N>,
    deviations: [f64; N],
}

impl Default for CostModel {
    fn default() -> Self {
        Self::new()
    }
}

impl CostModel {
    /// As seeded.
    pub fn new() -> Self {
        let deviations = SEEDS.map(|(_, _, deviation)| deviation);
        Self { estimator: Estimator::new(SEEDS.map(|(_, mean, _)| mean), deviations), deviations }
    }

    /// The seeds: name, gas, and how unsure they are.
    pub fn seeds() -> [(&'static str, f64, f64); N] {
        SEEDS
    }

    /// What a transaction with these messages will use; `None` where one of them has no model. Most messages open a round or
    /// an epoch that is due, and an attestation fulfils the request that it completes, which nobody can know before the block: there is
    /// always room for all of these.
    pub fn estimate(&self, messages: &[Shape]) -> Option<Estimate> {
        let opens = messages.iter().any(|message| {
            matches!(message.kind, Some(MessageKind::Tick | MessageKind::Request | MessageKind::Publish))
        });
        let attests = messages.iter().filter(|message| message.kind == Some(MessageKind::Attest)).count();
        // Which attestation completes a quorum is decided in the block too.
        let fulfilled = u32::try_from(attests).unwrap_or(u32::MAX);
        let effects = Effects { rounds: u32::from(opens), epochs: u32::from(opens), fulfilled };
        let (features, bytes) = features(messages, effects)?;
        let (learned, variance) = self.estimator.estimate(&features);
        let expected = learned + bytes;
        let room = expected * ROOM;
        let unsure = SIGMAS * (variance + (NOISE * expected).powi(2)).sqrt();
        let reserved: u64 = messages.iter().map(|message| message.reserved).fold(0, u64::saturating_add);
        let limit = gas(expected + room.max(unsure)).saturating_add(reserved);
        Some(Estimate { expected: gas(expected), limit })
    }

    /// The simulation that would make the limit of these messages much better; `None` where the model is sure enough. What does
    /// less in a simulation than in a block shows nothing of itself, but a tick shows what every transaction and message costs on
    /// a chain that the model was not seeded for.
    pub(super) fn calibration(&self, messages: &[Shape]) -> Option<Calibration> {
        if messages.iter().all(Shape::is_faithful) {
            return self.is_unsure(messages).then_some(Calibration::Messages);
        }
        self.is_unsure(&[Shape::tick()]).then_some(Calibration::Tick)
    }

    fn is_unsure(&self, messages: &[Shape]) -> bool {
        let Some((features, bytes)) = features(messages, Effects::default()) else { return false };
        let (learned, variance) = self.estimator.estimate(&features);
        SIGMAS * variance.sqrt() > UNSURE * (learned + bytes)
    }

    /// Learns what a simulation used.
    pub(super) fn learn_simulated(&mut self, messages: &[Shape], used: u64) {
        if let Some((features, bytes)) = features(messages, Effects::default()) {
            self.estimator.learn(&features, used as f64 - bytes, SIMULATED.powi(2));
        }
    }

    /// Learns what a transaction used.
    pub(super) fn learn(&mut self, messages: &[Shape], tx: &TxEvents, done: Done) {
        let Some((features, bytes)) = features(messages, done.effects) else { return };
        let used = tx.gas_used as f64;
        let (learned, _) = self.estimator.estimate(&features);
        metrics::histogram!("gateway_chain_gas_limit_ratio").record(tx.gas_wanted as f64 / used.max(1.0));
        // A callback's gas is the consumer's, and what ran out of gas would have used more.
        let callbacks = messages.iter().any(|message| message.reserved > 0);
        let ran_out = tx.code != 0 && tx.gas_used >= tx.gas_wanted;
        let more = used > learned + bytes;
        if ran_out || (tx.code == 0 && !callbacks && (done.all || more)) {
            let observed = if ran_out { used * 1.1 } else { used };
            self.estimator.learn(&features, observed - bytes, (NOISE * used).powi(2));
            self.estimator.forget(FORGET, &self.deviations);
        }
    }
}

/// The learned features and the gas of the bytes, which is the same on every chain.
fn features(messages: &[Shape], effects: Effects) -> Option<([f64; N], f64)> {
    let mut features = [0.0; N];
    let mut bytes = TX_BYTES;
    features[0] = 1.0;
    features[3] = f64::from(effects.rounds);
    features[4] = f64::from(effects.epochs);
    features[10] = f64::from(effects.fulfilled);
    let mut merged = 0usize;
    for message in messages {
        let (results, proofs) = (f64::from(message.results), f64::from(message.proofs));
        let first = !message.merges || merged.is_multiple_of(MAX_REQUESTS);
        merged += usize::from(message.merges);
        bytes += message.bytes as f64;
        if first {
            features[1] += 1.0;
            bytes += MESSAGE_BYTES;
        }
        match message.kind? {
            MessageKind::Tick => features[2] += 1.0,
            MessageKind::Ticket => features[5] += 1.0,
            MessageKind::Request => {
                features[if first { 6 } else { 7 }] += 1.0;
                features[8] += message.bytes as f64;
            }
            MessageKind::Publish => {
                features[9] += 1.0;
                features[10] += results;
                features[11] += proofs;
            }
            MessageKind::RoundTickets => {
                features[14] += 1.0;
                features[15] += proofs;
            }
            MessageKind::Attest => {
                features[12] += 1.0;
                features[13] += proofs;
            }
        }
    }
    Some((features, bytes * TX_BYTE))
}

/// A float to integer cast saturates.
fn gas(value: f64) -> u64 {
    value.ceil() as u64
}

#[cfg(test)]
#[path = "cost_model_tests.rs"]
mod tests;

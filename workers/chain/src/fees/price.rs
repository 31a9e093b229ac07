//! The price of gas: configured or as the chain asks, corrected by refusals, never above a cap.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{ChainError, Result};
use crate::node_wording;
use crate::tx::GasPrice;
use crate::types::{Coin, MinimumPrice};

/// Archway's floor, in aarch.
const ARCHWAY: u128 = 140_000_000_000;
/// How far a price may rise above the configured one where no cap is set.
const DEFAULT_CAP: u32 = 10;

/// `gas_price` in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceSetting {
    /// As the chain asks.
    Auto,
    /// This price.
    Fixed(GasPrice),
}

impl PriceSetting {
    /// The price to reckon with before the chain was asked.
    pub fn expected(self) -> GasPrice {
        match self {
            Self::Auto => GasPrice::from_integer(ARCHWAY),
            Self::Fixed(price) => price,
        }
    }
}

impl Default for PriceSetting {
    fn default() -> Self {
        Self::Fixed(GasPrice::from_integer(ARCHWAY))
    }
}

impl From<GasPrice> for PriceSetting {
    fn from(price: GasPrice) -> Self {
        Self::Fixed(price)
    }
}

impl FromStr for PriceSetting {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self> {
        if text == "auto" { Ok(Self::Auto) } else { text.parse().map(Self::Fixed) }
    }
}

impl fmt::Display for PriceSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Fixed(price) => fmt::Display::fmt(price, f),
        }
    }
}

impl Serialize for PriceSetting {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PriceSetting {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        // Environment variables arrive as numbers where they look like numbers.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Text(String),
            Price(GasPrice),
        }
        match Raw::deserialize(from)? {
            Raw::Text(text) => text.parse().map_err(serde::de::Error::custom),
            Raw::Price(price) => Ok(Self::Fixed(price)),
        }
    }
}

/// What a refusal for the fee changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correction {
    /// The price was raised: sign anew.
    Raised(GasPrice),
    /// The chain asks for more than may be paid: wait, and say so.
    AboveCap,
    /// The refusal does not say what the chain asks for.
    Unknown,
}

/// The price now and what may become of it.
#[derive(Debug)]
pub(super) struct Price {
    now: GasPrice,
    cap: GasPrice,
    flat: Vec<Coin>,
    problem: Option<String>,
}

impl Price {
    pub(super) fn new(setting: PriceSetting, cap: Option<GasPrice>) -> Self {
        let (now, base) = match setting {
            PriceSetting::Fixed(price) => (price, price),
            // Before the chain was asked: nothing, which a chain without a minimum takes.
            PriceSetting::Auto => (GasPrice::from_atto(0), GasPrice::from_integer(ARCHWAY)),
        };
        let cap = cap.unwrap_or_else(|| base.times(DEFAULT_CAP, 1).max(GasPrice::from_atto(1)));
        Self { now: now.min(cap), cap, flat: Vec::new(), problem: None }
    }

    pub(super) fn now(&self) -> GasPrice {
        self.now
    }

    pub(super) fn fee(&self, gas_limit: u64, executes: usize, denom: &str) -> Vec<Coin> {
        let mut fee = vec![Coin::new(self.now.fee(gas_limit), denom)];
        for flat in &self.flat {
            let amount = flat.amount.saturating_mul(executes as u128);
            match fee.iter_mut().find(|coin| coin.denom == flat.denom) {
                Some(coin) => coin.amount = coin.amount.saturating_add(amount),
                None => fee.push(Coin::new(amount, flat.denom.clone())),
            }
        }
        fee
    }

    /// The chain's own figure, with a tenth on top: it may rise before the transaction is in a block.
    pub(super) fn chain_asks(&mut self, minimum: &MinimumPrice) {
        self.flat.clone_from(&minimum.flat);
        self.now = minimum.price.times(11, 10).min(self.cap.max(minimum.price));
        if minimum.price > self.cap {
            self.now = self.cap;
            self.problem = Some(above(minimum.price, self.cap));
        } else {
            self.problem = None;
        }
    }

    pub(super) fn refused(&mut self, log: &str, gas_limit: u64, denom: &str) -> Correction {
        let Some(required) = node_wording::required_fee(log, denom) else {
            self.problem = Some(format!("the chain refuses a price of {}: {log}", self.now));
            return Correction::Unknown;
        };
        let asked = GasPrice::paying(required.amount, gas_limit);
        if asked > self.cap {
            self.problem = Some(above(asked, self.cap));
            return Correction::AboveCap;
        }
        if asked <= self.now {
            // Paid already: the refusal concerns an older transaction, or the node has another minimum.
            self.problem = Some(format!("the chain refuses a price of {}: {log}", self.now));
            return Correction::Unknown;
        }
        tracing::warn!(from = %self.now, to = %asked, "the gas price is below the chain's minimum and was raised");
        metrics::counter!("gateway_chain_gas_price_raised_total").increment(1);
        self.now = asked;
        self.problem = None;
        Correction::Raised(asked)
    }

    pub(super) fn accepted(&mut self) {
        self.problem = None;
    }

    pub(super) fn problem(&self) -> Option<String> {
        self.problem.clone()
    }
}

fn above(asked: GasPrice, cap: GasPrice) -> String {
    format!("the chain asks for a gas price of {asked}, above chain.max_gas_price {cap}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(fee: u128) -> String {
        format!("tx fee 5aarch is less than min fee: {fee}aarch: insufficient fee")
    }

    #[test]
    fn a_refusal_raises_the_price_up_to_the_cap() {
        let mut price = Price::new(GasPrice::from_integer(100).into(), None);
        assert_eq!(price.fee(1000, 1, "aarch"), [Coin::new(100_000, "aarch")]);
        let raised = price.refused(&refusal(250_001), 1000, "aarch");
        assert!(matches!(raised, Correction::Raised(_)), "{raised:?}");
        assert!(price.fee(1000, 1, "aarch")[0].amount >= 250_001);
        assert_eq!(price.refused(&refusal(1_000_001), 1000, "aarch"), Correction::AboveCap);
        assert!(price.problem().is_some_and(|problem| problem.contains("max_gas_price 1000")));
        assert_eq!(price.refused("insufficient fee", 1000, "aarch"), Correction::Unknown);
        price.accepted();
        assert_eq!(price.problem(), None);
    }

    #[test]
    fn the_chains_price_is_followed_down_and_up_and_its_flat_fee_paid_by_each_message() {
        let mut price = Price::new(PriceSetting::Auto, Some(GasPrice::from_integer(50)));
        assert_eq!(price.fee(1000, 2, "aarch"), [Coin::new(0, "aarch")]);
        let flat = vec![Coin::new(7, "aarch"), Coin::new(3, "ibc/x")];
        price.chain_asks(&MinimumPrice { price: GasPrice::from_integer(10), flat });
        assert_eq!(price.fee(1000, 2, "aarch"), [Coin::new(11_014, "aarch"), Coin::new(6, "ibc/x")]);
        price.chain_asks(&MinimumPrice { price: GasPrice::from_integer(60), flat: Vec::new() });
        assert_eq!(price.now(), GasPrice::from_integer(50));
        assert!(price.problem().is_some());
        price.chain_asks(&MinimumPrice { price: GasPrice::from_integer(5), flat: Vec::new() });
        assert_eq!((price.problem(), price.fee(1000, 1, "aarch")), (None, vec![Coin::new(5_500, "aarch")]));
    }

    #[test]
    fn auto_and_numbers_are_read_and_written() {
        for (json, written) in
            [("\"auto\"", "auto"), ("\"0.5\"", "0.5"), ("0.5", "0.5"), ("140000000000", "140000000000")]
        {
            assert_eq!(serde_json::from_str::<PriceSetting>(json).expect(json).to_string(), written);
        }
        assert!(serde_json::from_str::<PriceSetting>("\"cheap\"").is_err());
    }
}

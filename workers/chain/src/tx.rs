//! Transactions: gas price, addresses, the messages sent, and their unsigned and signed bytes.
//!
//! Pure: no I/O and no key (the signer is passed in).

use std::fmt;
use std::str::FromStr;

use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use cosmrs::proto::cosmos::tx::v1beta1::{AuthInfo, TxRaw};
use cosmrs::proto::cosmwasm::wasm::v1::{
    MsgExecuteContract, MsgInstantiateContract, MsgMigrateContract, MsgStoreCode,
};
use cosmrs::proto::traits::{Message, Name};
use cosmrs::{AccountId, Any};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{ChainError, Result};
use crate::types::Coin;

/// Price of one unit of gas with up to 18 decimal places; exact, no floating point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GasPrice {
    /// Price times 10^18.
    atto: u128,
}

const ATTO: u128 = 1_000_000_000_000_000_000;

impl GasPrice {
    /// Creates a price of whole smallest units per gas (saturates at about 3.4 * 10^20).
    pub fn from_integer(units: u128) -> Self {
        Self { atto: units.saturating_mul(ATTO) }
    }

    /// Creates a price of `atto` times 10^-18 smallest units per gas.
    pub fn from_atto(atto: u128) -> Self {
        Self { atto }
    }

    /// Returns the lowest price at which `gas` costs at least `fee`, and at least 10^-18. Saturates.
    pub fn paying(fee: u128, gas: u64) -> Self {
        let gas = u128::from(gas.max(1));
        let (whole, rest) = (fee / gas, fee % gas);
        let part = rest.saturating_mul(ATTO).div_ceil(gas);
        Self { atto: whole.saturating_mul(ATTO).saturating_add(part).max(1) }
    }

    /// Returns the price times `numerator / denominator`, rounded up. Saturates.
    pub fn times(self, numerator: u32, denominator: u32) -> Self {
        let scaled = self.atto.saturating_mul(u128::from(numerator)).div_ceil(u128::from(denominator.max(1)));
        Self { atto: scaled }
    }

    /// Returns the price as a number, for gauges.
    pub fn to_f64(self) -> f64 {
        self.atto as f64 / ATTO as f64
    }

    /// Returns the fee for `gas`, rounded up. Saturates.
    pub fn fee(self, gas: u64) -> u128 {
        let gas = u128::from(gas);
        let (whole, part) = (self.atto / ATTO, self.atto % ATTO);
        // part < 10^18 and gas < 2^64, so the product fits 2^124.
        whole.saturating_mul(gas).saturating_add((part * gas).div_ceil(ATTO))
    }
}

impl FromStr for GasPrice {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |reason: &str| ChainError::invalid("gas price", format!("{reason}: {text:?}"));
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 18 {
            return Err(bad("expected a decimal number with at most 18 places"));
        }
        let whole: u128 = whole.parse().map_err(|_| bad("too large"))?;
        let part: u128 = format!("{part:0<18}").parse().map_err(|_| bad("too large"))?;
        let atto =
            whole.checked_mul(ATTO).and_then(|w| w.checked_add(part)).ok_or_else(|| bad("too large"))?;
        Ok(Self { atto })
    }
}

impl fmt::Display for GasPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.atto / ATTO, self.atto % ATTO);
        if part == 0 {
            return write!(f, "{whole}");
        }
        let part = format!("{part:018}");
        write!(f, "{whole}.{}", part.trim_end_matches('0'))
    }
}

impl Serialize for GasPrice {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GasPrice {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        // Environment variables that look like numbers arrive as numbers.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Text(String),
            Whole(u64),
            Decimal(f64),
        }
        let text = match Raw::deserialize(from)? {
            Raw::Text(text) => text,
            Raw::Whole(n) => n.to_string(),
            Raw::Decimal(d) => d.to_string(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Parses an address and checks its prefix; `what` names the value in the error.
///
/// # Errors
/// [`ChainError::Invalid`].
pub fn address(what: &str, text: &str, prefix: &str) -> Result<AccountId> {
    let id: AccountId = text.parse().map_err(|e| ChainError::invalid(what, format!("{e}: {text:?}")))?;
    if id.prefix() != prefix {
        return Err(ChainError::invalid(what, format!("it must start with {prefix}1: {text:?}")));
    }
    Ok(id)
}

/// Returns the hash under which the chain knows these bytes: upper-case hex of SHA-256.
pub fn hash(bytes: &[u8]) -> String {
    hex::encode_upper(Sha256::digest(bytes))
}

/// Returns the gas limit of signed bytes.
///
/// # Errors
/// [`ChainError::Decode`] when the bytes are not a transaction.
pub(crate) fn gas_limit_of(bytes: &[u8]) -> Result<u64> {
    let bad = |e| ChainError::decode("signed transaction", e);
    let raw = TxRaw::decode(bytes).map_err(bad)?;
    let auth = AuthInfo::decode(raw.auth_info_bytes.as_slice()).map_err(bad)?;
    Ok(auth.fee.map_or(0, |fee| fee.gas_limit))
}

/// A message of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Msg(pub(crate) Any);

fn pack<M: Name>(msg: &M) -> Msg {
    Msg(Any { type_url: M::type_url(), value: msg.encode_to_vec() })
}

pub(crate) fn coins(funds: &[Coin]) -> Vec<ProtoCoin> {
    // The chain refuses zero amounts and denominations out of order.
    let mut coins: Vec<_> = funds
        .iter()
        .filter(|c| c.amount > 0)
        .map(|c| ProtoCoin { denom: c.denom.clone(), amount: c.amount.to_string() })
        .collect();
    coins.sort_by(|a, b| a.denom.cmp(&b.denom));
    coins
}

impl Msg {
    /// Runs the JSON message `msg` on `contract` with `funds` attached.
    pub fn execute(sender: &str, contract: &str, msg: Vec<u8>, funds: &[Coin]) -> Self {
        pack(&MsgExecuteContract {
            sender: sender.into(),
            contract: contract.into(),
            msg,
            funds: coins(funds),
        })
    }

    /// Stores wasm (plain or gzip).
    pub fn store_code(sender: &str, wasm: Vec<u8>) -> Self {
        pack(&MsgStoreCode { sender: sender.into(), wasm_byte_code: wasm, instantiate_permission: None })
    }

    /// Creates a contract from stored code.
    pub fn instantiate(
        sender: &str,
        admin: Option<&str>,
        code_id: u64,
        label: &str,
        msg: Vec<u8>,
        funds: &[Coin],
    ) -> Self {
        pack(&MsgInstantiateContract {
            sender: sender.into(),
            admin: admin.unwrap_or_default().into(),
            code_id,
            label: label.into(),
            msg,
            funds: coins(funds),
        })
    }

    /// Migrates a contract to stored code. The sender must be its admin on the chain.
    pub fn migrate(sender: &str, contract: &str, code_id: u64, msg: Vec<u8>) -> Self {
        pack(&MsgMigrateContract { sender: sender.into(), contract: contract.into(), code_id, msg })
    }

    /// Sends coins.
    pub fn send(from: &str, to: &str, amount: &[Coin]) -> Self {
        pack(&MsgSend { from_address: from.into(), to_address: to.into(), amount: coins(amount) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gas_price_is_exact_and_rounds_the_fee_up() {
        let price: GasPrice = "0.025".parse().expect("decimal");
        assert_eq!(price.fee(1), 1);
        assert_eq!(price.fee(1000), 25);
        assert_eq!(price.fee(1001), 26);
        assert_eq!(price.to_string(), "0.025");
        assert_eq!(GasPrice::from_integer(140_000_000_000).fee(200_000), 28_000_000_000_000_000);
        assert_eq!(
            GasPrice::from_integer(u128::MAX).fee(u64::MAX),
            GasPrice::from_integer(u128::MAX).fee(u64::MAX)
        );
        for bad in ["", ".5", "1.", "-1", "1e3", "0.1234567890123456789", "999999999999999999999999999999"] {
            assert!(bad.parse::<GasPrice>().is_err(), "{bad:?} must be refused");
        }
        for json in ["\"0.5\"", "0.5"] {
            assert_eq!(serde_json::from_str::<GasPrice>(json).expect("json").to_string(), "0.5");
        }
        assert_eq!(serde_json::from_str::<GasPrice>("140000000000").expect("json").fee(1), 140_000_000_000);
    }

    #[test]
    fn funds_are_sorted_and_without_zeros() {
        let funds = [Coin::new(1, "b"), Coin::new(0, "c"), Coin::new(2, "a")];
        let denoms: Vec<_> = coins(&funds).into_iter().map(|c| c.denom).collect();
        assert_eq!(denoms, ["a", "b"]);
    }

    #[test]
    fn address_checks_checksum_and_prefix() {
        let good = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";
        assert!(address("x", good, "cosmos").is_err());
        assert!(address("x", &good.replace("w9s", "w9a"), "archway").is_err());
    }
}

//! The messages and the query of Archway's own modules, encoded by hand: three messages of texts and numbers need no generator.
//! They go out as `Stargate` messages, which the chain takes from a contract for any message that the contract signs. The query
//! is one of the three that the chain accepts from contracts; it answers in JSON.

use cosmwasm_std::{Binary, Coin, CosmosMsg, Empty, QuerierWrapper, QueryRequest, Uint128};
use serde::Deserialize;

/// Most records of rewards taken at once: each costs gas.
const REWARD_RECORDS: u64 = 100;

/// A message of protocol buffers as it grows.
struct Message(Vec<u8>);

impl Message {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A number; none for 0, which is what an absent one means.
    fn number(mut self, field: u64, number: u64) -> Self {
        if number > 0 {
            self.varint(field << 3);
            self.varint(number);
        }
        self
    }

    /// A text, or a message within.
    fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint((field << 3) | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    #[allow(deprecated)] // The name of the message on chains of this version.
    fn sent_to(self, type_url: &str) -> CosmosMsg {
        CosmosMsg::Stargate { type_url: type_url.to_owned(), value: Binary::new(self.0) }
    }
}

/// Reserves a callback: `MsgRequestCallback`.
pub(crate) fn request_callback(contract: &str, job: u64, height: u64, denom: &str, fee: &str) -> CosmosMsg {
    let fee = Message::new().bytes(1, denom.as_bytes()).bytes(2, fee.as_bytes());
    Message::new()
        .bytes(1, contract.as_bytes())
        .bytes(2, contract.as_bytes())
        .number(3, job)
        .number(4, height)
        .bytes(5, &fee.0)
        .sent_to("/archway.callback.v1.MsgRequestCallback")
}

/// What the chain answers about a reservation; the parts of the fee are not looked at.
#[derive(Deserialize)]
struct Estimate {
    total_fees: Coin,
}

/// What a reservation at a height costs now, in a denom: `EstimateCallbackFees`. None where the chain does not say.
pub(crate) fn estimate_callback_fee(
    querier: QuerierWrapper<'_>,
    height: u64,
    denom: &str,
) -> Option<Uint128> {
    #[allow(deprecated)] // The name of the query on chains of this version.
    let request: QueryRequest<Empty> = QueryRequest::Stargate {
        path: "/archway.callback.v1.Query/EstimateCallbackFees".to_owned(),
        data: Binary::new(Message::new().number(1, height).0),
    };
    let Estimate { total_fees } = querier.query(&request).ok()?;
    (total_fees.denom == denom).then_some(total_fees.amount)
}

/// Says who receives the contract's rewards: `MsgSetContractMetadata`.
pub(crate) fn set_metadata(contract: &str, owner: &str, rewards: &str) -> CosmosMsg {
    let metadata =
        Message::new().bytes(1, contract.as_bytes()).bytes(2, owner.as_bytes()).bytes(3, rewards.as_bytes());
    Message::new()
        .bytes(1, contract.as_bytes())
        .bytes(2, &metadata.0)
        .sent_to("/archway.rewards.v1.MsgSetContractMetadata")
}

/// Has the rewards that wait for the contract paid out to it: `MsgWithdrawRewards`.
pub(crate) fn withdraw_rewards(contract: &str) -> CosmosMsg {
    let limit = Message::new().number(1, REWARD_RECORDS);
    Message::new()
        .bytes(1, contract.as_bytes())
        .bytes(2, &limit.0)
        .sent_to("/archway.rewards.v1.MsgWithdrawRewards")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(message: CosmosMsg) -> Vec<u8> {
        #[allow(deprecated)]
        match message {
            CosmosMsg::Stargate { value, .. } => value.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_are_varints_and_zero_is_absent() {
        assert_eq!(Message::new().number(3, 0).0, [0u8; 0]);
        assert_eq!(Message::new().number(3, 127).0, [0x18, 0x7f]);
        assert_eq!(Message::new().number(4, 300).0, [0x20, 0xac, 0x02]);
        assert_eq!(Message::new().number(1, u64::MAX).0.len(), 11);
    }

    #[test]
    fn a_reservation_is_the_bytes_that_the_chain_reads() {
        let expected = b"\x0a\x01c\x12\x01c\x18\x02\x20\x80\x01\x2a\x0a\x0a\x05aarch\x12\x011";
        assert_eq!(value(request_callback("c", 2, 128, "aarch", "1")), expected);
    }
}

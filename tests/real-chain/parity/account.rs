//! An account that signs transactions, rightly or wrongly.

use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::proto::prost::Message;
use cosmrs::tx::{Body, Fee, SignDoc, SignerInfo};
use cosmrs::{AccountId, Any, Coin};

/// What a transaction says, where a case wants it different.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) chain_id: &'static str,
    pub(crate) gas: u64,
    pub(crate) fee: u128,
    pub(crate) timeout_height: u32,
    pub(crate) memo: String,
    /// Added to the sequence that would be right.
    pub(crate) ahead: u64,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            chain_id: "localnet-1",
            gas: 2_000_000,
            fee: 2_000_000,
            timeout_height: 0,
            memo: String::new(),
            ahead: 0,
        }
    }
}

/// A key and what the chain knows of it.
pub(crate) struct Account {
    key: SigningKey,
    pub(crate) id: AccountId,
    pub(crate) number: u64,
    pub(crate) sequence: u64,
}

impl Account {
    pub(crate) fn new(seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        let id = key.public_key().account_id("archway").unwrap();
        Self { key, id, number: 0, sequence: 0 }
    }

    /// Signs; the sequence stays.
    pub(crate) fn sign(&self, messages: Vec<Any>, terms: &Terms) -> Vec<u8> {
        let body = Body::new(messages, terms.memo.clone(), terms.timeout_height);
        let info = SignerInfo::single_direct(Some(self.key.public_key()), self.sequence + terms.ahead);
        let auth = info.auth_info(Fee::from_amount_and_gas(coin(terms.fee), terms.gas));
        let doc = SignDoc::new(&body, &auth, &terms.chain_id.parse().unwrap(), self.number).unwrap();
        doc.sign(&self.key).unwrap().to_bytes().unwrap()
    }
}

pub(crate) fn coin(amount: u128) -> Coin {
    Coin { denom: "aarch".parse().unwrap(), amount }
}

/// A message by its type and fields.
pub(crate) fn message(type_url: &str, message: &impl Message) -> Any {
    Any { type_url: type_url.to_owned(), value: message.encode_to_vec() }
}

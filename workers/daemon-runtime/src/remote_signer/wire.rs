//! Questions to a signer and its answers. Both ends use these types, so they cannot drift apart.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest line that either end reads, in bytes: a transaction of 700,000 bytes of messages, in hexadecimal.
pub const MAX_LINE: usize = 4 << 20;

/// Bytes, in hexadecimal on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// Returns the bytes as an array, if the length matches.
    #[must_use]
    pub fn array<const N: usize>(&self) -> Option<[u8; N]> {
        self.0.as_slice().try_into().ok()
    }
}

impl<const N: usize> From<[u8; N]> for Bytes {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes.to_vec())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        hex::decode(String::deserialize(from)?).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A question: what to do with which key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The key's name at the signer.
    pub key: String,
    /// What to do with it.
    pub what: Operation,
}

/// The draw of a request: what a VRF output and its proof are bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// The chain.
    pub chain_id: String,
    /// The contract.
    pub contract: String,
    /// The request.
    pub request: u64,
    /// The seed of the round that drew it, 32 bytes.
    pub seed: Bytes,
}

/// What to do with a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// Say what kind of key it is, and its public half. Signs nothing.
    Public {},
    /// Sign a transaction of an account (`SIGN_MODE_DIRECT`).
    Transaction {
        /// The chain.
        chain_id: String,
        /// The account's number there.
        account_number: u64,
        /// `TxBody`, as it is sent.
        body: Bytes,
        /// `AuthInfo`, as it is sent.
        auth_info: Bytes,
    },
    /// Evaluate the VRF for a request. Signs nothing.
    Draw(Draw),
    /// Attest an outcome. The signer computes the commitment itself and makes only one per request.
    Attest {
        /// The draw.
        draw: Draw,
        /// Hash of the code that ran, 32 bytes.
        code: Bytes,
        /// Hash of its input, 32 bytes.
        input: Bytes,
        /// The engine's id, 32 bytes.
        engine: Bytes,
        /// The outcome's class.
        class: String,
        /// SHA-256 of the outcome's body.
        sha256: Bytes,
        /// Bytes of the body.
        size: u32,
    },
    /// Make the ticket of an epoch or a round. It is fixed by key and seed: there is nothing to choose.
    Ticket {
        /// The chain.
        chain_id: String,
        /// The contract.
        contract: String,
        /// The seed, 32 bytes.
        seed: Bytes,
    },
    /// Sign an abstention.
    Abstain {
        /// The chain.
        chain_id: String,
        /// The contract.
        contract: String,
        /// The request.
        request: u64,
        /// The reason's name.
        reason: String,
        /// Details.
        detail: String,
    },
    /// Return the public half of the key, derived from the node's, to which values and code for it are sealed. Signs nothing.
    EncryptionKey {
        /// The chain.
        chain_id: String,
        /// The contract.
        contract: String,
    },
    /// Open what is sealed to that key.
    Open {
        /// The chain.
        chain_id: String,
        /// The contract.
        contract: String,
        /// What the ciphertext is bound to, 32 bytes.
        info: Bytes,
        /// The ciphertext.
        sealed: Bytes,
    },
    /// Sign a request for private code to a code store.
    CodeRequest {
        /// The chain.
        chain_id: String,
        /// The contract.
        contract: String,
        /// The node's id.
        node: u32,
        /// The project.
        project: u64,
        /// Hash of the code, 32 bytes.
        code: Bytes,
        /// The chain's height at the time of the request.
        height: u64,
    },
    /// Prove to the contract that an operator holds the key.
    Possession {
        /// The chain.
        chain_id: String,
        /// The contract.
        contract: String,
        /// The operator's address.
        operator: String,
    },
}

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// An account's: secp256k1.
    Account,
    /// A node's: sr25519, for the VRF.
    Node,
}

/// What a signer answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// The public half of a key.
    Public {
        /// Which kind it is of.
        kind: KeyKind,
        /// 33 bytes of an account's key, 32 of a node's.
        key: Bytes,
    },
    /// The requested signature, proof or VRF output.
    Signed(Bytes),
    /// The opened content.
    Opened(Bytes),
    /// Nothing was signed, for this reason.
    Refused(String),
}

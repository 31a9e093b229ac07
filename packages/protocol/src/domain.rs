//! What every preimage is bound to, a chain and a contract, and the preimages themselves.

use std::fmt;

use gateway_api::{
    CodeHash, Commit, EngineId, InputHash, NodeKey, OutcomeClass, RequestId, Salt, Seed, VrfOutput,
};
use merlin::Transcript;

use crate::body::BodyDigest;
use crate::hash::hash;

/// The chain and the contract that every preimage is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain<'a> {
    /// The chain's id.
    pub chain_id: &'a str,
    /// The contract's address.
    pub contract: &'a str,
}

/// What an outcome's hash covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomePreimage {
    /// The request answered.
    pub request: RequestId,
    /// The code that ran.
    pub code: CodeHash,
    /// The input it ran on.
    pub input: InputHash,
    /// The engine that ran it.
    pub engine: EngineId,
    /// What the run came to.
    pub class: OutcomeClass,
    /// The body.
    pub body: BodyDigest,
}

/// The hash of an outcome: equal where two nodes found the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutcomeHash(pub [u8; 32]);

impl fmt::Display for OutcomeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for OutcomeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutcomeHash({self})")
    }
}

impl Domain<'_> {
    /// Hashes fields behind the chain and the contract.
    pub(crate) fn bound(&self, tag: &str, fields: &[&[u8]]) -> [u8; 32] {
        let mut all = Vec::with_capacity(fields.len() + 2);
        all.extend_from_slice(&[self.chain_id.as_bytes(), self.contract.as_bytes()]);
        all.extend_from_slice(fields);
        hash(tag, &all)
    }

    /// A transcript that begins with the chain and the contract. Merlin prefixes every label and message with its length.
    pub(crate) fn transcript(&self, label: &'static [u8]) -> Transcript {
        let mut transcript = Transcript::new(label);
        transcript.append_message(b"chain", self.chain_id.as_bytes());
        transcript.append_message(b"contract", self.contract.as_bytes());
        transcript
    }

    /// The hash of an outcome.
    #[must_use]
    pub fn outcome(&self, outcome: &OutcomePreimage) -> OutcomeHash {
        let OutcomePreimage { request, code, input, engine, class, body: BodyDigest { sha256, size } } =
            outcome;
        OutcomeHash(self.bound(
            "gateway/outcome",
            &[
                &request.get().to_be_bytes(),
                &code.0,
                &input.0,
                &engine.0,
                class.as_str().as_bytes(),
                &sha256.0,
                &size.to_be_bytes(),
            ],
        ))
    }

    /// A node's commitment to an outcome.
    #[must_use]
    pub fn commit(&self, request: RequestId, key: &NodeKey, outcome: &OutcomeHash, salt: &Salt) -> Commit {
        Commit(self.bound("gateway/commit", &[&request.get().to_be_bytes(), &key.0, &outcome.0, &salt.0]))
    }

    /// The seed of epoch 0 and of round 0: height and time of the contract's first block.
    #[must_use]
    pub fn genesis_seed(&self, height: u64, time_ns: u64) -> Seed {
        Seed(self.bound("gateway/genesis", &[&height.to_be_bytes(), &time_ns.to_be_bytes()]))
    }

    /// The seed of a round from its epoch's seed, the round before it, and the height and time of the block that opens it.
    #[must_use]
    pub fn round_seed(&self, epoch_seed: &Seed, previous: &Seed, height: u64, time_ns: u64) -> Seed {
        Seed(self.bound(
            "gateway/round",
            &[&epoch_seed.0, &previous.0, &height.to_be_bytes(), &time_ns.to_be_bytes()],
        ))
    }

    /// The seed of a draw of the class `beacon` from its round's seed and the outputs of the round's lowest tickets, in
    /// ascending order of their values.
    #[must_use]
    pub fn beacon_seed(&self, round_seed: &Seed, outputs: &[VrfOutput]) -> Seed {
        let mut fields: Vec<&[u8]> = vec![&round_seed.0];
        fields.extend(outputs.iter().map(|output| &output.0[..]));
        Seed(self.bound("gateway/beacon-draw", &fields))
    }

    /// The seed of an epoch from the one before it and the output of the beacon's lowest ticket, where there was one.
    #[must_use]
    pub fn epoch_seed(&self, previous: &Seed, lowest: Option<&VrfOutput>) -> Seed {
        Seed(match lowest {
            Some(output) => self.bound("gateway/epoch", &[&previous.0, &output.0]),
            None => self.bound("gateway/epoch/none", &[&previous.0]),
        })
    }

    /// What seeds a run's randomness: the same on every node.
    #[must_use]
    pub fn run_seed(&self, round_seed: &Seed, request: RequestId, code: &CodeHash) -> [u8; 32] {
        self.bound("gateway/run", &[&round_seed.0, &request.get().to_be_bytes(), &code.0])
    }
}

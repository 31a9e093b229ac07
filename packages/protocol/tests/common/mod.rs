//! Keys, draws and attestations that the tests share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use gateway_api::{
    AttestationBytes, BodyHash, CodeHash, Commit, EngineId, InputHash, NodeKey, OutcomeClass, RequestId, Seed,
};
use gateway_protocol::{BodyDigest, Domain, DrawContext, OutcomePreimage, SecretKey};

pub const DOMAIN: Domain<'static> = Domain { chain_id: "archway-test-1", contract: "archway1gateway" };

pub fn secret(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32]).unwrap()
}

pub fn outcome(request: RequestId, body: u8) -> OutcomePreimage {
    OutcomePreimage {
        request,
        code: CodeHash([1; 32]),
        input: InputHash([2; 32]),
        engine: EngineId([3; 32]),
        class: OutcomeClass::Ok,
        body: BodyDigest { sha256: BodyHash([body; 32]), size: 17 },
    }
}

/// One node's attestation and all it was made from.
#[derive(Clone)]
pub struct Case {
    pub chain_id: String,
    pub contract: String,
    pub seed: Seed,
    pub request: RequestId,
    pub key: NodeKey,
    pub commit: Commit,
    pub proof: AttestationBytes,
}

impl Case {
    /// Node `node` attests body `body` for `request`, drawn by the seed of that number.
    pub fn new(node: u8, request: u64, seed: u8, body: u8) -> Self {
        let (key, request, seed) = (secret(node), RequestId(request), Seed([seed; 32]));
        let salt = key.salt(&DOMAIN, request);
        let commit = DOMAIN.commit(request, &key.public(), &DOMAIN.outcome(&outcome(request, body)), &salt);
        let proof = key.attest(&DrawContext::new(&DOMAIN, &seed, request), &commit, salt);
        Self {
            chain_id: DOMAIN.chain_id.to_owned(),
            contract: DOMAIN.contract.to_owned(),
            seed,
            request,
            key: key.public(),
            commit,
            proof,
        }
    }

    pub fn context(&self) -> DrawContext {
        let domain = Domain { chain_id: &self.chain_id, contract: &self.contract };
        DrawContext::new(&domain, &self.seed, self.request)
    }

    /// What the library that proofs are made with says of it, through its own transcripts and its shortened proof.
    pub fn schnorrkel_accepts(&self) -> bool {
        use schnorrkel::vrf::{VRFPreOut, VRFProofBatchable};
        let draw = || {
            let mut t = merlin::Transcript::new(b"gateway/draw");
            t.append_message(b"chain", self.chain_id.as_bytes());
            t.append_message(b"contract", self.contract.as_bytes());
            t.append_message(b"seed", &self.seed.0);
            t.append_message(b"request", &self.request.get().to_be_bytes());
            t
        };
        let extra = || {
            let mut t = merlin::Transcript::new(b"gateway/attest");
            t.append_message(b"commit", &self.commit.0);
            t
        };
        let Ok(public) = schnorrkel::PublicKey::from_bytes(&self.key.0) else { return false };
        let batchable = [self.proof.r, self.proof.hr, self.proof.s].concat();
        let Ok(batchable) = VRFProofBatchable::from_bytes(&batchable) else { return false };
        let output = VRFPreOut(self.proof.output.0);
        let Ok(in_out) = output.attach_input_hash(&public, draw()) else { return false };
        let short = batchable.shorten_dleq(extra(), &public, &in_out, schnorrkel::vrf::KUSAMA_VRF);
        public.vrf_verify_extra(draw(), &output, &short, extra()).is_ok()
    }
}

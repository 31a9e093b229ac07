//! A drawn request: everything that an attestation for it is bound to. Nodes sign through it, everybody else verifies
//! through it, so that no other code assembles a preimage of an outcome.

use gateway_api::{
    Attestation, AttestationBytes, CodeHash, Commit, DrawInfo, EngineId, InputHash, NodeId, NodeKey,
    OutcomeClass, RequestId, RequestResponse, Salt, Seed, SignedOutcome,
};

use crate::body::{BodyDigest, body_digest};
use crate::{Domain, DrawContext, OutcomeHash, OutcomePreimage, ProofError, SecretKey, verify_one};

/// What attestations for one request are bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnRequest<'a> {
    /// The chain and the contract.
    pub domain: Domain<'a>,
    /// The request.
    pub request: RequestId,
    /// The code that its version pins.
    pub code: CodeHash,
    /// The hash of its input.
    pub input: InputHash,
    /// The seed of the round that drew it.
    pub seed: Seed,
}

/// What a run concluded, before it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The engine that ran.
    pub engine: EngineId,
    /// The class.
    pub class: OutcomeClass,
    /// The whole body.
    pub body: String,
    /// Under the rule `median` and of class `ok`: the decimal, which is also the body.
    pub value: Option<String>,
}

impl<'a> DrawnRequest<'a> {
    /// Reads it from what the contract answers about a request.
    #[must_use]
    pub fn of(domain: Domain<'a>, request: &RequestResponse, draw: &DrawInfo) -> Self {
        Self {
            domain,
            request: request.request,
            code: request.code.sha256,
            input: request.input_hash,
            seed: draw.seed,
        }
    }

    /// Returns the draw that VRF proofs for the request are made on. Costs a few hashes: make it once a request.
    #[must_use]
    pub fn context(&self) -> DrawContext {
        DrawContext::new(&self.domain, &self.seed, self.request)
    }

    /// Returns the hash of an outcome: equal exactly where engine, class and body are.
    #[must_use]
    pub fn outcome(&self, engine: EngineId, class: OutcomeClass, body: BodyDigest) -> OutcomeHash {
        let Self { request, code, input, .. } = *self;
        self.domain.outcome(&OutcomePreimage { request, code, input, engine, class, body })
    }

    /// Returns a node's commitment to an outcome: what its VRF proof signs.
    #[must_use]
    pub fn commitment(&self, key: &NodeKey, outcome: &OutcomeHash, salt: &Salt) -> Commit {
        self.domain.commit(self.request, key, outcome, salt)
    }

    /// Commits to an outcome and proves the draw with one proof. Deterministic: the same arguments give the same bytes.
    #[must_use]
    pub fn sign(&self, key: &SecretKey, node: NodeId, outcome: Outcome) -> (Commit, SignedOutcome) {
        let digest = body_digest(&outcome.body);
        let (commit, proof) = self.prove(key, outcome.engine, outcome.class, digest);
        (commit, self.signed(node, outcome, &proof))
    }

    /// The commitment to an outcome whose body is known by its digest, and the proof that signs it. Deterministic too.
    #[must_use]
    pub fn prove(
        &self,
        key: &SecretKey,
        engine: EngineId,
        class: OutcomeClass,
        digest: BodyDigest,
    ) -> (Commit, AttestationBytes) {
        let salt = key.salt(&self.domain, self.request);
        let hash = self.outcome(engine, class, digest);
        let commit = self.commitment(&key.public(), &hash, &salt);
        (commit, key.attest(&self.context(), &commit, salt))
    }

    /// An outcome with the proof that signs it, as it is sent.
    #[must_use]
    pub fn signed(&self, node: NodeId, outcome: Outcome, proof: &AttestationBytes) -> SignedOutcome {
        let Outcome { engine, class, body, value } = outcome;
        let attestation = Attestation { node, proof: proof.to_binary(), value };
        SignedOutcome { request: self.request, engine, class, body, attestation }
    }

    /// Verifies that a key drew the proof's output for this request and signed this outcome with it.
    ///
    /// # Errors
    /// See [`verify_one`].
    pub fn verify(
        &self,
        key: &NodeKey,
        proof: &AttestationBytes,
        outcome: &OutcomeHash,
    ) -> Result<(), ProofError> {
        verify_one(&self.context(), key, proof, &self.commitment(key, outcome, &proof.salt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(request: u64) -> DrawnRequest<'static> {
        DrawnRequest {
            domain: Domain { chain_id: "chain", contract: "contract" },
            request: RequestId(request),
            code: CodeHash([1; 32]),
            input: InputHash([2; 32]),
            seed: Seed([3; 32]),
        }
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let key = SecretKey::from_bytes(&[9; 32]).unwrap();
        let engine = EngineId([4; 32]);
        let outcome = Outcome { engine, class: OutcomeClass::Ok, body: "{\"a\":1}".to_owned(), value: None };
        let (_, signed) = drawn(5).sign(&key, NodeId(1), outcome);
        let proof = AttestationBytes::from_slice(&signed.attestation.proof).unwrap();
        let hash = |class, body: &str| drawn(5).outcome(engine, class, body_digest(body));
        let verify = |request, hash| drawn(request).verify(&key.public(), &proof, &hash);
        assert_eq!(verify(5, hash(OutcomeClass::Ok, "{\"a\":1}")), Ok(()));
        assert!(verify(6, hash(OutcomeClass::Ok, "{\"a\":1}")).is_err());
        assert!(verify(5, hash(OutcomeClass::Ok, "{\"a\":2}")).is_err());
        assert!(verify(5, hash(OutcomeClass::JsThrow, "{\"a\":1}")).is_err());
    }
}

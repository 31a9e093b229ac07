//! The transcript of a draw and the input point it gives each key. Knows no secret and no proof.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use gateway_api::{Commit, NodeKey, RequestId, Seed};
use merlin::Transcript;

use crate::Domain;

/// The draw of one request: what every node's VRF is evaluated on.
///
/// Making one costs a few hashes; make it once for all of a request's attestations.
#[derive(Clone)]
pub struct DrawContext {
    transcript: Transcript,
}

/// The point a key's VRF multiplies, and its encoding.
pub(crate) struct InputPoint {
    pub(crate) point: RistrettoPoint,
    pub(crate) compressed: CompressedRistretto,
}

impl DrawContext {
    /// The draw of a request by a round's seed.
    #[must_use]
    pub fn new(domain: &Domain<'_>, seed: &Seed, request: RequestId) -> Self {
        let mut transcript = domain.transcript(b"gateway/draw");
        transcript.append_message(b"seed", &seed.0);
        transcript.append_message(b"request", &request.get().to_be_bytes());
        Self { transcript }
    }

    /// The transcript, to be continued.
    pub(crate) fn transcript(&self) -> Transcript {
        self.transcript.clone()
    }

    /// The input point of a key, as `schnorrkel::PublicKey::vrf_hash` computes it, but without decompressing the key.
    pub(crate) fn input(&self, key: &NodeKey) -> InputPoint {
        let mut transcript = self.transcript();
        transcript.append_message(b"vrf-nm-pk", &key.0);
        let mut uniform = [0u8; 64];
        transcript.challenge_bytes(b"VRFHash", &mut uniform);
        let point = RistrettoPoint::from_uniform_bytes(&uniform);
        InputPoint { compressed: point.compress(), point }
    }
}

/// The transcript through which a proof also signs its commitment.
pub(crate) fn commit_transcript(commit: &Commit) -> Transcript {
    let mut transcript = Transcript::new(b"gateway/attest");
    transcript.append_message(b"commit", &commit.0);
    transcript
}

//! A node's VRF key: evaluates draws, attests outcomes, proves its possession. Never printed, wiped when dropped.

use std::fmt;

use gateway_api::{AttestationBytes, Commit, NodeKey, RequestId, Salt, VrfOutput};
use merlin::Transcript;
use rand_core::{CryptoRng, RngCore};
use schnorrkel::context::attach_rng;
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};

use crate::draw::commit_transcript;
use crate::hash::hash;
use crate::possession::possession_transcript;
use crate::{Domain, DrawContext, KeyError};

/// A node's secret VRF key. Every method is deterministic: the same arguments give the same bytes after a restart.
pub struct SecretKey {
    mini: MiniSecretKey,
    pair: Keypair,
}

impl SecretKey {
    /// Expands the 32-byte secret; the caller wipes its copy.
    ///
    /// # Errors
    /// [`KeyError::Point`] for the one secret in 2^252 that gives no usable key.
    pub fn from_bytes(secret: &[u8; 32]) -> Result<Self, KeyError> {
        let mini = MiniSecretKey::from_bytes(secret).map_err(|_| KeyError::Point)?;
        let pair = mini.expand_to_keypair(ExpansionMode::Uniform);
        crate::check_key(&NodeKey(pair.public.to_bytes()))?;
        Ok(Self { mini, pair })
    }

    /// The secret itself, for what is derived from it.
    pub(crate) fn secret(&self) -> &[u8] {
        self.mini.as_bytes()
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> NodeKey {
        NodeKey(self.pair.public.to_bytes())
    }

    /// The VRF's output for a draw: enough to count seats, without the cost of a proof.
    #[must_use]
    pub fn draw(&self, context: &DrawContext) -> VrfOutput {
        VrfOutput(self.pair.vrf_create_hash(context.transcript()).to_preout().0)
    }

    /// Proves the draw and signs the commitment, in one proof; the salt only travels along.
    #[must_use]
    pub fn attest(&self, context: &DrawContext, commit: &Commit, salt: Salt) -> AttestationBytes {
        let extra = attach_rng(commit_transcript(commit), Derandomised);
        let (in_out, _, proof) = self.pair.vrf_sign_extra(context.transcript(), extra);
        let bytes = proof.to_bytes();
        let part = |from: usize| {
            let mut out = [0u8; 32];
            out.copy_from_slice(&bytes[from..from + 32]);
            out
        };
        AttestationBytes {
            output: VrfOutput(in_out.to_preout().0),
            r: part(0),
            hr: part(32),
            s: part(64),
            salt,
        }
    }

    /// The salt of this key's commitment for a request: known to nobody else, and the same after a crash.
    #[must_use]
    pub fn salt(&self, domain: &Domain<'_>, request: RequestId) -> Salt {
        let fields: [&[u8]; 4] = [
            self.mini.as_bytes(),
            domain.chain_id.as_bytes(),
            domain.contract.as_bytes(),
            &request.get().to_be_bytes(),
        ];
        // Hashed twice: a salt that is public must not be a hash state that others can extend.
        Salt(hash("gateway/salt", &[&hash("gateway/salt/secret", &fields)]))
    }

    /// Proves to the contract that the operator holds this key: what a registration carries.
    #[must_use]
    pub fn prove_possession(&self, domain: &Domain<'_>, operator: &str) -> [u8; 64] {
        self.sign(possession_transcript(domain, operator, &self.public()))
    }

    /// Signs a transcript. Each purpose has a label of its own, so that no signature serves another.
    pub(crate) fn sign(&self, transcript: Transcript) -> [u8; 64] {
        self.pair.sign(attach_rng(transcript, Derandomised)).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(public {})", self.public())
    }
}

/// Adds no system randomness to a nonce.
///
/// A nonce is then a pseudo-random function, keyed by the secret nonce seed, of the transcript so far: the draw's input
/// point (bound to the key) and the commitment, or all that possession signs. Whatever the challenge covers beyond these
/// is fixed by them, so a nonce never meets two challenges, and proofs need no randomness that the contract's target lacks.
struct Derandomised;

impl RngCore for Derandomised {
    fn next_u32(&mut self) -> u32 {
        0
    }

    fn next_u64(&mut self) -> u64 {
        0
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        dest.fill(0);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl CryptoRng for Derandomised {}

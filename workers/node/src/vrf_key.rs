//! The node's key: here, or held by a signer. Draws, attestations, tickets, abstentions and the proof of possession all use it.

use std::sync::Arc;

use gateway_api::{
    AbstentionReason, AttestationBytes, CodeHash, Commit, NodeId, NodeKey, ProjectId, RequestId, Seed,
    SignedAbstention, SignedCodeRequest, SignedOutcome, VrfOutput,
};
use gateway_daemon_runtime::SecretSource;
use gateway_daemon_runtime::remote_signer::{Bytes, Draw, KeyKind, Operation, RemoteError, RemoteKey};
use gateway_protocol::{
    Domain, DrawContext, DrawnRequest, Outcome, SecretKey, body_digest, make_ticket, sign_abstention,
    sign_code_request,
};
use gateway_sealing::OpeningKey;

use crate::error::NodeError;
use crate::opener::Opener;

/// A node's key.
#[derive(Debug)]
pub struct VrfKey {
    public: NodeKey,
    held: Held,
}

#[derive(Debug)]
enum Held {
    Here(Box<SecretKey>),
    Remote(Arc<RemoteKey>),
}

impl From<SecretKey> for VrfKey {
    fn from(secret: SecretKey) -> Self {
        Self { public: secret.public(), held: Held::Here(Box::new(secret)) }
    }
}

impl VrfKey {
    /// Reads the key, 64 hexadecimal digits, or asks the signer that holds it for its public half.
    ///
    /// # Errors
    /// [`NodeError::Secret`], [`NodeError::KeyFormat`], [`NodeError::Key`]; [`NodeError::Signer`].
    pub fn load(source: &SecretSource) -> Result<Self, NodeError> {
        if let SecretSource::Remote(remote) = source {
            let key = RemoteKey::new(remote.clone());
            let public = Bytes(key.public(KeyKind::Node)?);
            let public = NodeKey(public.array().ok_or_else(|| key.wrong("no key of a node"))?);
            return Ok(Self { public, held: Held::Remote(Arc::new(key)) });
        }
        let text = source.load()?;
        let mut bytes = [0u8; 32];
        hex::decode_to_slice(text.expose(), &mut bytes)
            .map_err(|_| NodeError::KeyFormat { from: source.to_string() })?;
        let key = SecretKey::from_bytes(&bytes);
        bytes.fill(0);
        Ok(key?.into())
    }

    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> NodeKey {
        self.public
    }

    /// Returns the VRF output for a request.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn draw(
        &self,
        domain: &Domain<'_>,
        seed: &Seed,
        request: RequestId,
    ) -> Result<VrfOutput, RemoteError> {
        match &self.held {
            Held::Here(secret) => Ok(secret.draw(&DrawContext::new(domain, seed, request))),
            Held::Remote(key) => {
                let output = Bytes(key.sign(Operation::Draw(of_draw(domain, seed, request))).await?);
                output.array().map(VrfOutput).ok_or_else(|| key.wrong("no VRF output"))
            }
        }
    }

    /// Commits to an outcome and proves the draw.
    ///
    /// # Errors
    /// [`RemoteError`]; a signer refuses a second outcome for a request.
    pub async fn attest(
        &self,
        drawn: &DrawnRequest<'_>,
        node: NodeId,
        outcome: Outcome,
    ) -> Result<(Commit, SignedOutcome), RemoteError> {
        match &self.held {
            Held::Here(secret) => Ok(drawn.sign(secret, node, outcome)),
            Held::Remote(key) => {
                let digest = body_digest(&outcome.body);
                let proof = key.sign(Operation::Attest {
                    draw: of_draw(&drawn.domain, &drawn.seed, drawn.request),
                    code: drawn.code.0.into(),
                    input: drawn.input.0.into(),
                    engine: outcome.engine.0.into(),
                    class: outcome.class.to_string(),
                    sha256: digest.sha256.0.into(),
                    size: digest.size,
                });
                let proof = AttestationBytes::from_slice(&proof.await?).map_err(|e| key.wrong(e))?;
                let hash = drawn.outcome(outcome.engine, outcome.class, digest);
                let verified = drawn.verify(&self.public, &proof, &hash);
                verified.map_err(|error| key.wrong(error))?;
                let commit = drawn.commitment(&self.public, &hash, &proof.salt);
                Ok((commit, drawn.signed(node, outcome, &proof)))
            }
        }
    }

    /// Returns the ticket for an epoch or a round.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn ticket(&self, domain: &Domain<'_>, seed: &Seed) -> Result<AttestationBytes, RemoteError> {
        match &self.held {
            Held::Here(secret) => Ok(make_ticket(domain, seed, secret)),
            Held::Remote(key) => {
                let (chain_id, contract) = (domain.chain_id.to_owned(), domain.contract.to_owned());
                let proof = key.sign(Operation::Ticket { chain_id, contract, seed: seed.0.into() }).await?;
                AttestationBytes::from_slice(&proof).map_err(|error| key.wrong(error))
            }
        }
    }

    /// Signs an abstention.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn abstain(
        &self,
        domain: &Domain<'_>,
        node: NodeId,
        request: RequestId,
        reason: AbstentionReason,
        detail: String,
    ) -> Result<SignedAbstention, RemoteError> {
        match &self.held {
            Held::Here(secret) => Ok(sign_abstention(domain, secret, node, request, reason, detail)),
            Held::Remote(key) => {
                let asked = Operation::Abstain {
                    chain_id: domain.chain_id.to_owned(),
                    contract: domain.contract.to_owned(),
                    request: request.get(),
                    reason: reason.as_str().to_owned(),
                    detail: detail.clone(),
                };
                let signature = key.sign(asked).await?.into();
                Ok(SignedAbstention { request, node, reason, detail, signature })
            }
        }
    }

    /// Derives from this key the one to which values and code for the node are sealed on a contract; `None` if an older signer
    /// holds the key, which opens nothing.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn opener(&self, domain: &Domain<'_>) -> Result<Option<Opener>, RemoteError> {
        match &self.held {
            Held::Here(secret) => Ok(Some(OpeningKey::of(secret, domain).into())),
            Held::Remote(key) => Opener::remote(key.clone(), domain).await,
        }
    }

    /// Signs a request for private code at a height of the chain.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn ask_for_code(
        &self,
        domain: &Domain<'_>,
        node: NodeId,
        project: ProjectId,
        code: CodeHash,
        height: u64,
    ) -> Result<SignedCodeRequest, RemoteError> {
        match &self.held {
            Held::Here(secret) => Ok(sign_code_request(domain, secret, node, project, code, height)),
            Held::Remote(key) => {
                let asked = Operation::CodeRequest {
                    chain_id: domain.chain_id.to_owned(),
                    contract: domain.contract.to_owned(),
                    node: node.get(),
                    project: project.get(),
                    code: code.0.into(),
                    height,
                };
                let signature = key.sign(asked).await?.into();
                Ok(SignedCodeRequest { node, project, sha256: code, height, signature })
            }
        }
    }

    /// Proves to the contract that an operator holds the key.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn possession(&self, domain: &Domain<'_>, operator: &str) -> Result<Vec<u8>, RemoteError> {
        match &self.held {
            Held::Here(secret) => Ok(secret.prove_possession(domain, operator).to_vec()),
            Held::Remote(key) => {
                let (chain_id, contract) = (domain.chain_id.to_owned(), domain.contract.to_owned());
                key.sign(Operation::Possession { chain_id, contract, operator: operator.to_owned() }).await
            }
        }
    }
}

fn of_draw(domain: &Domain<'_>, seed: &Seed, request: RequestId) -> Draw {
    Draw {
        chain_id: domain.chain_id.to_owned(),
        contract: domain.contract.to_owned(),
        request: request.get(),
        seed: seed.0.into(),
    }
}

//! What is signed, and what is refused.

use std::collections::BTreeMap;

use cosmrs::proto::cosmos::tx::v1beta1::SignDoc;
use gateway_api::{CodeHash, EngineId, InputHash, NodeId, OutcomeClass, ProjectId, RequestId, Seed};
use gateway_chain::{ChainError, Spending, spending};
use gateway_daemon_runtime::remote_signer::{Answer, Ask, Bytes, Draw, KeyKind, Operation};
use gateway_protocol::{
    BodyDigest, Domain, DrawContext, DrawnRequest, SecretKey, make_ticket, sign_abstention, sign_code_request,
};
use gateway_sealing::{OpeningKey, SealingError};
use tokio::sync::Mutex;

use crate::config::SignerConfig;
use crate::journal::{Journal, JournalError};
use crate::keys::Held;

/// Why something is not signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// There is no such key.
    #[error("there is no key {name:?}")]
    UnknownKey { name: String },
    /// The key is of the other kind.
    #[error("the key {name} does not sign this: it is of another kind")]
    OtherKind { name: String },
    /// Another chain or contract.
    #[error("this signer signs for {expected} alone, not for {found}")]
    Elsewhere { expected: String, found: String },
    /// A value is malformed.
    #[error("{what} has not the form it must have")]
    Form { what: &'static str },
    /// The transaction does something other than execute the contract.
    #[error(transparent)]
    Transaction(#[from] ChainError),
    /// The transaction spends more than the key may.
    #[error(
        "the transaction's {what} of {found} are above the {most} of {name} in the signer's configuration"
    )]
    TooDear { what: &'static str, found: u128, most: u128, name: String },
    /// It is not sealed to this key, or bound to a different context.
    #[error(transparent)]
    Sealed(#[from] SealingError),
    /// The commitment contradicts an earlier one, or the journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Signs by the rules.
pub(crate) struct Rules {
    chain_id: String,
    contract: String,
    denom: String,
    keys: BTreeMap<String, Held>,
    journal: Mutex<Journal>,
}

impl Rules {
    pub(crate) fn new(config: &SignerConfig, keys: BTreeMap<String, Held>, journal: Journal) -> Self {
        Self {
            chain_id: config.chain_id.clone(),
            contract: config.contract.clone(),
            denom: config.denom.clone(),
            keys,
            journal: Mutex::new(journal),
        }
    }

    /// Answers a question.
    pub(crate) async fn answer(&self, ask: Ask) -> Answer {
        let name = ask.key.clone();
        match self.signed(ask).await {
            Ok(answer) => answer,
            Err(refusal) => {
                tracing::warn!(key = name, %refusal, "refused");
                Answer::Refused(refusal.to_string())
            }
        }
    }

    async fn signed(&self, Ask { key: name, what }: Ask) -> Result<Answer, Refusal> {
        let held = self.keys.get(&name).ok_or_else(|| Refusal::UnknownKey { name: name.clone() })?;
        match (held, what) {
            (Held::Account { signer, .. }, Operation::Public {}) => {
                Ok(Answer::Public { kind: KeyKind::Account, key: Bytes(signer.public_key()) })
            }
            (Held::Node(secret), Operation::Public {}) => {
                Ok(Answer::Public { kind: KeyKind::Node, key: secret.public().0.into() })
            }
            (
                Held::Account { signer, max_fee, max_funds },
                Operation::Transaction { chain_id, account_number, body, auth_info },
            ) => {
                self.here(&chain_id, &self.contract)?;
                let (body_bytes, auth_info_bytes) = (body.0, auth_info.0);
                let doc = SignDoc { body_bytes, auth_info_bytes, chain_id, account_number };
                let Spending { fee, funds } = spending(&doc, &self.contract, signer.address(), &self.denom)?;
                for (what, found, most) in [("fees", fee, *max_fee), ("funds", funds, *max_funds)] {
                    if found > most {
                        return Err(Refusal::TooDear { what, found, most, name });
                    }
                }
                tracing::info!(key = name, account_number, fee, funds, "transaction signed");
                Ok(Answer::Signed(Bytes(signer.sign_document(doc).await?)))
            }
            (Held::Node(secret), Operation::Open { chain_id, contract, info, sealed }) => {
                self.here(&chain_id, &contract)?;
                let opened =
                    OpeningKey::of(secret, &self.own_domain()).open(&array("info", &info)?, &sealed.0)?;
                Ok(Answer::Opened(Bytes(opened.to_vec())))
            }
            (Held::Node(secret), what) => self.by_node(secret, &name, what).await.map(Answer::Signed),
            (Held::Account { .. }, _) => Err(Refusal::OtherKind { name }),
        }
    }

    async fn by_node(&self, secret: &SecretKey, name: &str, what: Operation) -> Result<Bytes, Refusal> {
        match what {
            Operation::Draw(draw) => {
                let context =
                    DrawContext::new(&self.domain(&draw)?, &seed(&draw.seed)?, RequestId(draw.request));
                Ok(secret.draw(&context).0.into())
            }
            Operation::Attest { draw, code, input, engine, class, sha256, size } => {
                let drawn = DrawnRequest {
                    domain: self.domain(&draw)?,
                    request: RequestId(draw.request),
                    code: CodeHash(array("code", &code)?),
                    input: InputHash(array("input", &input)?),
                    seed: seed(&draw.seed)?,
                };
                let class: OutcomeClass = class.parse().map_err(|_| Refusal::Form { what: "class" })?;
                let digest = BodyDigest { sha256: gateway_api::BodyHash(array("sha256", &sha256)?), size };
                let (commit, proof) = drawn.prove(secret, EngineId(array("engine", &engine)?), class, digest);
                // On disk before anyone has the proof.
                self.journal.lock().await.note(secret.public(), draw.request, commit)?;
                tracing::info!(key = name, request = draw.request, %class, "attested");
                Ok(Bytes(proof.to_binary().to_vec()))
            }
            Operation::Ticket { chain_id, contract, seed: of } => {
                self.here(&chain_id, &contract)?;
                let ticket = make_ticket(&self.own_domain(), &seed(&of)?, secret);
                Ok(Bytes(ticket.to_binary().to_vec()))
            }
            Operation::Abstain { chain_id, contract, request, reason, detail } => {
                self.here(&chain_id, &contract)?;
                let reason =
                    serde_json::from_value(reason.into()).map_err(|_| Refusal::Form { what: "reason" })?;
                // The node's id is not part of what is signed.
                let signed = sign_abstention(
                    &self.own_domain(),
                    secret,
                    NodeId(0),
                    RequestId(request),
                    reason,
                    detail,
                );
                Ok(Bytes(signed.signature.to_vec()))
            }
            Operation::Possession { chain_id, contract, operator } => {
                self.here(&chain_id, &contract)?;
                tracing::info!(key = name, operator, "possession proved");
                Ok(secret.prove_possession(&self.own_domain(), &operator).into())
            }
            Operation::EncryptionKey { chain_id, contract } => {
                self.here(&chain_id, &contract)?;
                Ok(OpeningKey::of(secret, &self.own_domain()).public().0.into())
            }
            Operation::CodeRequest { chain_id, contract, node, project, code, height } => {
                self.here(&chain_id, &contract)?;
                let (node, project, code) =
                    (NodeId(node), ProjectId(project), CodeHash(array("code", &code)?));
                let signed = sign_code_request(&self.own_domain(), secret, node, project, code, height);
                Ok(Bytes(signed.signature.to_vec()))
            }
            Operation::Public {} | Operation::Transaction { .. } | Operation::Open { .. } => {
                Err(Refusal::OtherKind { name: name.to_owned() })
            }
        }
    }

    fn here(&self, chain_id: &str, contract: &str) -> Result<(), Refusal> {
        if chain_id == self.chain_id && contract == self.contract {
            return Ok(());
        }
        let expected = format!("{} on {}", self.contract, self.chain_id);
        Err(Refusal::Elsewhere { expected, found: format!("{contract} on {chain_id}") })
    }

    fn own_domain(&self) -> Domain<'_> {
        Domain { chain_id: &self.chain_id, contract: &self.contract }
    }

    /// Returns the domain of a draw, which must be this signer's.
    fn domain(&self, draw: &Draw) -> Result<Domain<'_>, Refusal> {
        self.here(&draw.chain_id, &draw.contract)?;
        Ok(self.own_domain())
    }
}

fn array<const N: usize>(what: &'static str, bytes: &Bytes) -> Result<[u8; N], Refusal> {
    bytes.array().ok_or(Refusal::Form { what })
}

fn seed(bytes: &Bytes) -> Result<Seed, Refusal> {
    array("seed", bytes).map(Seed)
}

//! Builds a publication from stored attestations: for the contract, and as a result's evidence.

use gateway_api::{Attempt, Attestation, Body, EngineId, OutcomeClass, Publication, RequestId};
use gateway_protocol::BodyDigest;
use gateway_store::AttestationRow;

/// The content of a publication.
pub(crate) struct Statement {
    pub(crate) request: RequestId,
    pub(crate) attempt: Attempt,
    pub(crate) engine: EngineId,
    pub(crate) class: OutcomeClass,
    pub(crate) body: Body,
    /// Whether the value is omitted for those who attest this very body: the rule `mode` allows it.
    pub(crate) implied: bool,
}

impl Statement {
    /// Returns the publication of this statement by those who attested it.
    pub(crate) fn by<'a>(self, attested: impl Iterator<Item = &'a AttestationRow>) -> Publication {
        let Self { request, attempt, engine, class, body, implied } = self;
        let published = BodyDigest::of(&body);
        let same = |row: &AttestationRow| BodyDigest { sha256: row.digest, size: row.size } == published;
        let attestations = attested
            .map(|row| Attestation {
                node: row.node,
                proof: row.proof.clone().into(),
                value: row.value.clone().filter(|_| !(implied && same(row))),
            })
            .collect();
        Publication { request, attempt, engine, class, body, attestations }
    }
}

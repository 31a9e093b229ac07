//! What nodes send to `POST /v1/attestations`, one attestation or a list, and what they are answered.

use std::fmt;

use gateway_api::SignedOutcome;
use gateway_http::Problem;
use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The response to an attestation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Receipt {
    /// The request.
    pub request: u64,
    /// The node.
    pub node: u32,
    /// The node's seats at attempts 0, 1 and 2.
    pub seats: [u32; 3],
    /// Whether the same attestation had been taken before.
    pub known: bool,
}

/// What a node sends: an attestation, or a list of them.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
#[schemars(untagged)]
pub(super) enum Attestations {
    /// Answered by a receipt, or by a problem document with its status.
    One(Box<SignedOutcome>),
    /// 1 to 32, answered by a list in the same order.
    List(Vec<SignedOutcome>),
}

impl<'de> Deserialize<'de> for Attestations {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct OneOrList;
        impl<'de> Visitor<'de> for OneOrList {
            type Value = Attestations;

            fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
                text.write_str("an attestation or a list of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Attestations, A::Error> {
                SignedOutcome::deserialize(MapAccessDeserializer::new(map))
                    .map(|one| Attestations::One(Box::new(one)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Attestations, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Attestations::List)
            }
        }
        // Not by trying one form after the other: the error would no longer name the field.
        input.deserialize_any(OneOrList)
    }
}

/// The answer to an attestation of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum AttestationAnswer {
    /// It is on disk, now or before.
    Taken(Receipt),
    /// It is refused, or could not be stored.
    Refused(Problem),
}

/// The response: a receipt for one attestation, or an answer for each of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum AttestationAnswers {
    /// For one.
    One(Receipt),
    /// For a list, in its order.
    List(Vec<AttestationAnswer>),
}

//! Signatures of abstentions: nobody can put an excuse into another node's mouth.

use gateway_api::{AbstentionReason, NodeId, NodeKey, RequestId, SignedAbstention};
use merlin::Transcript;

use crate::possession::{self, KeyError};
use crate::{Domain, SecretKey};

/// What an abstention signs.
fn transcript(domain: &Domain<'_>, request: RequestId, reason: AbstentionReason, detail: &str) -> Transcript {
    let mut transcript = domain.transcript(b"gateway/abstention");
    transcript.append_message(b"request", &request.get().to_be_bytes());
    transcript.append_message(b"reason", reason.as_str().as_bytes());
    transcript.append_message(b"detail", detail.as_bytes());
    transcript
}

/// Signs an abstention.
#[must_use]
pub fn sign_abstention(
    domain: &Domain<'_>,
    key: &SecretKey,
    node: NodeId,
    request: RequestId,
    reason: AbstentionReason,
    detail: String,
) -> SignedAbstention {
    let signature = key.sign(transcript(domain, request, reason, &detail)).to_vec().into();
    SignedAbstention { request, node, reason, detail, signature }
}

/// Verifies that the key signed the abstention for this chain and contract.
///
/// # Errors
/// [`KeyError::Format`] or [`KeyError::Signature`].
pub fn verify_abstention(
    domain: &Domain<'_>,
    key: &NodeKey,
    abstention: &SignedAbstention,
) -> Result<(), KeyError> {
    let SignedAbstention { request, reason, detail, signature, .. } = abstention;
    possession::verify_signature(transcript(domain, *request, *reason, detail), key, signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAIN: Domain<'static> = Domain { chain_id: "dev-1", contract: "archway1contract" };

    #[test]
    fn a_signed_abstention_holds_for_its_key_and_content_alone() {
        let key = SecretKey::from_bytes(&[7; 32]).unwrap();
        let reason = AbstentionReason::CodeNotFound;
        let signed = sign_abstention(&DOMAIN, &key, NodeId(3), RequestId(5), reason, "no source".to_owned());
        assert_eq!(verify_abstention(&DOMAIN, &key.public(), &signed), Ok(()));
        let other = SecretKey::from_bytes(&[8; 32]).unwrap();
        assert_eq!(verify_abstention(&DOMAIN, &other.public(), &signed), Err(KeyError::Signature));
        let changes: [fn(&mut SignedAbstention); 3] = [
            |signed| signed.request = RequestId(6),
            |signed| signed.reason = AbstentionReason::Other,
            |signed| signed.detail.push('!'),
        ];
        for change in changes {
            let mut changed = signed.clone();
            change(&mut changed);
            assert_eq!(verify_abstention(&DOMAIN, &key.public(), &changed), Err(KeyError::Signature));
        }
        let elsewhere = Domain { chain_id: "dev-2", ..DOMAIN };
        assert_eq!(verify_abstention(&elsewhere, &key.public(), &signed), Err(KeyError::Signature));
    }
}

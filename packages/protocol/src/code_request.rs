//! Signatures of requests for private code: a store gives it to the node that it is sealed to, and to nobody else.

use gateway_api::{CodeHash, NodeId, NodeKey, ProjectId, SignedCodeRequest};
use merlin::Transcript;

use crate::possession::{self, KeyError};
use crate::{Domain, SecretKey};

/// Blocks for which a request is taken, before and after the height that it names: a store and a node may see different ones. Heights and
/// not times, because a clock that is wrong would keep every node from its code.
pub const CODE_REQUEST_BLOCKS: u64 = 100;

/// What a request signs.
fn transcript(
    domain: &Domain<'_>,
    node: NodeId,
    project: ProjectId,
    code: &CodeHash,
    height: u64,
) -> Transcript {
    let mut transcript = domain.transcript(b"gateway/code-request");
    transcript.append_message(b"node", &node.get().to_be_bytes());
    transcript.append_message(b"project", &project.get().to_be_bytes());
    transcript.append_message(b"code", &code.0);
    transcript.append_message(b"height", &height.to_be_bytes());
    transcript
}

/// Signs a request for private code at a height of the chain.
#[must_use]
pub fn sign_code_request(
    domain: &Domain<'_>,
    key: &SecretKey,
    node: NodeId,
    project: ProjectId,
    sha256: CodeHash,
    height: u64,
) -> SignedCodeRequest {
    let signature = key.sign(transcript(domain, node, project, &sha256, height)).to_vec().into();
    SignedCodeRequest { node, project, sha256, height, signature }
}

/// Verifies that the key signed the request for this chain and contract. Whether it is fresh is [`is_fresh`]'s to say.
///
/// # Errors
/// [`KeyError::Point`], [`KeyError::Format`] or [`KeyError::Signature`].
pub fn verify_code_request(
    domain: &Domain<'_>,
    key: &NodeKey,
    request: &SignedCodeRequest,
) -> Result<(), KeyError> {
    let SignedCodeRequest { node, project, sha256, height, signature } = request;
    possession::verify_signature(transcript(domain, *node, *project, sha256, *height), key, signature)
}

/// Whether a request is taken at a height of the chain.
#[must_use]
pub const fn is_fresh(request: &SignedCodeRequest, newest: u64) -> bool {
    request.height.abs_diff(newest) <= CODE_REQUEST_BLOCKS
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAIN: Domain<'static> = Domain { chain_id: "dev-1", contract: "archway1contract" };

    fn signed(key: &SecretKey) -> SignedCodeRequest {
        sign_code_request(&DOMAIN, key, NodeId(3), ProjectId(7), CodeHash([1; 32]), 1_000)
    }

    #[test]
    fn a_request_holds_for_its_key_and_content_alone() {
        let key = SecretKey::from_bytes(&[7; 32]).unwrap();
        let signed = signed(&key);
        assert_eq!(verify_code_request(&DOMAIN, &key.public(), &signed), Ok(()));
        let other = SecretKey::from_bytes(&[8; 32]).unwrap();
        assert_eq!(verify_code_request(&DOMAIN, &other.public(), &signed), Err(KeyError::Signature));
        let changes: [fn(&mut SignedCodeRequest); 4] = [
            |signed| signed.node = NodeId(4),
            |signed| signed.project = ProjectId(8),
            |signed| signed.sha256 = CodeHash([2; 32]),
            |signed| signed.height += 1,
        ];
        for change in changes {
            let mut changed = signed.clone();
            change(&mut changed);
            assert_eq!(verify_code_request(&DOMAIN, &key.public(), &changed), Err(KeyError::Signature));
        }
        let elsewhere = Domain { chain_id: "dev-2", ..DOMAIN };
        assert_eq!(verify_code_request(&elsewhere, &key.public(), &signed), Err(KeyError::Signature));
    }

    #[test]
    fn a_request_is_fresh_for_some_blocks() {
        let signed = signed(&SecretKey::from_bytes(&[7; 32]).unwrap());
        assert_eq!(
            [899, 900, 1_000, 1_100, 1_101].map(|newest| is_fresh(&signed, newest)),
            [false, true, true, true, false]
        );
        assert!(!is_fresh(&signed, u64::MAX) && !is_fresh(&signed, 0));
    }
}

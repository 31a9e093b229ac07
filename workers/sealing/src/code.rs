//! Private code: encrypted once under a fresh key, which is sealed to each node. Opened in memory only, and never written to
//! disk.

use chacha20poly1305::aead::AeadInPlace as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce, Tag};
use gateway_api::{CODE_TAG_BYTES, CodeForNode, EncryptionKey, NodeId, ProjectId, SealedCode, SealedValue};
use gateway_protocol::{Domain, code_hash};
use rand::RngCore as _;
use rand::rngs::OsRng;
use zeroize::Zeroizing;

use crate::{SealingError, seal};

/// Key size of ChaCha20-Poly1305, in bytes.
const KEY_BYTES: usize = 32;

/// Returns the constant nonce: every key encrypts only one code.
fn nonce() -> Nonce {
    Nonce::default()
}

/// Encrypts a project's code and seals its key to nodes, which must be in ascending order.
///
/// # Errors
/// [`SealingError::Code`] when the code is too large to be encrypted, [`SealingError::Key`] when a node's key is unusable.
pub fn seal_code(
    domain: &Domain<'_>,
    project: ProjectId,
    code: &[u8],
    nodes: impl IntoIterator<Item = (NodeId, EncryptionKey)>,
) -> Result<SealedCode, SealingError> {
    let size = u32::try_from(code.len()).map_err(|_| SealingError::Code)?;
    let sha256 = code_hash(code);
    let mut key = Zeroizing::new([0u8; KEY_BYTES]);
    OsRng.fill_bytes(&mut *key);
    let cipher = ChaCha20Poly1305::new((&*key).into());
    let mut ciphertext = code.to_vec();
    let tag = cipher
        .encrypt_in_place_detached(&nonce(), &domain.sealed_code(project, &sha256), &mut ciphertext)
        .map_err(|_| SealingError::Code)?;
    ciphertext.extend_from_slice(&tag);
    let sealed = nodes.into_iter().map(|(node, to)| {
        let info = domain.code_key_info(project, &sha256, node);
        let ciphertext = seal(&to, &info, &*key)?.into();
        Ok(SealedValue { node, key: to, ciphertext })
    });
    let keys = sealed.collect::<Result<_, _>>()?;
    Ok(SealedCode { project, sha256, size, ciphertext: ciphertext.into(), keys })
}

/// Decrypts private code with its key, which is sealed to each node, and checks it against the hash that it names.
///
/// # Errors
/// [`SealingError::Ciphertext`] when the key is wrong or bound to a different context; [`SealingError::OtherCode`] when the
/// sealed code does not match the hash.
pub fn decrypt_code(domain: &Domain<'_>, sealed: &CodeForNode, key: &[u8]) -> Result<Vec<u8>, SealingError> {
    let CodeForNode { project, sha256, ciphertext, .. } = sealed;
    let key: &[u8; KEY_BYTES] = key.try_into().map_err(|_| SealingError::Ciphertext)?;
    let split = ciphertext.len().checked_sub(CODE_TAG_BYTES).ok_or(SealingError::Ciphertext)?;
    let (code, tag) = ciphertext.split_at_checked(split).ok_or(SealingError::Ciphertext)?;
    let tag = <[u8; CODE_TAG_BYTES]>::try_from(tag).map_err(|_| SealingError::Ciphertext)?;
    let mut code = code.to_vec();
    ChaCha20Poly1305::new(key.into())
        .decrypt_in_place_detached(
            &nonce(),
            &domain.sealed_code(*project, sha256),
            &mut code,
            &Tag::from(tag),
        )
        .map_err(|_| SealingError::Ciphertext)?;
    if code_hash(&code) == *sha256 { Ok(code) } else { Err(SealingError::OtherCode) }
}

#[cfg(test)]
mod tests {
    use gateway_api::{CodeHash, SecretHost, SecretId, SecretName};
    use gateway_protocol::SecretKey;

    use super::*;
    use crate::OpeningKey;

    const HERE: Domain<'_> = Domain { chain_id: "chain-1", contract: "archway1gateway" };
    const PROJECT: ProjectId = ProjectId(7);
    const NODE: NodeId = NodeId(3);
    const CODE: &[u8] = b"export default () => 42";

    fn key(byte: u8) -> OpeningKey {
        OpeningKey::of(&SecretKey::from_bytes(&[byte; 32]).unwrap(), &HERE)
    }

    /// Opens as a node does: first the key, then the code.
    fn open(
        key: &OpeningKey,
        domain: &Domain<'_>,
        node: NodeId,
        given: &CodeForNode,
    ) -> Result<Vec<u8>, SealingError> {
        let info = domain.code_key_info(given.project, &given.sha256, node);
        decrypt_code(domain, given, &key.open(&info, &given.key.ciphertext)?)
    }

    fn sealed() -> SealedCode {
        seal_code(&HERE, PROJECT, CODE, [(NODE, key(1).public()), (NodeId(4), key(2).public())]).unwrap()
    }

    fn for_node() -> CodeForNode {
        sealed().for_node(NODE).unwrap()
    }

    #[test]
    fn each_node_opens_what_is_sealed_to_it() {
        let sealed = sealed();
        assert_eq!(sealed.fault(), None);
        assert_eq!((sealed.sha256, sealed.size as usize), (code_hash(CODE), CODE.len()));
        assert!(!sealed.ciphertext.windows(6).any(|part| part == b"export"), "it is encrypted");
        for (node, byte) in [(NODE, 1), (NodeId(4), 2)] {
            let given = sealed.clone().for_node(node).unwrap();
            assert_eq!(open(&key(byte), &HERE, node, &given).unwrap(), CODE);
            assert_eq!(open(&key(9), &HERE, node, &given).err(), Some(SealingError::Ciphertext));
        }
        assert_ne!(sealed.ciphertext, self::sealed().ciphertext, "each sealing has a key of its own");
    }

    #[test]
    fn a_moved_or_changed_ciphertext_cannot_be_opened() {
        let opened = |change: &dyn Fn(&mut CodeForNode)| {
            let mut given = for_node();
            change(&mut given);
            open(&key(1), &HERE, NODE, &given)
        };
        assert_eq!(opened(&|_| ()).unwrap(), CODE);
        let flip = |bytes: &gateway_api::SealedValue| {
            let mut bytes = bytes.ciphertext.to_vec();
            bytes[40] ^= 1;
            bytes.into()
        };
        let changes: [&dyn Fn(&mut CodeForNode); 6] = [
            &|given| given.project = ProjectId(8),
            &|given| given.sha256 = CodeHash([1; 32]),
            &|given| given.key.ciphertext = flip(&given.key),
            &|given| given.ciphertext = vec![0; 15].into(),
            &|given| given.ciphertext = [&[0], &given.ciphertext[1..]].concat().into(),
            &|given| given.ciphertext = given.ciphertext[..given.ciphertext.len() - 1].to_vec().into(),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            assert_eq!(opened(change).err(), Some(SealingError::Ciphertext), "change {number}");
        }
        assert!(open(&key(1), &HERE, NodeId(4), &for_node()).is_err(), "another node's place");
        let elsewhere = Domain { chain_id: "chain-2", ..HERE };
        assert!(open(&key(1), &elsewhere, NODE, &for_node()).is_err(), "another chain");
    }

    /// Whoever seals may name any hash: nodes run the bytes that the contract pins, or none.
    #[test]
    fn other_code_under_a_pinned_hash_is_refused() {
        let (pinned, own) = (code_hash(b"the pinned code"), key(1));
        let secret = [5u8; KEY_BYTES];
        let mut ciphertext = CODE.to_vec();
        let tag = ChaCha20Poly1305::new((&secret).into())
            .encrypt_in_place_detached(&nonce(), &HERE.sealed_code(PROJECT, &pinned), &mut ciphertext)
            .unwrap();
        ciphertext.extend_from_slice(&tag);
        let info = HERE.code_key_info(PROJECT, &pinned, NODE);
        let value = seal(&own.public(), &info, &secret).unwrap().into();
        let key = SealedValue { node: NODE, key: own.public(), ciphertext: value };
        let given = CodeForNode {
            project: PROJECT,
            sha256: pinned,
            size: CODE.len() as u32,
            ciphertext: ciphertext.into(),
            key,
        };
        assert_eq!(open(&own, &HERE, NODE, &given).err(), Some(SealingError::OtherCode));
    }

    #[test]
    fn a_secret_never_opens_as_the_key_of_code() {
        let own = key(1);
        let id =
            SecretId { name: SecretName::new("KEY").unwrap(), host: SecretHost::new("a.example").unwrap() };
        let mut given = for_node();
        let info = HERE.secret_info(PROJECT, &id, NODE);
        given.key.ciphertext = seal(&own.public(), &info, &[5; KEY_BYTES]).unwrap().into();
        assert_eq!(open(&own, &HERE, NODE, &given).err(), Some(SealingError::Ciphertext));
        // Nor the other way round.
        assert_eq!(own.open(&info, &for_node().key.ciphertext).err(), Some(SealingError::Ciphertext));
    }

    #[test]
    fn code_is_bounded() {
        let all = |code: &[u8]| {
            seal_code(&HERE, PROJECT, code, [(NODE, key(1).public())]).map(|sealed| sealed.fault())
        };
        assert_eq!(all(&vec![b'x'; 1 << 20]), Ok(None));
        assert!(matches!(all(b""), Ok(Some(_))));
        assert!(matches!(all(&vec![b'x'; (1 << 20) + 1]), Ok(Some(_))));
    }
}

//! What ciphertexts are bound to: chain, contract, project, place and node, so that one moved elsewhere opens nowhere. The cipher
//! itself is no part of the contract; it is in `workers/sealing`.

use gateway_api::{CodeHash, NodeId, ProjectId, SecretId};

use crate::{Domain, SecretKey, hash};

/// Values are padded to a multiple of so many bytes before they are sealed, which hides their length.
pub const PADDING: usize = 64;
/// Bytes before the value that say how long it is.
pub const LENGTH_BYTES: usize = 2;
/// Bytes that sealing adds: the encapsulated X25519 key and the tag of ChaCha20-Poly1305.
pub const SEALING_BYTES: usize = 32 + 16;
/// Longest value of a secret, bytes: with its length and padding it is [`gateway_api::limits::MAX_SEALED_BYTES`] when sealed.
pub const MAX_SECRET_BYTES: usize = gateway_api::limits::MAX_SEALED_BYTES - SEALING_BYTES - LENGTH_BYTES;

impl Domain<'_> {
    /// HPKE's `info` of a secret's value for one node.
    #[must_use]
    pub fn secret_info(&self, project: ProjectId, secret: &SecretId, node: NodeId) -> [u8; 32] {
        self.bound(
            "gateway/sealed-secret",
            &[
                &project.get().to_be_bytes(),
                secret.name.as_str().as_bytes(),
                secret.host.as_str().as_bytes(),
                &node.get().to_be_bytes(),
            ],
        )
    }

    /// HPKE's `info` of the key of private code for one node. Its tag is another than a secret's: neither opens in the other's place.
    #[must_use]
    pub fn code_key_info(&self, project: ProjectId, code: &CodeHash, node: NodeId) -> [u8; 32] {
        let fields: [&[u8]; 3] = [&project.get().to_be_bytes(), &code.0, &node.get().to_be_bytes()];
        self.bound("gateway/sealed-code-key", &fields)
    }

    /// What the ciphertext of private code is bound to.
    #[must_use]
    pub fn sealed_code(&self, project: ProjectId, code: &CodeHash) -> [u8; 32] {
        self.bound("gateway/sealed-code", &[&project.get().to_be_bytes(), &code.0])
    }
}

impl SecretKey {
    /// The input keying material from which DHKEM derives the node's encryption key (RFC 9180, `DeriveKeyPair`): another one for
    /// each contract, and nothing else is made of it. The caller wipes it.
    #[must_use]
    pub fn encryption_seed(&self, domain: &Domain<'_>) -> [u8; 32] {
        let fields: [&[u8]; 3] = [self.secret(), domain.chain_id.as_bytes(), domain.contract.as_bytes()];
        hash("gateway/encryption-key", &fields)
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::{SecretHost, SecretName};

    use super::*;

    const HERE: Domain<'_> = Domain { chain_id: "chain-1", contract: "archway1gateway" };

    fn id(name: &str, host: &str) -> SecretId {
        SecretId { name: SecretName::new(name).unwrap(), host: SecretHost::new(host).unwrap() }
    }

    #[test]
    fn every_part_of_what_a_ciphertext_is_bound_to_counts() {
        let info = |domain: Domain<'_>, project, name, host, node| {
            domain.secret_info(ProjectId(project), &id(name, host), NodeId(node))
        };
        let all = [
            info(HERE, 1, "KEY", "a.example", 1),
            info(Domain { chain_id: "chain-2", ..HERE }, 1, "KEY", "a.example", 1),
            info(Domain { contract: "archway1other", ..HERE }, 1, "KEY", "a.example", 1),
            info(HERE, 2, "KEY", "a.example", 1),
            info(HERE, 1, "KEYa", ".example", 1),
            info(HERE, 1, "KEY", "b.example", 1),
            info(HERE, 1, "KEY", "a.example", 2),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn private_code_is_bound_to_its_place_and_is_no_secret() {
        let (here, code) = (CodeHash([1; 32]), CodeHash([2; 32]));
        let elsewhere = Domain { contract: "archway1other", ..HERE };
        let all = [
            HERE.code_key_info(ProjectId(1), &here, NodeId(1)),
            elsewhere.code_key_info(ProjectId(1), &here, NodeId(1)),
            HERE.code_key_info(ProjectId(2), &here, NodeId(1)),
            HERE.code_key_info(ProjectId(1), &code, NodeId(1)),
            HERE.code_key_info(ProjectId(1), &here, NodeId(2)),
            HERE.sealed_code(ProjectId(1), &here),
            HERE.sealed_code(ProjectId(2), &here),
            HERE.sealed_code(ProjectId(1), &code),
            elsewhere.sealed_code(ProjectId(1), &here),
            HERE.secret_info(ProjectId(1), &id("KEY", "a.example"), NodeId(1)),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn the_keying_material_is_another_for_each_key_and_contract() {
        let key = |byte| SecretKey::from_bytes(&[byte; 32]).unwrap();
        let elsewhere = Domain { contract: "archway1other", ..HERE };
        let seeds = [
            key(1).encryption_seed(&HERE),
            key(2).encryption_seed(&HERE),
            key(1).encryption_seed(&elsewhere),
        ];
        assert_eq!(seeds[0], key(1).encryption_seed(&HERE));
        assert_ne!(seeds[0], seeds[1]);
        assert_ne!(seeds[0], seeds[2]);
    }

    #[test]
    fn the_longest_value_fills_the_longest_ciphertext() {
        let padded = (LENGTH_BYTES + MAX_SECRET_BYTES).next_multiple_of(PADDING);
        assert_eq!(padded + SEALING_BYTES, gateway_api::limits::MAX_SEALED_BYTES);
        assert_eq!(PADDING + SEALING_BYTES, gateway_api::limits::MIN_SEALED_BYTES);
    }
}

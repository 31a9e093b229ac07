//! Sealed secrets: a project's values for one host each, encrypted to each node, and the keys that they are encrypted to.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Binary;

use crate::text::Text;
use crate::{EncryptionKey, NodeId, limits};

/// The name by which a project's code asks for a secret: letters, digits, `_`, `-` and `.`.
pub type SecretName = Text<1, 64>;
/// The host that a secret is sent to, as it stands in a URL: lower case, without a port.
pub type SecretHost = Text<1, 253>;

/// Which of a project's secrets: one name may have another value for each host.
#[cw_serde]
#[derive(Eq, PartialOrd, Ord)]
pub struct SecretId {
    /// The name.
    pub name: SecretName,
    /// The host.
    pub host: SecretHost,
}

impl SecretId {
    /// Says what is wrong with the name or the host, if anything.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let named = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let hosted = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
        if !self.name.as_str().bytes().all(named) {
            return Some("a name takes letters, digits, _, - and .");
        }
        let host = self.host.as_str();
        if !host.bytes().all(hosted) || host.starts_with('.') || host.ends_with('.') {
            return Some("a host takes lower-case letters, digits, - and ., and no dot at its ends");
        }
        None
    }
}

impl std::fmt::Display for SecretId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} for {}", self.name, self.host)
    }
}

/// A secret's value, sealed to one node.
#[cw_serde]
pub struct SealedValue {
    /// The node that can open it.
    pub node: NodeId,
    /// The key that it is sealed to: the one that the node has published.
    pub key: EncryptionKey,
    /// The encapsulated key and the ciphertext (HPKE, see docs/security.md), 112 to 2160 bytes.
    pub ciphertext: Binary,
}

impl SealedValue {
    /// Says whether the ciphertext has a length that sealing a value gives.
    #[must_use]
    pub fn has_length(&self) -> bool {
        (limits::MIN_SEALED_BYTES..=limits::MAX_SEALED_BYTES).contains(&self.ciphertext.len())
    }
}

/// A node that a secret is sealed to.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct SealedTo {
    /// The node.
    pub node: NodeId,
    /// The key that the value was sealed to. Where the node has published another one since, it cannot open it any more.
    pub key: EncryptionKey,
}

/// A secret of a project, without its ciphertexts.
#[cw_serde]
pub struct SecretResponse {
    /// The name.
    pub name: SecretName,
    /// The host.
    pub host: SecretHost,
    /// The height at which it was set.
    pub height: u64,
    /// The nodes that it is sealed to, in order of their ids.
    pub nodes: Vec<SealedTo>,
}

/// A page of a project's secrets.
#[cw_serde]
pub struct SecretsResponse {
    /// The secrets, in a fixed order; ask on from the last one's name and host.
    pub secrets: Vec<SecretResponse>,
}

/// A secret as one node can open it.
#[cw_serde]
pub struct SealedSecretResponse {
    /// The name.
    pub name: SecretName,
    /// The host.
    pub host: SecretHost,
    /// The key that it is sealed to.
    pub key: EncryptionKey,
    /// The encapsulated key and the ciphertext.
    pub ciphertext: Binary,
}

/// A page of the secrets of a project that are sealed to a node.
#[cw_serde]
pub struct SealedSecretsResponse {
    /// The secrets, in a fixed order; ask on from the last one's name and host.
    pub secrets: Vec<SealedSecretResponse>,
}

/// The key to which secrets for a node are sealed.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct EncryptionKeyResponse {
    /// The node.
    pub node: NodeId,
    /// The key.
    pub key: EncryptionKey,
    /// The height at which it was published.
    pub height: u64,
}

/// A page of encryption keys.
#[cw_serde]
pub struct EncryptionKeysResponse {
    /// The keys, in order of their nodes' ids; ask on from the last one's. Nodes that have published none are not among them.
    pub keys: Vec<EncryptionKeyResponse>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(name: &str, host: &str) -> Option<&'static str> {
        SecretId { name: SecretName::new(name).unwrap(), host: SecretHost::new(host).unwrap() }.fault()
    }

    #[test]
    fn names_are_those_of_placeholders_and_hosts_those_of_urls() {
        for (name, host) in [("KEY", "api.example.com"), ("a_b-c.9", "localhost"), ("K", "127.0.0.1")] {
            assert_eq!(fault(name, host), None, "{name} {host}");
        }
        for (name, host) in [
            ("a b", "h"),
            ("a:b", "h"),
            ("a@b", "h"),
            ("K", "API.example.com"),
            ("K", "h.example."),
            ("K", ".h"),
            ("K", "h:1"),
            ("K", "a@b"),
        ] {
            assert!(fault(name, host).is_some(), "{name} {host}");
        }
    }
}

//! Events of sealed secrets: which exist, and the keys that they are sealed to.

use super::definition::events;
use crate::{EncryptionKey, NodeId, ProjectId};

events! {
    /// A node published the key to which secrets for it are sealed.
    EncryptionKeyChanged = "gateway-encryption-key-changed" {
        /// The node.
        node: NodeId,
        /// The key.
        key: EncryptionKey,
    }
    /// A secret was set, or sealed anew.
    SecretSet = "gateway-secret-set" {
        /// The project.
        project: ProjectId,
        /// The secret's name.
        name: String,
        /// Its host.
        host: String,
        /// The nodes that it is sealed to.
        nodes: u32,
    }
    /// A secret was removed.
    SecretRemoved = "gateway-secret-removed" {
        /// The project.
        project: ProjectId,
        /// The secret's name.
        name: String,
        /// Its host.
        host: String,
    }
}

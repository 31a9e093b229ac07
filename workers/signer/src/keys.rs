//! The keys, loaded once at the start.

use std::collections::BTreeMap;

use gateway_chain::Signer;
use gateway_daemon_runtime::remote_signer::KeyKind;
use gateway_protocol::SecretKey;

use crate::config::{KeyConfig, SignerConfig};
use crate::error::SignerError;

/// A key and what bounds its use.
#[derive(Debug)]
pub(crate) enum Held {
    Account { signer: Signer, max_fee: u128, max_funds: u128 },
    Node(SecretKey),
}

/// Loads every key.
///
/// # Errors
/// [`SignerError::Chain`] when an account's key cannot be read or is invalid; [`SignerError::Secret`] when a node's key cannot
/// be read, [`SignerError::KeyFormat`] when it is invalid.
pub(crate) fn load(config: &SignerConfig) -> Result<BTreeMap<String, Held>, SignerError> {
    config.keys.iter().map(|key| Ok((key.name.clone(), held(config, key)?))).collect()
}

fn held(config: &SignerConfig, key: &KeyConfig) -> Result<Held, SignerError> {
    let amount = |text: &str| text.parse().unwrap_or_default();
    Ok(match key.kind {
        KeyKind::Account => {
            let signer = Signer::load(&key.key, &config.prefix)?;
            tracing::info!(name = key.name, account = signer.address(), "key loaded");
            Held::Account { signer, max_fee: amount(&key.max_fee), max_funds: amount(&key.max_funds) }
        }
        KeyKind::Node => {
            let name = || key.name.clone();
            let text = key.key.load().map_err(|source| SignerError::Secret { name: name(), source })?;
            let mut bytes = [0u8; 32];
            let read = hex::decode_to_slice(text.expose(), &mut bytes);
            let secret = read.ok().and_then(|()| SecretKey::from_bytes(&bytes).ok());
            bytes.fill(0);
            let secret = secret.ok_or_else(|| SignerError::KeyFormat { name: name() })?;
            tracing::info!(name = key.name, key = %secret.public(), "key loaded");
            Held::Node(secret)
        }
    })
}

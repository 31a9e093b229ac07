//! `gateway key`: makes keys. The secret goes to a new file that only its owner can read, never to the terminal.

use super::CommandError;
use crate::arguments::{Key, NewAccount, NewKey};
use gateway_chain::Signer;
use gateway_protocol::SecretKey;
use rand::RngCore;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub(crate) fn run(key: Key) -> Result<(), CommandError> {
    let mut secret = [0u8; 32];
    rand::rngs::OsRng.fill_bytes(&mut secret);
    let public = match &key {
        Key::Vrf(NewKey { out }) => {
            let public = SecretKey::from_bytes(&secret)?.public().to_string();
            write_secret(out, &secret)?;
            public
        }
        Key::Account(NewAccount { key: NewKey { out }, prefix }) => {
            let address = Signer::from_bytes(&secret, prefix)?.address().to_owned();
            write_secret(out, &secret)?;
            address
        }
    };
    println!("{public}");
    Ok(())
}

fn write_secret(path: &Path, secret: &[u8; 32]) -> Result<(), CommandError> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|e| format!("{}: {e}; an existing key is never overwritten", path.display()))?;
    file.write_all(hex::encode(secret).as_bytes())?;
    Ok(file.sync_all()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("vrf.key");
        run(Key::Vrf(NewKey { out: out.clone() })).unwrap();
        let first = std::fs::read_to_string(&out).unwrap();
        assert_eq!(first.len(), 64);
        let error = run(Key::Vrf(NewKey { out: out.clone() })).unwrap_err().to_string();
        assert!(error.contains("never overwritten"), "{error}");
        assert_eq!(std::fs::read_to_string(&out).unwrap(), first);
    }
}

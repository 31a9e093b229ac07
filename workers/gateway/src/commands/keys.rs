//! `gateway key`: creates keys and encrypts them. A secret goes to a new file that only its owner can read, never to the
//! terminal.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use gateway_chain::Signer;
use gateway_daemon_runtime::SecretSource;
use gateway_daemon_runtime::secret::{
    Cost, EncryptedFile, KeyringBackend, KeyringKey, PassphraseSource, SecretString, encrypt,
};
use gateway_protocol::SecretKey;
use rand::RngCore;

use super::CommandError;
use super::say::say;
use crate::arguments::{Backend, EncryptKey, Key, KeyAddress, NewAccount, NewKey};

pub(crate) fn run(key: Key) -> Result<(), CommandError> {
    let mut secret = [0u8; 32];
    rand::rngs::OsRng.fill_bytes(&mut secret);
    let public = match key {
        Key::Vrf(NewKey { out }) => {
            let public = SecretKey::from_bytes(&secret)?.public().to_string();
            write_secret(&out, &hex::encode(secret))?;
            public
        }
        Key::Account(NewAccount { key: NewKey { out }, prefix }) => {
            let address = Signer::from_bytes(&secret, &prefix)?.address().to_owned();
            write_secret(&out, &hex::encode(secret))?;
            address
        }
        Key::Encrypt(options) => encrypt_file(options)?,
        Key::Address(options) => address(options)?,
    };
    say(&public)
}

/// Encrypts a key and prints how a configuration refers to it.
fn encrypt_file(
    EncryptKey { from, out, memory_kib, passphrase }: EncryptKey,
) -> Result<String, CommandError> {
    let key = SecretSource::File(from).load()?;
    let passphrase = match passphrase.named() {
        Some(source) => source.load("the key")?,
        None => new_passphrase()?,
    };
    write_secret(&out, &encrypt(&key, &passphrase, Cost { memory_kib, ..Cost::default() })?)?;
    Ok(format!("key = {{ encrypted = {{ file = \"{}\", passphrase = \"terminal\" }} }}", out.display()))
}

/// Asks for a new passphrase, twice.
fn new_passphrase() -> Result<SecretString, CommandError> {
    let first = PassphraseSource::Terminal.load("the key")?;
    let second = PassphraseSource::Terminal.load("the key, again")?;
    if first.expose() != second.expose() {
        return Err("the two passphrases differ; nothing was written".into());
    }
    Ok(first)
}

fn address(options: KeyAddress) -> Result<String, CommandError> {
    let KeyAddress { key_file, encrypted, keyring, name, backend, passphrase, prefix } = options;
    let terminal = || passphrase.named().unwrap_or(PassphraseSource::Terminal);
    let source = match (key_file, encrypted, keyring) {
        (Some(file), _, _) => SecretSource::File(file),
        (_, Some(file), _) => SecretSource::Encrypted(EncryptedFile { file, passphrase: terminal() }),
        (_, _, Some(home)) => {
            let name = name.ok_or("--keyring takes --name")?;
            let (backend, passphrase) = match backend {
                Backend::Test => (KeyringBackend::Test, None),
                Backend::File => (KeyringBackend::File, Some(terminal())),
            };
            SecretSource::Keyring(KeyringKey { home, name, backend, passphrase })
        }
        (None, None, None) => return Err("name a key: --key-file, --encrypted or --keyring".into()),
    };
    Ok(Signer::load(&source, &prefix)?.address().to_owned())
}

fn write_secret(path: &Path, secret: &str) -> Result<(), CommandError> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|e| format!("{}: {e}; an existing key is never overwritten", path.display()))?;
    file.write_all(secret.as_bytes())?;
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

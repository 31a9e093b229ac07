//! The one suite of HPKE that is used. Another one is another protocol: nothing in a ciphertext says which.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;

pub(crate) type Aead = ChaCha20Poly1305;
pub(crate) type Kdf = HkdfSha256;
pub(crate) type Kem = X25519HkdfSha256;

/// Bytes of an encapsulated key, with which a ciphertext begins.
pub(crate) const ENCAPSULATED: usize = 32;

//! The only HPKE suite in use. Another one would be another protocol: nothing in a ciphertext identifies the suite.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;

pub(crate) type Aead = ChaCha20Poly1305;
pub(crate) type Kdf = HkdfSha256;
pub(crate) type Kem = X25519HkdfSha256;

/// Bytes of an encapsulated key, which comes first in a ciphertext.
pub(crate) const ENCAPSULATED: usize = 32;

//! Seals values and private code to nodes and opens them: HPKE in base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256 and ChaCha20-Poly1305. The protocol defines what a ciphertext is bound to and its size limit; this crate knows
//! no chain and no I/O.

mod code;
mod opening;
mod padding;
mod sealed;
mod suite;

pub use code::{decrypt_code, seal_code};
pub use opening::OpeningKey;
pub use sealed::seal;

use gateway_protocol::sealing::MAX_SECRET_BYTES;
use thiserror::Error;

/// Why a value was not sealed or opened. None of these is worth a retry with the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealingError {
    /// The value is longer than allowed.
    #[error("a value takes at most {MAX_SECRET_BYTES} bytes")]
    TooLong,
    /// The key is a point of small order: anyone could open what is sealed to it.
    #[error("the encryption key is not usable")]
    Key,
    /// The ciphertext is malformed, was sealed to another key, or for another project, secret, host or node.
    #[error("the ciphertext is not sealed to this key, or not for this place")]
    Ciphertext,
    /// The code is too large to be encrypted.
    #[error("the code is too large")]
    Code,
    /// The code sealed under a hash does not match it.
    #[error("what is sealed is not the code of this hash")]
    OtherCode,
}

//! Thirty-two byte values, one type per meaning; 64 lower-case hexadecimal digits in JSON.

use std::fmt;
use std::str::FromStr;

use cosmwasm_schema::schemars::{
    JsonSchema,
    r#gen::SchemaGenerator,
    schema::{InstanceType, Schema, SchemaObject, StringValidation},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A text that is not 32 bytes in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseBytes32Error {
    /// The text has another length than 64 characters.
    #[error("expected 64 hexadecimal digits, found {0} characters")]
    Length(usize),
    /// A character is not a lower-case hexadecimal digit.
    #[error("character {0} is not a lower-case hexadecimal digit")]
    Digit(usize),
}

fn digit(byte: u8, at: usize) -> Result<u8, ParseBytes32Error> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(ParseBytes32Error::Digit(at)),
    }
}

fn parse(text: &str) -> Result<[u8; 32], ParseBytes32Error> {
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return Err(ParseBytes32Error::Length(text.chars().count()));
    }
    let mut out = [0u8; 32];
    for (i, pair) in bytes.chunks_exact(2).enumerate() {
        out[i] = (digit(pair[0], 2 * i)? << 4) | digit(pair[1], 2 * i + 1)?;
    }
    Ok(out)
}

fn write_hex(bytes: &[u8; 32], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|b| write!(f, "{b:02x}"))
}

macro_rules! bytes32 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "("))?;
                write_hex(&self.0, f)?;
                f.write_str(")")
            }
        }

        impl FromStr for $name {
            type Err = ParseBytes32Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                parse(s).map(Self)
            }
        }

        impl From<[u8; 32]> for $name {
            fn from(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // Text for people, bytes for storage.
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            // One copy of it in the contract, not one for every field of every message.
            #[inline(never)]
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if !deserializer.is_human_readable() {
                    return <[u8; 32]>::deserialize(deserializer).map(Self);
                }
                let text = String::deserialize(deserializer)?;
                parse(&text).map(Self).map_err(|e| {
                    serde::de::Error::custom(format_args!("{}: {e}", stringify!($name)))
                })
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> String {
                stringify!($name).to_owned()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                SchemaObject {
                    instance_type: Some(InstanceType::String.into()),
                    string: Some(Box::new(StringValidation {
                        min_length: Some(64),
                        max_length: Some(64),
                        pattern: Some("^[0-9a-f]{64}$".to_owned()),
                    })),
                    ..SchemaObject::default()
                }
                .into()
            }
        }
    };
}

bytes32!(
    /// SHA-256 of a project's code: what a version pins.
    CodeHash
);
bytes32!(
    /// SHA-256 of a request's input text.
    InputHash
);
bytes32!(
    /// SHA-256 of a result's body.
    BodyHash
);
bytes32!(
    /// A seed of the counter: of an epoch or of a round.
    Seed
);
bytes32!(
    /// A node's commitment to its outcome.
    Commit
);
bytes32!(
    /// What opens a commitment; known to the committer until it is published.
    Salt
);
bytes32!(
    /// Identifies an engine: nodes of one id give the same bytes for the same run.
    EngineId
);
bytes32!(
    /// A node's VRF public key: a compressed Ristretto point.
    NodeKey
);
bytes32!(
    /// A node's encryption key, to which secrets for it are sealed: an X25519 public key.
    EncryptionKey
);
bytes32!(
    /// A VRF's output, in compressed form (the pre-output point).
    VrfOutput
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_round_trip() {
        let seed = Seed([0xab; 32]);
        assert_eq!(seed.to_string().parse::<Seed>(), Ok(seed));
        let json = serde_json::to_string(&seed).unwrap();
        assert_eq!(serde_json::from_str::<Seed>(&json).unwrap(), seed);
    }

    #[test]
    fn what_is_malformed_is_named() {
        assert_eq!("ab".parse::<Seed>(), Err(ParseBytes32Error::Length(2)));
        assert_eq!("AB".repeat(32).parse::<Seed>(), Err(ParseBytes32Error::Digit(0)));
        let error = serde_json::from_str::<CodeHash>("\"00\"").unwrap_err().to_string();
        assert!(error.starts_with("CodeHash: expected 64 hexadecimal digits"), "{error}");
    }
}

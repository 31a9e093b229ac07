//! Bodies of outcomes: their digests, and the form in which they are published.

use gateway_api::{Body, BodyHash, Refusal};
use sha2::{Digest, Sha256};

/// The hash and size of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyDigest {
    /// SHA-256 of the text.
    pub sha256: BodyHash,
    /// Bytes.
    pub size: u32,
}

impl BodyDigest {
    /// Returns the digest of a published body, whichever form it has.
    #[must_use]
    pub fn of(body: &Body) -> Self {
        match body {
            Body::Inline { text } => body_digest(text),
            Body::Hashed { sha256, size } => Self { sha256: *sha256, size: *size },
        }
    }

    /// Returns the form in which a body of this digest is published: inline up to `inline_limit` bytes, with the text that
    /// `text` gives, by its digest above.
    ///
    /// There is no choice: [`check_published_body`] refuses the other form, so that no relay can hide a small result.
    #[must_use]
    pub fn published(self, text: impl FnOnce() -> String, inline_limit: u32) -> Body {
        let Self { sha256, size } = self;
        if size > inline_limit { Body::Hashed { sha256, size } } else { Body::Inline { text: text() } }
    }
}

/// Returns the digest of a body: SHA-256 of its text, and its size. A text above 4 GiB has the largest size.
#[must_use]
pub fn body_digest(body: &str) -> BodyDigest {
    BodyDigest {
        sha256: BodyHash(Sha256::digest(body.as_bytes()).into()),
        size: u32::try_from(body.len()).unwrap_or(u32::MAX),
    }
}

/// Returns the form in which a whole body is published; see [`BodyDigest::published`].
#[must_use]
pub fn published_body(text: String, inline_limit: u32) -> Body {
    body_digest(&text).published(|| text, inline_limit)
}

/// Checks a published body's size and form.
///
/// # Errors
/// - [`Refusal::BodyTooLarge`] above `max_bytes`;
/// - [`Refusal::BodyForm`] where it has not the form of [`published_body`].
pub fn check_published_body(body: &Body, max_bytes: u32, inline_limit: u32) -> Result<(), Refusal> {
    let (size, inline) = match body {
        Body::Inline { text } => (text.len() as u64, true),
        Body::Hashed { size, .. } => (u64::from(*size), false),
    };
    if size > u64::from(max_bytes) {
        return Err(Refusal::BodyTooLarge {});
    }
    if inline != (size <= u64::from(inline_limit)) {
        return Err(Refusal::BodyForm {});
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_is_what_is_accepted() {
        for (size, inline_limit) in [(0, 0), (1, 0), (10, 10), (11, 10)] {
            let text = "x".repeat(size);
            let body = published_body(text.clone(), inline_limit);
            assert_eq!(BodyDigest::of(&body), body_digest(&text));
            assert_eq!(check_published_body(&body, 100, inline_limit), Ok(()));
            let other = match body {
                Body::Inline { text } => {
                    let BodyDigest { sha256, size } = body_digest(&text);
                    Body::Hashed { sha256, size }
                }
                Body::Hashed { .. } => Body::Inline { text },
            };
            assert_eq!(check_published_body(&other, 100, inline_limit), Err(Refusal::BodyForm {}));
        }
        let large = published_body("x".repeat(101), 1000);
        assert_eq!(check_published_body(&large, 100, 1000), Err(Refusal::BodyTooLarge {}));
    }
}

//! The aggregation rules that a policy may name, and the bounds of what they ask for.

use cosmwasm_schema::cw_serde;

use crate::limits;

/// How outcomes are made one. Errors agree byte for byte under each rule.
#[cw_serde]
pub enum AgreementRule {
    /// Outcomes agree when they are the same, byte for byte.
    Exact {},
    /// Outcomes are decimals; the result is their seat-weighted median.
    Median {
        /// Distance from the median within which a value agrees, in basis points of the median's magnitude.
        tolerance_bps: u16,
    },
    /// Outcomes are objects that are equal but for some fields; the result has the seat-weighted median of each of those.
    /// A value agrees that is within the tolerance of every one of them. Takes `max_result_bytes` of at most 1024.
    MedianFields {
        /// The fields that are decimals, 1 to 8.
        fields: Vec<MedianField>,
    },
    /// The result is the outcome that most of the attesting seats support, where those are a quorum. Takes
    /// `max_result_bytes` of at most 1024. Where two outcomes both reach `min_bps`, who publishes may leave out seats of
    /// one: above half the committee there is only one.
    Mode {
        /// Seats that must support the result, in basis points of the expected committee, 3334 to `quorum_bps`.
        min_bps: u16,
    },
}

/// A field of which the median is taken.
#[cw_serde]
pub struct MedianField {
    /// Where it stands: a JSON Pointer (RFC 6901) of 1 to 8 keys or array indices, each of letters, digits, `_`, `-` and `.`,
    /// at most 64 bytes, such as `/price` or `/pairs/0/rate`. There stands a number, or a text that is a decimal.
    pub path: String,
    /// Distance from the median within which its value agrees, in basis points of the median's magnitude.
    pub tolerance_bps: u16,
}

impl AgreementRule {
    /// Says what is wrong with the rule in a policy, if anything: the field and its bound.
    #[must_use]
    pub fn fault(&self, quorum_bps: u16, max_result_bytes: u32) -> Option<&'static str> {
        const TOLERANCE: &str = "tolerance_bps takes at most 10000";
        let checks: &[(bool, &'static str)] = match self {
            Self::Exact {} => &[],
            Self::Median { tolerance_bps } => &[(*tolerance_bps <= limits::BPS, TOLERANCE)],
            Self::MedianFields { fields } => &[
                ((1..=limits::MAX_MEDIAN_FIELDS).contains(&fields.len()), "fields takes 1 to 8 fields"),
                (
                    fields.iter().all(|field| is_path(&field.path)),
                    "path takes a JSON pointer of 1 to 8 keys of letters, digits, `_`, `-` and `.`, at most 64 bytes",
                ),
                (are_apart(fields), "no path may be another's, or lie within the value at another's"),
                (fields.iter().all(|field| field.tolerance_bps <= limits::BPS), TOLERANCE),
                (
                    max_result_bytes <= limits::MAX_COMPARED_BYTES,
                    "the rule median_fields takes max_result_bytes of at most 1024",
                ),
            ],
            Self::Mode { min_bps } => &[
                ((3334..=quorum_bps).contains(min_bps), "min_bps takes 3334 to quorum_bps"),
                (
                    max_result_bytes <= limits::MAX_COMPARED_BYTES,
                    "the rule mode takes max_result_bytes of at most 1024",
                ),
            ],
        };
        checks.iter().find_map(|(good, fault)| (!good).then_some(*fault))
    }
}

/// Whether a text is a path. No key of it can be written with an escape in canonical JSON, so it is found by its bytes.
fn is_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let Some(rest) = path.strip_prefix('/') else { return false };
    path.len() <= limits::MAX_PATH_BYTES
        && rest.split('/').count() <= limits::MAX_PATH_KEYS
        && rest.split('/').all(|key| !key.is_empty() && key.bytes().all(plain))
}

/// Whether no path is, or lies within, another.
fn are_apart(fields: &[MedianField]) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    fields.iter().enumerate().all(|(at, field)| {
        fields.iter().enumerate().all(|(other, of)| at == other || !within(&field.path, &of.path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(paths: &[&str]) -> AgreementRule {
        let field = |path: &&str| MedianField { path: (*path).to_owned(), tolerance_bps: 50 };
        AgreementRule::MedianFields { fields: paths.iter().map(field).collect() }
    }

    fn fault(paths: &[&str]) -> Option<&'static str> {
        fields(paths).fault(6000, 1024)
    }

    #[test]
    fn paths_are_pointers_of_plain_keys() {
        for path in ["/price", "/a/b/0", "/Eur-Usd_1.x", "/a/b/c/d/e/f/g/h"] {
            assert_eq!(fault(&[path]), None, "{path}");
        }
        let long = format!("/{}", "k".repeat(64));
        for path in
            ["", "/", "price", "/a/", "//a", "/a b", "/a~1b", "/ä", "/a\"", "/a/b/c/d/e/f/g/h/i", &long]
        {
            assert!(fault(&[path]).unwrap().starts_with("path takes"), "{path}");
        }
    }

    #[test]
    fn paths_are_apart_and_few() {
        assert_eq!(fault(&["/a", "/ab", "/b/a"]), None);
        for paths in [["/a", "/a"], ["/a", "/a/b"], ["/a/b", "/a"]] {
            assert!(fault(&paths).unwrap().starts_with("no path"), "{paths:?}");
        }
        assert_eq!(fault(&[]), Some("fields takes 1 to 8 fields"));
        let nine: Vec<String> = (0..9).map(|n| format!("/f{n}")).collect();
        let nine: Vec<&str> = nine.iter().map(String::as_str).collect();
        assert_eq!(fault(&nine), Some("fields takes 1 to 8 fields"));
        assert_eq!(fault(&nine[..8]), None);
    }

    #[test]
    fn values_that_are_compared_are_small_and_a_mode_is_more_than_a_third() {
        assert!(fields(&["/a"]).fault(6000, 1025).unwrap().contains("1024"));
        let mode = |min_bps, bytes| AgreementRule::Mode { min_bps }.fault(6000, bytes);
        assert_eq!((mode(3334, 1024), mode(6000, 1)), (None, None));
        for min_bps in [3333, 6001] {
            assert_eq!(mode(min_bps, 1024), Some("min_bps takes 3334 to quorum_bps"));
        }
        assert!(mode(5000, 1025).unwrap().contains("1024"));
        assert_eq!(AgreementRule::Median { tolerance_bps: 10_001 }.fault(6000, 4096), Some(TOLERANCE));
    }

    const TOLERANCE: &str = "tolerance_bps takes at most 10000";
}

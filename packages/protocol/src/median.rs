//! Decimals in their one canonical text, and the seat-weighted median of them. Integers only, every step checked.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use cosmwasm_std::Uint512;
use gateway_api::limits;
use thiserror::Error;

/// A text that is not a canonical decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecimalError {
    /// Empty, or longer than 64 bytes.
    #[error("a decimal takes 1 to 64 bytes")]
    Length,
    /// Not digits with at most one point between digits.
    #[error("a decimal takes digits, one point between digits at most, and a minus sign before them at most")]
    Digits,
    /// Has a shorter form: needless zeros, or a minus sign before zero.
    #[error("a decimal takes its shortest form: no leading or trailing zeros, no negative zero")]
    NotShortest,
}

/// A decimal of at most 64 bytes, kept as its canonical text: two are equal exactly where their texts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    text: String,
    negative: bool,
    /// All digits as one whole number.
    digits: Uint512,
    /// How many of them stand behind the point.
    scale: u32,
}

/// Highest power of ten needed: aligns any two decimals, which have at most 62 digits behind the point.
const MAX_SCALE: u32 = limits::MAX_VALUE_BYTES;

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > limits::MAX_VALUE_BYTES as usize {
            return Err(DecimalError::Length);
        }
        let (negative, body) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = match body.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (body, None),
        };
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !fraction.is_none_or(plain) {
            return Err(DecimalError::Digits);
        }
        let fraction = fraction.unwrap_or("");
        if (whole.len() > 1 && whole.starts_with('0')) || fraction.ends_with('0') || (negative && body == "0")
        {
            return Err(DecimalError::NotShortest);
        }
        let digits = whole.bytes().chain(fraction.bytes()).fold(Uint512::zero(), |number, byte| {
            // At most 64 digits, below 2^213: cannot overflow 512 bits.
            number * Uint512::from(10u8) + Uint512::from(byte - b'0')
        });
        Ok(Self { text: text.to_owned(), negative, digits, scale: fraction.len() as u32 })
    }
}

impl Decimal {
    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The magnitude as a multiple of 10^-MAX_SCALE: below 10^128, or 2^426.
    fn magnitude(&self) -> Uint512 {
        self.digits * Uint512::from(10u8).pow(MAX_SCALE - self.scale)
    }

    /// Whether this value is within `tolerance_bps` basis points of the median's magnitude from the median.
    /// Around a median of zero only zero is.
    #[must_use]
    pub fn agrees_with(&self, median: &Self, tolerance_bps: u16) -> bool {
        let (own, other) = (self.magnitude(), median.magnitude());
        // Below 2^427; times 10000 below 2^441.
        let distance = if self.negative == median.negative { own.abs_diff(other) } else { own + other };
        distance * Uint512::from(limits::BPS) <= other * Uint512::from(tolerance_bps)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude().cmp(&other.magnitude()),
            (true, true) => other.magnitude().cmp(&self.magnitude()),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A value and the seats behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightedValue {
    /// The value.
    pub value: Decimal,
    /// The seats.
    pub seats: u32,
}

/// The seat-weighted median: the lowest value at or below which stand at least half of all seats.
///
/// It is always one of the values, so that it needs no rounding. `None` where there are no seats.
#[must_use]
pub fn weighted_median(votes: &[WeightedValue]) -> Option<&Decimal> {
    let total: u64 = votes.iter().map(|vote| u64::from(vote.seats)).sum();
    if total == 0 {
        return None;
    }
    let mut sorted: Vec<&WeightedValue> = votes.iter().filter(|vote| vote.seats > 0).collect();
    sorted.sort_by(|a, b| a.value.cmp(&b.value));
    let mut below: u64 = 0;
    sorted.into_iter().find_map(|vote| {
        below += u64::from(vote.seats);
        (below >= total.div_ceil(2)).then_some(&vote.value)
    })
}

//! Decimals and their seat-weighted median.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use gateway_protocol::{Decimal, DecimalError, WeightedValue, weighted_median};
use proptest::prelude::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn votes(values: &[(&str, u32)]) -> Vec<WeightedValue> {
    values.iter().map(|(value, seats)| WeightedValue { value: decimal(value), seats: *seats }).collect()
}

fn median(values: &[(&str, u32)]) -> Option<String> {
    weighted_median(&votes(values)).map(Decimal::to_string)
}

#[test]
fn only_the_canonical_text_is_a_decimal() {
    for text in ["0", "-1", "7", "10", "0.5", "-0.001", "123456789012345678901234567890.1"] {
        assert_eq!(decimal(text).as_str(), text);
    }
    let long = "9".repeat(65);
    for text in ["", &long] {
        assert_eq!(text.parse::<Decimal>(), Err(DecimalError::Length), "{text}");
    }
    let words = [
        "-", ".", "1.", ".5", "1.2.3", "+1", "--1", "1e5", "1E5", "NaN", "Infinity", " 1", "1 ", "1_0", "0x1",
    ];
    for text in words.into_iter().chain(["١", "\u{feff}1", "1,5", "-.5", "\"1\""]) {
        assert_eq!(text.parse::<Decimal>(), Err(DecimalError::Digits), "{text}");
    }
    for text in ["00", "01", "-01", "1.0", "1.50", "-0", "0.0", "-0.0", "-0.00", "00.5"] {
        assert_eq!(text.parse::<Decimal>(), Err(DecimalError::NotShortest), "{text}");
    }
}

#[test]
fn sixty_four_bytes_of_any_shape_are_compared_exactly() {
    let whole = "9".repeat(64);
    let small = format!("0.{}1", "0".repeat(61));
    assert!(decimal(&whole) > decimal(&small));
    assert!(decimal(&small) > decimal("0"));
    assert!(decimal(&format!("-{}", "9".repeat(63))) < decimal("-1"));
    assert!(!decimal(&whole).agrees_with(&decimal(&small), 10_000));
    assert!(decimal(&whole).agrees_with(&decimal(&whole), 0));
    assert!(decimal("2").agrees_with(&decimal("1"), 10_000));
}

#[test]
fn the_median_counts_seats_and_is_one_of_the_values() {
    assert_eq!(median(&[]), None);
    assert_eq!(median(&[("1", 0)]), None);
    assert_eq!(median(&[("5", 1)]).as_deref(), Some("5"));
    assert_eq!(median(&[("1", 1), ("2", 1), ("3", 1)]).as_deref(), Some("2"));
    assert_eq!(median(&[("3", 1), ("1", 1), ("2", 5)]).as_deref(), Some("2"));
    assert_eq!(median(&[("1", 5), ("2", 1), ("3", 3)]).as_deref(), Some("1"));
    // At a tie the lower one.
    assert_eq!(median(&[("1", 2), ("2", 2)]).as_deref(), Some("1"));
    assert_eq!(median(&[("-10", 1), ("-2", 1), ("-1.5", 1)]).as_deref(), Some("-2"));
    // A value without seats moves nothing.
    assert_eq!(median(&[("1", 1), ("2", 1), ("99", 0)]).as_deref(), Some("1"));
    assert_eq!(median(&[("1", u32::MAX), ("2", u32::MAX), ("3", u32::MAX)]).as_deref(), Some("2"));
}

#[test]
fn a_minority_cannot_drag_the_median_outside_the_honest_values() {
    let honest = [("99.5", 4), ("100", 4), ("100.5", 4)];
    for lie in ["0", "-99999", "99999999999999999999999999"] {
        let found = median(&[honest.as_slice(), &[(lie, 6)]].concat()).unwrap();
        assert!(honest.iter().any(|(value, _)| *value == found), "{lie} gave {found}");
    }
}

#[test]
fn tolerance_is_relative_to_the_median_and_includes_its_bound() {
    let within = |value: &str, middle: &str, bps| decimal(value).agrees_with(&decimal(middle), bps);
    assert!(within("101", "100", 100) && within("99", "100", 100));
    assert!(!within("101.0001", "100", 100) && !within("98.9999", "100", 100));
    assert!(within("-101", "-100", 100) && !within("100", "-100", 10_000));
    assert!(within("0", "0", 0) && !within("0.0001", "0", 10_000));
    assert!(within("0", "5", 10_000) && !within("-0.1", "5", 10_000));
}

proptest! {
    /// Against whole numbers: order, median and tolerance.
    #[test]
    fn like_whole_numbers(
        values in proptest::collection::vec((-1000i64..1000, 0u32..5), 1..12),
        tolerance in 0u16..=10_000,
        scale in 0u32..3,
    ) {
        let text = |value: i64| {
            // value / 10^scale in its shortest form
            let power = 10i64.pow(scale);
            let (whole, rest) = ((value / power).abs(), (value % power).abs());
            let fraction = if scale == 0 { String::new() } else { format!("{rest:0width$}", width = scale as usize) };
            let fraction = fraction.trim_end_matches('0');
            let sign = if value < 0 { "-" } else { "" };
            if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
        };
        let votes: Vec<WeightedValue> =
            values.iter().map(|(value, seats)| WeightedValue { value: decimal(&text(*value)), seats: *seats }).collect();
        let mut unrolled: Vec<i64> =
            values.iter().flat_map(|(value, seats)| std::iter::repeat_n(*value, *seats as usize)).collect();
        unrolled.sort_unstable();
        let middle = unrolled.get(unrolled.len().wrapping_sub(1) / 2).copied();
        let found = weighted_median(&votes);
        prop_assert_eq!(found.map(Decimal::to_string), middle.map(text));
        if let (Some(found), Some(middle)) = (found, middle) {
            for (vote, (value, _)) in votes.iter().zip(&values) {
                prop_assert_eq!(vote.value.cmp(found), value.cmp(&middle));
                let near = (value - middle).abs() * 10_000 <= middle.abs() * i64::from(tolerance);
                prop_assert_eq!(vote.value.agrees_with(found, tolerance), near);
            }
        }
    }

    /// No text makes the reader panic, and what it reads it writes back.
    #[test]
    fn any_text_is_read_or_refused(text in "[-0-9.e]{0,66}|\\PC{0,20}") {
        if let Ok(value) = text.parse::<Decimal>() {
            prop_assert_eq!(value.to_string(), text);
            prop_assert!(value.agrees_with(&value, 0));
        }
    }
}

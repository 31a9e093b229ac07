//! What values come to under a rule that compares them, and which of them agree with that. Integers and text only; the same
//! values in another order come to the same.

use std::collections::BTreeMap;

use gateway_api::{AgreementRule, OutcomeClass, Refusal, limits};
use thiserror::Error;

use crate::body::{BodyDigest, body_digest};
use crate::fields::{FieldError, FieldValues};
use crate::{Decimal, WeightedValue, weighted_median};

/// A body as a rule compares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComparedValue {
    /// Under `median`.
    Decimal(Decimal),
    /// Under `median_fields`.
    Fields(FieldValues),
    /// Under `mode`.
    Whole(BodyDigest),
}

/// A body that a rule cannot compare.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// Under `median`: not a decimal.
    #[error("the value is not a decimal of at most 64 bytes in its shortest form")]
    NotADecimal,
    /// Under `median_fields`: a field is missing, or not a decimal.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Larger than values that are compared may be.
    #[error("the value is larger than {} bytes", limits::MAX_COMPARED_BYTES)]
    TooLarge,
}

/// What values come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// The digest of the result's body.
    pub body: BodyDigest,
    /// The body, where it is made of the values: under `mode` it is one of the bodies attested.
    pub text: Option<String>,
    /// For each value, whether it agrees.
    pub agrees: Vec<bool>,
}

/// Whether a rule compares the values of outcomes of a class; else they agree where they are equal.
#[must_use]
pub const fn compares_values(rule: &AgreementRule, class: OutcomeClass) -> bool {
    !matches!(rule, AgreementRule::Exact {}) && matches!(class, OutcomeClass::Ok)
}

/// Reads the body of an outcome of a class as a rule compares it; `None` where it does not.
///
/// # Errors
/// [`ValueError`].
pub fn compared_value(
    rule: &AgreementRule,
    class: OutcomeClass,
    body: &str,
) -> Result<Option<ComparedValue>, ValueError> {
    if !compares_values(rule, class) {
        return Ok(None);
    }
    let bounded = body.len() <= limits::MAX_COMPARED_BYTES as usize;
    Ok(match rule {
        AgreementRule::Exact {} => None,
        AgreementRule::Median { .. } => {
            Some(ComparedValue::Decimal(body.parse().map_err(|_| ValueError::NotADecimal)?))
        }
        _ if !bounded => return Err(ValueError::TooLarge),
        AgreementRule::MedianFields { fields } => Some(ComparedValue::Fields(FieldValues::of(body, fields)?)),
        AgreementRule::Mode { .. } => Some(ComparedValue::Whole(body_digest(body))),
    })
}

/// What a body that is not what its values come to is refused with.
#[must_use]
pub const fn not_the_aggregate(rule: &AgreementRule) -> Refusal {
    match rule {
        AgreementRule::Mode { .. } => Refusal::NotTheMode {},
        AgreementRule::Exact {} | AgreementRule::Median { .. } | AgreementRule::MedianFields { .. } => {
            Refusal::NotTheMedian {}
        }
    }
}

impl ComparedValue {
    /// Returns what has to be equal for values to be compared at all: under `median_fields` the text around the decimals.
    pub(crate) fn family(&self) -> &[String] {
        match self {
            Self::Decimal(_) | Self::Whole(_) => &[],
            Self::Fields(fields) => fields.around(),
        }
    }

    /// Whether a value agrees with what values come to under a rule: within the tolerance of each median, or the same body
    /// under `mode`. Values of another kind than the rule's agree with nothing.
    #[must_use]
    pub fn agrees_with(&self, rule: &AgreementRule, result: &Self) -> bool {
        match (rule, self, result) {
            (AgreementRule::Median { tolerance_bps }, Self::Decimal(value), Self::Decimal(median)) => {
                value.agrees_with(median, *tolerance_bps)
            }
            (AgreementRule::MedianFields { fields }, Self::Fields(value), Self::Fields(medians)) => {
                value.agrees_with(fields, medians)
            }
            (AgreementRule::Mode { .. }, Self::Whole(value), Self::Whole(mode)) => value == mode,
            _ => false,
        }
    }
}

/// Aggregates values, each with the seats behind it.
///
/// Under `median` and `median_fields` the result is made of seat-weighted medians ([`weighted_median`]), and who is within
/// the tolerance of each agrees. Under `mode` it is the body with the most seats; of equally many the one with the lowest
/// SHA-256. `None` where there are no seats, where the values are of different kinds, or where objects differ in more than
/// their decimals.
#[must_use]
pub fn aggregate(rule: &AgreementRule, values: &[(ComparedValue, u32)]) -> Option<Aggregate> {
    let result = match rule {
        AgreementRule::Exact {} => return None,
        AgreementRule::Median { .. } => median(values)?,
        AgreementRule::MedianFields { .. } => medians_of_fields(values)?,
        AgreementRule::Mode { .. } => mode(values)?,
    };
    let agrees = values.iter().map(|(value, _)| value.agrees_with(rule, &result)).collect();
    let text = match &result {
        ComparedValue::Decimal(median) => median.as_str().to_owned(),
        ComparedValue::Fields(medians) => medians.text(),
        ComparedValue::Whole(body) => return Some(Aggregate { body: *body, text: None, agrees }),
    };
    Some(Aggregate { body: body_digest(&text), text: Some(text), agrees })
}

fn median(values: &[(ComparedValue, u32)]) -> Option<ComparedValue> {
    let column = |(value, seats): &(ComparedValue, u32)| match value {
        ComparedValue::Decimal(value) => Some(WeightedValue { value: value.clone(), seats: *seats }),
        ComparedValue::Fields(_) | ComparedValue::Whole(_) => None,
    };
    let column: Vec<WeightedValue> = values.iter().map(column).collect::<Option<_>>()?;
    weighted_median(&column).cloned().map(ComparedValue::Decimal)
}

fn medians_of_fields(values: &[(ComparedValue, u32)]) -> Option<ComparedValue> {
    let apart = |(value, seats): &(ComparedValue, u32)| match value {
        ComparedValue::Fields(value) => Some((value.clone(), *seats)),
        ComparedValue::Decimal(_) | ComparedValue::Whole(_) => None,
    };
    let objects: Vec<(FieldValues, u32)> = values.iter().map(apart).collect::<Option<_>>()?;
    let (first, _) = objects.first()?;
    if objects.iter().any(|(object, _)| object.around() != first.around()) {
        return None;
    }
    let mut medians = Vec::new();
    for at in 0..first.decimals().count() {
        let value = |(object, seats): &(FieldValues, u32)| {
            Some(WeightedValue { value: object.decimals().nth(at)?.clone(), seats: *seats })
        };
        let column: Vec<WeightedValue> = objects.iter().map(value).collect::<Option<_>>()?;
        medians.push(weighted_median(&column)?.clone());
    }
    Some(ComparedValue::Fields(first.with(medians)))
}

fn mode(values: &[(ComparedValue, u32)]) -> Option<ComparedValue> {
    let mut seats: BTreeMap<BodyDigest, u64> = BTreeMap::new();
    for (value, own) in values {
        let ComparedValue::Whole(body) = value else { return None };
        *seats.entry(*body).or_default() += u64::from(*own);
    }
    // Of equals the last one is taken: going down, the lowest.
    let (body, most) = seats.into_iter().rev().max_by_key(|(_, seats)| *seats)?;
    (most > 0).then_some(ComparedValue::Whole(body))
}
